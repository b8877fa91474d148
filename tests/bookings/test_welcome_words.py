"""Whoever books where the office calls first reads so before she presses, signed in or not."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from tests.support.builders import Builders

_FIRST = "somebody from the office calls you"


@pytest.mark.parametrize("welcome_call", [True, False])
def test_the_check_page_says_that_the_office_calls_first(
    client: FlaskClient, make: Builders, welcome_call: bool
) -> None:
    page = f"/sessions/{make.session(make.series(welcome_call=welcome_call))}/book"
    assert (_FIRST in client.get(page).text) is welcome_call
    make.sign_in(client, make.person("Ann"))
    assert (_FIRST in client.get(page).text) is welcome_call


@pytest.mark.parametrize("welcome_call", [True, False])
def test_the_check_page_of_a_course_says_so_too(
    client: FlaskClient, make: Builders, welcome_call: bool
) -> None:
    [week, _later] = make.course(2, first_in=timedelta(days=10), welcome_call=welcome_call)
    page = f"/courses/{make.series_of(week)}/book"
    assert (_FIRST in client.get(page).text) is welcome_call
    make.sign_in(client, make.person("Ann"))
    assert (_FIRST in client.get(page).text) is welcome_call
