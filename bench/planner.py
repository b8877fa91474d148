"""The planner's pages with a small season and one ten times as large: SQL statements, and time for a page."""

import statistics
import time
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from bench.listing import Season, statements_of
from booking import create_app
from booking.db import db
from tests.support.builders import Builders
from tests.support.databases import settings_for_tests

SMALL, LARGE = 200, 2_000
# A page of a season ten times as large may take so many times as long.
AIM = 3.0
ROUNDS = 7
PAGES = (
    "/office/schedule",
    "/office/schedule/week",
    "/office/schedule/month",
    "/office/schedule/hosts",
    "/office/schedule/venues",
    "/office/schedule/drafts",
    "/office/schedule/differences",
    "/office/schedule/gaps",
)


def run(database_url: str, folder: Path) -> list[str]:
    """Measure each page with both seasons, print it, and return what went wrong."""
    app = create_app(settings_for_tests(database_url))
    season, make = Season(app), Builders(app)
    desk = make.sign_in(app.test_client(), make.admin("Ada"))
    found: dict[str, list[tuple[int, float]]] = {path: [] for path in PAGES}
    for size in (SMALL, LARGE):
        season.grow(size)
        for path in PAGES:
            found[path].append((len(statements_of(app, desk, path)), seconds_of(desk, path)))
    for path, ((few, quick), (many, slow)) in found.items():
        print(
            f"  {path:30} {few} and {many} SQL statements, {quick * 1000:.0f} and {slow * 1000:.0f} ms: "
            f"{slow / quick:.2f} times with {LARGE:,} sessions (the aim is {AIM:.0f} at most)",
            flush=True,
        )
    with app.app_context():
        db.engine.dispose()
    return [
        f"the number of SQL statements of {path} grows with the season: {few} and {many}"
        for path, ((few, _), (many, _)) in found.items()
        if few != many
    ]


def counts(app: Flask, desk: FlaskClient) -> dict[str, int]:
    """Return how many SQL statements each page needs."""
    return {path: len(statements_of(app, desk, path)) for path in PAGES}


def seconds_of(desk: FlaskClient, path: str) -> float:
    """Return how long one page takes, in the middle of several."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        if desk.get(path).status_code != 200:
            raise AssertionError(path)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)
