"""Places live as the model says, whatever is done in whatever order, by several processes and at once."""

import os
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import text

from booking import clock
from booking.db import db
from booking.models.kinds import Companions, Mode
from tests.model.conftest import Deed, Hands
from tests.model.model import Places
from tests.model.rows import Date, Human
from tests.support.builders import Builders
from tests.support.truth import Truth

pytestmark = pytest.mark.properties

HUMANS, DATES, STEPS = 7, 2, 30
# Some hundreds of steps; 10,000 for whoever asks for the nightly profile.
NIGHTLY = settings().max_examples >= 10_000
LIVES = 10_000 // STEPS + 1 if NIGHTLY else 12
# Playing a life takes a second: making a failing one shorter could take an hour of them.
PHASES = (Phase.generate, Phase.shrink) if os.environ.get("SHRINK") else (Phase.generate,)
BEGIN = datetime.fromisoformat("2027-03-22T09:30+00:00")
ROOM, ONLINE = "room", "online"

# Between the morning and the evening of one of the next days: no date goes on after midnight.
STARTS = st.builds(lambda days, hour: 24 * days + hour, st.integers(0, 4), st.integers(2, 10))
people = st.integers(0, HUMANS - 1)
dates = st.integers(0, DATES - 1)
# Most want the few places of the room.
pools = st.sampled_from((ROOM, ROOM, ROOM, ONLINE))
hours = st.sampled_from((0, 0, 0, 3, 12, 30, 60))
hands = st.integers(0, 2)
hers = {"date": dates, "human": people}


def deed(name: str, **facts: st.SearchStrategy[Any]) -> st.SearchStrategy[Deed]:
    """Return one deed with what it needs to know."""
    return st.tuples(st.just(name), st.fixed_dictionaries(facts))


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
BY_THE_OFFICE = ("resize", "move_up", "die", "merge", "cancel")


class Life(RuleBasedStateMachine):
    """One short life of a few dates: the real service does each deed, the model says what it should be."""

    app: Flask
    make: Builders
    hands: Hands

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
        ids = [
            self.make.person(f"P{number}", **({} if one.has_email else {"email": None, "phone": "01904 1"}))
            for number, one in enumerate(humans)
        ]
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
            self.alone(("book", {"date": date, "human": human, "pool": ROOM, "party": 1}), 0)
        for human in (room, room + 1):
            wish = {"pool": ROOM, "party": 1, "tells_late": True, "notice": 0}
            self.alone(("join", {"date": date, "human": human, **wish}), 1)

    @rule(one=DEEDS, hand=hands)
    def alone(self, one: Deed, hand: int) -> None:
        said = self.real({hand: one})
        self.model = self.model.copy()
        assert said == [self.model.do(one[0], **one[1])]
        self.agrees(self.model)

    @rule(one=DEEDS, other=DEEDS)
    def together(self, one: Deed, other: Deed) -> None:
        """Two deeds at once: the rows are as if one of them had come first."""
        said = self.real({0: one, 1: other})
        first, second = self.model.copy(), self.model.copy()
        one_first = [first.do(one[0], **one[1]), first.do(other[0], **other[1])]
        other_first = [second.do(other[0], **other[1]), second.do(one[0], **one[1])][::-1]
        fits = said == one_first and not self.differs(first)
        self.model = first if fits else second
        if not fits:
            assert said == other_first, (said, one_first, other_first)
        self.agrees(self.model)

    @rule(minutes=st.sampled_from((20, 90, 180, 420, 900, 1500)), hand=hands)
    def later(self, minutes: int, hand: int) -> None:
        """The clock moves on, and the worker looks around."""
        self.model = self.model.copy()
        self.model.now += timedelta(minutes=minutes)
        said = self.real({hand: ("work", {})})
        assert said == [self.model.do("work")]
        self.agrees(self.model)

    def real(self, deeds: dict[int, Deed]) -> list[str]:
        """Do it in the real service, by rows' ids."""
        self.truth.look_away()
        # Nobody's deeds of one life happen at one very instant, except those that do so on purpose.
        self.model.now += timedelta(seconds=1)
        return self.hands.do({hand: self.named(*one) for hand, one in deeds.items()}, self.model.now)

    def named(self, name: str, facts: dict[str, Any]) -> Deed:
        given = dict(facts)
        for key in ("human", "keep", "other"):
            if key in given:
                given[key] = self.truth.humans[given[key]]
        if "date" in given:
            given["date"] = self.truth.dates[given["date"]]
        return name, given | ({"actor": self.actor} if name in BY_THE_OFFICE else {})

    def differs(self, model: Places) -> str:
        """Say in what the rows differ from the model; nothing at all when they agree."""
        wanted: dict[tuple[int, int], list[tuple[Any, ...]]] = {}
        queues = {
            (date, pool): [row.human for row in model.queue(date, pool)]
            for date in range(DATES)
            for pool in (ROOM, ONLINE)
        }
        for row in model.rows:
            live = row.state in ("booked", "offered", "waiting")
            facts = row.pool, row.state, row.party, row.tells_late, row.offered, row.until if live else None
            wanted.setdefault((row.date, row.human), []).append((*facts, row.rests if live else None))
        pairs = (
            ("places", self.truth.places(), wanted),
            ("queues", self.truth.queues(), {where: who for where, who in queues.items() if who}),
            ("audit", self.truth.noted(), model.noted),
            ("messages", self.truth.said(), model.said),
        )
        return "\n".join(
            f"{what}:\n real  {real}\n model {meant}" for what, real, meant in pairs if real != meant
        )

    def agrees(self, model: Places) -> None:
        difference = self.differs(model)
        assert not difference, difference
        faults = self.truth.faults(model.now)
        assert not faults, faults

    def clear(self) -> None:
        """End what an earlier life left, so that no worker looks at it again."""
        with self.app.app_context(), db.engine.begin() as connection:
            for words in (
                "UPDATE booking SET state = 'expired', held_until = NULL, rests = false",
                "UPDATE scheduled_session SET state = 'cancelled'",
            ):
                connection.execute(text(words))
        note("a new life begins")


def play(app: Flask, make: Builders, hands: Hands, lives: int) -> None:
    """Play so many lives; the first in which rows and model differ is raised."""
    try:
        run_state_machine_as_test(
            type("LifeHere", (Life,), {"app": app, "make": make, "hands": hands}),
            settings=settings(
                max_examples=lives,
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                print_blob=True,
                report_multiple_bugs=False,
                phases=PHASES,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        clock.set_source(None)


def test_places_live_as_the_model_says(app: Flask, make: Builders, hands: Hands) -> None:
    play(app, make, hands, LIVES)


@pytest.mark.parametrize("hands", ["without offers"], indirect=True)
def test_a_place_that_is_offered_to_nobody_is_noticed(app: Flask, make: Builders, hands: Hands) -> None:
    with pytest.raises(AssertionError):
        play(app, make, hands, 20)
