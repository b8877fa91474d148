"""Something changes while a letter is on its way: none that begins to leave afterwards is wrong."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock, policy
from booking.db import db, transaction
from booking.messages import letters
from booking.messages.reach import ANSWERS, BY_TEXT
from booking.models import Booking, ContactPoint, Message, Person, ScheduledSession
from booking.models.kinds import BookingState, Channel, ContactKind, MessageKind, PersonStatus, SessionState
from booking.queries import tasks
from booking.refusals import Refusal
from booking.rules.addresses import phone_key
from booking.rules.edits import SessionChange
from booking.services import (
    bookings,
    calling_off,
    courses,
    deaths,
    delivery,
    merging,
    pauses,
    waiting,
)
from booking.services.steps import contacts
from tests.letters.desk import Desk
from tests.letters.in_tray import NOTICES, NOW, OF_A_COURSE, PROOFS, Laid, Tray
from tests.support.builders import Builders
from tests.support.smtp import Delivered, MailServer, mail_server
from tests.support.texts import Provider, provider

WAS, IS = "26 August 2026", "28 August 2026"
ABOUT_A_PLACE = (
    MessageKind.BOOKED,
    MessageKind.REMINDER,
    MessageKind.SESSION_CHANGED,
    MessageKind.WAITING,
    MessageKind.OFFERED,
    MessageKind.PROVISIONAL,
    MessageKind.COURSE_STARTS,
    MessageKind.ANNOUNCEMENT,
)
Deed = Callable[[Laid, int], object]


@pytest.fixture
def tray(desk: Desk, app: Flask, make: Builders, clock_at: Callable[[str], datetime]) -> Tray:
    clock_at(NOW)
    return Tray(app, make)


@pytest.fixture
def server(desk: Desk) -> Iterator[MailServer]:
    with mail_server() as running:
        desk.send_through(running.url)
        yield running


def move(laid: Laid, ada: int) -> None:
    scheduled = db.session.get_one(ScheduledSession, laid.session_id)
    seen = scheduled.schedule_version
    change = SessionChange(local_date=date(2026, 8, 28))
    calling_off.move_session(laid.session_id, change, ada, clock.now(), seen)


def cancel(laid: Laid, ada: int) -> None:
    calling_off.cancel_sessions([laid.session_id], "", ada, clock.now())


def give_up(laid: Laid, ada: int) -> None:
    if laid.enrolment_id is not None:
        courses.leave_course(laid.enrolment_id, laid.person_id, clock.now())
    elif db.session.get_one(Booking, laid.booking_id).state is BookingState.WAITING:
        waiting.leave_waiting_list(laid.booking_id, laid.person_id, clock.now())
    else:
        bookings.give_up_place(laid.booking_id, laid.person_id, clock.now())


def pause(laid: Laid, ada: int) -> None:
    pauses.pause(laid.person_id, None, ada, clock.now())


def die(laid: Laid, ada: int) -> None:
    deaths.mark_died(laid.person_id, ada, clock.now())


def merge(laid: Laid, ada: int) -> None:
    keep = Builders(db_app()).person("Ann", email=f"ann{laid.person_id}@example.org")
    merging.merge(keep, laid.person_id, ada, clock.now())


def change_address(laid: Laid, ada: int) -> None:
    with transaction():
        contacts.replace_emails(laid.person_id, f"new{laid.person_id}@example.org", clock.now())


def change_phone(laid: Laid, ada: int) -> None:
    with transaction():
        written = f"07700 901{laid.person_id:03}"
        contacts.put(laid.person_id, ContactKind.PHONE, written, phone_key(written), clock.now())


def db_app() -> Flask:
    from flask import current_app

    return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]


DEEDS: dict[str, Deed] = {
    deed.__name__: deed for deed in (move, cancel, give_up, pause, die, merge, change_address)
}
BY_TEXT_DEEDS: dict[str, Deed] = {
    deed.__name__: deed for deed in (move, cancel, give_up, pause, die, change_phone)
}


@contextmanager
def meanwhile(where: Any, name: str, deeds: dict[int, Callable[[], object]], after: bool) -> Iterator[None]:
    """Let life go on directly before a letter's next step, or directly after it."""
    real = getattr(where, name)

    def step(message_id: int, *told: Any, **more: Any) -> Any:
        deed = deeds.pop(message_id, lambda: None)
        if not after:
            deed()
        result = real(message_id, *told, **more)
        if after:
            deed()
        return result

    setattr(where, name, step)
    try:
        yield
    finally:
        setattr(where, name, real)


def change_in_flight(tray: Tray, deed: Deed, where: Any, name: str, *, after: bool = False) -> None:
    """Send every letter, and do a deed about each when it comes to that step of its way."""
    ada = tray.make.admin("Ada")

    def do(laid: Laid) -> None:
        # What is over can't be given up or cancelled, and then nothing has changed.
        with tray.app.app_context(), suppress(Refusal):
            deed(laid, ada)

    deeds = {laid.message_id: lambda laid=laid: do(laid) for laid in tray.laid}
    with meanwhile(where, name, deeds, after):
        tray.deliver()
    assert deeds == {}


def wrong(tray: Tray, server: MailServer, laid: Laid) -> str:
    """Say what is wrong with what was sent as this letter, by what is true now."""
    with tray.app.app_context():
        message = db.session.get_one(Message, laid.message_id)
        sent = [one for one in server.delivered if one.message["Message-ID"] == message.message_id]
        told = ((_words_of(one), one.recipients[0]) for one in sent)
        return next((why for words, to in told if (why := _untrue(laid, message, words, to))), "")


def _words_of(sent: Delivered) -> str:
    return "".join(
        part.get_content() for part in sent.message.walk() if part.get_content_type() == "text/plain"
    )


def _untrue(laid: Laid, message: Message, words: str, to: str) -> str:
    now = clock.now()
    person = db.session.get_one(Person, message.person_id)
    scheduled = db.session.get_one(ScheduledSession, laid.session_id)
    booking = db.session.scalar(select(Booking).where(Booking.id == laid.booking_id))
    if person.status in (PersonStatus.DIED, PersonStatus.MERGED):
        return "to nobody"
    if policy.is_paused(person, now) and laid.kind not in ANSWERS:
        return "to somebody who is paused"
    if laid.kind in ABOUT_A_PLACE and scheduled.state is SessionState.CANCELLED:
        return "about what is cancelled"
    if laid.kind in ABOUT_A_PLACE and (booking is None or booking.state is BookingState.GIVEN_UP):
        return "about what she gave up"
    if scheduled.local_date.day == 28 and WAS in words and IS not in words and laid.kind not in OF_A_COURSE:
        return "old times"
    return "" if laid.kind in (*PROOFS, *NOTICES) or to in _addresses(person) else "old address"


def _addresses(person: Person) -> list[str]:
    # A text message goes to the number in full, which is what a number is known by.
    hers = select(ContactPoint).where(ContactPoint.person_id == person.id)
    return [
        one.written if one.kind is ContactKind.EMAIL else phone_key(one.written)
        for one in db.session.scalars(hers)
    ]


def found_wrong(tray: Tray, server: MailServer) -> dict[MessageKind, str]:
    return {laid.kind: why for laid in tray.laid if (why := wrong(tray, server, laid))}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_letter_that_begins_after_a_change_is_wrong(tray: Tray, server: MailServer, deed: str) -> None:
    tray.lay_all()
    change_in_flight(tray, DEEDS[deed], delivery, "begins")
    assert found_wrong(tray, server) == {}


@pytest.mark.soak
@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(("where", "step"), [(letters, "compose_now"), (delivery, "begins")])
def test_no_letter_is_wrong_whichever_step_a_change_comes_before(
    tray: Tray, server: MailServer, deed: str, where: Any, step: str
) -> None:
    tray.lay_all()
    change_in_flight(tray, DEEDS[deed], where, step)
    assert found_wrong(tray, server) == {}


@pytest.mark.parametrize("deed", ["move", "cancel", "change_address"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_words_that_are_written_before_it_begins_would_be_wrong(
    tray: Tray, server: MailServer, deed: str
) -> None:
    tray.lay(MessageKind.BOOKED, "Ann")
    # The words are in the envelope already when life goes on.
    change_in_flight(tray, DEEDS[deed], letters, "compose_now", after=True)
    assert list(found_wrong(tray, server)) == [MessageKind.BOOKED]


@pytest.mark.parametrize("deed", ["move", "cancel", "give_up", "die"])
@pytest.mark.parametrize("channel", [Channel.CALL, Channel.POST])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_call_or_printed_letter_on_the_offices_list_is_wrong_after_a_change(
    tray: Tray, deed: str, channel: Channel
) -> None:
    calls = [tray.lay(kind, f"P{n}", phone="07700 900123") for n, kind in enumerate(ABOUT_A_PLACE)]
    ada = tray.make.admin("Ada")
    for laid in calls:
        tray.send_by(laid, channel)
        with tray.app.app_context(), suppress(Refusal):
            DEEDS[deed](laid, ada)
    with tray.app.app_context():
        listed = {call.message_id: " ".join(call.say) for call in tasks.calls_to_make(clock.now())}
    left = [(laid.kind, listed[laid.message_id]) for laid in calls if laid.message_id in listed]
    assert [
        said for _kind, said in left if WAS in said and IS not in said or deed in ("give_up", "die")
    ] == []
    assert deed != "cancel" or left == []


@pytest.fixture
def there(desk: Desk) -> Iterator[Provider]:
    """Texts leave through a provider, and letters go nowhere else than to ours."""
    with provider() as running:
        desk.app.extensions["booking.settings"] = replace(
            desk.app.extensions["booking.settings"], text_url=running.url
        )
        yield running


def wrong_texts(tray: Tray, there: Provider) -> dict[MessageKind, str]:
    """Say what is wrong with the text messages that were sent, by what is true now."""
    found = {}
    with tray.app.app_context():
        for laid in tray.laid:
            message = db.session.get_one(Message, laid.message_id)
            sent = [one for one in there.accepted if one["reference"] == message.message_id]
            for one in sent:
                if why := _untrue(laid, message, one["text"], one["to"]):
                    found[laid.kind] = why
    return found


def lay_texts(tray: Tray, *kinds: MessageKind) -> None:
    for number, kind in enumerate(kinds):
        tray.lay(kind, f"P{number}", phone=f"07700 900{number:03}", channel=Channel.TEXT)


@pytest.mark.parametrize("deed", BY_TEXT_DEEDS)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_text_message_that_begins_after_a_change_is_wrong(
    tray: Tray, server: MailServer, there: Provider, deed: str
) -> None:
    lay_texts(tray, *BY_TEXT)
    change_in_flight(tray, BY_TEXT_DEEDS[deed], delivery, "begins")
    assert wrong_texts(tray, there) == {}
    # Where she has another number, all of them are still sent, and the reminders of that day as well.
    assert len(there.accepted) >= len(BY_TEXT) or deed != "change_phone"


@pytest.mark.parametrize("deed", ["move", "cancel", "change_phone"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_text_message_that_is_written_before_it_begins_would_be_wrong(
    tray: Tray, there: Provider, deed: str
) -> None:
    lay_texts(tray, MessageKind.BOOKED)
    change_in_flight(tray, BY_TEXT_DEEDS[deed], letters, "compose_now", after=True)
    assert list(wrong_texts(tray, there)) == [MessageKind.BOOKED]
