"""What a planner answers to the dates that run into something: keep, leave out, or move, and why."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from flask import request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from booking.queries.planning import Preview, PreviewDate
from booking.rules.addresses import clean_line
from booking.rules.changes import Change
from booking.rules.clashes import Clash
from booking.rules.date_lists import read_date
from booking.rules.faults import N_, Fault
from booking.rules.recurrence import expand
from booking.rules.timetable import SeriesPlan
from booking.rules.words import day_words

KEEP, SKIP, MOVE = "keep", "skip", "move"
_NAME = re.compile(r"^(clash|to|why)-(\d{4}-\d{2}-\d{2})$", re.ASCII)
_LONGEST_REASON = 200


@dataclass(frozen=True)
class Decision:
    """One date that runs into something: what was chosen, and what stands in its boxes."""

    on: date
    clashes: tuple[Clash, ...]
    chosen: str
    moved_to: str
    reason: str
    # What the date that it is moved to runs into itself.
    there: tuple[Clash, ...] = ()

    @property
    def is_only_the_hour(self) -> bool:
        """Say whether nothing is wrong but that something else happens at the same time."""
        return all(clash.kind == "hour" for clash in self.clashes)


def is_answer(name: str) -> bool:
    """Say whether a field of the form is one of these answers."""
    return _NAME.match(name) is not None


def changes_in(form: Mapping[str, str], planned: SeriesPlan) -> tuple[Change, ...]:
    """Read the answers into changes of dates.

    Refuses: a day to move to that can't be read, and one that is the same day.
    """
    found = []
    for on in sorted(_answered(form)):
        chosen = form.get(f"clash-{on}", KEEP)
        if chosen not in (SKIP, MOVE) or not expand(planned.rule, planned.starts_on, on, on):
            # A date that the rule lost on the way back through the form needs no answer any more.
            continue
        reason = clean_line(form.get(f"why-{on}", ""), _LONGEST_REASON)
        if chosen == SKIP:
            found.append(Change(on, "skip", reason=reason or None))
        else:
            # The suggestion was made for leaving out, and would be a riddle beside a date that moves.
            stale = reason == suggestion(planned, on)
            found.append(
                Change(on, "move", _day_to(form, on), reason=None if stale or not reason else reason)
            )
    return tuple(found)


def decisions(bare: Preview, changed: Preview, planned: SeriesPlan) -> list[Decision]:
    """List every date that runs into something, with what was answered to it so far."""
    there = {each.on: each.clashes for each in changed.clashing if each.change and each.change.moved_to}
    return [_decision(each, there.get(each.on, ()), planned) for each in bare.clashing]


def suggestion(planned: SeriesPlan, on: date) -> str:
    """Suggest what people read where a date is left out: when the series is back."""
    later = expand(planned.rule, planned.starts_on, on, date(min(on.year + 3, 2100), 12, 31))[1:2]
    return _("back on %(day)s", day=day_words(later[0])) if later else ""


def carried(skip: Iterable[str], *, answers: bool = True) -> list[tuple[str, str]]:
    """Return what was filled in, to stand in hidden fields of the next page."""
    form: MultiDict[str, str] = request.form
    return [
        (name, value)
        for name, value in form.items(multi=True)
        if name not in skip and (answers or not is_answer(name))
    ]


def carried_answers() -> list[tuple[str, str]]:
    """Return the answers alone, for the page where everything else stands in its own field."""
    return [(name, value) for name, value in request.form.items(multi=True) if is_answer(name)]


def _decision(each: PreviewDate, there: tuple[Clash, ...], planned: SeriesPlan) -> Decision:
    on, form = each.on, request.form
    chosen = form.get(f"clash-{on}", KEEP)
    return Decision(
        on=on,
        clashes=each.clashes,
        chosen=chosen if chosen in (KEEP, SKIP, MOVE) else KEEP,
        moved_to=form.get(f"to-{on}", ""),
        reason=form.get(f"why-{on}", suggestion(planned, on)),
        there=there if chosen == MOVE else (),
    )


def _answered(form: Mapping[str, str]) -> set[date]:
    found = set()
    for name in form:
        match = _NAME.match(name)
        if match and (on := read_date(match[2])):
            found.add(on)
    return found


def _day_to(form: Mapping[str, str], on: date) -> date:
    typed = form.get(f"to-{on}", "")
    moved_to = read_date(typed)
    if moved_to is None:
        raise Fault(
            N_("Say where %(day)s moves to, with a date such as 5 January 2027."),
            day=day_words(on),
            field="changes",
        )
    if moved_to == on:
        raise Fault(N_("%(day)s would move to the same day."), day=day_words(on), field="changes")
    return moved_to
