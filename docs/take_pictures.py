"""Takes the pictures of the README from the running service: `.venv/bin/python -m docs.take_pictures`.

It fills a database of its own with the sample season, on a day that never changes, and walks through pages
as somebody would. It needs the development requirements (`make test` installs them) and Chromium.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.journeys.walk import World
from tests.support.browser import DESKTOP, FLAGS, MISSING, PHONE, find_chromium
from tests.support.databases import migrate
from tests.support.processes import service

PICTURES = Path(__file__).parent / "pictures"
NOON = "2026-11-25T12:50:00+00:00"
AT_THE_DOOR = "2026-11-25T13:20:00+00:00"
ROSA = "rosa@example.net"
TEA, OTHER = "Tea & A Chat Manchester", "Singing for breath"


def main() -> int:
    """Take every picture anew."""
    if find_chromium() is None:
        print(MISSING, file=sys.stderr)
        return 1
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, a_day_of_the_season(Path(folder)) as world:
        rosa = world.somebody(viewport=PHONE)
        of_a_patient(world, rosa)
        of_a_host(world, rosa)
        of_the_office(world)
    return 0


@contextmanager
def a_day_of_the_season(folder: Path) -> Iterator[World]:
    """Run web and worker on the sample season."""
    clock, url = folder / "clock", f"sqlite:///{folder}/booking.sqlite3"
    clock.write_text(NOON)
    migrate(url)
    with service(url, folder, CLOCK_FILE=str(clock)) as running, sync_playwright() as playwright:
        running.run("demo")
        running.start_web()
        running.start_worker()
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)

        def open_browser(**options: Any) -> BrowserContext:
            return chromium.new_context(locale="en-GB", timezone_id="Europe/London", **options)

        yield World(running, clock, open_browser)
        chromium.close()


def of_a_patient(world: World, rosa: Page) -> None:
    """Find a session, book two places, the first as somebody new, and read the letter."""
    desk = world.somebody(viewport=DESKTOP)
    desk.goto("/sessions")
    take(desk, "find-a-session-desktop")
    for title in (TEA, OTHER):
        rosa.goto("/sessions?q=" + title.split(" & ")[-1].replace(" ", "+"))
        rosa.get_by_role("link", name=f"Book a place {title}").first.click()
        if title == TEA:
            world.arrive(rosa, "Rosa Okafor", ROSA)
        else:
            rosa.get_by_role("button", name="Confirm my place").click()
    rosa.goto("/my-sessions")
    take(rosa, "my-sessions-phone")
    rosa.goto("/sessions")
    take(rosa, "find-a-session-phone")
    letter = world.wait_for_letter(ROSA, "You have a place")
    rosa.goto(f"/mailbox/{letter['id']}/letter.html")
    take(rosa, "letter-phone")


def of_a_host(world: World, rosa: Page) -> None:
    """Take the first marks of a register."""
    world.clock(AT_THE_DOOR)
    fay = world.somebody(viewport=PHONE)
    world.sign_in(fay, "fay@example.org")
    fay.goto("/host")
    fay.get_by_role("link", name=f"Who came {TEA}").click()
    for _ in range(2):
        unmarked = fay.get_by_role("group").filter(has_not=fay.get_by_role("button", pressed=True))
        unmarked.first.get_by_role("button", name="Came", exact=True).click()
        fay.wait_for_load_state()
    fay.evaluate("window.scrollTo(0, 0)")
    take(fay, "register-phone")


def of_the_office(world: World) -> None:
    """Look at the figures."""
    ada = world.somebody(viewport=DESKTOP)
    world.open_the_office(ada, "ada@example.org")
    ada.goto("/office/attendance")
    take(ada, "attendance-desktop")


def take(page: Page, name: str) -> None:
    """Keep what stands on the screen, once its letters are there."""
    page.evaluate("document.fonts.ready")
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")
    print(f"{name}.png")


if __name__ == "__main__":
    sys.exit(main())
