"""The nearest other dates, for somebody whose session does not take place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.messages.letters import links
from booking.messages.letters.dates import day_words, time_words
from booking.messages.letters.facts import discreet_place, name_of, when_it_is
from booking.models import Booking, Person, PersonRole, ScheduledSession, Series
from booking.models.kinds import LIVE, BookingState, Pool, Role, SessionState
from booking.queries import session_cards
from booking.queries.instead import Stead
from booking.rules.wall_time import to_local

_AT_MOST = 3
_AROUND = timedelta(days=45)
_LOOKED_AT = 300
# Free places are counted for so many dates at once: most often the first few are enough.
_COUNTED_AT_ONCE = 12

Pools = tuple[Pool, ...]


@dataclass(frozen=True)
class OtherDate:
    """One line of the list: what, when and how, and where to read more."""

    words: str
    url: str


@dataclass(frozen=True)
class KeptPlace:
    """The place that is kept for her: what, when, where, until when, and where she answers."""

    words: str
    where: str
    until: str
    url: str


def kept_place(cancelled: Booking, now: datetime) -> KeptPlace | None:
    """Return the place that is kept in the stead of a cancelled one, while it still waits for her answer."""
    offered = db.session.scalar(
        select(Booking)
        .join(Booking.session)
        .where(
            Booking.instead_of_id == cancelled.id,
            Booking.state == BookingState.OFFERED,
            Booking.held_until > now,
            ScheduledSession.state == SessionState.PUBLISHED,
        )
        .options(
            joinedload(Booking.session).joinedload(ScheduledSession.series).joinedload(Series.programme),
            joinedload(Booking.session).joinedload(ScheduledSession.venue),
        )
        .order_by(Booking.id.desc())
        .limit(1)
    )
    if offered is None or offered.held_until is None:
        return None
    scheduled, local = offered.session, to_local(offered.held_until)
    return KeptPlace(
        f"{name_of(scheduled)}: {when_it_is(scheduled)}",
        discreet_place(scheduled.venue, offered.pool),
        _("%(time)s on %(day)s", time=time_words(local.time()), day=day_words(local.date())),
        links.offer_url(offered),
    )


def other_dates(cancelled: ScheduledSession, pool: Pool, person: Person, now: datetime) -> list[OtherDate]:
    """Return up to three dates she can book: of the same series, else near its room or from home, else any.

    `pool` says how she would have been there.
    """
    facilitator = db.session.scalar(
        select(PersonRole.id).where(PersonRole.person_id == person.id, PersonRole.role == Role.FACILITATOR)
    )
    is_facilitator = facilitator is not None
    already_hers = exists().where(
        Booking.session_id == ScheduledSession.id, policy.is_hers(person.id), Booking.state.in_(LIVE)
    )
    found = db.session.scalars(
        select(ScheduledSession)
        .join(ScheduledSession.series)
        .where(
            Series.programme_id == cancelled.series.programme_id,
            ScheduledSession.state == SessionState.PUBLISHED,
            ScheduledSession.starts_at > max(now, cancelled.starts_at - _AROUND),
            ScheduledSession.starts_at < cancelled.starts_at + _AROUND,
            ScheduledSession.id != cancelled.id,
            policy.series_seen_by(is_facilitator),
            ~already_hers,
        )
        .options(
            joinedload(ScheduledSession.series).joinedload(Series.programme),
            joinedload(ScheduledSession.venue),
        )
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
        .limit(_LOOKED_AT)
    ).all()
    hers = [
        one
        for one in found
        if policy.booking_is_open(one, now)
        and one.series.single_dates
        and policy.is_meant_for(one.series, person.who, is_facilitator)
    ]
    stead = Stead(cancelled)
    # What she can't get to comes last, but it is named: she may know somebody there.
    hers.sort(key=lambda one: (not stead.pools(one, pool), stead.order(one)))
    viewer = session_cards.Viewer(person.id, is_facilitator)
    nearest = _first_with_places(hers, viewer, now)
    return [_line(one, pools) for one, pools in sorted(nearest, key=lambda pair: pair[0].starts_at)]


def _first_with_places(
    dates: Sequence[ScheduledSession], viewer: session_cards.Viewer, now: datetime
) -> list[tuple[ScheduledSession, Pools]]:
    """Return the first few dates that have a place free for her, each with the pools that have one."""
    kept: list[tuple[ScheduledSession, Pools]] = []
    for begin in range(0, len(dates), _COUNTED_AT_ONCE):
        some = dates[begin : begin + _COUNTED_AT_ONCE]
        cards = session_cards.load([one.id for one in some], viewer, now)
        free = {card.id: tuple(pool for pool in card.pools if card.free(pool) != 0) for card in cards}
        kept += [(one, free[one.id]) for one in some if free[one.id]]
        if len(kept) >= _AT_MOST:
            break
    return kept[:_AT_MOST]


def _line(scheduled: ScheduledSession, pools: Pools) -> OtherDate:
    words = {Pool.ROOM: _("in person"), Pool.ONLINE: _("online")}
    how = words[pools[0]] if len(pools) == 1 else _("in person or online")
    return OtherDate(f"{name_of(scheduled)}: {when_it_is(scheduled)}, {how}", links.session_url(scheduled.id))
