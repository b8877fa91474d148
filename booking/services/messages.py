"""Keeping the tray right: reminders that have become due are laid out, what is overtaken is set aside."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Case, and_, case, select, update

from booking.db import db, transaction
from booking.messages import outbox
from booking.messages.reach import contacts_of_all, way_to
from booking.models import ContactPoint, Message
from booking.models.kinds import MessageKind, MessageState
from booking.queries import messages as asked
from booking.queries import reminders
from booking.queries.reminders import DueReminder
from booking.rules.quiet_hours import next_allowed
from booking.rules.reminders import TWO_DAYS_BEFORE

BATCH = 500


def lay_out_reminders(now: datetime) -> int:
    """Lay out every reminder and start of a course that is due; return how many. Derived, never scheduled.

    Looking costs no writing transaction, and each batch is one of its own, so that nobody waits long for
    the database. What changes meanwhile is judged again when the letter is written.
    """
    laid = 0
    for drafts in _batches(now):
        with transaction():
            laid += outbox.lay(drafts)
    return laid


def withdraw_overtaken(now: datetime) -> int:
    """Set aside what waits and is no longer true, calls to make included; return how many."""
    if not asked.overtaken_ids(now, 1):
        return 0
    with transaction():
        waiting = and_(Message.id.in_(asked.overtaken_ids(now, BATCH)), Message.state == MessageState.WAITING)
        # Nobody waits for a row here: the next sweep is a few seconds away.
        free = select(Message.id).where(waiting).order_by(Message.id).with_for_update(skip_locked=True)
        withdrawn = db.session.execute(
            update(Message)
            .where(Message.id.in_(db.session.scalars(free).all()))
            .values(state=MessageState.WITHDRAWN, why=_why_overtaken(now), leased_until=None)
            .returning(Message.id),
            execution_options={"synchronize_session": False},
        ).all()
    return len(withdrawn)


def _why_overtaken(now: datetime) -> Case[str]:
    """Tell what only came too late from what a change has made untrue."""
    return case((Message.useless_at <= now, "too late"), else_="overtaken")


def _batches(now: datetime) -> Iterator[list[dict[str, Any]]]:
    # The one of the day itself first: where it goes, an earlier one that is late needn't go as well.
    for kind in reversed(reminders.IN_KEYS):
        slots = reminders.slots_now(kind, now)
        if kind == TWO_DAYS_BEFORE:
            for due in reminders.starts_due(slots, BATCH):
                yield _drafts(due, now, MessageKind.COURSE_STARTS)
        for due in reminders.reminders_due(slots, BATCH):
            yield _drafts(due, now, MessageKind.REMINDER)


def _drafts(due: Sequence[DueReminder], now: datetime, kind: MessageKind) -> list[dict[str, Any]]:
    contacts = contacts_of_all([one.booking.person_id for one in due if one.booking.person_id])
    return [_draft(one, contacts, now, kind) for one in due]


def _draft(
    due: DueReminder, contacts: dict[int, list[ContactPoint]], now: datetime, kind: MessageKind
) -> dict[str, Any]:
    person = due.booking.person
    assert person is not None
    # A worker that was down at ten in the morning must not wake anybody at night.
    allowed = next_allowed(now)
    way = way_to(person, contacts.get(person.id, []), kind, now)
    row = outbox.draft(kind, way, key=due.key, now=now, person_id=person.id)
    return row | {
        "booking_id": due.booking.id,
        "schedule_version": due.schedule_version,
        "due_at": due.due_at if allowed <= now else allowed,
        "useless_at": due.starts_at,
    }
