"""Races run in several real processes, each with many threads, all released by the same word."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.races import driver
from tests.support.forks import Connection, ForkServerProcess, processes

PROCESSES = 3
_STARTS_WITHIN_SECONDS, _ENDS_WITHIN_SECONDS = 60, 120
Deeds = list[dict[str, Any]]
Running = tuple[ForkServerProcess, Connection]


@pytest.fixture
def race(database_url: str) -> Callable[..., Counter[str]]:
    """Do all deeds in the same moment, with or `without` one lock, and count the outcomes."""

    def run(deeds: Deeds, without: str = "nothing") -> Counter[str]:
        running = [_start(deeds[number::PROCESSES], without, database_url) for number in range(PROCESSES)]
        try:
            told = _release([line for _process, line in running])
        finally:
            for process, line in running:
                process.kill()
                process.join()
                line.close()
        return sum(told, Counter())

    return run


def _start(deeds: Deeds, without: str, database_url: str) -> Running:
    ours, theirs = processes.Pipe()
    # One deed may stand in the list many times: each thread has its own.
    asked = {"deeds": [dict(deed) for deed in deeds], "without": without, "database_url": database_url}
    process = processes.Process(target=driver.main, args=(asked, theirs), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _release(lines: list[Connection]) -> list[Counter[str]]:
    """Wait until everybody stands at the line, then give the word to all."""
    for line in lines:
        assert line.poll(_STARTS_WITHIN_SECONDS)
        assert line.recv() == "ready"
    for line in lines:
        line.send("go")
    told = []
    for line in lines:
        assert line.poll(_ENDS_WITHIN_SECONDS)
        told.append(line.recv())
    return told
