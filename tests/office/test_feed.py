"""The season in the calendar of the office: a private address, discreet words, an end when she leaves."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from itertools import count

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select, update
from structlog.testing import capture_logs

from booking import clock
from booking.db import db
from booking.models import AuditEntry, CalendarFeed, Person, ScheduledSession
from booking.models.kinds import Mode, PersonStatus, Role, SessionState
from booking.services import deaths, feeds, people
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders

PAGE = "/office/calendar"


@pytest.fixture
def make(app: Flask) -> Builders:
    """Build beside what the season's own builder has made already."""
    make = Builders(app)
    make._numbers = count(1000)
    return make


@pytest.fixture
def path(desk: FlaskClient) -> str:
    """Ada has made her address."""
    pages.send(desk, PAGE, deed="make")
    return _path(desk)


def _path(desk: FlaskClient) -> str:
    found = re.search(r"<code>\w+://[^/]+([^<]+)</code>", desk.get(PAGE).text)
    assert found is not None
    return found[1]


def _events(client: FlaskClient, path: str) -> dict[str, dict[str, str]]:
    calendar = Calendar.from_ical(client.get(path).data)
    events = calendar.walk("VEVENT")
    return {str(event["dtstart"].dt.date()): {k: str(v) for k, v in event.items()} for event in events}


def test_a_calendar_reads_it_without_signing_in(client: FlaskClient, path: str, app: Flask) -> None:
    answer = app.test_client().get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert path.endswith(".ics")


def test_it_holds_drafts_cancelled_dates_and_the_places(
    app: Flask, make: Builders, season: Season, path: str
) -> None:
    make.session(season.tea, on=date(2026, 12, 2), state=SessionState.DRAFT)
    make.session(season.tea, on=date(2027, 7, 7))
    events = _events(app.test_client(), path)
    assert set(events) == {"2026-10-28", "2026-11-04", "2026-11-11", "2026-11-25", "2026-12-02"}
    assert events["2026-12-02"]["STATUS"] == "TENTATIVE"
    assert events["2026-11-11"]["STATUS"] == "CANCELLED"
    assert events["2026-11-25"]["STATUS"] == "CONFIRMED"
    assert events["2026-11-25"]["DESCRIPTION"].startswith("1 of 20 places in the room")


def test_it_names_nobody_and_opens_no_meeting(app: Flask, make: Builders, season: Season, path: str) -> None:
    series = make.series("Breast cancer café", mode=Mode.HYBRID, discreet_name="Tea & A Chat")
    fay = make.facilitator("Fayette")
    make.booking(make.session(series, on=date(2026, 12, 2), led_by=(fay,)), season.ann)
    text = app.test_client().get(path).text.replace("\r\n ", "")
    for secret in ("Fayette", "Ann", "raw-secret", "meet.example.org", "ancer", "Example"):
        assert secret not in text
    assert "SUMMARY:Tea & A Chat" in text


def test_no_line_is_longer_than_a_calendar_may_read(app: Flask, make: Builders, path: str) -> None:
    make.session(make.series("Ŵŷ " * 60), on=date(2026, 12, 2))
    lines = app.test_client().get(path).data.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75


def test_a_move_keeps_the_uid_and_raises_the_sequence(app: Flask, season: Season, path: str) -> None:
    before = _events(app.test_client(), path)["2026-11-25"]
    later = clock.now() - timedelta(hours=1)
    moved = update(ScheduledSession).values(schedule_version=2, changed_at=later)
    pages.write(app, moved)
    after = _events(app.test_client(), path)["2026-11-25"]
    assert after["UID"] == before["UID"]
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert "DTSTAMP:20261122T110000Z" in app.test_client().get(path).text


def test_what_is_known_already_is_not_sent_again(
    app: Flask, make: Builders, season: Season, path: str, clock_at: Callable[[str], datetime]
) -> None:
    client = app.test_client()
    tag = client.get(path).headers["ETag"]
    clock_at("2026-11-22T15:00+00:00")
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    make.booking(season.november, make.person("Dot"))
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_a_new_address_ends_the_old_one(app: Flask, desk: FlaskClient, path: str) -> None:
    pages.send(desk, PAGE, deed="make")
    assert _path(desk) != path
    assert app.test_client().get(path).status_code == 404
    assert app.test_client().get(_path(desk)).status_code == 200
    assert len(pages.rows(app, select(CalendarFeed.id).where(CalendarFeed.revoked_at.is_(None)))) == 1


def test_two_presses_at_once_leave_one_address(app: Flask, season: Season) -> None:
    def make(_number: int) -> None:
        with app.app_context():
            feeds.make_feed(season.ada, datetime.fromisoformat("2026-11-22T12:00+00:00"))
            db.session.remove()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(make, range(4)))
    assert len(pages.rows(app, select(CalendarFeed.id))) == 4
    assert len(pages.rows(app, select(CalendarFeed.id).where(CalendarFeed.revoked_at.is_(None)))) == 1


def test_switched_off_twice_is_switched_off_once(app: Flask, desk: FlaskClient, path: str) -> None:
    for _ in range(2):
        assert "Switched off" in pages.after(desk, pages.send(desk, PAGE, deed="end"))
    assert app.test_client().get(path).status_code == 404
    actions = pages.rows(app, select(AuditEntry.action).where(AuditEntry.action.contains("calendar")))
    assert actions == ["calendar address made", "calendar address switched off"]


@pytest.mark.parametrize("status", [each for each in PersonStatus if each is not PersonStatus.ACTIVE])
def test_it_ends_with_her_record(app: Flask, season: Season, path: str, status: PersonStatus) -> None:
    pages.write(app, update(Person).where(Person.id == season.ada).values(status=status))
    assert app.test_client().get(path).status_code == 404


def test_a_pause_that_is_over_ends_nothing(app: Flask, season: Season, path: str) -> None:
    paused = {"status": PersonStatus.PAUSED, "paused_until": date(2026, 11, 22)}
    pages.write(app, update(Person).where(Person.id == season.ada).values(paused))
    assert app.test_client().get(path).status_code == 200


def test_it_ends_with_the_role_and_does_not_come_back_with_it(
    app: Flask, make: Builders, season: Season, path: str
) -> None:
    second = make.admin("Abe")
    with app.app_context():
        people.take_role(season.ada, Role.ADMIN, second, clock.now())
    assert app.test_client().get(path).status_code == 404
    with app.app_context():
        people.give_role(season.ada, Role.ADMIN, second, clock.now())
    assert app.test_client().get(path).status_code == 404


def test_it_ends_with_her_life(app: Flask, make: Builders, season: Season, path: str) -> None:
    with app.app_context():
        deaths.mark_died(season.ada, make.admin("Abe"), clock.now())
    assert app.test_client().get(path).status_code == 404


@pytest.mark.parametrize("wrong", ["x", "1.x", "1." + "A" * 27, "zzzzzz." + "A" * 27, "1"])
def test_a_guess_opens_nothing(app: Flask, path: str, wrong: str) -> None:
    assert app.test_client().get(f"/office/calendar/{wrong}.ics").status_code == 404


def test_a_token_of_something_else_opens_nothing(app: Flask, desk: FlaskClient, path: str) -> None:
    token = path.rsplit("/", 1)[1]
    assert app.test_client().get(f"/calendar/{token}").status_code == 404


def test_the_address_stands_in_no_log(app: Flask, path: str) -> None:
    with capture_logs() as lines:
        answer = app.test_client().get(path)
    assert path.rsplit("/", 1)[1].removesuffix(".ics") not in repr(lines)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_word_that_is_no_deed_changes_nothing(app: Flask, desk: FlaskClient) -> None:
    assert pages.send(desk, PAGE, deed="sing").status_code == 400
    assert pages.rows(app, select(CalendarFeed.id)) == []


def test_the_page_is_for_the_office_alone(client: FlaskClient, make: Builders, season: Season) -> None:
    assert make.sign_in(client, make.facilitator("Fay")).get(PAGE).status_code == 404


def test_a_calendar_is_offered_to_open_it_itself(desk: FlaskClient, path: str) -> None:
    assert re.search(f'href="webcal://[^/"]+{re.escape(path)}"', desk.get(PAGE).text)
