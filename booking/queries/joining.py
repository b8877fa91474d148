"""The way into an online meeting: whether a booking leads there, when it is open, and where it meets."""

from dataclasses import dataclass
from datetime import datetime

from booking.models import Booking, ScheduledSession
from booking.models.kinds import BookingState, Pool, SessionState
from booking.queries import bookings


@dataclass(frozen=True)
class Meeting:
    """Where a date meets online: an address, and how to join by telephone; empty where there is none."""

    url: str
    dial_in: str


def meeting_of(scheduled: ScheduledSession) -> Meeting:
    """Return where a date meets today: its own address, or the one of its series.

    Only what a browser opens safely is an address. The session comes with its series.
    """
    url = scheduled.meeting_url or scheduled.series.meeting_url
    return Meeting(url if url.startswith(("https://", "http://")) else "", scheduled.series.dial_in.strip())


def leads_in(booking: Booking, scheduled: ScheduledSession) -> bool:
    """Say whether a booking leads into its meeting at all: dead the moment it ends."""
    stands = booking.state is BookingState.BOOKED and scheduled.state is SessionState.PUBLISHED
    return stands and booking.pool is Pool.ONLINE


def is_open(scheduled: ScheduledSession, now: datetime) -> bool:
    """Say whether the door is open: from 15 minutes before the start until the end."""
    return bookings.join_is_open(scheduled, now)
