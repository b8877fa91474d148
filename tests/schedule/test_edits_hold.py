"""Whatever is done to a season in whatever order: no booking is lost, nothing called off comes back.

Each case is a series around a night when the clocks change, with bookings and a handful of deeds; after
each of them the rows and messages are compared with what they were and with what the preview said.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings

from booking import clock
from booking.models.kinds import PersonStatus
from booking.rules.recurrence import build_rule
from booking.rules.timetable import SeriesPlan
from booking.services import schedule
from tests.schedule.season_case import Season, begin, clear
from tests.schedule.season_deeds import CASES, LINK, Office
from tests.schedule.season_effects import hold, tried
from tests.support.builders import Builders

pytestmark = pytest.mark.properties

# How many cases is the profile's to say. Whoever sees one fail gets the line that plays it again.
VARYING = settings(
    print_blob=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
AT_WORK = 13
MONDAYS = {many: build_rule("weekly", [0], count=many) for many in (2, 3)}
THREE_MONDAYS = {
    "rule": MONDAYS[3],
    "starts_on": date(2027, 3, 3),
    "start_time": time(1, 30),
    "mode": "in_person",
    "state": "published",
}
FOUND: dict[str, list[Any]] = {
    "a date of its own beside a shorter rule shows the new title": [
        ("move", 0, (3, 1, None)),
        ("edit", None, {"rule": MONDAYS[2], "title": "Coffee"}),
    ],
    "whoever waited is asked when the date is on again": [
        ("book", 0, (0, True)),
        ("cancel", 0, (1, True)),
        ("undo", 0, None),
    ],
    "whoever was asked waits or is asked again": [
        ("book", 0, (0, True)),
        ("move", 0, (1, 1, None)),
        ("cancel", 0, (1, True)),
        ("undo", 0, None),
        ("undo", 0, None),
    ],
}


@pytest.fixture
def cast(app: Flask, make: Builders) -> dict[str, list[int]]:
    people = [make.person("Ann"), make.person("Gil", email=None, phone="01904 123456")]
    people.append(make.person("Dot", status=PersonStatus.PAUSED))
    hosts = [make.admin("Ada"), make.facilitator("Fay"), make.facilitator("Ben")]
    venues = [
        make.venue(f"Hall {number}", capacity=capacity) for number, capacity in ((0, 40), (1, 5), (2, None))
    ]
    return {"people": people, "hosts": hosts, "venues": venues}


def planned(case: dict[str, Any]) -> SeriesPlan:
    online = case["mode"] == "hybrid"
    return SeriesPlan(
        key="case",
        title="Tea",
        programme="Tea & A Chat",
        description="Company",
        mode=case["mode"],
        place="Hall 0",
        nation="England",
        rule=case["rule"],
        starts_on=case["starts_on"],
        start_time=case["start_time"],
        end_time=time(case["start_time"].hour + 2, 15),
        places_room=8,
        places_online=8 if online else 0,
        meeting_url=f"{LINK}a" if online else "",
        state=case["state"],
    )


def play(season: Season, steps: list[Any]) -> None:
    office, before = Office(season), season.seen()
    for deed, number, what in steps:
        # Two deeds of one very moment can't be told apart, and nobody's hands are that quick.
        season.now += timedelta(minutes=1)
        clock.set_source(lambda: season.now)
        check = office.do(deed, number, what)
        after = season.seen()
        hold(deed, before, after)
        check(before, after)
        office.remember(before, after)
        before = after
    schedule.fill_horizon(season.now)
    filled = season.seen()
    hold("fill", before, filled)
    assert schedule.fill_horizon(season.now) == 0, "expanding twice changed something"
    assert season.seen() == filled, "expanding twice changed something"


def test_whatever_the_office_does_no_booking_is_lost_and_every_preview_is_true(
    app: Flask, cast: dict[str, list[int]], clock_at: Callable[[datetime], datetime]
) -> None:
    @VARYING
    @given(CASES)
    def holds(case: dict[str, Any]) -> None:
        run(case, app, cast, clock_at)

    holds()


def run(
    case: dict[str, Any],
    app: Flask,
    cast: dict[str, list[int]],
    clock_at: Callable[[datetime], datetime],
) -> None:
    morning = datetime.combine(case["starts_on"] - timedelta(days=AT_WORK), time(10))
    now = clock_at(morning.astimezone())
    with app.app_context():
        clear()
        season = tried(lambda: begin(planned(case), now=now, **cast))
        if isinstance(season, Season):
            play(season, case["steps"])


@pytest.mark.parametrize("steps", FOUND.values(), ids=FOUND.keys())
def test_what_was_found_once_holds_for_good(
    app: Flask,
    cast: dict[str, list[int]],
    clock_at: Callable[[datetime], datetime],
    steps: list[Any],
) -> None:
    run({**THREE_MONDAYS, "steps": steps}, app, cast, clock_at)
