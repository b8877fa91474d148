"""Whatever the office changes in whatever order: no booking is lost, nothing called off comes back.

Each case is a series with bookings and a handful of changes; after each of them everything is looked at.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from booking.db import db
from booking.models import Booking, Message, ScheduledSession, Series
from booking.models.kinds import LIVE, BookingState, MessageKind, SessionState
from booking.queries.effects import Effect, effect_of, seen_mark
from booking.refusals import Refusal
from booking.rules.changes import Change
from booking.rules.edits import SeriesEdit, SessionChange
from booking.rules.recurrence import parse_rule
from booking.rules.timetable import SeriesPlan
from booking.rules.wall_time import to_instant
from booking.services import schedule
from booking.services import series as deeds
from tests.support.builders import Builders

RULES = (
    "FREQ=WEEKLY;BYDAY=WE;COUNT=6",
    "FREQ=WEEKLY;BYDAY=TH;COUNT=6",
    "FREQ=WEEKLY;BYDAY=MO;COUNT=4",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE;COUNT=4",
    "FREQ=WEEKLY;BYDAY=SU;UNTIL=20270131",
    "FREQ=MONTHLY;BYDAY=-1WE;COUNT=4",
    "FREQ=MONTHLY;BYDAY=4FR;COUNT=3",
    "FREQ=WEEKLY;BYDAY=MO,TH;COUNT=8",
)
TIMES = (time(9), time(13, 30), time(14), time(19, 15))
BEGINS = date(2027, 3, 3)
NUMBERS = count(1)

rules = st.sampled_from(RULES).map(parse_rule)
times = st.sampled_from(TIMES)
dates = st.integers(0, 7)
CHANGES = st.one_of(
    st.builds(lambda at: {"start_time": at, "end_time": time(at.hour + 1, at.minute)}, times),
    st.builds(lambda days: {"shift": days}, st.integers(-2, 3)),
    st.builds(lambda places: {"places_room": places}, st.integers(0, 4)),
    st.just({"own_title": "A speaker comes"}),
)
EDITS = st.fixed_dictionaries(
    {},
    optional={
        "rule": rules,
        "start_time": times,
        "end_time": st.sampled_from((time(11), time(15), time(21))),
        "places_room": st.sampled_from((1, 3, 8, None)),
        "title": st.sampled_from(("Tea", "Coffee")),
    },
)
DEEDS = st.one_of(
    st.tuples(st.just("book"), dates, st.integers(0, 2)),
    st.tuples(st.just("give up"), dates, st.integers(0, 2)),
    st.tuples(st.just("change"), dates, CHANGES),
    st.tuples(st.just("cancel"), dates, st.none()),
    st.tuples(st.just("edit"), st.one_of(st.none(), dates), EDITS),
    st.tuples(st.just("skip"), dates, st.none()),
    st.tuples(st.just("wait"), st.integers(1, 9), st.none()),
)
CASES = st.tuples(rules, st.lists(DEEDS, min_size=2, max_size=6))


@dataclass(frozen=True)
class Seen:
    """Everything about a series that a change could spoil."""

    bookings: dict[int, BookingState]
    cancelled: dict[int, date]
    own: dict[int, dict[str, Any]]
    told: dict[int, int]
    days: list[date] = field(default_factory=list)


@dataclass
class Season:
    """One case: a series of its own, in a database that others share."""

    series_id: int
    people: list[int]
    now: datetime
    make: Builders

    def coming(self) -> list[ScheduledSession]:
        asked = select(ScheduledSession).where(
            ScheduledSession.series_id == self.series_id, ScheduledSession.starts_at > self.now
        )
        return list(db.session.scalars(asked.order_by(ScheduledSession.rule_date)))

    def seen(self) -> Seen:
        db.session.rollback()
        hers = select(ScheduledSession).where(ScheduledSession.series_id == self.series_id)
        rows = list(db.session.scalars(hers))
        ids = [row.id for row in rows]
        states = db.session.execute(select(Booking.id, Booking.state).where(Booking.session_id.in_(ids)))
        bookings = dict(states.all())
        told = (
            select(Message.booking_id, func.count())
            .where(Message.booking_id.in_(bookings), Message.kind == MessageKind.SESSION_CHANGED)
            .group_by(Message.booking_id)
        )
        return Seen(
            bookings,
            {row.id: row.local_date for row in rows if row.state is SessionState.CANCELLED},
            {row.id: {fact: getattr(row, fact) for fact in row.own if fact != "hosts"} for row in rows},
            dict(db.session.execute(told).all()),
            sorted(row.local_date for row in rows if row.state is not SessionState.CANCELLED),
        )

    def do(self, deed: str, which: int | None, what: Any) -> Effect | None:
        """Do one thing as the office or a person would; a polite no is an answer, too."""
        coming = self.coming()
        one = coming[which % len(coming)] if which is not None and coming and deed != "wait" else None
        try:
            return DO[deed](self, one, which, what)
        except Refusal:
            return None


def _book(season: Season, one: ScheduledSession | None, _which: int | None, who: int) -> None:
    if one is None or one.state is SessionState.CANCELLED:
        return
    taken = select(Booking.id).where(
        Booking.session_id == one.id, Booking.person_id == season.people[who], Booking.state.in_(LIVE)
    )
    if one.pools and db.session.scalar(taken) is None:
        season.make.booking(one.id, season.people[who])


def _give_up(season: Season, one: ScheduledSession | None, _which: int | None, who: int) -> None:
    if one is not None:
        hers = (Booking.session_id == one.id) & (Booking.person_id == season.people[who])
        db.session.execute(update(Booking).where(hers).values(state=BookingState.GIVEN_UP))
        db.session.commit()


def _change(season: Season, one: ScheduledSession | None, _which: int | None, what: dict[str, Any]) -> None:
    if one is None:
        return
    facts = {name: value for name, value in what.items() if name != "shift"}
    if "shift" in what:
        facts["local_date"] = one.local_date + timedelta(days=what["shift"])
    version, session_id = one.schedule_version, one.id
    schedule.change_session(session_id, SessionChange(**facts), None, season.now, version)


def _cancel(season: Season, one: ScheduledSession | None, _which: int | None, _what: None) -> None:
    if one is not None:
        schedule.cancel_session(one.id, "Snow", None, season.now)


def _edit(
    season: Season, one: ScheduledSession | None, which: int | None, what: dict[str, Any]
) -> Effect | None:
    since = one.rule_date if one is not None and which is not None else None
    edit = SeriesEdit(**what)
    mark = seen_mark(db.session.get_one(Series, season.series_id))
    foreseen = effect_of(season.series_id, edit, since, season.now)
    days = season.seen().days
    db.session.rollback()
    done = deeds.change_series(season.series_id, edit, since, None, season.now, mark)
    assert done == foreseen
    after = season.seen().days
    moved, left = [old for old, _new in done.moves], [*done.removed]
    expected = sorted([*[new for _old, new in done.moves], *done.added, *_without(days, moved + left)])
    assert after == expected
    return done


def _skip(season: Season, one: ScheduledSession | None, which: int | None, _what: None) -> Effect | None:
    if one is None:
        return None
    return _edit(season, None, None, {"changes": (Change(one.rule_date, "skip", reason="Snow"),)})


def _wait(season: Season, _one: ScheduledSession | None, days: int | None, _what: None) -> None:
    season.now += timedelta(days=days or 0)


def _without(days: list[date], gone: list[date]) -> list[date]:
    left = list(days)
    for day in gone:
        left.remove(day)
    return left


DO: dict[str, Callable[..., Effect | None]] = {
    "book": _book,
    "give up": _give_up,
    "change": _change,
    "cancel": _cancel,
    "edit": _edit,
    "skip": _skip,
    "wait": _wait,
}


def hold(season: Season, deed: str, before: Seen, after: Seen) -> None:
    """Look at everything that must be as it was, whatever was done."""
    for booking_id, state in before.bookings.items():
        if deed in ("edit", "skip", "change", "fill"):
            assert after.bookings[booking_id] is state, "an edit ended a booking"
        assert booking_id in after.bookings, "a booking is gone"
    assert before.cancelled.items() <= after.cancelled.items(), "what was called off came back"
    if deed in ("edit", "skip", "fill"):
        for session_id, facts in before.own.items():
            if facts and (deed != "skip" or session_id in after.own):
                assert facts.items() <= after.own.get(session_id, {}).items(), "an own fact is gone"
    for booking_id, many in after.told.items():
        assert many - before.told.get(booking_id, 0) <= 1, "told twice of one change"
    for row in season.coming():
        assert row.starts_at == to_instant(row.local_date, row.start_time)
        assert row.ends_at == to_instant(row.local_date, row.end_time)


def play(app: Flask, make: Builders, people: list[int], now: datetime, case: Any) -> None:
    """Go through one case."""
    rule, steps = case
    plan = SeriesPlan(
        key=f"case-{next(NUMBERS)}",
        title="Tea",
        programme="Tea & A Chat",
        mode="in_person",
        place="Studio, York",
        nation="England",
        rule=rule,
        starts_on=BEGINS,
        start_time=time(13, 30),
        end_time=time(15),
        places_room=8,
    )
    with app.app_context():
        try:
            season = Season(schedule.create_series(plan, None, now), people, now, make)
        except Refusal:
            return
        for deed, which, what in steps:
            before = season.seen()
            season.do(deed, which, what)
            hold(season, deed, before, season.seen())
        before = season.seen()
        schedule.fill_horizon(season.now)
        hold(season, "fill", before, season.seen())
        assert schedule.fill_horizon(season.now) == 0
        ended = update(Series).where(Series.id == season.series_id).values(state=SessionState.CANCELLED)
        db.session.execute(ended)
        db.session.commit()


@pytest.fixture
def people(make: Builders) -> list[int]:
    return [make.person("Ann"), make.person("Ben"), make.person("Gil", email=None, phone="01904 123456")]


CALM = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def test_no_edit_loses_a_booking_or_brings_back_what_was_off(
    app: Flask, make: Builders, people: list[int], clock_at: Callable[[str], datetime]
) -> None:
    now = clock_at("2027-02-20T10:00+00:00")

    @settings(CALM, max_examples=20)
    @given(CASES)
    def holds(case: Any) -> None:
        play(app, make, people, now, case)

    holds()


@pytest.mark.soak
def test_ten_thousand_seasons_hold(
    app: Flask, make: Builders, people: list[int], clock_at: Callable[[str], datetime]
) -> None:
    now = clock_at("2027-02-20T10:00+00:00")

    @settings(CALM, max_examples=10_000, derandomize=False)
    @given(CASES)
    def holds(case: Any) -> None:
        play(app, make, people, now, case)

    holds()
