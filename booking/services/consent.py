"""The ledger of consent: a yes is added, a yes is taken back, and what it allowed us to keep goes with it."""

from datetime import datetime

from sqlalchemy import delete

from booking.db import db, transaction
from booking.models import EqualityAnswers, Person
from booking.models.kinds import ConsentPurpose, TaskKind
from booking.refusals import CannotBeWithdrawn
from booking.services.steps import consent, news, tasks
from booking.services.steps.movement import call_no_longer_wanted, forget_check_in
from booking.services.steps.people import hold

# Coming means keeping the ground rules: whoever no longer wants to simply does not come.
WITHDRAWABLE = tuple(one for one in ConsentPurpose if one is not ConsentPurpose.GROUND_RULES)


def agree(person_id: int, purpose: ConsentPurpose, now: datetime) -> None:
    """Write down her yes to today's words; a yes to them that stands is left as it is.

    Refuses: a record that does not open any more.
    """
    _add(person_id, purpose, now, None)


def record_spoken(person_id: int, purpose: ConsentPurpose, actor_id: int, now: datetime) -> None:
    """Write down a yes that the office heard her say.

    Refuses: a record that does not open any more.
    """
    _add(person_id, purpose, now, actor_id)


def withdraw(person_id: int, purpose: ConsentPurpose, now: datetime) -> None:
    """Take her yes back, and delete what was kept because of it; twice is once.

    Taking back the first one of all asks the office to call her, before anything is closed.
    Refuses: the ground rules, and a record that does not open any more.
    """
    _take_back(person_id, purpose, now, None)


def withdraw_spoken(person_id: int, purpose: ConsentPurpose, actor_id: int, now: datetime) -> None:
    """Take a yes back that she took back by word of mouth, as `withdraw` does.

    Refuses: the ground rules, and a record that does not open any more.
    """
    _take_back(person_id, purpose, now, actor_id)


def _add(person_id: int, purpose: ConsentPurpose, now: datetime, actor_id: int | None) -> None:
    with transaction():
        person = hold(person_id)
        consent.agree(person_id, purpose, now, recorded_by=actor_id)
        if purpose is ConsentPurpose.NEWS:
            news.begin(person)
        if purpose is ConsentPurpose.KEEP_DETAILS:
            # She has changed her mind, so there is nothing left to call her about.
            tasks.settle_about(TaskKind.CONSENT_WITHDRAWN, person_id, actor_id, now)


def _take_back(person_id: int, purpose: ConsentPurpose, now: datetime, actor_id: int | None) -> None:
    if purpose not in WITHDRAWABLE:
        raise CannotBeWithdrawn
    with transaction():
        person = hold(person_id)
        had_one = consent.withdraw(person_id, purpose, now, actor_id)
        _delete_what_it_allowed(person, purpose, actor_id or person_id, now)
        wants_call = had_one and purpose is ConsentPurpose.KEEP_DETAILS
        if wants_call and not tasks.is_asked(TaskKind.CONSENT_WITHDRAWN, person_id):
            tasks.ask(TaskKind.CONSENT_WITHDRAWN, now, person_id=person_id)


def _delete_what_it_allowed(person: Person, purpose: ConsentPurpose, by: int, now: datetime) -> None:
    if purpose is ConsentPurpose.EQUALITY:
        db.session.execute(delete(EqualityAnswers).where(EqualityAnswers.person_id == person.id))
    if purpose is ConsentPurpose.MOVEMENT:
        forget_check_in(person.id)
        call_no_longer_wanted(person.id, by, now)
    if purpose is ConsentPurpose.NEWS:
        news.let_go(person, now)
