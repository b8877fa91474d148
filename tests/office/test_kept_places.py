"""A place that waits for somebody's answer is taken, and the office's lines say that it is only kept."""

from datetime import date, datetime

import pytest
from flask.testing import FlaskClient

from booking.models.kinds import BookingState
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders

KEPT = "1 of them kept until 9am on Tuesday 24 November"


@pytest.fixture
def november(season: Season, make: Builders) -> int:
    """Tuesday 24 November: Ben has a place, another is kept for Ann until Tuesday."""
    session = make.session(season.tea, on=date(2026, 11, 24))
    make.booking(session, season.ben)
    until = datetime.fromisoformat("2026-11-24T09:00+00:00")
    make.booking(session, season.ann, state=BookingState.OFFERED, held_until=until)
    return session


@pytest.mark.parametrize("view", ["", "/week?day=2026-11-25", "/month?m=2026-11"])
def test_every_view_says_which_places_are_only_kept(desk: FlaskClient, november: int, view: str) -> None:
    assert f"2 of 20 in the room, {KEPT}" in pages.words(desk.get(f"/office/schedule{view}"))


def test_the_page_of_a_date_says_which_places_are_only_kept(desk: FlaskClient, november: int) -> None:
    assert f"2 of 20 taken, {KEPT}" in pages.words(desk.get(f"/office/sessions/{november}"))


def test_nothing_is_said_where_none_is_kept(desk: FlaskClient, season: Season) -> None:
    assert "kept" not in pages.words(desk.get("/office/schedule"))
