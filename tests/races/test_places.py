"""Whatever collides about places, none is sold twice, none lies free while somebody waits, nothing fails.

Each kind is shown to go wrong without locks, on one database at least; hundreds go right with them,
thousands by `make soak`, at the database's own speed and over a slow line.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from itertools import islice

import pytest
from flask import Flask
from sqlalchemy import text

from booking import clock
from booking.db import db
from tests.races.contests import CONTESTS, CROWDS, GUARDED_ON, Deeds, Stage
from tests.support.builders import Builders
from tests.support.processes import ROOT
from tests.support.slow_line import SlowLine, slow_line
from tests.support.truth import Truth

pytestmark = pytest.mark.race
PROCESSES = 3
# So many contests of one kind go on in one round.
AT_ONCE = 6
Contest = Callable[[Stage], Deeds]
AT_A_CANCELLED_DATE = """SELECT b.id FROM booking b JOIN scheduled_session s ON s.id = b.session_id
    WHERE s.state = 'cancelled' AND b.state IN ('booked', 'offered', 'waiting')"""


@dataclass(frozen=True)
class Pace:
    """How long things take. Units: seconds on the way to the database, and between reading and writing."""

    line: float = 0.0
    moment: float = 0.0


AT_FULL_SPEED = Pace()
# On SQLite the line is a moment after each statement, most of them spent with the lock held.
SLOW = {"sqlite": Pace(0.001, 0.005), "postgresql": Pace(0.003, 0.005)}
# Without locks the harm must be done at once, also where other work keeps the machine busy.
WIDE = Pace(moment=0.15)


class Ring:
    """Several processes on one database, asked round after round."""

    def __init__(self, database_url: str, line: SlowLine | None, locked: bool) -> None:
        self.line, address = line, line.through if line else database_url
        command = [sys.executable, "-m", "tests.races.rounds", address, "" if locked else "without locks"]
        self.running = [
            subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(PROCESSES)
        ]
        for process in self.running:
            assert self._heard(process) == "ready"

    def round(self, deeds: Deeds, pace: Pace) -> Counter[str]:
        """Let all deeds happen at once, and count what came of them."""
        if self.line:
            self.line.seconds = pace.line
        for number, process in enumerate(self.running):
            assert process.stdin is not None
            told = {"deeds": deeds[number::PROCESSES], "pace": asdict(pace)}
            process.stdin.write(json.dumps(told) + "\n")
            process.stdin.flush()
        return sum((Counter(json.loads(self._heard(one))) for one in self.running), Counter())

    def end(self) -> None:
        for process in self.running:
            process.kill()
            process.communicate()

    def _heard(self, process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        return process.stdout.readline().strip()


@contextmanager
def ring(database_url: str, *, locked: bool = True) -> Iterator[Ring]:
    """Start the processes, on PostgreSQL at the end of a line that can be made slow."""
    lines = slow_line(database_url) if database_url.startswith("postgresql") else nullcontext()
    with lines as line:
        there = Ring(database_url, line, locked)
        try:
            yield there
        finally:
            there.end()


@pytest.fixture
def stage(app: Flask, make: Builders) -> Stage:
    return Stage(app, make)


def play(stage: Stage, there: Ring, contest: Contest, pace: Pace, many: int = AT_ONCE) -> list[str]:
    """Play one contest several times at once, and name what must not be afterwards."""
    truth = Truth(stage.app, [], [])
    heard = there.round([deed for _ in range(many) for deed in contest(stage)], pace)
    found = [words for words in heard if words.startswith("FAULT")]
    found += truth.faults(clock.now()) + truth.overwritten() + at_a_cancelled_date(stage.app)
    stage.clear()
    return [f"{contest.__name__}: {words}" for words in found]


def at_a_cancelled_date(app: Flask) -> list[str]:
    with app.app_context(), db.engine.connect() as connection:
        return [f"at a cancelled date {row}" for row in connection.execute(text(AT_A_CANCELLED_DATE))]


def play_all(stage: Stage, there: Ring, rounds: int, pace: Pace) -> list[str]:
    """Play every contest so many rounds; the crowds, who are many by themselves, one at a time."""
    faults: list[str] = []
    for _ in range(rounds):
        for contest in CONTESTS:
            faults += play(stage, there, contest, pace)
        for crowd in CROWDS:
            faults += play(stage, there, crowd, pace, many=1)
    return faults


def test_some_hundreds_of_contests_end_well(app: Flask, stage: Stage, database_url: str) -> None:
    with ring(database_url) as there:
        assert play_all(stage, there, 1, AT_FULL_SPEED) == []
        assert play_all(stage, there, 1, SLOW[kind_of(database_url)]) == []


def test_without_locks_contests_go_wrong(app: Flask, stage: Stage, database_url: str) -> None:
    """Each kind is played until something is wrong; a kind in which nothing ever is proves nothing."""
    with ring(database_url, locked=False) as there:
        harmless = [
            contest.__name__
            for contest in GUARDED_ON[kind_of(database_url)]
            if not any(islice(until_wrong(stage, there, contest, WIDE), 1))
        ]
    assert " ".join(harmless) == ""


def until_wrong(stage: Stage, there: Ring, contest: Contest, pace: Pace) -> Iterator[str]:
    # Most go wrong in the first round; only what is seldom caught in the act needs the last.
    for _ in range(100):
        yield from play(stage, there, contest, pace, many=1 if contest in CROWDS else AT_ONCE)


def kind_of(database_url: str) -> str:
    return database_url.partition(":")[0].partition("+")[0]


@pytest.mark.soak
@pytest.mark.parametrize(("attempts", "is_slow"), [(20_000, False), (2_000, True)])
def test_thousands_of_contests_end_well(
    app: Flask, stage: Stage, database_url: str, attempts: int, is_slow: bool
) -> None:
    pace = SLOW[kind_of(database_url)] if is_slow else AT_FULL_SPEED
    in_a_round = len(CONTESTS) * AT_ONCE + len(CROWDS)
    with ring(database_url) as there:
        for _ in range(attempts // in_a_round + 1):
            assert play_all(stage, there, 1, pace) == []
