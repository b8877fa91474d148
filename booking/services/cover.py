"""I can't host: one tap and no reason; somebody else steps in with one tap."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, delete, or_, select

from booking import policy
from booking.db import db, transaction
from booking.models import CoverRequest, Person, ScheduledSession, SessionFacilitator, Task
from booking.models.kinds import SessionState, TaskKind
from booking.refusals import CoverTaken, InThePast, NotFound, SessionCancelled
from booking.services.steps import host_letters, leading, tasks
from booking.services.steps.audit import note
from booking.services.steps.generate import take_the_season
from booking.services.steps.locks import lock_people, lock_sessions
from booking.services.steps.tell import readable_at


def cannot_host(session_id: int, person_id: int, now: datetime) -> None:
    """Take a date off somebody who leads it and look for cover; twice is once, and no reason is asked.

    Those who lead it with her are told, and the office has a task.
    Refuses: a date that is not hers, one that does not take place, and one that is over.
    """
    with transaction():
        concerned = or_(policy.leads(person_id), _asked(person_id))
        scheduled = _held(session_id, person_id, concerned)
        if _open_request(session_id, person_id) is not None:
            return
        _refuse_unless_led(session_id, person_id)
        _refuse_unless_to_come(scheduled, now)
        db.session.execute(delete(SessionFacilitator).where(*_leads(session_id, person_id)))
        leading.mark_as_own(scheduled)
        request = CoverRequest(session_id=session_id, person_id=person_id, asked_at=now)
        db.session.add(request)
        db.session.flush()
        _tell_who_leads_with_her(scheduled, request.id, now)
        _ask_the_office(session_id, now)
        note(now, person_id, "cover asked for", f"session:{session_id}")


def host_after_all(session_id: int, person_id: int, now: datetime) -> None:
    """Give a date back to somebody who asked for cover; twice is once.

    Refuses: a date for which she asked none, one that somebody else has taken, and one that is over.
    """
    with transaction():
        scheduled = _held(session_id, person_id, _asked(person_id))
        request = _last_request(session_id, person_id)
        if request is None:
            raise NotFound
        if request.covered_at is not None:
            raise CoverTaken
        if request.withdrawn_at is not None:
            return
        _refuse_unless_able(person_id)
        _refuse_unless_to_come(scheduled, now)
        _lead(scheduled, person_id, now)
        note(now, person_id, "cover no longer wanted", f"session:{session_id}")


def take_cover(session_id: int, person_id: int, now: datetime) -> None:
    """Let somebody lead a date in the stead of whoever can't; the first one has it, and twice is once.

    Refuses: somebody who may not lead it, a date that has found somebody, and one that is over.
    """
    with transaction():
        scheduled = _held(session_id, person_id, _may_step_in(person_id))
        if _leads_now(session_id, person_id):
            return
        _refuse_unless_able(person_id)
        _refuse_unless_to_come(scheduled, now)
        if not _lead(scheduled, person_id, now):
            raise CoverTaken
        note(now, person_id, "cover taken", f"session:{session_id}")


def _held(session_id: int, person_id: int, is_concerned: ColumnElement[bool]) -> ScheduledSession:
    """Hold what this decides on, in the order of `rota`: the season, her row, the date.

    Whoever has nothing to do with it is told so by the first question, before anything is held.
    """
    meant = (ScheduledSession.id == session_id, policy.session_is_shown(), is_concerned)
    if db.session.scalar(select(ScheduledSession.id).where(*meant)) is None:
        raise NotFound
    take_the_season()
    lock_people([person_id])
    lock_sessions([session_id])
    return db.session.get_one(ScheduledSession, session_id, populate_existing=True)


def _asked(person_id: int) -> ColumnElement[bool]:
    """Return the condition that somebody asked for cover of a date, whatever came of it."""
    hers = select(CoverRequest.session_id).where(CoverRequest.person_id == person_id)
    return ScheduledSession.id.in_(hers)


def _may_step_in(person_id: int) -> ColumnElement[bool]:
    """Return the condition that somebody may step in at a date that asked for it, or did so already."""
    wanted = ScheduledSession.id.in_(select(CoverRequest.session_id))
    return wanted & or_(policy.may_cover(person_id), policy.leads(person_id))


def _lead(scheduled: ScheduledSession, person_id: int, now: datetime) -> bool:
    """Let somebody lead a date for which cover is wanted; say whether it was wanted."""
    if not leading.cover([scheduled.id], person_id, person_id, now):
        return False
    db.session.add(SessionFacilitator(session_id=scheduled.id, person_id=person_id, added_at=now))
    leading.mark_as_own(scheduled)
    return True


def _tell_who_leads_with_her(scheduled: ScheduledSession, request_id: int, now: datetime) -> None:
    leading_it = select(SessionFacilitator.person_id).where(SessionFacilitator.session_id == scheduled.id)
    with_her = db.session.scalars(leading_it.order_by(SessionFacilitator.id)).all()
    due_at = readable_at(scheduled.starts_at, now)
    host_letters.tell_of_cover(scheduled, request_id, with_her, now, due_at)


def _ask_the_office(session_id: int, now: datetime) -> None:
    """Ask once for each date, however many of its hosts can't come."""
    asked = select(Task.id).where(
        Task.kind == TaskKind.COVER_WANTED, Task.session_id == session_id, Task.settled_at.is_(None)
    )
    if db.session.scalar(asked.limit(1)) is None:
        tasks.ask(TaskKind.COVER_WANTED, now, session_id=session_id)


def _refuse_unless_led(session_id: int, person_id: int) -> None:
    if not _leads_now(session_id, person_id):
        raise NotFound


def _refuse_unless_able(person_id: int) -> None:
    if db.session.scalar(select(Person.id).where(Person.id == person_id, policy.still_leads())) is None:
        raise NotFound


def _refuse_unless_to_come(scheduled: ScheduledSession, now: datetime) -> None:
    if scheduled.state is SessionState.CANCELLED:
        raise SessionCancelled(_l("This session has been cancelled, so nobody needs to lead it."))
    if scheduled.ends_at <= now:
        raise InThePast(_l("This session is over, so nobody needs to lead it any more."))


def _leads(session_id: int, person_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return SessionFacilitator.session_id == session_id, SessionFacilitator.person_id == person_id


def _open_request(session_id: int, person_id: int) -> CoverRequest | None:
    request = _last_request(session_id, person_id)
    is_open = request is not None and request.covered_at is None and request.withdrawn_at is None
    return request if is_open else None


def _last_request(session_id: int, person_id: int) -> CoverRequest | None:
    hers = (CoverRequest.session_id == session_id, CoverRequest.person_id == person_id)
    return db.session.scalar(
        select(CoverRequest)
        .where(*hers)
        .order_by(CoverRequest.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def _leads_now(session_id: int, person_id: int) -> bool:
    """Say whether she leads it already: a second tap changes nothing."""
    return db.session.scalar(select(SessionFacilitator.id).where(*_leads(session_id, person_id))) is not None
