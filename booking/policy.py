"""Who may do what to which row: each rule once, as a predicate and, where lists need it, as SQL."""

from collections.abc import Set
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, exists, select
from sqlalchemy.orm import aliased

from booking.models import (
    Booking,
    Person,
    PersonRole,
    Programme,
    ReversibleDeed,
    ScheduledSession,
    Series,
    SessionFacilitator,
)
from booking.models.kinds import (
    ATTENDED,
    Attendance,
    Audience,
    BookingState,
    Companions,
    PersonStatus,
    Pool,
    Role,
    SessionState,
    Who,
)
from booking.rules import booking_window
from booking.rules.wall_time import to_local

LIVING = (PersonStatus.UNPROVEN, PersonStatus.ACTIVE, PersonStatus.PAUSED)
PROVEN = (PersonStatus.ACTIVE, PersonStatus.PAUSED)
EXPECTED = (BookingState.BOOKED, BookingState.PROVISIONAL)
REGISTER_OPENS_BEFORE = timedelta(minutes=30)
# Of two places at one session the later in this list is kept.
_WEIGHTS = (
    BookingState.WAITING,
    BookingState.OFFERED,
    BookingState.HELD,
    BookingState.PROVISIONAL,
    BookingState.BOOKED,
)
# How long a recorded death and a merge can be undone.
TAKEN_BACK_WITHIN = timedelta(days=30)
# The roles whose pages never open without a second factor.
IN_THE_OFFICE = frozenset({Role.ADMIN, Role.SAFEGUARDING})


def may_sign_in(status: PersonStatus) -> bool:
    """Say whether a record with this status opens at all."""
    return status in LIVING


def is_paused(person: Person, now: datetime) -> bool:
    """Say whether she asked to be left in peace for now; an end date counts as the first day after it."""
    if person.status is not PersonStatus.PAUSED:
        return False
    return person.paused_until is None or to_local(now).date() < person.paused_until


def may_book(person: Person) -> bool:
    """Say whether a place may be taken for this person."""
    return person.status in PROVEN


def may_see(series: Series, is_facilitator: bool) -> bool:
    """Say whether a series may be shown: drafts to nobody, hosts' own sessions to hosts only."""
    hidden = series.audience is Audience.FACILITATORS and not is_facilitator
    return series.state is not SessionState.DRAFT and not hidden


def series_seen_by(is_facilitator: bool) -> ColumnElement[bool]:
    """Return `may_see` as a condition on series."""
    seen = Series.state != SessionState.DRAFT
    return seen if is_facilitator else seen & (Series.audience != Audience.FACILITATORS)


def session_is_shown() -> ColumnElement[bool]:
    """Return the condition that a date stands on public pages: published, or openly cancelled."""
    return ScheduledSession.state != SessionState.DRAFT


def is_meant_for(series: Series, who: Who, is_facilitator: bool) -> bool:
    """Say whether somebody belongs to those a series is for."""
    if series.audience is Audience.PATIENTS:
        return who is Who.PATIENT
    return series.audience is Audience.ANYONE or is_facilitator


def may_wait_for_one_date(series: Series) -> bool:
    """Say whether somebody can put herself on a waiting list for one date of a series."""
    return series.waiting_list and series.single_dates


def may_bring(series: Series, has_come: bool) -> bool:
    """Say whether somebody may come with her: never, the first time she comes to us, or always."""
    if series.companions is Companions.FIRST_VISIT:
        return not has_come
    return series.companions is Companions.ALWAYS


def booking_is_open(scheduled: ScheduledSession, now: datetime) -> bool:
    """Say whether places may be taken: from publishing, or the morning its series names, until it closes."""
    is_time = has_opened(scheduled, now) and now < booking_closes_at(scheduled)
    return scheduled.state is SessionState.PUBLISHED and is_time


def has_opened(scheduled: ScheduledSession, now: datetime) -> bool:
    """Say whether the morning from which on places may be taken has come."""
    opens_at = booking_opens_at(scheduled)
    return opens_at is None or opens_at <= now


def is_still_bookable(scheduled: ScheduledSession, now: datetime) -> bool:
    """Say whether somebody on its course may take this week: to her booking has opened with the course."""
    return scheduled.state is SessionState.PUBLISHED and now < booking_closes_at(scheduled)


def held_place_stands(scheduled: ScheduledSession, now: datetime) -> bool:
    """Say whether a place that waits for her may still become hers: she asked while booking was open."""
    return scheduled.state is SessionState.PUBLISHED and now < scheduled.starts_at


def booking_opens_at(scheduled: ScheduledSession) -> datetime | None:
    """Return from when on places may be taken; None means as soon as it is published."""
    return booking_window.opens_at(scheduled.local_date, scheduled.series.opens_days_before)


def booking_closes_at(scheduled: ScheduledSession) -> datetime:
    """Return until when places may be taken."""
    return booking_window.closes_at(scheduled.starts_at, scheduled.series.closes_minutes_before)


def newcomers_pool(scheduled: ScheduledSession) -> Pool:
    """Return the pool in which places are kept for people who come for the first time: the room if any."""
    return Pool.ONLINE if scheduled.places_room == 0 else Pool.ROOM


def has_come(person_id: SQLColumnExpression[Any] | int) -> ColumnElement[bool]:
    """Return the condition that somebody came to a session, ever: she is no newcomer any more."""
    came = aliased(Booking)
    return exists().where(came.person_id == person_id, came.attendance.in_(ATTENDED))


def is_hers(person_id: int) -> ColumnElement[bool]:
    """Return the condition that a booking belongs to this person."""
    return Booking.person_id == person_id


def held_at_the_desk() -> ColumnElement[bool]:
    """Return the condition that the office took a place for somebody: held, it is held while they talk."""
    office = select(PersonRole.person_id).where(PersonRole.role == Role.ADMIN)
    return Booking.booked_by.is_not(None) & Booking.booked_by.in_(office)


def leads(person_id: int) -> ColumnElement[bool]:
    """Return the condition that this person leads a date: it opens that roster and no other."""
    led = select(SessionFacilitator.session_id).where(SessionFacilitator.person_id == person_id)
    return ScheduledSession.id.in_(led)


def still_leads() -> ColumnElement[bool]:
    """Return the condition that a person may be named as somebody who leads: hers is still the role."""
    hosts = select(PersonRole.person_id).where(PersonRole.role == Role.FACILITATOR)
    return Person.status.in_(PROVEN) & Person.id.in_(hosts)


def may_lead() -> ColumnElement[bool]:
    """Return the condition that a person may be given dates: a host, also one who has not signed in yet."""
    hosts = select(PersonRole.person_id).where(PersonRole.role == Role.FACILITATOR)
    return Person.status.in_(LIVING) & Person.id.in_(hosts)


def may_cover(person_id: int) -> ColumnElement[bool]:
    """Return the condition that this person may lead a date in somebody's stead, and does not lead it yet.

    Any host helps out at Tea & A Chat; a class wants somebody who has led one of its programme before.
    """
    able = exists().where(Person.id == person_id, still_leads())
    led = aliased(ScheduledSession)
    taught, programme, before = aliased(Series), aliased(Programme), aliased(Series)
    hosted = (
        select(taught.id)
        .join(programme, programme.id == taught.programme_id)
        .where(taught.id == ScheduledSession.series_id, programme.facilitator_word == "host")
    )
    has_led = (
        select(led.id)
        .join(SessionFacilitator, SessionFacilitator.session_id == led.id)
        .join(before, before.id == led.series_id)
        .join(taught, taught.programme_id == before.programme_id)
        .where(SessionFacilitator.person_id == person_id, taught.id == ScheduledSession.series_id)
    )
    fits = hosted.correlate(ScheduledSession).exists() | has_led.correlate(ScheduledSession).exists()
    return able & fits & ~leads(person_id)


def register_is_open(scheduled: ScheduledSession, now: datetime) -> bool:
    """Say whether the register may be taken: from 30 minutes before the start, and ever after."""
    is_time = now >= scheduled.starts_at - REGISTER_OPENS_BEFORE
    return scheduled.state is SessionState.PUBLISHED and is_time


def is_on_register(booking: Booking) -> bool:
    """Say whether a host sees this booking: it is expected, or marked already."""
    return booking.state in EXPECTED or booking.attendance is not Attendance.NOT_RECORDED


def on_register() -> ColumnElement[bool]:
    """Return `is_on_register` as a condition on bookings."""
    return Booking.state.in_(EXPECTED) | (Booking.attendance != Attendance.NOT_RECORDED)


def must_have_second_factor(roles: Set[Role]) -> bool:
    """Say whether these roles open pages that ask for a second factor; other roles may have one."""
    return bool(roles & IN_THE_OFFICE)


def may_be_given(role: Role, status: PersonStatus) -> bool:
    """Say whether a record may be given a role: the office's doors open to proven people only."""
    return status in (PROVEN if role in IN_THE_OFFICE else LIVING)


def may_give(role: Role, to: int, actor_id: int) -> bool:
    """Say whether somebody may give a role: what the office's roles open, nobody opens to herself."""
    return to != actor_id or role not in IN_THE_OFFICE


def may_be_taken_back(deed: ReversibleDeed, now: datetime) -> bool:
    """Say whether a deed stands and is not older than the office may undo."""
    return deed.undone_at is None and now < deed.done_at + TAKEN_BACK_WITHIN


def standing(booking: Booking) -> tuple[bool, int, int]:
    """Say how much a booking weighs beside another of the same human being at the same session."""
    weight = _WEIGHTS.index(booking.state) if booking.state in _WEIGHTS else -1
    return booking.attendance in ATTENDED, weight, booking.party_size
