"""A place is kept only where somebody can get to it, and half of what is free stays for everybody else."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.messages.letters.nearby import other_dates
from booking.models import Booking, Person
from booking.models.kinds import Mode, Pool
from booking.rules.offers import may_be_kept
from booking.services import calling_off
from booking.services.steps.taking import session_today
from tests.support import pages
from tests.support.builders import Builders

NEXT_WEEK = date(2027, 2, 3)


class Town:
    """Ann has a place in a room in Manchester that is cancelled, and everything else is elsewhere."""

    def __init__(self, app: Flask, make: Builders) -> None:
        self.app, self.make = app, make
        self.ann, self.ada = make.person(), make.admin()
        hall = make.venue("Manchester Hall", town="Manchester")
        self.series = make.series(venue_id=hall)
        self.gone = make.session(self.series, on=date(2027, 1, 27))
        make.booking(self.gone, self.ann)

    def elsewhere(self, title: str, town: str = "", nation: str = "England", **facts: Any) -> int:
        if town:
            facts["venue_id"] = self.make.venue(f"{town} Hall", town=town, nation=nation)
        series = self.make.series(title, nation=nation, **facts)
        return self.make.session(series, on=NEXT_WEEK)

    def kept(self) -> list[tuple[int, Pool]]:
        with self.app.app_context():
            calling_off.cancel_sessions([self.gone], "", self.ada, clock.now())
        offered = select(Booking.session_id, Booking.pool).where(Booking.instead_of_id.is_not(None))
        return [tuple(row) for row in pages.rows(self.app, offered.order_by(Booking.id))]

    def listed(self) -> list[str]:
        with self.app.test_request_context():
            gone = session_today(self.gone)
            person = db.session.get_one(Person, self.ann)
            return [one.words.partition(":")[0] for one in other_dates(gone, Pool.ROOM, person, clock.now())]


@pytest.fixture
def town(app: Flask, make: Builders, clock_at: Callable[[str], Any]) -> Town:
    clock_at("2027-01-10T12:00+00:00")
    return Town(app, make)


def test_no_room_in_another_nation_is_kept(town: Town) -> None:
    town.elsewhere("Tea & A Chat Cardiff", "Cardiff", "Wales")
    assert town.kept() == []


def test_no_room_far_away_is_kept(town: Town) -> None:
    town.elsewhere("Tea & A Chat London", "London")
    assert town.kept() == []


def test_a_room_near_by_is_kept(town: Town) -> None:
    town.elsewhere("Tea & A Chat London", "London")
    near = town.elsewhere("Tea & A Chat Stockport", "Stockport")
    assert town.kept() == [(near, Pool.ROOM)]


def test_a_room_of_which_nobody_knows_how_far_it_is_is_not_kept(town: Town) -> None:
    town.elsewhere("Tea & A Chat somewhere", venue_id=town.make.venue("The old barn", address="Up the lane"))
    assert town.kept() == []


def test_her_own_series_comes_before_what_is_near(town: Town) -> None:
    town.elsewhere("Tea & A Chat Stockport", "Stockport")
    own = town.make.session(town.series, on=date(2027, 2, 24))
    assert town.kept() == [(own, Pool.ROOM)]


def test_where_no_room_is_near_a_place_from_home_is_kept(town: Town) -> None:
    hybrid = town.elsewhere("Tea & A Chat Cardiff", "Cardiff", "Wales", mode=Mode.HYBRID)
    assert town.kept() == [(hybrid, Pool.ONLINE)]


def test_who_joins_from_home_is_never_kept_a_room(app: Flask, town: Town) -> None:
    pages.write(app, db.update(Booking).values(pool=Pool.ONLINE))
    town.elsewhere("Tea & A Chat Stockport", "Stockport")
    online = town.elsewhere("Tea & A Chat online", mode=Mode.ONLINE)
    assert town.kept() == [(online, Pool.ONLINE)]


def test_the_letter_names_what_is_near_before_what_is_far(town: Town) -> None:
    town.elsewhere("Tea & A Chat Cardiff", "Cardiff", "Wales")
    for number in range(2):
        town.elsewhere(f"Stockport {number}", "Stockport")
    town.make.session(town.series, on=date(2027, 2, 24))
    assert "Tea & A Chat Cardiff" not in town.listed()


def test_the_letter_still_names_what_is_far_where_nothing_is_near(town: Town) -> None:
    town.elsewhere("Tea & A Chat Cardiff", "Cardiff", "Wales")
    assert town.listed() == ["Tea & A Chat Cardiff"]


def test_half_of_a_date_stays_for_everybody_else(town: Town) -> None:
    town.elsewhere("Tea & A Chat Stockport", "Stockport", places_room=5)
    for number in range(4):
        town.make.booking(town.gone, town.make.person(f"Guest{number}"))
    assert len(town.kept()) == 2


@pytest.mark.parametrize(
    ("free", "kept", "wanted", "may"),
    [(1, 0, 1, False), (2, 0, 1, True), (3, 0, 1, True), (1, 1, 1, False), (3, 1, 1, True), (4, 0, 3, False)],
)
def test_at_most_half_of_what_is_free_is_kept(free: int, kept: int, wanted: int, may: bool) -> None:
    assert may_be_kept(free, kept, wanted) is may


def test_without_a_limit_everybody_is_kept_a_place() -> None:
    assert may_be_kept(None, 40, 1)
