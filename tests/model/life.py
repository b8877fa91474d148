"""One short life of a few dates: the real service does each deed, a model says what it should be."""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from flask import Flask
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from sqlalchemy import text

from booking import clock
from booking.db import db
from tests.model.conftest import Deed, Hands
from tests.model.model import Places
from tests.support.builders import Builders
from tests.support.truth import Truth

STEPS = 30
# Some hundreds of steps; 10,000 for whoever asks for the nightly profile.
NIGHTLY = settings().max_examples >= 10_000
# Playing a life takes a second: making a failing one shorter could take an hour of them.
PHASES = (Phase.generate, Phase.shrink) if os.environ.get("SHRINK") else (Phase.generate,)
BEGIN = datetime.fromisoformat("2027-03-22T09:30+00:00")
ROOM, ONLINE = "room", "online"
BY_THE_OFFICE = ("resize", "move_up", "die", "merge", "cancel")
MINUTES = (20, 90, 180, 420, 900, 1500)
Model = TypeVar("Model", bound=Places)


def deed(name: str, **facts: st.SearchStrategy[Any]) -> st.SearchStrategy[Deed]:
    """Return one deed with what it needs to know."""
    return st.tuples(st.just(name), st.fixed_dictionaries(facts))


class Life(RuleBasedStateMachine, Generic[Model]):
    """What any life needs; one that is lived says how it begins and which deeds there are."""

    app: Flask
    make: Builders
    hands: Hands
    model: Model
    truth: Truth
    actor: int

    def do_alone(self, one: Deed, hand: int) -> None:
        """Let one process do a deed."""
        said = self.real({hand: one})
        self.model = self.model.copy()
        assert said == [self.model.do(one[0], **one[1])]
        self.agrees(self.model)

    def do_together(self, one: Deed, other: Deed) -> None:
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

    def move_on(self, minutes: int, hand: int) -> None:
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
        """Return a deed with the ids of its rows."""
        given = dict(facts)
        for key in ("human", "keep", "other"):
            if key in given:
                given[key] = self.truth.humans[given[key]]
        if "date" in given:
            given["date"] = self.truth.dates[given["date"]]
        return name, given | ({"actor": self.actor} if name in BY_THE_OFFICE else {})

    def differs(self, model: Model) -> str:
        """Say in what the rows differ from the model; nothing at all when they agree."""
        wanted: dict[tuple[int, int], list[tuple[Any, ...]]] = {}
        queues = {
            (date, pool): [row.human for row in model.queue(date, pool)]
            for date in range(len(model.dates))
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

    def agrees(self, model: Model) -> None:
        """Compare, and ask what must never be."""
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
                "UPDATE enrolment SET state = 'left'",
            ):
                connection.execute(text(words))
        note("a new life begins")

    def people(self, have_email: Sequence[bool]) -> list[int]:
        """Add those of this life; whoever has no email is called."""
        without = {"email": None, "phone": "01904 1"}
        return [
            self.make.person(f"P{number}", **({} if has_email else without))
            for number, has_email in enumerate(have_email)
        ]


def play(life: type[Life[Any]], app: Flask, make: Builders, hands: Hands, lives: int) -> None:
    """Play so many lives; the first in which rows and model differ is raised."""
    try:
        run_state_machine_as_test(
            type("LifeHere", (life,), {"app": app, "make": make, "hands": hands}),
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


def lives(few: int) -> int:
    """Return how many lives to play: few, or enough for 10,000 steps at night."""
    return 10_000 // STEPS + 1 if NIGHTLY else few
