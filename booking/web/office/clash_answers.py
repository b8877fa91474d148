"""What a planner answers to the dates that run into something: keep, leave out, or move, and why."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from flask import request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from booking.queries.days_off import DateToDecide
from booking.queries.planning import Preview, PreviewDate
from booking.refusals import Refusal
from booking.rules.addresses import clean_line
from booking.rules.changes import Change
from booking.rules.clashes import Clash, days_off
from booking.rules.date_lists import read_date
from booking.rules.faults import N_, Fault
from booking.rules.recurrence import expand
from booking.rules.timetable import SeriesPlan
from booking.rules.words import day_words

KEEP, SKIP, MOVE, LATER = "keep", "skip", "move", "later"
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
    # One that somebody booked is cancelled or moved on pages of its own, where people are told; so is one
    # of an earlier rule.
    session_id: int | None = None
    booked: int = 0
    is_apart: bool = False

    @property
    def is_only_the_hour(self) -> bool:
        """Say whether nothing is wrong but that something else happens at the same time."""
        return all(clash.kind == "hour" for clash in self.clashes)


def is_answer(name: str) -> bool:
    """Say whether a field of the form is one of these answers."""
    return _NAME.match(name) is not None


def changes_in(
    form: Mapping[str, str], planned: SeriesPlan, standing: Collection[date] = ()
) -> tuple[Change, ...]:
    """Read the answers into changes of dates: those of the rule, and of `standing` that it has no more.

    Only of a day off it is remembered that a date stays: who leads or what else is on changes every week.
    Refuses: a day to move to that can't be read, one that is the same day, and one for two dates.
    """
    found: list[Change] = []
    for on in sorted(_answered(form)):
        chosen = form.get(f"clash-{on}", "")
        if on not in standing and not expand(planned.rule, planned.starts_on, on, on):
            # A date that the rule lost on the way back through the form needs no answer any more.
            continue
        if chosen == KEEP and planned.rule.text and (on in standing or days_off(on, planned.nation)):
            found.append(Change(on, "keep"))
        if chosen not in (SKIP, MOVE):
            continue
        reason = clean_line(form.get(f"why-{on}", ""), _LONGEST_REASON)
        if chosen == SKIP:
            found.append(Change(on, "skip", reason=reason or None))
        else:
            # The suggestion was made for leaving out, and would be a riddle beside a date that moves.
            stale = reason == suggestion(planned, on)
            moved_to = _day_to(form, on, {change.moved_to for change in found})
            found.append(Change(on, "move", moved_to, reason=None if stale or not reason else reason))
    return tuple(found)


def box_of(refusal: Refusal, form: Mapping[str, str]) -> str:
    """Return the id of the box that a refusal of the answers is about, "" when it is about another part."""
    if _NAME.match(refusal.field or ""):
        return refusal.field or ""
    day = refusal.values.get("date") if isinstance(refusal, Fault) and refusal.field == "changes" else None
    for on in sorted(_answered(form)):
        if day is not None and form.get(f"clash-{on}") == MOVE and read_date(form.get(f"to-{on}", "")) == day:
            return f"to-{on}"
    return ""


def decisions(bare: Preview, changed: Preview, planned: SeriesPlan) -> list[Decision]:
    """List every date that runs into something, with what was answered to it so far."""
    there = {each.on: each.clashes for each in changed.clashing if each.change and each.change.moved_to}
    return [_decision(each, there.get(each.on, ()), planned) for each in bare.clashing]


def waiting(dates: Iterable[DateToDecide], planned: SeriesPlan) -> list[Decision]:
    """List the dates on a day off that nobody has said a word about."""
    return [_waiting(each, planned) for each in dates]


def suggestion(planned: SeriesPlan, on: date) -> str:
    """Suggest what people read where a date is left out: when the series is back."""
    later = expand(planned.rule, planned.starts_on, on, date(min(on.year + 3, 2100), 12, 31))[1:2]
    return _("back on %(day)s", day=day_words(later[0])) if later else ""


def carried(
    filled: MultiDict[str, str], skip: Collection[str], shown: Collection[date]
) -> list[tuple[str, str]]:
    """Return what was filled in, to stand in hidden fields of the next page.

    Answers to the dates `shown` stand in boxes of their own there; those to a date that the rule has lost for
    the moment come along, and count again with it.
    """
    return [
        (name, value)
        for name, value in filled.items(multi=True)
        if name not in skip and not (is_answer(name) and read_date(name.partition("-")[2]) in shown)
    ]


def carried_answers() -> list[tuple[str, str]]:
    """Return the answers alone, for the page where everything else stands in its own field."""
    return [(name, value) for name, value in request.form.items(multi=True) if is_answer(name)]


def _decision(each: PreviewDate, there: tuple[Clash, ...], planned: SeriesPlan) -> Decision:
    on, form = each.on, request.form
    chosen = form.get(f"clash-{on}", KEEP)
    back = suggestion(planned, on)
    reason = form.get(f"why-{on}", back)
    return Decision(
        on=on,
        clashes=each.clashes,
        chosen=chosen if chosen in (KEEP, SKIP, MOVE) else KEEP,
        moved_to=form.get(f"to-{on}", ""),
        # When it is back says nothing about a date that moves.
        reason="" if chosen == MOVE and reason == back else reason,
        there=there if chosen == MOVE else (),
    )


def _waiting(each: DateToDecide, planned: SeriesPlan) -> Decision:
    asked = _decision(PreviewDate(each.on, each.clashes, None), (), planned)
    is_apart = bool(each.booked) or not expand(planned.rule, planned.starts_on, each.on, each.on)
    if is_apart and request.form.get(f"clash-{each.on}") != KEEP:
        # Whoever means to cancel it must not keep it by answering for the others.
        asked = replace(asked, chosen=LATER)
    return replace(asked, session_id=each.session_id, booked=each.booked, is_apart=is_apart)


def _answered(form: Mapping[str, str]) -> set[date]:
    found = set()
    for name in form:
        match = _NAME.match(name)
        if match and (on := read_date(match[2])):
            found.add(on)
    return found


def _day_to(form: Mapping[str, str], on: date, taken: Collection[date | None]) -> date:
    typed = form.get(f"to-{on}", "")
    moved_to = read_date(typed)
    if moved_to is None:
        raise Fault(
            N_("Say where %(day)s moves to, with a date such as 5 January 2027."),
            day=day_words(on),
            field=f"to-{on}",
        )
    if moved_to == on:
        raise Fault(N_("%(day)s would move to the same day."), day=day_words(on), field=f"to-{on}")
    if moved_to in taken:
        raise Fault(N_("Two dates would move to %(day)s."), day=day_words(moved_to), field=f"to-{on}")
    return moved_to
