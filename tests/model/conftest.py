"""The processes that do the deeds of the model; each holds its own connection and remembers nothing."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.support.processes import ROOT

PROCESSES = 3
Deed = tuple[str, dict[str, Any]]


class Hands:
    """Several processes on one database; asking is one thing, hearing the answer another."""

    def __init__(self, database_url: str, cut: str = "") -> None:
        command = [sys.executable, "-m", "tests.model.hand", database_url, cut]
        self.running = [
            subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(PROCESSES)
        ]
        for number in range(PROCESSES):
            assert self._line(number) == "ready"

    def do(self, deeds: dict[int, Deed], now: datetime) -> list[str]:
        """Let each of these processes do its deed at the same time, and return what came of them."""
        for number, (deed, facts) in deeds.items():
            stdin = self.running[number].stdin
            assert stdin is not None
            stdin.write(json.dumps({"now": now.isoformat(), "deed": deed, "facts": facts}) + "\n")
            stdin.flush()
        return [json.loads(self._line(number)) for number in deeds]

    def end(self) -> None:
        """End the processes."""
        for process in self.running:
            process.kill()
            process.communicate()

    def _line(self, number: int) -> str:
        stdout = self.running[number].stdout
        assert stdout is not None
        return stdout.readline().strip()


@pytest.fixture
def hands(request: pytest.FixtureRequest, database_url: str) -> Iterator[Hands]:
    """Three processes; a test may name the net that is cut in them."""
    there = Hands(database_url, getattr(request, "param", ""))
    yield there
    there.end()
