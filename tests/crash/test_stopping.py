"""A worker asked to stop finishes the letter in hand, and leaves everything else for the next one."""

import time

import pytest
from flask import Flask

from tests.crash.story import Story, story
from tests.support.smtp import Stall

pytestmark = pytest.mark.crash


def wait_for_attempt(told: Story) -> None:
    until = time.monotonic() + 15
    while told.server.attempts == 0 and time.monotonic() < until:
        time.sleep(0.05)


def test_the_letter_in_hand_is_finished_and_the_rest_stays(app: Flask, database_url: str) -> None:
    with story(app, database_url, letters=5) as told:
        told.server.answers.append(Stall(1.5))
        process = told.start()
        wait_for_attempt(told)
        process.terminate()
        process.join(10)
        assert process.exitcode == 0
        assert (len(told.server.delivered), told.unsent()) == (1, 4)
        told.finish()
        assert told.faults() == []


def test_a_silent_mail_server_does_not_keep_a_worker_from_stopping(app: Flask, database_url: str) -> None:
    with story(app, database_url, letters=1) as told:
        told.server.answers.append(Stall(30))
        process = told.start()
        wait_for_attempt(told)
        began = time.monotonic()
        process.terminate()
        process.join(12)
        assert time.monotonic() - began < 10
        assert process.exitcode == 0
        assert told.unsent() == 1
