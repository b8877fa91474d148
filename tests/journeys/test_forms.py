"""Forms that were filled in wrongly lead, by link, focus and words, to the field that needs a hand."""

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import House
from tests.journeys.look import findings

pytestmark = pytest.mark.browser
# Who, where, what is put into which fields, the button, and the fields that must be named.
FORMS = [
    ("", "/register", {}, "Register", ["full_name", "email", "who", "agrees"]),
    ("", "/sign-in", {"email": "ann at home"}, "Email me a link", ["email"]),
    ("", "{shared}", {}, "Sign in", ["person"]),
    ("Ben", "/sessions/{later}/book", {}, "Confirm my place", ["pool"]),
    ("", "/sessions/{later}/book", {}, "Confirm my place", ["full_name", "email", "who", "pool", "agrees"]),
    ("Ann", "/me/access-needs", {"needs": "x" * 501}, "Save", ["needs"]),
    ("Fay", "/host/sessions/{soon}/walk-in", {}, "Add this name", ["first_name"]),
    ("Fay", "/host/sessions/{soon}/message", {}, "See how it will be read", ["words"]),
    ("Fay", "/host/sessions/{soon}/walk-in", {}, "Add this person", ["person"]),
    ("Ada", "/office/schedule/new", {}, "Check the dates", ["title", "starts_on", "start_time"]),
    ("Ada", "/office/sessions/{later}/edit", {"starts_on": "32"}, "Check the change", ["starts_on"]),
]
_WIRES = """(id) => {
    const field = document.getElementById(id);
    const around = [field, field.closest('fieldset'), field.closest('[role=group]')].filter(Boolean);
    const named = around.flatMap(each => (each.getAttribute('aria-describedby') || '').split(' '));
    return {
        focused: document.activeElement === field,
        said: named.filter(Boolean).map(
            each => document.getElementById(each)?.textContent || 'NOTHING').join(' '),
        invalid: field.getAttribute('aria-invalid') === 'true' || ['radio', 'checkbox'].includes(field.type),
    };
}"""


def send(page: Page, typed: dict[str, str], button: str) -> None:
    for field, words in typed.items():
        page.locator(f"[id='{field}']").fill(words)
    page.get_by_role("main").get_by_role("button", name=button, exact=True).click()
    page.locator(".govuk-error-summary").wait_for()


def wiring(page: Page) -> dict[str, list[str]]:
    """Follow every link of the summary, and say what is wrong with where it leads."""
    found = {}
    for link in page.locator(".govuk-error-summary a").all():
        target = (link.get_attribute("href") or "").removeprefix("#")
        link.click()
        wires = page.evaluate(_WIRES, target)
        wrong = [] if wires["focused"] else ["is not focused"]
        wrong += (
            [] if link.inner_text() in wires["said"] and "NOTHING" not in wires["said"] else ["says nothing"]
        )
        found[target] = wrong + ([] if wires["invalid"] else ["is not marked as wrong"])
    return found


@pytest.mark.parametrize(("name", "pattern", "typed", "button", "fields"), FORMS)
def test_an_error_leads_to_its_field(
    house: House, name: str, pattern: str, typed: dict[str, str], button: str, fields: list[str]
) -> None:
    page = house.visit(name, pattern)
    send(page, typed, button)
    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.className") == "govuk-error-summary"
    found = wiring(page)
    assert [field for field in fields if field not in found] == []
    assert {field: wrong for field, wrong in found.items() if wrong} == {}
    assert findings(page) + house.complaints == []
