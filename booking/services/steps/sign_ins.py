"""The records that keep somebody signed in, inside a caller's transaction."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import update

from booking.db import db
from booking.models import SignIn
from booking.models.kinds import SignInHow

STAYS_SIGNED_IN = timedelta(days=30)


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


def end_all(person_id: int, now: datetime, *, but: str | None = None) -> None:
    """End every live sign-in of a person in all processes, except the one named by `but`."""
    ending = update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
    if but is not None:
        ending = ending.where(SignIn.public_id != but)
    db.session.execute(ending.values(ended_at=now), execution_options={"synchronize_session": False})
