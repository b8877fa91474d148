"""The letter that tells somebody who leads what became of her dates: off, moved, given to her or taken."""

from collections.abc import Sequence
from datetime import date, datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.db import db
from booking.messages.letters import links
from booking.messages.letters.dates import day_words
from booking.messages.letters.facts import Fact, discreet_place, name_of, when_it_is, when_it_was
from booking.messages.letters.hosts import place_of, titles
from booking.messages.letters.render import greeting_name, letter_for
from booking.messages.letters.results import Composed, NoLongerTrue
from booking.models import Message, Person, Series, SessionVersion
from booking.models.kinds import Mode, Pool
from booking.queries.host_changes import Fate, HostNews, gone_for, is_of_gone_dates, news_for
from booking.queries.host_dates import is_host
from booking.rules.addresses import one_line
from booking.rules.discreet import discreet_name, holds_forbidden

# A series of a year has more dates than anybody reads in a letter; her page has them all.
_MOST_SAID = 12


def rota_changed(message: Message, now: datetime) -> Composed:
    """Tell somebody who leads what changed, by what is true today."""
    person = db.session.get(Person, message.person_id) if message.person_id is not None else None
    if person is None:
        return NoLongerTrue("nothing differs")
    if is_of_gone_dates(message):
        return _no_longer_planned(message, person, now)
    news = news_for(message, now)
    if not news:
        return NoLongerTrue("nothing differs")
    if news[0].fate is not Fate.TAKEN and not is_host(person.id):
        return NoLongerTrue("hosts no more")
    dates = [one.scheduled for one in news]
    context = {
        "number": len(news),
        "name": name_of(dates[0]) if len(dates) == 1 else "",
        "day": day_words(dates[0].local_date),
        "lead_words": _lead(news),
        "changes": _lines(news),
        "in_full": titles(dates),
    }
    return letter_for(message, context | _to(person))


def _no_longer_planned(message: Message, person: Person, now: datetime) -> Composed:
    """Tell her of dates that are not there any more: nobody had booked them, so nobody else is told."""
    gone = gone_for(message, now)
    if gone is None:
        return NoLongerTrue("nothing differs")
    if not is_host(person.id):
        return NoLongerTrue("hosts no more")
    series, days = gone
    name, lines = _name_of_series(series), [_gone(series, on) for on in days[:_MOST_SAID]]
    context = {
        "number": len(days),
        "name": name if len(days) == 1 else "",
        "day": day_words(days[0]),
        "lead_words": lines[0] if len(days) == 1 else _so_many(len(days)),
        "changes": [*lines, *_and_more(len(days))] if len(days) > 1 else [],
        "in_full": [Fact(_("The full name of this session"), one_line(series.title))]
        if one_line(series.title) != name
        else [],
    }
    return letter_for(message, context | _to(person))


def _to(person: Person) -> dict[str, str]:
    return {
        "greeting": greeting_name(person),
        "button_words": _("My dates and lists"),
        "button_url": links.host_url(),
    }


def _name_of_series(series: Series) -> str:
    return one_line(discreet_name(series.title, series.discreet_name, series.programme.discreet_name))


def _gone(series: Series, on: date) -> str:
    return str(
        _("%(name)s on %(day)s is no longer planned.", name=_name_of_series(series), day=day_words(on))
    )


def _so_many(number: int) -> str:
    return str(ngettext("%(num)d of your dates has changed.", "%(num)d of your dates have changed.", number))


def _and_more(number: int) -> list[str]:
    left = number - _MOST_SAID
    return [str(ngettext("And %(num)d more date.", "And %(num)d more dates.", left))] if left > 0 else []


def _lead(news: Sequence[HostNews]) -> str:
    first = news[0]
    if len(news) > 1:
        return _so_many(len(news))
    words = {"name": name_of(first.scheduled), "when": when_it_is(first.scheduled)}
    return str(
        {
            Fate.CANCELLED: lambda: _("%(name)s on %(when)s is cancelled.", **words),
            Fate.MOVED: lambda: _("%(name)s has changed.", **words),
            Fate.GIVEN: lambda: _("You now lead %(name)s on %(when)s.", **words),
            Fate.TAKEN: lambda: _("You no longer lead %(name)s on %(when)s.", **words),
            Fate.COVERED: lambda: _(
                "%(host)s hosts %(name)s on %(when)s now.", host=_host(first.host), **words
            ),
        }[first.fate]()
    )


def _host(known_as: str) -> str:
    """Name whoever hosts it now, unless what she is called may not stand on a lock screen."""
    name = one_line(known_as)
    return str(_("Somebody")) if not name or holds_forbidden(name) else name


def _lines(news: Sequence[HostNews]) -> list[str]:
    if len(news) == 1:
        return _more(news[0])
    return [_line(one) for one in news[:_MOST_SAID]] + _and_more(len(news))


def _more(one: HostNews) -> list[str]:
    """Say what the first line left open: where it is, or what it was and is."""
    if one.fate is Fate.CANCELLED:
        return [str(_("There is nothing for you to do: we tell everybody who has a place."))]
    if one.fate is Fate.MOVED:
        return [_was_and_now(one)]
    return [str(_("Where: %(place)s", place=place_of(one.scheduled)))] if one.fate is Fate.GIVEN else []


def _line(one: HostNews) -> str:
    words = {"name": name_of(one.scheduled), "when": when_it_is(one.scheduled)}
    if one.fate is Fate.MOVED:
        return f"{words['name']}: {_was_and_now(one)}"
    said = {
        Fate.CANCELLED: _("%(name)s on %(when)s is cancelled.", **words),
        Fate.GIVEN: _("You now lead %(name)s on %(when)s.", **words),
        Fate.TAKEN: _("You no longer lead %(name)s on %(when)s.", **words),
    }
    return str(said[one.fate])


def _was_and_now(one: HostNews) -> str:
    was, scheduled = one.was, one.scheduled
    assert was is not None
    before, after = when_it_was(was), when_it_is(scheduled)
    was_at, now_at = _place_then(was), place_of(scheduled)
    if before == after and was_at == now_at:
        said = _("on %(when)s only the details of the meeting are new", when=after)
    elif was_at == now_at:
        said = _("was %(was)s, now %(now)s", was=before, now=after)
    else:
        said = _("was %(was)s, now %(now)s", was=f"{before}, {was_at}", now=f"{after}, {now_at}")
    words = str(said)
    return f"{words[:1].upper()}{words[1:]}."


def _place_then(was: SessionVersion) -> str:
    if was.mode is Mode.ONLINE:
        return str(_("Online"))
    words = discreet_place(was.venue, Pool.ROOM)
    return str(_("%(venue)s, and online", venue=words)) if was.mode is Mode.HYBRID else words
