"""The letter about a cancelled session offers only dates that Ann can book, in words that are true."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from booking import clock
from booking.models import Booking, Person, ScheduledSession
from booking.models.kinds import (
    Attendance,
    Audience,
    BookingState,
    Enrol,
    MessageKind,
    Mode,
    Pool,
    SessionState,
    Who,
)
from tests.letters.desk import Desk

SOON = date(2026, 9, 2)


@pytest.fixture
def off(desk: Desk) -> Desk:
    """Ann's session has been cancelled."""
    desk.place(mode=Mode.HYBRID)
    desk.change(ScheduledSession, desk.session_id, state=SessionState.CANCELLED, cancelled_at=clock.now())
    desk.change(Booking, desk.booking_id, state=BookingState.CANCELLED)
    return desk


def other(desk: Desk, session_facts: dict[str, Any], **facts: Any) -> None:
    """Add one date of another series of the same programme, a week later."""
    series = desk.make.series("Another chat", **facts)
    desk.make.session(series, on=SOON, **session_facts)


def test_a_date_with_free_places_is_offered(off: Desk) -> None:
    other(off, {})
    assert "Another chat: Wednesday 2 September 2026" in off.letter(MessageKind.SESSION_CANCELLED).text


@pytest.mark.parametrize(
    ("session_facts", "facts"),
    [
        ({"state": SessionState.DRAFT}, {}),
        ({}, {"enrol": Enrol.COURSE}),
        ({}, {"audience": Audience.FACILITATORS}),
    ],
)
def test_a_date_she_cannot_book_is_not_offered(
    off: Desk, session_facts: dict[str, Any], facts: dict[str, Any]
) -> None:
    other(off, session_facts, **facts)
    assert "Other dates" not in off.letter(MessageKind.SESSION_CANCELLED).text


def test_a_date_for_patients_is_not_offered_to_somebody_who_comes_with_one(off: Desk) -> None:
    off.change(Person, off.person_id, who=Who.WITH_SOMEONE)
    other(off, {}, audience=Audience.PATIENTS)
    assert "Other dates" not in off.letter(MessageKind.SESSION_CANCELLED).text


def test_a_full_date_is_not_offered_and_the_next_one_is(off: Desk) -> None:
    series = off.make.series("Another chat", places_room=1)
    full, _free = (off.make.session(series, on=on) for on in (SOON, date(2026, 9, 9)))
    off.make.booking(full, off.make.person("Ben"))
    text = off.letter(MessageKind.SESSION_CANCELLED).text
    assert "2 September" not in text
    assert "9 September" in text


def test_a_date_that_has_begun_is_not_offered(off: Desk, clock_at: Callable[[str], datetime]) -> None:
    series = off.make.series("Another chat")
    off.make.session(series, on=date(2026, 8, 25))
    clock_at("2026-08-25T13:30+01:00")
    assert "Other dates" not in off.letter(MessageKind.SESSION_CANCELLED).text


def test_a_date_whose_room_is_full_is_offered_online(off: Desk) -> None:
    series = off.make.series("Another chat", mode=Mode.HYBRID, places_room=1)
    full = off.make.session(series, on=SOON)
    off.make.booking(full, off.make.person("Ben"), pool=Pool.ROOM)
    assert "1:30pm to 5pm, online\n" in off.letter(MessageKind.SESSION_CANCELLED).text


@pytest.mark.parametrize("has_come", [True, False])
def test_a_place_kept_for_newcomers_is_offered_to_newcomers_alone(off: Desk, has_come: bool) -> None:
    other(off, {"places_room": 1}, newcomer_places=1)
    if has_come:
        past = off.make.session(on=date(2026, 6, 3))
        off.make.booking(past, off.person_id, attendance=Attendance.CAME)
    text = off.letter(MessageKind.SESSION_CANCELLED).text
    assert ("Another chat" in text) is not has_come
