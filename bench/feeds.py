"""The public feeds with a small season and one ten times as large: SQL statements, and time for a feed."""

from pathlib import Path

from bench.listing import Season, statements_of
from bench.planner import LARGE, SMALL, seconds_of
from booking import create_app
from booking.db import db
from tests.support.databases import settings_for_tests

# A feed holds every date, so ten times as many may take ten times as long, and no longer.
AIM = LARGE / SMALL
FEEDS = ("/sessions.ics", "/sessions.json")


def run(database_url: str, folder: Path) -> list[str]:
    """Measure each feed with both seasons, print it, and return what went wrong."""
    app = create_app(settings_for_tests(database_url))
    season, stranger = Season(app), app.test_client()
    found: dict[str, list[tuple[int, float]]] = {path: [] for path in FEEDS}
    for size in (SMALL, LARGE):
        season.grow(size)
        for path in FEEDS:
            found[path].append((len(statements_of(app, stranger, path)), seconds_of(stranger, path)))
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
