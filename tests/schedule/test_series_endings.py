"""The end of a series is announced to the office six weeks before, once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from booking.db import db
from booking.models import Series, Task
from booking.models.kinds import TaskKind
from booking.queries.effects import seen_mark
from booking.rules.edits import SeriesEdit
from booking.rules.recurrence import parse_rule
from booking.rules.timetable import SeriesPlan
from booking.services import schedule
from booking.services import series as deeds
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words

PLAN = SeriesPlan(
    key="",
    title="Tea in York",
    programme="Tea & A Chat",
    mode="in_person",
    place="Studio, York",
    nation="England",
    rule=parse_rule("FREQ=WEEKLY;BYDAY=WE;COUNT=6"),
    starts_on=date(2026, 11, 25),
    start_time=time(13, 30),
    end_time=time(15),
    places_room=8,
)
LAST = date(2026, 12, 30)
TASKS = select(Task.kind, Task.series_id, Task.due_on)
OPEN = select(Task.due_on).where(Task.settled_at.is_(None))


def create(app: Flask, now: datetime, **what: object) -> int:
    with app.app_context():
        return schedule.create_series(replace(PLAN, **what), None, now)  # type: ignore[arg-type]


def announce(app: Flask, at: datetime) -> int:
    with app.app_context():
        return schedule.announce_endings(at)


def test_the_office_is_told_once_six_weeks_before(app: Flask, now: datetime) -> None:
    tea = create(app, now)
    assert [announce(app, now) for _ in range(2)] == [1, 0]
    assert rows(app, TASKS) == [(TaskKind.SERIES_ENDS, tea, LAST)]


@pytest.mark.parametrize(
    "what",
    [
        {"rule": parse_rule("FREQ=WEEKLY;BYDAY=WE")},
        {"rule": parse_rule(""), "starts_on": LAST},
        {"rule": parse_rule("FREQ=WEEKLY;BYDAY=WE;COUNT=20")},
        {"state": "draft"},
    ],
)
def test_what_goes_on_or_is_one_date_or_a_draft_is_nobodys_news(
    app: Flask, now: datetime, what: dict[str, object]
) -> None:
    create(app, now, **what)
    assert announce(app, now) == 0


def test_a_course_ends_too(app: Flask, now: datetime) -> None:
    create(app, now, enrol="course")
    assert announce(app, now) == 1


def test_a_series_made_longer_leaves_the_list_and_is_announced_anew(
    app: Flask, now: datetime, clock_at: Callable[[str], datetime]
) -> None:
    tea = create(app, now)
    announce(app, now)
    with app.app_context():
        mark = seen_mark(db.session.get_one(Series, tea))
        longer = SeriesEdit(rule=parse_rule("FREQ=WEEKLY;BYDAY=WE;COUNT=12"))
        deeds.change_series(tea, longer, None, None, now, mark)
    assert rows(app, OPEN) == []
    assert announce(app, now) == 0
    assert announce(app, clock_at("2027-01-20T10:00+00:00")) == 1


def test_ada_reads_it_among_her_tasks_and_takes_it_off(
    app: Flask, make: Builders, client: FlaskClient, now: datetime
) -> None:
    create(app, now)
    announce(app, now)
    make.sign_in(client, make.admin())
    assert "Tea in York ends soon" in words(client.get("/office/tasks"))
    assert "Wednesday 30 December 2026" in words(client.get("/office/tasks"))
    task_id = rows(app, select(Task.id))[0]
    done = send(client, f"/office/tasks/{task_id}/done", page="/office/tasks")
    assert "off the list" in after(client, done)


def test_filling_asks_the_same_for_two_series_and_for_twenty(
    app: Flask, make: Builders, now: datetime
) -> None:
    counted = []
    for more in (2, 18):
        for _ in range(more):
            create(app, now, rule=parse_rule("FREQ=WEEKLY;BYDAY=WE"))
        asked: list[str] = []
        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", lambda *it, kept=asked: kept.append(it[2]))
            assert schedule.fill_horizon(now) == 0
        counted.append(len(asked))
    assert counted[0] == counted[1] > 0
