"""What has been kept for long enough: one condition for each kind, for the preview and for the sweep."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from booking import policy
from booking.db import db
from booking.models import (
    Announcement,
    AuditEntry,
    Booking,
    Consent,
    EmailLink,
    EmergencyContact,
    Message,
    MovementCheckIn,
    Person,
    PersonRole,
    ScheduledSession,
    SignIn,
    Task,
)
from booking.models.kinds import MessageState, PersonStatus
from booking.rules.retention import Kept, kept_since

_DONE_WITH = (MessageState.SENT, MessageState.FAILED, MessageState.WITHDRAWN)
# These are emptied already, or are emptied by what made them so.
_EMPTIED = (PersonStatus.CLOSED, PersonStatus.MERGED)


def preview(now: datetime) -> dict[Kept, int]:
    """Count, kind by kind, what the next sweep takes away."""
    return {
        kind: db.session.scalar(select(func.count()).select_from(due(kind, now).subquery())) or 0
        for kind in Kept
    }


def due(kind: Kept, now: datetime) -> Select[int]:
    """Return the query for the ids of what has been kept for long enough, oldest first."""
    column, condition = _CONDITIONS[kind]
    return select(column).where(condition(kept_since(kind, now), now)).order_by(column)


def _messages(before: datetime, now: datetime) -> ColumnElement[bool]:
    """Keep what stands about a session to come: who was told what is read from it."""
    over = select(Booking.id).join(Booking.session).where(ScheduledSession.ends_at < now)
    done_at = func.coalesce(Message.sent_at, Message.due_at)
    about_the_past = or_(Message.booking_id.is_(None), Message.booking_id.in_(over))
    return and_(Message.state.in_(_DONE_WITH), done_at < before, Message.created_at < before, about_the_past)


def _announcement_words(before: datetime, now: datetime) -> ColumnElement[bool]:
    """Keep them while a message of theirs is kept; once all have left, no longer than their author."""
    kept = select(Message.announcement_id).where(Message.announcement_id.is_not(None))
    on_its_way = kept.where(Message.state.not_in(_DONE_WITH))
    emptied = select(Person.id).where(Person.status == PersonStatus.CLOSED)
    old = and_(Announcement.created_at < before, Announcement.id.not_in(kept))
    hers = and_(Announcement.author_id.in_(emptied), Announcement.id.not_in(on_its_way))
    return and_(or_(Announcement.words != "", Announcement.heading != ""), or_(old, hers))


def _links(before: datetime, now: datetime) -> ColumnElement[bool]:
    ended = or_(EmailLink.used_at < before, EmailLink.expires_at < before)
    return and_(ended, EmailLink.id.not_in(select(Message.link_id).where(Message.link_id.is_not(None))))


def _sign_ins(before: datetime, now: datetime) -> ColumnElement[bool]:
    """Keep each person's last one: it says when she was here, so that nobody is emptied too early."""
    later = aliased(SignIn)
    has_later = select(later.id).where(later.person_id == SignIn.person_id, later.id > SignIn.id).exists()
    return and_(or_(SignIn.ended_at < before, SignIn.expires_at < before), has_later)


def _movement(before: datetime, now: datetime) -> ColumnElement[bool]:
    return MovementCheckIn.answered_at < before


def _emergency(before: datetime, now: datetime) -> ColumnElement[bool]:
    booked = (
        select(Booking.person_id)
        .join(Booking.session)
        .where(Booking.person_id.is_not(None))
        .where(or_(ScheduledSession.ends_at >= before, Booking.created_at >= before))
    )
    return and_(EmergencyContact.saved_at < before, EmergencyContact.person_id.not_in(booked))


def _task_words(before: datetime, now: datetime) -> ColumnElement[bool]:
    return and_(Task.settled_at < before, or_(Task.words != "", Task.reply_to != ""))


def _walk_in_names(before: datetime, now: datetime) -> ColumnElement[bool]:
    long_ago = select(ScheduledSession.id).where(ScheduledSession.ends_at < before)
    return and_(Booking.walk_in_name != "", Booking.session_id.in_(long_ago))


def _people(before: datetime, now: datetime) -> ColumnElement[bool]:
    """Ask for every sign of contact: a booking, a sign-in, a letter, a consent, whatever the log knows."""
    booked = select(Booking.person_id).join(Booking.session)
    booked = booked.where(or_(Booking.state_at >= before, ScheduledSession.ends_at >= before))
    signs = (
        (Person.id, booked.where(Booking.person_id.is_not(None))),
        (Person.id, select(SignIn.person_id).where(SignIn.created_at >= before)),
        (Person.id, _written_to(before)),
        (Person.id, select(Consent.person_id).where(Consent.given_at >= before)),
        (Person.id, select(Task.person_id).where(Task.person_id.is_not(None), _is_fresh(before))),
        (Person.id, select(AuditEntry.actor_id).where(AuditEntry.actor_id.is_not(None), _noted(before))),
        (_subject(), select(AuditEntry.subject).where(_noted(before))),
        # A host is kept while she lives; whoever died leads nothing any more.
        (Person.id, _living_with_a_role()),
    )
    silent = [who.not_in(seen) for who, seen in signs]
    still_named = or_(Person.full_name != "", Person.known_as != "")
    return and_(Person.status.not_in(_EMPTIED), Person.created_at < before, still_named, *silent)


def _living_with_a_role() -> Select[int]:
    living = Person.status.in_(policy.LIVING)
    return select(PersonRole.person_id).join(Person, Person.id == PersonRole.person_id).where(living)


def _written_to(before: datetime) -> Select[int | None]:
    fresh = or_(Message.sent_at >= before, Message.created_at >= before)
    return select(Message.person_id).where(Message.person_id.is_not(None), fresh)


def _is_fresh(before: datetime) -> ColumnElement[bool]:
    return or_(Task.settled_at.is_(None), Task.settled_at >= before)


def _noted(before: datetime) -> ColumnElement[bool]:
    return AuditEntry.at >= before


def _subject() -> ColumnElement[str]:
    return literal("person:") + cast(Person.id, String)


def _audit(before: datetime, now: datetime) -> ColumnElement[bool]:
    return AuditEntry.at < before


_CONDITIONS: dict[
    Kept, tuple[InstrumentedAttribute[int], Callable[[datetime, datetime], ColumnElement[bool]]]
] = {
    Kept.MESSAGES: (Message.id, _messages),
    Kept.ANNOUNCEMENT_WORDS: (Announcement.id, _announcement_words),
    Kept.LINKS: (EmailLink.id, _links),
    Kept.SIGN_INS: (SignIn.id, _sign_ins),
    Kept.MOVEMENT: (MovementCheckIn.id, _movement),
    Kept.EMERGENCY: (EmergencyContact.id, _emergency),
    Kept.TASK_WORDS: (Task.id, _task_words),
    Kept.WALK_IN_NAMES: (Booking.id, _walk_in_names),
    Kept.PEOPLE: (Person.id, _people),
    Kept.AUDIT: (AuditEntry.id, _audit),
}
