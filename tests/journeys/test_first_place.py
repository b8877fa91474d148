"""A stranger books her first place by keyboard alone, and without JavaScript: two screens, one letter."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.look import findings
from tests.journeys.walk import World
from tests.support.browser import PHONE
from tests.support.processes import service

pytestmark = pytest.mark.browser
SUNDAY = "2026-11-22T10:00:00+00:00"
RUTH, ZOE = "ruth@example.net", "zoe@example.net"


@pytest.fixture
def world(database_url: str, tmp_path: Path, new_context: Callable[..., BrowserContext]) -> Iterator[World]:
    clock_file = tmp_path / "clock"
    clock_file.write_text(SUNDAY)
    with service(database_url, tmp_path, CLOCK_FILE=str(clock_file)) as running:
        filled = running.run("demo")
        assert filled.returncode == 0, filled.stderr
        running.start_web()
        running.start_worker()
        yield World(running, clock_file, new_context)


def open_the_page(page: Page) -> None:
    page.goto("/sessions")
    page.get_by_role("link", name="Tea & A Chat Manchester").first.click()
    page.get_by_role("link", name="Book a place").click()


def type_into(page: Page, label: str, words: str) -> None:
    """Go on with the Tab key until the field is reached, and type."""
    field = page.get_by_label(label, exact=True)
    for _ in range(60):
        if field.evaluate("each => each === document.activeElement"):
            break
        page.keyboard.press("Tab")
    else:
        raise AssertionError(f"{label} is not reached by the keyboard")
    page.keyboard.type(words)


def press(page: Page, button: str) -> None:
    """Go on with the Tab key until the button is reached, and press Enter."""
    wanted = page.get_by_role("main").get_by_role("button", name=button, exact=True)
    for _ in range(60):
        if wanted.evaluate("each => each === document.activeElement"):
            break
        page.keyboard.press("Tab")
    else:
        raise AssertionError(f"{button} is not reached by the keyboard")
    page.keyboard.press("Enter")


def test_by_keyboard_alone_on_a_phone(world: World) -> None:
    page = world.somebody(viewport=PHONE)
    open_the_page(page)
    assert findings(page) == []
    type_into(page, "Your full name", "Ruth Okafor")
    type_into(page, "Email address", RUTH)
    type_into(page, "I live with secondary breast cancer", " ")
    type_into(page, "I agree that you keep these details", " ")
    press(page, "Confirm my place")
    expect(page.get_by_role("heading", level=1)).to_contain_text("check your email")
    assert findings(page) == []
    world.open_letter(page, world.wait_for_letter(RUTH, "/confirm/"), "/confirm/")
    assert findings(page) == []
    press(page, "Confirm my place")
    expect(page.get_by_role("heading", name="My sessions")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("You have a place.")
    expect(page.get_by_role("main")).to_contain_text("Tea & A Chat Manchester")


def test_without_javascript(world: World) -> None:
    page = world.somebody(viewport=PHONE, java_script_enabled=False)
    open_the_page(page)
    world.arrive(page, "Zoe Müller", ZOE)
    expect(page.get_by_role("main")).to_contain_text("You have a place.")
    expect(page.get_by_role("main")).to_contain_text("Tea & A Chat Manchester")
