"""What a letter about changed dates says to somebody who leads them, by today's rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.models import Message, ScheduledSession, SessionVersion
from booking.models.kinds import MessageKind, MessageState, SessionState
from booking.queries.host_dates import WHOLE

# Parts of the key of a letter about who leads; any other is about the dates themselves.
GIVEN = ":given:"
TAKEN = ":taken:"
_GONE_OR_GOING = (MessageState.WAITING, MessageState.SENDING, MessageState.SENT)


class Fate(StrEnum):
    """What became of a date for somebody who leads."""

    CANCELLED = "cancelled"
    MOVED = "moved"
    GIVEN = "given"
    TAKEN = "taken"


@dataclass(frozen=True)
class HostNews:
    """One date, what became of it, and what it was when she last heard of it."""

    scheduled: ScheduledSession
    fate: Fate
    was: SessionVersion | None = None


def news_for(message: Message, now: datetime) -> list[HostNews]:
    """Return what is still true of a letter about changed dates, in the order of time; nothing is untrue."""
    if GIVEN in message.dedupe_key or TAKEN in message.dedupe_key:
        return _who_leads(message, now)
    return _what_became(message, now)


def told_of_deed(deed_id: int) -> dict[int, Message]:
    """Return the letters that tell those who lead of a deed, by person."""
    asked = select(Message).where(Message.season_deed_id == deed_id, Message.kind == MessageKind.ROTA_CHANGED)
    letters = db.session.scalars(asked.order_by(Message.id))
    return {one.person_id: one for one in letters if one.person_id is not None}


def _who_leads(message: Message, now: datetime) -> list[HostNews]:
    fate = Fate.GIVEN if GIVEN in message.dedupe_key else Fate.TAKEN
    person_id = message.person_id or 0
    leads = policy.leads(person_id) if fate is Fate.GIVEN else ~policy.leads(person_id)
    dates = _dates(and_(_meant(message), leads, ScheduledSession.ends_at > now))
    return [HostNews(one, fate) for one in dates if one.state is SessionState.PUBLISHED]


def _meant(message: Message) -> ColumnElement[bool]:
    """Return the condition of the dates that a letter means: one, or it and all later ones of its series."""
    one = ScheduledSession.id == message.session_id
    if message.about_on is None:
        return one
    series = select(ScheduledSession.series_id).where(ScheduledSession.id == message.session_id)
    of_series = ScheduledSession.series_id == series.scalar_subquery()
    return and_(of_series, ScheduledSession.local_date >= message.about_on)


def _what_became(message: Message, now: datetime) -> list[HostNews]:
    """Return the dates of hers that were changed at the moment the letter was laid, and how they are now."""
    at, leads = message.created_at, policy.leads(message.person_id or 0)
    moved_then = select(SessionVersion.session_id).where(SessionVersion.made_at == at)
    changed = or_(ScheduledSession.id.in_(moved_then), ScheduledSession.cancelled_at == at)
    dates = _dates(and_(changed, leads, ScheduledSession.ends_at > now))
    others = _other_letters(message)
    news = [_news(one, message, others) for one in dates]
    return [one for one in news if one is not None]


def _news(scheduled: ScheduledSession, message: Message, others: Sequence[Message]) -> HostNews | None:
    at = message.created_at
    if scheduled.state is SessionState.CANCELLED:
        # A date that was moved and then cancelled is told by the letter about the cancelling.
        return HostNews(scheduled, Fate.CANCELLED) if scheduled.cancelled_at == at else None
    versions = _versions(scheduled.id)
    later = {one.created_at for one in others if one.created_at > at and one.state in _GONE_OR_GOING}
    if scheduled.state is not SessionState.PUBLISHED or any(one.made_at in later for one in versions):
        return None
    was = _as_last_told(versions, message, others)
    if was is None or not _differs(was, scheduled):
        return None
    return HostNews(scheduled, Fate.MOVED, was)


def _as_last_told(
    versions: Sequence[SessionVersion], message: Message, others: Sequence[Message]
) -> SessionVersion | None:
    """Return the date as it was before the first change that nobody has told her of."""
    before = [one for one in others if one.created_at < message.created_at]
    sent_at = max((one.created_at for one in before if one.state is MessageState.SENT), default=None)
    untold = {one.created_at for one in before if sent_at is None or one.created_at > sent_at}
    untold.add(message.created_at)
    first = min((one.schedule_version for one in versions if one.made_at in untold), default=0)
    return next((one for one in reversed(versions) if one.schedule_version < first), None)


def _differs(was: SessionVersion, scheduled: ScheduledSession) -> bool:
    facts = ("local_date", "start_time", "end_time", "venue_id", "mode", "meeting_url")
    return any(getattr(was, fact) != getattr(scheduled, fact) for fact in facts)


def _other_letters(message: Message) -> Sequence[Message]:
    asked = select(Message).where(
        Message.person_id == message.person_id,
        Message.kind == MessageKind.ROTA_CHANGED,
        Message.id != message.id,
        ~Message.dedupe_key.contains(GIVEN),
        ~Message.dedupe_key.contains(TAKEN),
    )
    return db.session.scalars(asked.order_by(Message.created_at, Message.id)).all()


def _versions(session_id: int) -> Sequence[SessionVersion]:
    return db.session.scalars(
        select(SessionVersion)
        .where(SessionVersion.session_id == session_id)
        .options(joinedload(SessionVersion.venue))
        .order_by(SessionVersion.schedule_version)
    ).all()


def _dates(which: ColumnElement[bool]) -> Sequence[ScheduledSession]:
    asked = select(ScheduledSession).where(which).options(*WHOLE)
    in_order = asked.order_by(ScheduledSession.starts_at, ScheduledSession.id)
    return db.session.scalars(in_order.execution_options(populate_existing=True)).all()
