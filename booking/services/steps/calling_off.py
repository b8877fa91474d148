"""Cancelling and moving dates as one deed, inside the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.models import Booking, Message, ScheduledSession, SeasonDeed, SeasonStep
from booking.models.kinds import LIVE, BookingState, MessageState, SeasonDeedKind, SessionState
from booking.refusals import InThePast, NothingChosen, SessionCancelled
from booking.rules.addresses import clean_line
from booking.services.steps import course_turns, offering, season_deeds, waiting
from booking.services.steps.cancelling import cancel
from booking.services.steps.changing import KEEP, SessionChange, change_date, refuse_unless_changeable
from booking.services.steps.letters import not_begun
from booking.services.steps.locks import lock_people, lock_sessions
from booking.services.steps.offering import Cancelled
from booking.services.steps.tell import live_bookings, readable_at
from booking.services.steps.versions import TIME_AND_PLACE

# Who had a place, or was kept one, is kept another.
_HAD_A_PLACE = (BookingState.BOOKED, BookingState.OFFERED)


def cancel_dates(
    session_ids: Collection[int], reason: str, actor_id: int | None, now: datetime, *, offer_held: bool
) -> int:
    """Cancel dates as one deed, tell everybody, keep other places; return the deed.

    Dates that are cancelled already are left as they are; if all of them are, their deed is returned.
    Refuses: no date at all, and one that is over.
    """
    people = _people_at(session_ids)
    near = offering.dates_near(session_ids, now) if offer_held else set()
    lock_people(people)
    lock_sessions({*session_ids, *near})
    dates = read(session_ids)
    standing = [one for one in dates if one.state is not SessionState.CANCELLED]
    if not standing:
        return _deed_that_cancelled(session_ids)
    if any(one.ends_at <= now for one in standing):
        raise InThePast(_l("This session is over, so it can't be cancelled."))
    deed = season_deeds.begin(SeasonDeedKind.CANCELLED, reason, actor_id, now)
    was = _as_they_are(standing, deed)
    gone = [lost for one in standing for lost in _cancel(one, deed, actor_id, now)]
    season_deeds.keep_what_changed(deed, was)
    for lost in gone:
        if _waits_for_the_rest(lost.booking, now):
            continue
        if lost.booking.person_id in people:
            offering.offer_instead(lost, near, actor_id, now)
    # One of these may have been the only full week of a course: whoever waits for it can have the rest.
    waiting.offer_at(session_ids, now)
    return deed.id


def move_dates(
    changes: Mapping[int, SessionChange],
    actor_id: int | None,
    now: datetime,
    seen: Mapping[int, int | str] | None = None,
) -> int | None:
    """Change dates and, where time or place is different, tell everybody as one deed; return that deed.

    None: nothing is different that people plan their day by, so nobody is told.
    Refuses: what has started or is cancelled, a stale form, and what `change_date` refuses.
    """
    hosts = {one for change in changes.values() if change.host_ids is not KEEP for one in change.host_ids}
    lock_people(_people_at(changes) | hosts)
    lock_sessions(changes)
    dates = read(changes)
    for one in dates:
        refuse_unless_changeable(one, (seen or {}).get(one.id, one.schedule_version), now)
    deed = season_deeds.begin(SeasonDeedKind.MOVED, _reason(changes), actor_id, now)
    was = _as_they_are(dates, deed)
    changed = [change_date(one, changes[one.id], actor_id, now, deed.id) for one in dates]
    if not any(each & TIME_AND_PLACE for each in changed):
        season_deeds.forget(deed)
        return None
    season_deeds.keep_what_changed(deed, was)
    return deed.id


def _reason(changes: Mapping[int, SessionChange]) -> str:
    reasons = (change.public_reason for change in changes.values())
    return next((clean_line(each, 300) for each in reasons if isinstance(each, str) and each), "")


def read(session_ids: Collection[int]) -> list[ScheduledSession]:
    """Read dates as they are now, in the order in which they take place."""
    return list(
        db.session.scalars(
            select(ScheduledSession)
            .where(ScheduledSession.id.in_(session_ids))
            .options(joinedload(ScheduledSession.series))
            .order_by(ScheduledSession.starts_at, ScheduledSession.id)
            .execution_options(populate_existing=True)
        )
    )


def _people_at(session_ids: Collection[int]) -> set[int]:
    """Return who has a live booking; whoever comes in this very moment is told, and kept no other place."""
    booked = select(Booking.person_id).where(
        Booking.session_id.in_(session_ids), Booking.state.in_(LIVE), Booking.person_id.is_not(None)
    )
    return {person_id for person_id in db.session.scalars(booked) if person_id is not None}


def _as_they_are(dates: Sequence[ScheduledSession], deed: SeasonDeed) -> season_deeds.Was:
    """Note the dates, the bookings that stand, and what waits to be said about them."""
    bookings = [booking for one in dates for booking in live_bookings(one.id)]
    unsaid = select(Message.id).where(Message.booking_id.in_([one.id for one in bookings]), not_begun())
    for message_id in db.session.scalars(unsaid.order_by(Message.id)):
        season_deeds.keep(deed, "message", message_id, "state", MessageState.WAITING)
    return season_deeds.as_they_are({"session": dates, "booking": bookings})


def _cancel(
    scheduled: ScheduledSession, deed: SeasonDeed, actor_id: int | None, now: datetime
) -> list[Cancelled]:
    had = [one for one in live_bookings(scheduled.id) if one.state in _HAD_A_PLACE]
    at = readable_at(scheduled.starts_at, now)
    cancel(scheduled, deed.reason, actor_id, now, deed.id)
    return [Cancelled(one, scheduled, at) for one in had]


def _waits_for_the_rest(gone: Booking, now: datetime) -> bool:
    """Say whether this was a week of a course that is kept for her, or waited for, as a whole.

    The letter about it named this week, so that she is asked anew about the others.
    """
    if not gone.is_from_queue:
        return False
    course_turns.ask_anew(gone, "a week was cancelled", now)
    return bool(course_turns.asked_together(gone))


def _deed_that_cancelled(session_ids: Collection[int]) -> int:
    deed = db.session.scalar(
        select(SeasonDeed.id)
        .join(SeasonStep, SeasonStep.deed_id == SeasonDeed.id)
        .where(
            SeasonStep.row_kind == "session",
            SeasonStep.row_id.in_(session_ids),
            SeasonDeed.kind == SeasonDeedKind.CANCELLED,
            SeasonDeed.undone_at.is_(None),
        )
        .order_by(SeasonDeed.id.desc())
        .limit(1)
    )
    if deed is None:
        raise NothingChosen if not session_ids else SessionCancelled
    return deed
