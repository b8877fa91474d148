"""People who waited, or were offered a place, when an upgrade is taken back: they wait again."""

from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import Booking
from booking.models.kinds import BookingState
from booking.queries.upkeep import problems
from booking.services import bookings, offers
from tests.support.builders import Builders


def test_an_offer_is_a_turn_again_when_the_upgrade_is_taken_back_and_done_again(
    app: Flask, make: Builders
) -> None:
    session, ann, ben = make.session(make.series(places_room=1)), make.person(), make.person("Ben")
    place, now = make.booking(session, ann), clock.now()
    facts = {"waits_since": now, "queue_at": now, "created_at": now, "state": BookingState.WAITING}
    turn = make.booking(session, ben, **facts)
    with app.app_context():
        bookings.give_up_place(place, ann, now)
        db.session.remove()
        downgrade(revision="0009")
        upgrade()
        kept = db.session.execute(select(Booking.state, Booking.waits_since).where(Booking.id == turn)).one()
        assert kept == (BookingState.WAITING, now)
        db.session.remove()
        assert offers.accept_offer(turn, now) is None
        assert problems() == []
