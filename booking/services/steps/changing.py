"""Changing one date by hand: whether it may be changed at all, and what it then keeps as its own."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from booking.db import db
from booking.models import ScheduledSession, Series
from booking.models.kinds import SessionState
from booking.queries import dates
from booking.queries.effects import date_mark
from booking.queries.wanted import values_of
from booking.refusals import InThePast, SessionCancelled, StaleForm
from booking.rules.edits import KEEP, SeriesEdit, SessionChange
from booking.rules.own_facts import FROM_SERIES, HOSTS, own_after, own_text
from booking.services.steps import facilitators, generate, redate, waiting
from booking.services.steps.audit import note
from booking.services.steps.tell import tell_of_change
from booking.services.steps.versions import TIME_AND_PLACE, put

__all__ = [
    "KEEP",
    "SeriesEdit",
    "SessionChange",
    "change_date",
    "find_own",
    "is_undecided",
    "keep_own",
    "refuse_unless_changeable",
    "values_of",
]


def refuse_unless_changeable(scheduled: ScheduledSession, seen: int | str, now: datetime) -> None:
    """Refuse what is cancelled, has started, or was changed by somebody else in the meantime.

    `seen` is the version that the page showed, or the mark of all that a page with every fact showed.
    """
    if scheduled.state is SessionState.CANCELLED:
        raise SessionCancelled(_l("This session has been cancelled, so it can't be changed."))
    if scheduled.starts_at <= now:
        raise InThePast(_l("This session has started, so it can't be changed."))
    if seen != (scheduled.schedule_version if isinstance(seen, int) else date_mark(scheduled)):
        raise StaleForm


def change_date(
    scheduled: ScheduledSession,
    change: SessionChange,
    actor_id: int | None,
    now: datetime,
    deed_id: int | None = None,
) -> frozenset[str]:
    """Change a date whose lock the caller holds, and tell everybody booked; return what changed.

    What differs from the series afterwards is the date's own. The people who shall lead it are locked, too.
    Refuses: fewer places than are taken, and what `values_of` refuses.
    """
    values = values_of(scheduled, change, now)
    redate.refuse_too_few(scheduled, values)
    was_starting_at, undecided = scheduled.starts_at, is_undecided(scheduled)
    places = waiting.places_of(scheduled)
    changed = put(scheduled, values, now)
    own = own_after(scheduled.own, changed, values, of_series(scheduled))
    if change.host_ids is not KEEP and facilitators.lead_date(scheduled, change.host_ids, actor_id, now):
        changed |= {HOSTS}
        leaders = set(facilitators.leaders_of(scheduled.series_id))
        own = own - {HOSTS} if set(change.host_ids) == leaders else own | {HOSTS}
    if not changed:
        return changed
    keep_own(scheduled, own, undecided=undecided)
    if changed & TIME_AND_PLACE:
        tell_of_change(scheduled, was_starting_at, now, deed_id)
    note(now, actor_id, "session changed", f"session:{scheduled.id}", *sorted(changed))
    waiting.after_changes([(scheduled, places)], now)
    return changed


def of_series(scheduled: ScheduledSession) -> Mapping[str, Any] | None:
    """Return the facts that the series wants of a date; None for one before what the series says today."""
    series = db.session.get_one(Series, scheduled.series_id)
    if series.holds_from is not None and scheduled.rule_date < series.holds_from:
        return None
    change = dates.changes_of([series.id])[series.id].get(scheduled.rule_date)
    facts: dict[str, Any] = {name: getattr(series, name) for name in FROM_SERIES}
    facts["local_date"] = (change.moved_to if change else None) or scheduled.rule_date
    facts["end_time"] = (change.end_time if change else None) or series.end_time
    facts["venue_id"] = (change.venue_id if change else None) or series.venue_id
    return facts


def find_own(scheduled: ScheduledSession, now: datetime) -> None:
    """Write which facts of a date that comes back differ from the series of today: these are its own now.

    A date that the series does not have any more waits for a decision.
    """
    wanted = of_series(scheduled)
    if wanted is None:
        return
    own = scheduled.own | {name for name, value in wanted.items() if getattr(scheduled, name) != value}
    keep_own(scheduled, own, undecided=not _is_in_the_rule(scheduled, now))


def _is_in_the_rule(scheduled: ScheduledSession, now: datetime) -> bool:
    series = db.session.get_one(Series, scheduled.series_id)
    changes = dates.changes_of([series.id])[series.id]
    planned = generate.planned_dates(series, changes, now, leave_out_impossible=True)
    found = planned.get(scheduled.rule_date)
    return found is not None and not found.is_cancelled


def is_undecided(scheduled: ScheduledSession) -> bool:
    """Say whether a date waits for somebody's decision: it differs, with nothing of its own."""
    return scheduled.differs and not scheduled.own and not _has_words(scheduled)


def keep_own(scheduled: ScheduledSession, own: Collection[str], *, undecided: bool) -> None:
    """Write which facts are a date's own, and whether it differs; what was undecided stays so."""
    scheduled.own_facts = own_text(own)
    scheduled.differs = bool(own) or _has_words(scheduled) or undecided


def _has_words(scheduled: ScheduledSession) -> bool:
    return bool(scheduled.own_title or scheduled.own_description)
