"""Runs every measurement on both databases, prints what was found, and fails when something is broken."""

import shutil
import sys
import tempfile
from pathlib import Path

from bench import feeds, listing, places, planner, reminders, rush
from tests.support import postgres
from tests.support.databases import KINDS, Databases


def main() -> int:
    """Return 0 when every promise was kept; a missed aim is printed, a broken promise is a failure."""
    shared = Path(tempfile.mkdtemp(prefix="booking-bench-"))
    # PostgreSQL runs as somebody else when root starts it, and has to reach its folder in here.
    shared.chmod(0o711)
    broken: list[str] = []
    try:
        for kind in KINDS:
            databases = Databases(shared, "bench")
            print(f"\n{kind}", flush=True)
            broken += [f"{kind}: {words}" for words in _measure(databases, kind, shared)]
    finally:
        postgres.stop(shared)
        shutil.rmtree(shared, ignore_errors=True)
    print("\nEvery promise was kept." if not broken else "\nBROKEN:\n" + "\n".join(broken))
    return 1 if broken else 0


def _measure(databases: Databases, kind: str, shared: Path) -> list[str]:
    broken: list[str] = []
    for people in rush.CROWDS:
        folder = Path(tempfile.mkdtemp(dir=shared))
        broken += rush.run(databases.empty(kind, folder), folder, people)
    for part in (places, listing, planner, feeds, reminders):
        folder = Path(tempfile.mkdtemp(dir=shared))
        broken += part.run(databases.empty(kind, folder), folder)
    return broken


if __name__ == "__main__":
    sys.exit(main())
