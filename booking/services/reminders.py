"""When somebody is reminded: once for all, for one place of hers, or no more by a link in a letter."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from booking import policy
from booking.db import db, transaction
from booking.models import Booking, Person
from booking.models.kinds import ConsentPurpose
from booking.queries import unsubscribing
from booking.queries.unsubscribing import Stoppable
from booking.refusals import NotAReminderTime, NotFound
from booking.rules.reminders import USUAL, Rhythm, is_possible
from booking.services.steps import consent, news, reminders
from booking.services.steps.audit import note
from booking.services.steps.people import hold

NEITHER = (False, False)


@dataclass(frozen=True)
class Wish:
    """Which of the two reminders somebody wants, and at which days and hours."""

    two_days: bool
    that_morning: bool
    rhythm: Rhythm = USUAL


def save(
    person_id: int,
    wish: Wish,
    now: datetime,
    actor_id: int | None = None,
    may_leave_word: bool | None = None,
) -> None:
    """Keep when she wants to be reminded; `actor_id` is who writes it down, herself unless told.

    `may_leave_word`: whether whoever calls may leave word with somebody else; None leaves it as it is.
    What waits and is no longer wished for is withdrawn; what she wishes for again comes back.
    Refuses: a day or an hour that is not offered, and a record that does not open any more.
    """
    if not is_possible(wish.rhythm):
        raise NotAReminderTime
    with transaction():
        person = hold(person_id)
        person.remind_two_days, person.remind_that_morning = wish.two_days, wish.that_morning
        person.remind_days_before, person.remind_hour = wish.rhythm.days_before, wish.rhythm.hour
        person.morning_hour = wish.rhythm.morning_hour
        changed = ["reminders"]
        if may_leave_word is not None and may_leave_word != person.may_leave_word:
            person.may_leave_word = may_leave_word
            changed.append("leaving word")
        reminders.follow_her_wish(person, now)
        note(now, actor_id or person_id, "details changed", f"person:{person_id}", *changed)


def choose_for_place(
    booking_id: int,
    person_id: int,
    wish: tuple[bool, bool] | None,
    now: datetime,
    actor_id: int | None = None,
) -> None:
    """Keep which reminders she wants for one place of hers; None means: as she chose once for all.

    Refuses: what is not hers, or is no live place any more.
    """
    with transaction():
        person = hold(person_id)
        hers = select(Booking).where(Booking.id == booking_id, policy.is_hers(person_id))
        booking = db.session.scalar(hers.execution_options(populate_existing=True))
        if booking is None or not booking.is_live:
            raise NotFound
        booking.remind_two_days, booking.remind_that_morning = wish or (None, None)
        reminders.follow_her_wish(person, now)
        note(now, actor_id or person_id, "reminders chosen", f"booking:{booking_id}")


def stop_by_link(token: str, now: datetime) -> Stoppable:
    """Stop what a link in a letter stops, at once, and say what it was; twice is once.

    Reminders stop for the places as well for which she chose some: her click says none. A record that
    does not open any more has nothing left to stop.
    Refuses: a link that does not fit.
    """
    found = unsubscribing.behind(token)
    with transaction():
        try:
            person = hold(found.person_id)
        except NotFound:
            return found.what
        if found.what == "news":
            if consent.withdraw(person.id, ConsentPurpose.NEWS, now) or person.wants_news:
                news.let_go(person, now)
        elif _wants_any(person):
            _stop_reminders(person, now)
        return found.what


def _wants_any(person: Person) -> bool:
    always = person.remind_two_days or person.remind_that_morning
    return always or unsubscribing.chose_for_a_place(person.id)


def _stop_reminders(person: Person, now: datetime) -> None:
    person.remind_two_days, person.remind_that_morning = NEITHER
    db.session.execute(
        update(Booking)
        .where(policy.is_hers(person.id), Booking.remind_two_days | Booking.remind_that_morning)
        .values(remind_two_days=None, remind_that_morning=None),
        execution_options={"synchronize_session": "fetch"},
    )
    reminders.follow_her_wish(person, now)
    note(now, person.id, "details changed", f"person:{person.id}", "reminders")
