"""No page leads by a link to where only a button goes."""

import re
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.house.doors import DOORS, HERS
from tests.house.season import path_of, season, visitors
from tests.house.test_doors import OPEN_TO

_LINK = re.compile(r"<a\b[^>]*\bhref=\"([^\"#][^\"]*)\"")


def test_every_link_of_every_page_can_be_followed(app: Flask) -> None:
    there = season(app)
    clients, wrong = visitors(app, there), {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint in DOORS and "GET" in (rule.methods or set()):
            path = path_of(app, rule.endpoint, rule.arguments, there)
            opens = {HERS[rule.endpoint]} if rule.endpoint in HERS else OPEN_TO[DOORS[rule.endpoint]]
            page = clients["Ada" if "Ada" in opens else min(opens)].get(path)
            found = dead_links(app, page.text) if page.mimetype == "text/html" else []
            wrong |= {path: found} if found else {}
    assert wrong == {}


def test_a_link_to_a_button_is_found_out(app: Flask) -> None:
    page = '<a id="x" href="/office/schedule.csv">S</a> <a href="/sessions?p=1">A</a> <a href="/attic">A</a>'
    assert dead_links(app, page) == ["/office/schedule.csv", "/attic"]


def dead_links(app: Flask, page: str) -> list[str]:
    """Return the links of a page, within the house, that nothing answers."""
    inside = [link for link in _LINK.findall(page) if not urlsplit(link).netloc and link.startswith("/")]
    return [link for link in inside if not _answers(app, urlsplit(link).path)]


def _answers(app: Flask, path: str) -> bool:
    try:
        app.url_map.bind("localhost").match(path, method="GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True
