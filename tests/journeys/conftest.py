"""One running house for every test that only looks: its database, its server, a browser for each person."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.journeys.scene import NOON, Scene, at_noon, set_the_scene
from tests.support.browser import PHONE
from tests.support.databases import Databases
from tests.support.processes import Service, service


@dataclass
class House:
    """The scene, the service that shows it, and the browsers that are open."""

    scene: Scene
    service: Service
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    status: int = 0
    _open: dict[tuple[str, str], Page] = field(default_factory=dict)

    def visit(self, name: str, pattern: str, **options: Any) -> Page:
        """Open a page as somebody; each person keeps her browser."""
        page = self._page(name, options)
        self.complaints.clear()
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        answer = page.goto(self.service.base_url + self.scene.path(pattern))
        self.status = answer.status if answer else 0
        return page

    def _page(self, name: str, options: dict[str, Any]) -> Page:
        key = (name, repr(options))
        if key not in self._open:
            context = self.browser.new_context(locale="en-GB", timezone_id="Europe/London", **options)
            context.set_default_timeout(10_000)
            self.scene.sign_in(context, name, self.service.base_url)
            self._open[key] = context.new_page()
            self._open[key].on("console", self._note)
            self._open[key].on("pageerror", lambda fault: self.complaints.append(str(fault)))
        return self._open[key]

    def _note(self, message: ConsoleMessage) -> None:
        # A page that is not there is a page too; that its answer is 404 is what it says.
        if message.type in ("error", "warning") and "responded with a status" not in message.text:
            self.complaints.append(message.text)

    def close(self) -> None:
        for page in self._open.values():
            page.context.close()


@pytest.fixture(scope="module")
def house(
    browser: Browser, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    (folder / "clock").write_text(NOON.isoformat())
    url = databases.empty("sqlite", folder)
    with at_noon(), service(url, folder, CLOCK_FILE=str(folder / "clock")) as running:
        scene = set_the_scene(url)
        running.start_web(threads=4)
        opened = House(scene, running, browser)
        yield opened
        opened.close()
