"""The office sees who came as soon as the register is open."""

from datetime import datetime

from flask import Flask
from sqlalchemy import update

from booking.models import Booking
from booking.models.kinds import Attendance
from booking.queries import report_rows, reports
from booking.queries.reports import Counted, Review
from tests.office.season import Season
from tests.support.pages import write

AT_THE_DOOR, OVER_TEA, OVER = "2026-11-25T13:10+00:00", "2026-11-25T14:00+00:00", "2026-11-26T09:00+00:00"


def on_the_day(at: str) -> Review:
    now = datetime.fromisoformat(at)
    return Review(now.replace(day=25).date(), now.date(), now)


def test_a_mark_at_the_door_is_counted_and_leaves_in_the_file(app: Flask, season: Season) -> None:
    write(app, update(Booking).where(Booking.id == season.anns_coming).values(attendance=Attendance.CAME))
    review = on_the_day(AT_THE_DOOR)
    with app.app_context():
        counted = reports.figures(review)
        assert (counted.attendances, counted.people, counted.sessions) == (1, 1, 0)
        assert report_rows.rows(review, Counted.ATTENDANCES).total == 1
        assert len(report_rows.for_export(review)) == 1


def test_nobodys_mark_is_missing_before_the_end(app: Flask, season: Season) -> None:
    with app.app_context():
        missing = [reports.figures(on_the_day(at)).not_recorded for at in (AT_THE_DOOR, OVER_TEA, OVER)]
        assert missing == [0, 0, 1]
        assert report_rows.rows(on_the_day(OVER_TEA), Counted.NOT_RECORDED).total == 0
