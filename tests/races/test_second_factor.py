"""One code typed in several browsers in the same moment: it is taken once."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from booking.models import SignIn
from tests.support.builders import Builders
from tests.support.pages import rows

pytestmark = pytest.mark.race
Race = Callable[..., Counter[str]]
DEEDS = ("show code", "recover")


@pytest.fixture(params=DEEDS)
def tries(request: pytest.FixtureRequest, app: Flask, make: Builders) -> list[dict[str, Any]]:
    """Six browsers of Ada, and one code."""
    ada = make.admin()
    codes = make.second_factor(ada, codes=1)
    for _ in range(6):
        make.sign_in(app.test_client(), ada, second_factor=False)
    # The phone is a step ahead, so that the code still fits if this race is slow to begin.
    typed = codes[0] if request.param == "recover" else make.code(ada, steps=1)
    asked = {"deed": request.param, "person_id": ada, "typed": typed}
    return [asked | {"public_id": public_id} for public_id in rows(app, select(SignIn.public_id))]


def raised(app: Flask) -> int:
    return len(rows(app, select(SignIn.id).where(SignIn.second_factor_at.is_not(None))))


def test_a_code_opens_one_of_six_browsers(app: Flask, tries: list[dict[str, Any]], race: Race) -> None:
    told = race(tries)
    assert sorted(told.values()) == [1, 5]
    assert told[f"{tries[0]['deed']} done"] == 1
    assert raised(app) == 1


def test_without_the_persons_lock_it_opens_several(
    app: Flask, tries: list[dict[str, Any]], race: Race
) -> None:
    race(tries, without="person lock")
    assert raised(app) > 1
