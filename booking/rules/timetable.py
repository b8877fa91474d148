"""The file that a season is loaded from: text in, plans out, every bad row named by line and reason."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, time

from booking.rules import cells
from booking.rules.changes import parse_changes
from booking.rules.faults import N_, Fault
from booking.rules.plans import SeriesPlan, check_plan
from booking.rules.recurrence import expand, parse_rule
from booking.rules.rule_text import LAST_YEAR
from booking.rules.wall_time import LONDON_NAME
from booking.rules.words import day_words

__all__ = [
    "COLUMNS",
    "REQUIRED",
    "Problem",
    "SeriesPlan",
    "Timetable",
    "UnreadableTimetable",
    "check_plan",
    "decode",
    "read_timetable",
]

REQUIRED = (
    "key",
    "name",
    "programme",
    "mode",
    "place",
    "nation",
    "rrule",
    "dtstart",
    "start",
    "end",
    "places_room",
    "places_online",
    "audience",
    "companions",
    "enrol",
    "movement_check",
)
OPTIONAL = (
    # Evidence is for whoever keeps the file: it is read and forgotten.
    "evidence",
    "notes",
    "discreet_name",
    "hosts",
    "meeting_url",
    "grant",
    "changes",
    "description",
    "welcome_call",
)
# The newest columns, by what a row calls them: a file without one says nothing about it.
_FACTS = {
    "join_until": "join_until_week",
    "single_weeks": "single_weeks",
    "waiting_list": "waiting_list",
    "waiting_books": "waiting_books",
    "opens_days_before": "opens_days_before",
    "closes_minutes_before": "closes_minutes_before",
    "newcomer_places": "newcomer_places",
    "min_hosts": "min_facilitators",
    "ground_rules": "ground_rules_version",
    "suits": "suits",
    "state": "state",
    "zone": "zone",
}
COLUMNS = (*REQUIRED, *OPTIONAL, *_FACTS)
NATIONS = ("England", "Scotland", "Wales", "Northern Ireland", "UK")
MODES = ("in_person", "online", "hybrid")
AUDIENCES = ("anyone", "patients", "facilitators")
COMPANIONS = ("never", "first_visit", "always")
ENROLS = ("each", "course")
SITUATIONS = ("newly_told", "in_treatment", "living", "supporting")
STATES = ("draft", "published")
MOST_CHARACTERS = 2_000_000
MOST_ROWS = 2_000
_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_SEVERAL_LINES = frozenset({"notes", "description"})


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Why one line can't be loaded. Units: line 1 is the header."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Timetable:
    """What a file holds: plans only count when there is no problem at all."""

    plans: tuple[SeriesPlan, ...]
    problems: tuple[Problem, ...]


class UnreadableTimetable(Fault):
    """The file is no timetable at all; `line` says where that shows."""

    def __init__(self, template: str, *, line: int = 1, **values: object) -> None:
        self.line = line
        super().__init__(template, field=None, **values)


def decode(raw: bytes) -> str:
    """Turn the bytes of a file into text, with or without a byte order mark.

    Refuses: anything but UTF-8, naming the line.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableTimetable(N_("The file is UTF-16. Save it as “CSV UTF-8”."))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UnreadableTimetable(N_("The file is not UTF-8. Save it as “CSV UTF-8”."), line=line) from None


def read_timetable(text: str) -> Timetable:
    """Read a whole file; rows that can't be understood become problems, the rest plans."""
    plans: list[SeriesPlan] = []
    problems: list[Problem] = []
    lines_of: dict[str, int] = {}
    planned: dict[tuple[str, str, str], list[SeriesPlan]] = {}
    try:
        for line, row in _rows(text.removeprefix("\ufeff")):
            try:
                plan = _plan_of(row, line)
                _refuse_twice(plan, lines_of)
                _refuse_the_same(plan, planned)
                plans.append(plan)
            except Fault as fault:
                problems.append(Problem(line, str(fault)))
    except UnreadableTimetable as fault:
        problems.append(Problem(fault.line, str(fault)))
    return Timetable(tuple(plans), tuple(sorted(problems)))


def _rows(text: str) -> Iterator[tuple[int, dict[str, str] | list[str]]]:
    """Walk through the rows with the line each begins on; a row of the wrong width comes as a list."""
    if len(text) > MOST_CHARACTERS:
        raise UnreadableTimetable(N_("The file is too large."))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] | None = None
    read, begins = 0, 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                if header is None:
                    header = _header_of(row, begins)
                else:
                    read += 1
                    yield begins, dict(zip(header, row, strict=True)) if len(row) == len(header) else row
            if read > MOST_ROWS:
                raise UnreadableTimetable(
                    N_("The file has more than %(most)s rows."), most=MOST_ROWS, line=begins
                )
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableTimetable(N_("The row can't be read: %(why)s."), why=error, line=begins) from None
    if header is None:
        raise UnreadableTimetable(N_("The file is empty."))
    if not read:
        raise UnreadableTimetable(N_("The file has a header and no rows."))


def _header_of(row: list[str], line: int) -> list[str]:
    names = [cell.strip().lower() for cell in row]
    if len(names) == 1:
        for mark, word in _OTHER_DELIMITERS.items():
            if mark in names[0]:
                raise UnreadableTimetable(
                    N_("The columns are parted by %(marks)s. Save the file with commas."),
                    marks=word,
                    line=line,
                )
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise UnreadableTimetable(N_("The header lacks %(names)s."), names=", ".join(missing), line=line)
    unknown = [name[:40] or "a column without a name" for name in names if name not in COLUMNS]
    if unknown:
        raise UnreadableTimetable(
            N_("The header has %(names)s, unknown here."), names=", ".join(unknown), line=line
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnreadableTimetable(N_("The header names %(names)s twice."), names=", ".join(twice), line=line)
    return names


def _plan_of(row: Mapping[str, str] | list[str], line: int) -> SeriesPlan:
    if isinstance(row, list):
        raise Fault(N_("The row has %(count)s cells, not as many as the header."), count=len(row))
    texts = {name: cells.clean(name, row.get(name, ""), name in _SEVERAL_LINES) for name in COLUMNS}
    unsaid = frozenset(fact for column, fact in _FACTS.items() if column not in row)
    plan = replace(_needed_parts(texts, line), unsaid=unsaid)
    return check_plan(_with_booking_parts(_with_optional_parts(plan, texts), texts))


def _needed_parts(texts: Mapping[str, str], line: int) -> SeriesPlan:
    mode = cells.one_of("mode", texts["mode"], MODES)
    starts_on, start_time, end_time = _times_of(texts)
    return SeriesPlan(
        key=cells.slug("key", texts["key"]),
        title=cells.needed("name", texts["name"], 200),
        programme=cells.needed("programme", texts["programme"], 100),
        mode=mode,
        place=_place_of(texts["place"], mode),
        nation=cells.one_of("nation", texts["nation"], NATIONS),
        rule=parse_rule(texts["rrule"]),
        starts_on=starts_on,
        start_time=start_time,
        end_time=end_time,
        places_room=cells.places("places_room", texts["places_room"], mode != "online"),
        places_online=cells.places("places_online", texts["places_online"], mode != "in_person"),
        audience=cells.one_of("audience", texts["audience"], AUDIENCES),
        companions=cells.one_of("companions", texts["companions"], COMPANIONS),
        enrol=cells.one_of("enrol", texts["enrol"], ENROLS),
        movement_check=cells.yes_or_no("movement_check", texts["movement_check"]),
        line=line,
    )


def _with_optional_parts(plan: SeriesPlan, texts: Mapping[str, str]) -> SeriesPlan:
    return replace(
        plan,
        welcome_call=cells.yes_or_no("welcome_call", texts["welcome_call"] or "no"),
        discreet_name=cells.at_most("discreet_name", texts["discreet_name"], 200),
        description=cells.at_most("description", texts["description"], 4000),
        meeting_url=cells.address("meeting_url", texts["meeting_url"]),
        grant=cells.at_most("grant", texts["grant"], 100),
        office_notes=cells.at_most("notes", texts["notes"], 4000),
        hosts=tuple(filter(None, (host.strip() for host in texts["hosts"].split(";")))),
        changes=parse_changes(texts["changes"]),
    )


def _with_booking_parts(plan: SeriesPlan, texts: Mapping[str, str]) -> SeriesPlan:
    """Read the columns that came with the season's planning; a blank cell means what most series do."""
    return replace(
        plan,
        join_until_week=cells.number("join_until", texts["join_until"], 1, 52, 1),
        single_weeks=cells.yes_or_no("single_weeks", texts["single_weeks"] or "no"),
        waiting_list=cells.yes_or_no("waiting_list", texts["waiting_list"] or "yes"),
        waiting_books=cells.yes_or_no("waiting_books", texts["waiting_books"] or "no"),
        opens_days_before=cells.number("opens_days_before", texts["opens_days_before"], 0, 730, None),
        closes_minutes_before=cells.number(
            "closes_minutes_before", texts["closes_minutes_before"], 0, 20_160, 0
        ),
        newcomer_places=cells.number("newcomer_places", texts["newcomer_places"], 0, cells.MOST_PLACES, 0),
        min_facilitators=cells.number("min_hosts", texts["min_hosts"], 0, 20, 1),
        ground_rules_version=cells.at_most("ground_rules", texts["ground_rules"], 20),
        suits=cells.some_of("suits", texts["suits"], SITUATIONS),
        state=cells.one_of("state", texts["state"] or "published", STATES),
        zone=cells.zone("zone", texts["zone"] or LONDON_NAME),
    )


def _times_of(texts: Mapping[str, str]) -> tuple[date, time, time]:
    return (
        cells.day("dtstart", texts["dtstart"]),
        cells.time_of_day("start", texts["start"]),
        cells.time_of_day("end", texts["end"]),
    )


def _place_of(text: str, mode: str) -> str:
    if mode == "online" and text:
        raise Fault(N_("place: an online series has none. Leave it blank."), field="place")
    return "" if mode == "online" else cells.needed("place", text, 200)


def _refuse_twice(plan: SeriesPlan, lines_of: dict[str, int]) -> None:
    first = lines_of.setdefault(plan.key, plan.line)
    if first != plan.line:
        raise Fault(N_("The key “%(key)s” stands in line %(line)s already."), key=plan.key, line=first)


def _refuse_the_same(plan: SeriesPlan, planned: dict[tuple[str, str, str], list[SeriesPlan]]) -> None:
    """Refuse two rows of one name and place that meet: one session would stand there twice."""
    alike = planned.setdefault((plan.title.casefold(), plan.programme.casefold(), plan.place.casefold()), [])
    for other in alike:
        on = _first_meeting(plan, other)
        if on is not None:
            raise Fault(
                N_("This is the same session as in line %(line)s: “%(title)s” on %(date)s."),
                line=other.line,
                title=plan.title,
                date=day_words(on),
            )
    alike.append(plan)


def _first_meeting(plan: SeriesPlan, other: SeriesPlan) -> date | None:
    """Return the first date on which two series overlap, looking ten years ahead."""
    if plan.start_time >= other.end_time or other.start_time >= plan.end_time:
        return None
    first = max(plan.starts_on, other.starts_on)
    last = date(min(first.year + 10, LAST_YEAR), 12, 31)
    mine, theirs = (_goes_on(each, first, last) for each in (plan, other))
    return min(mine & theirs, default=None)


def _goes_on(plan: SeriesPlan, first: date, last: date) -> set[date]:
    changed = {change.on for change in plan.changes if change.kind in ("skip", "move")}
    moved = {change.moved_to for change in plan.changes if change.moved_to}
    return ({*expand(plan.rule, plan.starts_on, first, last)} - changed) | moved
