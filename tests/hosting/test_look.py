"""The pages of a host in a browser: usable by everybody, on the smallest phone, with the script away."""

from collections.abc import Callable, Iterator
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page
from werkzeug.serving import make_server

from booking.models.kinds import Mode
from tests.hosting.scene import Scene
from tests.support.browser import PHONE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
MORE = ("", "/walk-in", "/print")
# What waits unseen has no size yet.
SMALL = """() => [...document.querySelectorAll("main button, main a.govuk-button, main select, main input")]
    .filter(e => e.type !== "hidden" && !e.closest("[hidden]") && (e.offsetHeight < 48 || e.offsetWidth < 44))
    .map(e => e.outerHTML)"""
WIDTH = "() => document.documentElement.scrollWidth"


@pytest.fixture
def address(scene: Scene) -> Iterator[str]:
    """Serve the application to a browser."""
    server = make_server("127.0.0.1", 0, scene.app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_as_fay(
    scene: Scene, address: str, new_context: Callable[..., BrowserContext]
) -> Callable[..., Page]:
    def open_one(**options: object) -> Page:
        cookie = scene.as_host().get_cookie("booking")
        assert cookie is not None
        context = new_context(**options)
        context.add_cookies([{"name": "booking", "value": cookie.value, "url": address}])
        return context.new_page()

    return open_one


def pages(scene: Scene, address: str) -> list[str]:
    scene.make.booking(scene.session, scene.make.person("Cat", access_needs="Lip-reads " * 20))
    hybrid = scene.today("Writing for a calm mind", mode=Mode.HYBRID)
    scene.make.booking(hybrid, scene.make.person("Bartholomew-" * 6, email=None))
    return [
        f"{address}/host",
        *(f"{address}/host/sessions/{s}{m}" for s in (scene.session, hybrid) for m in MORE),
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(scene: Scene, address: str, open_as_fay: Callable[..., Page], scheme: str) -> None:
    page = open_as_fay(viewport=PHONE, color_scheme=scheme)
    for path in pages(scene, address):
        page.goto(path)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate(SMALL) == []


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_scrolls_sideways(
    scene: Scene, address: str, open_as_fay: Callable[..., Page], width: int
) -> None:
    page = open_as_fay(viewport={"width": width, "height": 800})
    for path in pages(scene, address):
        page.goto(path)
        assert page.evaluate(WIDTH) <= width, path


def test_the_register_works_without_javascript_and_stays_in_its_place(
    scene: Scene, address: str, open_as_fay: Callable[..., Page]
) -> None:
    page = open_as_fay(viewport=PHONE, java_script_enabled=False)
    page.goto(f"{address}/host/sessions/{scene.session}")
    page.locator(f"#booking-{scene.bens}").get_by_role("button", name="Didn't come").click()
    row = page.locator(f"#booking-{scene.bens}")

    assert page.url.endswith(f"#booking-{scene.bens}")
    assert row.get_by_role("button", name="Didn't come").get_attribute("aria-pressed") == "true"
    row.get_by_role("button", name="Undo").click()
    assert page.get_by_text("2 not recorded").is_visible()
