"""The month beside the list: a real table, the same filters, and only months that can hold something."""

import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.models.kinds import Audience, Mode, SessionState
from tests.schedule.test_find import counted
from tests.support.builders import Builders
from tests.support.pages import words

DECEMBER = "/sessions/month?m=2026-12"


@pytest.fixture
def season(make: Builders) -> None:
    make.session(make.series("Tea Leeds"), on=date(2026, 11, 25))
    make.session(make.series("Tea Hull"), on=date(2026, 12, 16), state=SessionState.CANCELLED)
    make.session(make.series("Yoga", mode=Mode.ONLINE), on=date(2026, 12, 17))
    make.session(make.series("Tea York"), on=date(2027, 1, 27))


@pytest.mark.usefixtures("season")
def test_a_month_is_a_table_with_its_days(client: FlaskClient) -> None:
    page = client.get("/sessions/month?m=2026-12")
    assert "<caption" in page.text
    assert re.findall(r'<th scope="col">(\w+)</th>', page.text)[::6] == ["Monday", "Sunday"]
    assert page.text.count('class="month__short"') == 31
    assert "Wednesday 16 December 16 1:30pm Tea Hull Cancelled" in words(page)
    assert "Tea Leeds" not in page.text


@pytest.mark.usefixtures("season")
def test_today_is_said_in_words(client: FlaskClient) -> None:
    assert "Today Sunday 22 November 22 Nothing more today" in words(client.get("/sessions/month"))
    assert "Today" not in words(client.get("/sessions/month?m=2026-12"))


@pytest.mark.usefixtures("season")
def test_months_are_turned_where_there_is_something_and_no_further(client: FlaskClient) -> None:
    pages = {m: client.get(f"/sessions/month?m={m}").text for m in ("2026-11", "2026-12", "2027-01")}
    ways = {m: [way for way in ("prev", "next") if f'rel="{way}"' in text] for m, text in pages.items()}
    assert ways == {"2026-11": ["next"], "2026-12": ["prev", "next"], "2027-01": ["prev"]}
    assert 'href="/sessions/month?m=2027-01" rel="next"' in pages["2026-12"]


@pytest.mark.parametrize(
    "m", ["2026-10", "2027-02", "3026-01", "0000-00", "2026-13", "soon", "2026-1", "٢٠٢٦-١٢"]
)
@pytest.mark.usefixtures("season")
def test_a_month_with_nothing_in_it_is_answered_with_this_one(client: FlaskClient, m: str) -> None:
    page = client.get(f"/sessions/month?m={m}")
    assert page.status_code == 200
    assert "Nothing is planned for that month. This is November 2026." in words(page)


@pytest.mark.usefixtures("season")
def test_filters_are_those_of_the_list_and_stay_when_the_month_is_turned(client: FlaskClient) -> None:
    page = client.get(f"{DECEMBER}&format=online&programme=no-such")
    assert "Yoga" in page.text
    assert "Tea Hull" not in page.text
    assert 'href="/sessions/month?format=online&amp;m=2027-01" rel="next"' in page.text
    assert 'href="/sessions?format=online"' in page.text


def test_a_month_without_anything_says_so_kindly(client: FlaskClient, make: Builders) -> None:
    assert "Nothing more is planned in November 2026" in words(client.get("/sessions/month"))
    make.session(make.series("Tea"), on=date(2026, 11, 25))
    assert "No sessions fit that in November 2026" in words(client.get("/sessions/month?q=yoga"))


def test_what_others_run_stands_in_the_month_as_theirs(client: FlaskClient, make: Builders) -> None:
    make.listing(date(2026, 12, 18))
    make.listing(date(2026, 12, 19), "Hidden", state=SessionState.DRAFT)
    page = words(client.get(DECEMBER))
    assert "A quiet weekend by the lake Run by others" in page
    assert "Hidden" not in page


def test_drafts_and_hosts_own_sessions_stay_where_they_are(app: Flask, make: Builders) -> None:
    make.session(make.series("Host catch-up", audience=Audience.FACILITATORS), on=date(2026, 11, 25))
    make.session(
        make.series("Draft", state=SessionState.DRAFT), on=date(2027, 1, 25), state=SessionState.DRAFT
    )
    fay = make.sign_in(app.test_client(), make.facilitator("Fay"))
    stranger = app.test_client().get("/sessions/month")
    assert "Host catch-up" in fay.get("/sessions/month").text
    assert not [word for word in ("Host catch-up", "Draft", 'rel="next"') if word in stranger.text]


def test_a_full_month_costs_as_many_questions_as_an_empty_one(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    counts = []
    with counted(app) as said:
        for day in (25, 26, 27, 28):
            make.session(make.series(), on=date(2026, 11, day))
            make.listing(date(2026, 11, day))
            said.clear()
            client.get("/sessions/month")
            counts.append(len(said))
    assert len(set(counts)) == 1
    assert counts[0] <= 8


def test_a_date_that_is_not_as_usual_says_so_in_the_month_and_why_in_the_list(
    client: FlaskClient, make: Builders
) -> None:
    make.session(make.series("Tea Leeds"), on=date(2026, 12, 16), public_reason="a week earlier")
    assert "1:30pm Tea Leeds Not as usual" in words(client.get(DECEMBER))
    assert "This date is different. A week earlier." in words(client.get("/sessions"))
