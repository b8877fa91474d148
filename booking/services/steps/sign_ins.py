"""The records that keep somebody signed in, inside a caller's transaction."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update

from booking.db import db
from booking.models import SignIn
from booking.models.kinds import SignInHow
from booking.refusals import NotFound

STAYS_SIGNED_IN = timedelta(days=30)
# Somebody who presses twice may still send the old id a moment longer.
_OLD_ID_LASTS = timedelta(minutes=1)


def begin(person_id: int, how: SignInHow, now: datetime) -> str:
    """Add a sign-in and return the random id that the cookie will name."""
    public_id = secrets.token_urlsafe(32)
    db.session.add(
        SignIn(
            public_id=public_id,
            person_id=person_id,
            how=how,
            created_at=now,
            expires_at=now + STAYS_SIGNED_IN,
        )
    )
    return public_id


def carry_on(person_id: int, public_id: str, now: datetime) -> str:
    """Carry a sign-in on under a new id, with the second factor shown; the old id runs out.

    A cookie that somebody copied before is never raised to the office's pages with hers.
    Refuses: a sign-in that has ended, or is another person's.
    """
    live = select(SignIn).where(
        SignIn.public_id == public_id,
        SignIn.person_id == person_id,
        SignIn.ended_at.is_(None),
        SignIn.expires_at > now,
    )
    before = db.session.scalar(live.execution_options(populate_existing=True))
    if before is None:
        raise NotFound
    new_id = secrets.token_urlsafe(32)
    db.session.add(
        SignIn(
            public_id=new_id,
            person_id=person_id,
            how=before.how,
            second_factor_at=now,
            created_at=before.created_at,
            expires_at=before.expires_at,
        )
    )
    before.expires_at = min(before.expires_at, now + _OLD_ID_LASTS)
    return new_id


def end_all(person_id: int, now: datetime, *, but: str | None = None) -> None:
    """End every live sign-in of a person in all processes, except the one named by `but`."""
    ending = update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
    if but is not None:
        ending = ending.where(SignIn.public_id != but)
    db.session.execute(ending.values(ended_at=now), execution_options={"synchronize_session": False})
