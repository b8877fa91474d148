"""Writing down who did what: ids and field names, never values."""

from datetime import datetime

from booking.db import db
from booking.models import AuditEntry


def note(at: datetime, actor_id: int | None, action: str, subject: str, *fields: str) -> None:
    """Add one row to the audit log of the caller's transaction."""
    db.session.add(
        AuditEntry(at=at, actor_id=actor_id, action=action, subject=subject, fields=", ".join(fields))
    )
