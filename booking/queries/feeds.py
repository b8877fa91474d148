"""Private calendar addresses: whose they are, whether they still answer, and the dates behind them."""

from datetime import datetime, timedelta

from sqlalchemy import select

from booking import policy
from booking.db import db
from booking.models import CalendarFeed, Person, PersonRole
from booking.models.kinds import FeedKind, Role
from booking.queries import planner
from booking.queries.planner import PlannedDate, Wanted
from booking.refusals import NotFound
from booking.rules.tokens import make_token, row_id_of, token_fits
from booking.rules.wall_time import to_local
from booking.settings import settings

_PURPOSE = "office feed"
_BEFORE, _AHEAD = timedelta(days=31), timedelta(days=184)
# More than any season has; a calendar that never ends helps nobody.
_MOST = 5_000


def token_of(person_id: int) -> str | None:
    """Return the token of her calendar address, None while she has none that answers."""
    live = select(CalendarFeed).where(
        CalendarFeed.person_id == person_id,
        CalendarFeed.kind == FeedKind.OFFICE,
        CalendarFeed.revoked_at.is_(None),
    )
    feed = db.session.scalar(live.order_by(CalendarFeed.id.desc()).limit(1))
    return None if feed is None else make_token(settings().secret_key, _PURPOSE, feed.id, feed.nonce)


def office_dates(token: str, now: datetime) -> list[PlannedDate]:
    """Return the dates of the last month and the next six, drafts and cancelled ones too.

    Refuses: a token that is none, was switched off, or is of somebody who is not in the office any more,
    all alike.
    """
    if not _opens(token, now):
        raise NotFound
    today = to_local(now).date()
    return planner.everything(Wanted(first=today - _BEFORE, last=today + _AHEAD), _MOST)


def _opens(token: str, now: datetime) -> bool:
    row_id = row_id_of(token)
    if row_id is None:
        return False
    admins = select(PersonRole.person_id).where(PersonRole.role == Role.ADMIN)
    row = db.session.execute(
        select(CalendarFeed, Person)
        .join(Person, Person.id == CalendarFeed.person_id)
        .where(
            CalendarFeed.id == row_id,
            CalendarFeed.kind == FeedKind.OFFICE,
            CalendarFeed.revoked_at.is_(None),
            Person.status.in_(policy.PROVEN),
            Person.id.in_(admins),
        )
    ).first()
    if row is None or policy.is_paused(row.Person, now):
        return False
    feed: CalendarFeed = row.CalendarFeed
    return token_fits(settings().secret_keys, _PURPOSE, feed.id, feed.nonce, token)
