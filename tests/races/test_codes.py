"""Ten guesses of a code in the same moment: five are counted, and the sixth opens nothing."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.models import EmailLink, SignIn
from booking.rules.tokens import make_code
from booking.services import signin
from tests.support.builders import Builders
from tests.support.databases import SECRET_KEY
from tests.support.pages import rows

pytestmark = pytest.mark.race
Race = Callable[..., Counter[str]]
TRIES = select(EmailLink.code_tries)


@pytest.fixture
def link(app: Flask, make: Builders) -> tuple[int, str]:
    """Ann asked for a letter: the id of its link, and its code."""
    make.person("Ann")
    with app.app_context():
        link_id = signin.ask_for_link("ann@example.org", "", clock.now())
    (nonce,) = rows(app, select(EmailLink.nonce))
    return link_id, make_code(SECRET_KEY, "sign_in", link_id, nonce)


def guess(link: tuple[int, str], further: int) -> dict[str, Any]:
    """Guess a code that is so much further than the right one."""
    return {"deed": "type code", "link_id": link[0], "typed": f"{(int(link[1]) + further) % 1_000_000:06d}"}


def test_of_ten_wrong_tries_at_once_five_count(app: Flask, link: tuple[int, str], race: Race) -> None:
    assert race([guess(link, further) for further in range(1, 11)]) == {"CodeDoesNotWork": 10}
    assert rows(app, TRIES) == [5]
    with app.app_context(), pytest.raises(signin.CodeDoesNotWork):
        signin.open_code(*link, None, clock.now())


def test_of_ten_right_ones_at_once_one_opens(app: Flask, link: tuple[int, str], race: Race) -> None:
    outcomes = race([guess(link, 0) for _ in range(10)])
    assert outcomes == {"type code done": 1, "CodeDoesNotWork": 9}
    assert len(rows(app, select(SignIn.id))) == 1
