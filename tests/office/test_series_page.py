"""A series in the office: what it is, its dates, and putting it out, away or to an end."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from booking.models import ScheduledSession, Series, Venue
from booking.models.kinds import SessionState
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders

NEW = "/office/schedule/new"


def planned(app: Flask, desk: FlaskClient, step: str) -> int:
    """Plan Tea & A Chat Leeds, on the second Thursdays from December on."""
    said: dict[str, Any] = {
        "programme": "Tea & A Chat",
        "title": "Tea & A Chat Leeds",
        "venue": str(pages.rows(app, select(Venue.id))[0]),
        "starts_on": ["10", "12", "2026"],
        "start_time": "11:00",
        "repeat": "monthly",
    }
    assert pages.send(desk, NEW, step=step, **said).status_code == 303
    return int(pages.rows(app, select(func.max(Series.id)))[0])


def states_of(app: Flask, series_id: int) -> set[SessionState]:
    asked = select(ScheduledSession.state).where(ScheduledSession.series_id == series_id)
    return set(pages.rows(app, asked))


def dates_of(app: Flask, series_id: int) -> list[Any]:
    asked = select(ScheduledSession.id, ScheduledSession.local_date)
    asked = asked.where(ScheduledSession.series_id == series_id).order_by(ScheduledSession.local_date)
    return pages.rows(app, asked)


@pytest.fixture
def leeds(app: Flask, desk: FlaskClient) -> int:
    return planned(app, desk, "save")


def test_a_series_says_what_it_is_and_when_it_is(desk: FlaskClient, leeds: int) -> None:
    said = pages.words(desk.get(f"/office/series/{leeds}"))
    assert "How often Second Thursday of the month" in said
    assert "Last date It goes on" in said
    assert "Thursday 10 December 2026, 11am to 1pm" in said
    assert "Who may be brought along Somebody, on the first visit" in said


def test_a_draft_is_published_with_its_dates(app: Flask, desk: FlaskClient, season: Season) -> None:
    draft = planned(app, desk, "draft")
    assert "Draft: only the office sees it" in pages.words(desk.get(f"/office/series/{draft}"))
    assert states_of(app, draft) == {SessionState.DRAFT}
    page = f"/office/series/{draft}"
    said = pages.after(desk, pages.send(desk, f"{page}/publish", page=page))
    assert "Published." in said
    assert states_of(app, draft) == {SessionState.PUBLISHED}
    assert pages.send(desk, f"{page}/publish", page=page).status_code == 303


def test_a_draft_is_discarded(app: Flask, desk: FlaskClient, season: Season) -> None:
    draft = planned(app, desk, "draft")
    page = f"/office/series/{draft}"
    answer = pages.send(desk, f"{page}/discard", page=page)
    assert "The draft “Tea & A Chat Leeds” is gone." in pages.after(desk, answer)
    assert desk.get(page).status_code == 404
    assert pages.send(desk, f"{page}/discard", page="/office/people").status_code == 404


def test_a_published_series_is_not_discarded(app: Flask, desk: FlaskClient, leeds: int) -> None:
    page = f"/office/series/{leeds}"
    assert pages.send(desk, f"{page}/discard", page="/office/people").status_code == 303
    assert desk.get(page).status_code == 200
    assert len(dates_of(app, leeds)) == 6


def test_a_series_stops_after_a_date(app: Flask, desk: FlaskClient, leeds: int) -> None:
    dates, path = dates_of(app, leeds), f"/office/series/{leeds}/end"
    last = dates[1].local_date.isoformat()
    look = pages.words(pages.send(desk, path, step="check", last_on=last))
    assert "4 planned dates come after it. Nobody is booked on them, so they go." in look
    assert len(dates_of(app, leeds)) == 6
    answer = pages.send(desk, path, step="save", last_on=last)
    said = pages.after(desk, answer)
    assert "The last date is Thursday 14 January 2027." in said
    assert "It ends: the last date is Thursday 14 January 2027." in said
    assert dates_of(app, leeds) == dates[:2]


def test_it_does_not_stop_before_a_date_that_somebody_has_booked(
    app: Flask, desk: FlaskClient, make: Builders, season: Season, leeds: int
) -> None:
    dates, path = dates_of(app, leeds), f"/office/series/{leeds}/end"
    make.booking(dates[3].id, season.ann)
    last = dates[1].local_date.isoformat()
    look = pages.words(pages.send(desk, path, step="check", last_on=last))
    assert "Thursday 11 March 2027 , 1 booked" in look
    assert "Stop the series there" not in look
    page = pages.send(desk, path, step="save", last_on=last)
    assert page.status_code == 422
    assert "Thursday 11 March 2027" in pages.words(page)
    assert dates_of(app, leeds) == dates


def test_it_stops_only_at_one_of_its_dates(app: Flask, desk: FlaskClient, leeds: int) -> None:
    page = pages.send(desk, f"/office/series/{leeds}/end", step="save", last_on="2027-01-01")
    assert page.status_code == 422
    assert "Not a valid choice" in pages.words(page)
    assert len(dates_of(app, leeds)) == 6


def test_another_like_it_begins_with_what_is_not_its_own(desk: FlaskClient, leeds: int) -> None:
    page = desk.get(f"{NEW}?like={leeds}").text
    assert 'value="11:00"' in page
    assert '<option value="Tea &amp; A Chat" selected>' in page
    assert 'value="Tea &amp; A Chat Leeds"' not in page
    assert desk.get(f"{NEW}?like=999").status_code == 404


def test_a_patient_sees_none_of_it(app: Flask, make: Builders, season: Season, leeds: int) -> None:
    ann = make.sign_in(app.test_client(), season.ann)
    for path in ("", "/edit", "/end"):
        assert ann.get(f"/office/series/{leeds}{path}").status_code == 404
    assert date(2026, 12, 10) in [on for _id, on in dates_of(app, leeds)]


def test_a_list_of_dates_ends_with_its_last_date_however_far_away(
    app: Flask, desk: FlaskClient, season: Season
) -> None:
    fields: dict[str, Any] = {
        "programme": "Tea & A Chat",
        "title": "Tea & A Chat Leeds",
        "venue": str(pages.rows(app, select(Venue.id))[0]),
        "starts_on": ["10", "12", "2026"],
        "start_time": "11:00",
        "repeat": "dates",
        "dates": "10 December 2026\n9 December 2027",
    }
    assert pages.send(desk, NEW, step="save", **fields).status_code == 303
    said = pages.words(desk.get(f"/office/series/{pages.rows(app, select(func.max(Series.id)))[0]}"))
    assert "It ends: the last date is Thursday 9 December 2027." in said
    assert "Dates are laid out half a year ahead. Later ones follow by themselves." in said


def test_the_page_of_a_series_says_why_a_date_is_different(app: Flask, desk: FlaskClient, leeds: int) -> None:
    first = dates_of(app, leeds)[0].id
    pages.write(
        app, update(ScheduledSession).where(ScheduledSession.id == first).values(public_reason="Hall shut")
    )
    assert "Hall shut" in pages.words(desk.get(f"/office/series/{leeds}"))


def test_a_draft_without_a_host_says_so_before_it_is_published(
    app: Flask, desk: FlaskClient, season: Season
) -> None:
    said = pages.words(desk.get(f"/office/series/{planned(app, desk, 'draft')}"))
    assert "Nobody leads it yet. Choose a host under “Change this series”" in said
