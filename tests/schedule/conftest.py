"""Everything about the season happens on one Sunday morning, so that no test depends on the day it runs."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from booking.services import schedule
from booking.services.schedule import LoadReport

SUNDAY_MORNING = "2026-11-22T10:00+00:00"
COLUMNS = (
    "key,name,programme,mode,place,nation,rrule,dtstart,start,end,places_room,places_online,"
    "audience,companions,enrol,movement_check"
)


@pytest.fixture(autouse=True)
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at(SUNDAY_MORNING)


@pytest.fixture
def load(app: Flask, now: datetime) -> Callable[..., LoadReport]:
    """Load a season from lines, as the command does."""

    def loaded(text: str, at: datetime = now) -> LoadReport:
        with app.app_context():
            return schedule.load_timetable(text, at)

    return loaded
