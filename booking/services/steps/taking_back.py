"""Taking a cancelling or moving of dates back, inside the caller's transaction, which holds all the locks."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, literal, select, update

from booking import policy
from booking.db import db
from booking.models import Booking, Message, Person, ScheduledSession, SeasonDeed
from booking.models.kinds import BookingState, MessageKind, MessageState, Pool
from booking.queries.told import has_begun
from booking.refusals import CannotUndo
from booking.services.steps import changing, course_turns, season_deeds, waiting
from booking.services.steps.freeing import free_place
from booking.services.steps.letters import not_begun, withdraw_for_booking, withdraw_reminders
from booking.services.steps.places import taken_places
from booking.services.steps.taking import latest_booking, live_enrolment_id, session_today
from booking.services.steps.versions import keep_version

_ON_ITS_WAY = (MessageState.WAITING, MessageState.SENDING)
_IN_THE_QUEUE = (BookingState.WAITING, BookingState.OFFERED)
TAKEN_BACK = "taken back"
_QUIETLY = {"synchronize_session": False}
# What the deed's own step, the worker's sweep and a letter at its desk write when a date is off or moved.
_SET_ASIDE_BY_IT = (
    "overtaken by a change",
    "overtaken",
    "does not take place",
    "no place any more",
    "waits no more",
)
# These rise whatever a deed does: a calendar takes nothing that is older than what it has.
_NEVER_FALL = frozenset({"schedule_version", "changed_at"})
_BACK_IN_THE_TRAY = {"state": MessageState.WAITING, "why": "", "leased_by": None, "leased_until": None}


def withdraw(deed_id: int) -> None:
    """Withdraw what waits to be said about a deed; a conversation that has begun is left, and counts."""
    db.session.execute(
        update(Message)
        .where(Message.season_deed_id == deed_id, Message.state.in_(_ON_ITS_WAY), ~has_begun())
        .values(state=MessageState.WITHDRAWN, why=TAKEN_BACK, leased_by=None, leased_until=None),
        execution_options=_QUIETLY,
    )


def put_everything_back(deed: SeasonDeed, now: datetime) -> None:
    """Put dates, bookings, and what waited to be said about them back to what they were."""
    was = season_deeds.kept(deed.id)
    for session_id, fields in was["session"].items():
        scheduled = db.session.get_one(ScheduledSession, session_id, populate_existing=True)
        _put_date_back(scheduled, fields, now)
    for booking in offers_of(deed.id):
        if booking.state is BookingState.OFFERED:
            free_place(booking, BookingState.CANCELLED, TAKEN_BACK, now)
        # She has her own place again: that another one is off too is no news for her.
        withdraw_for_booking(booking.id, (MessageKind.SESSION_CANCELLED,), TAKEN_BACK)
    db.session.flush()
    for booking_id, fields in was["booking"].items():
        booking = db.session.get_one(Booking, booking_id, populate_existing=True)
        _put_booking_back(booking, fields, deed, now)
    for session_id in was["session"]:
        _refuse_overfilling(db.session.get_one(ScheduledSession, session_id))
    waiting.offer_at(was["session"].keys(), now)
    _put_messages_back(list(was["message"]), now)


def offers_of(deed_id: int) -> list[Booking]:
    """Return the places that a deed kept for people, and those in their stead, whatever became of them."""
    found: list[Booking] = []
    gone = list(season_deeds.kept(deed_id)["booking"])
    while gone:
        offered = select(Booking).where(Booking.instead_of_id.in_(gone)).order_by(Booking.id)
        instead = db.session.scalars(offered.execution_options(populate_existing=True)).all()
        found += instead
        gone = [one.id for one in instead]
    return found


def _put_date_back(scheduled: ScheduledSession, fields: dict[str, Any], now: datetime) -> None:
    """Put a date back as a new version with the old values, and let whoever knew those know it still."""
    known = fields.get("schedule_version", scheduled.schedule_version)
    season_deeds.put_back(scheduled, {name: was for name, was in fields.items() if name not in _NEVER_FALL})
    scheduled.changed_at = now
    changing.find_own(scheduled, now)
    if fields.keys() & {"schedule_version", "state"}:
        scheduled.schedule_version += 1
        keep_version(scheduled, now)
    db.session.flush()
    _withdraw_newer(scheduled.id, known)
    _move_along(scheduled.id, known, scheduled.schedule_version)


def _put_booking_back(booking: Booking, fields: dict[str, Any], deed: SeasonDeed, now: datetime) -> None:
    """Put a place back that is as the deed left it; nobody who died or left gets one, and nobody two."""
    if "state" in fields:
        person = db.session.get(Person, booking.person_id) if booking.person_id is not None else None
        as_left = booking.state is BookingState.CANCELLED and booking.state_at == deed.done_at
        if not as_left or (person is not None and person.status not in policy.LIVING):
            return
        other = latest_booking(booking.session_id, person.id) if person is not None else None
        if other is not None and other.is_live:
            return
        # Whoever left the course since has no week of it; whoever joined since has it as one of her weeks.
        course = _course_now(booking)
        if booking.enrolment_id is not None and course is None:
            return
        from_queue = booking.is_from_queue and fields["state"] in _IN_THE_QUEUE
        if from_queue and booking.enrolment_id is None and course is not None and _is_whole(booking):
            # She waited for the course and is on it by now: the worker gives her this week if it has room.
            return
        booking.enrolment_id = course
        if from_queue:
            # What she was asked has passed: she waits as before, and is asked anew if a place is free.
            fields = {**fields, "state": BookingState.WAITING, "held_until": None}
            # Without this week she may have been asked about the rest: she waits for all of it again.
            course_turns.ask_anew(booking, TAKEN_BACK, now)
        elif fields["state"] == BookingState.OFFERED:
            if _has_her_own_place(booking):
                return
            until = fields.get("held_until", booking.held_until)
            if until is None or until <= now:
                fields = {**fields, "state": BookingState.EXPIRED, "state_at": now, "held_until": None}
    season_deeds.put_back(booking, fields)
    db.session.flush()


def _is_whole(booking: Booking) -> bool:
    """Say whether nobody waits for this date alone: it is a week of a course that is only booked whole."""
    return not session_today(booking.session_id).series.single_dates


def _course_now(booking: Booking) -> int | None:
    scheduled = db.session.get_one(ScheduledSession, booking.session_id)
    return (
        live_enrolment_id(scheduled.series_id, booking.person_id) if booking.person_id is not None else None
    )


def _has_her_own_place(offered: Booking) -> bool:
    """Say whether the place in whose stead this one was kept stands again."""
    own = db.session.get(Booking, offered.instead_of_id) if offered.instead_of_id is not None else None
    return own is not None and own.is_live


def _withdraw_newer(session_id: int, known: int) -> None:
    """Withdraw what waits to be said of a date as it was meanwhile."""
    of_it = select(Booking.id).where(Booking.session_id == session_id)
    db.session.execute(
        update(Message)
        .where(Message.booking_id.in_(of_it), Message.schedule_version > known, not_begun())
        .values(state=MessageState.WITHDRAWN, why=TAKEN_BACK, leased_by=None, leased_until=None),
        execution_options=_QUIETLY,
    )


def _move_along(session_id: int, known: int, version: int) -> None:
    """Let those who were told the old values be told the new version, with what is said of it.

    Nobody hears anything twice: a reminder has the version in its key.
    """
    if known == version:
        return
    knew = update(Booking).where(Booking.session_id == session_id, Booking.told_version == known)
    db.session.execute(knew.values(told_version=version), execution_options=_QUIETLY)
    of_it = select(Booking.id).where(Booking.session_id == session_id)
    about = (
        Message.booking_id.in_(of_it),
        Message.schedule_version == known,
        # The next time it is cancelled is told under a key of its own.
        Message.kind != MessageKind.SESSION_CANCELLED,
    )
    ending = f":v{known}"
    stem = func.substr(Message.dedupe_key, 1, func.length(Message.dedupe_key) - len(ending))
    keyed = update(Message).where(*about, Message.dedupe_key.endswith(ending, autoescape=True))
    db.session.execute(
        keyed.values(dedupe_key=stem.concat(literal(f":v{version}"))), execution_options=_QUIETLY
    )
    said = update(Message).where(*about).values(schedule_version=version)
    db.session.execute(said, execution_options=_QUIETLY)


def _refuse_overfilling(scheduled: ScheduledSession) -> None:
    """Refuse to bring back fewer places than people have taken since."""
    for pool in Pool:
        places = scheduled.places(pool)
        if places is not None and taken_places(scheduled.id, pool) > places:
            raise CannotUndo(_l("This can't be undone any more: the places have been taken since."))


def _put_messages_back(message_ids: list[int], now: datetime) -> None:
    """Let what the deed set aside be said after all; it is judged again before it leaves."""
    db.session.execute(
        update(Message)
        .where(Message.id.in_(message_ids), Message.state == MessageState.WITHDRAWN)
        .where(Message.why.in_(_SET_ASIDE_BY_IT))
        .values(**_BACK_IN_THE_TRAY),
        execution_options=_QUIETLY,
    )
    about = select(Message.person_id).where(Message.id.in_(message_ids))
    for person in db.session.scalars(select(Person).where(Person.id.in_(about)).order_by(Person.id)):
        if policy.is_paused(person, now):
            # She asked to be left in peace since: as when she paused, no reminder waits for her.
            withdraw_reminders(person.id, "paused")
