"""The ledger of what people agreed to, inside a caller's transaction: rows are added and withdrawn."""

from datetime import datetime

from sqlalchemy import select, update

from booking.db import db
from booking.models import Consent
from booking.models.kinds import ConsentHow, ConsentPurpose
from booking.rules.wordings import current_version
from booking.services.steps.audit import note


def agree(person_id: int, purpose: ConsentPurpose, now: datetime, recorded_by: int | None = None) -> None:
    """Add her yes to today's wording; a yes to it that stands is left as it is.

    `recorded_by` is who in the office heard her say it; None means that she ticked it herself.
    """
    version = current_version(purpose)
    standing = select(Consent.id).where(
        Consent.person_id == person_id,
        Consent.purpose == purpose,
        Consent.wording_version == version,
        Consent.withdrawn_at.is_(None),
    )
    if db.session.scalar(standing.limit(1)) is not None:
        return
    how = ConsentHow.WEB if recorded_by is None else ConsentHow.SPOKEN
    db.session.add(
        Consent(
            person_id=person_id,
            purpose=purpose,
            wording_version=version,
            given_at=now,
            how=how,
            recorded_by=recorded_by,
        )
    )
    note(now, recorded_by or person_id, "agreed", f"person:{person_id}", f"{purpose.value} {version}")


def withdraw(person_id: int, purpose: ConsentPurpose, now: datetime, actor_id: int | None = None) -> bool:
    """End every yes to a purpose, of whatever version; say whether there was one."""
    ended = db.session.scalars(
        update(Consent)
        .where(Consent.person_id == person_id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
        .returning(Consent.id),
        execution_options={"synchronize_session": False},
    ).all()
    if ended:
        note(now, actor_id or person_id, "withdrew", f"person:{person_id}", purpose.value)
    return bool(ended)
