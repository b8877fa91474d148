"""What a series decides, in the words and the order in which the office reads it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from booking.models.kinds import Audience, Companions, Enrol, Mode
from booking.queries.series import SeriesInOffice
from booking.rules.recurrence import last_date, rule_words
from booking.rules.timetable import SeriesPlan
from booking.rules.words import day_words, length_words, span_words
from booking.web.office.series_forms import AUDIENCES, COMPANIONS, ENROLS, MODES, SITUATIONS

if TYPE_CHECKING:
    from booking.models import ScheduledSession

OWN_FACTS = {
    "local_date": _l("day"),
    "start_time": _l("start"),
    "end_time": _l("end"),
    "mode": _l("how people meet"),
    "venue_id": _l("place"),
    "meeting_url": _l("meeting address"),
    "places_room": _l("places in the room"),
    "places_online": _l("places online"),
    "hosts": _l("who leads it"),
    "own_title": _l("title"),
    "own_description": _l("description"),
}
_MINUTES_A_DAY = 1440


def own_words(names: Iterable[str]) -> str:
    """Name the facts that a date changed for itself."""
    return ", ".join(dict.fromkeys(str(OWN_FACTS.get(name, name)) for name in names))


def own_of(scheduled: "ScheduledSession") -> list[str]:
    """Return the names of every fact that a date does not take from its series, in one order."""
    own = set(scheduled.own)
    own |= {name for name in ("own_title", "own_description") if getattr(scheduled, name)}
    return [name for name in OWN_FACTS if name in own]


def places_words(number: int | None) -> str:
    """Say how many places a pool has."""
    return str(_("no limit")) if number is None else str(number)


def facts_of(plan: SeriesPlan, leads: Iterable[str], discreet: str) -> list[tuple[str, str]]:
    """Say everything that a series decides; what is as always is blank."""
    repeats = rule_words(plan.rule)
    last_on = last_date(plan.rule, plan.starts_on)
    return [
        (_("Title"), plan.title),
        (_("Programme"), plan.programme),
        (_("How often"), f"{repeats[:1].upper()}{repeats[1:]}"),
        (_("First date"), day_words(plan.starts_on)),
        (_("Last date"), day_words(last_on) if last_on else _("It goes on")),
        (_("Time"), span_words(plan.start_time, plan.end_time)),
        (_("Where"), plan.place or _("Online")),
        (_("How people meet"), str(MODES[Mode(plan.mode)])),
        (_("Led by"), ", ".join(leads) or _("Nobody yet")),
        (_("Meeting address"), plan.meeting_url),
        (_("Joining by telephone"), plan.dial_in),
        (_("Places in the room"), _if_any(plan.places_room)),
        (_("Places online"), _if_any(plan.places_online)),
        (_("Who may come"), str(AUDIENCES[Audience(plan.audience)])),
        (_("Who may be brought along"), str(COMPANIONS[Companions(plan.companions)])),
        (_("How it is booked"), _booking_words(plan)),
        (_("Good to know"), " · ".join(_further(plan))),
        (_("Suits"), ", ".join(str(said) for one, said in SITUATIONS.items() if one in plan.suits)),
        (_("Discreet name"), discreet),
        (_("Nation"), plan.nation),
        (_("Grant"), plan.grant),
        (_("Description"), plan.description),
        (_("Notes"), plan.office_notes),
    ]


def left_out(found: SeriesInOffice) -> list[str]:
    """Say which dates a planner left out, and why."""
    return [
        f"{day_words(change.on)}: {change.reason}" if change.reason else day_words(change.on)
        for change in found.changes
        if change.kind == "skip"
    ]


def _if_any(number: int | None) -> str:
    return "" if number == 0 else places_words(number)


def _booking_words(series: SeriesPlan) -> str:
    said = [str(ENROLS[Enrol(series.enrol)])]
    if series.enrol == "course":
        said.append(_("to be joined until week %(week)s", week=series.join_until_week))
        if series.single_weeks:
            said.append(_("single weeks offered"))
    if series.opens_days_before is not None:
        days = series.opens_days_before
        said.append(ngettext("opens %(num)s day before", "opens %(num)s days before", days))
    if series.closes_minutes_before:
        said.append(_("closes %(time)s before", time=_long(series.closes_minutes_before)))
    return " · ".join(said)


def _long(minutes: int) -> str:
    days, rest = divmod(minutes, _MINUTES_A_DAY)
    return ngettext("%(num)s day", "%(num)s days", days) if days and not rest else length_words(minutes)


def _further(series: SeriesPlan) -> list[str]:
    kept = series.newcomer_places
    lead = series.min_facilitators
    said = [
        _("A welcome call first") if series.welcome_call else "",
        _("Asks the movement check-in") if series.movement_check else "",
        "" if series.waiting_list else _("No waiting list"),
        _("Places that come free are booked for whoever waits") if series.waiting_books else "",
        ngettext("%(num)s place kept for newcomers", "%(num)s places kept for newcomers", kept)
        if kept
        else "",
        _("At least %(number)s lead it", number=lead) if lead > 1 else "",
        _("Ground rules of %(version)s", version=series.ground_rules_version)
        if series.ground_rules_version
        else "",
    ]
    return [words for words in said if words]
