"""What the office needs while somebody is on the phone: her places, the next dates, who is at the door."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.models import Booking, Enrolment, Message, ScheduledSession, Series, Venue
from booking.models.kinds import (
    ATTENDED,
    LIVE,
    Audience,
    BookingState,
    Channel,
    Companions,
    EnrolmentState,
    MessageKind,
    MessageState,
    Mode,
    PersonStatus,
    Pool,
    Role,
    SessionState,
    Who,
)
from booking.queries import session_cards
from booking.queries.places import places_left
from booking.queries.records import Known
from booking.queries.schedule import Card, Viewer
from booking.rules.nations import NATIONS
from booking.rules.wall_time import to_local

# As many as somebody can keep in her head while they are read out, and how many are looked through for them.
READ_OUT = 6
_LOOKED_THROUGH = 60
# So long after its end somebody who was at the door may still be written down here.
AT_THE_DOOR_FOR = timedelta(hours=2)
# What is said in the very talk in which it is done.
_SAID_AT_ONCE = (
    MessageKind.BOOKED,
    MessageKind.COURSE_BOOKED,
    MessageKind.GIVEN_UP,
    MessageKind.PROVISIONAL,
    MessageKind.WAITING,
    MessageKind.OFFERED,
)


@dataclass(frozen=True)
class Wanted:
    """What she asks for: one series, one way to join, and the nation she can get to, or join from online.

    `skip` leaves out the dates read out already.
    """

    series_id: int | None = None
    mode: Mode | None = None
    nation: str = ""
    skip: int = 0


@dataclass(frozen=True)
class NextDates:
    """The next dates for somebody. `more` says that there are later ones."""

    cards: tuple[Card, ...]
    # Where each date is, by its id, as somebody would say it; and which series keep a waiting list.
    places: dict[int, str]
    waiting_lists: frozenset[int]
    companions: bool
    wants_call: bool
    more: bool


@dataclass(frozen=True)
class AtTheDoor:
    """One date of today, with how many are expected and here, companions counted, and free places."""

    session: ScheduledSession
    expected: int
    here: int
    # Of the room; None is no limit.
    left: int | None
    is_open: bool


def is_confirmed(known: Known) -> bool:
    """Say whether places may be taken for her: she answered a letter, or the office has heard her."""
    return known.person.status is not PersonStatus.UNPROVEN


def places_of(person_id: int, now: datetime) -> Sequence[Booking]:
    """Return her live bookings that are not over, next first, with their dates."""
    asked = (
        select(Booking)
        .join(Booking.session)
        .where(policy.is_hers(person_id), Booking.state.in_(LIVE), ScheduledSession.ends_at > now)
        .options(joinedload(Booking.session).joinedload(ScheduledSession.series))
        .order_by(ScheduledSession.starts_at, Booking.id)
    )
    return db.session.scalars(asked).all()


def place_of(booking_id: int, person_id: int) -> Booking | None:
    """Return one booking of hers with its date, as it is now."""
    asked = select(Booking).where(Booking.id == booking_id, policy.is_hers(person_id))
    return db.session.scalar(
        asked.options(joinedload(Booking.session).joinedload(ScheduledSession.series)).execution_options(
            populate_existing=True
        )
    )


def next_dates(known: Known, wanted: Wanted, now: datetime) -> NextDates:
    """Return the next dates that suit somebody: meant for her, open, and not hers already.

    If we know in which nation she lives, what she can reach comes first: rooms there, and what is online.
    """
    viewer = Viewer(known.person.id, Role.FACILITATOR in known.roles)
    ids = db.session.scalars(
        _suiting(known, wanted, now)
        .order_by(_is_far(known.person.nation), ScheduledSession.starts_at, ScheduledSession.id)
        .limit(wanted.skip + _LOOKED_THROUGH)
    ).all()
    cards = {card.id: card for card in session_cards.load(ids, viewer, now) if _is_open(card, now)}
    found = _courses_once([cards[one] for one in ids if one in cards])
    shown = tuple(found[wanted.skip : wanted.skip + READ_OUT])
    series = {card.series_id for card in shown}
    return NextDates(
        cards=shown,
        places=_where([card.id for card in shown]),
        waiting_lists=_those(series, Series.waiting_list.is_(True)),
        companions=bool(_those(series, Series.companions != Companions.NEVER)),
        wants_call=bool(_those(series, Series.welcome_call.is_(True))),
        more=len(found) > wanted.skip + READ_OUT,
    )


def series_for(known: Known, now: datetime) -> dict[str, str]:
    """Return the series that have a date to come for somebody, by id, in order of their titles."""
    ids = _suiting(known, Wanted(), now).with_only_columns(ScheduledSession.series_id)
    rows = db.session.execute(select(Series.id, Series.title).where(Series.id.in_(ids)).order_by(Series.id))
    return {str(series_id): title for series_id, title in sorted(rows, key=lambda row: row[1].casefold())}


def held_now(now: datetime) -> Sequence[Booking]:
    """Return the places that the office holds for people it is talking with, the first to end first."""
    asked = (
        select(Booking)
        .where(
            Booking.state == BookingState.HELD,
            Booking.held_until > now,
            Booking.person_id.is_not(None),
            policy.held_at_the_desk(),
        )
        .options(joinedload(Booking.session).joinedload(ScheduledSession.series), joinedload(Booking.person))
        .order_by(Booking.held_until, Booking.id)
    )
    return db.session.scalars(asked).all()


def told_now(person_id: int, now: datetime) -> list[tuple[int, Channel]]:
    """Return the messages to somebody that were made in this moment, and by which way each goes."""
    rows = db.session.execute(
        select(Message.id, Message.channel)
        .where(
            Message.person_id == person_id,
            Message.created_at == now,
            Message.state == MessageState.WAITING,
            Message.kind.in_(_SAID_AT_ONCE),
        )
        .order_by(Message.id)
    )
    return [(message_id, channel) for message_id, channel in rows]


def at_the_door(now: datetime) -> list[AtTheDoor]:
    """Return the dates in a room today that are not long over, in order, with who is expected and here."""
    sessions = db.session.scalars(
        select(ScheduledSession)
        .where(
            ScheduledSession.local_date == to_local(now).date(),
            ScheduledSession.state == SessionState.PUBLISHED,
            ScheduledSession.mode.in_((Mode.IN_PERSON, Mode.HYBRID)),
            ScheduledSession.ends_at > now - AT_THE_DOOR_FOR,
        )
        .options(joinedload(ScheduledSession.series), joinedload(ScheduledSession.venue))
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
    ).all()
    expected = _counted(sessions, policy.on_register())
    here = _counted(sessions, Booking.attendance.in_(ATTENDED))
    return [
        AtTheDoor(
            one,
            expected.get(one.id, 0),
            here.get(one.id, 0),
            places_left(one, Pool.ROOM),
            policy.register_is_open(one, now),
        )
        for one in sessions
    ]


def _counted(sessions: Sequence[ScheduledSession], which: ColumnElement[bool]) -> dict[int, int]:
    rows = db.session.execute(
        select(Booking.session_id, func.sum(Booking.party_size))
        .where(Booking.session_id.in_([one.id for one in sessions]), which)
        .group_by(Booking.session_id)
        .order_by(Booking.session_id)
    )
    return {session_id: int(many) for session_id, many in rows}


def _suiting(known: Known, wanted: Wanted, now: datetime) -> Select[int]:
    is_facilitator = Role.FACILITATOR in known.roles
    hers = select(Booking.session_id).where(policy.is_hers(known.person.id), Booking.state.in_(LIVE))
    courses = select(Enrolment.series_id).where(
        Enrolment.person_id == known.person.id, Enrolment.state == EnrolmentState.ENROLLED
    )
    asked = (
        select(ScheduledSession.id)
        .join(ScheduledSession.series)
        .outerjoin(ScheduledSession.venue)
        .where(
            ScheduledSession.starts_at > now,
            ScheduledSession.state == SessionState.PUBLISHED,
            ScheduledSession.id.not_in(hers),
            ScheduledSession.series_id.not_in(courses),
            policy.series_seen_by(is_facilitator),
        )
    )
    if known.person.who is not Who.PATIENT:
        asked = asked.where(Series.audience != Audience.PATIENTS)
    if wanted.series_id is not None:
        asked = asked.where(ScheduledSession.series_id == wanted.series_id)
    if wanted.mode is not None:
        asked = asked.where(ScheduledSession.mode.in_((wanted.mode, Mode.HYBRID)))
    if wanted.nation:
        asked = asked.where(_is_there(wanted.nation, in_the_room=wanted.mode is Mode.IN_PERSON))
    return asked


def _is_there(nation: str, *, in_the_room: bool) -> ColumnElement[bool]:
    """Say whether a date is in a nation, or, unless it is the room she asks for, reached online from it."""
    there = func.coalesce(Venue.nation, Series.nation) == nation
    return there if in_the_room else or_(there, ScheduledSession.mode != Mode.IN_PERSON)


def _is_far(nation: str) -> ColumnElement[int]:
    return case((_is_there(nation, in_the_room=False), 0), else_=1) if nation in NATIONS else literal(0)


def _is_open(card: Card, now: datetime) -> bool:
    return (card.opens_at is None or card.opens_at <= now) and now < card.closes_at


def _courses_once(cards: Sequence[Card]) -> list[Card]:
    """Leave one date of each course that is booked as a whole: the first to come."""
    seen: set[int] = set()
    kept = []
    for card in cards:
        if card.as_a_course and card.series_id in seen:
            continue
        seen.add(card.series_id)
        kept.append(card)
    return kept


def _where(session_ids: Sequence[int]) -> dict[int, str]:
    rows = db.session.execute(
        select(ScheduledSession.id, Venue.name, Venue.address)
        .join(ScheduledSession.venue)
        .where(ScheduledSession.id.in_(session_ids))
        .order_by(ScheduledSession.id)
    )
    return {session_id: ", ".join(filter(None, (name, address))) for session_id, name, address in rows}


def _those(series_ids: Collection[int], fits: ColumnElement[bool]) -> frozenset[int]:
    asked = select(Series.id).where(Series.id.in_(series_ids), fits).order_by(Series.id)
    return frozenset(db.session.scalars(asked))
