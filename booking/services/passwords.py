"""Passwords, for those who want one: set, changed, removed, and signed in with. Hashing stands outside."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import BoundedSemaphore

from sqlalchemy import delete, select

from booking.db import db, stop_reading, transaction
from booking.messages import outbox
from booking.models import Password, Person
from booking.models.kinds import MessageKind, SignInHow
from booking.queries import passwords as asked
from booking.refusals import HashingIsBusy, PresentPasswordWrong, StaleForm, WrongPassword
from booking.rules import passwords as rules
from booking.rules.addresses import email_key
from booking.services.steps import sign_ins
from booking.services.steps.audit import note
from booking.services.steps.locks import lock_people
from booking.settings import settings

# In each process so many hash at once and so many more wait for it: the other threads serve everybody else.
HASH_AT_ONCE = 2
WAIT_IN_LINE = 4
WAIT_SECONDS = 1.0
# However many passwords an address has, at least so many are tried: time tells nobody whether it has one.
TRIED_AT_LEAST = 2
_TURN = BoundedSemaphore(HASH_AT_ONCE)
_LINE = BoundedSemaphore(HASH_AT_ONCE + WAIT_IN_LINE)


def sign_in(address: str, typed: str, now: datetime) -> str:
    """Sign in whom of those at an address the password fits, and return the id of the sign-in record.

    Should it fit two, it says nothing: it signs in neither, and a link asks who is reading.
    Refuses: an address that nobody has, no password, a wrong one, and a record that does not open, alike.
    """
    kept = asked.kept_at(email_key(address))
    try:
        password = rules.normalised(typed)
    except rules.PasswordDoesNotFit:
        raise WrongPassword from None
    with _turn_to_hash():
        nobodys = [rules.nobodys_hash()] * (TRIED_AT_LEAST - len(kept))
        # None is left out after one has fitted: time would tell how many there are.
        fitting = [each for each in kept if rules.fits(each.hashed, password)]
        for hashed in nobodys:
            rules.fits(hashed, password)
        if len(fitting) != 1:
            raise WrongPassword
        outdated = rules.is_outdated(fitting[0].hashed)
        renewed = rules.hashed(password) if outdated else fitting[0].hashed
    return _begin(email_key(address), fitting[0], renewed, now)


def set_password(person_id: int, typed: str, present: str, public_id: str, now: datetime) -> None:
    """Keep a person's first or another password, end her other sign-ins, and post a letter that says so.

    Refuses: one that is too short, too long or too easy to guess; one that somebody else at her address
    has, in the same words; a wrong present one, where it is asked for.
    """
    before = asked.standing(person_id, public_id, now)
    about_her = (*before.names, *before.addresses, settings().organisation_name)
    password = rules.good_password(typed, about_her)
    with _turn_to_hash():
        _refuse_unless_shown(before, present)
        if [each for each in before.others if rules.fits(each.hashed, password)]:
            raise rules.too_easy()
        hashed = rules.hashed(password)
    with transaction():
        _locked_and_unchanged(person_id, public_id, before, now)
        _forget(person_id)
        db.session.add(Password(person_id=person_id, hashed=hashed, set_at=now))
        _tell(person_id, "password set" if before.kept is None else "password changed", before, now)
        sign_ins.end_all(person_id, now, but=public_id)


def remove_password(person_id: int, present: str, public_id: str, now: datetime) -> None:
    """Forget a person's password, end her other sign-ins, and post a letter that says so; twice is once.

    Refuses: a wrong present one, where it is asked for.
    """
    before = asked.standing(person_id, public_id, now)
    if before.kept is None:
        return
    with _turn_to_hash():
        _refuse_unless_shown(before, present)
    with transaction():
        _locked_and_unchanged(person_id, public_id, before, now)
        _forget(person_id)
        _tell(person_id, "password removed", before, now)
        sign_ins.end_all(person_id, now, but=public_id)


@contextmanager
def _turn_to_hash() -> Iterator[None]:
    """Wait a moment for a turn, with no transaction open.

    Refuses: where too many wait already, or the wait is over.
    """
    stop_reading()
    if not _LINE.acquire(blocking=False):
        raise HashingIsBusy
    try:
        if not _TURN.acquire(timeout=WAIT_SECONDS):
            raise HashingIsBusy
        try:
            yield
        finally:
            _TURN.release()
    finally:
        _LINE.release()


def _begin(address_key: str, fitting: asked.Kept, renewed: str, now: datetime) -> str:
    with transaction():
        lock_people([fitting.person_id])
        # Meanwhile she may have died, closed her account, changed the password, or left this address.
        if fitting not in asked.kept_at(address_key):
            raise WrongPassword
        kept = db.session.scalars(select(Password).where(Password.person_id == fitting.person_id)).one()
        kept.hashed = renewed
        return sign_ins.begin(fitting.person_id, SignInHow.PASSWORD, now)


def _refuse_unless_shown(before: asked.Standing, present: str) -> None:
    if before.kept is None or not before.asks_present:
        return
    try:
        shown = rules.fits(before.kept.hashed, rules.normalised(present))
    except rules.PasswordDoesNotFit:
        shown = False
    if not shown:
        raise PresentPasswordWrong


def _locked_and_unchanged(person_id: int, public_id: str, before: asked.Standing, now: datetime) -> None:
    """Hold everybody at her addresses, and see that what was hashed against is still what is kept.

    Refuses: passwords that changed in the meantime, and a sign-in that has ended.
    """
    lock_people([person_id, *before.sharing])
    today = asked.standing(person_id, public_id, now)
    if today.kept != before.kept or today.others != before.others:
        raise StaleForm


def _forget(person_id: int) -> None:
    db.session.execute(delete(Password).where(Password.person_id == person_id))


def _tell(person_id: int, deed: str, before: asked.Standing, now: datetime) -> None:
    note(now, person_id, deed, f"person:{person_id}")
    if before.addresses:
        outbox.post(
            MessageKind.PASSWORD_CHANGED,
            person=db.session.get_one(Person, person_id, populate_existing=True),
            recipient=before.addresses[0],
            now=now,
            key=f"person:{person_id}:password:{now.isoformat()}",
        )
