"""Nine people want the last place of a course in the same moment: one has every week, nobody has some."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking.models import Booking, Enrolment, Message
from booking.models.kinds import LIVE
from tests.support.builders import Builders
from tests.support.pages import rows

pytestmark = pytest.mark.race
Race = Callable[..., Counter[str]]
NINE = 9
MOST_ON_A_WEEK = select(func.count()).where(Booking.state.in_(LIVE)).group_by(Booking.session_id)


@pytest.fixture
def nine(make: Builders) -> list[dict[str, Any]]:
    """Nine people in front of the same button; a course of two weeks with one place."""
    series = make.series_of(make.course(2, places_room=1)[0])
    people = [make.person(f"Late{number}") for number in range(NINE)]
    return [{"deed": "join", "person_id": person, "series_id": series} for person in people]


def test_the_last_place_of_a_course_is_sold_once(app: Flask, nine: list[dict[str, Any]], race: Race) -> None:
    assert race(nine) == {"join done": 1, "CourseFull": NINE - 1}
    assert rows(app, MOST_ON_A_WEEK) == [1, 1]
    assert len(rows(app, select(Enrolment.id))) == len(rows(app, select(Message.id))) == 1


def test_without_the_lock_the_last_place_of_a_course_is_sold_many_times(
    app: Flask, nine: list[dict[str, Any]], race: Race
) -> None:
    assert race(nine, without="session lock")["join done"] > 1
    assert max(rows(app, MOST_ON_A_WEEK)) > 1


def test_one_person_with_nine_fingers_is_on_a_course_once(app: Flask, make: Builders, race: Race) -> None:
    ann, series = make.person(), make.series_of(make.course(2)[0])
    outcomes = race([{"deed": "join", "person_id": ann, "series_id": series} for _ in range(NINE)])
    assert outcomes == {"join done": NINE}
    assert rows(app, MOST_ON_A_WEEK) == [1, 1]
