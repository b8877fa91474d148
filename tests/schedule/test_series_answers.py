"""A new rhythm with answers to its clashes: what was said of single dates before goes along with them."""

from collections.abc import Callable
from datetime import date, datetime, time

from flask import Flask
from sqlalchemy import select

from booking.models import ScheduledSession, SeriesChange
from booking.queries.effects import Effect
from booking.rules.changes import Change
from booking.rules.edits import SeriesEdit
from booking.rules.recurrence import parse_rule
from booking.services import schedule
from booking.services import series as deeds
from tests.schedule.test_edit_series import DATES, ON_THURSDAYS, STARTS, THURSDAYS, WEDNESDAYS, edit, tea
from tests.support.pages import rows

__all__ = ["edit", "tea"]

CHANGES = select(SeriesChange.rule_date, SeriesChange.action).order_by(SeriesChange.rule_date)
RULE = ON_THURSDAYS.rule
LEFT_OUT = Change(WEDNESDAYS[3], "skip", reason="Christmas")
FRIDAY = date(2026, 12, 18)


def on_thursdays(*answers: Change) -> SeriesEdit:
    return SeriesEdit(rule=RULE, answers=answers)


def test_a_left_out_date_stays_left_out_when_another_is_answered(
    app: Flask, edit: Callable[..., Effect], now: datetime
) -> None:
    edit(SeriesEdit(changes=(LEFT_OUT,)))
    edit(on_thursdays(Change(THURSDAYS[4], "skip")))
    assert rows(app, DATES) == [*THURSDAYS[:3], THURSDAYS[5]]
    assert rows(app, CHANGES) == [(THURSDAYS[3], "skip"), (THURSDAYS[4], "skip")]
    with app.app_context():
        assert schedule.fill_horizon(now) == 0


def test_a_called_off_and_a_moved_date_stay_so_when_another_is_answered(
    app: Flask, edit: Callable[..., Effect]
) -> None:
    moved = Change(WEDNESDAYS[2], "move", FRIDAY)
    edit(SeriesEdit(changes=(Change(WEDNESDAYS[1], "cancel", reason="Snow"), moved)))
    edit(on_thursdays(Change(THURSDAYS[4], "move", date(2027, 1, 2))))
    took_place = select(ScheduledSession.local_date).where(ScheduledSession.state == "published")
    days = [THURSDAYS[0], FRIDAY, THURSDAYS[3], date(2027, 1, 2), THURSDAYS[5]]
    assert sorted(rows(app, took_place)) == days
    assert rows(app, CHANGES) == [(THURSDAYS[1], "cancel"), (THURSDAYS[2], "move"), (THURSDAYS[4], "move")]


def test_an_answer_to_the_very_date_that_a_left_out_one_goes_to_is_what_holds(
    app: Flask, edit: Callable[..., Effect]
) -> None:
    edit(SeriesEdit(changes=(LEFT_OUT,)))
    edit(on_thursdays(Change(THURSDAYS[3], "skip", reason="Boxing Day is near")))
    assert rows(app, DATES) == THURSDAYS[:3] + THURSDAYS[4:]
    reasons = select(SeriesChange.rule_date, SeriesChange.reason)
    assert rows(app, reasons) == [(THURSDAYS[3], "Boxing Day is near")]


def test_answered_twice_the_later_word_holds(app: Flask, edit: Callable[..., Effect]) -> None:
    edit(on_thursdays(Change(THURSDAYS[3], "skip")))
    edit(SeriesEdit(answers=(Change(THURSDAYS[3], "move", date(2026, 12, 22)),)))
    assert rows(app, DATES) == [*THURSDAYS[:3], date(2026, 12, 22), *THURSDAYS[4:]]
    assert rows(app, CHANGES) == [(THURSDAYS[3], "move")]


def test_this_and_later_keeps_what_was_said_of_earlier_dates(
    app: Flask, edit: Callable[..., Effect], now: datetime
) -> None:
    longer = Change(WEDNESDAYS[1], "until", ends=time(17))
    edit(SeriesEdit(changes=(Change(WEDNESDAYS[0], "skip"), longer, LEFT_OUT)))
    edit(on_thursdays(Change(THURSDAYS[4], "skip")), WEDNESDAYS[2])
    assert rows(app, DATES) == [WEDNESDAYS[1], THURSDAYS[2], THURSDAYS[5]]
    with app.app_context():
        assert schedule.fill_horizon(now) == 0
    edit(SeriesEdit(start_time=time(14)))
    ends = select(ScheduledSession.end_time).order_by(ScheduledSession.local_date)
    assert (rows(app, ends)[0], set(rows(app, STARTS))) == (time(17), {time(14)})


def test_an_answer_later_on_leaves_dates_of_the_earlier_rule_as_they_are(
    app: Flask, edit: Callable[..., Effect], tea: int, now: datetime
) -> None:
    moved = Change(WEDNESDAYS[1], "move", date(2026, 12, 11))
    edit(SeriesEdit(changes=(Change(WEDNESDAYS[0], "skip"), moved)))
    edit(ON_THURSDAYS, WEDNESDAYS[2])
    with app.app_context():
        deeds.answer_clashes(tea, [Change(THURSDAYS[4], "skip")], None, now)
        assert schedule.fill_horizon(now) == 0
    assert rows(app, DATES) == [date(2026, 12, 11), *THURSDAYS[2:4], THURSDAYS[5]]
    assert rows(app, CHANGES)[:2] == [(WEDNESDAYS[0], "skip"), (WEDNESDAYS[1], "move")]


def test_an_answer_with_a_new_place_keeps_all_that_was_said_before(
    app: Flask, edit: Callable[..., Effect]
) -> None:
    edit(SeriesEdit(changes=(LEFT_OUT,)))
    edit(SeriesEdit(nation="Scotland", answers=(Change(WEDNESDAYS[4], "skip"),)))
    assert rows(app, DATES) == [*WEDNESDAYS[:3], WEDNESDAYS[5]]


def test_an_earlier_weekday_takes_what_was_left_out_along_too(
    app: Flask, edit: Callable[..., Effect]
) -> None:
    edit(SeriesEdit(changes=(LEFT_OUT,)))
    tuesdays = parse_rule("FREQ=WEEKLY;BYDAY=TU;COUNT=6")
    edit(
        SeriesEdit(rule=tuesdays, starts_on=date(2026, 12, 1), answers=(Change(date(2026, 12, 29), "skip"),))
    )
    days = [date(2026, 12, day) for day in (1, 8, 15)] + [date(2027, 1, 5)]
    assert rows(app, DATES) == days
