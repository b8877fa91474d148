"""What the planner is shown before she saves: the next dates, the last one, and every clash."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time

import pytest
from flask import Flask
from sqlalchemy import event

from booking.db import db
from booking.models.kinds import SessionState
from booking.queries.planning import Preview, preview
from booking.rules.changes import parse_changes
from booking.rules.recurrence import parse_rule
from booking.rules.timetable import SeriesPlan
from booking.rules.wall_time import ImpossibleTime
from tests.support.builders import Builders

Look = Callable[..., Preview]
FRIDAYS = SeriesPlan(
    key="carlisle",
    title="Tea & A Chat Carlisle",
    programme="Tea & A Chat",
    mode="in_person",
    place="Carlisle Hall",
    nation="England",
    rule=parse_rule("FREQ=MONTHLY;BYDAY=4FR"),
    starts_on=date(2026, 11, 27),
    start_time=time(13, 30),
    end_time=time(15),
)


@pytest.fixture
def look(app: Flask, now: datetime) -> Look:
    def looked(
        host_ids: tuple[int, ...] = (), except_series_id: int | None = None, **facts: object
    ) -> Preview:
        with app.app_context():
            return preview(replace(FRIDAYS, **facts), host_ids, now, except_series_id)  # type: ignore[arg-type]

    return looked


def test_the_fourth_friday_meets_christmas_day_and_good_friday(look: Look) -> None:
    found = look()
    assert [(each.on, each.clashes[0].words) for each in found.clashing] == [
        (date(2026, 12, 25), "Christmas Day"),
        (date(2027, 3, 26), "Good Friday"),
    ]


def test_six_dates_are_shown_and_a_series_that_goes_on_has_no_last_one(look: Look) -> None:
    found = look()
    assert [each.on.isoformat() for each in found.next_dates][::5] == ["2026-11-27", "2027-04-23"]
    assert (found.last_on, found.total) == (None, None)


def test_a_series_with_an_end_says_its_last_date_and_how_many(look: Look) -> None:
    found = look(rule=parse_rule("FREQ=WEEKLY;BYDAY=FR;COUNT=8"), changes=parse_changes("2026-12-25 skip"))
    assert (found.last_on, found.total) == (date(2027, 1, 15), 7)


def test_a_date_left_out_clashes_with_nothing_any_more(look: Look) -> None:
    found = look(changes=parse_changes("2026-12-25 skip: back in January; 2027-03-26 move 2027-03-19"))
    assert found.clashing == ()
    assert found.next_dates[1].change is not None
    assert found.next_dates[1].change.reason == "back in January"


def test_a_date_is_looked_at_where_it_moves_to(look: Look) -> None:
    found = look(changes=parse_changes("2027-03-26 move 2027-03-29"))
    assert [(each.on, each.clashes[0].words) for each in found.clashing][-1] == (
        date(2027, 3, 26),
        "Easter Monday",
    )


def test_the_clock_changes_that_a_series_crosses_are_named(look: Look) -> None:
    assert [change.on for change in look().clock_changes] == [date(2027, 3, 28)]
    assert look(rule=parse_rule("FREQ=WEEKLY;COUNT=4")).clock_changes == ()


def test_last_and_fourth_are_explained_where_they_are_chosen(look: Look) -> None:
    assert look().explained[0] == (date(2027, 1, 22), date(2027, 1, 29))
    assert look(rule=parse_rule("FREQ=MONTHLY;BYDAY=2FR")).explained == ()


def test_a_host_who_leads_elsewhere_at_that_hour_is_named(look: Look, make: Builders) -> None:
    fay, gil = make.facilitator("Fay"), make.facilitator("Gil")
    make.session(make.series("Yoga"), on=date(2026, 11, 27), led_by=(fay,))
    (clash,) = look(host_ids=(fay, gil)).next_dates[0].clashes
    assert (clash.kind, clash.words) == ("host", "Fay leads “Yoga”, 1:30pm to 5pm")


def test_a_room_that_is_taken_is_named(look: Look, make: Builders) -> None:
    hall = make.venue("Carlisle Hall")
    taken = make.session(make.series("Yoga", venue_id=hall), on=date(2026, 11, 27))
    (clash,) = look().next_dates[0].clashes
    assert (clash.kind, clash.subject_id) == ("room", taken)


def test_another_session_at_that_hour_is_named_by_title_and_time_alone(look: Look, make: Builders) -> None:
    make.session(make.series("Yoga"), on=date(2026, 11, 27), led_by=(make.facilitator("Fay"),))
    (clash,) = look().next_dates[0].clashes
    assert (clash.kind, clash.words) == ("hour", "At the same time: “Yoga”, 1:30pm to 5pm")


def test_a_draft_counts_and_a_cancelled_date_does_not(look: Look, make: Builders) -> None:
    yoga = make.series("Yoga")
    make.session(yoga, on=date(2026, 11, 27), state=SessionState.CANCELLED)
    make.session(yoga, on=date(2027, 1, 22), state=SessionState.DRAFT)
    assert [each.on for each in look(changes=parse_changes("2026-12-25 skip")).clashing] == [
        date(2027, 1, 22),
        date(2027, 3, 26),
    ]


def test_a_series_never_clashes_with_itself_nor_with_what_ends_as_it_starts(
    look: Look, make: Builders
) -> None:
    itself, before = make.series("Itself"), make.series("Before", start_time=time(12), end_time=time(13, 30))
    for series_id in (itself, before):
        make.session(series_id, on=date(2026, 11, 27))
    assert len(look().next_dates[0].clashes) == 1
    assert look(except_series_id=itself).next_dates[0].clashes == ()


def test_half_past_one_on_the_night_the_clocks_change_is_refused_with_a_sentence(look: Look) -> None:
    at_night = {"start_time": time(1, 30), "end_time": time(3), "rule": parse_rule("FREQ=WEEKLY;BYDAY=SU")}
    with pytest.raises(ImpossibleTime, match="The clocks go forward: there is no 1:30am on Sunday 28 March"):
        look(**at_night)
    with pytest.raises(ImpossibleTime, match="The clocks go back: 1:30am comes twice on Sunday 31 October"):
        look(**at_night, starts_on=date(2027, 10, 24))


def test_two_hundred_dates_ask_no_more_than_two(app: Flask, look: Look, make: Builders) -> None:
    fay, asked = make.facilitator("Fay"), []
    for week in range(10):
        make.session(make.series(f"Yoga {week}"), on=date(2026, 11, 27), led_by=(fay,))
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    look(host_ids=(fay,), rule=parse_rule("FREQ=WEEKLY;BYDAY=FR;COUNT=2"))
    few = len(asked)
    look(host_ids=(fay,), rule=parse_rule("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;COUNT=200"))
    assert len(asked) - few == few
