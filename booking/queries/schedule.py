"""What anybody may know of the season: the list by day, one date, one series, and the public feeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Executable, select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.models import Person, Programme, ScheduledSession, Series, SeriesChange
from booking.models.kinds import Audience, SessionState
from booking.queries import session_cards
from booking.queries.date_cards import Card
from booking.queries.session_cards import Criteria, Viewer
from booking.refusals import NotFound
from booking.rules.wall_time import to_local

__all__ = [
    "Card",
    "Criteria",
    "Day",
    "Details",
    "Page",
    "ProgrammeName",
    "SeriesPage",
    "Viewer",
    "feed",
    "find",
    "one",
    "programmes",
    "series",
]

# A page ends with a whole day once it holds this many, and never holds more than the larger number.
ENOUGH_ON_A_PAGE, MOST_ON_A_PAGE = 16, 40
_OTHER_DATES = 4
_DATES_OF_SERIES = 12
_MOST_IN_A_FEED = 5_000


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the list, never empty."""

    on: date
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class ProgrammeName:
    """A programme that somebody may choose."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some days of the list.

    `later` and `later_skip` say where the next page begins, `earlier` before which day the last one ends.
    """

    days: tuple[Day, ...]
    programmes: tuple[ProgrammeName, ...]
    today: date
    earlier: date | None = None
    later: date | None = None
    later_skip: int = 0


@dataclass(frozen=True, slots=True)
class Details:
    """One date with all that its page says. `is_meant_for_her` is None for somebody who is not signed in."""

    card: Card
    session: ScheduledSession
    others: tuple[Card, ...]
    is_meant_for_her: bool | None


@dataclass(frozen=True, slots=True)
class SeriesPage:
    """One series with its next dates and those that are left out, with the public reason."""

    series: Series
    cards: tuple[Card, ...]
    left_out: tuple[SeriesChange, ...]
    today: date
    # Dates that are on another day than their rule says: that day, the new one, and the public reason.
    moved: tuple[tuple[date, date, str], ...] = ()


def find(criteria: Criteria, viewer: Viewer, now: datetime) -> Page:
    """Return the days of the list that somebody asked for: what is still to come, what she may see."""
    today = to_local(now).date()
    page = _page_before(criteria, viewer, now) if criteria.before else None
    return page or _page_from(criteria, viewer, now, max(criteria.from_date or today, today))


def one(session_id: int, viewer: Viewer, now: datetime) -> Details:
    """Return one date, past ones too. Refuses: what is not published, or not for her to see."""
    scheduled = db.session.scalar(
        select(ScheduledSession)
        .join(ScheduledSession.series)
        .where(
            ScheduledSession.id == session_id,
            policy.session_is_shown(),
            policy.series_seen_by(viewer.is_facilitator),
        )
        .options(
            joinedload(ScheduledSession.series).joinedload(Series.programme),
            joinedload(ScheduledSession.venue),
        )
    )
    if scheduled is None:
        raise NotFound
    this = session_cards.load([session_id], viewer, now)
    return Details(this[0], scheduled, _others(scheduled, viewer, now), _meant_for(scheduled.series, viewer))


def series(key: str, viewer: Viewer, now: datetime) -> SeriesPage:
    """Return one series with its next dates. Refuses: what is not published, or not for her to see."""
    found = db.session.scalar(
        select(Series)
        .where(Series.key == key, policy.series_seen_by(viewer.is_facilitator))
        .options(joinedload(Series.programme), joinedload(Series.venue))
    )
    if found is None:
        raise NotFound
    ids = session_cards.ids_of_series(found.id, viewer, now, _DATES_OF_SERIES)
    today = to_local(now).date()
    cards = tuple(session_cards.load(ids, viewer, now))
    return SeriesPage(found, cards, _left_out(found.id, today), today, _moved(found.id, now))


def feed(criteria: Criteria, now: datetime) -> list[Card]:
    """Return everything still to come that a stranger may know, for calendars and other machines."""
    return session_cards.coming(criteria, Viewer(), now, _MOST_IN_A_FEED)


def programmes(viewer: Viewer) -> tuple[ProgrammeName, ...]:
    """Return the programmes that have something for somebody to see, in their order."""
    rows = db.session.execute(_PROGRAMMES[viewer.is_facilitator])
    return tuple(ProgrammeName(key, name) for key, name in rows)


def _page_from(criteria: Criteria, viewer: Viewer, now: datetime, begins: date) -> Page:
    today = to_local(now).date()
    cards = session_cards.coming(
        criteria, viewer, now, MOST_ON_A_PAGE + 1, from_date=begins, skip=criteria.skip
    )
    shown = _whole_days(cards)
    rest = cards[len(shown) :]
    same_day = bool(rest) and rest[0].local_date == shown[-1].local_date
    skipped = criteria.skip if shown and shown[0].local_date == shown[-1].local_date else 0
    return Page(
        days=_by_day(shown),
        programmes=programmes(viewer),
        today=today,
        earlier=(shown[0].local_date if shown else begins) if begins > today or criteria.skip else None,
        later=rest[0].local_date if rest else None,
        later_skip=skipped + len(shown) if same_day else 0,
    )


def _page_before(criteria: Criteria, viewer: Viewer, now: datetime) -> Page | None:
    """Return the days that end just before a date; None where only the list from its start makes sense."""
    cards = session_cards.coming(
        criteria, viewer, now, MOST_ON_A_PAGE + 1, before=criteria.before, backwards=True
    )
    shown = _whole_days(cards)
    if not shown or (len(shown) < len(cards) and cards[len(shown)].local_date == shown[-1].local_date):
        return None
    return Page(
        days=_by_day(list(reversed(shown))),
        programmes=programmes(viewer),
        today=to_local(now).date(),
        earlier=shown[-1].local_date if len(shown) < len(cards) else None,
        later=criteria.before,
    )


def _whole_days(cards: Sequence[Card]) -> list[Card]:
    """Keep whole days until there are enough; only a day that is too large for any page is cut."""
    if len(cards) <= ENOUGH_ON_A_PAGE:
        return list(cards)
    kept: list[Card] = []
    for day in _by_day(cards):
        # The last day that was read may have more than was read of it.
        is_whole = day.on != cards[-1].local_date or len(cards) <= MOST_ON_A_PAGE
        if kept and (not is_whole or len(kept) >= ENOUGH_ON_A_PAGE):
            break
        kept += day.cards[:MOST_ON_A_PAGE]
    return kept


def _by_day(cards: Sequence[Card]) -> tuple[Day, ...]:
    days: dict[date, list[Card]] = {}
    for card in cards:
        days.setdefault(card.local_date, []).append(card)
    return tuple(Day(on, tuple(held)) for on, held in days.items())


def _programmes_seen_by(is_facilitator: bool) -> Executable:
    shown = select(Series.programme_id).where(policy.series_seen_by(is_facilitator))
    return select(Programme.key, Programme.name).where(Programme.id.in_(shown)).order_by(Programme.id)


_PROGRAMMES = {is_facilitator: _programmes_seen_by(is_facilitator) for is_facilitator in (True, False)}


def _others(scheduled: ScheduledSession, viewer: Viewer, now: datetime) -> tuple[Card, ...]:
    ids = session_cards.ids_of_series(scheduled.series_id, viewer, now, _OTHER_DATES + 1)
    others = [each for each in ids if each != scheduled.id][:_OTHER_DATES]
    return tuple(session_cards.load(others, viewer, now))


def _meant_for(found: Series, viewer: Viewer) -> bool | None:
    if viewer.person_id is None:
        return None
    if found.audience is not Audience.PATIENTS:
        return True
    who = db.session.scalar(select(Person.who).where(Person.id == viewer.person_id))
    return who is not None and policy.is_meant_for(found, who, viewer.is_facilitator)


def _moved(series_id: int, now: datetime) -> tuple[tuple[date, date, str], ...]:
    moved = (
        select(ScheduledSession.rule_date, ScheduledSession.local_date, ScheduledSession.public_reason)
        .where(
            ScheduledSession.series_id == series_id,
            ScheduledSession.state == SessionState.PUBLISHED,
            ScheduledSession.starts_at > now,
            ScheduledSession.local_date != ScheduledSession.rule_date,
        )
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
        .limit(_OTHER_DATES)
    )
    return tuple((was, on, reason) for was, on, reason in db.session.execute(moved))


def _left_out(series_id: int, today: date) -> tuple[SeriesChange, ...]:
    skipped = (
        select(SeriesChange)
        .where(
            SeriesChange.series_id == series_id,
            SeriesChange.action == "skip",
            SeriesChange.rule_date >= today,
        )
        .order_by(SeriesChange.rule_date)
        .limit(_OTHER_DATES)
    )
    return tuple(db.session.scalars(skipped))
