"""A whole series: making one, changing it, publishing it, ending it; nobody loses a booking by it."""

from datetime import date, datetime

from booking.queries.effects import Effect
from booking.rules.edits import SeriesEdit


def change_series(
    series_id: int,
    edit: SeriesEdit,
    from_date: date | None,
    actor_id: int | None,
    now: datetime,
    seen: str,
) -> Effect:
    """Change a series and its coming dates in one go; everybody booked is told once for each booking.

    `from_date` None means all coming dates; else it is the rule date of the first one meant.
    """
    raise NotImplementedError


def publish_series(series_id: int, actor_id: int | None, now: datetime) -> None:
    """Put a draft and its dates into the public list."""
    raise NotImplementedError


def discard_draft(series_id: int, actor_id: int | None, now: datetime) -> None:
    """Remove a draft that nobody has booked, with its dates."""
    raise NotImplementedError


def end_series(series_id: int, last_on: date, actor_id: int | None, now: datetime) -> Effect:
    """Let a series end with its date on `last_on` or the last one before it."""
    raise NotImplementedError
