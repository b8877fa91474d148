"""Ending a live booking: the one step by which a place comes free, whoever frees it and why."""

from collections.abc import Iterable
from datetime import datetime

from booking.db import db
from booking.models import AttendanceMark, Booking
from booking.models.kinds import TAKING, Attendance, BookingState, MessageKind
from booking.services.steps import waiting
from booking.services.steps.letters import withdraw_for_booking

OVERTAKEN = (
    MessageKind.BOOKED,
    MessageKind.REMINDER,
    MessageKind.SESSION_CHANGED,
    MessageKind.COURSE_STARTS,
    MessageKind.WAITING,
    MessageKind.OFFERED,
    MessageKind.PROVISIONAL,
)

_WERE_HERS = (BookingState.BOOKED, BookingState.PROVISIONAL)


def free_place(
    booking: Booking, became: BookingState, why: str, now: datetime, *, passes_on: bool = True
) -> None:
    """End a live booking and set aside what still waits about it.

    The caller holds the locks of its person and its session. `why` is a word of our own for the letters
    set aside. A mark of the register made before is taken back: giving up is not "didn't come". Whoever waits
    is offered the place in this same transaction; `passes_on` False leaves that to a caller who takes it
    again at once, or who ends several and offers them together. An offer that ends so leaves the same place
    that others may have let go already: they are asked again when another one comes free.
    """
    was = booking.state
    if was in _WERE_HERS:
        # Her turn on the list is used up: only who leaves while she waits may come back to it.
        booking.queue_at = None
    booking.state, booking.state_at, booking.held_until = became, now, None
    _forget_the_mark(booking, now)
    withdraw_for_booking(booking.id, OVERTAKEN, why)
    if passes_on:
        _pass_on(booking, was, now)


def free_all(bookings: Iterable[Booking], became: BookingState, why: str, now: datetime) -> None:
    """End several live bookings as one deed, as `free_place` does, and offer what they leave together.

    Whoever waits for a course as a whole is not passed over while its weeks come free one after the other.
    """
    ending = list(bookings)
    were = [booking.state for booking in ending]
    # A late chance that ends leaves its place to others, too.
    left = {one.session_id for one in ending if one.state in TAKING or one.held_until is not None}
    for booking in ending:
        free_place(booking, became, why, now, passes_on=False)
    pass_on(zip(ending, were, strict=True), now)
    waiting.offer_at(left, now)


def pass_on(ended: Iterable[tuple[Booking, BookingState]], now: datetime) -> None:
    """Offer what bookings left that ended without passing on; with each its state before."""
    left = set()
    for booking, was in ended:
        if was in TAKING:
            _wake_who_rests(booking, was, now)
            left.add(booking.session_id)
    waiting.offer_at(left, now)


def pass_on_the_rest(ended: Booking, was: BookingState, took: Booking, now: datetime) -> None:
    """Offer what a booking left that ended without passing on, and that she did not take again by `took`.

    `was` is the state before it ended: another pool, a smaller party, or no place after all leaves a place.
    """
    is_same = took.state in TAKING and took.pool is ended.pool
    if not is_same or took.party_size < ended.party_size:
        _pass_on(ended, was, now)


def _pass_on(booking: Booking, was: BookingState, now: datetime) -> None:
    pass_on([(booking, was)], now)


def _wake_who_rests(booking: Booking, was: BookingState, now: datetime) -> None:
    if not (was is BookingState.OFFERED and booking.is_from_queue):
        waiting.a_place_came_free(booking.session_id, booking.pool, now)


def _forget_the_mark(booking: Booking, now: datetime) -> None:
    if booking.attendance is Attendance.NOT_RECORDED:
        return
    db.session.add(
        AttendanceMark(
            booking_id=booking.id,
            was=booking.attendance,
            attendance=Attendance.NOT_RECORDED,
            marked_by=booking.person_id,
            marked_at=now,
        )
    )
    booking.attendance = Attendance.NOT_RECORDED
