"""`flask load-timetable FILE.csv`: one clear line for whoever runs it."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from booking.models import Series
from tests.schedule.lines import line, season
from tests.support.pages import rows


def test_it_says_what_was_loaded(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "season.csv"
    file.write_text(season(line()), encoding="utf-8-sig")
    done = app.test_cli_runner().invoke(args=["load-timetable", str(file)])
    assert done.exit_code == 0
    assert "Series: 1 new, 0 changed, 0 as before." in done.stdout


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (None, "can't be read"),
        (b"\xff\xfe\x00", "Save it as"),
        (season(line(start="x")).encode(), "Line 2: start:"),
        (b"", "The file is empty."),
        (b"\x00\x01\x02", "Line 1:"),
    ],
)
def test_a_file_that_is_refused_ends_with_status_1_and_a_line_on_stderr(
    app: Flask, tmp_path: Path, raw: bytes | None, said: str
) -> None:
    file = tmp_path / "season.csv"
    if raw is not None:
        file.write_bytes(raw)
    done = app.test_cli_runner().invoke(args=["load-timetable", str(file)])
    assert done.exit_code == 1
    assert said in done.stderr
    assert rows(app, select(Series.id)) == []
