"""What follows when somebody leads a date or no longer does: its own hosts, cover, and who is told."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, select, update

from booking.db import db
from booking.models import CoverRequest, ScheduledSession, SessionFacilitator, Task
from booking.models.kinds import MessageKind, TaskKind
from booking.rules.own_facts import HOSTS
from booking.services.steps import host_letters
from booking.services.steps.changing import is_undecided, keep_own
from booking.services.steps.facilitators import leaders_of
from booking.services.steps.tell import readable_at

_QUIETLY = {"synchronize_session": False}


def mark_as_own(scheduled: ScheduledSession, *, later_too: bool = False) -> None:
    """Note that others lead this one date than its series, or the same ones again."""
    if later_too:
        return
    db.session.flush()
    leading = select(SessionFacilitator.person_id).where(SessionFacilitator.session_id == scheduled.id)
    as_series = set(db.session.scalars(leading)) == set(leaders_of(scheduled.series_id))
    own = scheduled.own - {HOSTS} if as_series else scheduled.own | {HOSTS}
    keep_own(scheduled, own, undecided=is_undecided(scheduled))


def cover(session_ids: Collection[int], person_id: int, actor_id: int | None, now: datetime) -> list[int]:
    """Let somebody who now leads these dates stand in for whoever asked first; return the requests settled.

    Whoever asked herself needs nobody any more.
    """
    settled = []
    for session_id in session_ids:
        request = _request_for(session_id, person_id)
        if request is None:
            continue
        if request.person_id == person_id:
            request.withdrawn_at = now
        else:
            request.covered_by, request.covered_at = person_id, now
        settled.append(request.id)
        db.session.flush()
        stop_looking(session_id, actor_id, now)
        scheduled = db.session.get_one(ScheduledSession, session_id)
        due_at = readable_at(scheduled.starts_at, now)
        host_letters.tell_of_host(scheduled, request, person_id, now, due_at)
    return settled


def stop_looking(session_id: int, actor_id: int | None, now: datetime) -> None:
    """Take the office's task off its list, and the letters back, once nobody is looked for any more."""
    if db.session.scalar(_open(session_id).limit(1)) is not None:
        return
    host_letters.withdraw_about(session_id, MessageKind.COVER_WANTED, "covered")
    db.session.execute(
        update(Task)
        .where(Task.kind == TaskKind.COVER_WANTED, Task.session_id == session_id, Task.settled_at.is_(None))
        .values(settled_at=now, settled_by=actor_id),
        execution_options=_QUIETLY,
    )


def _request_for(session_id: int, person_id: int) -> CoverRequest | None:
    """Return the request that somebody settles by leading: her own, else the oldest."""
    hers = (CoverRequest.person_id == person_id).desc()
    return db.session.scalar(
        select(CoverRequest)
        .where(CoverRequest.id.in_(_open(session_id)))
        .order_by(hers, CoverRequest.id)
        .limit(1)
        .execution_options(populate_existing=True)
    )


def _open(session_id: int) -> Select[int]:
    return select(CoverRequest.id).where(
        CoverRequest.session_id == session_id,
        CoverRequest.covered_at.is_(None),
        CoverRequest.withdrawn_at.is_(None),
    )
