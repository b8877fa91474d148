"""A series or a single date that the office puts in by hand."""

from dataclasses import replace
from datetime import date, datetime, time

import pytest
from flask import Flask
from sqlalchemy import select

from booking.models import AuditEntry, ScheduledSession, Series, SessionFacilitator
from booking.refusals import InThePast
from booking.rules.faults import Fault
from booking.rules.recurrence import parse_rule
from booking.rules.timetable import SeriesPlan
from booking.services import schedule
from tests.support.builders import Builders
from tests.support.pages import rows

PLAN = SeriesPlan(
    key="",
    title="Pottery afternoon",
    programme="Wellbeing classes",
    mode="in_person",
    place="Studio, York",
    nation="England",
    rule=parse_rule(""),
    starts_on=date(2027, 9, 1),
    start_time=time(14),
    end_time=time(16),
    places_room=8,
)


def test_ada_adds_a_single_date_however_far_ahead(app: Flask, make: Builders, now: datetime) -> None:
    ada, gil = make.admin(), make.person("Gil")
    with app.app_context():
        series_id = schedule.create_series(PLAN, ada, now, [gil])
    assert rows(app, select(Series.id, Series.key, Series.rule)) == [(series_id, "pottery-afternoon", None)]
    assert rows(app, select(ScheduledSession.local_date)) == [date(2027, 9, 1)]
    assert rows(app, select(SessionFacilitator.person_id)) == [gil]
    noted = rows(app, select(AuditEntry.actor_id, AuditEntry.action, AuditEntry.subject))
    assert (ada, "series created", f"series:{series_id}") in noted


def test_a_second_series_of_the_same_name_gets_a_key_of_its_own(app: Flask, now: datetime) -> None:
    with app.app_context():
        for _ in range(2):
            schedule.create_series(PLAN, None, now)
    assert rows(app, select(Series.key).order_by(Series.id)) == ["pottery-afternoon", "pottery-afternoon-2"]


def test_a_health_word_in_the_title_never_reaches_the_address(app: Flask, now: datetime) -> None:
    with app.app_context():
        schedule.create_series(replace(PLAN, title="Breast cancer pottery"), None, now)
    assert rows(app, select(Series.key)) == ["wellbeing-session"]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"starts_on": date(2026, 11, 21)}, InThePast),
        ({"end_time": time(13)}, Fault),
        ({"discreet_name": "Oncology"}, Fault),
        ({"starts_on": date(2027, 3, 28), "start_time": time(1, 30), "end_time": time(3)}, Fault),
    ],
)
def test_what_nobody_could_come_to_is_refused(
    app: Flask, now: datetime, change: dict[str, object], refusal: type[Exception]
) -> None:
    with app.app_context(), pytest.raises(refusal):
        schedule.create_series(replace(PLAN, **change), None, now)
    assert rows(app, select(Series.id)) == []


def test_a_key_that_is_taken_is_refused(app: Flask, now: datetime) -> None:
    plan = replace(PLAN, key="pottery")
    with app.app_context():
        schedule.create_series(plan, None, now)
        with pytest.raises(Fault) as refused:
            schedule.create_series(plan, None, now)
    assert refused.value.field == "key"
