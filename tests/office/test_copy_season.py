"""Ada copies a season to the next: drafts, on the same weekday, once."""

import re
from datetime import date, time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from booking import clock
from booking.models import AuditEntry, ScheduledSession, Series, SeriesChange, SeriesFacilitator
from booking.models.kinds import Enrol, SessionState
from booking.services.schedule import load_timetable
from tests.office.season import Season
from tests.schedule.lines import line, online
from tests.schedule.lines import season as file_of
from tests.support import pages
from tests.support.builders import Builders

PATH = "/office/schedule/copy"
AUTUMN = {"first": "2026-09-01", "last": "2026-12-31", "new_first": "2027-01-04"}
COPIES = select(Series).where(Series.key.like("%-copy-%")).order_by(Series.id)
_TOKEN = re.compile(r'name="token" value="([0-9a-f]+)"')
COURSE = {
    "key": "writing",
    "name": "Writing",
    "rrule": "FREQ=WEEKLY;BYDAY=WE;COUNT=6",
    "dtstart": "2026-11-04",
    "enrol": "course",
    "newcomer_places": "3",
    "hosts": "Fay",
    "changes": "2026-11-25 skip",
}


@pytest.fixture
def writing(app: Flask, season: Season, make: Builders) -> int:
    """A course of six Wednesdays from 4 November, led by Fay, one of them left out."""
    make.facilitator("Fay")
    with app.app_context():
        load_timetable(file_of(online(**COURSE)), clock.now())
    return int(pages.rows(app, select(Series.id).where(Series.key == "writing"))[0])


def token_of(desk: FlaskClient) -> str:
    found = _TOKEN.search(desk.get(PATH, query_string=AUTUMN).text)
    assert found is not None
    return found[1]


def test_the_series_of_the_season_are_shown_with_their_next_first_date(
    desk: FlaskClient, writing: int
) -> None:
    said = pages.words(desk.get(PATH, query_string=AUTUMN))
    assert "Writing From Wednesday 10 March 2027, 1:30pm to 5pm; every Wednesday, six times" in said


def test_a_series_that_goes_on_is_not_ticked(desk: FlaskClient, season: Season, writing: int) -> None:
    page = desk.get(PATH, query_string=AUTUMN).text
    assert re.search(rf'id="series-{writing}"[^>]* checked', page)
    assert not re.search(rf'id="series-{season.tea}"[^>]* checked', page)
    assert "It goes on anyway" in page


def test_a_course_comes_again_as_a_draft_with_its_facts_and_hosts(
    app: Flask, desk: FlaskClient, writing: int
) -> None:
    answer = pages.send(desk, PATH, **AUTUMN, series=str(writing), token="ab12")
    assert "1 series copied as a draft" in pages.after(desk, answer)
    (copy,) = pages.rows(app, COPIES)
    assert (copy.state, copy.starts_on, copy.rule) == (
        SessionState.DRAFT,
        date(2027, 3, 10),
        "FREQ=WEEKLY;BYDAY=WE;COUNT=6",
    )
    assert (copy.title, copy.enrol, copy.newcomer_places) == ("Writing", Enrol.COURSE, 3)
    leads = select(func.count(SeriesFacilitator.id)).where(SeriesFacilitator.series_id == copy.id)
    assert pages.rows(app, leads) == [1]


def test_its_dates_are_drafts_and_no_exception_comes_along(
    app: Flask, desk: FlaskClient, writing: int
) -> None:
    pages.send(desk, PATH, **AUTUMN, series=str(writing), token="ab12")
    (copy,) = pages.rows(app, COPIES)
    dates = select(ScheduledSession.local_date, ScheduledSession.state, ScheduledSession.start_time)
    found = pages.rows(app, dates.where(ScheduledSession.series_id == copy.id))
    assert len(found) == 6
    assert {(state, at) for _on, state, at in found} == {(SessionState.DRAFT, time(13, 30))}
    assert pages.rows(app, select(SeriesChange.id).where(SeriesChange.series_id == copy.id)) == []


def test_the_same_form_sent_twice_copies_nothing_twice(app: Flask, desk: FlaskClient, writing: int) -> None:
    sent = {**AUTUMN, "series": str(writing), "token": token_of(desk)}
    for _press in range(2):
        assert pages.send(desk, PATH, **sent).status_code == 303
    assert len(pages.rows(app, COPIES)) == 1
    pages.send(desk, PATH, **sent | {"token": token_of(desk)})
    assert len(pages.rows(app, COPIES)) == 2


def test_a_copy_of_a_copy_keeps_a_short_key(app: Flask, desk: FlaskClient, writing: int) -> None:
    pages.send(desk, PATH, **AUTUMN, series=str(writing), token="ab12")
    (copy,) = pages.rows(app, COPIES)
    spring = {"first": "2027-01-01", "last": "2027-06-30", "new_first": "2027-07-01"}
    pages.send(desk, PATH, **spring, series=str(copy.id), token="ab12")
    assert [len(each.key) for each in pages.rows(app, COPIES)] == [len("writing-copy-12345678")] * 2


def test_nothing_ticked_says_so_and_copies_nothing(app: Flask, desk: FlaskClient, writing: int) -> None:
    answer = pages.send(desk, PATH, **AUTUMN, token="ab12")
    assert answer.status_code == 422
    assert "Tick at least one series" in pages.words(answer)
    assert pages.rows(app, COPIES) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"last": "2026-08-01"}, "Choose a day that is not before the first one"),
        ({"last": "2028-01-01"}, "Choose a season of at most 400 days"),
        ({"new_first": "2026-08-01"}, "The new season begins after the old one"),
        ({"new_first": "2026-10-01"}, "Choose a day that is not over"),
        ({"new_first": "soon"}, "Enter a date such as"),
        ({"first": ""}, "Enter a date such as"),
        ({"new_first": "3027-01-01"}, "That date is too far away"),
        ({"new_first": "2099-12-01"}, "That date is too far away"),
    ],
)
def test_a_season_that_makes_no_sense_is_refused_at_its_field(
    desk: FlaskClient, writing: int, wrong: dict[str, str], said: str
) -> None:
    for answer in (
        desk.get(PATH, query_string=AUTUMN | wrong),
        pages.send(desk, PATH, **AUTUMN | wrong, series=str(writing), token="ab12"),
    ):
        assert answer.status_code == 422
        assert said in pages.words(answer)


def test_one_impossible_hour_copies_nothing_at_all(app: Flask, desk: FlaskClient, writing: int) -> None:
    night = line(
        key="night", name="Night", rrule="RDATE:20261129", dtstart="2026-11-29", start="01:30", end="03:00"
    )
    with app.app_context():
        load_timetable(file_of(night), clock.now())
    (there,) = pages.rows(app, select(Series.id).where(Series.key == "night"))
    season = {"first": "2026-11-29", "last": "2026-12-31", "new_first": "2027-03-28"}
    answer = pages.send(desk, PATH, **season, series=[str(writing), str(there)], token="ab12")
    assert answer.status_code == 422
    assert "there is no 1:30am on Sunday 28 March 2027" in pages.words(answer)
    assert pages.rows(app, COPIES) == []


def test_who_copied_what_is_written_down(app: Flask, desk: FlaskClient, season: Season, writing: int) -> None:
    pages.send(desk, PATH, **AUTUMN, series=str(writing), token="ab12")
    asked = select(AuditEntry.actor_id, AuditEntry.fields).where(AuditEntry.action == "series copied")
    assert [tuple(row) for row in pages.rows(app, asked)] == [(season.ada, f"from series {writing}")]


def test_a_host_copies_no_season(app: Flask, make: Builders, writing: int) -> None:
    gil = make.sign_in(app.test_client(), make.facilitator("Gil"))
    assert gil.get(PATH).status_code == 404
