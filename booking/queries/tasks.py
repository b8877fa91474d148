"""The calls to make: whom the office calls, and what there is to say."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.models import (
    Announcement,
    Booking,
    CallNote,
    ContactPoint,
    Message,
    Person,
    ScheduledSession,
    SessionVersion,
)
from booking.models.kinds import (
    BookingState,
    CallOutcome,
    Channel,
    ContactKind,
    MessageKind,
    MessageState,
)
from booking.queries.call_words import all_dates, kept_line, words_of, words_of_announcement
from booking.queries.messages import is_overtaken
from booking.queries.my_courses import dates_of_courses
from booking.rules.wall_time import to_instant, to_local

BY_HAND = (Channel.CALL, Channel.POST)
_ABOUT_A_COURSE = (MessageKind.COURSE_BOOKED, MessageKind.COURSE_STARTS)
_REACHED = (CallOutcome.REACHED, CallOutcome.LEFT_WORD, CallOutcome.POSTED)


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
    # Whether whoever calls may leave word with somebody else or on a machine.
    may_leave_word: bool = False
    # When she asked to be tried again; until then the call stands at the end of the list.
    again_at: datetime | None = None
    # Until when it may be tried again; None while nothing ends it.
    of_use_until: datetime | None = None
    # There is more to read out than these sentences: the letter itself.
    has_letter: bool = False


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


def of_use_until(
    useless_at: datetime | None, about: ScheduledSession | None, now: datetime
) -> datetime | None:
    """Return until when a call may be tried again: until its date starts, or ends where it has started."""
    if useless_at is not None or about is None:
        return useless_at
    return about.starts_at if about.starts_at > now else about.ends_at


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
            Message.announcement_id.is_(None),
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
    calls = [_call(message, booking, phones, tried, was, now) for message, booking in rows]
    calls = _with_dates(calls, {message.id: booking.enrolment_id for message, booking in rows}, now)
    calls = _with_offers(calls, {message.id: booking.id for message, booking in rows}, now)
    return _with_times([*calls, *_about_no_place(now, which)], now)


def _with_times(calls: list[CallToMake], now: datetime) -> list[CallToMake]:
    """Put last those who asked to be tried again later, each with her time."""
    latest = (
        select(func.max(CallNote.id)).where(CallNote.try_again_at.is_not(None)).group_by(CallNote.message_id)
    )
    asked = select(CallNote.message_id, CallNote.try_again_at).where(
        CallNote.id.in_(latest), CallNote.message_id.in_([call.message_id for call in calls])
    )
    again = {message_id: at for message_id, at in db.session.execute(asked) if at is not None and at > now}
    timed = [replace(call, again_at=again.get(call.message_id)) for call in calls]
    return sorted(timed, key=lambda call: (call.again_at is not None, call.again_at or now))


def _about_no_place(now: datetime, which: ColumnElement[bool] | None) -> list[CallToMake]:
    """Return the calls about no place of hers: a message to everybody, or what a host would be written."""
    rows = db.session.execute(
        select(Message, Person, Announcement, ScheduledSession)
        .join(Person, Person.id == Message.person_id)
        .outerjoin(Announcement, Announcement.id == Message.announcement_id)
        .outerjoin(
            ScheduledSession,
            ScheduledSession.id == func.coalesce(Message.session_id, Announcement.session_id),
        )
        .outerjoin(Booking, Booking.id == Message.booking_id)
        .where(
            or_(Message.booking_id.is_(None), Message.announcement_id.is_not(None)),
            # What is about no place of hers is judged by its time alone.
            or_(Message.booking_id.is_(None), ~func.coalesce(is_overtaken(now), False)),
            Message.channel.in_(BY_HAND),
            Message.state == MessageState.WAITING,
            Message.due_at <= now,
            or_(Message.useless_at.is_(None), Message.useless_at > now),
            Person.status.in_(policy.LIVING),
            true() if which is None else which,
        )
        .options(joinedload(ScheduledSession.series))
        .order_by(Message.due_at, Message.id)
    ).all()
    phones = phones_of([person.id for _message, person, _written, _about in rows])
    tried = _tried([message.id for message, _person, _written, _about in rows])
    return [_call_about(*row, phones, tried) for row in rows]


def _call_about(
    message: Message,
    person: Person,
    written: Announcement | None,
    about: ScheduledSession | None,
    phones: dict[int, str],
    tried: dict[int, int],
) -> CallToMake:
    say = words_of_announcement(written, about) if written is not None else ()
    return CallToMake(
        message_id=message.id,
        person_id=person.id,
        known_as=person.known_as,
        full_name=person.full_name,
        phone=phones.get(person.id),
        channel=message.channel,
        kind=message.kind,
        say=say,
        due_at=message.due_at,
        useless_at=message.useless_at,
        tried=tried.get(message.id, 0),
        may_leave_word=person.may_leave_word,
        of_use_until=message.useless_at,
        has_letter=written is None,
    )


def _with_dates(calls: list[CallToMake], courses: dict[int, int | None], now: datetime) -> list[CallToMake]:
    """Add to each call about a course all its dates, as the letter has them."""
    about = [call for call in calls if call.kind in _ABOUT_A_COURSE]
    if not about:
        return calls
    weeks = dates_of_courses([courses[call.message_id] for call in about], now)
    return [
        replace(call, say=(*call.say, *all_dates(weeks.get(courses[call.message_id] or 0, []))))
        if call.kind in _ABOUT_A_COURSE
        else call
        for call in calls
    ]


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
    line = kept_line(kept, kept.held_until)
    return replace(call, say=(*call.say, line), offer_id=kept.id)


def _call(
    message: Message,
    booking: Booking,
    phones: dict[int, str],
    tried: dict[int, int],
    was: dict[int, SessionVersion],
    now: datetime,
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
        say=words_of(message.kind, booking, was.get(booking.id)),
        due_at=message.due_at,
        useless_at=message.useless_at or booking.session.ends_at,
        tried=tried.get(message.id, 0),
        offer_id=booking.id if message.kind is MessageKind.OFFERED else None,
        may_leave_word=person.may_leave_word,
        of_use_until=of_use_until(message.useless_at, booking.session, now),
    )


def phones_of(person_ids: Sequence[int | None]) -> dict[int, str]:
    """Return the number to call each of these people on, where one is known."""
    rows = db.session.execute(
        select(ContactPoint.person_id, ContactPoint.written)
        .where(ContactPoint.person_id.in_(person_ids), ContactPoint.kind == ContactKind.PHONE)
        .order_by(ContactPoint.is_preferred, ContactPoint.id.desc())
    )
    # The last one read wins: the preferred number comes last.
    return dict(rows.all())


def postal_addresses_of(person_ids: Sequence[int]) -> dict[int, str]:
    """Return where each of these people has her post, where that is known."""
    rows = db.session.execute(
        select(ContactPoint.person_id, ContactPoint.written)
        .where(ContactPoint.person_id.in_(person_ids), ContactPoint.kind == ContactKind.POST)
        .order_by(ContactPoint.is_preferred, ContactPoint.id.desc())
    )
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
