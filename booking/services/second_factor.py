"""An authenticator app and its recovery codes: set up, shown, made anew, removed, and reset by the office."""

from datetime import datetime

from sqlalchemy import delete, select, update

from booking import policy
from booking.db import db, transaction
from booking.messages import outbox
from booking.messages.reach import contacts_of
from booking.models import Person, PersonRole, RecoveryCode, SecondFactor, SignIn
from booking.models.kinds import ContactKind, MessageKind, Role
from booking.queries import second_factor as asked
from booking.queries.signin import people_at
from booking.refusals import (
    AnotherAdminResets,
    CodeDoesNotFit,
    NotFound,
    OfficeKeepsTheApp,
    RecoveryCodeDoesNotFit,
    SecondFactorStands,
    ShowTheSecondFactor,
)
from booking.rules import one_time
from booking.rules.addresses import email_key
from booking.rules.tokens import new_nonce
from booking.services.steps import second_factor as steps
from booking.services.steps import sign_ins
from booking.services.steps.audit import note
from booking.services.steps.locks import lock_people
from booking.settings import settings

HOW_MANY_CODES = 10


def set_up(person_id: int, nonce: str, typed: str, public_id: str, now: datetime) -> tuple[str, list[str]]:
    """Keep an authenticator app once one of its codes was right; it counts as shown in this sign-in.

    It takes the place of an earlier app, and ends every other sign-in then. Returns the id under which
    the sign-in goes on, and the ten recovery codes.
    Refuses: a code that does not fit, somebody without a role, an app that stands already, and another
    app where the present one was not shown a moment ago.
    """
    with transaction():
        lock_people([person_id])
        before = steps.of(person_id)
        replaces = before is not None and before.confirmed_at is not None
        _may_set_up(person_id, before, nonce, public_id, now)
        step = one_time.fitting_step(_keys(person_id, nonce), typed, now, 0)
        if step is None:
            raise CodeDoesNotFit
        steps.forget(person_id)
        db.session.add(
            SecondFactor(person_id=person_id, nonce=nonce, confirmed_at=now, last_step=step, created_at=now)
        )
        if replaces:
            sign_ins.end_all(person_id, now, but=public_id)
        note(now, person_id, f"second factor {'replaced' if replaces else 'set up'}", f"person:{person_id}")
        _tell(person_id, now)
        return sign_ins.carry_on(person_id, public_id, now), _ten_codes(person_id, now)


def show(person_id: int, typed: str, public_id: str, now: datetime) -> str:
    """Take the six digits of this moment, once, and return the id under which the sign-in goes on.

    Refuses: a code that does not fit or was taken before, and somebody without an authenticator app.
    """
    with transaction():
        lock_people([person_id])
        factor = _standing_factor(person_id)
        step = one_time.fitting_step(_keys(person_id, factor.nonce), typed, now, factor.last_step)
        if step is None:
            raise CodeDoesNotFit
        factor.last_step = step
        return sign_ins.carry_on(person_id, public_id, now)


def use_recovery_code(person_id: int, typed: str, public_id: str, now: datetime) -> tuple[str, int]:
    """Take a recovery code, once, and return the id under which the sign-in goes on and how many are left.

    Refuses: a code that does not fit or was used, and somebody without an authenticator app.
    """
    with transaction():
        lock_people([person_id])
        _standing_factor(person_id)
        secrets = settings().secret_keys
        fitting = [
            code
            for code in _unused_codes(person_id)
            if one_time.recovery_code_fits(secrets, code.id, code.nonce, typed)
        ]
        if not fitting:
            raise RecoveryCodeDoesNotFit
        fitting[0].used_at = now
        note(now, person_id, "recovery code used", f"person:{person_id}")
        _tell(person_id, now)
        db.session.flush()
        return sign_ins.carry_on(person_id, public_id, now), asked.codes_left(person_id)


def new_recovery_codes(person_id: int, public_id: str, now: datetime) -> list[str]:
    """Make ten new recovery codes; the old ones open nothing any more.

    Refuses: somebody who did not show her second factor a moment ago, or has none.
    """
    with transaction():
        lock_people([person_id])
        _standing_factor(person_id)
        _just_shown(person_id, public_id, now)
        note(now, person_id, "recovery codes made", f"person:{person_id}")
        return _ten_codes(person_id, now)


def remove(person_id: int, public_id: str, now: datetime) -> None:
    """Let somebody stop using an authenticator app that was her own choice.

    Refuses: whoever needs one, and somebody who did not show it a moment ago, or has none.
    """
    with transaction():
        lock_people([person_id])
        _standing_factor(person_id)
        if policy.must_have_second_factor(_roles(person_id)):
            raise OfficeKeepsTheApp
        _just_shown(person_id, public_id, now)
        steps.forget(person_id)
        # What was shown with an app that is gone must not open the office to her some day.
        db.session.execute(
            update(SignIn).where(SignIn.person_id == person_id).values(second_factor_at=None),
            execution_options={"synchronize_session": False},
        )
        note(now, person_id, "second factor removed", f"person:{person_id}")
        _tell(person_id, now)


def reset(person_id: int, actor_id: int, now: datetime) -> None:
    """Forget somebody's authenticator app and end her sign-ins: she sets up another when she comes back.

    Refuses: oneself, and somebody without one.
    """
    if person_id == actor_id:
        raise AnotherAdminResets
    with transaction():
        lock_people([person_id])
        _standing_factor(person_id)
        steps.forget(person_id)
        sign_ins.end_all(person_id, now)
        note(now, actor_id, "second factor reset", f"person:{person_id}")
        _tell(person_id, now)


def begin_for_newcomers(address: str, now: datetime) -> None:
    """Begin an authenticator app for whoever has this address, needs one and has none.

    A command says its key then, so that somebody without a phone can try the service out. It opens nothing
    until one of its codes was right.
    """
    with transaction():
        ids = sorted(
            person.id for person in people_at(email_key(address)) if policy.may_sign_in(person.status)
        )
        lock_people(ids)
        for person_id in ids:
            if _roles(person_id) and steps.of(person_id) is None:
                row = SecondFactor(person_id=person_id, nonce=new_nonce(), confirmed_at=None, created_at=now)
                db.session.add(row)


def _tell(person_id: int, now: datetime) -> None:
    """Write one neutral letter to her proven address: if it was not her, she calls us."""
    proven = (
        point for point in contacts_of(person_id) if point.kind is ContactKind.EMAIL and point.proven_at
    )
    if (point := next(proven, None)) is not None:
        outbox.post(
            MessageKind.FACTOR_CHANGED,
            person=db.session.get_one(Person, person_id, populate_existing=True),
            recipient=point.written,
            now=now,
            key=f"person:{person_id}:factor:{now.isoformat()}",
        )


def _may_set_up(
    person_id: int, before: SecondFactor | None, nonce: str, public_id: str, now: datetime
) -> None:
    if before is None or before.confirmed_at is None:
        if not _roles(person_id):
            raise NotFound
        return
    if before.nonce == nonce:
        raise SecondFactorStands
    _just_shown(person_id, public_id, now)


def _just_shown(person_id: int, public_id: str, now: datetime) -> None:
    if not asked.is_fresh(person_id, public_id, now):
        raise ShowTheSecondFactor


def _standing_factor(person_id: int) -> SecondFactor:
    factor = steps.of(person_id)
    if factor is None or factor.confirmed_at is None:
        raise NotFound
    return factor


def _keys(person_id: int, nonce: str) -> list[str]:
    """Return the key under each secret, so that an app outlives a change of `SECRET_KEY`."""
    return [one_time.setup_key(secret, person_id, nonce) for secret in settings().secret_keys]


def _roles(person_id: int) -> set[Role]:
    return set(db.session.scalars(select(PersonRole.role).where(PersonRole.person_id == person_id)))


def _unused_codes(person_id: int) -> list[RecoveryCode]:
    unused = select(RecoveryCode).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return list(db.session.scalars(unused.order_by(RecoveryCode.id)))


def _ten_codes(person_id: int, now: datetime) -> list[str]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    rows = [
        RecoveryCode(person_id=person_id, nonce=new_nonce(), created_at=now) for _ in range(HOW_MANY_CODES)
    ]
    db.session.add_all(rows)
    db.session.flush()
    secret = settings().secret_key
    return [one_time.recovery_code(secret, row.id, row.nonce) for row in rows]
