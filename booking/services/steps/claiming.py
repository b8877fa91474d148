"""Whose turn it is in the tray, inside the caller's transaction: in order for each person, few questions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select, update
from sqlalchemy.orm import aliased

from booking.db import db
from booking.messages.reach import ANSWERS, CHANGES, COUNTED, LINKS
from booking.models import Message, OutgoingStop, ScheduledSession
from booking.models.kinds import Channel, MessageKind, MessageState
from booking.queries.due import laid_by_a_clock_ahead
from booking.rules.backoff import LONGEST_REST, RESTS_LONGEST_FROM
from booking.rules.letters_a_day import MOST_A_DAY, Due, Family, Turn, next_morning, today, turn_of

ON_ITS_WAY = (MessageState.WAITING, MessageState.SENDING)
QUIETLY = {"synchronize_session": False}
# So many workers may look at the same moment, and each still finds something of its own.
_WORKERS_AT_ONCE = 3
# The channels on which letters of ours light up a phone; a human who calls keeps count by herself.
_LIGHTS_UP = (Channel.EMAIL, Channel.TEXT)
# These mind no hour: she did something just now, or a clock of hers runs.
_AT_ANY_HOUR = (*ANSWERS, MessageKind.OFFERED)
# No lease and no rest is as long as this: whoever meets one that ends later, or ended longer ago, knows
# that the clock was moved, and not that a worker has died.
_CLOCK_MOVED = LONGEST_REST


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken from the tray: letters by their first part, and whether others were put off."""

    leaders: list[int]
    some_wait: bool = False


def is_due(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a message's time has come.

    The answer to what somebody just did is due whatever the clock says: it may have been put back since. So
    is the news of a change.
    """
    at_once = and_(Message.kind.in_(ANSWERS), Message.due_at <= Message.created_at)
    return or_(Message.due_at <= now, at_once, laid_by_a_clock_ahead(now))


def is_unheld(now: datetime) -> ColumnElement[bool]:
    """Return the condition that nobody holds a message and that it does not rest after a fault."""
    rests = and_(Message.leased_until > now, Message.leased_until <= now + _CLOCK_MOVED)
    ended = and_(Message.leased_until <= now, Message.leased_until > now - _CLOCK_MOVED)
    waits, sending = Message.state == MessageState.WAITING, Message.state == MessageState.SENDING
    return or_(Message.leased_until.is_(None), and_(waits, ~rests), and_(sending, ended))


def take(
    worker: str, now: datetime, is_free: ColumnElement[bool], channel: Channel, limit: int, lease: timedelta
) -> Taken:
    """Lease up to so many letters with all their parts to a worker, and put off what has to wait."""
    first = _locked(_first_in_turn(now, is_free, channel, limit), is_free, limit)
    turns = _turns(first, now, is_free, channel)
    waits = [message_id for turn in turns for message_id in turn.waits]
    _put_off(waits, next_morning(now))
    led = {turn.goes[0]: turn.goes[1:] for turn in turns if turn.goes}
    _lease(led, [row.id for row in first if row.attempts], worker, now + lease)
    return Taken(list(led), bool(waits))


def is_one_too_many(message_id: int, person_id: int, now: datetime) -> bool:
    """Say whether a counted letter in hand would be the third of her day, though it helps tomorrow as well.

    Two carriers may have taken one each at the same moment. Whoever asks holds her row.
    """
    begun = and_(
        Message.state == MessageState.SENDING, Message.began_at.is_not(None), Message.id != message_id
    )
    if _gone_today([person_id], now, begun).get(person_id, 0) < MOST_A_DAY:
        return False
    parts = and_(Message.joined_to_id == message_id, Message.state.in_(ON_ITS_WAY))
    until = db.session.scalar(
        select(func.min(Message.useless_at)).where(or_(Message.id == message_id, parts))
    )
    return until is None or until > next_morning(now)


def wake_what_the_clock_left(now: datetime, lease: timedelta) -> None:
    """Let a lease that can't be judged by a clock that was moved run once more from now.

    Whoever holds it may be in the middle of a letter, so nobody takes it from her at once.
    """
    odd = or_(Message.leased_until <= now - _CLOCK_MOVED, Message.leased_until > now + _CLOCK_MOVED)
    change(and_(Message.state == MessageState.SENDING, odd), leased_until=now + lease)


def change(which: ColumnElement[bool], **values: Any) -> None:
    """Change the messages that meet a condition, without reading them."""
    db.session.execute(update(Message).where(which).values(**values), execution_options=QUIETLY)


def _first_in_turn(now: datetime, is_free: ColumnElement[bool], channel: Channel, limit: int) -> list[int]:
    """Return messages before which no other for the same person is due: an order that is always kept.

    Looked at are those in front and what their people wait for. Only where most of these are held up by
    others is all that is due put in order, which costs a sorting of the whole tray.
    """
    many = limit * _WORKERS_AT_ONCE
    foremost = _foremost(now, is_free, channel, many)
    if not foremost:
        return []
    people = [row.person_id for row in foremost if row.person_id is not None]
    strangers = [row.id for row in foremost if row.person_id is None]
    theirs = or_(Message.person_id.in_(people), Message.id.in_(strangers))
    first = _unhindered(_due_in_order(now, is_free, channel).where(theirs), many)
    if len(first) >= limit or len(foremost) < many:
        return first
    return _unhindered(_due_in_order(now, is_free, channel), many)


def _foremost(
    now: datetime, is_free: ColumnElement[bool], channel: Channel, many: int
) -> Sequence[Row[int, int | None]]:
    asked = select(Message.id, Message.person_id).where(_in_the_tray(now, channel), is_free, ~_is_stopped())
    in_order = asked.order_by(Message.kind.in_(LINKS).desc(), Message.due_at, Message.id)
    return db.session.execute(in_order.limit(many)).all()


def _unhindered(in_order: Select[*tuple[Any, ...]], many: int) -> list[int]:
    due = in_order.subquery()
    unhindered = and_(due.c.before_her == 0, due.c.before_it == 0)
    asked = (
        select(due.c.id)
        .where(due.c.is_free, or_(due.c.is_awaited, unhindered))
        .order_by(due.c.is_awaited.desc(), due.c.due_at, due.c.id)
    )
    return list(db.session.scalars(asked.limit(many)))


def _due_in_order(now: datetime, is_free: ColumnElement[bool], channel: Channel) -> Select[*tuple[Any, ...]]:
    """Count before each due message what holds it up: about the same person, and the same booking.

    Links that people wait for are no part of the order. A message that has failed for an hour holds up its
    own booking only. What goes as a part of another one's letter has no turn of its own. Adding up asks for
    one sorting, whatever the database believes about the table; looking for an earlier one for each took
    PostgreSQL a minute after ten thousand new rows.
    """
    fails = and_(
        Message.state == MessageState.WAITING,
        Message.leased_until > now,
        Message.attempts >= RESTS_LONGEST_FROM,
    )
    is_awaited = Message.kind.in_(LINKS)
    return select(
        Message.id,
        Message.due_at,
        is_free.label("is_free"),
        is_awaited.label("is_awaited"),
        _before(case((or_(is_awaited, fails), 0), else_=1), Message.person_id).label("before_her"),
        _before(case((is_awaited, 0), else_=1), Message.booking_id).label("before_it"),
    ).where(_in_the_tray(now, channel))


def _before(counted: ColumnElement[int], owner: Any) -> ColumnElement[int]:
    same = func.coalesce(owner, -Message.id)
    return func.coalesce(func.sum(counted).over(partition_by=same, order_by=Message.id, rows=(None, -1)), 0)


def _in_the_tray(now: datetime, channel: Channel) -> ColumnElement[bool]:
    leader = aliased(Message)
    led = and_(leader.id == Message.joined_to_id, leader.state.in_(ON_ITS_WAY), leader.channel == channel)
    rides = select(leader.id).where(led).correlate(Message).exists()
    own_turn = or_(Message.joined_to_id.is_(None), ~rides)
    return and_(Message.channel == channel, Message.state.in_(ON_ITS_WAY), is_due(now), own_turn)


def _is_stopped() -> ColumnElement[bool]:
    return select(OutgoingStop.id).where(OutgoingStop.resumed_at.is_(None)).exists()


def _locked(ids: Collection[int], is_free: ColumnElement[bool], limit: int | None = None) -> list[Row[Any]]:
    """Hold those of these messages that are still free, stepping over what another worker is taking.

    PostgreSQL steps over rows; SQLite has one writer at a time anyway.
    """
    if not ids:
        return []
    asked = (
        select(Message.id, Message.person_id, Message.kind, Message.attempts)
        .where(Message.id.in_(ids), is_free)
        .order_by(Message.kind.in_(LINKS).desc(), Message.due_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [*db.session.execute(asked)]


def _turns(
    first: Sequence[Row[Any]], now: datetime, is_free: ColumnElement[bool], channel: Channel
) -> list[Turn]:
    """Judge, for each of these people, what goes with her first message and what waits."""
    people = {row.person_id for row in first if row.person_id is not None and _family(row.kind) != "alone"}
    if not people:
        return [Turn((row.id,)) for row in first]
    due = _due_for(people, now, is_free, channel)
    gone = _gone_today(people, now, Message.state == MessageState.SENDING)
    morning = next_morning(now)
    turns = []
    for row in first:
        hers = due.get(row.person_id, {})
        leader = hers.get(row.id, Due(row.id))
        turns.append(turn_of(leader, list(hers.values()), gone.get(row.person_id, 0), now, morning))
    mine = {row.id for row in first}
    theirs = {one for turn in turns for one in (*turn.goes, *turn.waits)} - mine
    mine |= {row.id for row in _locked(theirs, is_free)}
    return [Turn(_only(turn.goes, mine), _only(turn.waits, mine)) for turn in turns]


def _only(ids: tuple[int, ...], mine: set[int]) -> tuple[int, ...]:
    return tuple(one for one in ids if one in mine)


def _due_for(
    people: Collection[int], now: datetime, is_free: ColumnElement[bool], channel: Channel
) -> dict[int, dict[int, Due]]:
    """Return what is due for each of these people, with the earliest moment at which a part is useless."""
    part = aliased(Message)
    parts_useless = (
        select(func.min(part.useless_at))
        .where(part.joined_to_id == Message.id, part.state.in_(ON_ITS_WAY))
        .correlate(Message)
        .scalar_subquery()
    )
    # What names several dates is never useless; of its first one she has to know in time.
    first_ends = select(ScheduledSession.ends_at).where(ScheduledSession.id == Message.session_id)
    asked = select(
        Message.id,
        Message.person_id,
        Message.kind,
        Message.booking_id,
        func.coalesce(Message.useless_at, first_ends.scalar_subquery()).label("useless_at"),
        parts_useless.label("parts_useless_at"),
        (Message.attempts == 0).label("is_fresh"),
        is_free.label("is_free"),
    ).where(Message.person_id.in_(people), _in_the_tray(now, channel))
    found: dict[int, dict[int, Due]] = {}
    for row in db.session.execute(asked.order_by(Message.id)):
        until = min((one for one in (row.useless_at, row.parts_useless_at) if one), default=None)
        one = Due(row.id, _family(row.kind), row.booking_id, until, bool(row.is_fresh), bool(row.is_free))
        found.setdefault(row.person_id, {})[row.id] = one
    return found


def _gone_today(people: Collection[int], now: datetime, about_to: ColumnElement[bool]) -> dict[int, int]:
    """Count the letters of the day that lit up each person's phone or are about to."""
    begins_at, ends_at = today(now)
    sent_today = and_(Message.sent_at >= begins_at, Message.sent_at < ends_at)
    asked = select(Message.person_id, func.count().label("letters")).where(
        Message.person_id.in_(people),
        Message.kind.in_(COUNTED),
        Message.channel.in_(_LIGHTS_UP),
        Message.joined_to_id.is_(None),
        or_(and_(Message.state == MessageState.SENT, sent_today), about_to),
    )
    counted = db.session.execute(asked.group_by(Message.person_id))
    return {row.person_id: row.letters for row in counted}


def _family(kind: MessageKind) -> Family:
    if kind is MessageKind.NEWS:
        return "news"
    if kind in COUNTED:
        return "counted"
    return "change" if kind in CHANGES else "alone" if kind in _AT_ANY_HOUR else "told"


def _put_off(ids: Collection[int], morning: datetime) -> None:
    if ids:
        change(Message.id.in_(ids), due_at=morning)


def _lease(
    led: dict[int, tuple[int, ...]], tried_before: Collection[int], worker: str, until: datetime
) -> None:
    """Give these letters to a worker, with the parts that join them now and those that did so before."""
    leader_of = {rider: leader for leader, riders in led.items() for rider in riders}
    ids = [*led, *leader_of]
    if not ids:
        return
    values: dict[str, Any] = {
        "state": MessageState.SENDING,
        "leased_by": worker,
        "leased_until": until,
        # Whoever held it before may have begun; this worker has not.
        "began_at": None,
        "attempts": Message.attempts + 1,
    }
    parts = _locked_parts([leader for leader in tried_before if leader in led])
    joined = case(leader_of, value=Message.id, else_=None) if leader_of else None
    change(Message.id.in_(ids), joined_to_id=joined, **values)
    if parts:
        change(Message.id.in_(parts), **values)


def _locked_parts(leaders: Collection[int]) -> Sequence[int]:
    if not leaders:
        return []
    asked = select(Message.id).where(Message.joined_to_id.in_(leaders), Message.state.in_(ON_ITS_WAY))
    return db.session.scalars(asked.order_by(Message.id).with_for_update(skip_locked=True)).all()
