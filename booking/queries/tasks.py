"""The calls to make: whom the office calls, and what there is to say."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.models import Booking, CallNote, ContactPoint, Message, Person, ScheduledSession, SessionVersion
from booking.models.kinds import (
    BookingState,
    CallOutcome,
    Channel,
    ContactKind,
    MessageKind,
    MessageState,
    Pool,
)
from booking.queries.messages import is_overtaken
from booking.queries.my_courses import dates_of_courses
from booking.rules.wall_time import to_instant, to_local
from booking.rules.words import day_words, span_words, time_words

BY_HAND = (Channel.CALL, Channel.POST)
_ABOUT_A_COURSE = (MessageKind.COURSE_BOOKED, MessageKind.COURSE_STARTS)
_REACHED = (CallOutcome.REACHED, CallOutcome.LEFT_WORD)


@dataclass(frozen=True)
class CallToMake:
    """One person to call, and the sentences that say why."""

    message_id: int
    person_id: int
    known_as: str
    full_name: str
    phone: str | None
    channel: Channel
    kind: MessageKind
    say: tuple[str, ...]
    due_at: datetime
    useless_at: datetime | None
    tried: int
    # The place that is kept for her, from a waiting list or in a cancelled one's stead: she may answer now.
    offer_id: int | None = None


@dataclass(frozen=True)
class SettledCall:
    """A call that somebody took off the list today, and how it went."""

    message_id: int
    person_id: int
    known_as: str
    kind: MessageKind
    outcome: CallOutcome


def calls_settled_today(now: datetime) -> list[SettledCall]:
    """Return the calls that came off the list today, the latest first."""
    latest = select(func.max(CallNote.id)).group_by(CallNote.message_id)
    settled = or_(
        and_(Message.state == MessageState.SENT, CallNote.outcome.in_(_REACHED)),
        and_(Message.state == MessageState.WITHDRAWN, Message.why == CallOutcome.NOT_NEEDED.value),
    )
    rows = db.session.execute(
        select(Message.id, Person.id, Person.known_as, Message.kind, CallNote.outcome)
        .join(CallNote, CallNote.message_id == Message.id)
        .join(Person, Person.id == Message.person_id)
        .where(
            CallNote.id.in_(latest),
            CallNote.noted_at >= to_instant(to_local(now).date(), time()),
            Message.channel.in_(BY_HAND),
            settled,
        )
        .order_by(CallNote.id.desc())
    )
    return [SettledCall(*row) for row in rows]


def who_is_called(message_id: int) -> str:
    """Return what the person likes to be called whom this message is for."""
    called = select(Person.known_as).join(Message, Message.person_id == Person.id)
    return db.session.scalar(called.where(Message.id == message_id)) or ""


def kept_with_call(message_id: int, now: datetime) -> datetime | None:
    """Return until when a place is kept for somebody whom a call tells of it, or of a session cancelled."""
    instead = (Message.kind == MessageKind.SESSION_CANCELLED) & (Message.booking_id == Booking.instead_of_id)
    offered = (Message.kind == MessageKind.OFFERED) & (Message.booking_id == Booking.id)
    return db.session.scalar(
        select(func.max(Booking.held_until))
        .join(Message, instead | offered)
        .where(Message.id == message_id, Booking.state == BookingState.OFFERED, Booking.held_until > now)
    )


def calls_to_make(now: datetime, which: ColumnElement[bool] | None = None) -> list[CallToMake]:
    """Return the calls that are due and still true, the one that will be useless first on top.

    `which` is a condition on messages that leaves only some of them.
    """
    rows = db.session.execute(
        select(Message, Booking)
        .join(Booking, Booking.id == Message.booking_id)
        .join(Booking.session)
        .join(Person, Person.id == Booking.person_id)
        .where(
            Message.channel.in_(BY_HAND),
            Message.state == MessageState.WAITING,
            Message.due_at <= now,
            ~func.coalesce(is_overtaken(now), False),
            true() if which is None else which,
        )
        .options(
            joinedload(Booking.person),
            joinedload(Booking.session).joinedload(ScheduledSession.series),
            joinedload(Booking.session).joinedload(ScheduledSession.venue),
        )
        .order_by(ScheduledSession.starts_at, Message.due_at, Message.id)
    ).all()
    phones = phones_of([booking.person_id for _message, booking in rows])
    tried = _tried([message.id for message, _booking in rows])
    was = _told_versions(
        [booking for message, booking in rows if message.kind is MessageKind.SESSION_CHANGED]
    )
    calls = [_call(message, booking, phones, tried, was) for message, booking in rows]
    calls = _with_dates(calls, {message.id: booking.enrolment_id for message, booking in rows}, now)
    return _with_offers(calls, {message.id: booking.id for message, booking in rows}, now)


def _with_dates(calls: list[CallToMake], courses: dict[int, int | None], now: datetime) -> list[CallToMake]:
    """Add to each call about a course all its dates, as the letter has them."""
    about = [call for call in calls if call.kind in _ABOUT_A_COURSE]
    if not about:
        return calls
    weeks = dates_of_courses([courses[call.message_id] for call in about], now)
    return [
        replace(call, say=(*call.say, *_all_dates(weeks.get(courses[call.message_id] or 0, []))))
        if call.kind in _ABOUT_A_COURSE
        else call
        for call in calls
    ]


def _all_dates(weeks: Sequence[ScheduledSession]) -> list[str]:
    dates = [_when(week) for week in weeks]
    return [str(_("All the dates: %(dates)s.", dates="; ".join(dates)))] if len(dates) > 1 else []


def _with_offers(calls: list[CallToMake], bookings: dict[int, int], now: datetime) -> list[CallToMake]:
    """Add to each call about a cancelling the place that is kept for her."""
    off = [call.message_id for call in calls if call.kind is MessageKind.SESSION_CANCELLED]
    if not off:
        return calls
    offered = db.session.scalars(
        select(Booking)
        .join(Booking.session)
        .where(
            Booking.instead_of_id.in_([bookings[message_id] for message_id in off]),
            Booking.state == BookingState.OFFERED,
            Booking.held_until > now,
        )
        .options(
            joinedload(Booking.session).joinedload(ScheduledSession.series),
            joinedload(Booking.session).joinedload(ScheduledSession.venue),
        )
        .order_by(Booking.id)
    )
    kept = {booking.instead_of_id: booking for booking in offered}
    return [_with_offer(call, kept.get(bookings[call.message_id])) for call in calls]


def _with_offer(call: CallToMake, kept: Booking | None) -> CallToMake:
    if kept is None or kept.held_until is None:
        return call
    until = to_local(kept.held_until)
    line = _(
        "We are keeping another place for you: %(title)s on %(when)s, %(where)s, until %(time)s on %(day)s.",
        title=kept.session.title,
        when=_when(kept.session),
        where=_where(kept.session, kept.pool),
        time=time_words(until.time()),
        day=day_words(until.date()),
    )
    return replace(call, say=(*call.say, str(line)), offer_id=kept.id)


def _call(
    message: Message,
    booking: Booking,
    phones: dict[int, str],
    tried: dict[int, int],
    was: dict[int, SessionVersion],
) -> CallToMake:
    person = booking.person
    assert person is not None
    return CallToMake(
        message_id=message.id,
        person_id=person.id,
        known_as=person.known_as,
        full_name=person.full_name,
        phone=phones.get(person.id),
        channel=message.channel,
        kind=message.kind,
        say=_say(message.kind, booking, was.get(booking.id)),
        due_at=message.due_at,
        useless_at=message.useless_at or booking.session.ends_at,
        tried=tried.get(message.id, 0),
        offer_id=booking.id if message.kind is MessageKind.OFFERED else None,
    )


def _say(kind: MessageKind, booking: Booking, was: SessionVersion | None) -> tuple[str, ...]:
    """Put into words what she should hear: what, when, where, and then what is special."""
    scheduled = booking.session
    what = {"title": scheduled.title, "when": _when(scheduled), "where": _where(scheduled, booking.pool)}
    first = {
        MessageKind.BOOKED: _("You have a place at %(title)s on %(when)s, %(where)s.", **what),
        MessageKind.REMINDER: _("A reminder: %(title)s is on %(when)s, %(where)s.", **what),
        MessageKind.GIVEN_UP: _("Your place at %(title)s on %(when)s is given up. Thank you.", **what),
        MessageKind.SESSION_CHANGED: _("%(title)s has changed. It is now on %(when)s, %(where)s.", **what),
        MessageKind.SESSION_CANCELLED: _("%(title)s on %(when)s has been cancelled. We are sorry.", **what),
        MessageKind.COURSE_BOOKED: _("You are on the course %(title)s, from %(when)s, %(where)s.", **what),
        MessageKind.COURSE_STARTS: _("Your course %(title)s starts on %(when)s, %(where)s.", **what),
        MessageKind.COURSE_LEFT: _("You have left the course %(title)s. Thank you.", **what),
        MessageKind.WAITING: _("You are on the waiting list for %(title)s on %(when)s, %(where)s.", **what),
        MessageKind.OFFERED: _("A place has come free at %(title)s on %(when)s, %(where)s.", **what),
        MessageKind.PROVISIONAL: _("We keep a place for you at %(title)s on %(when)s, %(where)s.", **what),
    }[kind]
    lines = [first]
    if kind is MessageKind.SESSION_CHANGED and was is not None:
        lines += _how_it_was(was, booking)
    if kind in (MessageKind.SESSION_CHANGED, MessageKind.SESSION_CANCELLED) and scheduled.public_reason:
        lines.append(_("Why: %(reason)s", reason=scheduled.public_reason))
    return tuple(str(line) for line in (*lines, *_what_next(kind, booking)))


def _what_next(kind: MessageKind, booking: Booking) -> list[str]:
    """Say what happens next with a place she waits for."""
    if kind is MessageKind.WAITING:
        return [_("When a place comes free, we call you.")]
    if kind is MessageKind.PROVISIONAL:
        return [_("We would like to talk with you before you come for the first time.")]
    if kind is not MessageKind.OFFERED:
        return []
    if booking.state is BookingState.WAITING:
        return [_("Several people are told. The first who says yes has it, and you keep your turn.")]
    return [_("Would you like it? If not this time, you keep your turn for the next one.")]


def _how_it_was(was: SessionVersion, booking: Booking) -> list[str]:
    """Say what differs from what she was last told, and nothing that is as it was."""
    lines = []
    if _when(was) != _when(booking.session):
        lines.append(_("It was on %(was)s.", was=_when(was)))
    if booking.pool is Pool.ROOM and was.venue_id != booking.session.venue_id and was.venue is not None:
        lines.append(_("It was at %(was)s.", was=was.venue.name))
    return lines


def _when(on: ScheduledSession | SessionVersion) -> str:
    return f"{day_words(on.local_date)}, {span_words(on.start_time, on.end_time)}"


def _where(scheduled: ScheduledSession, pool: Pool) -> str:
    if pool is Pool.ONLINE:
        return str(_("online"))
    return scheduled.venue.name if scheduled.venue is not None else str(_("the place is not known yet"))


def phones_of(person_ids: Sequence[int | None]) -> dict[int, str]:
    """Return the number to call each of these people on, where one is known."""
    rows = db.session.execute(
        select(ContactPoint.person_id, ContactPoint.written)
        .where(ContactPoint.person_id.in_(person_ids), ContactPoint.kind == ContactKind.PHONE)
        .order_by(ContactPoint.is_preferred, ContactPoint.id.desc())
    )
    # The last one read wins: the preferred number comes last.
    return dict(rows.all())


def _tried(message_ids: Sequence[int]) -> dict[int, int]:
    rows = db.session.execute(
        select(CallNote.message_id, func.count())
        .where(CallNote.message_id.in_(message_ids), CallNote.outcome == CallOutcome.NO_ANSWER)
        .group_by(CallNote.message_id)
        .order_by(CallNote.message_id)
    )
    return dict(rows.all())


def _told_versions(bookings: Sequence[Booking]) -> dict[int, SessionVersion]:
    """Return, by booking, what its session was when she was last told."""
    versions = db.session.scalars(
        select(SessionVersion)
        .where(SessionVersion.session_id.in_([booking.session_id for booking in bookings]))
        .options(joinedload(SessionVersion.venue))
        .order_by(SessionVersion.id)
    )
    by_key = {(version.session_id, version.schedule_version): version for version in versions}
    told = {booking.id: by_key.get((booking.session_id, booking.told_version)) for booking in bookings}
    return {booking_id: version for booking_id, version in told.items() if version is not None}
