"""A course lives as its model says: booked, waited for and left with all its weeks, or week by week."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from sqlalchemy import text

from booking import clock
from tests.model.conftest import Deed, Hands
from tests.model.course import Course
from tests.model.life import BEGIN, MINUTES, ONLINE, ROOM, Life, deed, lives, play
from tests.model.rows import Date, Human
from tests.support.builders import Builders
from tests.support.truth import Truth

pytestmark = pytest.mark.properties

HUMANS, WEEKS = 6, 3
IN_HOURS = st.sampled_from((3, 30, 50, 76, 100))
people, weeks, hands = st.integers(0, HUMANS - 1), st.integers(0, WEEKS - 1), st.integers(0, 2)
hers = {"date": weeks, "human": people}

COURSE = deed("enrol", **hers) | deed("leave_course", **hers) | deed("leave_course", **hers)
WEEK = deed("book", **hers, pool=st.just(ROOM), party=st.just(1)) | deed("come", **hers)
WAIT = deed("wait_for_all", **hers) | deed(
    "join",
    **hers,
    pool=st.just(ROOM),
    party=st.just(1),
    tells_late=st.booleans(),
    notice=st.sampled_from((0, 0, 12)),
)
LEAVING = deed("give_up", **hers) | deed("leave", **hers)
ANSWERS = deed("accept", **hers) | deed("decline", **hers)
OFFICE = deed("resize", date=weeks, pool=st.just(ROOM), places=st.integers(1, 3))
RARE = deed("cancel", date=weeks) | deed("die", human=people)
# Named several times: what happens often in life.
DEEDS = st.one_of(COURSE, COURSE, WEEK, WAIT, WAIT, LEAVING, LEAVING, ANSWERS, ANSWERS, OFFICE, RARE)
_ENROLLED = text("SELECT person_id FROM enrolment WHERE state = 'enrolled' AND series_id = :series")


class OfACourse(Life[Course]):
    """A life of one course of three weeks, of which the first is soon."""

    @initialize(first_in=IN_HOURS, places=st.integers(1, 2), single_weeks=st.booleans())
    def begin(self, first_in: int, places: int, single_weeks: bool) -> None:
        clock.set_source(lambda: BEGIN)
        self.clear()
        self.actor = self.make.admin()
        humans = [Human(has_email=number < HUMANS - 1) for number in range(HUMANS)]
        ids = self.people([one.has_email for one in humans])
        starts = [timedelta(hours=first_in, weeks=week) for week in range(WEEKS)]
        facts: dict[str, Any] = {"places_room": places, "single_weeks": single_weeks, "join_until_week": 2}
        date_ids = self.make.course(WEEKS, first_in=starts[0], **facts)
        self.series = self.make.series_of(date_ids[0])
        pools: dict[str, int | None] = {ROOM: places, ONLINE: 0}
        there = [Date(BEGIN + one, BEGIN + one + timedelta(hours=1), dict(pools)) for one in starts]
        self.model, self.truth = (
            Course(humans, there, BEGIN, single_weeks=single_weeks),
            Truth(self.app, date_ids, ids),
        )
        for human in range(places):
            self.do_alone(("enrol", {"date": 0, "human": human}), 0)
        wish = {"date": 1, "pool": ROOM, "party": 1, "tells_late": True, "notice": 0}
        self.do_alone(("wait_for_all", {"date": 0, "human": places}), 0)
        if single_weeks:
            self.do_alone(("join", {"human": places + 1, **wish}), 1)
        self.do_alone(("wait_for_all", {"date": 0, "human": places + 2}), 2)

    def differs(self, model: Course) -> str:
        enrolled = sorted(self.truth.humans.index(row.person_id) for row in self._enrolled())
        if enrolled != sorted(model.enrolled):
            return f"on the course:\n real  {enrolled}\n model {sorted(model.enrolled)}"
        return super().differs(model)

    @rule(one=DEEDS, hand=hands)
    def alone(self, one: Deed, hand: int) -> None:
        self.do_alone(one, hand)

    @rule(one=DEEDS, other=DEEDS)
    def together(self, one: Deed, other: Deed) -> None:
        self.do_together(one, other)

    @rule(minutes=st.sampled_from((*MINUTES, 7 * 24 * 60)), hand=hands)
    def later(self, minutes: int, hand: int) -> None:
        self.move_on(minutes, hand)

    def _enrolled(self) -> list[Any]:
        return self.truth.ask(_ENROLLED, series=self.series)


def test_a_course_lives_as_the_model_says(app: Flask, make: Builders, hands: Hands) -> None:
    play(OfACourse, app, make, hands, lives(10))


@pytest.mark.parametrize("hands", ["without courses", "weeks before courses"], indirect=True)
def test_a_course_that_is_offered_to_nobody_or_out_of_turn_is_noticed(
    app: Flask, make: Builders, hands: Hands
) -> None:
    with pytest.raises(AssertionError, match="places:|stranded|out of turn"):
        play(OfACourse, app, make, hands, 40)
