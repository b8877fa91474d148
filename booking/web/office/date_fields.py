"""One date as the form of a date holds it: as it is, like its series again, or as the series shall be."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from booking.queries import effects, office, venues
from booking.queries.office import Leader
from booking.queries.series import SeriesInOffice
from booking.rules.recurrence import Rule, build_rule, parse_rule
from booking.web.office.fields import text_of
from booking.web.office.forms import ChangeForm
from booking.web.office.series_answers import nth_of
from booking.web.office.series_filled import Fields, rhythm_fields, three_boxes
from booking.web.office.series_words import own_of
from booking.web.widgets import options

if TYPE_CHECKING:
    from datetime import date

    from booking.models import ScheduledSession


def change_form(filled: Fields) -> ChangeForm:
    """Return the form with what was filled in."""
    form = ChangeForm(formdata=filled)
    form.venue_names = {str(venue.id): venue.name for venue in venues.all_venues()}
    form.venue.choices = options([("", _("No venue")), *form.venue_names.items()])
    names = [(str(host.person_id), f"{host.full_name} ({host.known_as})") for host in office.all_hosts()]
    form.hosts.choices = options([("", _("Nobody yet")), *names])
    form.second_host.choices = options([("", _("Nobody")), *names])
    return form


def fields_of_date(scheduled: "ScheduledSession", leading: Sequence[Leader]) -> Fields:
    """Return what stands in each field for a date as it is."""
    hosts = [str(leader.person_id) for leader in leading] + ["", ""]
    filled: Fields = MultiDict(
        {
            "start_time": f"{scheduled.start_time:%H:%M}",
            "end_time": f"{scheduled.end_time:%H:%M}",
            "venue": str(scheduled.venue_id or ""),
            "meeting_url": scheduled.meeting_url,
            "places_room": _places(scheduled.places_room),
            "places_online": _places(scheduled.places_online),
            "title": scheduled.own_title,
            "description": scheduled.own_description,
            "hosts": hosts[0],
            "second_host": hosts[1],
            "reason": scheduled.public_reason,
            "scope": "this",
            "seen": effects.date_mark(scheduled),
        }
    )
    filled.setlist("starts_on", three_boxes(scheduled.local_date))
    return filled


def like_the_series(
    scheduled: "ScheduledSession", leading: Sequence[Leader], found: SeriesInOffice
) -> Fields:
    """Return the fields of a date with each fact of its own brought back to what its series says."""
    series, filled = found.series, fields_of_date(scheduled, leading)
    decided = [change for change in found.changes if change.on == scheduled.rule_date]
    ends = next((change.ends for change in decided if change.ends), series.end_time)
    moved_to = next((change.moved_to for change in decided if change.moved_to), scheduled.rule_date)
    hosts = [str(person_id) for person_id, _name in found.hosts] + ["", ""]
    as_series = {
        "local_date": {"starts_on": three_boxes(moved_to)},
        "start_time": {"start_time": [f"{series.start_time:%H:%M}"]},
        "end_time": {"end_time": [f"{ends:%H:%M}"]},
        "venue_id": {"venue": [str(series.venue_id or "")]},
        "meeting_url": {"meeting_url": [series.meeting_url]},
        "places_room": {"places_room": [_places(series.places_room)]},
        "places_online": {"places_online": [_places(series.places_online)]},
        "hosts": {"hosts": [hosts[0]], "second_host": [hosts[1]]},
        "own_title": {"title": [""]},
        "own_description": {"description": [""]},
    }
    for name in own_of(scheduled):
        for field, values in as_series.get(name, {}).items():
            filled.setlist(field, values)
    return filled


def hosts_wanted(form: ChangeForm, leading: Sequence[Leader]) -> list[int] | None:
    """Return who shall lead it, None when nobody said so: a third host has no box, and must not be lost."""
    there = [leader.person_id for leader in leading]
    wanted = [int(chosen) for chosen in (form.hosts.data, form.second_host.data) if chosen]
    if wanted == there[:2]:
        return None
    return [*wanted, *(host for host in there[2:] if host not in wanted)]


def who_led_and_who_will(form: ChangeForm, leading: Sequence[Leader]) -> tuple[str, str]:
    """Name who leads a date, and who will."""
    before = ", ".join(leader.known_as for leader in leading)
    wanted = hosts_wanted(form, leading)
    if wanted is None:
        return before, before
    names = {host.person_id: host.known_as for host in office.all_hosts()}
    return before, ", ".join(names.get(person_id, "") for person_id in wanted)


def changed_for_the_series(
    scheduled: "ScheduledSession", form: ChangeForm, leading: Sequence[Leader], found: SeriesInOffice
) -> dict[str, list[str]]:
    """Return what was changed on the form of a date, in the fields of its series.

    Only what was changed here: what this date had for itself before is not handed to the others.
    """
    before = fields_of_date(scheduled, leading)
    changed: dict[str, list[str]] = {}
    for name in ("start_time", "end_time", "venue", "meeting_url", "hosts", "second_host"):
        now = f"{form[name].data:%H:%M}" if name.endswith("_time") else text_of(form[name])
        if now != before[name]:
            changed[name] = [now]
    for name in ("title", "description"):
        if text_of(form[name]) and text_of(form[name]) != before[name]:
            changed[name] = [text_of(form[name])]
    for name, other in (("places_room", "venue"), ("places_online", "meeting_url")):
        if form[name].data != before[name]:
            changed[name] = [form[name].data or "no limit"]
            if form[name].places == 0:
                # Without places there is no such way to come: the form of a series says so by its place.
                changed[name], changed[other] = [""], [""]
    if form.starts_on.day != scheduled.local_date:
        rule = parse_rule(found.series.rule or "")
        changed |= rhythm_fields(_moved(rule, scheduled.rule_date, form.starts_on.day))
        if rule.frequency == "DATES" and found.series.starts_on == scheduled.rule_date:
            changed["starts_on"] = three_boxes(form.starts_on.day)
    return changed


def _moved(rule: Rule, was: "date", now: "date") -> Rule:
    """Return the rhythm in which a date falls on another day: another weekday, another week of the month."""
    if rule.frequency == "DATES":
        return build_rule("dates", dates=[now if on == was else on for on in rule.dates])
    if rule.frequency == "MONTHLY":
        return build_rule("monthly", [now.weekday()], nth_of(now), rule.interval, rule.count, rule.until)
    days = [now.weekday() if day == was.weekday() else day for day in rule.weekdays] or [now.weekday()]
    return build_rule("weekly", days, None, rule.interval, rule.count, rule.until)


def _places(number: int | None) -> str:
    return "" if number is None else str(number)
