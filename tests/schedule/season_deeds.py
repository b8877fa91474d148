"""Everything the office may do to a season, one deed after another, and the cases hypothesis makes of it."""

import csv
import io
from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any

from hypothesis import strategies as st

from booking.db import db
from booking.models import ScheduledSession, Series
from booking.models.kinds import BookingState
from booking.queries.effects import effect_of, seen_mark
from booking.queries.timetable import season_csv
from booking.rules.changes import Change
from booking.rules.edits import SeriesEdit, SessionChange
from booking.rules.recurrence import build_rule
from booking.services import calling_off, timetable
from booking.services import series as deeds
from booking.services.calling_off import Shift
from tests.schedule.season_case import Season, Seen
from tests.schedule.season_effects import (
    Check,
    as_counted,
    as_foreseen,
    as_reported,
    nothing_to_add,
    put_back,
    tried,
)

# Series begin before the night the clocks go forward, before the one they go back, and around Christmas.
BEGINS = (date(2027, 3, 3), date(2027, 10, 6), date(2027, 12, 8))
LINK = "https://meet.example.org/"
STARTS = (time(1, 30), time(9), time(13, 30), time(14), time(19, 15))
ENDS = (time(11), time(15), time(21))

weekdays = st.integers(0, 6)
few = st.integers(2, 5)
rules = st.one_of(
    st.builds(lambda day, many: build_rule("weekly", [day], count=many), weekdays, few),
    st.builds(lambda day, many: build_rule("weekly", [day], every=2, count=many), weekdays, few),
    st.builds(lambda days: build_rule("weekly", days, count=6), st.sets(weekdays, min_size=2, max_size=2)),
    st.builds(
        lambda day, nth: build_rule("monthly", [day], nth, count=3), weekdays, st.sampled_from([1, 2, 4, -1])
    ),
    st.builds(
        lambda day, until: build_rule("weekly", [day], until=until),
        weekdays,
        st.sampled_from([date(2027, 4, 25), date(2027, 11, 25), date(2028, 1, 31)]),
    ),
    st.sets(st.integers(0, 60), min_size=2, max_size=5).map(
        lambda days: build_rule("dates", dates=[date(2027, 10, 6) + timedelta(days=day) for day in days])
    ),
)
places = st.sampled_from((0, 1, 3, 8, None))
links = st.sampled_from(("", f"{LINK}a", f"{LINK}b"))
starts, ends = st.sampled_from(STARTS), st.sampled_from(ENDS)
which = st.integers(0, 7)
# Venues and hosts by their number; the case knows who and where they are.
some = st.integers(0, 2)
FACTS: dict[str, st.SearchStrategy[Any]] = {
    "start_time": starts,
    "end_time": ends,
    "venue_id": some,
    "meeting_url": links,
    "places_room": places,
    "places_online": places,
    "host_ids": st.lists(some, max_size=2, unique=True),
}
EDITS = st.fixed_dictionaries(
    {},
    optional=FACTS
    | {
        "rule": rules,
        "mode": st.sampled_from(("in_person", "online", "hybrid")),
        "title": st.sampled_from(("Tea", "Coffee")),
        "description": st.sampled_from(("Company", "With cake")),
    },
)
DATE_FACTS = FACTS | {
    "shift": st.integers(-2, 3),
    "own_title": st.sampled_from(("", "A speaker comes")),
    "public_reason": st.sampled_from(("", "The hall is let")),
}
EXCEPTION = st.tuples(which, st.sampled_from(("skip", "move", "until", "at", "keep", "cancel")), some)
LINES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(("Tea", "Cocoa")),
        "start": st.sampled_from(("09:00", "13:30")),
        "end": st.sampled_from(("15:00", "16:15")),
        "places_room": st.sampled_from(("1", "8")),
        "meeting_url": links,
        "rrule": rules.map(lambda rule: rule.text),
    },
)
DEEDS = st.one_of(
    st.tuples(st.just("book"), which, st.tuples(some, st.booleans())),
    st.tuples(st.just("book"), which, st.tuples(some, st.just(False))),
    st.tuples(st.just("give up"), which, some),
    st.tuples(st.just("change"), which, st.fixed_dictionaries({}, optional=DATE_FACTS)),
    st.tuples(st.just("cancel"), which, st.tuples(st.integers(1, 2), st.booleans())),
    st.tuples(st.just("move"), which, st.tuples(st.integers(1, 3), st.integers(-3, 8), st.none() | starts)),
    st.tuples(st.just("undo"), which, st.none()),
    st.tuples(st.just("edit"), st.none() | which, EDITS),
    st.tuples(st.just("edit"), st.none(), EDITS),
    st.tuples(st.just("except"), st.none() | which, st.lists(EXCEPTION, max_size=2)),
    st.tuples(st.just("end"), which, st.none()),
    st.tuples(st.just("load"), which, LINES),
    st.tuples(st.just("publish"), which, st.none()),
    st.tuples(st.just("deliver"), which, st.none()),
    st.tuples(st.just("wait"), which, st.none()),
)
CASES = st.fixed_dictionaries(
    {
        "rule": rules,
        "starts_on": st.sampled_from(BEGINS),
        "start_time": starts,
        "mode": st.sampled_from(("in_person", "hybrid")),
        "state": st.sampled_from(("published", "published", "draft")),
        "steps": st.lists(DEEDS, min_size=2, max_size=6),
    }
)


class Office:
    """Whoever does the deeds of one case, and remembers those that can be undone."""

    def __init__(self, season: Season) -> None:
        self.season, self.done = season, list[tuple[int, Seen, Seen]]()
        self._begun: int | None = None

    def do(self, deed: str, number: int | None, what: Any) -> Check:
        """Do one thing; return what has to be looked at afterwards."""
        self._begun = None
        check: Check = getattr(self, f"_{deed.replace(' ', '_')}")(number, what)
        return check

    def remember(self, before: Seen, after: Seen) -> None:
        """Keep what a deed that can be undone changed."""
        if self._begun is not None:
            self.done.append((self._begun, before, after))

    def _ids(self, number: int | None, many: int = 1) -> list[int]:
        coming = [row.id for row in self.season.coming()]
        first = (number or 0) % len(coming) if coming else 0
        return coming[first : first + many]

    def _date(self, number: int | None) -> ScheduledSession | None:
        coming = self.season.coming()
        return coming[(number or 0) % len(coming)] if coming else None

    def _book(self, number: int, what: tuple[int, bool]) -> Check:
        for one in self._ids(number):
            state = BookingState.WAITING if what[1] else BookingState.BOOKED
            self.season.book(one, what[0], state)
        return nothing_to_add

    def _give_up(self, number: int, who: int) -> Check:
        for one in self._ids(number):
            self.season.give_up(one, who)
        return nothing_to_add

    def _change(self, number: int, what: Mapping[str, Any]) -> Check:
        season, facts = self.season, self._facts(what)
        row = self._date(number)
        if row is None:
            return nothing_to_add
        if "shift" in facts:
            facts["local_date"] = row.local_date + timedelta(days=facts.pop("shift"))
        change, one, version = SessionChange(**facts), row.id, row.schedule_version
        done = tried(lambda: calling_off.move_session(one, change, None, season.now, version))
        return self._may_be_undone(done)

    def _cancel(self, number: int, what: tuple[int, bool]) -> Check:
        many, is_offered = what
        ids, season = self._ids(number, many), self.season
        done = tried(
            lambda: calling_off.cancel_sessions(ids, "Snow", None, season.now, offer_held=is_offered)
        )
        return self._may_be_undone(done)

    def _move(self, number: int, what: tuple[int, int, time | None]) -> Check:
        many, days, start_time = what
        ids, season = self._ids(number, many), self.season
        seen = {row.id: row.schedule_version for row in season.coming() if row.id in ids}
        shift = Shift(days=days, start_time=start_time)
        return self._may_be_undone(
            tried(lambda: calling_off.move_sessions(seen, shift, "The hall is let", None, season.now))
        )

    def _undo(self, _number: int, _what: None) -> Check:
        if not self.done:
            return nothing_to_add
        deed_id, was, made = self.done.pop()
        ada, now = self.season.hosts[0], self.season.now
        return put_back(made, was, tried(lambda: calling_off.undo(deed_id, ada, now)))

    def _edit(self, number: int | None, what: Mapping[str, Any]) -> Check:
        return self._edited(number, SeriesEdit(**self._facts(what)))

    def _except(self, number: int | None, what: list[tuple[int, str, int]]) -> Check:
        coming = self.season.coming()
        days = [(coming[at % len(coming)].rule_date, kind, how) for at, kind, how in what] if coming else []
        changes = tuple(self._exception(*each) for each in sorted(days))
        return self._edited(number, SeriesEdit(changes=changes))

    def _exception(self, on: date, kind: Any, how: int) -> Change:
        facts: dict[str, Any] = {"reason": "Easter"}
        facts |= {"moved_to": on + timedelta(days=1 + how)} if kind == "move" else {}
        facts |= {"ends": time(21, how)} if kind == "until" else {}
        facts |= {"place": f"Hall {how}"} if kind == "at" else {}
        return Change(on, kind, **facts)

    def _edited(self, number: int | None, edit: SeriesEdit) -> Check:
        season = self.season
        row = self._date(number)
        since = row.rule_date if row is not None and number is not None else None
        mark = seen_mark(db.session.get_one(Series, season.series_id))
        foreseen = tried(lambda: effect_of(season.series_id, edit, since, season.now))
        done = tried(lambda: deeds.change_series(season.series_id, edit, since, None, season.now, mark))
        return as_foreseen(foreseen, done)

    def _end(self, number: int, _what: None) -> Check:
        season, row = self.season, self._date(number)
        if row is not None:
            last_on = row.rule_date
            tried(lambda: deeds.end_series(season.series_id, last_on, None, season.now))
        return nothing_to_add

    def _load(self, _number: int, cells: Mapping[str, str]) -> Check:
        season, text = self.season, _written_over(season_csv(), cells)
        foreseen = tried(lambda: timetable.rehearse_season(text, season.hosts[0], season.now))
        db.session.rollback()
        done = tried(lambda: timetable.load_season(text, season.hosts[0], season.now))
        return as_reported(foreseen, done)

    def _publish(self, _number: int, _what: None) -> Check:
        tried(lambda: deeds.publish_series(self.season.series_id, None, self.season.now))
        return nothing_to_add

    def _deliver(self, _number: int, _what: None) -> Check:
        self.season.deliver()
        return nothing_to_add

    def _wait(self, days: int, _what: None) -> Check:
        self.season.pass_by(days)
        return nothing_to_add

    def _may_be_undone(self, done: Any) -> Check:
        self._begun = done if isinstance(done, int) else None
        return as_counted(done, self.season)

    def _facts(self, what: Mapping[str, Any]) -> dict[str, Any]:
        """Put the case's own venues and hosts in the place of their numbers."""
        facts = dict(what)
        if "venue_id" in facts:
            facts["venue_id"] = self.season.venues[facts["venue_id"]]
        if "host_ids" in facts:
            facts["host_ids"] = tuple(self.season.hosts[one] for one in facts["host_ids"])
        return facts


def _written_over(text: str, cells: Mapping[str, str]) -> str:
    """Write other words into the one row of a season's file."""
    header, row = csv.reader(io.StringIO(text))
    written = io.StringIO(newline="")
    csv.writer(written).writerows(
        [header, [cells.get(name, cell) for name, cell in zip(header, row, strict=True)]]
    )
    return written.getvalue()
