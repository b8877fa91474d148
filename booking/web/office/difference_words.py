"""How one date differs from its series, in words: "was 11am, now 10am"."""

from collections.abc import Callable, Iterator

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from booking.models.kinds import Mode
from booking.queries.planner_lists import Differing
from booking.rules.words import day_words, time_words

MODES = {Mode.IN_PERSON: _l("in person"), Mode.ONLINE: _l("online"), Mode.HYBRID: _l("in person and online")}


def said_differences(differing: Differing) -> list[tuple[str, str]]:
    """Return each fact that the date changed for itself, with what it was and what it is now.

    A date before the one from which the series' values hold is what its own row says: nothing was.
    """
    scheduled, series = differing.session, differing.session.series
    compared = series.holds_from is None or scheduled.rule_date >= series.holds_from
    found = [_said(name, differing, compared) for name in _ORDER if name in scheduled.own]
    return [*found, *_own_words(differing)]


def _said(name: str, differing: Differing, compared: bool) -> tuple[str, str]:
    label, say = _FACTS[name]
    was, is_now = say(differing)
    if not compared or not was:
        return str(label), _("%(now)s, for this date alone", now=is_now)
    if was == is_now:
        return str(label), _("%(now)s, and stays so when the series changes", now=is_now)
    return str(label), _("was %(was)s, now %(now)s", was=was, now=is_now)


def _own_words(differing: Differing) -> Iterator[tuple[str, str]]:
    scheduled, series = differing.session, differing.session.series
    if scheduled.own_title:
        yield _("Title"), _("was %(was)s, now %(now)s", was=series.title, now=scheduled.own_title)
    if scheduled.own_description:
        yield _("Description"), _("its own words")


def _date(differing: Differing) -> tuple[str, str]:
    return day_words(differing.session.rule_date), day_words(differing.session.local_date)


def _start(differing: Differing) -> tuple[str, str]:
    return time_words(differing.session.series.start_time), time_words(differing.session.start_time)


def _end(differing: Differing) -> tuple[str, str]:
    return time_words(differing.session.series.end_time), time_words(differing.session.end_time)


def _mode(differing: Differing) -> tuple[str, str]:
    return str(MODES[differing.session.series.mode]), str(MODES[differing.session.mode])


def _venue(differing: Differing) -> tuple[str, str]:
    was, now = differing.session.series.venue, differing.session.venue
    return was.name if was else _("no venue"), now.name if now else _("no venue")


def _link(differing: Differing) -> tuple[str, str]:
    # The address itself opens a meeting, so it stands on the date's own page alone.
    return "", _("its own address")


def _room(differing: Differing) -> tuple[str, str]:
    return _places(differing.session.series.places_room), _places(differing.session.places_room)


def _online(differing: Differing) -> tuple[str, str]:
    return _places(differing.session.series.places_online), _places(differing.session.places_online)


def _hosts(differing: Differing) -> tuple[str, str]:
    nobody = _("nobody")
    return ", ".join(differing.usual_hosts) or nobody, ", ".join(differing.led_by) or nobody


def _places(number: int | None) -> str:
    if number is None:
        return str(_("no limit"))
    return str(number or _("none"))


_FACTS: dict[str, tuple[object, Callable[[Differing], tuple[str, str]]]] = {
    "local_date": (_l("Date"), _date),
    "start_time": (_l("Start"), _start),
    "end_time": (_l("End"), _end),
    "mode": (_l("Format"), _mode),
    "venue_id": (_l("Venue"), _venue),
    "meeting_url": (_l("Meeting link"), _link),
    "places_room": (_l("Places in the room"), _room),
    "places_online": (_l("Places online"), _online),
    "hosts": (_l("Led by"), _hosts),
}
_ORDER = tuple(_FACTS)
