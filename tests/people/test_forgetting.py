"""Somebody who never confirmed her address is not kept."""

from datetime import timedelta

from flask import Flask

from booking import clock
from booking.db import db
from booking.models import ContactPoint, Person
from booking.models.kinds import PersonStatus, Role
from booking.services import privacy
from tests.support.builders import Builders

AGES_AGO = timedelta(days=8)


def test_a_stranger_who_never_pressed_the_button_leaves_no_name(app: Flask, make: Builders) -> None:
    stranger = make.person("Stella", status=PersonStatus.UNPROVEN, created_at=clock.now() - AGES_AGO)
    with app.app_context():
        assert privacy.forget_unproven(clock.now()) == 1
        person = db.session.get_one(Person, stranger)
        assert (person.full_name, person.known_as, person.status) == ("", "", PersonStatus.CLOSED)
        assert db.session.scalars(db.select(ContactPoint.id)).all() == []
        assert privacy.forget_unproven(clock.now()) == 0


def test_somebody_who_registered_this_week_may_still_confirm(app: Flask, make: Builders) -> None:
    make.person("Stella", status=PersonStatus.UNPROVEN)
    with app.app_context():
        assert privacy.forget_unproven(clock.now()) == 0


def test_ann_who_confirmed_long_ago_stays(app: Flask, make: Builders) -> None:
    make.person("Ann", created_at=clock.now() - AGES_AGO)
    with app.app_context():
        assert privacy.forget_unproven(clock.now()) == 0


def test_somebody_with_a_role_stays_until_she_signs_in(app: Flask, make: Builders) -> None:
    old = clock.now() - AGES_AGO
    make.person("Ada", status=PersonStatus.UNPROVEN, created_at=old, roles=(Role.ADMIN,))
    with app.app_context():
        assert privacy.forget_unproven(clock.now()) == 0
