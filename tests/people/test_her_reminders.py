"""When she is reminded, and news: her own pages, the office's for her, and the link that stops both."""

from collections.abc import Callable
from datetime import date, datetime
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.messages.letters.links import unsubscribe_url
from booking.models import AuditEntry, Booking, Consent, Message, Person
from booking.models.kinds import (
    BookingState,
    ConsentHow,
    ConsentPurpose,
    MessageKind,
    MessageState,
    PersonStatus,
)
from booking.queries.unsubscribing import Stoppable
from booking.services import closing, consent, merging
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words, write

RHYTHM = select(Person.remind_days_before, Person.remind_hour, Person.morning_hour).order_by(Person.id)
WISHES = select(Person.remind_two_days, Person.remind_that_morning).order_by(Person.id)
HERE = select(Booking.remind_two_days, Booking.remind_that_morning).order_by(Booking.id)
NEWS = select(Person.wants_news).order_by(Person.id)
LEDGER = select(Consent.purpose, Consent.how, Consent.withdrawn_at.is_(None)).order_by(Consent.id)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def ann(app: Flask, client: FlaskClient, make: Builders, clock_at: Callable[[str], datetime]) -> int:
    """Ann is signed in, and has a place on 26 August."""
    clock_at("2026-08-20T10:30+01:00")
    ann = make.person("Ann")
    make.booking(make.session(make.series(), on=date(2026, 8, 26)), ann)
    make.sign_in(client, ann)
    return ann


def path_to_stop(app: Flask, person_id: int, what: Stoppable = "reminders") -> str:
    with app.app_context():
        return urlsplit(unsubscribe_url(db.session.get_one(Person, person_id), what)).path


def ask_for_news(app: Flask, person_id: int) -> None:
    with app.app_context():
        consent.agree(person_id, ConsentPurpose.NEWS, clock.now())


def test_earlier_or_later_is_kept_and_said_in_her_words(app: Flask, client: FlaskClient, ann: int) -> None:
    answer = send(client, "/me/reminders/times", days_before="1", hour="19", morning_hour="12")
    assert "1 day before, at 7pm" in after(client, answer)
    page = words(client.get("/me/reminders"))
    assert "1 day before, at 7pm" in page
    assert "That day, at midday" in page
    assert rows(app, RHYTHM) == [(1, 19, 12)]
    send(client, "/me/reminders", when="both")
    assert rows(app, RHYTHM) == [(1, 19, 12)]


@pytest.mark.parametrize(
    "wrong", [{"days_before": "0"}, {"hour": "20"}, {"morning_hour": "7"}, {"hour": "ten"}]
)
def test_a_time_that_is_not_offered_is_said_at_its_field(
    app: Flask, client: FlaskClient, ann: int, wrong: dict[str, str]
) -> None:
    answer = send(
        client, "/me/reminders/times", **({"days_before": "3", "hour": "9", "morning_hour": "9"} | wrong)
    )
    assert (answer.status_code, "There is a problem" in words(answer)) == (422, True)
    assert rows(app, RHYTHM) == [(2, 10, 8)]


def test_times_without_any_reminder_lead_to_choosing_one(client: FlaskClient, ann: int) -> None:
    send(client, "/me/reminders", when="none")
    answer = send(client, "/me/reminders/times", days_before="3", hour="9", morning_hour="9")
    assert "You have no reminders now: choose some here." in after(client, answer)


def test_one_session_has_reminders_of_its_own(app: Flask, client: FlaskClient, ann: int) -> None:
    (booking,) = rows(app, select(Booking.id))
    page = f"/my-sessions/{booking}/reminders"
    assert page in client.get("/my-sessions").text
    assert "As always: 2 days before, at 10am" in words(client.get(page))
    assert "The reminders of this session are saved." in after(
        client, send(client, page, when="that_morning")
    )
    assert (rows(app, HERE), rows(app, WISHES)) == ([(False, True)], [(True, False)])
    send(client, page, when="always")
    assert rows(app, HERE) == [(None, None)]


def test_ben_finds_nothing_of_anns(app: Flask, client: FlaskClient, make: Builders, ann: int) -> None:
    (booking,) = rows(app, select(Booking.id))
    make.sign_in(client, make.person("Ben"))
    for path in (f"/my-sessions/{booking}/reminders", "/my-sessions/999/reminders"):
        assert client.get(path).status_code == 404
        assert send(client, path, page="/me/reminders", when="none").status_code == 404
    assert rows(app, HERE) == [(None, None)]


def test_a_place_given_up_meanwhile_is_said_kindly(app: Flask, client: FlaskClient, ann: int) -> None:
    (booking,) = rows(app, select(Booking.id))
    page = f"/my-sessions/{booking}/reminders"
    write(app, Booking.__table__.update().values(state=BookingState.GIVEN_UP))
    assert "nothing to remind you of" in after(client, send(client, page, page="/me/reminders", when="both"))
    assert "nothing to remind you of" in after(client, client.get(page))
    assert rows(app, HERE) == [(None, None)]


def test_the_office_writes_it_down_for_her(app: Flask, make: Builders, ann: int) -> None:
    ada, client = make.admin("Ada"), app.test_client()
    make.sign_in(client, ada)
    page = f"/office/people/{ann}/reminders"
    wish = {"when": "both", "days_before": "4", "hour": "9", "morning_hour": "10", "may_leave_word": "y"}
    said = after(client, send(client, page, **wish))
    assert "Both: 4 days before, at 9am. That morning, at 10am" in said
    assert "We may leave word" in said
    entry = select(AuditEntry.actor_id, AuditEntry.subject, AuditEntry.fields)
    assert rows(app, entry)[-1] == (ada, f"person:{ann}", "reminders, leaving word")


def test_opening_the_link_asks_and_its_button_stops(app: Flask, ann: int) -> None:
    stranger, path = app.test_client(), path_to_stop(app, ann)
    assert "Stop reminders?" in words(stranger.get(path))
    assert rows(app, WISHES) == [(True, False)]
    assert "Reminders are stopped" in after(stranger, send(stranger, path))
    assert rows(app, WISHES) == [(False, False)]
    assert "Ann" not in words(stranger.get(path))


@pytest.mark.parametrize("body", [ONE_CLICK, {}])
def test_a_mail_program_stops_them_at_once_without_a_page_or_a_cookie(
    app: Flask, ann: int, body: dict[str, str]
) -> None:
    answer = app.test_client(use_cookies=False).post(path_to_stop(app, ann), data=body)
    # RFC 8058: no redirect for the one-click answer.
    assert answer.status_code == (200 if body else 303)
    assert rows(app, WISHES) == [(False, False)]


def test_one_click_may_come_as_multipart_and_twice(app: Flask, ann: int) -> None:
    for _turn in range(2):
        answer = app.test_client().post(
            path_to_stop(app, ann), data=ONE_CLICK, content_type="multipart/form-data"
        )
        assert answer.status_code == 200
    assert len(rows(app, select(AuditEntry.id).where(AuditEntry.fields == "reminders"))) == 1


def test_one_click_stops_what_she_chose_for_one_place_and_what_waits(app: Flask, ann: int) -> None:
    (booking,) = rows(app, select(Booking.id))
    write(app, Booking.__table__.update().values(remind_two_days=True))
    waits = {
        "kind": MessageKind.REMINDER,
        "channel": "call",
        "dedupe_key": f"booking:{booking}:reminder:two_days:v1",
    }
    waits |= {"person_id": ann, "booking_id": booking, "state": MessageState.WAITING, "message_id": "<m@x>"}
    waits |= {"created_at": clock.now(), "due_at": clock.now(), "attempts": 0, "why": ""}
    write(app, Message.__table__.insert().values(**waits))
    app.test_client().post(path_to_stop(app, ann), data=ONE_CLICK)
    assert (rows(app, WISHES), rows(app, HERE)) == ([(False, False)], [(None, None)])
    assert rows(app, select(Message.state, Message.why)) == [(MessageState.WITHDRAWN, "not wished for")]


def test_a_link_for_news_leaves_reminders_alone(app: Flask, ann: int) -> None:
    ask_for_news(app, ann)
    app.test_client().post(path_to_stop(app, ann, "news"), data=ONE_CLICK)
    assert (rows(app, NEWS), rows(app, WISHES)) == ([False], [(True, False)])
    assert rows(app, LEDGER) == [(ConsentPurpose.NEWS, ConsentHow.WEB, False)]


@pytest.mark.parametrize("spoil", ["cut", "of somebody else", "of another nonce"])
def test_a_link_that_does_not_fit_stops_nothing(app: Flask, make: Builders, ann: int, spoil: str) -> None:
    path = path_to_stop(app, ann)
    if spoil == "of another nonce":
        write(app, Person.__table__.update().values(mail_nonce="f" * 32))
    ben = path_to_stop(app, make.person("Ben")).rsplit("/", 1)[1].split(".")[0]
    wrong = {"cut": path[:-1], "of somebody else": path.replace("/1.", f"/{ben}.")}.get(spoil, path)
    answers = app.test_client().get(wrong), app.test_client().post(wrong, data=ONE_CLICK)
    assert [answer.status_code for answer in answers] == [404, 404]
    assert rows(app, WISHES) == [(True, False), (True, False)]


def test_the_link_of_a_record_that_was_merged_stops_the_kept_ones(
    app: Flask, make: Builders, ann: int
) -> None:
    other, ada = make.person("Anne"), make.admin("Ada")
    path = path_to_stop(app, other)
    with app.app_context():
        merging.merge(ann, other, ada, clock.now())
    assert app.test_client().post(path, data=ONE_CLICK).status_code == 200
    assert rows(app, WISHES)[0] == (False, False)


@pytest.mark.parametrize("status", [PersonStatus.DIED, PersonStatus.CLOSED])
def test_nobody_who_is_gone_is_spoken_of(app: Flask, ann: int, status: PersonStatus) -> None:
    path = path_to_stop(app, ann)
    write(app, Person.__table__.update().values(status=status))
    client = app.test_client()
    assert "Reminders are stopped" in words(client.get(path))
    assert "Reminders are stopped" in words(client.post(path, data=ONE_CLICK))


def test_the_link_is_kept_nowhere_and_followed_by_no_referrer(app: Flask, ann: int) -> None:
    headers = app.test_client().get(path_to_stop(app, ann)).headers
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_news_comes_only_after_a_yes_that_the_ledger_holds(app: Flask, client: FlaskClient, ann: int) -> None:
    assert rows(app, NEWS) == [False]
    assert "No news" in words(client.get("/me"))
    assert "You get it by email" in after(client, send(client, "/me/news", answer="yes"))
    assert (rows(app, NEWS), rows(app, LEDGER)) == ([True], [(ConsentPurpose.NEWS, ConsentHow.WEB, True)])
    send(client, "/me/news", answer="no")
    assert (rows(app, NEWS), rows(app, LEDGER)) == ([False], [(ConsentPurpose.NEWS, ConsentHow.WEB, False)])
    assert send(client, "/me/news", answer="").status_code == 422


def test_taking_the_agreement_back_stops_the_news_too(app: Flask, client: FlaskClient, ann: int) -> None:
    ask_for_news(app, ann)
    send(client, "/me/agreements/news/withdraw")
    assert rows(app, NEWS) == [False]


@pytest.mark.parametrize(("asked_at", "wants"), [("10:30", False), ("11:30", True)])
def test_of_two_records_put_together_the_last_word_about_news_counts(
    app: Flask, make: Builders, ann: int, clock_at: Callable[[str], datetime], asked_at: str, wants: bool
) -> None:
    """She takes a yes back at eleven, and has another one on her other record."""
    other, ada = make.person("Anne"), make.admin("Ada")
    ask_for_news(app, ann)
    clock_at("2026-08-20T11:00+01:00")
    app.test_client().post(path_to_stop(app, ann, "news"), data=ONE_CLICK)
    clock_at(f"2026-08-20T{asked_at}+01:00")
    ask_for_news(app, other)
    with app.app_context():
        merging.merge(ann, other, ada, clock.now())
    assert rows(app, NEWS)[0] is wants


def test_closing_forgets_how_she_was_reminded(app: Flask, client: FlaskClient, ann: int) -> None:
    send(client, "/me/reminders/times", days_before="1", hour="19", morning_hour="12")
    ask_for_news(app, ann)
    with app.app_context():
        closing.close_account(ann, ann, clock.now())
    assert (rows(app, RHYTHM), rows(app, NEWS)) == ([(2, 10, 8)], [False])
