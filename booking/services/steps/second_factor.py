"""An authenticator app inside a caller's transaction: finding it, and forgetting it."""

from sqlalchemy import delete, select

from booking.db import db
from booking.models import RecoveryCode, SecondFactor


def of(person_id: int) -> SecondFactor | None:
    """Return a person's authenticator app as it is now, set up or begun."""
    asked = select(SecondFactor).where(SecondFactor.person_id == person_id)
    return db.session.scalar(asked.execution_options(populate_existing=True))


def forget(person_id: int) -> None:
    """Delete the app and its recovery codes: no code of hers opens anything any more."""
    for table in (RecoveryCode, SecondFactor):
        db.session.execute(delete(table).where(table.person_id == person_id))
