"""What two calendars of other people read in ours: 200 titles, thought of for good or ill."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import delete, insert, select

from booking.db import Base, db
from booking.models import Booking, ScheduledSession
from booking.models.kinds import FeedKind
from booking.queries import feeds as asked
from booking.rules.addresses import one_line
from booking.services import feeds
from tests.support.builders import Builders

WORDS = [
    "Ann\r\nATTENDEE:mailto:ben@example.org",
    "Tea\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:Free wine",
    "O'Brien's “café”, upstairs; left",
    'back\\slash \\n \\, "quoted": half',
    "<script>alert(1)</script> & <b>",
    "=1+1",
    "+44 161 496 0000",
    "@sum(A1)",
    "-2",
    "شاي وحديث",
    "תה ושיחה",
    "お茶とおしゃべり",
    "Te a sgwrs: ŵ ŷ",
    "e\u0301 composed late",
    "👩\u200d👧 tea ☕",
    "\u202egnihtemos\u202c backwards",
    "zero\u200bwidth\ufeff",
    "tab\tand\x0bpage\x0cbreak",
    "\x00\x07\x1b[31mred\x7f",
    "line\u2028and\u2029paragraph\x85end",
    "TZID=Europe/London:20260101T000000",
    "BEGIN:VALARM",
    "%0d%0aX-EVIL:1",
    "{{ 7 * 7 }} ${x} %s %(title)s",
    "   spaces   everywhere   ",
]
SHAPES = ["{}", "Tea, {}", "{};{}", "x" * 66 + "{}", "ŵ" * 35 + "{}", "{}\\", ":{}:", "{} " * 12]
TITLES = [shape.replace("{}", words)[:200] for words, shape in product(WORDS, SHAPES)]
_PLAIN = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "Europe/London"}
CONF = """
[calendars]
[[hers]]
path = {folder}/hers
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Europe/London
default_timezone = Europe/London
[sqlite]
path = {folder}/khal.db
"""


@pytest.fixture
def written(app: Flask, make: Builders, now: datetime) -> bytes:
    """Ann's calendar with a place at each title, a day apart, in the full words she chose."""
    ann, first = make.person("Ann", plain_titles=True), make.session(starts_in=timedelta())
    place = make.booking(first, ann)
    with app.app_context():
        _repeat(ScheduledSession, first, _on_its_day)
        _repeat(Booking, place, lambda id, _was: {"session_id": id})
        db.session.execute(delete(Booking).where(Booking.id == place))
        db.session.commit()
        feeds.make_feed(ann, now, FeedKind.PERSON)
        token = asked.token_of(ann, FeedKind.PERSON)
    return app.test_client().get(f"/calendar/{token}.ics").data


def _repeat(model: type[Base], first: int, change: Callable[[int, Any], dict[str, Any]]) -> None:
    """Let each title have a row like the first one, all with ids of their own from 1000 on."""
    was = dict(db.session.execute(select(model.__table__).where(model.id == first)).mappings().one())
    rows = [{**was, "id": id, **change(id, was)} for id in range(1000, 1000 + len(TITLES))]
    db.session.execute(insert(model.__table__), rows)


def _on_its_day(id: int, was: Any) -> dict[str, Any]:
    day = timedelta(days=id - 999)
    # PostgreSQL takes no NUL, and no form of ours lets one in.
    own = {"uid": f"s{id}@example.org", "own_title": TITLES[id - 1000].replace("\x00", "")}
    return own | {name: was[name] + day for name in ("rule_date", "local_date", "starts_at", "ends_at")}


def khal(folder: Path, *words: str) -> str:
    """Run khal on a calendar of its own, and return what it says."""
    command = [str(Path(sys.executable).with_name("khal")), "-c", str(folder / "conf"), *words]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder, env=_PLAIN)
    return told.stdout


def in_khal(folder: Path, written: bytes) -> list[dict[str, str]]:
    """Let khal take a file in, and list what it then knows, in the order of time."""
    (folder / "hers").mkdir()
    (folder / "conf").write_text(CONF.format(folder=folder))
    (folder / "hers.ics").write_bytes(written)
    khal(folder, "import", "--batch", "-a", "hers", "hers.ics")
    fields = [word for field in ("title", "uid", "start", "location") for word in ("--json", field)]
    days = khal(folder, "list", "--once", *fields, "2026-11-22", "300d")
    return [event for day in days.splitlines() for event in json.loads(day)]


def test_there_are_two_hundred_titles() -> None:
    assert len(TITLES) == len(set(TITLES)) == 200


def test_icalendar_reads_every_title_as_it_was_meant(written: bytes) -> None:
    events = Calendar.from_ical(written).walk("VEVENT")
    assert [str(event["summary"]) for event in events] == [one_line(title) for title in TITLES]
    assert all(event["dtstart"].dt.hour == 10 for event in events if event["dtstart"].dt.month in (11, 12))
    assert len({str(event["uid"]) for event in events}) == 200


def test_khal_reads_every_title_as_it_was_meant(written: bytes, tmp_path: Path) -> None:
    events = in_khal(tmp_path, written)
    assert [event["title"] for event in events] == [one_line(title) for title in TITLES]
    assert events[0]["start"] == "2026-11-23 10:00"
    assert len({event["uid"] for event in events}) == 200


def test_no_line_is_longer_than_a_calendar_may_read(written: bytes) -> None:
    lines = written.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    for line in lines:
        line.removeprefix(b" ").decode()


def test_no_title_adds_a_person_or_an_event(written: bytes) -> None:
    names = [line.partition(b":")[0] for line in written.split(b"\r\n") if not line.startswith(b" ")]
    assert names.count(b"BEGIN") == names.count(b"END") == 204
    assert not {b"ATTENDEE", b"ORGANIZER", b"X-EVIL", b"TZID=Europe/London"} & set(names)
