"""The coming dates of a series, for somebody who would like to book several at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.models import Booking, ScheduledSession, Series
from booking.models.kinds import LIVE, BookingState, Pool, SessionState
from booking.queries import session_cards
from booking.queries.date_cards import Card
from booking.queries.session_cards import Viewer
from booking.refusals import NotFound

_MOST_DATES = 12


@dataclass(frozen=True)
class OneDate:
    """A date, her latest booking of it (0 for none), and what of hers is at the same time."""

    card: Card
    seen_booking_id: int
    at_that_time: tuple[str, ...]
    is_open: bool

    @property
    def can_be_booked(self) -> bool:
        """Say whether she can tick it: it is open, has a place for her, and she has none there yet."""
        return self.is_open and self.card.mine is None and not self.card.is_full

    @property
    def may_wait(self) -> bool:
        """Say whether she can wait for a place: it is full, and its series keeps a list."""
        return self.is_open and self.card.mine is None and self.card.is_full and self.card.waiting_list

    @property
    def value(self) -> str:
        """Return what the form sends: the date, and the booking the page knew of."""
        return f"{self.card.id}.{self.seen_booking_id}"


@dataclass(frozen=True)
class SeveralDates:
    """A series and its coming dates, in order."""

    series: Series
    dates: tuple[OneDate, ...]

    @property
    def bookable(self) -> tuple[OneDate, ...]:
        """Return the dates she can tick."""
        return tuple(one for one in self.dates if one.can_be_booked)

    @property
    def pools(self) -> tuple[Pool, ...]:
        """Return the ways of joining that one of these dates has, room first."""
        return tuple(pool for pool in Pool if any(pool in one.card.pools for one in self.bookable))


def several_dates(series_id: int, viewer: Viewer, now: datetime) -> SeveralDates:
    """Return the next dates of a series that is booked date by date.

    Refuses: what is not published, not for her to see, or booked as a course only.
    """
    series = db.session.scalar(
        select(Series)
        .where(Series.id == series_id, policy.series_seen_by(viewer.is_facilitator))
        .options(joinedload(Series.programme), joinedload(Series.venue))
    )
    if series is None or not series.single_dates or viewer.person_id is None:
        raise NotFound
    ids = session_cards.ids_of_series(series_id, viewer, now, _MOST_DATES)
    cards = session_cards.load(ids, viewer, now)
    latest, others = _latest(ids, viewer.person_id), _hers(cards, viewer.person_id)
    dates = (
        OneDate(card, latest.get(card.id, 0), _at_that_time(card, others), _is_open(card, now))
        for card in cards
        if card.starts_at > now
    )
    return SeveralDates(series, tuple(dates))


def _is_open(card: Card, now: datetime) -> bool:
    has_opened = card.opens_at is None or card.opens_at <= now
    return card.state is SessionState.PUBLISHED and has_opened and now < card.closes_at


def _latest(session_ids: Sequence[int], person_id: int) -> dict[int, int]:
    """Return by date the booking that `latest_booking` would find where none of hers is live."""
    rows = db.session.execute(
        select(Booking.session_id, func.max(Booking.id))
        .where(Booking.session_id.in_(session_ids), policy.is_hers(person_id))
        .group_by(Booking.session_id)
        .order_by(Booking.session_id)
    )
    return dict(rows.all())


def _hers(cards: Sequence[Card], person_id: int) -> Sequence[ScheduledSession]:
    """Return what else she has between the first of these dates and the last."""
    if not cards:
        return ()
    return db.session.scalars(
        select(ScheduledSession)
        .join(Booking, Booking.session_id == ScheduledSession.id)
        .where(
            policy.is_hers(person_id),
            Booking.state.in_(LIVE),
            Booking.state != BookingState.WAITING,
            ScheduledSession.state == SessionState.PUBLISHED,
            ScheduledSession.id.not_in([card.id for card in cards]),
            ScheduledSession.starts_at < max(card.ends_at for card in cards),
            ScheduledSession.ends_at > min(card.starts_at for card in cards),
        )
        .options(joinedload(ScheduledSession.series))
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
    ).all()


def _at_that_time(card: Card, others: Sequence[ScheduledSession]) -> tuple[str, ...]:
    overlapping = (one for one in others if one.starts_at < card.ends_at and one.ends_at > card.starts_at)
    return tuple(one.title for one in overlapping)
