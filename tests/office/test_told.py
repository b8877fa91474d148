"""Cancelling and moving dates as one deed: everybody is told, the office sees who is not, and can undo."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import Booking, Message, ScheduledSession, SessionVersion
from booking.models.kinds import BookingState, Channel, MessageKind, MessageState, SessionState
from booking.queries import told, upkeep
from booking.refusals import CannotUndo, InThePast, NothingChosen, StaleForm
from booking.services import calling_off
from booking.services.calling_off import Shift
from booking.services.steps.changing import SessionChange
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders

DAY = date(2026, 12, 30)


@pytest.fixture
def coming(app: Flask, season: Season, make: Builders) -> int:
    """A Wednesday in December: Ann has an email, Cato a phone."""
    session = make.session(season.tea, on=DAY)
    make.booking(session, season.ann)
    make.booking(session, make.person("Cato", email=None, phone="07700 900123"))
    return session


@pytest.fixture
def other(season: Season, make: Builders) -> int:
    return make.session(season.tea, on=date(2027, 1, 27))


def cancel(app: Flask, *session_ids: int, **facts: Any) -> int:
    with app.app_context():
        return calling_off.cancel_sessions(session_ids, "The host is unwell", 1, clock.now(), **facts)


def move(app: Flask, session_id: int, seen: int = 1, **facts: Any) -> int:
    with app.app_context():
        return calling_off.move_session(session_id, SessionChange(**facts), 1, clock.now(), seen)


def undo(app: Flask, deed_id: int) -> None:
    with app.app_context():
        calling_off.undo(deed_id, 1, clock.now())


def left(app: Flask, deed_id: int) -> told.Told:
    with app.app_context():
        return told.not_told(deed_id, clock.now())


def snapshot(app: Flask) -> list[Any]:
    """Everything about dates and bookings, but the locks' counters and what only ever rises."""
    rising = ("turns", "schedule_version", "told_version", "changed_at", "revision")
    found = []
    for table in (ScheduledSession, Booking):
        columns = [column for column in table.__table__.c if column.name not in rising]
        found += pages.rows(app, select(*columns).order_by(table.id))
    return found


def offers(app: Flask) -> list[Any]:
    return pages.rows(app, select(Booking).where(Booking.instead_of_id.is_not(None)).order_by(Booking.id))


def test_a_cancelled_date_is_one_deed_that_counts_who_was_not_told(app: Flask, coming: int) -> None:
    found = left(app, cancel(app, coming))
    assert found.total == 2
    assert {way: each.waiting for way, each in found.by_channel.items()} == {
        Channel.EMAIL: 1,
        Channel.CALL: 1,
    }
    assert [call.known_as for call in found.calls] == ["Cato"]


def test_cancelling_twice_is_one_deed(app: Flask, coming: int) -> None:
    assert cancel(app, coming) == cancel(app, coming)
    assert len(pages.rows(app, select(Message.id))) == 2


def test_several_dates_are_one_deed(app: Flask, season: Season, coming: int, other: int) -> None:
    deed = cancel(app, coming, other)
    with app.app_context():
        assert [one.id for one in told.one_deed(deed).dates] == [coming, other]


def test_no_date_is_refused(app: Flask) -> None:
    with pytest.raises(NothingChosen):
        cancel(app)


def test_a_date_that_is_over_is_refused_with_all_others(app: Flask, season: Season, coming: int) -> None:
    with pytest.raises(InThePast):
        cancel(app, coming, season.october)
    assert pages.rows(app, select(Message.id)) == []


def test_the_nearest_other_place_is_kept_for_a_day(
    app: Flask, season: Season, coming: int, other: int
) -> None:
    cancel(app, coming)
    # The nearest date of the series is 25 November, but Ann has a place there.
    held = {(one.person_id, one.session_id): one for one in offers(app)}
    assert (season.ann, other) in held
    kept = held[season.ann, other]
    assert (kept.state, kept.held_until) == (BookingState.OFFERED, clock.now() + timedelta(days=1))


def test_a_place_is_kept_only_where_the_office_wishes_it(app: Flask, coming: int, other: int) -> None:
    cancel(app, coming, offer_held=False)
    assert offers(app) == []


def test_a_letter_that_waits_for_the_morning_gives_her_a_whole_day(
    app: Flask, clock_at: Callable[[str], datetime], coming: int, other: int
) -> None:
    clock_at("2026-11-22T22:00+00:00")
    cancel(app, coming)
    assert offers(app)[0].held_until == datetime.fromisoformat("2026-11-24T08:00+00:00")


def test_a_moved_date_says_what_it_was(app: Flask, coming: int) -> None:
    deed = move(app, coming, start_time=time(14))
    scheduled = pages.rows(app, select(ScheduledSession).where(ScheduledSession.id == coming))[0]
    assert (scheduled.start_time, scheduled.own, scheduled.differs) == (time(14), {"start_time"}, True)
    assert left(app, deed).total == 2


def test_a_stale_form_moves_nothing(app: Flask, coming: int) -> None:
    move(app, coming, start_time=time(14))
    with pytest.raises(StaleForm):
        move(app, coming, start_time=time(15))


def test_several_dates_move_a_week_together(app: Flask, coming: int, other: int) -> None:
    shift = Shift(days=7, start_time=time(14))
    with app.app_context():
        calling_off.move_sessions({coming: 1, other: 1}, shift, "Snow", 1, clock.now())
    moved = select(ScheduledSession.local_date, ScheduledSession.start_time)
    found = pages.rows(
        app, moved.where(ScheduledSession.id.in_((coming, other))).order_by(ScheduledSession.id)
    )
    assert found == [(date(2027, 1, 6), time(14)), (date(2027, 2, 3), time(14))]


@pytest.mark.parametrize("deed", ["cancelled", "moved"])
def test_undoing_puts_everything_back(app: Flask, coming: int, other: int, deed: str) -> None:
    before = snapshot(app)
    undo(app, cancel(app, coming) if deed == "cancelled" else move(app, coming, start_time=time(14)))
    after = [row for row in snapshot(app) if row not in before]
    # What is new are the places that were kept, and they are let go.
    assert {getattr(row, "state", None) for row in after} <= {BookingState.CANCELLED}
    assert [row for row in before if row not in snapshot(app)] == []
    assert set(pages.rows(app, select(Message.state))) == {MessageState.WITHDRAWN}
    with app.app_context():
        assert upkeep.problems() == []


@pytest.mark.parametrize("deed", ["cancelled", "moved"])
def test_undoing_is_a_new_version_that_everybody_knows(app: Flask, coming: int, deed: str) -> None:
    undo(app, cancel(app, coming) if deed == "cancelled" else move(app, coming, start_time=time(14)))
    version = 2 if deed == "cancelled" else 3
    asked = select(SessionVersion.schedule_version, SessionVersion.start_time)
    kept = pages.rows(app, asked.where(SessionVersion.session_id == coming).order_by(SessionVersion.id))
    assert (kept[0].start_time, kept[-1].schedule_version) == (kept[-1].start_time, version)
    assert len(kept) == version
    told_of = select(Booking.told_version).where(Booking.session_id == coming)
    assert set(pages.rows(app, told_of)) == {version}


def test_after_undoing_the_next_move_is_told_anew(app: Flask, coming: int) -> None:
    undo(app, move(app, coming, start_time=time(14)))
    assert left(app, move(app, coming, seen=3, start_time=time(15))).total == 2


def test_undoing_twice_is_undoing_once(app: Flask, coming: int) -> None:
    deed = cancel(app, coming)
    undo(app, deed)
    undo(app, deed)
    states = select(Booking.state).where(Booking.session_id == coming)
    assert set(pages.rows(app, states)) == {BookingState.BOOKED}


@pytest.mark.parametrize(
    "facts",
    [
        {"state": MessageState.SENT},
        {
            "state": MessageState.SENDING,
            "attempts": 1,
            "began_at": datetime.fromisoformat("2026-11-22T12:00Z"),
        },
        {"state": MessageState.WAITING, "attempts": 1},
        {"state": MessageState.FAILED},
    ],
)
def test_what_somebody_knows_is_not_undone(app: Flask, coming: int, facts: dict[str, Any]) -> None:
    deed = cancel(app, coming)
    email = Message.channel == Channel.EMAIL
    pages.write(app, db.update(Message).where(email).values(**facts))
    with pytest.raises(CannotUndo):
        undo(app, deed)
    scheduled = select(ScheduledSession.state).where(ScheduledSession.id == coming)
    assert pages.rows(app, scheduled) == [SessionState.CANCELLED]


def test_a_claimed_letter_that_has_not_begun_is_called_back(app: Flask, coming: int) -> None:
    deed = cancel(app, coming)
    claimed = {"state": MessageState.SENDING, "attempts": 1, "leased_by": "w", "leased_until": clock.now()}
    pages.write(app, db.update(Message).where(Message.channel == Channel.EMAIL).values(**claimed))
    undo(app, deed)
    assert set(pages.rows(app, select(Message.state))) == {MessageState.WITHDRAWN}


def test_a_date_that_moved_on_is_not_undone(app: Flask, coming: int) -> None:
    deed = move(app, coming, start_time=time(14))
    move(app, coming, seen=2, start_time=time(15))
    with pytest.raises(CannotUndo):
        undo(app, deed)


def test_undoing_the_second_move_tells_of_the_first(app: Flask, coming: int) -> None:
    first = move(app, coming, start_time=time(14))
    undo(app, move(app, coming, seen=2, start_time=time(15)))
    assert left(app, first).total == 2
    undo(app, first)
    assert left(app, first).total == 0
    assert set(pages.rows(app, select(Booking.told_version).where(Booking.session_id == coming))) == {5}


def test_nobody_who_died_meanwhile_gets_her_place_back(app: Flask, season: Season, coming: int) -> None:
    from booking.models import Person
    from booking.models.kinds import PersonStatus

    deed = cancel(app, coming)
    pages.write(app, db.update(Person).where(Person.id == season.ann).values(status=PersonStatus.DIED))
    undo(app, deed)
    hers = select(Booking.state).where(Booking.session_id == coming, Booking.person_id == season.ann)
    assert pages.rows(app, hers) == [BookingState.CANCELLED]


def test_a_reminder_set_aside_by_a_move_comes_back_with_the_date(app: Flask, coming: int) -> None:
    reminder = MessageKind.REMINDER
    booking = pages.rows(app, select(Booking.id).where(Booking.session_id == coming))[0]
    row = Message(
        kind=reminder,
        person_id=2,
        channel=Channel.CALL,
        dedupe_key="r",
        booking_id=booking,
        message_id="<r>",
        schedule_version=1,
        created_at=clock.now(),
        due_at=clock.now(),
        state=MessageState.WAITING,
    )
    with app.app_context():
        db.session.add(row)
        db.session.commit()
    deed = move(app, coming, start_time=time(14))
    states = select(Message.state).where(Message.kind == reminder)
    assert pages.rows(app, states) == [MessageState.WITHDRAWN]
    undo(app, deed)
    assert pages.rows(app, states) == [MessageState.WAITING]


def test_a_refused_letter_becomes_a_call(app: Flask, coming: int) -> None:
    deed = cancel(app, coming)
    pages.write(
        app,
        db.update(Message)
        .where(Message.channel == Channel.EMAIL)
        .values(state=MessageState.FAILED, why="550"),
    )
    found = left(app, deed)
    assert [(one.known_as, one.why) for one in found.failed] == [("Ann", "550")]
    with app.app_context():
        calling_off.call_instead(found.failed[0].message_id, 1, clock.now())
    assert sorted(call.known_as for call in left(app, deed).calls) == ["Ann", "Cato"]
