"""One process that has the application ready, and lets workers be born of it in a moment, to live or die."""

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from booking import clock, create_app, worker
from booking.db import db
from tests.crash import driver, sockets
from tests.support.databases import settings_for_tests
from tests.support.forks import Connection, processes

LEASE = timedelta(seconds=120)
_LIVES_AT_MOST_SECONDS = 120


@dataclass(frozen=True)
class Birth:
    """What one worker is told: what time it is, and when it dies, if it does."""

    later: timedelta = timedelta(0)
    dies_in: str = ""
    dies_after_seconds: float = 0.0
    cut: str = ""
    widened_seconds: float = 0.0
    lives_seconds: int = _LIVES_AT_MOST_SECONDS


@dataclass(frozen=True)
class Death:
    """How a worker ended; one that ended by itself says which moments at the mail server it went through."""

    killed: bool
    moments: tuple[str, ...] = ()


@dataclass
class Nursery:
    """Where tests ask for workers; each looks at a clock that is past every lease of those before it."""

    line: Connection
    kills: int = 0
    _births: int = 0

    def live(self, *births: Birth) -> list[Death]:
        """Let workers live at the same time, and say how each ended."""
        self._births += 1
        later = self._births * (LEASE + timedelta(seconds=1))
        self.line.send([Birth(**{**vars(birth), "later": later}) for birth in births])
        assert self.line.poll(max(birth.lives_seconds for birth in births) + 10), "the nursery said nothing"
        ended: list[Death] = self.line.recv()
        self.kills += sum(death.killed for death in ended)
        return ended

    def dies_in(self, moment: str, cut: str = "") -> None:
        """Let one worker die in a moment at the mail server, such as the second time it has sent RCPT."""
        assert self.live(Birth(dies_in=moment, cut=cut)) == [Death(killed=True)], moment

    def finish(self, cut: str = "", within_seconds: int = _LIVES_AT_MOST_SECONDS) -> tuple[str, ...]:
        """Let a healthy worker do the rest, and return the moments it went through."""
        (end,) = self.live(Birth(cut=cut, lives_seconds=within_seconds))
        assert not end.killed
        return end.moments


@contextmanager
def nursery(database_url: str, mail_url: str) -> Iterator[Nursery]:
    """Keep a nursery until the block ends."""
    ours, theirs = processes.Pipe()
    process = processes.Process(target=tend, args=(database_url, mail_url, theirs))
    process.start()
    try:
        yield Nursery(ours)
    finally:
        process.kill()
        process.join()
        ours.close()


def tend(database_url: str, mail_url: str, line: Connection) -> None:
    """Let workers be born as asked, without ever opening the database here."""
    app = create_app(settings_for_tests(database_url, mail_url=mail_url, log_level="CRITICAL"))
    with app.app_context():
        while True:
            births: list[Birth] = line.recv()
            line.send(_ended([_born(birth) for birth in births]))


def _born(birth: Birth) -> tuple[int, int, float]:
    hears, says = os.pipe()
    pid = os.fork()
    if pid == 0:
        _live(birth, says)
    os.close(says)
    return pid, hears, birth.dies_after_seconds


def _live(birth: Birth, says: int) -> None:
    status = 1
    try:
        signal.alarm(birth.lives_seconds)
        random.seed()
        db.engine.dispose(close=False)
        clock.set_source(lambda: datetime.now(UTC) + birth.later)
        # What else a round does is for other tests; here it would only take its time.
        worker.Worker.is_time = lambda *_deed: False  # type: ignore[method-assign]
        moments = sockets.Moments(birth.dies_in)
        sockets.watch(moments)
        driver.cut(birth.cut)
        driver.widen(birth.widened_seconds)
        worker.run_once(LEASE)
        os.write(says, "\n".join(moments.passed).encode())
        status = 0
    finally:
        os._exit(status)


def _ended(born: list[tuple[int, int, float]]) -> list[Death]:
    began = time.monotonic()
    for pid, _hears, after in sorted(born, key=lambda one: one[2]):
        if after:
            time.sleep(max(0.0, began + after - time.monotonic()))
            os.kill(pid, signal.SIGKILL)
    return [_buried(pid, hears) for pid, hears, _after in born]


def _buried(pid: int, hears: int) -> Death:
    _pid, status = os.waitpid(pid, 0)
    with open(hears, "rb") as words:
        moments = words.read().decode().splitlines()
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, -signal.SIGKILL):
        raise RuntimeError(f"a worker ended with {code}")
    return Death(code != 0, tuple(moments))
