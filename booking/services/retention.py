"""The sweep: what has been kept for long enough goes, a small batch at a time."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, update

from booking.db import db, transaction
from booking.models import (
    Announcement,
    AuditEntry,
    Booking,
    Bounce,
    CallNote,
    EmailLink,
    EmergencyContact,
    Message,
    MovementCheckIn,
    Person,
    SignIn,
    Task,
)
from booking.queries.retention import due
from booking.rules.retention import Kept
from booking.services.steps.audit import note
from booking.services.steps.emptying import empty
from booking.services.steps.locks import lock_people

AnyRow = AuditEntry | EmailLink | EmergencyContact | Message | MovementCheckIn | SignIn
# The worker asks for one after the other.
KINDS = tuple(Kept)
AT_A_TIME = 200
_ROWS: dict[Kept, type[AnyRow]] = {
    Kept.MESSAGES: Message,
    Kept.LINKS: EmailLink,
    Kept.SIGN_INS: SignIn,
    Kept.MOVEMENT: MovementCheckIn,
    Kept.EMERGENCY: EmergencyContact,
    Kept.AUDIT: AuditEntry,
}
_QUIETLY = {"synchronize_session": False}


def forget(kind: Kept, now: datetime) -> int:
    """Let go of one batch of what the preview names, and return how much that was.

    Units: rows; fewer than a batch mean that nothing of this kind is left to go.
    """
    if db.session.scalar(due(kind, now).limit(1)) is None:
        # Looking costs no writing transaction: most hours there is nothing.
        return 0
    with transaction():
        ids = db.session.scalars(due(kind, now).limit(AT_A_TIME)).all()
        if kind is Kept.PEOPLE:
            return _empty(ids, now)
        _let_go(kind, ids)
        return len(ids)


def _let_go(kind: Kept, ids: Collection[int]) -> None:
    if kind is Kept.TASK_WORDS:
        blank = update(Task).where(Task.id.in_(ids)).values(words="", reply_to="")
        db.session.execute(blank, execution_options=_QUIETLY)
    elif kind is Kept.ANNOUNCEMENT_WORDS:
        wordless = update(Announcement).where(Announcement.id.in_(ids)).values(words="", heading="")
        db.session.execute(wordless, execution_options=_QUIETLY)
    elif kind is Kept.WALK_IN_NAMES:
        nameless = update(Booking).where(Booking.id.in_(ids)).values(walk_in_name="")
        db.session.execute(nameless, execution_options=_QUIETLY)
    else:
        if kind is Kept.MESSAGES:
            _let_go_of_what_names(ids)
        table = _ROWS[kind]
        db.session.execute(delete(table).where(table.id.in_(ids)), execution_options=_QUIETLY)


def _let_go_of_what_names(message_ids: Collection[int]) -> None:
    """Let go of what was noted about messages, and of what other messages say of them."""
    for noted in (CallNote, Bounce):
        gone = delete(noted).where(noted.message_id.in_(message_ids))
        db.session.execute(gone, execution_options=_QUIETLY)
    for column in (Message.joined_to_id, Message.again_of_id):
        parted = update(Message).where(column.in_(message_ids)).values({column: None})
        db.session.execute(parted, execution_options=_QUIETLY)


def _empty(found: Collection[int], now: datetime) -> int:
    """Empty the records of people of whom nothing was heard; their attendance stays without a name."""
    lock_people(found)
    # Read again under the lock: she may have signed in a moment ago.
    still = db.session.scalars(due(Kept.PEOPLE, now).where(Person.id.in_(found))).all()
    empty(still, None, now)
    for person_id in still:
        note(now, None, "record emptied", f"person:{person_id}")
    return len(still)
