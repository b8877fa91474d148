"""Workers killed at any moment lose no letter, and double at most one each; every net is shown to hold."""

import random

import pytest
from flask import Flask

from tests.crash import driver
from tests.crash.story import kill_at_chosen_points, kill_at_random, story

pytestmark = pytest.mark.crash


def test_killed_workers_lose_no_letter(app: Flask, database_url: str) -> None:
    chance = random.Random(2)
    with story(app, database_url, letters=60) as told:
        kill_at_chosen_points(told, 10, chance)
        kill_at_random(told, 10, chance)
        told.finish()
        assert told.kills == 20
        assert told.in_the_middle >= 8
        assert told.faults() == []
        assert told.unsent() == 0


@pytest.mark.soak
def test_two_hundred_killed_workers_lose_no_letter(app: Flask, database_url: str) -> None:
    chance = random.Random()
    with story(app, database_url, letters=600) as told:
        kill_at_chosen_points(told, 100, chance)
        kill_at_random(told, 100, chance)
        told.finish(within_seconds=300)
        assert told.kills == 200
        assert told.in_the_middle >= 100
        assert told.faults() == []
        assert told.unsent() == 0


def test_letters_are_lost_when_expired_leases_are_not_taken_back(app: Flask, database_url: str) -> None:
    with story(app, database_url, letters=4) as told:
        told.dies_at(driver.CLAIMED, 1, cut=driver.NOT_TAKEN_BACK)
        told.finish(within_seconds=5, cut=driver.NOT_TAKEN_BACK)
        assert [fault[:4] for fault in told.faults()] == ["lost"] * 4


def test_letters_are_doubled_when_the_claim_is_not_exclusive(app: Flask, database_url: str) -> None:
    with story(app, database_url, letters=20) as told:
        told.finish(workers=2, cut=driver.NOT_EXCLUSIVE)
        assert [fault[:7] for fault in told.faults()] == ["doubled"]


def test_two_workers_at_once_double_nothing(app: Flask, database_url: str) -> None:
    with story(app, database_url, letters=20) as told:
        told.finish(workers=2)
        assert told.faults() == []


def test_a_letter_is_lost_when_it_is_noted_before_it_is_sent(app: Flask, database_url: str) -> None:
    with story(app, database_url, letters=3) as told:
        told.dies_at(driver.HANDING_OVER, 1, within_seconds=40, cut=driver.NOTED_FIRST)
        told.finish(cut=driver.NOTED_FIRST)
        assert [fault[:4] for fault in told.faults()] == ["lost"]
