"""A month at a glance, beside the list and never instead of it."""

from calendar import Calendar
from dataclasses import dataclass, replace
from datetime import date

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.queries import months
from booking.queries.months import Month
from booking.queries.schedule import Card
from booking.rules.words import time_words
from booking.web.doors import Door, opens_for
from booking.web.schedule import asking, blueprint, theirs, words
from booking.web.schedule.theirs import Theirs


@dataclass(frozen=True, slots=True)
class Entry:
    """One session in its day's cell."""

    card: Card
    href: str
    time: str
    note: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of the month. `is_outside` is a day of the month before or after, which stays empty."""

    on: date
    is_outside: bool
    is_today: bool
    entries: tuple[Entry, ...]
    theirs: tuple[Theirs, ...]

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing on this day."""
        return not (self.entries or self.theirs)


@blueprint.get("/sessions/month")
@opens_for(Door.ANYONE)
def month() -> ResponseReturnValue:
    """Show one month as a table, and on a phone as a list of its days."""
    now, wanted, meant = clock.now(), asking.read(request.args), asking.month_of(request.args.get("m", ""))
    page = months.one(wanted.criteria, asking.viewer(), meant, now)
    if wanted != asking.known_programme(wanted, page.programmes):
        wanted = asking.known_programme(wanted, page.programmes)
        page = months.one(wanted.criteria, asking.viewer(), meant, now)
    wanted = replace(wanted, month=page.begins)
    weeks = _weeks(page, theirs.between(wanted, max(page.begins, page.today), page.ends))
    return render_template(
        "schedule/month.html",
        page=page,
        weeks=weeks,
        is_empty=all(cell.is_empty for week in weeks for cell in week),
        # A month that nobody plans yet is answered with this one, and the page says so.
        is_another="m" in request.args and meant != page.begins,
        wanted=wanted,
        earlier=replace(wanted, month=page.earlier).address() if page.earlier else None,
        later=replace(wanted, month=page.later).address() if page.later else None,
        chips=asking.chips(wanted, page.programmes),
        nations=asking.NATIONS,
        times=asking.TIME_WORDS,
    )


def _weeks(page: Month, found: list[Theirs]) -> list[list[Cell]]:
    ours: dict[date, list[Entry]] = {}
    for card in page.cards:
        ours.setdefault(card.local_date, []).append(_entry(card))
    others: dict[date, list[Theirs]] = {}
    for each in found:
        others.setdefault(each.on, []).append(each)
    days = Calendar().monthdatescalendar(page.begins.year, page.begins.month)
    return [
        [
            Cell(on, True, False, (), ())
            if on.month != page.begins.month
            else Cell(on, False, on == page.today, tuple(ours.get(on, ())), tuple(others.get(on, ())))
            for on in week
        ]
        for week in days
    ]


def _entry(card: Card) -> Entry:
    standing = words.standing_of(card, words.Phase.TO_COME)
    # Why it differs stands on its own page: a cell has room for a word or two.
    differs = _("Not as usual") if card.public_reason else ""
    note = standing.text if standing.name in ("cancelled", "full", "mine", "waiting", "offered") else differs
    return Entry(card, url_for("schedule.session", session_id=card.id), time_words(card.start_time), note)
