"""People who were booked on a course before courses were known: the upgrade joins their weeks."""

from collections.abc import Callable
from datetime import date

from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import Enrolment
from booking.models.kinds import PersonStatus, Pool
from booking.services import courses
from tests.support.builders import Builders


def test_who_is_on_a_course_stays_on_it_when_the_upgrade_is_taken_back_and_done_again(
    app: Flask, make: Builders, clock_at: Callable[[str], None]
) -> None:
    clock_at("2090-01-10T12:00+00:00")
    weeks, ann = make.course(3), make.person()
    with app.app_context():
        courses.book_course(make.series_of(weeks[0]), ann, Pool.ROOM, ann, clock.now())
        go_back_and_forth("0008")
        assert db.session.scalars(select(Enrolment.person_id)).all() == [ann]


def test_only_the_living_with_a_week_to_come_are_put_on_a_course(
    app: Flask, make: Builders, clock_at: Callable[[str], None]
) -> None:
    clock_at("2090-01-10T12:00+00:00")
    weeks = make.course(2)
    long_ago = make.session(make.series_of(weeks[0]), on=date(2026, 1, 7))
    ann, ben = make.person(), make.person("Ben")
    died = make.person("Dora", status=PersonStatus.DIED)
    for session_id, person_id in ((weeks[0], ann), (long_ago, ann), (long_ago, ben), (weeks[0], died)):
        make.booking(session_id, person_id)
    with app.app_context():
        go_back_and_forth("0007")
        assert db.session.scalars(select(Enrolment.person_id)).all() == [ann]


def go_back_and_forth(revision: str) -> None:
    """Take the upgrade back to a step, and do it again."""
    db.session.remove()
    downgrade(revision=revision)
    upgrade()
