"""Private calendar addresses: whose they are, whether they still answer, and the dates behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.models import Booking, CalendarFeed, Message, Person, PersonRole, ScheduledSession, Series
from booking.models.kinds import ENDED, BookingState, FeedKind, MessageKind, Role, SessionState
from booking.queries import planner
from booking.queries.planner import PlannedDate, Wanted
from booking.refusals import NotFound
from booking.rules.tokens import make_token, row_id_of, token_fits
from booking.rules.wall_time import to_local
from booking.settings import settings

# The places that stand in a calendar. One she waits for does not, nor one that is offered: a date she sees
# there is one she goes to, and calendars look for news every few hours only.
STANDS = (BookingState.BOOKED, BookingState.PROVISIONAL)
_PURPOSES = {FeedKind.OFFICE: "office feed", FeedKind.PERSON: "my calendar"}
_BEFORE, _AHEAD = timedelta(days=31), timedelta(days=184)
# As far back as My sessions looks.
_LATELY = timedelta(days=60)
# More than any season has; a calendar that never ends helps nobody.
_MOST = 5_000


@dataclass(frozen=True)
class HerPlaces:
    """What her own calendar holds, and whether she chose to have the titles in full."""

    plain_titles: bool
    bookings: tuple[Booking, ...]


def token_of(person_id: int, kind: FeedKind = FeedKind.OFFICE) -> str | None:
    """Return the token of her calendar address of this kind, None while she has none that answers."""
    live = select(CalendarFeed).where(
        CalendarFeed.person_id == person_id,
        CalendarFeed.kind == kind,
        CalendarFeed.revoked_at.is_(None),
    )
    feed = db.session.scalar(live.order_by(CalendarFeed.id.desc()).limit(1))
    return None if feed is None else make_token(settings().secret_key, _PURPOSES[kind], feed.id, feed.nonce)


def office_dates(token: str, now: datetime) -> list[PlannedDate]:
    """Return the dates of the last month and the next six, drafts and cancelled ones too.

    Refuses: a token that is none, was switched off, or is of somebody who is not in the office any more,
    all alike.
    """
    admins = select(PersonRole.person_id).where(PersonRole.role == Role.ADMIN)
    if policy.is_paused(_holder(token, FeedKind.OFFICE, Person.id.in_(admins)), now):
        raise NotFound
    today = to_local(now).date()
    return planner.everything(Wanted(first=today - _BEFORE, last=today + _AHEAD), _MOST)


def her_places(token: str, now: datetime) -> HerPlaces:
    """Return her places of the last 60 days and all to come; of each date one, and those that are off too.

    Whoever paused asked not to be written to; her own calendar is what she looks at herself.
    Refuses: a token that is none, was switched off, or is of a record that does not open any more, all alike.
    """
    person = _holder(token, FeedKind.PERSON)
    rows = db.session.scalars(
        select(Booking)
        .join(Booking.session)
        .options(
            joinedload(Booking.session).joinedload(ScheduledSession.series).joinedload(Series.programme),
            joinedload(Booking.session).joinedload(ScheduledSession.venue),
        )
        .where(
            policy.is_hers(person.id),
            ScheduledSession.state != SessionState.DRAFT,
            or_(_stands(now), _was_there(now)),
        )
        .order_by(ScheduledSession.starts_at, Booking.id)
        .limit(_MOST)
    ).all()
    return HerPlaces(person.plain_titles, _one_for_each_date(rows))


def _stands(now: datetime) -> ColumnElement[bool]:
    return and_(Booking.state.in_(STANDS), ScheduledSession.ends_at > now - _LATELY)


def _was_there(now: datetime) -> ColumnElement[bool]:
    """Find what her calendar has to be told of as off: a place that was only waited for never stood in it.

    Nor did one that ran out before it was hers; one kept until a call did, and every week of a course.
    """
    letters = (MessageKind.BOOKED, MessageKind.PROVISIONAL)
    told = exists().where(Message.booking_id == Booking.id, Message.kind.in_(letters))
    at_once = and_(
        Booking.state != BookingState.EXPIRED,
        Booking.waits_since.is_(None),
        Booking.instead_of_id.is_(None),
    )
    stood = or_(at_once, told, Booking.enrolment_id.is_not(None))
    return and_(Booking.state.in_(ENDED), ScheduledSession.ends_at > now, stood)


def _one_for_each_date(rows: Sequence[Booking]) -> tuple[Booking, ...]:
    """Keep what stands, or else the last that did: a date given up and booked again is not shown twice."""
    kept: dict[int, Booking] = {}
    for row in rows:
        if row.session_id not in kept or kept[row.session_id].state not in STANDS:
            kept[row.session_id] = row
    return tuple(kept.values())


def _holder(token: str, kind: FeedKind, *conditions: ColumnElement[bool]) -> Person:
    row_id = row_id_of(token)
    row = None
    if row_id is not None:
        row = db.session.execute(
            select(CalendarFeed, Person)
            .join(Person, Person.id == CalendarFeed.person_id)
            .where(
                CalendarFeed.id == row_id,
                CalendarFeed.kind == kind,
                CalendarFeed.revoked_at.is_(None),
                Person.status.in_(policy.PROVEN),
                *conditions,
            )
        ).first()
    if row is None:
        raise NotFound
    feed: CalendarFeed = row.CalendarFeed
    if not token_fits(settings().secret_keys, _PURPOSES[kind], feed.id, feed.nonce, token):
        raise NotFound
    holder: Person = row.Person
    return holder
