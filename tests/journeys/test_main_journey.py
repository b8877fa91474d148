"""The main job from end to end, in a real browser: find, register, book, be reminded, come, be counted."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.walk import World
from tests.support.browser import PHONE
from tests.support.processes import service

pytestmark = pytest.mark.browser
SUNDAY = "2026-11-22T10:00:00+00:00"
TWO_DAYS_BEFORE = "2026-11-23T10:00:05+00:00"
AT_THE_DOOR = "2026-11-25T13:10:00+00:00"
OVER_TEA = "2026-11-25T14:00:00+00:00"
TITLE = "Tea & A Chat Manchester"
RAMI, ZOFIA = "rami@example.net", "zofia@example.net"


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


def book_from_the_list(world: World, page: Page, name: str, address: str) -> None:
    page.goto("/sessions")
    page.get_by_role("link", name=TITLE).first.click()
    page.get_by_role("link", name="Book a place").click()
    world.arrive(page, name, address)
    expect(page.get_by_role("heading", name="My sessions")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(TITLE)


def people_who_came(page: Page) -> int:
    page.goto("/office/attendance")
    found = re.search(r"Attendances\s+([\d,]+)", page.get_by_role("main").inner_text())
    assert found, page.get_by_role("main").inner_text()[:500]
    return int(found[1].replace(",", ""))


def test_a_stranger_finds_books_is_reminded_gives_up_and_somebody_else_comes(world: World) -> None:
    rami, zofia = world.somebody(viewport=PHONE), world.somebody(java_script_enabled=False)
    book_from_the_list(world, rami, "Rami Müller", RAMI)
    world.wait_for_letter(RAMI, "You have a place")

    world.clock(TWO_DAYS_BEFORE)
    before = len(world.letters(RAMI))
    world.wait_for_letter(RAMI, beyond=before)
    time.sleep(6)
    assert len(world.letters(RAMI)) == before + 1, "the reminder came more than once"

    rami.goto("/my-sessions")
    rami.get_by_role("link", name="I can't come").first.click()
    rami.get_by_role("button", name="I can't come").click()
    expect(rami.get_by_role("main")).to_contain_text("That's fine")
    book_from_the_list(world, zofia, "Zofia O'Neil", ZOFIA)
    marks_and_counts(world)


def marks_and_counts(world: World) -> None:
    """The host marks that she came; the office's number rises by one."""
    world.clock(AT_THE_DOOR)
    ada, fay = world.somebody(), world.somebody(viewport=PHONE)
    world.open_the_office(ada, "ada@example.org")
    before = people_who_came(ada)
    world.sign_in(fay, "fay@example.org")
    fay.goto("/host")
    fay.get_by_role("link", name=f"Who came {TITLE}").click()
    marks = fay.get_by_role("group", name="Zofia")
    marks.get_by_role("button", name="Came", exact=True).click()
    expect(marks.get_by_role("button", pressed=True)).to_contain_text("Came")
    world.clock(OVER_TEA)
    assert people_who_came(ada) == before + 1
