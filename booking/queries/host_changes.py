"""What a letter about changed dates says to somebody who leads them, by today's rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.models import CoverRequest, Message, Person, ScheduledSession, Series, SessionVersion
from booking.models.kinds import MessageKind, MessageState, SessionState
from booking.queries.host_dates import WHOLE
from booking.rules.host_keys import CHANGED, COVERED, GIVEN, GONE, TAKEN, named, request_of, series_of
from booking.rules.wall_time import to_local

_GONE_OR_GOING = (MessageState.WAITING, MessageState.SENDING, MessageState.SENT)


class Fate(StrEnum):
    """What became of a date for somebody who leads."""

    CANCELLED = "cancelled"
    MOVED = "moved"
    GIVEN = "given"
    TAKEN = "taken"
    COVERED = "covered"


@dataclass(frozen=True)
class HostNews:
    """One date, what became of it, and what it was when she last heard of it."""

    scheduled: ScheduledSession
    fate: Fate
    was: SessionVersion | None = None
    host: str = ""


def news_for(message: Message, now: datetime) -> list[HostNews]:
    """Return what is still true of a letter about changed dates, in the order of time; nothing is untrue."""
    if COVERED in message.dedupe_key:
        return _who_hosts(message, now)
    if GIVEN in message.dedupe_key or TAKEN in message.dedupe_key:
        return _who_leads(message, now)
    return _what_became(message, now)


def told_of_deed(deed_id: int) -> dict[int, Message]:
    """Return the letters that tell those who lead of a deed, by person."""
    asked = select(Message).where(Message.season_deed_id == deed_id, Message.kind == MessageKind.ROTA_CHANGED)
    letters = db.session.scalars(asked.order_by(Message.id))
    return {one.person_id: one for one in letters if one.person_id is not None}


def is_of_gone_dates(message: Message) -> bool:
    """Say whether a letter is about dates that were taken away before anybody booked them."""
    return GONE in message.dedupe_key


def gone_for(message: Message, now: datetime) -> tuple[Series, list[date]] | None:
    """Return the series and its days to come that a letter says are gone; nothing if none of them is."""
    asked = select(Series).where(Series.id == series_of(message.dedupe_key))
    series = db.session.scalar(asked.options(joinedload(Series.programme)))
    days = [date.fromordinal(number) for number in named(message.dedupe_key)]
    there = select(ScheduledSession.local_date).where(
        ScheduledSession.series_id == series_of(message.dedupe_key),
        ScheduledSession.local_date.in_(days),
        policy.leads(message.person_id or 0),
    )
    again, today = set(db.session.scalars(there)), to_local(now).date()
    gone = [on for on in days if on >= today and on not in again]
    return (series, gone) if series is not None and gone else None


def dates_named(message: Message) -> list[int]:
    """Return the dates that a letter to somebody who leads is about."""
    return named(message.dedupe_key) or [message.session_id or 0]


def _who_hosts(message: Message, now: datetime) -> list[HostNews]:
    """Return the date for which cover was wanted, with whoever leads it since, while she still does."""
    request = db.session.get(CoverRequest, request_of(message.dedupe_key), populate_existing=True)
    host_id = (request.covered_by or request.person_id) if request is not None else None
    host = db.session.get(Person, host_id) if host_id is not None else None
    if request is None or host is None:
        return []
    meant = and_(ScheduledSession.id == request.session_id, policy.leads(host.id))
    dates = _dates(and_(meant, ScheduledSession.ends_at > now))
    published = [one for one in dates if one.state is SessionState.PUBLISHED]
    return [HostNews(one, Fate.COVERED, host=host.known_as) for one in published]


def _who_leads(message: Message, now: datetime) -> list[HostNews]:
    fate = Fate.GIVEN if GIVEN in message.dedupe_key else Fate.TAKEN
    person_id = message.person_id or 0
    leads = policy.leads(person_id) if fate is Fate.GIVEN else ~policy.leads(person_id)
    meant = ScheduledSession.id.in_(dates_named(message))
    dates = _dates(and_(meant, leads, ScheduledSession.ends_at > now))
    return [HostNews(one, fate) for one in dates if one.state is SessionState.PUBLISHED]


def _what_became(message: Message, now: datetime) -> list[HostNews]:
    """Return those of the dates a letter names that she still leads, and how they are now."""
    meant = ScheduledSession.id.in_(dates_named(message))
    dates = _dates(and_(meant, policy.leads(message.person_id or 0), ScheduledSession.ends_at > now))
    letters = _letters_of_changes(message)
    news = [_news(one, message, [each for each in letters if one.id in dates_named(each)]) for one in dates]
    return [one for one in news if one is not None]


def _news(scheduled: ScheduledSession, message: Message, letters: Sequence[Message]) -> HostNews | None:
    """Judge one date by all letters of changes that name it: a later one says how it is now."""
    turn = _turn(message)
    if any(_turn(one) > turn and one.state in _GONE_OR_GOING for one in letters):
        return None
    if scheduled.state is SessionState.CANCELLED:
        # A date that was moved and then cancelled is told by the letter about the cancelling.
        first = next((one for one in letters if one.id == turn), message)
        return HostNews(scheduled, Fate.CANCELLED) if scheduled.cancelled_at == first.created_at else None
    if scheduled.state is not SessionState.PUBLISHED:
        return None
    was = _as_last_told(_versions(scheduled.id), turn, [one for one in letters if one.id <= turn])
    if was is None or not _differs(was, scheduled):
        return None
    return HostNews(scheduled, Fate.MOVED, was)


def _turn(message: Message) -> int:
    """Return a letter's place in the order of changes: the office's copy of one has the place of the first.

    The clock does not tell the order: it may stand still, or be put back.
    """
    return message.again_of_id or message.id


def _as_last_told(
    versions: Sequence[SessionVersion], turn: int, letters: Sequence[Message]
) -> SessionVersion | None:
    """Return the date as it was before the first change that nobody has told her of."""
    told = [one for one in letters if one.id < turn and one.state is MessageState.SENT]
    last_told = max((one.id for one in told), default=0)
    untold = {one.created_at for one in letters if one.id > last_told}
    # Of several changes of one instant those that were told come first; the first version is no change.
    known = sum(one.created_at in untold for one in told)
    since = [one.schedule_version for one in versions[1:] if one.made_at in untold]
    first = since[min(known, len(since) - 1)] if since else 0
    return next((one for one in reversed(versions) if one.schedule_version < first), None)


def _differs(was: SessionVersion, scheduled: ScheduledSession) -> bool:
    facts = ("local_date", "start_time", "end_time", "venue_id", "mode", "meeting_url")
    return any(getattr(was, fact) != getattr(scheduled, fact) for fact in facts)


def _letters_of_changes(message: Message) -> Sequence[Message]:
    """Return her letters about changes of dates, this one among them."""
    asked = select(Message).where(
        Message.person_id == message.person_id,
        Message.kind == MessageKind.ROTA_CHANGED,
        Message.dedupe_key.contains(CHANGED),
    )
    return db.session.scalars(asked.order_by(Message.id)).all()


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
