"""Who waits in vain: the numbers are those counted by hand, each leads to its rows, and the file is plain."""

import csv
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking import clock
from booking.models import AuditEntry, Booking, Person, Series
from booking.models.kinds import BookingState, PersonStatus, Pool, SessionState
from booking.queries import demand
from booking.queries.demand import Demand, Hour, Outcome
from booking.queries.reports import Review
from tests.office.season import NOW, Season
from tests.support import pages
from tests.support.builders import Builders

WEDNESDAY_1PM = Hour(2, 13)


@dataclass(frozen=True)
class Wanted:
    """Four waited for tea in October: one in vain, one not taking it, one with a place; two for December."""

    past: int
    coming: int
    cat: int


@pytest.fixture
def wanted(make: Builders, season: Season) -> Wanted:
    past = make.session(season.tea, on=date(2026, 9, 30))
    coming = make.session(season.yoga, on=date(2026, 12, 3))
    cat, dora, eve = map(make.person, ("Cat", "Dora", "Eve"))
    waited(make, past, cat, BookingState.EXPIRED)
    waited(make, past, dora, BookingState.GIVEN_UP, times_offered=1)
    waited(make, past, eve, BookingState.BOOKED, times_offered=1)
    waited(make, coming, cat, BookingState.WAITING, pool=Pool.ONLINE)
    waited(make, coming, dora, BookingState.OFFERED, pool=Pool.ONLINE, times_offered=1)
    return Wanted(past, coming, cat)


def waited(make: Builders, session: int, person: int, state: BookingState, **facts: object) -> int:
    return make.booking(session, person, state=state, waits_since=clock.now(), queue_at=clock.now(), **facts)  # type: ignore[arg-type]


def review(**asked: int) -> Review:
    return Review(date(2025, 12, 1), date(2027, 5, 23), datetime.fromisoformat(NOW), **asked)


def figures(app: Flask, **asked: int) -> Demand:
    with app.app_context():
        return demand.figures(review(**asked))


def test_the_figures_are_those_counted_by_hand(app: Flask, wanted: Wanted, season: Season) -> None:
    assert figures(app) == Demand(
        waited=5, in_vain=1, still_waits=2, not_taken=1, got_a_place=1, people=3, dates=2
    )
    assert figures(app, series_id=season.tea).still_waits == 0
    assert figures(app, series_id=season.yoga).waited == 2


def test_the_four_outcomes_are_all_the_waits(app: Flask, wanted: Wanted) -> None:
    found = figures(app)
    assert found.waited == found.in_vain + found.still_waits + found.not_taken + found.got_a_place


def test_each_series_and_each_hour_has_its_own(app: Flask, wanted: Wanted, season: Season) -> None:
    with app.app_context():
        series, hours = demand.by_series(review()), demand.by_hour(review())
    assert [(one.series_id, one.demand.in_vain) for one in series] == [(season.tea, 1), (season.yoga, 0)]
    assert [(one.weekday, one.hour, one.demand.waited) for one in hours] == [(2, 13, 3), (3, 13, 2)]


def test_every_number_is_the_count_of_its_rows(app: Flask, wanted: Wanted) -> None:
    with app.app_context():
        for outcome in Outcome:
            number = getattr(demand.figures(review()), outcome.value)
            assert demand.rows(review(), outcome).total == number
        at_one = demand.rows(review(), Outcome.WAITED, WEDNESDAY_1PM)
    assert [row.known_as for row in at_one.rows] == ["Cat", "Dora", "Eve"]
    assert {row.outcome for row in at_one.rows} == set(Outcome) - {Outcome.WAITED, Outcome.STILL_WAITS}


def test_a_wait_that_nobody_swept_yet_is_in_vain_once_the_date_began(
    app: Flask, make: Builders, wanted: Wanted, season: Season
) -> None:
    waited(make, wanted.past, season.ann, BookingState.WAITING)
    assert figures(app).in_vain == 2


def test_who_has_another_date_meanwhile_or_never_confirmed_is_not_counted(
    app: Flask, make: Builders, wanted: Wanted, season: Season
) -> None:
    waited(make, wanted.past, season.ann, BookingState.EXPIRED, swap_for_id=season.anns_coming)
    waited(make, wanted.past, make.person("Nia", status=PersonStatus.UNPROVEN), BookingState.EXPIRED)
    assert figures(app).in_vain == 1


def test_a_cancelled_date_and_one_outside_the_stretch_are_not_counted(
    app: Flask, make: Builders, wanted: Wanted, season: Season
) -> None:
    off = make.session(season.tea, on=date(2026, 8, 26), state=SessionState.CANCELLED, uid="off")
    long_ago = make.session(season.tea, on=date(2024, 8, 28), uid="long-ago")
    for session in (off, long_ago):
        waited(make, session, season.ann, BookingState.EXPIRED)
    assert figures(app).waited == 5


def test_the_page_shows_the_numbers_and_each_leads_to_its_rows(desk: FlaskClient, wanted: Wanted) -> None:
    page = desk.get("/office/demand")
    said = pages.words(page)
    assert "In vain 1 In vain never offered a place" in said
    assert "Wednesday, from 1pm" in said
    rows = desk.get("/office/demand/rows?counted=in_vain&since=2025-12-01&until=2027-05-23&weekday=2&hour=13")
    assert "Cat Wednesday 30 September 2026 Tea & A Chat Manchester In the room" in pages.words(rows)
    assert "counted=in_vain" in page.text


def test_with_nobody_waiting_the_page_says_so(desk: FlaskClient, season: Season) -> None:
    assert "Nobody waited" in pages.words(desk.get("/office/demand"))


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "counted=sorrow",
        "counted=waited&weekday=7&hour=1",
        "counted=waited&weekday=2",
        "counted=waited&page=9",
    ],
)
def test_rows_that_no_number_has_are_no_page(desk: FlaskClient, wanted: Wanted, asked: str) -> None:
    assert desk.get(f"/office/demand/rows?{asked}").status_code == 404


def test_the_file_holds_each_wait_without_a_name_and_runs_nothing(
    app: Flask, desk: FlaskClient, wanted: Wanted, season: Season
) -> None:
    pages.write(app, update(Series).where(Series.id == season.tea).values(title="=1+1"))
    answer = pages.send(desk, "/office/demand.csv", page="/office/demand")
    lines = list(csv.DictReader(StringIO(answer.text)))
    assert [line["outcome"] for line in lines] == [
        "in_vain",
        "not_taken",
        "got_a_place",
        "still_waits",
        "still_waits",
    ]
    assert (lines[0]["series"], lines[0]["person_id"]) == ("'=1+1", str(wanted.cat))
    assert "Dora" not in answer.text


def test_taking_the_file_is_written_down(
    app: Flask, desk: FlaskClient, wanted: Wanted, season: Season
) -> None:
    pages.send(desk, "/office/demand.csv", page="/office/demand")
    taken = select(AuditEntry.actor_id).where(AuditEntry.action == "exported waiting")
    assert pages.rows(app, taken) == [season.ada]
    assert pages.send(desk, "/office/demand.csv", page="/office/demand", since="never").status_code == 400


def test_a_name_that_is_gone_leaves_the_count(app: Flask, desk: FlaskClient, wanted: Wanted) -> None:
    gone = {"known_as": "", "status": PersonStatus.CLOSED}
    pages.write(app, update(Person).where(Person.id == wanted.cat).values(gone))
    assert figures(app).in_vain == 1
    assert "Name removed" in pages.words(desk.get("/office/demand/rows?counted=in_vain"))
    assert pages.rows(app, select(Booking.id).where(Booking.person_id == wanted.cat)) != []
