"""A letter that came back for good, noted inside the caller's transaction: after three, somebody calls."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from booking.db import db
from booking.messages.reach import ANSWERS, LINKS, SILENT
from booking.models import AuditEntry, Bounce, ContactPoint, Message, Person
from booking.models.kinds import Channel, ContactKind, MessageKind, MessageState, TaskKind
from booking.queries.privacy import records_of
from booking.rules.addresses import email_key
from booking.services.steps import calls, tasks
from booking.services.steps.audit import note
from booking.services.steps.letters import not_begun
from booking.services.steps.locks import lock_people
from booking.services.steps.told import note_not_told

# So many at the address she has now: one may be a full mailbox, three are an address that is gone.
TURNS_TO_CALLS = 3
CAME_BACK = "came back"
# As the deeds that set a channel or an address write it into the audit log.
_DETAILS_CHANGED = "details changed"
_LONGEST_CODE = 20
_QUIETLY = {"synchronize_session": False}
# What nobody can read out to her on the phone, or what speaks of her email address alone.
_ONLY_BY_EMAIL = (
    *LINKS,
    MessageKind.EMAIL_CHANGED,
    MessageKind.PASSWORD_CHANGED,
    MessageKind.FACTOR_CHANGED,
    MessageKind.NEWS,
)


def note_bounce(message: Message, code: str, now: datetime, address: str = "") -> bool:
    """Note that a letter came back for good, once for each letter; say whether that is news.

    Her row is taken here, so this stands before the caller changes the message. `address` is the one that
    the report names; where it is none of hers, the one the letter was laid for counts. With the third
    bounce of an address that she still has, the office calls her from now on, and is asked to find out.
    """
    if message.person_id is not None:
        lock_people([message.person_id])
        db.session.refresh(message)
    known = db.session.scalar(select(Bounce.id).where(Bounce.message_id == message.id))
    if known is not None or not (message.recipient or address):
        return False
    db.session.add(_bounce(message, code, now, address))
    _did_not_arrive(message.id, code)
    db.session.flush()
    if message.person_id is not None and _hard_bounces(message.person_id) >= TURNS_TO_CALLS:
        _call_from_now_on(message.person_id, now)
    return True


def _bounce(message: Message, code: str, now: datetime, address: str) -> Bounce:
    hers = _her_keys(message.person_id) if message.person_id is not None else set()
    named = email_key(address) if "@" in address else ""
    key = named if named in hers else email_key(message.recipient or address)
    facts = {"message_id": message.id, "person_id": message.person_id, "address_key": key}
    return Bounce(**facts, code=code[:_LONGEST_CODE], noted_at=now)


def follow_their_letters(*person_ids: int) -> None:
    """Let what came back belong to whom its letter belongs: two records were merged, or taken apart."""
    whose = select(Message.person_id).where(Message.id == Bounce.message_id).scalar_subquery()
    moved = update(Bounce).where(Bounce.person_id.in_(person_ids)).values(person_id=whose)
    db.session.execute(moved, execution_options=_QUIETLY)


def parts_of(message_id: int) -> ColumnElement[bool]:
    """Return the condition that a message is this one, or went as a part of its letter."""
    return or_(Message.id == message_id, Message.joined_to_id == message_id)


def _did_not_arrive(message_id: int, code: str) -> None:
    """Let all that had left with a letter stand as failed: she has not been told."""
    left = select(Message).where(parts_of(message_id), Message.state == MessageState.SENT)
    held = left.order_by(Message.id).with_for_update().execution_options(populate_existing=True)
    parts = db.session.scalars(held).all()
    for part in parts:
        part.state, part.why, part.sent_at = MessageState.FAILED, f"{CAME_BACK} {code}"[:200], None
    db.session.flush()
    changes = [part for part in parts if part.kind is MessageKind.SESSION_CHANGED]
    # Of two changes of one date the later one is taken back first: what she heard before lies below both.
    for change in sorted(changes, key=lambda one: one.schedule_version or 1, reverse=True):
        note_not_told(change)


def _her_keys(person_id: int) -> set[str]:
    asked = select(ContactPoint.key).where(
        ContactPoint.person_id == person_id, ContactPoint.kind == ContactKind.EMAIL
    )
    return set(db.session.scalars(asked))


def _hard_bounces(person_id: int) -> int:
    """Count those of an address she still has, and of letters since somebody last said how to reach her.

    An address that she has replaced is nobody's trouble, and whoever was set back to email begins anew:
    her mailbox may have been full.
    """
    counted = (
        select(func.count(Bounce.id))
        .join(Message, Message.id == Bounce.message_id)
        .where(Bounce.person_id == person_id, Bounce.address_key.in_(_her_keys(person_id)))
    )
    since = _way_chosen_at(person_id)
    if since is not None:
        counted = counted.where(Message.due_at > since)
    return db.session.scalar(counted) or 0


def _way_chosen_at(person_id: int) -> datetime | None:
    """Return when her channel or address was last set, on this record or one that was merged into it.

    The audit log is what remembers it, and for longer than any bounce is kept.
    """
    subjects = [f"person:{one}" for one in records_of(person_id)]
    way = or_(AuditEntry.fields.contains("channel"), AuditEntry.fields.contains("email"))
    said = AuditEntry.subject.in_(subjects), AuditEntry.action == _DETAILS_CHANGED, way
    return db.session.scalar(select(func.max(AuditEntry.at)).where(*said))


def begin_anew(person_id: int, by: int | None, now: datetime) -> None:
    """Take "letters come back" off the office's list: somebody has said anew how she is reached."""
    tasks.settle_about(TaskKind.LETTERS_BOUNCE, person_id, by, now)


def _call_from_now_on(person_id: int, now: datetime) -> None:
    person = db.session.get_one(Person, person_id, populate_existing=True)
    if person.status in SILENT:
        return
    if person.channel is Channel.EMAIL:
        person.channel = Channel.CALL
        note(now, None, "letters became calls", f"person:{person_id}", "channel")
    if not tasks.is_asked(TaskKind.LETTERS_BOUNCE, person_id):
        tasks.ask(TaskKind.LETTERS_BOUNCE, now, person_id=person_id)
    _make_calls(person_id, now)


def _make_calls(person_id: int, now: datetime) -> None:
    """Make calls of what waits for her by email, and of what came back and may still help her."""
    hers = and_(
        Message.person_id == person_id,
        Message.channel == Channel.EMAIL,
        Message.kind.not_in(_ONLY_BY_EMAIL),
        or_(Message.useless_at.is_(None), Message.useless_at > now),
    )
    # Everybody takes several messages in this order, so that no two wait for each other.
    held = select(Message.id).where(hers, or_(not_begun(), _came_back())).order_by(Message.id)
    made = db.session.execute(
        update(Message)
        .where(Message.id.in_(db.session.scalars(held.with_for_update()).all()))
        .values(
            state=MessageState.WAITING,
            channel=Channel.CALL,
            why=CAME_BACK,
            leased_by=None,
            leased_until=None,
            began_at=None,
            joined_to_id=None,
        )
        .returning(Message.kind, Message.booking_id),
        execution_options=_QUIETLY,
    ).all()
    for kind, booking_id in made:
        # No clock runs against somebody who has to be called.
        if kind is MessageKind.OFFERED and booking_id is not None:
            calls.stop_clock(booking_id)


def _came_back() -> ColumnElement[bool]:
    """Say whether a letter came back and tells her what she can't know: no answer to what she just did."""
    its_letter = Bounce.message_id.in_((Message.id, Message.joined_to_id))
    returned = select(Bounce.id).where(its_letter).correlate(Message).exists()
    # A confirmation is among them: that a place was kept may be all she waits to hear.
    unasked = or_(Message.kind.not_in(ANSWERS), Message.kind == MessageKind.BOOKED)
    about_a_date = or_(Message.session_id.is_not(None), Message.booking_id.is_not(None))
    return and_(Message.state == MessageState.FAILED, returned, unasked, about_a_date)
