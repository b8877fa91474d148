"""A season of 2,000 sessions is as quick to plan as one of 200: the same questions, pages no longer."""

import pytest
from flask import Flask

from bench import planner
from bench.listing import Season, statements_of
from tests.support.builders import Builders

LONGEST_PAGE = 400_000


def test_ten_times_the_season_asks_the_database_no_more(app: Flask, make: Builders) -> None:
    season = Season(app)
    desk = make.sign_in(app.test_client(), make.admin())
    season.grow(planner.SMALL)
    few = planner.counts(app, desk)
    season.grow(planner.LARGE)
    assert planner.counts(app, desk) == few
    assert max(few.values()) <= 18
    for path in planner.PAGES:
        assert len(desk.get(path).data) < LONGEST_PAGE


@pytest.mark.parametrize("path", ["/office/schedule/new", "/office/venues/new", "/office/people/new"])
def test_a_form_of_many_fields_asks_once_whether_messages_go_out(
    app: Flask, make: Builders, path: str
) -> None:
    desk = make.sign_in(app.test_client(), make.admin())
    asked = statements_of(app, desk, path)
    assert len([one for one in asked if "outgoing_stop" in one]) == 1
    assert len(asked) <= 18


@pytest.mark.parametrize("page", [2, 30])
def test_a_long_list_turns_its_pages(app: Flask, make: Builders, page: int) -> None:
    Season(app).grow(1_000)
    desk = make.sign_in(app.test_client(), make.admin())
    answer = desk.get(f"/office/schedule?page={page}")
    assert answer.text.count("session-card__start") == 30
