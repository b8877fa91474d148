"""The planner's views: every one of them over all sessions, drafts included and said so in words."""

from datetime import date, time
from itertools import count

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.models.kinds import Mode, SessionState
from tests.office.season import Season
from tests.support.builders import Builders
from tests.support.pages import words

DRAFT, CANCELLED = SessionState.DRAFT, SessionState.CANCELLED
VIEWS = (
    "/office/schedule",
    "/office/schedule/week",
    "/office/schedule/month",
    "/office/schedule/hosts",
    "/office/schedule/venues",
    "/office/schedule/drafts",
    "/office/schedule/differences",
    "/office/schedule/gaps",
)


@pytest.fixture
def make(app: Flask) -> Builders:
    """Build beside what the season's own builder has made already."""
    make = Builders(app)
    make._numbers = count(1000)
    return make


def _series(make: Builders, title: str, programme: str = "Tea & A Chat", **facts: object) -> int:
    return make.series(title, programme_id=make.programme(programme), **facts)


@pytest.mark.parametrize("path", VIEWS)
def test_every_view_leads_to_every_other(desk: FlaskClient, path: str) -> None:
    page = desk.get(path)
    assert page.status_code == 200
    for other in VIEWS:
        assert f'href="{other}"' in page.text


@pytest.mark.parametrize("path", VIEWS)
def test_a_host_who_is_not_in_the_office_sees_no_view(
    client: FlaskClient, make: Builders, season: Season, path: str
) -> None:
    assert make.sign_in(client, make.facilitator()).get(path).status_code == 404


@pytest.mark.parametrize("path", ["/office/schedule", "/office/schedule/week", "/office/schedule/month"])
def test_a_draft_stands_there_and_says_so(desk: FlaskClient, make: Builders, path: str) -> None:
    assert "Draft " not in words(desk.get(path)).replace("Drafts", "").partition("Show only some")[0]
    make.session(_series(make, "Tea in the barn", state=DRAFT), on=date(2026, 11, 22), state=DRAFT)
    assert "Tea in the barn" in words(desk.get(path))
    assert 'pill--plum">Draft' in desk.get(path).text


@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ("nation=Wales", "Tea Cardiff", "Singing"),
        ("state=draft", "Singing", "Tea Cardiff"),
        ("period=week", "Chat Manchester", "Tea Cardiff"),
        ("period=past", "Chair yoga", "Tea Cardiff"),
        ("nation=Narnia", "Tea Cardiff", "Chair yoga"),
    ],
)
def test_the_list_shows_only_what_is_asked_for(
    desk: FlaskClient, make: Builders, query: str, there: str, not_there: str
) -> None:
    cardiff = make.venue("Cardiff hall", nation="Wales")
    make.session(_series(make, "Tea Cardiff", venue_id=cardiff), on=date(2027, 2, 3))
    make.session(_series(make, "Singing", "Wellbeing classes"), on=date(2027, 2, 4), state=DRAFT)
    said = desk.get(f"/office/schedule?{query}").text.partition("day-heading")[2]
    assert there in said
    assert not_there not in said


def test_the_list_of_one_host_and_of_one_venue(desk: FlaskClient, make: Builders, season: Season) -> None:
    fay, hall = make.facilitator(), make.venue("Cardiff hall", nation="Wales")
    make.session(_series(make, "Tea Cardiff", venue_id=hall), on=date(2027, 2, 3), led_by=(fay,))
    for query in (f"host={fay}", f"venue={hall}"):
        assert "1 date to come" in words(desk.get(f"/office/schedule?{query}"))


@pytest.mark.parametrize(
    "query",
    ["?series=99999", "?programme=x", "?host=0", "?venue=-1", "?page=9", "/week?day=2026-02-30",
     "/week?day=1", "/month?m=2026-13", "/month?m=x", "/gaps?page=7", "/hosts?page=2", "/drafts?page=2"],
)  # fmt: skip
def test_what_is_not_there_is_no_page(desk: FlaskClient, query: str) -> None:
    assert desk.get(f"/office/schedule{query}").status_code == 404


def test_the_week_begins_on_monday_and_turns(desk: FlaskClient) -> None:
    said = words(desk.get("/office/schedule/week"))
    assert "Monday 16 November to Sunday 22 November 2026" in said
    assert "Nothing planned" in said
    said = words(desk.get("/office/schedule/week?day=2026-11-25"))
    assert "1:30pm Tea & A Chat Manchester Nobody leads it yet" in said
    assert "Friends' Meeting House · 1 of 20 in the room" in said


def test_the_month_counts_what_a_day_can_not_show(desk: FlaskClient, make: Builders, season: Season) -> None:
    for number in range(6):
        make.session(_series(make, f"Tea {number}"), on=date(2026, 12, 2))
    page = desk.get("/office/schedule/month?m=2026-12")
    said = words(page)
    assert "December 2026 6 dates, drafts included" in said
    assert "Tea 3" in said
    assert "Tea 4" not in said
    assert "2 more on Wednesday 2 December 2026" in said
    assert "Tea 5" in words(desk.get("/office/schedule/week?day=2026-12-02"))


def test_dates_without_a_host_come_first(desk: FlaskClient, make: Builders, season: Season) -> None:
    fay = make.facilitator()
    make.session(_series(make, "Tea Leeds"), on=date(2026, 12, 2), led_by=(fay,))
    said = words(desk.get("/office/schedule/hosts"))
    assert "1 date needs a host Wednesday 25 November 2026, 1:30pm Tea & A Chat Manchester" in said
    assert "Fay Example 1 date Wednesday 2 December 2026, 1:30pm Tea Leeds" in said
    two = _series(make, "Tea York", min_facilitators=2)
    make.session(two, on=date(2026, 12, 3), led_by=(fay,))
    assert "2 dates need a host" in words(desk.get("/office/schedule/hosts"))
    assert "Tea York 1 more is needed to lead it" in words(desk.get("/office/schedule/hosts"))


def test_a_cancelled_date_needs_no_host(desk: FlaskClient, make: Builders, season: Season) -> None:
    make.session(season.tea, on=date(2026, 12, 2), state=CANCELLED)
    assert "1 date needs a host" in words(desk.get("/office/schedule/hosts"))


def test_what_is_on_where(desk: FlaskClient, make: Builders, season: Season) -> None:
    make.session(make.series("Chat online", mode=Mode.ONLINE), on=date(2026, 12, 2))
    said = words(desk.get("/office/schedule/venues"))
    assert "Online 1 date Wednesday 2 December 2026, 1:30pm Chat online" in said
    assert "Friends' Meeting House 1 date Wednesday 25 November 2026" in said


def test_drafts_wait_in_a_list_of_their_own(desk: FlaskClient, make: Builders) -> None:
    assert "No drafts" in words(desk.get("/office/schedule/drafts"))
    barn = _series(make, "Tea in the barn", state=DRAFT)
    make.session(barn, on=date(2026, 12, 2), state=DRAFT)
    said = words(desk.get("/office/schedule/drafts"))
    assert "Tea in the barn First on Wednesday 2 December 2026 1 date laid out so far Draft" in said


def test_a_date_that_differs_says_how(desk: FlaskClient, make: Builders, season: Season) -> None:
    barn = make.venue("The barn")
    facts = {"start_time": time(10), "venue_id": barn, "own_facts": "start_time venue_id end_time"}
    make.session(season.tea, on=date(2026, 12, 2), differs=True, **facts)
    said = words(desk.get("/office/schedule/differences"))
    assert "Tea & A Chat Manchester on Wednesday 2 December 2026" in said
    assert "Start: was 1:30pm, now 10am" in said
    assert "End: 5pm, and stays so when the series changes" in said
    assert "Venue: was Friends' Meeting House, now The barn" in said


def test_the_address_of_a_meeting_stays_on_its_own_page(desk: FlaskClient, make: Builders) -> None:
    chat = make.series("Chat online", mode=Mode.ONLINE)
    own = {"meeting_url": "https://meet.example.org/own-secret", "own_facts": "meeting_url"}
    make.session(chat, on=date(2026, 12, 2), differs=True, **own)
    page = desk.get("/office/schedule/differences")
    assert "Meeting link: its own address, for this date alone" in words(page)
    assert "secret" not in page.text


def test_a_date_from_before_the_series_changed_is_what_its_row_says(
    desk: FlaskClient, make: Builders
) -> None:
    tea = _series(make, "Tea Leeds", holds_from=date(2027, 1, 1))
    make.session(tea, on=date(2026, 12, 2), differs=True, start_time=time(10), own_facts="start_time")
    assert "Start: 10am, for this date alone" in words(desk.get("/office/schedule/differences"))


def test_no_tea_in_wales_in_march(desk: FlaskClient, make: Builders, season: Season) -> None:
    tea = _series(make, "Tea Cardiff", venue_id=make.venue("Cardiff hall", nation="Wales"))
    for month in (1, 2, 4):
        make.session(tea, on=date(2027, month, 3))
    make.session(tea, on=date(2026, 12, 3))
    make.session(tea, on=date(2026, 11, 3))
    said = words(desk.get("/office/schedule/gaps"))
    assert "No Tea & A Chat in Wales in March 2027" in said
    make.session(tea, on=date(2027, 3, 3), state=DRAFT)
    assert "in Wales in March 2027 (a draft is there)" in words(desk.get("/office/schedule/gaps"))
    make.session(tea, on=date(2027, 3, 10))
    assert "in Wales" not in words(desk.get("/office/schedule/gaps"))


def test_a_programme_that_was_never_there_is_missed_by_nobody(desk: FlaskClient) -> None:
    said = words(desk.get("/office/schedule/gaps"))
    assert "Scotland" not in said
    assert "No Wellbeing classes in England in December 2026, January 2027" in said


def test_a_series_that_soon_ends_is_named(desk: FlaskClient, make: Builders, season: Season) -> None:
    short = _series(make, "Six weeks of singing", rule="FREQ=WEEKLY;BYDAY=WE;COUNT=6")
    make.session(short, on=date(2026, 12, 2))
    said = words(desk.get("/office/schedule/gaps"))
    assert "Six weeks of singing : the last date is Wednesday 2 December 2026" in said
    assert "Tea & A Chat Manchester : the last date" not in said


def test_a_series_without_a_host_is_named(desk: FlaskClient, make: Builders, season: Season) -> None:
    said = words(desk.get("/office/schedule/gaps"))
    assert "Series without a host Tea & A Chat Manchester : 1 date that nobody leads" in said
