"""Ada brings a season as a file, looks at what it changes, and takes the season with her."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Select, event, func, select, update
from werkzeug.test import TestResponse

from booking.db import db
from booking.models import AuditEntry, Message, ScheduledSession, Series
from booking.models.kinds import SessionState
from booking.rules.timetable import COLUMNS
from tests.office.season import Season
from tests.schedule.lines import line
from tests.schedule.lines import season as file_of
from tests.support import pages
from tests.support.builders import Builders

PATH = "/office/schedule/import"
_TEXT = re.compile(r'<textarea name="text" hidden>(.*?)</textarea>', re.DOTALL)


def look(desk: FlaskClient, raw: str | bytes) -> TestResponse:
    """Send a file, as the browser does."""
    content = raw.encode() if isinstance(raw, str) else raw
    return pages.send(desk, PATH, file=(BytesIO(content), "season.csv"), step="check")


def confirm(desk: FlaskClient, page: TestResponse) -> TestResponse:
    """Press the button of the page that shows what changes."""
    carried = _TEXT.search(page.text)
    assert carried is not None
    return pages.send(desk, PATH, text=html.unescape(carried[1]), step="save")


def test_a_file_is_shown_before_anything_is_saved(app: Flask, desk: FlaskClient) -> None:
    page = look(desk, file_of(line(key="leeds", name="Leeds")))
    assert page.status_code == 200
    assert "1 new, 0 changed, 0 as before" in pages.words(page)
    assert pages.rows(app, select(Series.id).where(Series.key == "leeds")) == []


def test_what_was_shown_is_what_happens(app: Flask, desk: FlaskClient) -> None:
    answer = confirm(desk, look(desk, file_of(line(key="leeds", name="Leeds & <b>, “tea”"))))
    assert "Series: 1 new" in pages.after(desk, answer)
    assert pages.rows(app, select(Series.title).where(Series.key == "leeds")) == ["Leeds & <b>, “tea”"]


def test_a_rehearsal_leaves_nothing_behind(app: Flask, desk: FlaskClient) -> None:
    counted = [select(func.count(table.id)) for table in (Series, ScheduledSession, Message, AuditEntry)]
    before = [pages.rows(app, each) for each in counted]
    look(desk, file_of(line(key="leeds", name="Leeds")))
    assert [pages.rows(app, each) for each in counted] == before


def test_who_would_be_told_is_counted_and_nobody_is_told_yet(
    app: Flask, desk: FlaskClient, season: Season, make: Builders
) -> None:
    confirm(desk, look(desk, file_of(line(key="leeds", name="Leeds"))))
    (coming,) = pages.rows(
        app, select(func.min(ScheduledSession.id)).join(Series).where(Series.key == "leeds")
    )
    make.booking(coming, season.ann)
    make.booking(coming, make.person("Cat", email=None, phone="07700900123"))
    page = look(desk, file_of(line(key="leeds", name="Leeds", start="14:00")))
    assert "Phone call 1 person" in pages.words(page)
    assert "Email 1 person" in pages.words(page)
    assert pages.rows(app, select(func.count(Message.id))) == [0]


def test_every_bad_line_is_named_and_nothing_is_half_saved(app: Flask, desk: FlaskClient) -> None:
    bad = file_of(line(key="leeds", name="Leeds"), line(key="b", start="x"), line(key="c", zone="Mars"))
    page = look(desk, bad)
    assert page.status_code == 422
    assert "Line 3: start: “x” is no time such as 13:30." in pages.words(page)
    assert "Line 4: zone" in pages.words(page)
    assert pages.rows(app, select(Series.id).where(Series.key == "leeds")) == []


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "Choose a file that is not empty"),
        (b"x" * 200_001, "The file must be smaller than 200 kB"),
        ("key,name\na,Caf\u00e9".encode("latin-1"), "Line 2: The file is not UTF-8"),
        ("key,name".encode("utf-16"), "Line 1: The file is UTF-16"),
        (b"key;name;programme\na;b;c", "Line 1: The columns are parted by semicolons"),
        (b"key,name\na,b", "Line 1: The header lacks"),
        (b"\x00\x01", "Line 1: The header lacks"),
    ],
)
def test_a_file_of_another_kind_is_refused_kindly(desk: FlaskClient, raw: bytes, said: str) -> None:
    page = look(desk, raw)
    assert page.status_code == 422
    assert said in pages.words(page)


def test_what_comes_back_with_the_button_is_read_anew(app: Flask, desk: FlaskClient) -> None:
    answer = pages.send(desk, PATH, text=file_of(line(key="leeds", hosts="nobody")), step="save")
    assert answer.status_code == 422
    assert "Line 2: hosts: “nobody” fits nobody." in pages.words(answer)
    assert pages.send(desk, PATH, step="save").status_code == 422


def test_loading_the_same_file_twice_changes_nothing(app: Flask, desk: FlaskClient) -> None:
    page = look(desk, file_of(line(key="leeds", name="Leeds")))
    confirm(desk, page)
    assert "0 new, 0 changed, 1 as before" in pages.after(desk, confirm(desk, page))
    again = pages.words(look(desk, file_of(line(key="leeds", name="Leeds"))))
    assert "The season is as the file says already." in again


def test_the_season_leaves_as_a_file_with_a_note_of_who_took_it(
    app: Flask, desk: FlaskClient, season: Season
) -> None:
    answer = pages.send(desk, "/office/schedule.csv", page=PATH)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="season-2026-11-22.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Chair yoga" in answer.text
    asked = select(AuditEntry.actor_id, AuditEntry.fields).where(AuditEntry.action == "exported season")
    assert [tuple(row) for row in pages.rows(app, asked)] == [(season.ada, "")]


def test_what_left_comes_back_and_changes_nothing(app: Flask, desk: FlaskClient) -> None:
    pages.write(app, update(Series).values(places_online=0))
    taken = pages.send(desk, "/office/schedule.csv", page=PATH)
    assert "0 new, 0 changed, 2 as before" in pages.words(look(desk, taken.data))


def test_one_programme_can_leave_alone(app: Flask, desk: FlaskClient, season: Season) -> None:
    (yoga,) = pages.rows(app, select(Series.programme_id).where(Series.id == season.yoga))
    taken = pages.send(desk, "/office/schedule.csv", page=PATH, programme=str(yoga))
    assert "Chair yoga" in taken.text
    assert "Manchester" not in taken.text
    assert pages.send(desk, "/office/schedule.csv", page=PATH, programme="999").status_code == 404


def test_a_host_neither_loads_nor_takes_a_season(app: Flask, make: Builders, season: Season) -> None:
    fay = make.sign_in(app.test_client(), make.facilitator("Fay"))
    assert fay.get(PATH).status_code == 404
    assert pages.send(fay, "/office/schedule.csv", page="/my-sessions").status_code == 404


def test_drafts_of_a_file_stay_out_of_the_public_list(app: Flask, desk: FlaskClient) -> None:
    confirm(desk, look(desk, file_of(line(key="leeds", name="Leeds", state="draft"))))
    states = select(ScheduledSession.state).join(Series).where(Series.key == "leeds").distinct()
    assert pages.rows(app, states) == [SessionState.DRAFT]


def test_many_people_booked_are_no_more_questions_than_one(
    app: Flask, desk: FlaskClient, make: Builders
) -> None:
    confirm(desk, look(desk, file_of(line(key="leeds", name="Leeds"))))
    (first, second, *_later) = pages.rows(app, _dates_of("leeds"))
    make.booking(first, make.person("Dot"))
    later = file_of(line(key="leeds", name="Leeds", start="14:00"))
    with _asked(app) as few:
        look(desk, later)
    for name in ("Eve", "Flo", "Gus", "Hal"):
        person = make.person(name)
        make.booking(first, person)
        make.booking(second, person)
    with _asked(app) as many:
        assert "Email 5 people" in pages.words(look(desk, later))
    assert _reads(many) == _reads(few)


def _dates_of(key: str) -> Select[tuple[int]]:
    return select(ScheduledSession.id).join(Series).where(Series.key == key).order_by(ScheduledSession.id)


def _reads(statements: list[str]) -> int:
    return sum(said.startswith(("SELECT", "UPDATE message")) for said in statements)


@contextmanager
def _asked(app: Flask) -> Iterator[list[str]]:
    said: list[str] = []
    with app.app_context():
        engine = db.engine

    def note(*facts: Any) -> None:
        said.append(facts[2])

    event.listen(engine, "before_cursor_execute", note)
    yield said
    event.remove(engine, "before_cursor_execute", note)


def test_the_sample_file_loads_as_it_is(desk: FlaskClient) -> None:
    sample = desk.get("/office/schedule/sample.csv")
    assert "2 new, 0 changed, 0 as before" in pages.words(look(desk, sample.data))


def test_every_column_is_explained(desk: FlaskClient) -> None:
    said = pages.words(desk.get(PATH))
    assert "What the columns mean" in said
    assert [name for name in COLUMNS if name not in said] == []


def test_the_season_is_saved_by_a_button_of_the_schedule(desk: FlaskClient) -> None:
    page = desk.get("/office/schedule")
    assert "Save the season as a file" in pages.words(page)
    assert "Load a season from a file" in pages.words(page)
    assert pages.send(desk, "/office/schedule.csv", page="/office/schedule").status_code == 200
