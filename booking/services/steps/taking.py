"""Taking a place inside the caller's transaction, which holds the locks of the person and the session."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.messages import outbox
from booking.models import Booking, Enrolment, Message, Person, PersonRole, ScheduledSession
from booking.models.kinds import (
    LIVE,
    BookingState,
    EnrolmentState,
    MessageKind,
    Pool,
    Role,
    SessionState,
    Who,
)
from booking.queries import newcomers
from booking.refusals import (
    BookingClosed,
    BookingNotOpen,
    ForPatientsOnly,
    KeptForNewcomers,
    NobodyAlong,
    NoRoomForTwo,
    NoSuchPool,
    NotFound,
    PartOfACourse,
    PersonCannotBook,
    SessionCancelled,
    SessionFull,
)
from booking.rules.tokens import new_nonce
from booking.rules.wall_time import to_local
from booking.rules.words import day_words, time_words
from booking.services.steps import welcoming
from booking.services.steps.audit import note
from booking.services.steps.places import free_places, free_places_for, places_left, places_left_for

_OTHER_WAY = {
    Pool.ROOM: _l("Sorry, the last place in the room has been taken. You can still join online."),
    Pool.ONLINE: _l("Sorry, the last online place has been taken. You can still come to the room."),
}


def session_today(session_id: int) -> ScheduledSession:
    """Read a session with its series as they are now."""
    return db.session.get_one(
        ScheduledSession,
        session_id,
        options=[joinedload(ScheduledSession.series)],
        populate_existing=True,
    )


def latest_booking(session_id: int, person_id: int) -> Booking | None:
    """Return a person's booking of this session: the live one, else the newest."""
    return db.session.scalar(
        select(Booking)
        .where(Booking.session_id == session_id, policy.is_hers(person_id))
        .order_by(Booking.state.in_(LIVE).desc(), Booking.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def refuse_unless_open(
    person: Person, scheduled: ScheduledSession, now: datetime, is_held: bool = False
) -> None:
    """Say whether this person may book this session at all; a place held for her stands until the start.

    Refuses: what is hidden from her, cancelled, closed or not for her, and a record that can't book.
    """
    is_facilitator = _is_facilitator(person.id)
    if scheduled.state is SessionState.DRAFT or not policy.may_see(scheduled.series, is_facilitator):
        raise NotFound
    if not policy.may_book(person):
        raise PersonCannotBook
    refuse_unless_meant(scheduled, person.who, is_facilitator, now, is_held)


def refuse_unless_meant(
    scheduled: ScheduledSession, who: Who, is_facilitator: bool, now: datetime, is_held: bool = False
) -> None:
    """Say whether somebody of whom only this is known may book this session.

    Refuses: what is hidden, cancelled, closed or not for such people.
    """
    if scheduled.state is SessionState.DRAFT or not policy.may_see(scheduled.series, is_facilitator):
        raise NotFound
    if scheduled.state is SessionState.CANCELLED:
        raise SessionCancelled
    if is_held:
        if not policy.held_place_stands(scheduled, now):
            raise BookingClosed
    elif not policy.booking_is_open(scheduled, now):
        raise _not_now(scheduled, now)
    if not policy.is_meant_for(scheduled.series, who, is_facilitator):
        raise ForPatientsOnly


def refuse_unless_free(
    scheduled: ScheduledSession,
    pool: Pool,
    person_id: int | None = None,
    now: datetime | None = None,
    party_size: int = 1,
    *,
    waits: bool = False,
) -> None:
    """Say whether places of this pool are free; given who asks and when, whether they are free for her.

    Units: `party_size` counts her and whoever comes with her. `waits` says that she is among those on the
    waiting list to whom the free places are left in the last hours.
    Refuses: a pool it does not have, a full one, one with room for her alone, one whose last places are kept
    for newcomers, and a week of a course that is booked as a whole.
    """
    if not scheduled.series.single_dates and not _is_hers_to_come_to(scheduled, person_id):
        raise PartOfACourse
    if pool not in scheduled.pools:
        raise NoSuchPool
    counted, for_her = (places_left, places_left_for) if waits else (free_places, free_places_for)
    if _is_enough(counted(scheduled, pool), party_size):
        if person_id is None or now is None:
            return
        if _is_enough(for_her(person_id, scheduled, pool, now), party_size):
            return
        raise KeptForNewcomers(day_words(to_local(newcomers.until(scheduled)).date()))
    rest = [other for other in scheduled.pools if other is not pool]
    others = any(_is_enough(free_places(scheduled, other), party_size) for other in rest)
    if party_size > 1 and not others and _is_enough(counted(scheduled, pool), 1):
        raise NoRoomForTwo
    raise SessionFull(_OTHER_WAY[pool] if others else None)


def refuse_unless_along(scheduled: ScheduledSession, person_id: int, companion_name: str) -> None:
    """Say whether somebody may come with her; coming by herself is always fine.

    Refuses: a series to which nobody is brought, or only the first time.
    """
    if companion_name and not policy.may_bring(scheduled.series, newcomers.has_come(person_id)):
        raise NobodyAlong


def take(
    person_id: int,
    scheduled: ScheduledSession,
    pool: Pool,
    actor_id: int,
    now: datetime,
    *,
    state: BookingState = BookingState.BOOKED,
    held_until: datetime | None = None,
    party_size: int = 1,
    companion_name: str = "",
) -> Booking:
    """Add the booking that takes a place, or that notes which place somebody new asked for."""
    booking = Booking(
        session_id=scheduled.id,
        person_id=person_id,
        pool=pool,
        state=state,
        party_size=party_size,
        companion_name=companion_name,
        held_until=held_until,
        created_at=now,
        state_at=now,
        booked_by=actor_id,
        nonce=new_nonce(),
        told_version=scheduled.schedule_version,
        enrolment_id=live_enrolment_id(scheduled.series_id, person_id)
        if scheduled.series.is_course
        else None,
    )
    db.session.add(booking)
    db.session.flush()
    return booking


def confirm(
    booking: Booking,
    person: Person,
    scheduled: ScheduledSession,
    actor_id: int,
    now: datetime,
    ending: str = "",
) -> Message | None:
    """Tell her that the place is hers, and write down who did it; one letter for each ending of its key.

    Where a welcome call comes first she is told that it is kept until then, and the office is asked to call.
    """
    waits = booking.state is BookingState.PROVISIONAL
    note(now, actor_id, "place kept until a call" if waits else "place booked", f"booking:{booking.id}")
    if waits:
        welcoming.ask_for_call(booking, scheduled, now)
    return say_hers(booking, person, scheduled, now, ending)


def say_hers(
    booking: Booking, person: Person, scheduled: ScheduledSession, now: datetime, ending: str = ""
) -> Message | None:
    """Lay the letter that says how her place stands: booked, or kept until the office has called."""
    waits = booking.state is BookingState.PROVISIONAL
    kind = MessageKind.PROVISIONAL if waits else MessageKind.BOOKED
    return outbox.post(
        kind,
        person=person,
        booking=booking,
        now=now,
        key=f"booking:{booking.id}:{kind.value}{ending}",
        schedule_version=scheduled.schedule_version,
        useless_at=scheduled.ends_at,
    )


def live_enrolment_id(series_id: int, person_id: int) -> int | None:
    """Return the enrolment of somebody who is on this course now."""
    return db.session.scalar(
        select(Enrolment.id).where(
            Enrolment.series_id == series_id,
            Enrolment.person_id == person_id,
            Enrolment.state == EnrolmentState.ENROLLED,
        )
    )


def _is_enough(free: int | None, party_size: int) -> bool:
    return free is None or free >= party_size


def _is_hers_to_come_to(scheduled: ScheduledSession, person_id: int | None) -> bool:
    return person_id is not None and live_enrolment_id(scheduled.series_id, person_id) is not None


def _not_now(scheduled: ScheduledSession, now: datetime) -> BookingClosed:
    opens_at = policy.booking_opens_at(scheduled)
    if opens_at is None or opens_at <= now:
        return BookingClosed()
    local = to_local(opens_at)
    return BookingNotOpen(day_words(local.date()), time_words(local.time()))


def _is_facilitator(person_id: int) -> bool:
    roles = select(PersonRole.id).where(
        PersonRole.person_id == person_id, PersonRole.role == Role.FACILITATOR
    )
    return db.session.scalar(roles) is not None
