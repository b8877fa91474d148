"""Arriving: somebody new says who she is and how to reach her, and her place waits until that is proven."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select

from booking.db import db, transaction
from booking.messages import outbox
from booking.models import Booking, ContactPoint, EmailLink, Message, Person
from booking.models.kinds import (
    BookingState,
    ConsentPurpose,
    ContactKind,
    LinkPurpose,
    MessageKind,
    MessageState,
    PersonStatus,
    Pool,
    TaskKind,
    Who,
)
from booking.refusals import ConsentNeeded, WayToReachNeeded
from booking.rules.addresses import email_key, phone_key
from booking.rules.names import first_word
from booking.services.steps import consent, holds, links, newcomers, queueing, taking, tasks, waiting
from booking.services.steps.audit import note
from booking.services.steps.freeing import free_place, pass_on_the_rest
from booking.services.steps.locks import lock_address, lock_people, lock_sessions

# Somebody who presses twice, or comes back a moment later, is still the same person.
SAME_ATTEMPT = timedelta(hours=24)
# An address that nobody has proven gets no second letter while the first may still be read.
ONE_LETTER_A = timedelta(minutes=60)
_ON_ITS_WAY = (MessageState.WAITING, MessageState.SENDING)
_AFTERWARDS = "/my-sessions"


@dataclass(frozen=True)
class Registration:
    """What somebody new says about herself; nothing else is asked. Of email and phone one is enough."""

    full_name: str
    known_as: str
    email: str
    who: Who
    agrees: bool
    phone: str = ""

    @property
    def way(self) -> tuple[ContactKind, str]:
        """Return by what she is known until it is proven: her email address, else her phone number."""
        if self.email:
            return ContactKind.EMAIL, email_key(self.email)
        return ContactKind.PHONE, phone_key(self.phone)


@dataclass(frozen=True)
class Waiting:
    """A place that waits: its booking, until when, and the link in the letter; None when the office calls."""

    booking_id: int
    held_until: datetime
    link_id: int | None


@dataclass(frozen=True)
class Wish:
    """What somebody new waits for and how she would like to be told. Units: `notice_hours` before the start.

    `instead_of` is what this very browser asked for at the session before she put her address right.
    """

    pool: Pool
    tells_late: bool = False
    notice_hours: int = 0
    companion_name: str = ""
    instead_of: int | None = None


@dataclass(frozen=True)
class _Letter:
    """A letter that asks for the proof: its link, and when it was handed over, if it was."""

    link_id: int
    sent_at: datetime | None = None


def register(facts: Registration, next_path: str, now: datetime) -> int | None:
    """Keep a new person until she proves how to reach her, and ask for that: by one letter, or by a call.

    A known address is treated alike: the letter's page lets its reader choose who she is. Returns the id
    of the link in the letter, or None when the office will call.
    Refuses: no consent, and no way to reach her.
    """
    _refuse_unless_complete(facts)
    with transaction():
        person = _newcomer(facts, now)
        letter = _asked_for_proof(person, facts, next_path, None, now)
        return letter.link_id if letter is not None else None


def hold_place(
    facts: Registration,
    session_id: int,
    pool: Pool,
    now: datetime,
    *,
    instead_of: int | None = None,
    companion_name: str = "",
) -> Waiting:
    """Hold a place for somebody new until she proves how to reach her, and ask for that.

    The page that asked showed her the ground rules beside its button. The same form sent twice is one
    person with one place. `instead_of` is the booking this very browser made at the session before she put
    her address right: it is let go, as long as nobody has confirmed it. Of a third place at one address it
    is only noted that she asked for it, and the answer is the same: nothing tells an outsider how many wait
    there, and behind her letter she takes it if it is free. Whoever comes with her has a place held as well.
    Refuses: no consent, no way to reach her, a pool of which half waits already, and whatever a booking
    refuses.
    """
    _refuse_unless_complete(facts)
    with transaction():
        person = _newcomer(facts, now, _whose(instead_of))
        lock_sessions([session_id])
        # A place that has come free by itself is somebody's who waits.
        waiting.offer_free_places(session_id, now)
        slip = _let_go(instead_of, person, session_id, now)
        held = taking.latest_booking(session_id, person.id)
        if held is not None and held.is_live:
            until = held.held_until or now
        else:
            companion = first_word(companion_name, 100)
            held, until = _held(facts, person, session_id, pool, held, now, companion)
        _pass_on_after(slip, held, now)
        letter = _asked_for_proof(person, facts, _AFTERWARDS, held, now)
        if letter is not None and letter.sent_at is not None:
            until = min(until, letter.sent_at + holds.AFTER_THE_LETTER)
            held.held_until = until if held.is_live else None
        return Waiting(held.id, until, letter.link_id if letter is not None else None)


def wait_as_newcomer(facts: Registration, session_id: int, wish: Wish, now: datetime) -> Waiting:
    """Put somebody new on a waiting list, and ask for the proof of how to reach her.

    Her rank is that of this moment; she is offered nothing before she has shown who she is. The same form
    sent twice is one person with one turn.
    Refuses: no consent, no way to reach her, a pool in which a place is free, and whatever waiting refuses.
    """
    _refuse_unless_complete(facts)
    with transaction():
        person = _newcomer(facts, now, _whose(wish.instead_of))
        lock_sessions([session_id])
        waiting.offer_free_places(session_id, now)
        slip = _let_go(wish.instead_of, person, session_id, now)
        asked = taking.latest_booking(session_id, person.id)
        scheduled = taking.session_today(session_id)
        if asked is None or not asked.is_live:
            taking.refuse_unless_meant(scheduled, facts.who, False, now)
            asked = queueing.join(
                person,
                scheduled,
                wish.pool,
                person.id,
                now,
                tells_late=wish.tells_late,
                companion_name=wish.companion_name,
            )
            person.notice_hours = queueing.hours_within_reason(wish.notice_hours)
            consent.agree(person.id, ConsentPurpose.GROUND_RULES, now)
        _pass_on_after(slip, asked, now)
        letter = _asked_for_proof(person, facts, _AFTERWARDS, asked, now)
        return Waiting(asked.id, scheduled.starts_at, letter.link_id if letter is not None else None)


def _refuse_unless_complete(facts: Registration) -> None:
    if not facts.agrees:
        raise ConsentNeeded
    if not (facts.email or facts.phone):
        raise WayToReachNeeded


def _newcomer(facts: Registration, now: datetime, also: Collection[int] = ()) -> Person:
    """Find or add her record; two presses in the same moment must find each other's.

    Whoever is in `also` is held as well, in the order in which people are held everywhere.
    """
    lock_address(facts.way[1])
    person = _same_attempt(facts, now)
    lock_people([*also, person.id] if person is not None else also)
    if person is not None:
        db.session.refresh(person)
        if person.status is PersonStatus.UNPROVEN:
            # What she corrected on her way back counts.
            person.who = facts.who
            return person
    return _new_person(facts, now)


def _same_attempt(facts: Registration, now: datetime) -> Person | None:
    """Find the record of somebody who sent the form a moment ago."""
    kind, key = facts.way
    at_address = select(ContactPoint.person_id).where(ContactPoint.kind == kind, ContactPoint.key == key)
    recent = select(Person).where(
        Person.id.in_(at_address),
        Person.status == PersonStatus.UNPROVEN,
        Person.created_at > now - SAME_ATTEMPT,
    )
    return next(
        (
            person
            for person in db.session.scalars(recent.order_by(Person.id))
            if person.full_name.casefold() == facts.full_name.casefold()
            and person.known_as.casefold() == facts.known_as.casefold()
        ),
        None,
    )


def _new_person(facts: Registration, now: datetime) -> Person:
    person = newcomers.add(
        facts.full_name, facts.known_as, facts.who, now, email=facts.email, phone=facts.phone
    )
    consent.agree(person.id, ConsentPurpose.KEEP_DETAILS, now)
    note(now, person.id, "registered", f"person:{person.id}")
    return person


def _whose(booking_id: int | None) -> list[int]:
    """Return for whom a place was held, if for anybody."""
    asked = select(Booking.person_id).where(Booking.id == booking_id, Booking.person_id.is_not(None))
    return [whose for whose in db.session.scalars(asked) if whose is not None]


def _let_go(
    booking_id: int | None, person: Person, session_id: int, now: datetime
) -> tuple[Booking, BookingState] | None:
    """Free what the same browser asked for with a slip in the address, so that no second place waits.

    Returns it with the state that it had: what she does not take again is for whoever waits.
    """
    first = db.session.scalar(
        select(Booking)
        .join(Person, Person.id == Booking.person_id)
        .where(Booking.id == booking_id, Booking.session_id == session_id)
        .where(holds.is_holding() | (Booking.state == BookingState.WAITING))
        .where(Booking.person_id != person.id, Person.status == PersonStatus.UNPROVEN)
        .execution_options(populate_existing=True)
    )
    if first is None or first.person_id is None:
        return None
    was = first.state
    # She takes it again at once under her right address: it is not for whoever waits.
    free_place(first, BookingState.GIVEN_UP, "asked for anew", now, passes_on=False)
    note(now, None, "hold ended", f"booking:{first.id}")
    db.session.flush()
    asks = holds.is_holding() | (Booking.state == BookingState.WAITING)
    others = select(Booking.id).where(Booking.person_id == first.person_id, asks)
    if db.session.scalar(others.limit(1)) is None:
        # Nobody is to be called at a number that was a slip.
        tasks.settle_about(TaskKind.CALL_NEWCOMER, first.person_id, None, now)
    return first, was


def _pass_on_after(slip: tuple[Booking, BookingState] | None, took: Booking, now: datetime) -> None:
    if slip is not None:
        ended, was = slip
        pass_on_the_rest(ended, was, took, now)


def _held(
    facts: Registration,
    person: Person,
    session_id: int,
    pool: Pool,
    before: Booking | None,
    now: datetime,
    companion: str,
) -> tuple[Booking, datetime]:
    """Hold a place, or note that she asked for it where as many as may wait for her address already.

    Returns besides until when it waits, or would wait: the page says so and must not differ.
    """
    scheduled = taking.session_today(session_id)
    taking.refuse_unless_meant(scheduled, facts.who, False, now)
    many = 2 if companion else 1
    taking.refuse_unless_along(scheduled, person.id, companion)
    taking.refuse_unless_free(scheduled, pool, person.id, now, many)
    holds.refuse_unless_few_wait(scheduled, pool)
    fits = holds.live_holds_at(*facts.way, now) < holds.AT_ONE_ADDRESS
    if not fits and before is not None and before.was_never_held:
        before.pool, before.party_size, before.companion_name = pool, many, companion
        return before, min(before.created_at + holds.LONGEST, scheduled.starts_at)
    state = BookingState.HELD if fits else BookingState.EXPIRED
    until = min(now + holds.LONGEST, scheduled.starts_at)
    held_until = until if fits else None
    booking = taking.take(
        person.id,
        scheduled,
        pool,
        person.id,
        now,
        state=state,
        held_until=held_until,
        party_size=many,
        companion_name=companion,
    )
    consent.agree(person.id, ConsentPurpose.GROUND_RULES, now)
    note(now, person.id, "place held" if fits else "place asked for", f"booking:{booking.id}")
    return booking, until


def _asked_for_proof(
    person: Person, facts: Registration, next_path: str, held: Booking | None, now: datetime
) -> _Letter | None:
    if facts.email:
        return _letter_on_its_way(person.id, now) or _letter_posted(person, facts.email, next_path, now)
    if not tasks.is_asked(TaskKind.CALL_NEWCOMER, person.id):
        # One call is enough for everything she asked for.
        booking_id = held.id if held is not None else None
        tasks.ask(TaskKind.CALL_NEWCOMER, now, person_id=person.id, booking_id=booking_id)
    return None


def _letter_on_its_way(person_id: int, now: datetime) -> _Letter | None:
    """Find the letter that she may still read: it waits, or went a short time ago."""
    just_went = and_(Message.state == MessageState.SENT, Message.sent_at > now - ONE_LETTER_A)
    found = db.session.execute(
        select(EmailLink.id, Message.sent_at)
        .join(Message, Message.link_id == EmailLink.id)
        .where(
            EmailLink.person_id == person_id,
            EmailLink.purpose == LinkPurpose.CONFIRM_EMAIL,
            EmailLink.used_at.is_(None),
            or_(Message.state.in_(_ON_ITS_WAY), just_went),
        )
        .order_by(EmailLink.id.desc())
        .limit(1)
    ).one_or_none()
    return _Letter(found.id, found.sent_at) if found is not None else None


def _letter_posted(person: Person, address: str, next_path: str, now: datetime) -> _Letter:
    """Post the letter, unless this address had as many as an hour may bring; then only make its link."""
    goes = links.may_ask_for_proof(address, now)
    link = links.make(LinkPurpose.CONFIRM_EMAIL, address, next_path, now, person.id, has_letter=goes)
    if goes:
        outbox.post(
            MessageKind.CONFIRM_EMAIL,
            person=person,
            link=link,
            recipient=link.address,
            now=now,
            key=f"link:{link.id}",
        )
    return _Letter(link.id)
