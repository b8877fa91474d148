"""A host closes her account or dies: the office is asked for another, and she is given no date again."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import SeriesFacilitator, SessionFacilitator, Task
from booking.models.kinds import PersonStatus, SessionState, TaskKind
from booking.queries import office
from booking.refusals import NotAHost
from booking.services import closing, deaths, rota, schedule
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words

ASKED = select(Task.kind, Task.series_id, Task.person_id, Task.for_person_id).where(Task.settled_at.is_(None))
Going = Callable[[int], object]


@pytest.fixture(autouse=True)
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-08-06T12:00+01:00")


@pytest.fixture
def ada(make: Builders) -> int:
    return make.admin("Ada")


@pytest.fixture(params=["closes", "dies"])
def going(app: Flask, ada: int, request: pytest.FixtureRequest) -> Going:
    """Let a host close her account, or record that she died."""

    def goes(person_id: int) -> object:
        with app.app_context():
            if request.param == "closes":
                return closing.close_account(person_id, person_id, clock.now())
            return deaths.mark_died(person_id, ada, clock.now())

    return goes


def test_the_office_is_asked_once_for_each_series(
    client: FlaskClient, app: Flask, make: Builders, ada: int, going: Going
) -> None:
    fay, tea, yoga = make.facilitator("Fay"), make.series("Tea"), make.series("Yoga")
    for series, days in ((tea, 3), (tea, 10), (yoga, 4)):
        make.session(series, starts_in=timedelta(days=days), led_by=(fay,))
    going(fay)
    of_the_office = (TaskKind.SPEAK_WITH_OFFICE, None, None)
    assert {(row.kind, row.person_id, row.for_person_id) for row in rows(app, ASKED)} == {of_the_office}
    assert sorted(row.series_id for row in rows(app, ASKED)) == sorted((tea, yoga))
    said = words(make.sign_in(client, ada).get("/office/tasks"))
    assert "Tea needs a host" in said
    assert "Nobody leads Yoga any more: find a host." in said


def test_somebody_is_found_and_a_slip_is_put_back(
    client: FlaskClient,
    app: Flask,
    make: Builders,
    ada: int,
    going: Going,
    clock_at: Callable[[str], datetime],
) -> None:
    fay = make.facilitator("Fay")
    make.session(led_by=(fay,))
    going(fay)
    clock_at("2026-08-06T12:30+01:00")
    task = rows(app, select(Task.id))[0]
    make.sign_in(client, ada)
    done = send(client, f"/office/tasks/{task}/done", page="/office/tasks")
    assert "Put back on the list" in after(client, done)
    send(client, f"/office/tasks/{task}/reopen", page="/office/tasks")
    assert len(rows(app, ASKED)) == 1


def test_two_who_led_together_are_asked_for_once(
    client: FlaskClient, app: Flask, make: Builders, ada: int, going: Going
) -> None:
    fay, gil = make.facilitator("Fay"), make.facilitator("Gil")
    make.session(make.series("Tea"), led_by=(fay, gil))
    going(fay)
    assert "One host fewer: Tea" in words(make.sign_in(client, ada).get("/office"))
    going(gil)
    assert "Tea needs a host" in words(client.get("/office"))
    assert len(rows(app, ASKED)) == 1


def test_nobody_is_asked_for_what_is_over_or_cancelled(app: Flask, make: Builders, going: Going) -> None:
    fay = make.facilitator("Fay")
    make.session(starts_in=timedelta(days=-3), led_by=(fay,))
    make.session(led_by=(fay,), state=SessionState.CANCELLED)
    make.session()
    going(fay)
    assert rows(app, ASKED) == []


def test_a_death_that_was_a_mistake_asks_for_nobody(app: Flask, make: Builders, ada: int) -> None:
    fay = make.facilitator("Fay")
    make.session(led_by=(fay,))
    with app.app_context():
        deaths.mark_died(fay, ada, clock.now())
        assert db.session.scalar(select(Task.id)) is not None
        deaths.undo_death(fay, ada, clock.now())
    assert rows(app, ASKED) == []


@pytest.fixture
def dead(app: Flask, make: Builders) -> int:
    """Fay died; her role and her dates stand, so that a mistake could be taken back."""
    return make.facilitator("Fay", status=PersonStatus.DIED)


def test_a_host_who_died_is_given_no_date_and_offered_to_nobody(
    app: Flask, make: Builders, ada: int, dead: int
) -> None:
    session, nia = make.session(led_by=(dead,)), make.facilitator("Nia", status=PersonStatus.UNPROVEN)
    other = make.session()
    with app.app_context():
        with pytest.raises(NotAHost):
            rota.add_facilitator(other, dead, ada, clock.now())
        rota.add_facilitator(session, nia, ada, clock.now())
        assert [leader.person_id for leader in office.leaders(session)] == [nia]
        assert [host.person_id for host in office.all_hosts()] == [nia]


def test_new_dates_are_not_handed_to_a_host_who_died(app: Flask, make: Builders, dead: int) -> None:
    series, gil = make.series(), make.facilitator("Gil")
    with app.app_context():
        db.session.add_all(SeriesFacilitator(series_id=series, person_id=each) for each in (dead, gil))
        db.session.commit()
        assert schedule.fill_horizon(clock.now()) > 0
    assert set(rows(app, select(SessionFacilitator.person_id))) == {gil}
