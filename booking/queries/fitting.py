"""Every series that anybody may come to, with what it says of itself and its next date."""

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import func, select

from booking import policy
from booking.db import db
from booking.models import Programme, ScheduledSession, Series, Venue
from booking.models.kinds import Audience, Mode, SessionState, Situation
from booking.rules.fitting import Offered, Wish, first_sentence, is_for_some, suits_of

_MOST = 300


@dataclass(frozen=True, slots=True)
class NextOf:
    """A series and its next date."""

    key: str
    title: str
    programme: str
    tone: str
    mode: Mode
    venue: str
    nation: str
    session_id: int
    next_on: date
    next_at: time
    first_words: str
    offered: Offered


def coming_series(now: datetime) -> list[NextOf]:
    """Return the published series with a date to come, what comes first at the top."""
    coming = (
        policy.series_seen_by(is_facilitator=False),
        ScheduledSession.state == SessionState.PUBLISHED,
        ScheduledSession.starts_at > now,
    )
    nearest = func.row_number().over(
        partition_by=ScheduledSession.series_id, order_by=(ScheduledSession.starts_at, ScheduledSession.id)
    )
    ranked = (
        select(ScheduledSession.id, nearest.label("place")).join(ScheduledSession.series).where(*coming)
    ).subquery()
    asked = (
        select(Series, Programme, ScheduledSession, func.coalesce(Venue.name, ""))
        .join(ranked, ranked.c.id == ScheduledSession.id)
        .join(Series, Series.id == ScheduledSession.series_id)
        .join(Programme, Programme.id == Series.programme_id)
        .outerjoin(Venue, Venue.id == ScheduledSession.venue_id)
        .where(ranked.c.place == 1)
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
        .limit(_MOST)
    )
    return [_next_of(*row) for row in db.session.execute(asked)]


def _next_of(series: Series, programme: Programme, coming: ScheduledSession, venue: str) -> NextOf:
    offered = Offered(
        suits=suits_of(series.suits, Situation),
        patients_only=series.audience is Audience.PATIENTS,
        # Who hosts keeps company; a tutor shows how something is done.
        wish=Wish.COMPANY if programme.facilitator_word == "host" else Wish.DOING,
        in_room=coming.mode is not Mode.ONLINE,
        online=coming.mode is not Mode.IN_PERSON,
        for_some=is_for_some(series.title, series.description),
    )
    return NextOf(
        key=series.key,
        title=series.title,
        programme=programme.name,
        tone=programme.tone,
        mode=coming.mode,
        venue=venue,
        nation=series.nation,
        session_id=coming.id,
        next_on=coming.local_date,
        next_at=coming.start_time,
        first_words=first_sentence(series.description),
        offered=offered,
    )
