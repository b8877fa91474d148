"""Races run in several real processes, each with many threads, all released by the same word."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.processes import ROOT

PROCESSES = 3
Deeds = list[dict[str, Any]]


@pytest.fixture
def race(database_url: str) -> Callable[..., Counter[str]]:
    """Do all deeds in the same moment, with or `without` one lock, and count the outcomes."""

    def run(deeds: Deeds, without: str = "nothing") -> Counter[str]:
        running = [_start(deeds[number::PROCESSES], without, database_url) for number in range(PROCESSES)]
        try:
            told = _release(running)
        finally:
            for process in running:
                process.kill()
                process.communicate()
        return sum((Counter(json.loads(words)) for words in told), Counter())

    return run


def _start(deeds: Deeds, without: str, database_url: str) -> subprocess.Popen[str]:
    asked = json.dumps({"deeds": deeds, "without": without, "database_url": database_url})
    command = [sys.executable, "-m", "tests.races.driver", asked]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _release(running: list[subprocess.Popen[str]]) -> list[str]:
    """Wait until everybody stands at the line, then give the word to all."""
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [process.communicate(timeout=120)[0] for process in running]
