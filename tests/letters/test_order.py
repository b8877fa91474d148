"""For one person an earlier letter goes first; nobody waits for somebody else, nor for another channel."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event, insert, update

from booking import clock
from booking.db import db, transaction
from booking.messages import outbox
from booking.messages.reach import COUNTED
from booking.models import Booking, Message, OutgoingStop, Person
from booking.models.kinds import BookingState, Channel, LinkPurpose, MessageKind, MessageState
from booking.queries import messages as asked
from booking.queries.due import BY_THE_CALENDAR
from booking.services import delivery
from booking.services.steps import links
from tests.letters import tray
from tests.letters.desk import Desk
from tests.letters.tray import CHANGED, claimed, lay, message, sent, states

BOOKED, GIVEN_UP = MessageKind.BOOKED, MessageKind.GIVEN_UP


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """Ann has a place."""
    desk.place()
    return desk


def rest(desk: Desk, message_id: int, attempts: int) -> None:
    """Let a message have failed so often, and rest now."""
    minutes = timedelta(minutes=50 if attempts > 5 else 2)
    facts = {"attempts": attempts, "leased_until": clock.now() + minutes}
    desk.change(Message, message_id, **facts)


def test_a_later_letter_waits_for_an_earlier_one_about_another_session(desk: Desk) -> None:
    (other,) = tray.places(desk, 1)
    first, second = lay(desk, BOOKED, desk.booking_id), lay(desk, BOOKED, other)
    assert claimed(desk) == [first]
    assert claimed(desk) == []
    sent(desk, first)
    assert claimed(desk) == [second]


def test_a_cancellation_never_overtakes_its_confirmation(desk: Desk) -> None:
    confirmed = lay(desk, BOOKED, desk.booking_id)
    rest(desk, confirmed, attempts=9)
    tray.called_off(desk, desk.booking_id)
    assert claimed(desk) == []


def test_nobody_waits_for_somebody_else(desk: Desk) -> None:
    rest(desk, lay(desk, BOOKED, desk.booking_id), attempts=1)
    bens = desk.make.booking(desk.session_id, desk.make.person("Ben"))
    second = lay(desk, BOOKED, bens)
    assert claimed(desk) == [second]


@pytest.mark.parametrize(("attempts", "goes"), [(1, False), (5, False), (6, True)])
def test_a_letter_that_failed_for_an_hour_holds_up_its_own_booking_only(
    desk: Desk, attempts: int, goes: bool
) -> None:
    (other,) = tray.places(desk, 1)
    rest(desk, lay(desk, BOOKED, desk.booking_id), attempts)
    second = lay(desk, BOOKED, other)
    assert claimed(desk) == ([second] if goes else [])


def test_what_waits_for_the_morning_holds_up_nothing(desk: Desk) -> None:
    lay(desk, CHANGED, desk.booking_id, due_at=clock.now() + timedelta(hours=9))
    desk.change(Booking, desk.booking_id, state=BookingState.GIVEN_UP)
    answer = lay(desk, GIVEN_UP, desk.booking_id)
    assert claimed(desk) == [answer]


def test_a_link_to_sign_in_waits_for_no_other_letter(desk: Desk) -> None:
    rest(desk, lay(desk, BOOKED, desk.booking_id), attempts=1)
    with desk.app.app_context(), transaction():
        ann = db.session.get_one(Person, desk.person_id)
        link = links.make(LinkPurpose.SIGN_IN, "ann@example.org", "", clock.now(), ann.id)
        posted = outbox.post(MessageKind.SIGN_IN, person=ann, link=link, now=clock.now(), key="link")
        assert posted is not None
        link_letter = posted.id
    assert claimed(desk) == [link_letter]


def test_texts_and_letters_are_taken_apart_and_hold_up_nobody(desk: Desk) -> None:
    text, letter = lay(desk, BOOKED, desk.booking_id), lay(desk, GIVEN_UP, desk.booking_id)
    desk.change(Message, text, channel=Channel.TEXT)
    assert claimed(desk) == [letter]
    assert claimed(desk, channel=Channel.TEXT) == [text]


def test_nothing_is_taken_or_begun_while_the_office_has_stopped_everything(desk: Desk) -> None:
    first = lay(desk, BOOKED, desk.booking_id)
    (taken,) = claimed(desk)
    with desk.app.app_context(), transaction():
        stop = OutgoingStop(stopped_at=clock.now(), stopped_by=desk.person_id)
        db.session.add(stop)
        db.session.flush()
        stop_id = stop.id
    with desk.app.app_context():
        assert not delivery.begins(taken, "worker", clock.now())
    assert (states(desk, first), claimed(desk)) == (["waiting"], [])
    desk.change(OutgoingStop, stop_id, resumed_at=clock.now(), resumed_by=desk.person_id)
    assert claimed(desk) == [first]


def test_a_message_handed_to_another_channel_is_taken_there_as_if_new(desk: Desk) -> None:
    first = lay(desk, BOOKED, desk.booking_id)
    claimed(desk)
    with desk.app.app_context():
        delivery.hand_to(first, "somebody else", Channel.TEXT, "as she wishes")
        delivery.hand_to(first, "worker", Channel.TEXT, "as she wishes")
    assert message(desk, first).attempts == 0
    assert (claimed(desk), claimed(desk, channel=Channel.TEXT)) == ([], [first])


def test_whoever_wants_post_has_a_letter_to_post_and_no_call(desk: Desk) -> None:
    first = lay(desk, BOOKED, desk.booking_id)
    claimed(desk)
    desk.change(Person, desk.person_id, channel=Channel.POST)
    with desk.app.app_context():
        delivery.hand_to_office(first, "worker", "by another channel")
    assert (message(desk, first).channel, states(desk, first)) == (Channel.POST, ["waiting"])


@pytest.mark.parametrize("hours", [-2, 24 * 40])
def test_a_clock_that_jumps_lets_nobody_take_a_letter_that_is_in_hand(
    desk: Desk, hours: int, clock_at: Callable[[datetime], datetime]
) -> None:
    (taken,) = [lay(desk, BOOKED, desk.booking_id)]
    assert claimed(desk) == [taken]
    clock_at(clock.now() + timedelta(hours=hours))
    assert claimed(desk, "other") == []
    clock_at(clock.now() + delivery.LEASE)
    assert claimed(desk, "other") == [taken]


def test_an_answer_does_not_wait_until_the_clock_has_caught_up(
    desk: Desk, clock_at: Callable[[datetime], datetime]
) -> None:
    answer = lay(desk, BOOKED, desk.booking_id)
    rest(desk, answer, attempts=3)
    clock_at(clock.now() - timedelta(hours=2))
    assert claimed(desk) == [answer]


@pytest.mark.parametrize("hours", [2, 24 * 40])
def test_a_change_does_not_wait_until_the_clock_has_caught_up(
    desk: Desk, hours: int, clock_at: Callable[[datetime], datetime]
) -> None:
    right = clock.now()
    (place,) = tray.places(desk, 1, on=date(2026, 10, 20))
    clock_at(right + timedelta(hours=hours))
    change = tray.called_off(desk, place)
    reminder = lay(desk, tray.REMINDER, desk.booking_id)
    clock_at(right)
    with desk.app.app_context():
        assert asked.overdue(clock.now()) == 1
        assert asked.overdue_since(clock.now()) == clock.now()
    assert claimed(desk) == [change]
    sent(desk, change)
    assert (claimed(desk), states(desk, reminder)) == ([], ["waiting"])


def test_at_night_a_change_of_a_clock_ahead_waits_for_the_morning(
    desk: Desk, clock_at: Callable[[datetime], datetime]
) -> None:
    night = datetime.fromisoformat("2026-08-20T22:00+01:00")
    clock_at(night + timedelta(days=40))
    (place,) = tray.places(desk, 1, on=date(2026, 10, 20))
    change = tray.called_off(desk, place)
    desk.change(Message, change, useless_at=night + timedelta(days=60))
    clock_at(night)
    assert claimed(desk) == []
    clock_at(datetime.fromisoformat("2026-08-21T08:00+01:00"))
    assert claimed(desk) == [change]


def test_what_is_told_at_an_hour_of_the_calendar_is_what_is_counted() -> None:
    assert set(BY_THE_CALENDAR) == set(COUNTED)


def test_a_letter_that_can_not_be_written_takes_her_row_before_its_parts(desk: Desk) -> None:
    for place in tray.places(desk, 2):
        tray.called_off(desk, place)
    (leader,) = claimed(desk)
    held: list[str] = []
    with desk.app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *facts: held.append(facts[2]))
        delivery.failed_for_good(leader, "worker", "unwritable", clock.now(), alone=True)
    written = [one.split()[1] for one in held if one.startswith("UPDATE")]
    assert written[:2] == ["person", "message"]


def test_no_attempt_is_counted_where_nobody_listened(desk: Desk) -> None:
    first = lay(desk, BOOKED, desk.booking_id)
    claimed(desk)
    with desk.app.app_context():
        delivery.failed_for_now(first, "worker", "ConnectionRefusedError", clock.now(), soon=True)
    assert (message(desk, first).attempts, states(desk, first)) == (0, ["waiting"])


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.TEXT])
def test_the_post_is_not_healthy_while_a_text_or_a_letter_is_late(desk: Desk, channel: Channel) -> None:
    long_ago = clock.now() - timedelta(minutes=6)
    late = lay(desk, BOOKED, desk.booking_id, due_at=long_ago)
    desk.change(Message, late, channel=channel, created_at=long_ago)
    with desk.app.app_context():
        delivery.beat("worker", clock.now(), clock.now())
        assert not asked.is_healthy(clock.now())


def test_a_claim_costs_four_questions_however_many_wait(desk: Desk) -> None:
    thousands(desk, 1_000)
    claimed(desk)
    with tray.counting(desk) as questions:
        assert len(claimed(desk)) == delivery.BATCH
        assert questions() <= 4


def test_many_letters_of_one_person_keep_nobody_else_waiting(desk: Desk) -> None:
    thousands(desk, 30)
    with desk.app.app_context():
        db.session.execute(update(Message).where(Message.id <= 25).values(person_id=desk.person_id))
        db.session.commit()
    with desk.app.app_context():
        first = delivery.claim("worker", clock.now(), limit=4)
    assert first == [1, 26, 27, 28]


def thousands(desk: Desk, count: int) -> None:
    """Lay confirmations for many people, in bulk."""
    now = clock.now()
    people = [
        {"full_name": f"P{n}", "known_as": f"P{n}", "status": "active", "who": "patient"}
        | {"channel": Channel.EMAIL, "created_at": now, "id": 1000 + n}
        for n in range(count)
    ]
    letters = [
        {"kind": BOOKED, "person_id": 1000 + n, "channel": Channel.EMAIL, "state": MessageState.WAITING}
        | {"dedupe_key": f"many:{n}", "created_at": now, "due_at": now, "attempts": 0, "why": ""}
        | {"message_id": f"<m.{n}@here>"}
        for n in range(count)
    ]
    with desk.app.app_context():
        db.session.execute(insert(Person), people)
        db.session.execute(insert(Message), letters)
        db.session.commit()
