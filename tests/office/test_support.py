"""Support and information: what everybody reads, and how the office makes it its own."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from booking import clock
from booking.db import db
from booking.models import AuditEntry, SupportEntry
from booking.queries import support as asked
from booking.refusals import LastHeading, StaleForm
from booking.rules.faults import Fault
from booking.rules.support import DEFAULTS, clean_number, clean_url, moved
from booking.services import support as deeds
from booking.services.support import SupportWords
from tests.support import pages
from tests.support.builders import Builders

NOW = "2026-11-22T12:00+00:00"
PUBLIC, DESK = "/support", "/office/support"
TITLES = select(SupportEntry.title).order_by(SupportEntry.section_id, SupportEntry.position)
HEADINGS = TITLES.where(SupportEntry.section_id.is_(None))


@pytest.fixture
def desk(client: FlaskClient, make: Builders, clock_at: Callable[[str], datetime]) -> FlaskClient:
    clock_at(NOW)
    return make.sign_in(client, make.admin())


def _send(desk: FlaskClient, path: str, page: str, **said: str) -> str:
    """Press a button of a page, with the mark its form holds."""
    mark = re.search(r'name="seen"[^>]*value="(\w+)"', desk.get(page).text)
    answer = pages.send(desk, path, page=page, seen=mark[1] if mark else "", **said)
    return pages.after(desk, answer) if answer.status_code == 303 else f"{answer.status_code} {answer.text}"


def test_it_ships_with_headings_and_three_numbers_to_call(client: FlaskClient) -> None:
    page = client.get(PUBLIC)
    said = pages.words(page)
    for section in DEFAULTS:
        assert section.title in said
    for number in ("999", "111", "116123"):
        assert f'href="tel:{number}"' in page.text
    assert said.index("Whom to call now") < said.index("Ask us about") < said.index(DEFAULTS[1].title)
    assert "http" not in pages.words(page)


def test_what_the_office_wrote_nothing_about_is_gathered_in_one_place(desk: FlaskClient) -> None:
    hub, trials, stories = (DEFAULTS[number].title for number in (2, 3, 5))
    assert "Added." in _send(desk, f"{DESK}/6/add", f"{DESK}/6/add", title="The hub", phone="0300 123 4567")
    nurses = next(each.id for each in _sections(desk.application) if each.title == trials)
    facts = {"title": trials, "words": "Ask for Rosa."}
    assert "Saved." in _send(desk, f"{DESK}/{nurses}", f"{DESK}/{nurses}", **facts)
    written, _, asked_about = pages.words(desk.get(PUBLIC)).partition("Ask us about")
    assert "Ask for Rosa." in written
    assert "0300 123 4567" in written
    assert stories in asked_about
    assert not [title for title in (hub, trials) if title in asked_about]


def test_every_page_leads_there(client: FlaskClient, make: Builders) -> None:
    footer = client.get("/nowhere-at-all").text.partition("<footer")[2]
    assert 'href="/support"' in footer
    ann = make.sign_in(client, make.person("Ann"))
    for path in ("/my-sessions", "/help"):
        assert 'href="/support"' in ann.get(path).text.partition("<main")[2].partition("</main>")[0]


def test_the_first_edit_lays_the_rest_down_with_it(app: Flask, desk: FlaskClient) -> None:
    said = _send(desk, f"{DESK}/1", f"{DESK}/1", title="Call somebody", words="Now")
    assert "Saved." in said
    assert len(pages.rows(app, select(SupportEntry.id))) == len(DEFAULTS) + 3
    assert "Call somebody" in pages.words(desk.get(PUBLIC))
    assert "Samaritans" in pages.words(desk.get(PUBLIC))
    assert pages.rows(app, select(AuditEntry.action)) == ["support page changed"]


def test_looking_at_it_writes_nothing(app: Flask, desk: FlaskClient) -> None:
    for path in (PUBLIC, DESK, f"{DESK}/1", f"{DESK}/1/add", f"{DESK}/2/remove", f"{DESK}/new"):
        assert desk.get(path).status_code == 200
    assert pages.rows(app, select(SupportEntry.id)) == []


def test_a_link_and_a_number_are_added(desk: FlaskClient) -> None:
    facts = {"title": "The hub", "url": "https://hub.example.org/a?b=1", "phone": "0300 123 4567"}
    assert "Added." in _send(desk, f"{DESK}/6/add", f"{DESK}/6/add", **facts)
    page = desk.get(PUBLIC).text
    assert 'href="https://hub.example.org/a?b=1"' in page
    assert 'href="tel:03001234567"' in page


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("url", "javascript:alert(1)"), ("url", "ftp://x.org"), ("url", "hub.org"), ("url", "https://a b.org"),
     ("url", "https://me:pass@x.org"), ("phone", "ring me"), ("phone", "12"), ("phone", "+" + "1" * 16),
     ("title", ""), ("title", "x" * 201), ("words", "x" * 1001)],
)  # fmt: skip
def test_what_does_not_fit_is_said_and_nothing_is_lost(
    app: Flask, desk: FlaskClient, field: str, wrong: str
) -> None:
    facts = {"title": "The hub", "words": "Near you"} | {field: wrong}
    answer = pages.send(desk, f"{DESK}/6/add", **facts)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert wrong in answer.text.replace("&amp;", "&")
    assert pages.rows(app, select(SupportEntry.id)) == []


def test_a_way_that_offers_nothing_is_refused(desk: FlaskClient) -> None:
    said = _send(desk, f"{DESK}/6/add", f"{DESK}/6/add", title="The hub")
    assert said.startswith("422")
    assert "Add a link, a phone number or a few words" in said


def test_html_is_shown_as_it_was_typed(desk: FlaskClient) -> None:
    _send(desk, f"{DESK}/new", f"{DESK}/new", title="<b>Bold</b>", words="<script>x</script>")
    assert "&lt;b&gt;Bold&lt;/b&gt;" in desk.get(PUBLIC).text
    assert "<script>x" not in desk.get(PUBLIC).text


def test_a_new_heading_stands_last(app: Flask, desk: FlaskClient) -> None:
    assert "Added." in _send(desk, f"{DESK}/new", f"{DESK}/new", title="Holidays")
    assert pages.rows(app, HEADINGS)[-1] == "Holidays"


def test_parts_go_up_and_down_and_stop_at_the_end(app: Flask, desk: FlaskClient) -> None:
    _send(desk, f"{DESK}/5/move", DESK, where="up")
    assert pages.rows(app, HEADINGS)[:2] == [DEFAULTS[1].title, DEFAULTS[0].title]
    first = pages.rows(app, select(SupportEntry.id).where(SupportEntry.title == DEFAULTS[1].title))[0]
    _send(desk, f"{DESK}/{first}/move", DESK, where="up")
    assert pages.rows(app, HEADINGS)[0] == DEFAULTS[1].title
    assert moved([1, 2, 3], 3, up=False) == [1, 2, 3]


def test_a_heading_goes_with_what_is_beneath_it(app: Flask, desk: FlaskClient) -> None:
    check = pages.words(desk.get(f"{DESK}/1/remove"))
    assert "3 entries beneath it go with it" in check
    assert "Removed." in _send(desk, f"{DESK}/1/remove", f"{DESK}/1/remove")
    assert pages.rows(app, TITLES) == [section.title for section in DEFAULTS[1:]]


def test_the_last_heading_stays(app: Flask, desk: FlaskClient) -> None:
    for _ in DEFAULTS:
        first = pages.rows(app, select(func.min(SupportEntry.id)))[0] or 1
        said = _send(desk, f"{DESK}/{first}/remove", f"{DESK}/{first}/remove")
    assert "The page needs one heading at least." in said
    assert pages.rows(app, TITLES) == [DEFAULTS[-1].title]
    with app.app_context():
        last = asked.page().sections[0]
        with pytest.raises(LastHeading):
            deeds.remove_entry(last.entry.id, last.mark, 1, clock.now())


def test_two_in_the_office_do_not_write_over_each_other(app: Flask, desk: FlaskClient) -> None:
    old = re.search(r'name="seen"[^>]*value="(\w+)"', desk.get(f"{DESK}/1").text)
    assert old is not None
    _send(desk, f"{DESK}/1", f"{DESK}/1", title="Call somebody")
    late = pages.send(desk, f"{DESK}/1", seen=old[1], title="Ring somebody")
    assert late.status_code == 422
    assert "Somebody changed this while you had the page open" in late.text
    assert "It now says: Call somebody" in pages.words(late)
    assert "Ring somebody" in late.text
    assert "Call somebody" in pages.words(desk.get(PUBLIC))


@pytest.mark.parametrize("page", ["1/move", "2/remove"])
def test_an_old_page_neither_moves_nor_removes(app: Flask, desk: FlaskClient, page: str) -> None:
    answer = pages.send(desk, f"{DESK}/{page}", page=DESK, seen="old", where="up")
    assert "Somebody changed this" in pages.after(desk, answer)
    assert [row.title for row in _sections(app)] == [section.title for section in DEFAULTS]


def test_two_first_edits_at_once_lay_the_defaults_once(app: Flask, desk: FlaskClient) -> None:
    def add(title: str) -> None:
        with app.app_context():
            deeds.add_heading(SupportWords(title), 1, datetime.fromisoformat(NOW))
            db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(add, ("One", "Two")))
    assert len(pages.rows(app, HEADINGS)) == len(DEFAULTS) + 2


def test_what_is_not_there_is_no_page(desk: FlaskClient) -> None:
    for path in ("99", "99/add", "99/remove", "2/add"):
        assert desk.get(f"{DESK}/{path}").status_code == 404
    assert pages.send(desk, f"{DESK}/1/move", page=DESK, where="away").status_code == 400


def test_a_stranger_and_a_host_edit_nothing(client: FlaskClient, make: Builders) -> None:
    assert client.get(DESK).status_code == 303
    assert make.sign_in(client, make.facilitator()).get(DESK).status_code == 404


@pytest.mark.parametrize("good", ["999", "116 123", "+44 (0)20 7946 0000", ""])
def test_a_number_that_can_be_called(good: str) -> None:
    assert clean_number(good) == good


@pytest.mark.parametrize("wrong", ["http://[", "https://", "https://x.org\n.evil.org", "//x.org", "data:x"])
def test_an_address_that_opens_nothing(wrong: str) -> None:
    with pytest.raises(Fault):
        clean_url(wrong)


def test_a_form_of_yesterday_is_refused_by_the_service_too(app: Flask, desk: FlaskClient) -> None:
    with app.app_context(), pytest.raises(StaleForm):
        deeds.change_entry(1, SupportWords("Call"), "old", 1, clock.now())


def _sections(app: Flask) -> list[asked.Entry]:
    with app.app_context():
        return [section.entry for section in asked.page().sections]
