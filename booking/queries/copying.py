"""The series of a season, with where each would begin in the next."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.models import Series
from booking.models.kinds import SessionState
from booking.rules.next_season import Again, Stretch, again
from booking.rules.recurrence import parse_rule


@dataclass(frozen=True, slots=True)
class Copyable:
    """A series with dates in the season, and how it would go on."""

    series: Series
    again: Again


def series_of(stretch: Stretch) -> list[Copyable]:
    """Return the series with dates in a season, by title, each with its first date in the next."""
    asked = (
        select(Series)
        .where(Series.state != SessionState.CANCELLED)
        .options(joinedload(Series.programme), joinedload(Series.venue))
        .order_by(Series.title, Series.id)
    )
    proposed = (
        (series, again(parse_rule(series.rule or ""), series.starts_on, stretch))
        for series in db.session.scalars(asked)
    )
    return [Copyable(series, how) for series, how in proposed if how is not None]
