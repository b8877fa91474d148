"""What somebody puts into the form to plan one series of the sample season, and what that costs her."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from booking.rules.places_uk import place_in_address
from booking.rules.programmes import usual_of
from booking.rules.timetable import SeriesPlan, read_timetable
from booking.web.office.series_answers import nth_of

SEASON = Path(__file__).parents[2] / "booking/demo/season.csv"
# Long words and addresses are pasted from the sheet the season was agreed on; everything else is typed.
PASTED = ("description", "meeting_url")
CHOSEN = (
    "programme",
    "venue",
    "venue_nation",
    "repeat",
    "nth",
    "weekdays",
    "audience",
    "companions",
    "enrol",
    "movement_check",
    "welcome_call",
    "nation",
    "clash",
)
_FOLDED = {
    "new-venue": ("venue_name", "venue_nation"),
    "rhythm": ("weekdays", "nth", "every", "count"),
    "more": (
        "end_time",
        "discreet_name",
        "description",
        "places_room",
        "places_online",
        "audience",
        "companions",
        "enrol",
        "movement_check",
        "welcome_call",
        "nation",
        "grant",
    ),
}
# Units: seconds. To choose with the mouse, to find the next box, to type a character (40 words a minute
# is 0.28), to paste, to press a button and see the next page, to read what a plan comes to.
CHOOSE, FIND, TYPE, PASTE, PRESS, READ = 1.5, 0.5, 0.28, 2.0, 1.5, 3.0
# What a series never hands on to one like it.
ITS_OWN = (
    "title",
    "starts_on",
    "weekdays",
    "nth",
    "meeting_url",
    "discreet_name",
    "description",
    "grant",
    "venue_name",
    "venue_nation",
)
Answers = dict[str, list[str]]


@dataclass
class Cost:
    """Fields filled in, buttons and folds pressed, and the seconds they take."""

    fields: int = 0
    presses: int = 0
    pages_read: int = 0
    seconds: float = 0.0
    by_name: dict[str, int] = field(default_factory=dict)

    def fill(self, name: str, values: list[str]) -> None:
        """Count one answer; boxes that are ticked are one each, a day is one in three boxes."""
        kind = name.split("-")[0]
        ticked = len(values) if kind == "weekdays" else 1
        self.fields += ticked
        self.by_name[kind] = self.by_name.get(kind, 0) + ticked
        if kind in CHOSEN:
            self.seconds += CHOOSE * ticked
        elif kind in PASTED:
            self.seconds += FIND + PASTE
        else:
            self.seconds += FIND + TYPE * len("".join(values))

    def press(self, times: int = 1) -> None:
        """Count a button, a link, or the opening of a folded part."""
        self.presses += times
        self.seconds += PRESS * times

    def read(self) -> None:
        """Count a look at what a plan comes to."""
        self.pages_read += 1
        self.seconds += READ


def the_plans() -> list[SeriesPlan]:
    """Return the sample season, so that series that resemble one another come one after another."""
    left = list(read_timetable(SEASON.read_text(encoding="utf-8")).plans)
    ordered = [left.pop(0)]
    while left:
        ordered.append(min(left, key=lambda plan: _effort(plan, ordered[-1])))
        left.remove(ordered[-1])
    return ordered


def _effort(plan: SeriesPlan, before: SeriesPlan) -> tuple[bool, int]:
    said = unsaid(answers_to(plan, {}), taken_over(answers_to(before, {})))
    return plan.programme != before.programme, len(said)


def taken_over(answers: Answers) -> Answers:
    """Return which of these answers "Plan another like it" fills in."""
    return {name: values for name, values in answers.items() if name not in ITS_OWN}


def answers_to(plan: SeriesPlan, venues: Mapping[str, tuple[str, str]]) -> Answers:
    """Return what has to be said of a plan; `venues` holds id and nation of those that are there."""
    return dict(_answers(plan, venues))


def unsaid(answers: Answers, before: Answers) -> Answers:
    """Return what has to be put in where another series was the beginning, taken back with a blank."""
    changed = {name: values for name, values in answers.items() if before.get(name, [""]) != values}
    blanks = {name: [""] for name, values in before.items() if name not in answers and any(values)}
    return changed | blanks


def folds_opened(names: Iterator[str] | list[str], open_already: bool) -> int:
    """Count the folded parts that somebody opens to fill in these fields."""
    wanted = {part for part, inside in _FOLDED.items() for name in names if name in inside}
    return len(wanted - ({"more"} if open_already else set()))


def changes_of(plan: SeriesPlan, shown: str) -> Iterator[tuple[str, list[str]]]:
    """Return the answers to the clashes that a page shows, as the sheet has decided them."""
    for change in plan.changes:
        if f'name="clash-{change.on}"' in shown and change.kind in ("skip", "move"):
            yield f"clash-{change.on}", [change.kind]
            if change.moved_to:
                # Where a date is left out, the words that the page suggests do.
                yield f"to-{change.on}", [change.moved_to.isoformat()]
                yield f"why-{change.on}", [change.reason or ""]


def _answers(plan: SeriesPlan, venues: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    usual, starts = usual_of(plan.programme), plan.starts_on
    yield "programme", [plan.programme]
    yield "title", [plan.title]
    if plan.place:
        yield "venue", [venues[plan.place][0] if plan.place in venues else "new"]
    if plan.place and plan.place not in venues:
        yield "venue_name", [plan.place]
        town = place_in_address(plan.place)
        if town is None or town.nation != plan.nation:
            yield "venue_nation", [plan.nation]
    if plan.meeting_url:
        yield "meeting_url", [plan.meeting_url]
    yield "starts_on", [str(starts.day), str(starts.month), str(starts.year)]
    yield "start_time", [f"{plan.start_time:%H:%M}"]
    yield from _rhythm(plan)
    end = datetime.combine(starts, plan.start_time) + timedelta(minutes=usual.minutes)
    companions = "never" if plan.mode == "online" else usual.companions
    unusual = {
        "end_time": (f"{plan.end_time:%H:%M}", f"{end:%H:%M}"),
        "places_room": (_places(plan.places_room), _places(usual.places_room if plan.place else 0)),
        "places_online": (
            _places(plan.places_online),
            _places(usual.places_online if plan.meeting_url else 0),
        ),
        "audience": (plan.audience, usual.audience),
        "companions": (plan.companions, companions),
        "enrol": (plan.enrol, "each"),
        "movement_check": ("y" if plan.movement_check else "", ""),
        "welcome_call": ("y" if plan.welcome_call else "", ""),
        "discreet_name": (plan.discreet_name, ""),
        "description": (plan.description, ""),
        "grant": (plan.grant, ""),
    }
    yield from ((name, [said]) for name, (said, as_usual) in unusual.items() if said != as_usual)


def _rhythm(plan: SeriesPlan) -> Iterator[tuple[str, list[str]]]:
    rule, first = plan.rule, plan.starts_on
    repeat = {"WEEKLY": "weekly", "MONTHLY": "monthly"}[rule.frequency]
    every = rule.interval
    if repeat == "weekly" and every == 2:
        repeat, every = "fortnightly", 1
    yield "repeat", [repeat]
    if every != 1:
        yield "every", [str(every)]
    if rule.weekdays != (first.weekday(),):
        yield "weekdays", [str(day) for day in rule.weekdays]
    if rule.nth is not None and rule.nth != nth_of(first):
        yield "nth", [str(rule.nth)]
    if rule.count is not None:
        yield "count", [str(rule.count)]


def _places(number: int | None) -> str:
    return "no limit" if number is None else str(number)
