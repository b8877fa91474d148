"""The letters to those who lead sessions: dates and numbers, never the name of anybody who comes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.db import db
from booking.messages.letters import links
from booking.messages.letters.dates import day_words, span_words
from booking.messages.letters.facts import Fact, discreet_place, name_of, when_it_is
from booking.messages.letters.render import greeting_name, letter_for
from booking.messages.letters.results import Composed, NoLongerTrue
from booking.models import Message, Person, ScheduledSession
from booking.models.kinds import Mode, Pool
from booking.queries import cover
from booking.queries.host_dates import Numbers, dates_led, is_host, numbers, registers_left
from booking.rules.addresses import one_line
from booking.rules.wall_time import to_local
from booking.rules.words import relative_day

Context = dict[str, Any]
_A_WEEK = timedelta(days=6)


def rota(message: Message, now: datetime) -> Composed:
    """Tell her which dates she leads this week."""
    assert message.about_on is not None
    last = message.about_on + _A_WEEK
    dates = dates_led(message.person_id or 0, message.about_on, last, now)
    if not dates:
        return NoLongerTrue("leads nothing")
    counts = numbers([one.id for one in dates])
    context = {
        "first": day_words(message.about_on),
        "facts": [_date(one, how_many(counts.get(one.id, Numbers()))) for one in dates],
        "number": len(dates),
        "button_words": _("My dates and lists"),
        "button_url": links.host_url(),
    }
    return _letter(message, context, dates)


def tomorrow(message: Message, now: datetime) -> Composed:
    """Tell her how many are expected tomorrow, and how many of them are new."""
    assert message.about_on is not None
    dates = dates_led(message.person_id or 0, message.about_on, message.about_on, now)
    if not dates:
        return NoLongerTrue("leads nothing")
    counts = numbers([one.id for one in dates])
    near = relative_day(message.about_on, to_local(now).date())
    context = {
        "near": {"Today": _("Today"), "Tomorrow": _("Tomorrow")}.get(near or "", day_words(message.about_on)),
        "day": day_words(message.about_on),
        "facts": _facts_of_day(dates, counts) if len(dates) > 1 else _facts_of(dates[0]),
        **_one(dates, counts),
        **_way_to_list(dates),
    }
    return _letter(message, context, dates)


def register_reminder(message: Message, now: datetime) -> Composed:
    """Ask her kindly for the registers of the day before."""
    assert message.about_on is not None
    dates = registers_left(message.person_id or 0, message.about_on, now)
    if not dates:
        return NoLongerTrue("registers are complete")
    context = {
        "day": day_words(message.about_on),
        "facts": _facts_of_day(dates, None) if len(dates) > 1 else [],
        **_one(dates, {}),
        **_way_to_list(dates),
    }
    return _letter(message, context, dates)


def cover_wanted(message: Message, now: datetime) -> Composed:
    """Tell whoever leads a date that somebody who was to lead it, too, can't."""
    scheduled = cover.wanted_date(message.session_id or 0, message.person_id or 0, now)
    if scheduled is None:
        return NoLongerTrue("cover is not wanted any more")
    context = {
        "day": day_words(scheduled.local_date),
        "facts": _facts_of(scheduled),
        **_one([scheduled], {}),
        **_way_to_list([scheduled]),
    }
    return _letter(message, context, [scheduled])


def how_many(counted: Numbers) -> str:
    """Say how many are expected: "12 people, 2 of them for the first time"."""
    if not counted.people:
        return str(_("nobody has booked yet"))
    people = ngettext("%(num)d person", "%(num)d people", counted.people)
    if not counted.new:
        return str(people)
    return str(_("%(people)s, %(new)d for the first time", people=people, new=counted.new))


def place_of(scheduled: ScheduledSession) -> str:
    """Say where a date is, for whoever leads it: in the room, online, or both."""
    if scheduled.mode is Mode.ONLINE:
        return str(_("Online"))
    words = discreet_place(scheduled.venue, Pool.ROOM)
    return str(_("%(venue)s, and online", venue=words)) if scheduled.mode is Mode.HYBRID else words


def titles(dates: Sequence[ScheduledSession]) -> list[Fact]:
    """Return the full names of dates that were named discreetly, for the end of a letter."""
    full = dict.fromkeys(one_line(one.title) for one in dates if one_line(one.title) != name_of(one))
    return [Fact(_("The full name of this session"), title) for title in full]


def _letter(message: Message, context: Context, dates: Sequence[ScheduledSession]) -> Composed:
    person = db.session.get(Person, message.person_id) if message.person_id is not None else None
    if person is None or not is_host(person.id):
        return NoLongerTrue("hosts no more")
    return letter_for(message, {"greeting": greeting_name(person), "in_full": titles(dates), **context})


def _date(scheduled: ScheduledSession, more: str) -> Fact:
    """Say one date of a rota in one line: when, what, where, how many."""
    line = f"{span_words(scheduled.start_time, scheduled.end_time)}, {name_of(scheduled)}"
    return Fact(day_words(scheduled.local_date), f"{line}, {place_of(scheduled)}: {more}")


def _facts_of_day(dates: Sequence[ScheduledSession], counts: dict[int, Numbers] | None) -> list[Fact]:
    """Say each of several dates of a day in one line, with the way to its list."""
    facts = []
    for one in dates:
        name, where = name_of(one), place_of(one)
        said = f"{name}, {where}"
        if counts is not None:
            said += f": {how_many(counts.get(one.id, Numbers()))}"
        label = span_words(one.start_time, one.end_time)
        facts.append(Fact(label, said, links.roster_url(one.id), link_words=name))
    return facts


def _facts_of(scheduled: ScheduledSession) -> list[Fact]:
    """Say what, when and where, in the order of every letter."""
    return [
        Fact(_("What"), name_of(scheduled)),
        Fact(_("When"), when_it_is(scheduled)),
        Fact(_("Where"), place_of(scheduled)),
    ]


def _one(dates: Sequence[ScheduledSession], counts: dict[int, Numbers]) -> Context:
    """Return what a letter about a single date may name in its first line."""
    if len(dates) > 1:
        return {"number": len(dates), "name": ""}
    (only,) = dates
    span = span_words(only.start_time, only.end_time)
    people = how_many(counts.get(only.id, Numbers()))
    return {"number": 1, "name": name_of(only), "span": span, "people": people}


def _way_to_list(dates: Sequence[ScheduledSession]) -> Context:
    if len(dates) == 1:
        return {"button_words": _("Open the list"), "button_url": links.roster_url(dates[0].id)}
    return {"button_words": _("My dates and lists"), "button_url": links.host_url()}
