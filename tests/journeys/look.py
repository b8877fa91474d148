"""What is looked at on every page, each finding as a sentence: no browser extension, no human eye needed."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.support.browser import DESKTOP, PHONE

NARROW = {"width": 320, "height": 800}
_AXE = Axe()
_OUTLINE = """() => ({
    title: document.title,
    headings: [...document.querySelectorAll('h1')].length,
    help: document.querySelector('main ~ footer .help-line, body > footer .help-line') !== null,
    above: document.querySelector('footer')?.compareDocumentPosition(document.querySelector('main')) === 2,
    ids: [...document.querySelectorAll('[id]')].map(each => each.id)
})"""
_TOO_WIDE = """() => document.documentElement.scrollWidth > document.documentElement.clientWidth
    ? [...document.querySelectorAll('body *')]
        .filter(each => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
        .slice(-3).map(each => `${each.tagName}.${each.className}`).join(', ') || 'something'
    : ''"""
_SMALL = """() => [...document.querySelectorAll('main :is(a.govuk-button, button, input, select)')]
    .filter(each => each.offsetParent && each.getBoundingClientRect().height < 43.5)
    .map(each => `${each.tagName} ${each.textContent.trim() || each.name}`)"""


def findings(page: Page) -> list[str]:
    """Look at an open page on a phone, on a desk, on a narrow phone and with letters twice as large."""
    # A press on a link comes back as soon as the next page begins; it is looked at when it is whole.
    page.wait_for_load_state()
    found = outline(page)
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        found += [f"at {size['width']}px: {sentence}" for sentence in violations(page)]
    return found + reflow(page)


def outline(page: Page) -> list[str]:
    """One heading of the first rank, a title, the help line at the foot, no id twice."""
    seen: dict[str, Any] = page.evaluate(_OUTLINE)
    checks = [
        (seen["headings"] != 1, f"{seen['headings']} headings of the first rank"),
        (not seen["title"].partition("–")[0].strip(), "the title is empty"),
        (not seen["help"] or not seen["above"], "the help line is not at the foot"),
        (len(seen["ids"]) != len(set(seen["ids"])), "an id stands twice"),
    ]
    small = page.evaluate(_SMALL)
    return [sentence for wrong, sentence in checks if wrong] + [f"hard to hit: {each}" for each in small]


def violations(page: Page) -> list[str]:
    """Ask axe."""
    answer = _AXE.run(page)
    return [
        f"{each['id']}: {node['html'][:160]}"
        for each in answer.response["violations"]
        for node in each["nodes"]
    ]


def reflow(page: Page) -> list[str]:
    """Say what makes a page scroll sideways at 320px, and on a phone with letters twice as large."""
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    narrow = page.evaluate(_TOO_WIDE)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
    large = page.evaluate(_TOO_WIDE)
    page.evaluate("() => { document.documentElement.style.fontSize = '' }")
    found = {"at 320px": narrow, "at 200% text": large}
    return [f"{when} too wide: {what}" for when, what in found.items() if what]
