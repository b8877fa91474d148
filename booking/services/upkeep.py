"""Looking after the database: is it there, is it sound, keep a copy, bring one back."""

import uuid
from contextlib import suppress
from datetime import datetime

from sqlalchemy import insert

from booking.db import db, transaction
from booking.models import WorkerBeat


class _Enough(Exception):
    """Ends a transaction that was only a trial."""


def prove_writable(now: datetime) -> None:
    """Take the write lock, write a row and roll it back; any fault means that nothing can be kept."""
    trial = {"name": f"trial {uuid.uuid4().hex}", "started_at": now, "beat_at": now}
    with suppress(_Enough), transaction():
        db.session.execute(insert(WorkerBeat).values(trial))
        raise _Enough
