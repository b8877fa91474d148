"""Taking a cancelling or moving of dates back, inside the caller's transaction, which holds all the locks."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, delete, select, update

from booking import policy
from booking.db import db
from booking.models import Booking, Message, Person, ScheduledSession, SeasonDeed, SessionVersion
from booking.models.kinds import BookingState, MessageKind, MessageState, Pool
from booking.queries.told import has_begun
from booking.refusals import CannotUndo
from booking.services.steps import season_deeds
from booking.services.steps.freeing import free_place
from booking.services.steps.letters import not_begun, withdraw_reminders
from booking.services.steps.places import taken_places
from booking.services.steps.taking import latest_booking, live_enrolment_id

_ON_ITS_WAY = (MessageState.WAITING, MessageState.SENDING)
TAKEN_BACK = "taken back"
_QUIETLY = {"synchronize_session": False}
# What the deed's own step, the worker's sweep and a letter at its desk write when a date is off or moved.
_SET_ASIDE_BY_IT = ("overtaken by a change", "overtaken", "does not take place", "no place any more")
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
    _free_keys(deed.id, Message.season_deed_id == deed.id, Message.kind == MessageKind.SESSION_CANCELLED)
    for session_id, fields in was["session"].items():
        scheduled = db.session.get_one(ScheduledSession, session_id, populate_existing=True)
        _forget_newer_versions(scheduled, fields.get("schedule_version"), deed.id)
        season_deeds.put_back(scheduled, fields)
    db.session.flush()
    for booking in offers_of(deed.id):
        if booking.state is BookingState.OFFERED:
            free_place(booking, BookingState.CANCELLED, TAKEN_BACK, now)
    db.session.flush()
    for booking_id, fields in was["booking"].items():
        _put_booking_back(db.session.get_one(Booking, booking_id, populate_existing=True), fields, deed)
    for session_id in was["session"]:
        _refuse_overfilling(db.session.get_one(ScheduledSession, session_id))
    _put_messages_back(list(was["message"]), now)


def offers_of(deed_id: int) -> list[Booking]:
    """Return the places that a deed kept for people, whatever became of them."""
    gone = list(season_deeds.kept(deed_id)["booking"])
    offered = select(Booking).where(Booking.instead_of_id.in_(gone)).order_by(Booking.id)
    return list(db.session.scalars(offered.execution_options(populate_existing=True)))


def _put_booking_back(booking: Booking, fields: dict[str, Any], deed: SeasonDeed) -> None:
    """Put a place back that is as the deed left it; nobody who died or left gets one, and nobody two."""
    if "state" in fields:
        person = db.session.get(Person, booking.person_id) if booking.person_id is not None else None
        as_left = booking.state is BookingState.CANCELLED and booking.state_at == deed.done_at
        if not as_left or (person is not None and person.status not in policy.LIVING):
            return
        other = latest_booking(booking.session_id, person.id) if person is not None else None
        if other is not None and other.is_live:
            return
        if booking.enrolment_id is not None:
            # Whoever left the course since has no week of it; whoever joined anew has it from that time on.
            course = _course_now(booking)
            if course is None:
                return
            booking.enrolment_id = course
    season_deeds.put_back(booking, fields)
    db.session.flush()


def _course_now(booking: Booking) -> int | None:
    scheduled = db.session.get_one(ScheduledSession, booking.session_id)
    return (
        live_enrolment_id(scheduled.series_id, booking.person_id) if booking.person_id is not None else None
    )


def _forget_newer_versions(scheduled: ScheduledSession, was: int | None, deed_id: int) -> None:
    """Let the next change reach this version anew, and its messages have their keys."""
    if was is None:
        return
    newer = SessionVersion.schedule_version > was
    db.session.execute(
        delete(SessionVersion).where(SessionVersion.session_id == scheduled.id, newer),
        execution_options=_QUIETLY,
    )
    of_it = select(Booking.id).where(Booking.session_id == scheduled.id)
    about = Message.booking_id.in_(of_it), Message.schedule_version > was
    db.session.execute(
        update(Message)
        .where(*about, not_begun())
        .values(state=MessageState.WITHDRAWN, why=TAKEN_BACK, leased_by=None, leased_until=None),
        execution_options=_QUIETLY,
    )
    _free_keys(deed_id, *about)


def _free_keys(deed_id: int, *about: ColumnElement[bool]) -> None:
    """Let what is said of the same version later have the keys that these messages had."""
    db.session.execute(
        update(Message)
        .where(*about, Message.state == MessageState.WITHDRAWN)
        .values(dedupe_key=Message.dedupe_key + f":undone:{deed_id}"),
        execution_options=_QUIETLY,
    )


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
