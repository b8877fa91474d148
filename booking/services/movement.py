"""The movement check-in: answered by herself, and kept as flags only."""

from collections.abc import Mapping
from datetime import datetime

from booking.db import db, transaction
from booking.models import MovementCheckIn
from booking.models.kinds import ConsentPurpose, TaskKind
from booking.queries import consent
from booking.refusals import ConsentNeeded
from booking.rules.movement import flags_of, wants_call
from booking.services.steps.audit import note
from booking.services.steps.consent import agree
from booking.services.steps.movement import forget_check_in
from booking.services.steps.people import hold
from booking.services.steps.tasks import ask, is_asked


def check_in(person_id: int, answers: Mapping[str, str], agrees: bool, now: datetime) -> bool:
    """Keep what her answers mean in place of those before, and say whether somebody will call her.

    The answers themselves are not kept, and no answer keeps her from a class. A call is asked for once,
    until the office has made it. `agrees` says that she ticked the box on this page; an earlier yes to
    the words of today is enough.
    Refuses: no consent, and a record that does not open.
    """
    with transaction():
        hold(person_id)
        if not agrees and not consent.agrees_to_today(person_id, ConsentPurpose.MOVEMENT):
            raise ConsentNeeded
        agree(person_id, ConsentPurpose.MOVEMENT, now)
        forget_check_in(person_id)
        wanted = wants_call(answers)
        flags = ",".join(flags_of(answers))
        db.session.add(MovementCheckIn(person_id=person_id, flags=flags, wants_call=wanted, answered_at=now))
        if wanted and not is_asked(TaskKind.MOVEMENT_CALL, person_id):
            ask(TaskKind.MOVEMENT_CALL, now, person_id=person_id)
        note(now, person_id, "movement check-in saved", f"person:{person_id}")
        return wanted
