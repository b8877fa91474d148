"""Which series end soon, so that somebody plans what comes next while there is time."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from booking.db import db
from booking.models import Series, Task
from booking.models.kinds import SessionState, TaskKind
from booking.rules.recurrence import last_date, parse_rule
from booking.rules.wall_time import to_local

ANNOUNCED_BEFORE = timedelta(weeks=6)


def endings_to_announce(now: datetime) -> list[tuple[int, date]]:
    """Return the series whose last date is within six weeks and not announced yet, with that date."""
    today = to_local(now).date()
    published = select(Series.id, Series.rule, Series.starts_on).where(
        Series.state == SessionState.PUBLISHED, Series.rule.is_not(None)
    )
    asked = select(Task.series_id, Task.due_on).where(Task.kind == TaskKind.SERIES_ENDS)
    announced = {(series_id, due_on) for series_id, due_on in db.session.execute(asked)}
    found = []
    for series_id, rule, starts_on in db.session.execute(published.order_by(Series.id)):
        last_on = last_date(parse_rule(rule or ""), starts_on)
        if last_on is None or not today <= last_on <= today + ANNOUNCED_BEFORE:
            continue
        if (series_id, last_on) not in announced:
            found.append((series_id, last_on))
    return found
