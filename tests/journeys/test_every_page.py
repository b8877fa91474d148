"""Every page there is, looked at by axe, on narrow screens, with large letters and in the dark."""

import pytest

from tests.journeys.conftest import House
from tests.journeys.look import findings, violations
from tests.journeys.pages import IN_THE_DARK, NOT_THERE, PAGES, endpoints_with_pages

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("name", "pattern"), PAGES)
def test_a_page_can_be_read_and_used_by_everybody(house: House, name: str, pattern: str) -> None:
    page = house.visit(name, pattern)
    assert house.status == NOT_THERE.get(pattern, 200)
    assert findings(page) + house.complaints == []


@pytest.mark.parametrize(("name", "pattern"), IN_THE_DARK)
def test_a_page_can_be_read_in_a_dark_room(house: House, name: str, pattern: str) -> None:
    page = house.visit(name, pattern, color_scheme="dark")
    assert violations(page) == []


def test_a_bad_page_is_found_out(house: House) -> None:
    page = house.visit("", "/sessions")
    page.set_content("<h1>A</h1><h1>B</h1><img src='a.png'><p id=a>A</p><p id=a>" + "W" * 90 + "</p>")
    found = " ".join(findings(page))
    for sign in ("2 headings", "title is empty", "help line", "twice", "image-alt", "320px", "200% text"):
        assert sign in found


def test_no_page_is_left_out(house: House) -> None:
    adapter = house.scene.app.url_map.bind("localhost")
    paths = [
        house.scene.path(pattern).partition("?")[0] for _, pattern in PAGES if pattern != "/no-such-page"
    ]
    walked = {adapter.match(path)[0] for path in paths}
    assert endpoints_with_pages(house.scene.app) - walked == set()


def test_the_skip_link_leads_to_the_content(house: House) -> None:
    page = house.visit("", "/sessions")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main-content"
