"""One human being with two records: what moves, which of two places stays, and the way back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import (
    Booking,
    ContactPoint,
    DeedStep,
    Message,
    Person,
    PersonRole,
    ReversibleDeed,
    SignIn,
)
from booking.models.kinds import Attendance, BookingState, PersonStatus, Role
from booking.refusals import NotAboutYourself, NotFound, RecordIsShut, SameRecord, TooLateToTakeBack
from booking.services import merging
from tests.support import pages
from tests.support.builders import Builders

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Two:
    """Ann, and the record she made with her second address; Ada is in the office."""

    app: Flask
    make: Builders
    ann: int
    second: int
    ada: int
    session: int

    def merge(self, keep: int = 0, other: int = 0) -> int:
        with self.app.app_context():
            return merging.merge(keep or self.ann, other or self.second, self.ada, clock.now())

    def undo(self, deed: int) -> list[int]:
        with self.app.app_context():
            return merging.undo_merge(deed, self.ada, clock.now())

    def booking(self, booking_id: int) -> tuple[Any, ...]:
        asked = select(Booking.person_id, Booking.state, Booking.attendance).where(Booking.id == booking_id)
        return tuple(pages.rows(self.app, asked)[0])

    def status(self, person_id: int) -> PersonStatus:
        return pages.rows(self.app, select(Person.status).where(Person.id == person_id))[0]


@pytest.fixture
def two(app: Flask, make: Builders, clock_at: Callable[[datetime], datetime]) -> Two:
    clock_at(NOON)
    ann, second = make.person("Ann"), make.person("Annie", phone="07700 900123")
    return Two(app, make, ann, second, make.admin("Ada"), make.session(starts_in=7 * DAY, places_room=2))


def contacts(two: Two, person_id: int) -> list[str]:
    asked = select(ContactPoint.written).where(ContactPoint.person_id == person_id).order_by(ContactPoint.id)
    return pages.rows(two.app, asked)


def test_places_addresses_and_roles_move(two: Two) -> None:
    place = two.make.booking(two.session, two.second)
    pages.write(
        two.app,
        PersonRole.__table__.insert().values(person_id=two.second, role=Role.FACILITATOR, given_at=NOON),
    )
    two.merge()
    assert two.booking(place)[0] == two.ann
    assert contacts(two, two.ann) == ["ann@example.org", "annie@example.org", "07700 900123"]
    assert pages.rows(two.app, select(PersonRole.role).where(PersonRole.person_id == two.ann)) == [
        Role.FACILITATOR
    ]
    assert two.status(two.second) is PersonStatus.MERGED


def test_of_two_places_at_one_session_the_better_one_stays(two: Two) -> None:
    waits = two.make.booking(two.session, two.ann, state=BookingState.WAITING)
    booked = two.make.booking(two.session, two.second)
    two.merge()
    assert two.booking(booked)[:2] == (two.ann, BookingState.BOOKED)
    assert two.booking(waits)[:2] == (two.ann, BookingState.CANCELLED)
    assert pages.rows(two.app, select(Message.id)) == []


def test_whoever_came_is_counted_once(two: Two) -> None:
    past = two.make.session(starts_in=-7 * DAY)
    first = two.make.booking(past, two.ann, attendance=Attendance.CAME)
    walked = two.make.booking(past, two.second, attendance=Attendance.WALKED_IN)
    deed = two.merge()
    assert two.booking(first)[1:] == (BookingState.BOOKED, Attendance.CAME)
    assert two.booking(walked)[1:] == (BookingState.CANCELLED, Attendance.NOT_RECORDED)
    two.undo(deed)
    assert two.booking(walked) == (two.second, BookingState.BOOKED, Attendance.WALKED_IN)


def test_the_other_record_signs_in_nowhere(two: Two, client: FlaskClient) -> None:
    phone = two.make.sign_in(client, two.second)
    two.merge()
    assert phone.get("/me").status_code == 303
    assert pages.rows(two.app, select(SignIn.id).where(SignIn.ended_at.is_(None))) == []


def test_everything_goes_back(two: Two) -> None:
    place, double = two.make.booking(two.session, two.second), two.make.session(starts_in=9 * DAY)
    mine, hers = two.make.booking(double, two.ann), two.make.booking(double, two.second)
    deed = two.merge()
    assert two.booking(hers)[1] is BookingState.CANCELLED
    assert two.undo(deed) == []
    assert two.booking(place)[:2] == two.booking(hers)[:2] == (two.second, BookingState.BOOKED)
    assert two.booking(mine)[0] == two.ann
    assert contacts(two, two.second) == ["annie@example.org", "07700 900123"]
    assert two.status(two.second) is PersonStatus.ACTIVE
    assert two.undo(deed) == []


def test_a_double_place_that_was_taken_meanwhile_is_named(two: Two) -> None:
    two.make.booking(two.session, two.ann)
    double = two.make.booking(two.session, two.second)
    deed = two.merge()
    two.make.booking(two.session, two.make.person("Ben"))
    assert two.undo(deed) == [double]
    assert two.booking(double)[:2] == (two.second, BookingState.GIVEN_UP)


def test_the_page_counts_and_names_the_places_that_were_taken(two: Two, client: FlaskClient) -> None:
    for days in (7, 8):
        chat = two.make.session(starts_in=days * DAY, places_room=2)
        for person_id in (two.ann, two.second):
            two.make.booking(chat, person_id)
    deed = two.merge()
    ben = two.make.person("Ben")
    for chat in pages.rows(two.app, select(Booking.session_id).distinct()):
        two.make.booking(chat, ben)
    desk, here = two.make.sign_in(client, two.ada), f"/office/people/{two.ann}/merge"
    page = pages.after(desk, pages.send(desk, f"/office/merges/{deed}/undo", page=here))
    assert "The records are apart again. 2 places could not be put back." in page
    assert "This did not go back to the record of Annie Example" in page
    assert "Wednesday 11 March 2026" in page


def test_what_she_changed_since_stays_as_she_wants_it(two: Two) -> None:
    place = two.make.booking(two.session, two.second)
    deed = two.merge()
    pages.write(two.app, db.update(Booking).where(Booking.id == place).values(state=BookingState.GIVEN_UP))
    two.undo(deed)
    assert two.booking(place)[:2] == (two.second, BookingState.GIVEN_UP)


def test_who_was_left_in_peace_on_one_record_is_left_in_peace(two: Two) -> None:
    paused = db.update(Person).where(Person.id == two.second).values(status=PersonStatus.PAUSED)
    pages.write(two.app, paused)
    deed = two.merge()
    assert two.status(two.ann) is PersonStatus.PAUSED
    two.undo(deed)
    assert (two.status(two.ann), two.status(two.second)) == (PersonStatus.ACTIVE, PersonStatus.PAUSED)


@pytest.mark.parametrize("status", [PersonStatus.DIED, PersonStatus.CLOSED, PersonStatus.MERGED])
def test_a_record_that_is_shut_is_not_merged(two: Two, status: PersonStatus) -> None:
    pages.write(two.app, db.update(Person).where(Person.id == two.second).values(status=status))
    with pytest.raises(RecordIsShut):
        two.merge()


def test_oneself_nobody_and_ones_own_record_are_refused(two: Two) -> None:
    with pytest.raises(SameRecord):
        two.merge(other=two.ann)
    with pytest.raises(NotAboutYourself):
        two.merge(other=two.ada)
    with pytest.raises(NotFound):
        two.merge(other=999_999)
    with pytest.raises(NotFound):
        two.undo(999_999)


def test_twice_is_once(two: Two) -> None:
    assert two.merge() == two.merge()
    assert len(pages.rows(two.app, select(ReversibleDeed.id))) == 1


def test_after_thirty_days_it_stands_and_the_other_record_is_empty(
    two: Two, clock_at: Callable[[datetime], datetime]
) -> None:
    deed = two.merge()
    clock_at(NOON + 30 * DAY)
    with pytest.raises(TooLateToTakeBack):
        two.undo(deed)
    with two.app.app_context():
        assert merging.empty_merged(clock.now()) == 1
        assert merging.empty_merged(clock.now()) == 0
    assert pages.rows(two.app, select(Person.full_name).where(Person.id == two.second)) == [""]
    assert two.status(two.second) is PersonStatus.MERGED
    assert contacts(two, two.ann)[1] == "annie@example.org"


def test_nothing_about_anybody_stands_in_the_steps(two: Two) -> None:
    two.make.booking(two.session, two.second)
    two.merge()
    kept = " ".join(pages.rows(two.app, select(DeedStep.was)))
    assert not [word for word in ("Ann", "@", "07700") if word in kept]


def test_the_office_finds_sees_and_does_it(two: Two, client: FlaskClient) -> None:
    two.make.booking(two.session, two.ann)
    two.make.booking(two.session, two.second)
    overlapping = two.make.session(starts_in=7 * DAY)
    two.make.booking(overlapping, two.second)
    desk, here = two.make.sign_in(client, two.ada), f"/office/people/{two.ann}/merge"
    assert f"merge?other={two.second}" in pages.look_for(desk, "Annie", here).text
    page = pages.words(desk.get(f"{here}?other={two.second}"))
    assert "Both have a place at one session" in page
    done = pages.after(desk, pages.send(desk, here, page=f"{here}?other={two.second}", other=two.second))
    assert "The two records are one now." in done
    assert "At the same hours" in done
    undone = pages.after(desk, pages.send(desk, "/office/merges/1/undo", page=here))
    assert "The records are apart again." in undone
