"""What people do in the journeys: through pages only, as somebody with a phone and an inbox would."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import BrowserContext, Page

from tests.support.processes import Service

Letter = dict[str, Any]


@dataclass
class World:
    """A running service, its hand-moved clock, and somebody to open browsers."""

    service: Service
    clock_file: Path
    open_browser: Callable[..., BrowserContext]

    def clock(self, instant: str) -> None:
        """Move time for every process at once."""
        self.clock_file.write_text(instant)

    def letters(self, address: str, words: str = "") -> list[Letter]:
        """What lies in the mailbox for somebody, oldest first, with these words in its text."""
        with urlopen(f"{self.service.base_url}/mailbox.json", timeout=10) as answer:
            letters = json.load(answer)
        mine = [letter for letter in letters if letter["to"] == address and words in letter["text"]]
        return sorted(mine, key=lambda letter: int(letter["id"]))

    def wait_for_letter(self, address: str, words: str = "", beyond: int = 0) -> Letter:
        """Wait until one more than `beyond` such letters have come, and return the newest."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            found = self.letters(address, words)
            if len(found) > beyond:
                return found[-1]
            time.sleep(0.2)
        raise AssertionError(f"no letter came\n{self.service.log()}")

    def somebody(self, **options: Any) -> Page:
        """Open a browser of her own."""
        return self.open_browser(base_url=self.service.base_url, **options).new_page()

    def sign_in(self, page: Page, address: str) -> None:
        """Ask for a link, read the letter, press the button."""
        before = len(self.letters(address, "/sign-in/"))
        page.goto("/sign-in")
        page.get_by_label("Email address").fill(address)
        page.get_by_role("button", name="Email me a link").click()
        self.open_letter(page, self.wait_for_letter(address, "/sign-in/", before), "/sign-in/")
        page.get_by_role("button", name="Sign in").click()

    def open_the_office(self, page: Page, address: str) -> None:
        """Sign in, and set the authenticator app up with the code that the newcomer's command says."""
        self.sign_in(page, address)
        said = self.service.run("one-time-code", address).stdout
        page.get_by_label("The 6 digits from your app").fill(said.split("Code now: ")[1].strip())
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("link", name="I have kept them").click()

    def arrive(self, page: Page, name: str, address: str) -> None:
        """Fill the few fields of a booking, read the letter, press the button: the place is hers."""
        page.get_by_label("Your full name").fill(name)
        page.get_by_label("Email address").fill(address)
        page.get_by_label("I live with secondary breast cancer").check()
        page.get_by_label("I agree that you keep these details").check()
        if page.get_by_label("In the room").count():
            page.get_by_label("In the room").check()
        page.get_by_role("button", name="Confirm my place").click()
        before = len(self.letters(address, "/confirm/"))
        letter = self.wait_for_letter(address, "/confirm/", max(0, before - 1))
        self.open_letter(page, letter, "/confirm/")
        page.get_by_role("button", name="Confirm my place").click()

    def open_letter(self, page: Page, letter: Letter, path: str) -> None:
        """Open a letter in the mailbox and follow the link in it."""
        page.goto(f"/mailbox/{letter['id']}")
        found = re.search(rf"{re.escape(self.service.base_url)}({path}\S+)", letter["text"])
        assert found, "the letter holds no such link"
        page.goto(found[1])
