"""What a series shall be after an edit: every value read as it may be kept, or refused by its field."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from booking.db import db
from booking.models import Programme, Series, Venue
from booking.models.kinds import Audience, Companions, Enrol, Mode
from booking.queries.wanted import is_a_venue, mode_of
from booking.refusals import PlaceMissing
from booking.rules import cells
from booking.rules.addresses import clean_line, clean_text
from booking.rules.discreet import discreet_name
from booking.rules.edits import SeriesEdit, named_in
from booking.rules.faults import N_, Fault
from booking.rules.recurrence import Rule, parse_rule
from booking.rules.timetable import NATIONS, SeriesPlan, check_plan

# Units: the longest a line may be, in characters.
_LINES = {
    "title": 200,
    "discreet_name": 200,
    "programme": 100,
    "grant_tag": 100,
    "ground_rules_version": 20,
    "dial_in": 200,
}
_TEXTS = {"description": 4000, "office_notes": 4000}
_WORDS = {"audience": Audience, "companions": Companions, "enrol": Enrol}
_NUMBERS = {
    "join_until_week": (1, 500),
    "opens_days_before": (0, 730),
    "closes_minutes_before": (0, 60 * 24 * 30),
    "newcomer_places": (0, cells.MOST_PLACES),
    "min_facilitators": (0, 20),
}
# What is no column of the row, or is written another way.
_APART = frozenset({"programme", "rule", "suits", "host_ids", "changes", "answers", "mode"})
_SAME = (
    "title",
    "nation",
    "starts_on",
    "start_time",
    "end_time",
    "places_room",
    "places_online",
    "movement_check",
    "welcome_call",
    "description",
    "meeting_url",
    "dial_in",
    "join_until_week",
    "single_weeks",
    "waiting_list",
    "waiting_books",
    "opens_days_before",
    "closes_minutes_before",
    "newcomer_places",
    "min_facilitators",
    "ground_rules_version",
)


def values_after(series: Series, edit: SeriesEdit) -> dict[str, Any]:
    """Return the columns that an edit changes; a new programme comes under its name, as `programme`.

    Refuses: what `check_plan` refuses of the whole series, each value that can't be kept, and a room
    without a venue.
    """
    asked = {name: _read(name, value) for name, value in named_in(edit).items()}
    values = {name: value for name, value in asked.items() if name not in _APART}
    values |= _rule_values(series, asked)
    values |= _place_values(series, asked)
    if "suits" in asked:
        values["suits"] = " ".join(asked["suits"])
    programme = db.session.get_one(Programme, series.programme_id)
    name = asked.get("programme", programme.name)
    check_plan(_whole(series, values, name, asked.get("changes", asked.get("answers", ()))))
    values["discreet_name"] = _discreet(series, values, programme)
    changed = {key: value for key, value in values.items() if getattr(series, key) != value}
    return changed | ({"programme": name} if name != programme.name else {})


def _read(name: str, value: Any) -> Any:
    try:
        return _one(name, value)
    except Fault as fault:
        fault.field = fault.field or name
        raise
    except ValueError:
        # A word that no enum knows: no form offers it.
        raise Fault(N_("Choose one of the answers."), field=name) from None


def _one(name: str, value: Any) -> Any:
    if name in _LINES:
        return _needed(name, clean_line(value, _LINES[name]))
    if name in _TEXTS:
        return clean_text(value, _TEXTS[name])
    if name in _WORDS:
        return _WORDS[name](value)
    if name in _NUMBERS and value is not None:
        least, most = _NUMBERS[name]
        if not least <= value <= most:
            raise Fault(N_("Choose a number from %(least)s to %(most)s."), field=name, least=least, most=most)
    match name:
        case "meeting_url":
            return cells.address(name, clean_line(value, 500))
        case "nation":
            return cells.one_of(name, value, NATIONS)
        case "mode":
            return Mode(value)
        case "places_room" | "places_online" if value is not None and not 0 <= value <= cells.MOST_PLACES:
            raise Fault(N_("Choose a number from 0 to %(most)s."), most=cells.MOST_PLACES, field=name)
        case "starts_on" if not 2000 <= value.year <= 2100:
            raise Fault(N_("That date is too far away."), field="starts_on")
    return value


def _needed(name: str, text: str) -> str:
    if name in ("title", "programme") and not text:
        raise Fault(N_("Enter a title.") if name == "title" else N_("Choose a programme."), field=name)
    return text


def _rule_values(series: Series, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return rule and start; a start that nobody named follows the new rule, so that no date gets lost."""
    if "rule" not in asked:
        return {}
    rule: Rule = asked["rule"]
    starts_on = asked.get("starts_on") or _start_of(rule, series)
    return {"rule": rule.text or None, "starts_on": starts_on}


def _start_of(rule: Rule, series: Series) -> date:
    before = parse_rule(series.rule or "")
    if rule.frequency == "DATES" and rule.dates:
        return min(series.starts_on, rule.dates[0])
    if rule.frequency != "WEEKLY" or before.frequency != "WEEKLY" or not rule.weekdays:
        return series.starts_on
    # From Wednesdays to Mondays of the same weeks: the first Monday lies before the first Wednesday.
    monday = series.starts_on - timedelta(days=series.starts_on.weekday())
    was_first = before.weekdays[0] if before.weekdays else series.starts_on.weekday()
    at_first = series.starts_on.weekday() == was_first
    return monday + timedelta(days=rule.weekdays[0]) if at_first else series.starts_on


def _place_values(series: Series, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return pools, mode and venue, which must agree."""
    if not asked.keys() & {"mode", "places_room", "places_online", "venue_id"}:
        return {}
    room = asked.get("places_room", series.places_room)
    online = asked.get("places_online", series.places_online)
    mode = asked.get("mode")
    room, online = (0 if mode is Mode.ONLINE else room), (0 if mode is Mode.IN_PERSON else online)
    after = mode_of(room, online)
    if mode is not None and after is not mode:
        field = "places_room" if room == 0 else "places_online"
        raise Fault(N_("Say how many places there are, or leave it blank for no limit."), field=field)
    venue_id = None if after is Mode.ONLINE else asked.get("venue_id", series.venue_id)
    if after is not Mode.ONLINE and not is_a_venue(venue_id):
        raise PlaceMissing
    return {"mode": after, "places_room": room, "places_online": online, "venue_id": venue_id}


def _discreet(series: Series, values: Mapping[str, Any], programme: Programme) -> str:
    """Return the discreet name: as it was typed, else as it is unless it only followed the title."""
    if "discreet_name" in values:
        return discreet_name(
            values.get("title", series.title), values["discreet_name"], programme.discreet_name
        )
    if series.discreet_name != discreet_name(series.title, "", programme.discreet_name):
        return series.discreet_name
    return discreet_name(values.get("title", series.title), "", programme.discreet_name)


def _whole(series: Series, values: Mapping[str, Any], programme: str, changes: Any) -> SeriesPlan:
    """Return the series as it would be, for the rules that look at all its parts."""
    now = {name: values.get(name, getattr(series, name)) for name in _SAME}
    venue_id = values.get("venue_id", series.venue_id)
    venue = db.session.get(Venue, venue_id) if venue_id is not None else None
    return SeriesPlan(
        key=series.key,
        programme=programme,
        mode=str(values.get("mode", series.mode)),
        place=venue.name if venue is not None else "",
        rule=parse_rule(values.get("rule", series.rule) or ""),
        audience=str(values.get("audience", series.audience)),
        companions=str(values.get("companions", series.companions)),
        enrol=str(values.get("enrol", series.enrol)),
        discreet_name=values.get("discreet_name", ""),
        changes=tuple(changes),
        **now,
    )
