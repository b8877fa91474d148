"""Places live as the model says, whatever is done in whatever order, by several processes and at once."""

from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from booking import clock
from booking.models.kinds import Companions, Mode
from tests.model.conftest import Deed, Hands
from tests.model.life import BEGIN, MINUTES, ONLINE, ROOM, Life, deed, lives, play
from tests.model.model import Places
from tests.model.rows import Date, Human
from tests.support.builders import Builders
from tests.support.truth import Truth

pytestmark = pytest.mark.properties

HUMANS, DATES = 7, 2

# Between the morning and the evening of one of the next days: no date goes on after midnight.
STARTS = st.builds(lambda days, hour: 24 * days + hour, st.integers(0, 4), st.integers(2, 10))
people = st.integers(0, HUMANS - 1)
dates = st.integers(0, DATES - 1)
# Most want the few places of the room.
pools = st.sampled_from((ROOM, ROOM, ROOM, ONLINE))
hours = st.sampled_from((0, 0, 0, 3, 12, 30, 60))
hands = st.integers(0, 2)
hers = {"date": dates, "human": people}

PARTIES = st.sampled_from((1, 1, 1, 2))
BOOK = deed("book", **hers, pool=pools, party=PARTIES)
JOIN = deed("join", **hers, pool=pools, party=PARTIES, tells_late=st.booleans(), notice=hours)
CHANGES = deed("switch", **hers) | deed("companion", **hers, comes=st.booleans())
LEAVING = deed("give_up", **hers) | deed("leave", **hers)
ANSWERS = deed("accept", **hers) | deed("decline", **hers)
OFFICE = (
    deed("resize", date=dates, pool=pools, places=st.integers(1, 4))
    | deed("move_up", **hers)
    | deed("change_wait", **hers, tells_late=st.booleans(), notice=hours)
)
RARE = (
    deed("die", human=people)
    | deed("merge", keep=people, other=people).filter(lambda one: one[1]["keep"] != one[1]["other"])
    | deed("cancel", date=dates)
)
# Named several times: what happens often in life.
DEEDS = st.one_of(BOOK, JOIN, JOIN, LEAVING, LEAVING, ANSWERS, ANSWERS, CHANGES, OFFICE, RARE)


class OfDates(Life[Places]):
    """A life of a few dates, each with a room and people online."""

    @initialize(
        starts=st.lists(STARTS, min_size=DATES, max_size=DATES),
        rooms=st.lists(st.integers(1, 3), min_size=DATES, max_size=DATES),
        online=st.lists(st.sampled_from((1, 1, 2, None)), min_size=DATES, max_size=DATES),
    )
    def begin(self, starts: list[int], rooms: list[int], online: list[int | None]) -> None:
        clock.set_source(lambda: BEGIN)
        self.clear()
        self.actor = self.make.admin()
        humans = [Human(has_email=number < HUMANS - 1) for number in range(HUMANS)]
        ids = self.people([one.has_email for one in humans])
        there, date_ids = [], []
        for start, room, other in zip(starts, rooms, online, strict=True):
            series = self.make.series(
                mode=Mode.HYBRID,
                places_room=room,
                places_online=other,
                companions=Companions.ALWAYS,
            )
            date_ids.append(self.make.session(series, starts_in=timedelta(hours=start)))
            starts_at = BEGIN + timedelta(hours=start)
            there.append(Date(starts_at, starts_at + timedelta(hours=1), {ROOM: room, ONLINE: other}))
        self.model, self.truth = Places(humans, there, BEGIN), Truth(self.app, date_ids, ids)
        for date, room in enumerate(rooms):
            self.crowd(date, room)

    def crowd(self, date: int, room: int) -> None:
        """Fill the room and let two wait: chance alone seldom gets so far."""
        for human in range(room):
            self.do_alone(("book", {"date": date, "human": human, "pool": ROOM, "party": 1}), 0)
        for human in (room, room + 1):
            wish = {"pool": ROOM, "party": 1, "tells_late": True, "notice": 0}
            self.do_alone(("join", {"date": date, "human": human, **wish}), 1)

    @rule(one=DEEDS, hand=hands)
    def alone(self, one: Deed, hand: int) -> None:
        self.do_alone(one, hand)

    @rule(one=DEEDS, other=DEEDS)
    def together(self, one: Deed, other: Deed) -> None:
        self.do_together(one, other)

    @rule(minutes=st.sampled_from(MINUTES), hand=hands)
    def later(self, minutes: int, hand: int) -> None:
        self.move_on(minutes, hand)


def test_places_live_as_the_model_says(app: Flask, make: Builders, hands: Hands) -> None:
    play(OfDates, app, make, hands, lives(12))


@pytest.mark.parametrize("hands", ["without offers"], indirect=True)
def test_a_place_that_is_offered_to_nobody_is_noticed(app: Flask, make: Builders, hands: Hands) -> None:
    with pytest.raises(AssertionError, match="places:|stranded|out of turn"):
        play(OfDates, app, make, hands, 20)
