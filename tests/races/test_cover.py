"""Six hosts step in at one date in the same moment: the first one has it."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.models import SessionFacilitator
from booking.services import cover
from tests.support.builders import Builders
from tests.support.pages import rows

pytestmark = pytest.mark.race
Race = Callable[..., Counter[str]]
ROUNDS = 4


def wanted(app: Flask, make: Builders) -> tuple[int, list[dict[str, Any]]]:
    """Fay can't host, and six others have a good day."""
    fay = make.facilitator("Fay")
    session = make.session(led_by=(fay,))
    with app.app_context():
        cover.cannot_host(session, fay, clock.now())
    hosts = [make.facilitator(f"Gil{session}n{number}") for number in range(6)]
    return session, [{"deed": "step in", "session_id": session, "person_id": host} for host in hosts]


def leading(app: Flask, session: int) -> int:
    """Count who leads a date."""
    asked = select(SessionFacilitator.id).where(SessionFacilitator.session_id == session)
    return len(rows(app, asked))


def test_the_first_one_has_it(app: Flask, make: Builders, race: Race) -> None:
    session, deeds = wanted(app, make)
    assert race(deeds) == {"step in done": 1, "CoverTaken": 5}
    assert leading(app, session) == 1


def test_without_the_lock_several_have_it(app: Flask, make: Builders, race: Race) -> None:
    for _ in range(ROUNDS):
        session, deeds = wanted(app, make)
        race(deeds, without="session lock")
        if leading(app, session) > 1:
            return
    pytest.fail("the lock makes no difference")
