"""Who leads one date alone is that date's own; who leads it and all later ones is not."""

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import ScheduledSession, SeriesFacilitator
from booking.services import rota
from tests.support import pages
from tests.support.builders import Builders


@pytest.fixture
def led(app: Flask, make: Builders) -> tuple[int, int, int]:
    """A date that Fay leads, as she leads its series; and Gil."""
    series, fay, gil = make.series(), make.facilitator("Fay"), make.facilitator("Gil")
    with app.app_context():
        db.session.add(SeriesFacilitator(series_id=series, person_id=fay))
        db.session.commit()
    return make.session(series, led_by=(fay,)), fay, gil


def own(app: Flask, session_id: int) -> tuple[frozenset[str], bool]:
    (scheduled,) = pages.rows(app, select(ScheduledSession).where(ScheduledSession.id == session_id))
    return scheduled.own, scheduled.differs


def test_another_host_for_one_date_makes_it_differ_until_she_goes_again(
    app: Flask, led: tuple[int, int, int]
) -> None:
    session, _fay, gil = led
    with app.app_context():
        rota.add_facilitator(session, gil, gil, clock.now())
    assert own(app, session) == ({"hosts"}, True)
    with app.app_context():
        rota.remove_facilitator(session, gil, gil, clock.now())
    assert own(app, session) == (frozenset(), False)


def test_a_date_without_its_host_differs(app: Flask, led: tuple[int, int, int]) -> None:
    session, fay, gil = led
    with app.app_context():
        rota.remove_facilitator(session, fay, gil, clock.now())
    assert own(app, session) == ({"hosts"}, True)


def test_a_host_for_all_later_dates_too_makes_none_differ(app: Flask, led: tuple[int, int, int]) -> None:
    session, fay, gil = led
    with app.app_context():
        rota.add_facilitator(session, gil, gil, clock.now(), later_too=True)
        rota.remove_facilitator(session, fay, gil, clock.now(), later_too=True)
    assert own(app, session) == (frozenset(), False)
