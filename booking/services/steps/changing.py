"""Changing one date by hand: whether it may be changed at all, and what it then keeps as its own."""

from collections.abc import Collection
from datetime import datetime

from flask_babel import lazy_gettext as _l

from booking.models import ScheduledSession
from booking.models.kinds import SessionState
from booking.queries.wanted import values_of
from booking.refusals import InThePast, SessionCancelled, StaleForm
from booking.rules.edits import KEEP, SeriesEdit, SessionChange
from booking.rules.own_facts import own_text

__all__ = [
    "KEEP",
    "SeriesEdit",
    "SessionChange",
    "is_undecided",
    "keep_own",
    "refuse_unless_changeable",
    "values_of",
]


def refuse_unless_changeable(scheduled: ScheduledSession, seen_version: int, now: datetime) -> None:
    """Refuse what is cancelled, has started, or was changed by somebody else in the meantime."""
    if scheduled.state is SessionState.CANCELLED:
        raise SessionCancelled(_l("This session has been cancelled, so it can't be changed."))
    if scheduled.starts_at <= now:
        raise InThePast(_l("This session has started, so it can't be changed."))
    if scheduled.schedule_version != seen_version:
        raise StaleForm


def is_undecided(scheduled: ScheduledSession) -> bool:
    """Say whether a date waits for somebody's decision: it differs, with nothing of its own."""
    return scheduled.differs and not scheduled.own and not _has_words(scheduled)


def keep_own(scheduled: ScheduledSession, own: Collection[str], *, undecided: bool) -> None:
    """Write which facts are a date's own, and whether it differs; what was undecided stays so."""
    scheduled.own_facts = own_text(own)
    scheduled.differs = bool(own) or _has_words(scheduled) or undecided


def _has_words(scheduled: ScheduledSession) -> bool:
    return bool(scheduled.own_title or scheduled.own_description)
