"""The nearest other dates, for somebody whose session does not take place."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.messages.letters import links
from booking.messages.letters.facts import name_of, when_it_is
from booking.models import Booking, Person, PersonRole, ScheduledSession, Series
from booking.models.kinds import LIVE, Mode, Role, SessionState

_AT_MOST = 3
_AROUND = timedelta(days=45)
_LOOKED_AT = 300


@dataclass(frozen=True)
class OtherDate:
    """One line of the list: what, when and how, and where to read more."""

    words: str
    url: str


def other_dates(cancelled: ScheduledSession, person: Person, now: datetime) -> list[OtherDate]:
    """Return up to three dates to come: the nearest of the same series, else of the same programme."""
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
        .options(joinedload(ScheduledSession.series).joinedload(Series.programme))
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
        .limit(_LOOKED_AT)
    ).all()
    meant = [one for one in found if policy.is_meant_for(one.series, person.who, is_facilitator)]
    nearest = sorted(
        meant,
        key=lambda one: (one.series_id != cancelled.series_id, abs(one.starts_at - cancelled.starts_at)),
    )[:_AT_MOST]
    return [_line(one) for one in sorted(nearest, key=lambda one: one.starts_at)]


def _line(scheduled: ScheduledSession) -> OtherDate:
    how = {
        Mode.IN_PERSON: _("in person"),
        Mode.ONLINE: _("online"),
        Mode.HYBRID: _("in person or online"),
    }[scheduled.mode]
    return OtherDate(f"{name_of(scheduled)}: {when_it_is(scheduled)}, {how}", links.session_url(scheduled.id))
