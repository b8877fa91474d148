"""The office's Messages: each with its state and words, sent again, withdrawn, and all of them stopped."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking import clock
from booking.db import transaction
from booking.messages import outbox
from booking.models import AuditEntry, Booking, Message, OutgoingStop, Person, ScheduledSession
from booking.models.kinds import Channel, LinkPurpose, MessageKind, MessageState, Pool
from booking.queries import outgoing
from booking.services import bookings, delivery, messages
from booking.services import outgoing as deeds
from booking.services.steps import links
from booking.web.office.outgoing_words import why
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SWITCH = "/office/messages/outgoing"
ClockAt = Callable[[datetime], datetime]


@pytest.fixture
def session(make: Builders, season: Season) -> int:
    """A session in ten days, at which nobody has a place yet."""
    return make.session(season.tea, starts_in=timedelta(days=10))


@pytest.fixture
def letter(app: Flask, season: Season, session: int) -> int:
    """Ann's confirmation, which waits to leave."""
    with app.app_context():
        bookings.book_place(session, season.ann, Pool.ROOM, season.ann, clock.now())
    return newest(app)


def newest(app: Flask) -> int:
    return int(pages.rows(app, select(Message.id).order_by(Message.id.desc()).limit(1))[0])


def row(app: Flask, message_id: int) -> Message:
    found = pages.rows(app, select(Message).where(Message.id == message_id))[0]
    assert isinstance(found, Message)
    return found


def sent(app: Flask, message_id: int, after: timedelta = timedelta()) -> None:
    values = {
        "state": MessageState.SENT,
        "sent_at": Message.due_at,
        "attempts": 1,
        "began_at": Message.due_at,
    }
    pages.write(app, update(Message).where(Message.id == message_id).values(values))
    if after:
        late = row(app, message_id).due_at + after
        pages.write(app, update(Message).where(Message.id == message_id).values(sent_at=late))


def again(desk: FlaskClient, message_id: int) -> str:
    path = f"/office/messages/{message_id}"
    return pages.after(desk, pages.send(desk, f"{path}/again", page="/office/people"))


def test_the_office_sees_every_message_with_its_state(app: Flask, desk: FlaskClient, letter: int) -> None:
    said = pages.words(desk.get("/office/messages"))
    assert "Booked Ann Example" in said
    assert "Ann Example Waiting Email due Sunday 22 November 2026, midday" in said
    assert "Waiting to leave 1" in said


def test_messages_are_found_by_name_kind_and_state_and_no_name_stands_in_the_address(
    app: Flask, desk: FlaskClient, letter: int, season: Season
) -> None:
    found = pages.send(desk, "/office/messages", words="ann", kind="booked", state="waiting")
    assert "ann" not in found.location
    assert f"/office/messages/{letter}" in desk.get(found.location).text
    nothing = pages.send(desk, "/office/messages", words="ben", kind="booked")
    assert "No messages found" in pages.after(desk, nothing)
    assert "Messages to Ann Example" in pages.words(desk.get(f"/office/messages?person={season.ann}"))


@pytest.mark.parametrize(
    "asked", ["kind=love", "state=lost", "before=x", "person=99999999999", "channel=owl"]
)
def test_an_address_that_asks_for_nonsense_shows_them_all(desk: FlaskClient, letter: int, asked: str) -> None:
    assert f"/office/messages/{letter}" in desk.get(f"/office/messages?{asked}").text


def test_a_message_shows_its_words_of_today_without_the_keys_in_its_links(
    app: Flask, desk: FlaskClient, letter: int
) -> None:
    page = desk.get(f"/office/messages/{letter}")
    assert "Written from today's rows" in pages.words(page)
    assert "Hello Ann" in pages.words(page)
    assert ".ics" not in page.text
    assert "no-store" in page.headers["Cache-Control"]


def test_a_text_message_shows_the_short_words_that_are_sent(
    app: Flask, desk: FlaskClient, letter: int
) -> None:
    pages.write(app, update(Message).where(Message.id == letter).values(channel=Channel.TEXT))
    shown = pages.words(desk.get(f"/office/messages/{letter}")).split("Its words today")[1]
    assert "You have a place" in shown
    assert "Hello Ann" not in shown
    assert "How to cancel" not in shown


def test_a_reminder_that_was_sent_is_not_called_too_late_while_its_session_is_ahead(
    app: Flask, desk: FlaskClient, letter: int, session: int
) -> None:
    """She gave her place up and booked again after it had gone; the office may send it again."""
    (starts,) = pages.rows(app, select(ScheduledSession.starts_at).where(ScheduledSession.id == session))
    reminder = {"kind": MessageKind.REMINDER, "useless_at": starts, "due_at": clock.now() - timedelta(days=1)}
    key = {"dedupe_key": Message.dedupe_key + ":two_days"}
    pages.write(app, update(Message).where(Message.id == letter).values(reminder | key))
    sent(app, letter)
    shown = pages.words(desk.get(f"/office/messages/{letter}")).split("Its words today")[1]
    assert "They booked after it was due" in shown
    assert "too late" not in shown
    assert "laid out anew" in again(desk, letter)


def test_a_link_that_signs_somebody_in_is_never_shown(app: Flask, desk: FlaskClient, season: Season) -> None:
    link = sign_in_letter(app, season)
    said = desk.get(f"/office/messages/{link}").text
    assert "its words are theirs alone" in said
    assert "/sign-in/" not in said


def sign_in_letter(app: Flask, season: Season) -> int:
    with app.app_context(), transaction():
        link = links.make(LinkPurpose.SIGN_IN, "ann@example.org", "/my-sessions", clock.now(), season.ann)
        made = outbox.post(MessageKind.SIGN_IN, person=None, now=clock.now(), key="link:1", link=link)
        assert made is not None
        return made.id


def test_figures_say_how_many_were_handed_over_within_a_minute(
    app: Flask, desk: FlaskClient, letter: int
) -> None:
    sent(app, letter, after=timedelta(seconds=60))
    assert "Handed over within a minute 100%" in pages.words(desk.get("/office/messages"))
    sent(app, letter, after=timedelta(seconds=61))
    assert "Handed over within a minute 0%" in pages.words(desk.get("/office/messages"))


def test_sending_again_lays_a_new_row_with_a_key_of_its_own(
    app: Flask, desk: FlaskClient, letter: int, season: Season
) -> None:
    sent(app, letter)
    assert "laid out anew" in again(desk, letter)
    copy, old = row(app, newest(app)), row(app, letter)
    assert (copy.again_of_id, copy.state, copy.kind) == (letter, MessageState.WAITING, MessageKind.BOOKED)
    assert copy.dedupe_key != old.dedupe_key
    assert copy.message_id != old.message_id
    assert old.state is MessageState.SENT
    said = select(AuditEntry.actor_id, AuditEntry.subject).where(AuditEntry.action == "message sent again")
    assert pages.rows(app, said) == [(season.ada, f"message:{copy.id}")]


def test_pressed_twice_it_is_sent_again_once(app: Flask, desk: FlaskClient, letter: int) -> None:
    sent(app, letter)
    again(desk, letter)
    assert "on its way already" in again(desk, letter)
    assert len(pages.rows(app, select(Message.id).where(Message.again_of_id == letter))) == 1


def test_what_waits_is_not_sent_again(app: Flask, desk: FlaskClient, letter: int) -> None:
    assert "on its way already" in again(desk, letter)
    assert newest(app) == letter


def test_it_can_be_sent_again_and_again_once_each_has_left(
    app: Flask, desk: FlaskClient, letter: int
) -> None:
    for _time in range(3):
        sent(app, newest(app))
        again(desk, newest(app))
    copies = pages.rows(app, select(Message.again_of_id).where(Message.again_of_id.is_not(None)))
    assert copies == [letter] * 3


def test_a_failed_letter_sent_again_is_in_trouble_no_more(app: Flask, desk: FlaskClient, letter: int) -> None:
    pages.write(app, update(Message).where(Message.id == letter).values(state="failed", why="550"))
    again(desk, letter)
    assert row(app, letter).state is MessageState.WITHDRAWN
    assert "sent it again in its stead" in pages.words(desk.get(f"/office/messages/{letter}"))


def test_what_is_no_longer_true_is_not_sent_again(
    app: Flask, desk: FlaskClient, letter: int, season: Season
) -> None:
    sent(app, letter)
    with app.app_context():
        booking = row(app, letter).booking_id
        bookings.give_up_place(booking, season.ann, clock.now())
    before = newest(app)
    assert "would no longer be true" in again(desk, letter)
    assert newest(app) == before


def test_nobody_who_died_is_written_to_again(
    app: Flask, desk: FlaskClient, letter: int, season: Season
) -> None:
    sent(app, letter)
    pages.write(app, update(Person).where(Person.id == season.ann).values(status="died"))
    assert "would no longer be true" in again(desk, letter)
    assert newest(app) == letter


def test_a_change_told_again_says_once_more_what_it_was(
    app: Flask, desk: FlaskClient, letter: int, session: int
) -> None:
    sent(app, letter)
    changed = {"kind": MessageKind.SESSION_CHANGED, "schedule_version": 2}
    pages.write(app, update(Message).where(Message.id == letter).values(changed))
    moved = update(ScheduledSession).where(ScheduledSession.id == session)
    pages.write(app, moved.values(schedule_version=2, end_time=time(18)))
    pages.write(app, update(Booking).where(Booking.session_id == session).values(told_version=2))
    assert "laid out anew" in again(desk, letter)
    assert pages.rows(app, select(Booking.told_version).where(Booking.session_id == session)) == [1]


def test_a_link_that_was_handed_over_is_not_sent_again(app: Flask, desk: FlaskClient, season: Season) -> None:
    link = sign_in_letter(app, season)
    sent(app, link)
    assert "They can ask for a new one" in again(desk, link)
    assert newest(app) == link


def test_at_night_what_is_sent_again_waits_for_the_morning(
    app: Flask, desk: FlaskClient, letter: int, season: Season, clock_at: ClockAt
) -> None:
    sent(app, letter)
    pages.write(app, update(Message).where(Message.id == letter).values(kind=MessageKind.SESSION_CANCELLED))
    pages.write(app, update(ScheduledSession).values(state="cancelled"))
    night = clock_at(clock.now() + timedelta(hours=10))
    with app.app_context():
        copy = deeds.send_again(letter, season.ada, night)
    assert row(app, copy).due_at == night + timedelta(hours=10)


def withdraw(desk: FlaskClient, message_id: int) -> str:
    path = f"/office/messages/{message_id}"
    return pages.after(desk, pages.send(desk, f"{path}/withdraw", page="/office/people"))


def test_what_waits_can_be_withdrawn_and_never_leaves(app: Flask, desk: FlaskClient, letter: int) -> None:
    assert "Withdrawn: it does not leave." in withdraw(desk, letter)
    assert (row(app, letter).state, row(app, letter).why) == (MessageState.WITHDRAWN, "by the office")
    with app.app_context():
        assert delivery.claim("worker", clock.now()) == []
    assert "laid out anew" in again(desk, letter)


def test_what_a_worker_took_but_has_not_begun_can_be_withdrawn(
    app: Flask, desk: FlaskClient, letter: int
) -> None:
    with app.app_context():
        assert delivery.claim("worker", clock.now()) == [letter]
    assert "Withdrawn" in withdraw(desk, letter)
    with app.app_context():
        assert not delivery.begins(letter, "worker", clock.now())


@pytest.mark.parametrize("state", ["sent", "leaving", "withdrawn", "failed"])
def test_what_has_left_or_is_leaving_is_not_withdrawn(
    app: Flask, desk: FlaskClient, letter: int, state: str
) -> None:
    if state == "leaving":
        with app.app_context():
            delivery.claim("worker", clock.now())
            assert delivery.begins(letter, "worker", clock.now())
    else:
        pages.write(app, update(Message).where(Message.id == letter).values(state=state))
    before = row(app, letter).state
    assert "can't be withdrawn any more" in withdraw(desk, letter)
    assert row(app, letter).state == before


def test_one_switch_stops_everything_and_every_page_of_the_office_says_so(
    app: Flask, desk: FlaskClient, letter: int, season: Season
) -> None:
    pages.send(desk, SWITCH, page="/office/messages", to="stop")
    with app.app_context():
        assert delivery.claim("worker", clock.now()) == []
        delivery.beat("worker", clock.now(), clock.now())
    for path in ("/office", "/office/people", "/office/messages"):
        assert "All outgoing messages are stopped: Ada stopped them" in pages.words(desk.get(path))
    assert "are stopped" not in desk.get("/my-sessions").text
    pages.send(desk, SWITCH, page="/office/messages", to="resume")
    assert "are stopped" not in desk.get("/office").text
    with app.app_context():
        assert delivery.claim("worker", clock.now()) == [letter]


def test_a_switch_that_nobody_knows_moves_nothing(app: Flask, desk: FlaskClient) -> None:
    assert pages.send(desk, SWITCH, page="/office/messages", to="sideways").status_code == 400
    assert pages.rows(app, select(OutgoingStop.id)) == []


def test_stopped_twice_is_stopped_once_and_resumed_at_once(app: Flask, season: Season) -> None:
    with app.app_context():
        for _time in range(2):
            deeds.stop_outgoing(season.ada, clock.now())
        for _time in range(2):
            deeds.resume_outgoing(season.ada, clock.now())
    assert pages.rows(app, select(OutgoingStop.resumed_by)) == [season.ada]
    actions = select(AuditEntry.action).where(AuditEntry.subject == "outgoing").order_by(AuditEntry.id)
    assert pages.rows(app, actions) == ["outgoing stopped", "outgoing resumed"]


def test_messages_that_are_late_turn_ready_red_unless_the_office_stopped_them(
    app: Flask, desk: FlaskClient, letter: int, season: Season, clock_at: ClockAt
) -> None:
    assert desk.get("/health/ready").status_code == 200
    now = clock_at(clock.now() + timedelta(minutes=6))
    with app.app_context():
        delivery.beat("worker", now, now)
    assert desk.get("/health/ready").status_code == 503
    assert "1 message is late: it was due on" in pages.words(desk.get("/office/people"))
    with app.app_context():
        deeds.stop_outgoing(season.ada, now)
    assert desk.get("/health/ready").status_code == 200


def test_a_text_message_that_is_late_turns_ready_red_and_one_laid_just_now_for_this_morning_does_not(
    app: Flask, desk: FlaskClient, letter: int, clock_at: ClockAt
) -> None:
    laid = {"channel": Channel.TEXT, "due_at": clock.now() - timedelta(hours=2)}
    pages.write(app, update(Message).where(Message.id == letter).values(laid))
    assert desk.get("/health/ready").status_code == 200
    clock_at(clock.now() + timedelta(minutes=6))
    assert desk.get("/health/ready").status_code == 503
    pages.write(app, update(Message).where(Message.id == letter).values(channel=Channel.CALL))
    assert desk.get("/health/ready").status_code == 200


def test_what_came_too_late_is_counted_and_found(
    app: Flask, desk: FlaskClient, letter: int, clock_at: ClockAt
) -> None:
    pages.write(app, update(Message).where(Message.id == letter).values(useless_at=clock.now()))
    with app.app_context():
        messages.withdraw_overtaken(clock.now())
    shown = desk.get("/office/messages?late=1")
    assert "Set aside, too late 1" in pages.words(shown)
    assert "It would have come too late." in pages.words(shown)
    pages.write(app, update(Message).where(Message.id == letter).values(why="by the office"))
    assert f"/office/messages/{letter}" not in desk.get("/office/messages?late=1").text


def test_the_banner_says_so_when_the_mail_server_does_not_answer(
    app: Flask, desk: FlaskClient, letter: int, clock_at: ClockAt
) -> None:
    now = clock_at(clock.now() + timedelta(minutes=6))
    with app.app_context():
        delivery.beat("worker", now, now)
    assert "does not answer" not in pages.words(desk.get("/office/messages"))
    away = {"why": "ConnectionRefusedError", "attempts": 3}
    pages.write(app, update(Message).where(Message.id == letter).values(away))
    said = pages.words(desk.get("/office/messages"))
    assert "The mail server does not answer, so 1 message is late" in said
    assert "ConnectionRefusedError" not in said + pages.words(desk.get("/office"))


@ONE_DATABASE
@pytest.mark.parametrize(
    ("answer", "channel", "plain"),
    [
        ("TimeoutError", Channel.EMAIL, "The mail server does not answer."),
        ("no answer", Channel.TEXT, "The text message service does not answer."),
        ("gaierror", Channel.EMAIL, "The mail server does not answer."),
        ("550", Channel.EMAIL, "The mail server takes nothing for this address (550)."),
        ("554", Channel.EMAIL, "The mail server refused it (554)."),
        ("451", Channel.EMAIL, "The mail server asked us to try again later (451)."),
        ("451 to all", Channel.EMAIL, "The mail server takes nothing from us at present (451)."),
        ("unwritable: KeyError", Channel.EMAIL, "It could not be written (KeyError)."),
        ("OddError", Channel.EMAIL, "Something went wrong on the way (OddError)."),
    ],
)
def test_why_is_said_in_plain_words(app: Flask, answer: str, channel: Channel, plain: str) -> None:
    with app.test_request_context():
        assert why(MessageState.FAILED, answer, channel) == plain


def test_older_messages_stand_on_the_next_page(app: Flask, desk: FlaskClient, letter: int) -> None:
    sent(app, letter)
    again(desk, letter)
    with app.app_context():
        assert outgoing.found(outgoing.Look(before=letter + 1))[0].message_id == letter
