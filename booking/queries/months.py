"""One month of the season, as anybody may see it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from booking import policy
from booking.db import db
from booking.models import ScheduledSession
from booking.queries import listings, schedule, session_cards
from booking.queries.date_cards import Card
from booking.queries.schedule import ProgrammeName
from booking.queries.session_cards import Criteria, Viewer
from booking.rules.wall_time import to_local

_MOST_IN_A_MONTH = 1_000


@dataclass(frozen=True, slots=True)
class Month:
    """What is still to come of one month. Units: `ends` is the first day after it.

    `earlier` and `later` are the first days of the months beside it, where there can be something.
    """

    begins: date
    ends: date
    today: date
    cards: tuple[Card, ...]
    programmes: tuple[ProgrammeName, ...]
    earlier: date | None
    later: date | None


def one(criteria: Criteria, viewer: Viewer, asked_for: date | None, now: datetime) -> Month:
    """Return the month that was asked for, or this one where nothing can be in that one."""
    today = to_local(now).date()
    first, last = today.replace(day=1), (_last_day(viewer, now) or today).replace(day=1)
    begins = asked_for if asked_for and first <= asked_for <= last else first
    ends = _after(begins)
    cards = session_cards.coming(criteria, viewer, now, _MOST_IN_A_MONTH, from_date=begins, before=ends)
    return Month(
        begins=begins,
        ends=ends,
        today=today,
        cards=tuple(cards),
        programmes=schedule.programmes(viewer),
        earlier=_before(begins) if begins > first else None,
        later=ends if ends <= last else None,
    )


def _last_day(viewer: Viewer, now: datetime) -> date | None:
    """Return the last day on which something of ours or of somebody else's stands."""
    ours = (
        select(ScheduledSession.local_date)
        .join(ScheduledSession.series)
        .where(
            ScheduledSession.ends_at > now,
            policy.session_is_shown(),
            policy.series_seen_by(viewer.is_facilitator),
        )
        .order_by(ScheduledSession.starts_at.desc())
        .limit(1)
    )
    days = (db.session.scalar(ours), listings.last_day(now))
    return max((day for day in days if day), default=None)


def _after(begins: date) -> date:
    return date(begins.year + begins.month // 12, begins.month % 12 + 1, 1)


def _before(begins: date) -> date:
    return date(begins.year - (begins.month == 1), (begins.month - 2) % 12 + 1, 1)
