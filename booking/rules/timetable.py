"""The file that a season is loaded from: text in, plans out, every bad row named by line and reason."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time

from booking.rules import cells
from booking.rules.changes import Change, parse_changes
from booking.rules.discreet import holds_forbidden
from booking.rules.faults import N_, Fault
from booking.rules.programmes import HOSTS_ONLY
from booking.rules.recurrence import Rule, expand, next_dates, parse_rule
from booking.rules.rule_text import LAST_YEAR
from booking.rules.words import day_words

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
COLUMNS = (*REQUIRED, *OPTIONAL)
NATIONS = ("England", "Scotland", "Wales", "Northern Ireland", "UK")
MODES = ("in_person", "online", "hybrid")
AUDIENCES = ("anyone", "patients", "facilitators")
COMPANIONS = ("never", "first_visit", "always")
ENROLS = ("each", "course")
MOST_CHARACTERS = 2_000_000
MOST_ROWS = 2_000
_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_SEVERAL_LINES = frozenset({"notes", "description"})


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """A series as somebody plans it.

    Units: places None = no limit, 0 = no such pool; mode, audience, companions, enrol, suits and state as
    rows hold them; `opens_days_before` None = as soon as it is published.
    """

    key: str
    title: str
    programme: str
    mode: str
    place: str
    nation: str
    rule: Rule
    starts_on: date
    start_time: time
    end_time: time
    places_room: int | None = 0
    places_online: int | None = 0
    audience: str = "anyone"
    companions: str = "never"
    enrol: str = "each"
    movement_check: bool = False
    welcome_call: bool = False
    discreet_name: str = ""
    description: str = ""
    meeting_url: str = ""
    grant: str = ""
    office_notes: str = ""
    hosts: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    join_until_week: int = 1
    single_weeks: bool = False
    waiting_list: bool = True
    opens_days_before: int | None = None
    closes_minutes_before: int = 0
    newcomer_places: int = 0
    min_facilitators: int = 1
    ground_rules_version: str = ""
    suits: tuple[str, ...] = ()
    state: str = "published"
    zone: str = "Europe/London"
    # Where it stands in the file, so that a later no can still name the line.
    line: int = field(default=0, compare=False)


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
    try:
        for line, row in _rows(text.removeprefix("\ufeff")):
            try:
                plan = _plan_of(row, line)
                _refuse_twice(plan, lines_of)
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
    return check_plan(_with_optional_parts(_needed_parts(texts, line), texts))


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


def check_plan(plan: SeriesPlan) -> SeriesPlan:
    """Return the plan when its parts agree, whichever form or file it came from.

    Refuses: a health word where a lock screen would show it, an end before the start, a programme of
    hosts that others may come to, a rule without dates, a change of a date that the rule does not have.
    """
    if plan.end_time <= plan.start_time:
        raise Fault(N_("The end must be after the start."), field="end_time")
    if holds_forbidden(plan.key):
        raise Fault(N_("The key stands in web addresses and holds a health word."), field="key")
    if holds_forbidden(plan.discreet_name):
        raise Fault(N_("The discreet name holds a health word."), field="discreet_name")
    if plan.programme == HOSTS_ONLY and plan.audience != "facilitators":
        raise Fault(N_("“Hosts only” is for hosts and tutors: nobody else may come."), field="audience")
    _check_dates(plan)
    for change in plan.changes:
        _check_change(plan, change)
    return plan


def _check_dates(plan: SeriesPlan) -> None:
    rule = plan.rule
    if rule.until is not None and rule.until < plan.starts_on:
        raise Fault(N_("The series ends before it starts."), field="until")
    if rule.dates and rule.dates[0] < plan.starts_on:
        raise Fault(N_("%(date)s is before the series starts."), field="dates", date=day_words(rule.dates[0]))
    if not next_dates(rule, plan.starts_on, plan.starts_on, 1):
        raise Fault(N_("The rule gives no date at all."), field="rrule")
    if rule.count is not None:
        last = date(LAST_YEAR, 12, 31)
        if len(expand(rule, plan.starts_on, plan.starts_on, last)) < rule.count:
            raise Fault(N_("So many dates would go on beyond the year 2100."), field="count")


def _check_change(plan: SeriesPlan, change: Change) -> None:
    if not _falls_on(plan, change.on):
        raise Fault(N_("%(date)s is not a date of this series."), date=change.on, field="changes")
    if change.ends is not None and change.ends <= plan.start_time:
        raise Fault(N_("On %(date)s the end must be after the start."), date=change.on, field="changes")
    if change.place is not None and plan.mode == "online":
        raise Fault(
            N_("On %(date)s a place is named, but the series is online."), date=change.on, field="changes"
        )
    vacated = {other.on for other in plan.changes if other.kind in ("skip", "move")}
    if change.moved_to and change.moved_to not in vacated and _falls_on(plan, change.moved_to):
        raise Fault(N_("%(date)s is already a date of this series."), date=change.moved_to, field="changes")


def _falls_on(plan: SeriesPlan, on: date) -> bool:
    return bool(expand(plan.rule, plan.starts_on, on, on))


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
