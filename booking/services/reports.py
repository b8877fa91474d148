"""What leaves the office in a file, with a note of who took it."""

from collections.abc import Sequence
from datetime import datetime

from booking.db import transaction
from booking.queries import demand, report_rows
from booking.queries.reports import Review
from booking.services.steps.audit import note


def export_attendance(review: Review, actor_id: int, now: datetime) -> list[tuple[object, ...]]:
    """Note that somebody takes the attendance of a stretch with her, and return its rows."""
    with transaction():
        note(now, actor_id, "exported attendance", "attendance:export", *_asked_for(review))
    return report_rows.for_export(review)


def export_demand(review: Review, actor_id: int, now: datetime) -> Sequence[tuple[object, ...]]:
    """Note that somebody takes with her who waited in a stretch, and return its rows."""
    with transaction():
        note(now, actor_id, "exported waiting", "demand:export", *_asked_for(review))
    return demand.for_export(review)


def _asked_for(review: Review) -> list[str]:
    """Say which stretch it was: which sessions, never whose."""
    said = [f"since {review.first}", f"until {review.last}"]
    if review.programme_id is not None:
        said.append(f"programme {review.programme_id}")
    if review.series_id is not None:
        said.append(f"series {review.series_id}")
    return said
