"""The office writes to everybody of a date, and news to whoever asked; nothing else promotes anything."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from booking import clock
from booking.db import db
from booking.messages.letters import Letter, NoLongerTrue, compose_now
from booking.models import Announcement, AuditEntry, Consent, Message, Person
from booking.models.kinds import Channel, ConsentHow, ConsentPurpose, MessageState, PersonStatus, Role
from booking.refusals import NewsWentToday, NobodyToWriteTo, SaidJustNow
from booking.rules.retention import Kept
from booking.services import announcements, closing, retention
from tests.office.season import Season
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words, write

# Pages and words differ by no database.
ONE_IS_ENOUGH = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SAID = {"heading": "Singing", "words": "There is a choir now.\n\nCome and listen."}
TEMPLATES = Path(__file__).parents[2] / "templates" / "letters"


def asks_for_news(app: Flask, *people: int, withdrawn: bool = False) -> None:
    """Let these people ask for news, as My details does it."""
    with app.app_context():
        for person_id in people:
            db.session.get_one(Person, person_id).wants_news = True
            facts: dict[str, Any] = {"wording_version": "1", "how": ConsentHow.WEB, "given_at": clock.now()}
            facts["withdrawn_at"] = clock.now() if withdrawn else None
            db.session.add(Consent(person_id=person_id, purpose=ConsentPurpose.NEWS, **facts))
        db.session.commit()


def sends(app: Flask, season: Season, **facts: str) -> int:
    with app.app_context():
        said = SAID | facts
        return announcements.send_news(said["heading"], said["words"], season.ada, clock.now())


def readers(app: Flask) -> list[int]:
    return rows(app, select(Message.person_id).order_by(Message.id))


def test_news_goes_to_whoever_asked_for_it_and_to_nobody_else(
    app: Flask, season: Season, desk: FlaskClient
) -> None:
    asks_for_news(app, season.ann)
    looked = words(send(desk, "/office/news", step="look", **SAID))
    assert "1 person asked for it" in looked
    assert "It goes to 1 person." in looked
    assert "There is a choir now." in looked
    assert "Ann" not in looked
    assert "Sent." in after(desk, send(desk, "/office/news", step="send", **SAID))
    assert readers(app) == [season.ann]


@ONE_IS_ENOUGH
@pytest.mark.parametrize("status", ["paused", "died", "closed", "unproven"])
def test_news_leaves_people_in_peace_who_asked_once(
    app: Flask, season: Season, make: Builders, status: str
) -> None:
    asks_for_news(app, season.ann, make.person("Cat", status=PersonStatus(status)))
    sends(app, season)
    assert readers(app) == [season.ann]


@ONE_IS_ENOUGH
def test_the_office_is_told_where_the_calls_stand_that_it_makes_itself(
    app: Flask, season: Season, desk: FlaskClient, make: Builders
) -> None:
    session = make.session(season.tea)
    for name, channel in (("Cat", Channel.CALL), ("Dora", Channel.POST)):
        make.booking(session, make.person(name, channel=channel, phone="020 7946 0123"))
    path = f"/office/sessions/{session}/message"
    looked = words(send(desk, path, step="look", words="Please use the side door."))
    assert "1 of them has to be called: you find the call on Today." in looked
    assert "1 of them gets it by post: you print it from Letters to post." in looked


def test_a_yes_that_was_taken_back_is_no_yes(app: Flask, season: Season) -> None:
    asks_for_news(app, season.ann, withdrawn=True)
    with pytest.raises(NobodyToWriteTo):
        sends(app, season)


@ONE_IS_ENOUGH
def test_who_stops_it_meanwhile_gets_none(app: Flask, season: Season) -> None:
    asks_for_news(app, season.ann, season.ben)
    sends(app, season)
    write(app, update(Person).where(Person.id == season.ann).values(wants_news=False))
    with app.app_context():
        assert compose_now(1, clock.now()) == NoLongerTrue("not asked for any more")
        assert isinstance(compose_now(2, clock.now()), Letter)


@ONE_IS_ENOUGH
def test_news_waits_for_the_morning(app: Flask, season: Season, clock_at: Callable[[str], datetime]) -> None:
    asks_for_news(app, season.ann)
    clock_at("2026-11-22T21:00+00:00")
    sends(app, season)
    assert rows(app, select(Message.due_at)) == [datetime.fromisoformat("2026-11-23T08:00+00:00")]


def test_news_goes_out_once_a_day_whoever_writes_it_and_a_double_press_is_one(
    app: Flask, season: Season, make: Builders, clock_at: Callable[[str], datetime]
) -> None:
    asks_for_news(app, season.ann)
    sends(app, season)
    with pytest.raises(SaidJustNow):
        sends(app, season)
    eve = make.admin("Eve")
    with app.app_context(), pytest.raises(NewsWentToday):
        announcements.send_news("Another", "one", eve, clock.now())
    clock_at("2026-11-23T12:01+00:00")
    sends(app, season, heading="Another")
    assert len(readers(app)) == 2


@ONE_IS_ENOUGH
def test_a_no_of_the_service_loses_nothing_that_was_typed(
    app: Flask, season: Season, desk: FlaskClient
) -> None:
    answer = send(desk, "/office/news", step="send", **SAID)
    assert answer.status_code == 422
    assert "There is nobody to write to just now" in words(answer)
    assert "There is a choir now." in answer.text


@ONE_IS_ENOUGH
@pytest.mark.parametrize("field", ["heading", "words"])
def test_news_needs_a_heading_and_words(season: Season, desk: FlaskClient, field: str) -> None:
    answer = send(desk, "/office/news", step="look", **(SAID | {field: " "}))
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text


@ONE_IS_ENOUGH
@pytest.mark.parametrize("path", ["/office/news", "/office/sessions/4/message"])
def test_only_the_office_writes_there(season: Season, client: FlaskClient, make: Builders, path: str) -> None:
    assert make.sign_in(client, make.facilitator()).get(path).status_code == 404


def test_the_office_writes_to_everybody_of_a_date_it_does_not_lead(
    app: Flask, season: Season, desk: FlaskClient
) -> None:
    date = desk.get("/office/sessions/4")
    assert 'href="/office/sessions/4/message"' in date.text
    answer = send(desk, "/office/sessions/4/message", words="Please bring a coat.", step="send")
    assert "Sent." in after(desk, answer)
    assert readers(app) == [season.ann]
    assert "by Ada · to 1 person Please bring a coat." in words(desk.get("/office/sessions/4/message"))


def test_the_call_to_make_holds_the_words_to_read_out(
    app: Flask, season: Season, desk: FlaskClient, make: Builders
) -> None:
    gwen = make.person("Gwen", email=None, phone="020 7946 0123")
    make.booking(4, gwen)
    asks_for_news(app, gwen)
    send(desk, "/office/sessions/4/message", words="Please bring\na coat.", step="send")
    sends(app, season)
    page = words(desk.get("/office"))
    assert "A message to everybody of Tea & A Chat Manchester on Wednesday 25 November 2026" in page
    assert "Please bring a coat." in page
    assert "Some news: Singing There is a choir now." in page


def test_a_call_about_a_place_that_is_given_up_is_none(
    app: Flask, season: Season, desk: FlaskClient, make: Builders
) -> None:
    booking = make.booking(4, make.person("Gwen", email=None, phone="020 7946 0123"))
    send(desk, "/office/sessions/4/message", words="Please bring a coat.", step="send")
    write(app, db.text(f"UPDATE booking SET state = 'given_up' WHERE id = {booking}"))
    assert "Please bring a coat." not in words(desk.get("/office"))


def test_news_is_taken_back_while_it_waits(app: Flask, season: Season, desk: FlaskClient) -> None:
    asks_for_news(app, season.ann, season.ben)
    said = sends(app, season)
    answer = send(desk, f"/office/announcements/{said}/take-back", page="/office/news")
    assert "2 messages are taken back." in after(desk, answer)
    again = send(desk, f"/office/announcements/{said}/take-back", page="/office/news")
    assert "Every message has left already" in after(desk, again)
    assert send(desk, "/office/announcements/99/take-back", page="/office/news").status_code == 404


@ONE_IS_ENOUGH
def test_the_audit_names_no_heading(app: Flask, season: Season) -> None:
    asks_for_news(app, season.ann)
    said = sends(app, season)
    entries = rows(app, select(AuditEntry.action, AuditEntry.subject, AuditEntry.fields))
    assert entries == [("news sent", f"announcement:{said}", f"announcement:{said}")]


def test_the_words_go_when_the_last_of_its_messages_is_let_go(
    app: Flask, season: Season, clock_at: Callable[[str], datetime]
) -> None:
    asks_for_news(app, season.ann)
    sends(app, season)
    later = clock_at("2026-11-22T12:00+00:00") + timedelta(days=91)
    with app.app_context():
        assert retention.forget(Kept.ANNOUNCEMENT_WORDS, later) == 0
    write(app, delete(Message))
    with app.app_context():
        assert retention.forget(Kept.ANNOUNCEMENT_WORDS, later) == 1
    assert rows(app, select(Announcement.heading, Announcement.words)) == [("", "")]


@pytest.mark.parametrize(("state", "kept"), [("sent", ""), ("waiting", SAID["words"])])
def test_closing_her_record_takes_the_authors_words_once_all_have_left(
    app: Flask, season: Season, make: Builders, state: str, kept: str
) -> None:
    eve = make.person("Eve", roles=(Role.ADMIN,))
    asks_for_news(app, season.ann)
    with app.app_context():
        announcements.send_news(SAID["heading"], SAID["words"], eve, clock.now())
    write(app, update(Message).values(state=MessageState(state)))
    with app.app_context():
        closing.close_account(eve, season.ada, clock.now())
    assert rows(app, select(Announcement.words)) == [kept]
    write(app, update(Message).values(state=MessageState.SENT))
    with app.app_context():
        retention.forget(Kept.ANNOUNCEMENT_WORDS, clock.now())
    assert rows(app, select(Announcement.words)) == [""]


# A date that somebody lost, or did not get, comes with the way to another one; that is no promotion.
_MAY_POINT_TO_THE_LIST = {
    "sign_in",
    "given_up",
    "session_cancelled",
    # Several changes in one letter, among them what is cancelled.
    "together",
    "provisional",
    "course_left",
    "news",
}
_PROMOTES = re.compile(r"find a session|new sessions?|don't miss|discover|why not|donat|fundrais|news", re.I)


def test_letters_of_the_service_promote_nothing() -> None:
    for template in sorted(TEMPLATES.glob("*/*.*")):
        said = " ".join(re.findall(r'_\("([^"]*)"', template.read_text()))
        assert template.parent.name in _MAY_POINT_TO_THE_LIST or not _PROMOTES.search(said), template


def test_only_letters_about_a_lost_place_and_news_lead_to_the_list_of_sessions() -> None:
    golden = Path(__file__).parents[1] / "letters" / "golden"
    leads = {each.stem for each in golden.glob("*.html") if re.search(r'/sessions"', each.read_text())}
    named = {name for name in leads if not any(name.startswith(kind) for kind in _MAY_POINT_TO_THE_LIST)}
    assert named == set()
    assert "news" in leads
