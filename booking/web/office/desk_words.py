"""What the office says on the phone: a date in one breath, what was done, and how she hears of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from booking.models.kinds import BookingState, Channel, Pool
from booking.queries.desk import NextDates
from booking.queries.schedule import Card
from booking.queries.waiting import Turn
from booking.rules.wall_time import to_local
from booking.rules.words import day_words_short, length_words, relative_day, time_words
from booking.web.leaving import letters_are_stopped

if TYPE_CHECKING:
    from booking.models import Booking, ScheduledSession

WAYS = {Pool.ROOM: _l("in the room"), Pool.ONLINE: _l("online")}


@dataclass(frozen=True)
class Choice:
    """One thing that may be booked: its value in the form, the words to say first, and the rest."""

    value: str
    words: str
    rest: str


def choices(dates: NextDates, hers: Sequence[Booking], now: datetime) -> list[Choice]:
    """Return every way to come to each date, ready to be read out."""
    today = to_local(now).date()
    return [
        Choice(_value(card, pool), _first(card, pool, today), _rest(card, pool, dates, hers))
        for card in dates.cards
        for pool in card.pools
    ]


def when_words(on: date, at: object, today: date) -> str:
    """Say a day and time as one says them: "Tomorrow, Tuesday 24 November at 1:30pm"."""
    day, near = day_words_short(on), relative_day(on, today)
    named = f"{_(near)}, {day}" if near else (day if on.year == today.year else f"{day} {on.year}")
    return str(_("%(day)s at %(time)s", day=named, time=at))


def session_words(scheduled: ScheduledSession, today: date) -> str:
    """Say which date, in one breath."""
    at = time_words(scheduled.start_time)
    return f"{when_words(scheduled.local_date, at, today)}: {scheduled.title}"


def state_words(booking: Booking, turn: Turn | None) -> str:
    """Say how a place of hers stands, and what happens next."""
    if booking.held_until is not None and booking.state in (BookingState.HELD, BookingState.OFFERED):
        until = to_local(booking.held_until)
        said = {"time": time_words(until.time()), "day": day_words_short(until.date())}
        return str(_("Kept until %(time)s on %(day)s, then it goes to somebody else.", **said))
    if booking.state is BookingState.OFFERED:
        return str(_("A place came free for them. It is kept until somebody reaches them."))
    if booking.state is BookingState.PROVISIONAL:
        return str(_("Kept until the welcome call."))
    if booking.state is BookingState.WAITING and turn is not None:
        return _turn_words(turn)
    alone = str(WAYS[booking.pool])
    if not booking.companion_name:
        return str(_("Has a place, %(way)s.", way=alone))
    return str(_("Has a place, %(way)s, and %(name)s comes along.", way=alone, name=booking.companion_name))


def done_words(name: str, booking: Booking, today: date) -> str:
    """Say what was done, so that it can be read out."""
    said = {"name": name, "what": session_words(booking.session, today), "way": str(WAYS[booking.pool])}
    match booking.state:
        case BookingState.HELD if booking.held_until is not None:
            said["time"] = time_words(to_local(booking.held_until).time())
            return str(_("Held for %(name)s until %(time)s: %(what)s, %(way)s.", **said))
        case BookingState.WAITING:
            return str(_("%(name)s is on the waiting list: %(what)s, %(way)s.", **said))
        case BookingState.PROVISIONAL:
            return str(_("A place waits for %(name)s until the welcome call: %(what)s, %(way)s.", **said))
        case BookingState.OFFERED:
            return str(_("A place is kept for %(name)s: %(what)s, %(way)s.", **said))
        case BookingState.BOOKED:
            return str(_("%(name)s has a place: %(what)s, %(way)s.", **said))
    return str(_("%(name)s does not come any more: %(what)s. That's fine.", **said))


def told_words(ways: Iterable[Channel]) -> str:
    """Say how she hears of what was just done; nothing where nobody writes."""
    told = set(ways)
    if Channel.POST in told:
        return str(_("A letter to print is on Today."))
    if Channel.CALL in told:
        return str(_("You have just told them, so nobody has to call."))
    if Channel.EMAIL not in told:
        return ""
    if letters_are_stopped():
        return str(_("Messages are stopped, so please tell them yourself."))
    return str(_("An email is on its way."))


def overlapping(card: Card, hers: Sequence[Booking]) -> list[Booking]:
    """Return the places of hers that are at the same time as a date."""
    return [
        one for one in hers if one.session.starts_at < card.ends_at and card.starts_at < one.session.ends_at
    ]


def left_words(left: int | None) -> str:
    """Say how many places a room has left. Units: None = no limit."""
    if left is None:
        return str(_("There is room"))
    return str(ngettext("%(num)s place left", "%(num)s places left", left)) if left else str(_("Full"))


def _value(card: Card, pool: Pool) -> str:
    return f"course-{card.series_id}-{pool}" if card.as_a_course else f"date-{card.id}-{pool}"


def _first(card: Card, pool: Pool, today: date) -> str:
    when = when_words(card.local_date, time_words(card.start_time), today)
    said = {"when": when, "title": card.title, "way": str(WAYS[pool])}
    return str(_("%(when)s: %(title)s, %(way)s", **said))


def _rest(card: Card, pool: Pool, dates: NextDates, hers: Sequence[Booking]) -> str:
    where = dates.places.get(card.id, "") if pool is Pool.ROOM else ""
    lasts = _("It lasts %(length)s", length=length_words(card.minutes))
    parts = [where, lasts, _course(card), _led(card), _places(card, pool, dates)]
    parts += [
        _("At the same time they have %(title)s", title=other.session.title)
        for other in overlapping(card, hers)
    ]
    return " ".join(f"{part}." for part in parts if part)


def _course(card: Card) -> str:
    if not card.as_a_course:
        return ""
    return str(ngettext("A course of %(num)s week", "A course of %(num)s weeks", card.weeks or 1))


def _led(card: Card) -> str:
    names = ", ".join(card.led_by)
    if not names:
        return ""
    hosted = card.facilitator_word == "host"
    return str(_("Hosted by %(names)s", names=names) if hosted else _("With %(names)s", names=names))


def _places(card: Card, pool: Pool, dates: NextDates) -> str:
    free = card.free(pool)
    if free is None or free:
        return left_words(free)
    if card.series_id in dates.waiting_lists and not card.as_a_course:
        return str(_("Full: they can wait for a place"))
    return str(_("Full"))


def _turn_words(turn: Turn) -> str:
    if turn.is_next:
        return str(_("Waits, and is next."))
    before = ngettext("%(num)s person is before them", "%(num)s people are before them", turn.ahead)
    return str(_("Waits: %(before)s.", before=before))
