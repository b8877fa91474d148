"""The browser of the journeys starts, on a phone's width too."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.support.browser import PHONE

pytestmark = pytest.mark.browser


def test_chromium_shows_a_page(page: Page) -> None:
    page.set_content("<h1>Find a session</h1>")
    assert page.get_by_role("heading", name="Find a session").is_visible()


def test_two_people_have_separate_browsers(new_context: Callable[..., BrowserContext]) -> None:
    ann, ben = new_context(viewport=PHONE), new_context()
    ann.add_cookies([{"name": "booking", "value": "ann", "url": "http://127.0.0.1"}])
    assert (len(ann.cookies()), len(ben.cookies())) == (1, 0)
