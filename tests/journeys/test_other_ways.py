"""The same journeys with a keyboard alone, and where scripts are switched off."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import House
from tests.support.browser import PHONE

pytestmark = pytest.mark.browser
_NAME = """() => {
    const here = document.activeElement;
    return (here.labels?.[0] || here).innerText.trim().replace(/\\s+/g, ' ');
}"""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on something of this name, as far as anybody would go."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if re.match(name, page.evaluate(_NAME)):
            return
    raise AssertionError(f"Tab does not reach {name} on {page.url}")


def press(page: Page, name: str) -> None:
    tab_to(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_somebody_registers_books_and_gives_up_with_a_keyboard_alone(house: House) -> None:
    page = house.visit("", "/register", viewport={"width": 1280, "height": 900})
    for label, typed in (("Your full name", "Kit Keys"), ("Email address", "kit@example.net")):
        tab_to(page, label)
        page.keyboard.type(typed)
    for choice in ("I live with secondary", "I agree"):
        tab_to(page, choice)
        page.keyboard.press("Space")
    press(page, "Register$")
    house.service.run("worker", "--once")
    page.goto(f"{house.service.base_url}/mailbox")
    press(page, "Confirm")
    press(page, "http")
    press(page, "Confirm and sign in")
    press(page, "Find a session")
    press(page, "Book a place Chair yoga")
    press(page, "Confirm my place")
    press(page, "I can't come")
    press(page, "I can't come")
    expect(page.get_by_role("main")).to_contain_text("That's fine")


def test_somebody_registers_books_and_gives_up_without_scripts(house: House) -> None:
    page = house.visit("", "/register", java_script_enabled=False)
    page.get_by_label("Your full name").fill("Nan Noscript")
    page.get_by_label("Email address").fill("nan@example.net")
    page.get_by_label("I live with secondary breast cancer").check()
    page.get_by_label("I agree that you keep these details").check()
    page.get_by_role("main").get_by_role("button", name="Register").click()
    house.service.run("worker", "--once")
    page.goto(f"{house.service.base_url}/mailbox")
    page.get_by_role("link", name="Confirm").first.click()
    page.get_by_role("main").get_by_role("link").filter(has_text="/confirm/").click()
    page.get_by_role("button", name="Confirm and sign in").click()
    book_and_give_up(house, page)


def book_and_give_up(house: House, page: Page) -> None:
    page.goto(house.service.base_url + house.scene.path("/sessions/{free}"))
    page.get_by_role("link", name="Book a place").click()
    page.get_by_role("button", name="Confirm my place").click()
    page.get_by_role("link", name="I can't come").click()
    page.get_by_role("button", name="I can't come").click()
    expect(page.get_by_role("main")).to_contain_text("That's fine")


def test_a_host_takes_the_register_without_scripts(house: House) -> None:
    page = house.visit("Fay", "/host/sessions/{soon}", java_script_enabled=False, viewport=PHONE)
    page.get_by_role("group", name="Ann").get_by_role("button", name="Didn't come").click()
    expect(page.get_by_role("group", name="Ann").get_by_role("button", pressed=True)).to_contain_text(
        "Didn't"
    )
    page.get_by_role("group", name="Ann").get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="The rest came").click()
    expect(page.get_by_role("main")).to_contain_text("2 came")
    page.get_by_role("link", name="Add someone who walked in").click()
    page.get_by_label("First name").fill("Wim")
    page.get_by_role("button", name="Add this name").click()
    expect(page.get_by_role("group", name="Wim").get_by_role("button", name="Undo")).to_be_visible()


def test_a_host_writes_to_everybody_without_scripts(house: House) -> None:
    page = house.visit("Fay", "/host/sessions/{soon}", java_script_enabled=False, viewport=PHONE)
    page.get_by_role("link", name="Message everyone").click()
    page.get_by_label("What would you like to say?").fill("Please use the side door.\n\nBring a cushion.")
    page.get_by_role("button", name="See how it will be read").click()
    expect(page.get_by_role("main")).to_contain_text("It goes to 3 people. 1 of them has to be called")
    page.get_by_role("button", name="Change it first").click()
    page.get_by_label("What would you like to say?").fill("Please use the back door.")
    page.get_by_role("button", name="See how it will be read").click()
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_role("main")).to_contain_text("Each person gets a message of their own")
    house.service.run("worker", "--once")
    page.goto(f"{house.service.base_url}/mailbox")
    page.get_by_role("link", name="A message about Tea & A Chat Manchester").first.click()
    expect(page.get_by_role("main")).to_contain_text("Please use the back door.")


def test_the_office_cancels_a_date_and_notes_a_call_without_scripts(house: House) -> None:
    page = house.visit("Ada", "/office", java_script_enabled=False)
    for _call in page.get_by_role("button", name="Reached").all():
        page.get_by_role("button", name="Reached").first.click()
    expect(page.get_by_role("main")).to_contain_text("No calls to make")
    page.goto(house.service.base_url + house.scene.path("/office/sessions/{later}/cancel"))
    page.get_by_label("Own words (optional)").fill("The hall is being painted.")
    page.get_by_role("button", name="Cancel this date").click()
    expect(page.get_by_role("main")).to_contain_text("The hall is being painted.")
