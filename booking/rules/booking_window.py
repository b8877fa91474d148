"""When places may be taken: from which morning on, until when, and how long newcomers come first."""

from datetime import date, datetime, time, timedelta

from booking.rules.wall_time import to_instant

OPENS_AT = time(8)
# Until then some places are for people who come for the first time; afterwards they are everybody's.
NEWCOMERS_UNTIL = timedelta(hours=48)


def opens_at(local_date: date, days_before: int | None) -> datetime | None:
    """Return when booking opens: at 8am in London so many days before; None means as soon as published."""
    if days_before is None:
        return None
    try:
        return to_instant(local_date - timedelta(days=days_before), OPENS_AT)
    except OverflowError:
        return None


def closes_at(starts_at: datetime, minutes_before: int) -> datetime:
    """Return when booking closes, at the start or some minutes before."""
    return starts_at - timedelta(minutes=max(0, minutes_before))


def newcomers_until(
    starts_at: datetime, course_starts_on: date | None = None, start_time: time | None = None
) -> datetime:
    """Return from when on the places kept for newcomers are for everybody: of a course, before it starts."""
    if course_starts_on is not None and start_time is not None:
        starts_at = to_instant(course_starts_on, start_time)
    return starts_at - NEWCOMERS_UNTIL


def kept_for_newcomers(places: int, taken_by_newcomers: int, until: datetime, now: datetime) -> int:
    """Return how many places are still kept for people who come for the first time."""
    return max(0, places - taken_by_newcomers) if now < until else 0
