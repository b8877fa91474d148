"""A series as the form of a series holds it, field by field, so that a change begins with what there is."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from werkzeug.datastructures import MultiDict

from booking.models.kinds import Companions, Mode
from booking.queries.series import SeriesInOffice
from booking.rules.discreet import discreet_name
from booking.rules.programmes import usual_of
from booking.rules.recurrence import Rule, parse_rule
from booking.rules.words import day_words

Fields = MultiDict[str, str]
# The days follow from the first date again, unless somebody says otherwise.
_ITS_OWN = (
    "title",
    "starts_on",
    "weekdays",
    "nth",
    "dates",
    "until",
    "meeting_url",
    "dial_in",
    "discreet_name",
    "description",
    "grant",
    "office_notes",
    "hosts",
    "second_host",
)


def fields_of(found: SeriesInOffice, rule: Rule) -> Fields:
    """Return what stands in each field for a series as it is."""
    fields: Fields = MultiDict(_simple(found))
    for name, values in _several(found, rule).items():
        fields.setlist(name, values)
    return fields


def like_another(found: SeriesInOffice) -> Fields:
    """Return what a new series takes over from one like it: everything but its name, words and first date."""
    filled = fields_of(found, parse_rule(found.series.rule or ""))
    for name in (*_ITS_OWN, *_as_usual(found)):
        filled.poplist(name)
    return filled


def three_boxes(on: date | None) -> list[str]:
    """Return a day as its three boxes hold it."""
    return [str(on.day), str(on.month), str(on.year)] if on else ["", "", ""]


def rhythm_fields(rule: Rule) -> dict[str, list[str]]:
    """Return how a series repeats as the fields hold it; the days are named, not left to the first date."""
    repeat = {"ONCE": "once", "WEEKLY": "weekly", "MONTHLY": "monthly", "DATES": "dates"}[rule.frequency]
    every = rule.interval if rule.interval != 1 else None
    if repeat == "weekly" and every == 2:
        repeat, every = "fortnightly", None
    return {
        "repeat": [repeat],
        "weekdays": [str(day) for day in rule.weekdays],
        "nth": [str(rule.nth or "")],
        "every": [_number(every)],
        "dates": ["\n".join(day_words(on) for on in rule.dates)],
        "until": three_boxes(rule.until),
        "count": [_number(rule.count)],
    }


def _simple(found: SeriesInOffice) -> Iterator[tuple[str, str]]:
    series = found.series
    hosts = [str(person_id) for person_id, _name in found.hosts] + ["", ""]
    usual_name = discreet_name(series.title, None, series.programme.discreet_name)
    yield "programme", series.programme.name
    yield "title", series.title
    yield "venue", _number(series.venue_id)
    yield "meeting_url", series.meeting_url
    yield "dial_in", series.dial_in
    yield "start_time", f"{series.start_time:%H:%M}"
    yield "end_time", f"{series.end_time:%H:%M}"
    yield "discreet_name", "" if series.discreet_name == usual_name else series.discreet_name
    yield "description", series.description
    yield "hosts", hosts[0]
    yield "second_host", hosts[1]
    yield "min_facilitators", _number(series.min_facilitators)
    yield "places_room", _places(series.places_room)
    yield "places_online", _places(series.places_online)
    yield "newcomer_places", _number(series.newcomer_places or None)
    yield "audience", series.audience.value
    yield "companions", series.companions.value
    yield "ground_rules", series.ground_rules_version
    yield "enrol", series.enrol.value
    yield "join_until_week", _number(series.join_until_week)
    yield "opens_days_before", _number(series.opens_days_before)
    yield "closes_minutes_before", _number(series.closes_minutes_before or None)
    yield "nation", series.nation
    yield "grant", series.grant_tag
    yield "office_notes", series.office_notes
    yes = {
        "no_waiting_list": not series.waiting_list,
        "waiting_books": series.waiting_books,
        "welcome_call": series.welcome_call,
        "movement_check": series.movement_check,
        "single_weeks": series.single_weeks,
    }
    yield from ((name, "y") for name, is_so in yes.items() if is_so)


def _several(found: SeriesInOffice, rule: Rule) -> dict[str, list[str]]:
    return {
        "starts_on": three_boxes(found.series.starts_on),
        "suits": found.series.suits.split(),
        **rhythm_fields(rule),
    }


def _as_usual(found: SeriesInOffice) -> Iterator[str]:
    """Name what need not be handed on, because it is usual: then it follows another start or place."""
    series, usual = found.series, usual_of(found.series.programme.name)
    start = datetime.combine(series.starts_on, series.start_time)
    is_as = {
        "end_time": series.end_time == (start + timedelta(minutes=usual.minutes)).time(),
        "places_room": series.places_room == usual.places_room,
        "places_online": series.places_online == usual.places_online,
        "audience": series.audience == usual.audience,
        "companions": series.companions
        == (Companions.NEVER if series.mode is Mode.ONLINE else usual.companions),
        "nation": series.nation == (series.venue.nation if series.venue else "UK"),
        "min_facilitators": series.min_facilitators == 1,
        "join_until_week": series.join_until_week == 1,
    }
    return (name for name, so in is_as.items() if so)


def _number(number: int | None) -> str:
    return "" if number is None else str(number)


def _places(number: int | None) -> str:
    """Write the places of a pool; one that is not there is blank, so that a pool added later is as usual."""
    if number is None:
        return "no limit"
    return str(number) if number else ""
