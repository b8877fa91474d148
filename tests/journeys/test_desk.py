"""Ada has the phone in one hand: everything at the desk is done by keyboard, with and without scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import House

pytestmark = pytest.mark.browser
_NAME = """() => {
    const here = document.activeElement;
    return (here.labels?.[0] || here).innerText.trim().replace(/\\s+/g, ' ');
}"""
WIDE = {"width": 1280, "height": 900}


def tab_to(page: Page, name: str, most: int) -> None:
    """Press Tab until something of this name has the focus; more presses than this would be too many."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if re.match(name, page.evaluate(_NAME)):
            return
    raise AssertionError(f"{most} times Tab do not reach {name} on {page.url}")


def at_hand(page: Page) -> None:
    """Wait until the focus is where one types or presses next: a browser puts it there as it draws."""
    expect(page.locator("[autofocus]")).to_be_focused()


def press(page: Page, name: str, most: int) -> None:
    tab_to(page, name, most)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def find(house: House, words: str, **options: object) -> Page:
    """Open the desk and type; the box has the focus already."""
    page = house.visit("Ada", "/office/desk", viewport=WIDE, **options)
    at_hand(page)
    page.keyboard.type(words)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    return page


@pytest.mark.parametrize("scripts", [True, False])
def test_a_place_is_booked_and_given_up_in_a_few_presses(house: House, scripts: bool) -> None:
    page = find(house, "gwenllian", java_script_enabled=scripts)
    expect(page.locator("#series")).to_be_focused()
    for _ in range(4):
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown" if scripts else "Space")
    chosen = page.locator("input[name=choice]:checked")
    words = page.locator(f"label[for='{chosen.get_attribute('id')}']").inner_text().split(", ")[1]
    with page.expect_navigation():
        page.keyboard.press("Enter")
    done = page.locator(".govuk-notification-banner")
    expect(done).to_contain_text("has a place")
    expect(done).to_contain_text(words)
    expect(done).to_contain_text("You have just told them, so nobody has to call.")


def test_dates_are_narrowed_down_and_one_is_held(house: House) -> None:
    page = find(house, "müller")
    tab_to(page, "How", 1)
    page.keyboard.press("ArrowDown")
    press(page, "Show dates", 2)
    assert "way=in_person" in page.url
    expect(page.locator("input[name=choice]").first).to_be_focused()
    page.keyboard.press("Space")
    press(page, "Hold it for 15 minutes", 9)
    expect(page.get_by_text("Held for Ben until")).to_be_visible()
    press(page, "Let it go", 60)
    expect(page.get_by_text("Ben does not come any more")).to_be_visible()


def test_several_of_one_name_are_told_apart_by_enter_and_tab(house: House) -> None:
    page = find(house, "example")
    expect(page.get_by_role("heading", name=re.compile("people found"))).to_be_visible()
    at_hand(page)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Find a date")).to_be_visible()


def test_somebody_new_is_added_with_what_was_typed(house: House) -> None:
    page = find(house, "Zoe Quill")
    at_hand(page)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_label("Full name")).to_have_value("Zoe Quill")
    tab_to(page, "Phone number", 20)
    page.keyboard.type("07700 900999")
    tab_to(page, "Lives with", 12)
    page.keyboard.press("Space")
    tab_to(page, "I have read this out", 12)
    page.keyboard.press("Space")
    press(page, "Add this person", 3)
    expect(page.get_by_role("heading", name="Zoe Quill")).to_be_visible()
    expect(page.get_by_role("heading", name="Find a date")).to_be_visible()


def test_somebody_at_the_door_is_a_name_and_enter(house: House) -> None:
    page = house.visit("Ada", "/office/walk-ins", viewport=WIDE)
    at_hand(page)
    page.keyboard.type("Mo")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_text("They are on the list: Today")).to_be_visible()
