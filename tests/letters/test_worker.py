"""Delivering what waits through a real mail server that says yes, no, later, and nothing at all."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from booking import clock, worker
from booking.db import db, transaction
from booking.messages import outbox
from booking.messages.channels.smtp import SmtpChannel
from booking.models import Booking, EmailLink, Message, Person, ScheduledSession
from booking.models.kinds import (
    BookingState,
    Channel,
    LinkPurpose,
    MessageKind,
    MessageState,
    PersonStatus,
    SessionState,
)
from booking.services import delivery
from booking.services.steps import links
from tests.letters.desk import Desk
from tests.support.smtp import CLOSING, REFUSED, TEMPORARY, Drop, MailServer, Stall, free_port, mail_server


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def desk(desk: Desk, server: MailServer) -> Desk:
    """Ann has a place, and letters leave through the mail server."""
    desk.send_through(server.url)
    desk.place()
    return desk


def work(desk: Desk) -> str:
    with desk.app.app_context():
        return worker.run_once()


def message(desk: Desk, message_id: int) -> Message:
    with desk.app.app_context():
        found = db.session.get_one(Message, message_id)
        db.session.expunge(found)
        return found


def test_a_letter_leaves_once_to_one_person(desk: Desk, server: MailServer) -> None:
    posted = desk.post(MessageKind.BOOKED)
    work(desk)
    work(desk)
    (delivered,) = server.delivered
    assert delivered.recipients == ("ann@example.org",)
    assert delivered.message["To"] == "ann@example.org"
    assert delivered.message["Message-ID"] == message(desk, posted).message_id
    assert [part.get_content_type() for part in delivered.message.walk()][1:] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    assert message(desk, posted).state == MessageState.SENT


def test_what_was_told_is_noted_when_the_letter_is_taken(desk: Desk, server: MailServer) -> None:
    desk.change(ScheduledSession, desk.session_id, schedule_version=4)
    desk.post(MessageKind.BOOKED)
    work(desk)
    with desk.app.app_context():
        assert db.session.get_one(Booking, desk.booking_id).told_version == 4


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (TEMPORARY, MessageState.WAITING),
        (CLOSING, MessageState.WAITING),
        (Drop(keeps_it=False), MessageState.WAITING),
        (REFUSED, MessageState.FAILED),
        ("554 5.7.1 Looks like spam", MessageState.FAILED),
    ],
    ids=["451", "421", "hangs up", "550", "554"],
)
def test_the_servers_code_decides(
    desk: Desk, server: MailServer, answer: str | Drop, state: MessageState
) -> None:
    server.answers.append(answer)
    posted = desk.post(MessageKind.BOOKED)
    work(desk)
    assert message(desk, posted).state == state
    assert message(desk, posted).attempts == 1
    assert "ann" not in message(desk, posted).why


@pytest.mark.parametrize(("code", "state"), [("451", "waiting"), ("550", "failed")])
def test_a_refused_recipient_is_told_apart_from_a_busy_one(
    desk: Desk, server: MailServer, code: str, state: str
) -> None:
    server.recipients["ann@example.org"] = f"{code} No"
    posted = desk.post(MessageKind.BOOKED)
    work(desk)
    assert (message(desk, posted).state, message(desk, posted).why) == (state, code)


@pytest.mark.parametrize(
    ("answer", "state", "fault"),
    [("501 Bad sender", "waiting", "501"), ("553 Not you", "waiting", "553"), ("552 Too big", "failed", "")],
)
def test_a_sender_the_server_does_not_want_is_no_fault_of_a_letter(
    desk: Desk, server: MailServer, answer: str, state: str, fault: str
) -> None:
    server.senders = answer
    posted = desk.post(MessageKind.BOOKED)
    assert work(desk) == fault
    assert message(desk, posted).state == state


def test_settings_that_name_no_sender_lose_no_letter(desk: Desk) -> None:
    settings = desk.app.extensions["booking.settings"]
    desk.app.extensions["booking.settings"] = replace(settings, mail_from="noreply@localhost")
    posted = desk.post(MessageKind.BOOKED)
    assert work(desk) == "MAIL_FROM"
    assert message(desk, posted).state == MessageState.WAITING


def test_a_mail_server_that_was_away_for_days_loses_nothing_that_is_still_true(
    desk: Desk, server: MailServer, clock_at: Callable[[datetime], datetime]
) -> None:
    series = desk.make.series("Singing")
    desk.session_id = desk.make.session(series, starts_in=timedelta(days=9))
    desk.booking_id = desk.make.booking(desk.session_id, desk.person_id)
    posted = desk.post(MessageKind.BOOKED)
    desk.send_through(f"smtp://127.0.0.1:{free_port()}")
    clock_at(clock.now() + timedelta(days=6))
    work(desk)
    desk.send_through(server.url)
    clock_at(clock.now() + timedelta(seconds=10))
    work(desk)
    assert message(desk, posted).state == MessageState.SENT


@pytest.mark.parametrize(("tries", "state"), [(0, "waiting"), (delivery.GIVES_UP_FROM, "failed")])
def test_after_a_long_stop_a_letter_is_given_up_only_when_it_was_tried_for_days(
    desk: Desk, server: MailServer, clock_at: Callable[[datetime], datetime], tries: int, state: str
) -> None:
    series = desk.make.series("Singing")
    desk.session_id = desk.make.session(series, starts_in=timedelta(days=9))
    desk.booking_id = desk.make.booking(desk.session_id, desk.person_id)
    posted = desk.post(MessageKind.BOOKED)
    desk.change(Message, posted, attempts=tries)
    clock_at(clock.now() + timedelta(days=5, hours=12))
    server.answers.append("450 4.2.0 Greylisted, try again in 5 minutes")
    work(desk)
    assert message(desk, posted).state == state


def test_a_server_that_goes_away_over_a_letter_has_not_refused_it(desk: Desk) -> None:
    posted = desk.post(MessageKind.BOOKED)
    desk.change(Message, posted, attempts=50)
    with desk.app.app_context():
        assert delivery.claim("worker", clock.now()) == [posted]
        assert delivery.begins(posted, "worker", clock.now())
        delivery.failed_for_now(posted, "worker", "421", clock.now(), soon=True)
    assert (message(desk, posted).state, message(desk, posted).attempts) == (MessageState.WAITING, 50)


def test_a_letter_not_taken_rests_and_goes_later_as_the_same_letter(
    desk: Desk, server: MailServer, clock_at: Callable[[datetime], datetime]
) -> None:
    server.answers.append(Drop(keeps_it=True))
    desk.post(MessageKind.BOOKED)
    work(desk)
    work(desk)
    assert len(server.delivered) == 1
    clock_at(clock.now() + timedelta(minutes=1))
    work(desk)
    first, second = server.delivered
    assert first.message["Message-ID"] == second.message["Message-ID"]


def test_nothing_is_lost_while_the_mail_server_is_away(
    desk: Desk, clock_at: Callable[[datetime], datetime]
) -> None:
    port = free_port()
    desk.send_through(f"smtp://127.0.0.1:{port}")
    desk.post(MessageKind.BOOKED)
    assert work(desk) == "ConnectionRefusedError"
    with mail_server(port) as server:
        clock_at(clock.now() + timedelta(seconds=10))
        assert work(desk) == ""
        assert len(server.delivered) == 1


def test_a_password_that_is_wrong_loses_no_letter(desk: Desk, server: MailServer) -> None:
    desk.send_through(server.url.replace("smtp://", "smtp://ada:wrong@"))
    posted = desk.post(MessageKind.BOOKED)
    assert work(desk)
    assert message(desk, posted).state == MessageState.WAITING


def test_a_silent_server_is_not_waited_for_for_ever(server: MailServer, desk: Desk) -> None:
    server.answers.append(Stall(10))
    desk.post(MessageKind.BOOKED)
    with desk.app.app_context():
        hired = worker.hire()
        hired.carriers[Channel.EMAIL].open_way = lambda: SmtpChannel(server.url, "http://here", timeout=0.5)
        began = time.monotonic()
        worker.one_round(hired)
    assert time.monotonic() - began < 8
    assert server.delivered == []


def test_before_each_letter_the_server_is_asked_once_whether_it_is_still_there(
    desk: Desk, server: MailServer
) -> None:
    for name in ("Ben", "Cat", "Dee"):
        desk.booking_id = desk.make.booking(desk.session_id, desk.make.person(name))
        desk.post(MessageKind.BOOKED)
    work(desk)
    # Whoever has just greeted us is there.
    assert (len(server.delivered), server.noops) == (3, 2)


@pytest.mark.parametrize(
    "address", ["ann@example.org, eve@example.org", "ann@example.org\r\nBcc: eve@example.org"]
)
def test_a_poisoned_row_stops_itself_and_not_the_others(desk: Desk, server: MailServer, address: str) -> None:
    poisoned = desk.post(MessageKind.BOOKED)
    with desk.app.app_context():
        db.session.execute(
            db.text("UPDATE contact_point SET written = :a WHERE person_id = :p"),
            {"a": address, "p": desk.person_id},
        )
        db.session.commit()
    desk.booking_id = desk.make.booking(desk.session_id, desk.make.person("Ben"))
    desk.post(MessageKind.BOOKED)
    work(desk)
    assert message(desk, poisoned).state == MessageState.FAILED
    assert [letter.recipients for letter in server.delivered] == [("ben@example.org",)]


def test_a_name_cannot_write_a_header(desk: Desk, server: MailServer) -> None:
    series = desk.make.series("Tea\r\nBcc: eve@example.org")
    desk.session_id = desk.make.session(series, starts_in=timedelta(days=3))
    desk.booking_id = desk.make.booking(desk.session_id, desk.person_id)
    desk.post(MessageKind.BOOKED)
    work(desk)
    (letter,) = server.delivered
    assert letter.message["Bcc"] is None
    assert letter.recipients == ("ann@example.org",)


def test_a_later_letter_never_overtakes_an_earlier_one(
    desk: Desk, server: MailServer, clock_at: Callable[[datetime | str], datetime]
) -> None:
    clock_at("2026-08-24T10:00+01:00")
    server.recipients["ann@example.org"] = TEMPORARY
    desk.post(MessageKind.BOOKED)
    work(desk)
    work(desk)
    with desk.app.app_context():
        later = db.session.scalars(db.select(Message.id).where(Message.kind == MessageKind.REMINDER)).one()
    assert (message(desk, later).state, message(desk, later).attempts) == (MessageState.WAITING, 0)
    server.recipients.clear()
    clock_at(clock.now() + timedelta(minutes=1))
    work(desk)
    hers = [letter for letter in server.delivered if letter.recipients == ("ann@example.org",)]
    assert [letter.message["Subject"][:8] for letter in hers] == ["You have", "Reminder"]


def test_what_a_cancellation_has_overtaken_does_not_stand_in_its_way(desk: Desk, server: MailServer) -> None:
    server.answers.append(TEMPORARY)
    overtaken = desk.post(MessageKind.BOOKED)
    work(desk)
    desk.change(ScheduledSession, desk.session_id, state=SessionState.CANCELLED)
    desk.change(Booking, desk.booking_id, state=BookingState.CANCELLED)
    desk.post(MessageKind.SESSION_CANCELLED)
    work(desk)
    assert [letter.message["Subject"][:9] for letter in server.delivered] == ["Cancelled"]
    assert message(desk, overtaken).state == MessageState.WITHDRAWN


def test_whoever_died_after_laying_out_is_not_written_to(desk: Desk, server: MailServer) -> None:
    posted = desk.post(MessageKind.BOOKED)
    desk.change(Person, desk.person_id, status=PersonStatus.DIED)
    work(desk)
    assert server.delivered == []
    assert message(desk, posted).state == MessageState.WITHDRAWN


def test_a_change_during_a_pause_becomes_a_call(desk: Desk, server: MailServer) -> None:
    desk.change(ScheduledSession, desk.session_id, state=SessionState.CANCELLED)
    desk.change(Booking, desk.booking_id, state=BookingState.CANCELLED)
    posted = desk.post(MessageKind.SESSION_CANCELLED)
    desk.change(Person, desk.person_id, status=PersonStatus.PAUSED)
    work(desk)
    assert server.delivered == []
    assert (message(desk, posted).channel, message(desk, posted).state) == (Channel.CALL, "waiting")


@pytest.mark.parametrize(
    ("purpose", "life"),
    [(LinkPurpose.CONFIRM_EMAIL, timedelta(hours=24)), (LinkPurpose.SIGN_IN, timedelta(minutes=30))],
)
def test_a_link_lives_from_the_moment_it_was_handed_over(
    desk: Desk, purpose: LinkPurpose, life: timedelta, clock_at: Callable[[datetime], datetime]
) -> None:
    with desk.app.app_context(), transaction():
        link = links.make(purpose, "ann@example.org", "", clock.now(), desk.person_id)
        kind = MessageKind(purpose.value)
        outbox.post(kind, person=None, link=link, now=clock.now(), key=f"link:{link.id}")
        link_id = link.id
    sent_at = clock_at(clock.now() + timedelta(hours=5))
    work(desk)
    with desk.app.app_context():
        assert db.session.get_one(EmailLink, link_id).expires_at == sent_at + life


def test_a_lease_that_ran_out_is_taken_back(desk: Desk, clock_at: Callable[[datetime], datetime]) -> None:
    desk.post(MessageKind.BOOKED)
    with desk.app.app_context():
        (claimed,) = delivery.claim("gone", clock.now())
        assert delivery.claim("other", clock.now()) == []
        later = clock_at(clock.now() + delivery.LEASE)
        assert delivery.claim("other", later) == [claimed]


def test_what_a_worker_lost_is_not_changed_by_it(
    desk: Desk, clock_at: Callable[[datetime], datetime]
) -> None:
    posted = desk.post(MessageKind.BOOKED)
    with desk.app.app_context():
        delivery.claim("slow", clock.now())
        delivery.claim("other", clock_at(clock.now() + delivery.LEASE))
        delivery.failed_for_good(posted, "slow", "550", clock.now())
        delivery.put_back([posted], "slow")
    assert (message(desk, posted).state, message(desk, posted).leased_by) == ("sending", "other")
