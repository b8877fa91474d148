"""A worker killed at every single send and receive of a run, and at moments nobody chose, loses no letter."""

import random
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.crash import driver, sockets
from tests.crash.nursery import Birth, Nursery, nursery
from tests.crash.story import confirm, duplicates, faults, give_places, lay_out
from tests.support.smtp import MailServer, mail_server

pytestmark = pytest.mark.crash
HAS_SENT = f"{sockets.SENT} {sockets.THE_LETTER}"
IS_SENDING = f"{sockets.BEFORE_SEND} {sockets.THE_LETTER} 1"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def born(database_url: str, server: MailServer) -> Iterator[Nursery]:
    with nursery(database_url, server.url) as running:
        yield running


def sweep(app: Flask, server: MailServer, born: Nursery) -> dict[str, int]:
    """Let a worker die in each moment of a run of two letters, and say how many copies each death cost."""
    places, cost = give_places(app, 2), dict[str, int]()
    confirm(app, places)
    for time, moment in enumerate(born.finish(), 2):
        before = duplicates(server)
        confirm(app, places, time)
        born.dies_in(moment)
        born.finish()
        cost[moment] = duplicates(server) - before
    return cost


def run(app: Flask, server: MailServer, born: Nursery, moment: str, cut: str) -> list[str]:
    """Let one worker die in one moment with a net cut, another do the rest, and say what went wrong."""
    lay_out(app, 3)
    born.dies_in(moment, cut)
    born.finish(cut)
    return [fault.partition(":")[0] for fault in faults(app, server, born.kills)]


def test_a_worker_killed_at_any_send_or_receive_loses_nothing_and_doubles_one_at_most(
    app: Flask, server: MailServer, born: Nursery
) -> None:
    cost = sweep(app, server, born)
    assert {f"{HAS_SENT} 2", "heard the answer to quit 1"} <= set(cost)
    assert born.kills == len(cost) >= 30
    assert faults(app, server, born.kills) == []
    doubling = {moment.rpartition(" ")[0] for moment, copies in cost.items() if copies}
    assert doubling == set(sockets.MAY_DOUBLE)
    assert max(cost.values()) == 1


def test_workers_killed_at_random_lose_nothing(app: Flask, server: MailServer, born: Nursery) -> None:
    chance = random.Random(6)
    lay_out(app, 60)
    for _pair in range(15):
        born.live(*(Birth(dies_after_seconds=chance.uniform(0.05, 0.25), widened_seconds=0.01),) * 2)
    born.finish()
    assert born.kills >= 20
    assert faults(app, server, born.kills) == []


@pytest.mark.soak
def test_a_thousand_killed_workers_lose_none_of_five_thousand_letters(
    app: Flask, server: MailServer, born: Nursery
) -> None:
    chance = random.Random()
    lay_out(app, 5_000)
    while born.kills < 1_000:
        pair = [Birth(dies_after_seconds=chance.uniform(0.05, 0.5), widened_seconds=0.01) for _ in range(2)]
        born.live(*pair)
    # Thousands are left for the last one.
    born.finish(within_seconds=900)
    assert len(server.delivered) >= 5_000
    assert faults(app, server, born.kills) == []
    assert duplicates(server) <= born.kills


def test_the_sweep_finds_a_letter_noted_before_it_was_sent(
    app: Flask, server: MailServer, born: Nursery
) -> None:
    assert run(app, server, born, IS_SENDING, driver.NOTED_FIRST) == ["lost"]


def test_the_sweep_finds_leases_that_nobody_takes_back(app: Flask, server: MailServer, born: Nursery) -> None:
    assert run(app, server, born, IS_SENDING, driver.NOT_TAKEN_BACK) == ["lost"] * 3


def test_the_sweep_finds_letters_noted_late(app: Flask, server: MailServer, born: Nursery) -> None:
    assert run(app, server, born, f"{HAS_SENT} 2", driver.NOTED_LATE) == ["doubled"]


def test_the_sweep_finds_letters_that_are_another_one_each_time(
    app: Flask, server: MailServer, born: Nursery
) -> None:
    assert "unknown" in run(app, server, born, f"{HAS_SENT} 1", driver.NEW_IDENTITY)
