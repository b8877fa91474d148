"""The waiting list in a browser: joined on a phone, answered from a letter, raced for, left with one tap."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.look import findings
from tests.journeys.walk import World
from tests.support.browser import PHONE
from tests.support.builders import Builders
from tests.support.processes import service

pytestmark = pytest.mark.browser
SUNDAY = "2026-11-22T10:00:00+00:00"
ANN, BEN, ZOE = "ann@example.org", "ben@example.org", "zoe@example.net"


@pytest.fixture
def session_id(make: Builders, clock_at: Callable[[str], datetime]) -> int:
    """Ann and Ben are known, and a session in ten days has one place."""
    clock_at(SUNDAY)
    for name in ("Ann", "Ben"):
        make.person(name)
    return make.session(make.series(places_room=1), starts_in=timedelta(days=10))


@pytest.fixture
def world(
    session_id: int, database_url: str, tmp_path: Path, new_context: Callable[..., BrowserContext]
) -> Iterator[World]:
    clock_file = tmp_path / "clock"
    clock_file.write_text(SUNDAY)
    with service(database_url, tmp_path, CLOCK_FILE=str(clock_file)) as running:
        running.start_web()
        running.start_worker()
        yield World(running, clock_file, new_context)


def press(page: Page, words: str) -> None:
    """Press a button, or a link that looks like one."""
    inside = page.get_by_role("main")
    inside.get_by_role("button", name=words).or_(inside.get_by_role("link", name=words)).first.click()


def bens_place(world: World, session_id: int) -> Page:
    page = world.somebody()
    world.sign_in(page, BEN)
    page.goto(f"/sessions/{session_id}/book")
    press(page, "Confirm my place")
    expect(page.get_by_role("main")).to_contain_text("You have a place")
    return page


def test_ann_waits_on_her_phone_and_says_yes_from_the_letter(world: World, session_id: int) -> None:
    ben, ann = bens_place(world, session_id), world.somebody(viewport=PHONE)
    world.sign_in(ann, ANN)
    ann.goto("/sessions")
    press(ann, "Join the waiting list")
    assert findings(ann) == []
    press(ann, "Join the waiting list")
    expect(ann.get_by_role("main")).to_contain_text("You are next.")
    assert findings(ann) == []
    press(ben, "I can't come")
    press(ben, "I can't come")
    world.open_letter(ann, world.wait_for_letter(ANN, "/offers/"), "/offers/")
    assert findings(ann) == []
    press(ann, "Yes please")
    expect(ann.get_by_role("heading", level=1)).to_contain_text("You have a place")


def test_somebody_new_waits_without_scripts_and_leaves_with_one_tap(world: World, session_id: int) -> None:
    bens_place(world, session_id)
    zoe = world.somebody(viewport=PHONE, java_script_enabled=False)
    zoe.goto(f"/sessions/{session_id}")
    press(zoe, "Join the waiting list")
    zoe.get_by_label("Your full name").fill("Zoe Newcomer")
    zoe.get_by_label("Email address").fill(ZOE)
    zoe.get_by_label("I live with secondary breast cancer").check()
    zoe.get_by_label("I agree that you keep these details").check()
    press(zoe, "Join the waiting list")
    expect(zoe.get_by_role("main")).to_contain_text("You have your turn on the waiting list from now on.")
    world.open_letter(zoe, world.wait_for_letter(ZOE, "/confirm/"), "/confirm/")
    press(zoe, "Keep my turn")
    expect(zoe.get_by_role("main")).to_contain_text("You are next.")
    press(zoe, "Leave the waiting list")
    expect(zoe.get_by_role("main")).to_contain_text("You are not on this waiting list any more.")


def test_two_browsers_race_for_the_last_place(world: World, session_id: int) -> None:
    ann = world.somebody(viewport=PHONE)
    world.sign_in(ann, ANN)
    ann.goto(f"/sessions/{session_id}/book")
    bens_place(world, session_id)
    press(ann, "Confirm my place")
    said = "Somebody took the last place a moment ago. You are first on the waiting list if you like."
    expect(ann.get_by_text(said)).to_be_visible()
    press(ann, "Join the waiting list")
    expect(ann.get_by_role("main")).to_contain_text("You are next.")
