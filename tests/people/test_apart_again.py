"""Two women put together by mistake: each goes on living her life, and taking it back mixes up nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.db import transaction
from booking.models import (
    ContactPoint,
    EmergencyContact,
    MovementCheckIn,
    PersonRole,
    Series,
    SeriesFacilitator,
)
from booking.models.kinds import Channel, Role, Who
from booking.queries.signin import people_at
from booking.services import closing, contacts, corrections, details, merging, movement, people
from booking.services.steps import contacts as step
from booking.services.steps import handing_back
from tests.people import story
from tests.support import pages
from tests.support.builders import Builders

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CONTACTS = select(ContactPoint.person_id, ContactPoint.written).order_by(ContactPoint.id)
EMERGENCY = select(EmergencyContact.person_id, EmergencyContact.name).order_by(EmergencyContact.name)


class Mistake:
    """Ada put Bea's record into Ann's at noon; what follows is an hour later."""

    def __init__(self, app: Flask, make: Builders, clock_at: Callable[[datetime], datetime]) -> None:
        self.app, self.make, self.clock_at = app, make, clock_at
        self.ann, self.bea = make.person("Ann"), make.person("Bea", phone="07700 900999")
        self.ada, self.deed = make.admin("Ada"), 0

    def do(self, deed: Callable[..., Any], *arguments: Any) -> Any:
        with self.app.app_context():
            return deed(*arguments, clock.now())

    def merge(self) -> None:
        self.deed = self.do(merging.merge, self.ann, self.bea, self.ada)
        self.clock_at(clock.now() + timedelta(hours=1))

    def undo(self) -> list[int]:
        return self.do(merging.undo_merge, self.deed, self.ada)  # type: ignore[no-any-return]

    def new_email(self, address: str) -> None:
        with self.app.app_context(), transaction():
            step.replace_emails(self.ann, address, clock.now())

    def ways_of(self, person_id: int) -> list[str]:
        return [written for whose, written in pages.rows(self.app, CONTACTS) if whose == person_id]

    def page(self, client: FlaskClient) -> str:
        desk = self.make.sign_in(client, self.ada)
        return pages.words(desk.get(f"/office/people/{self.ann}/merge"))


@pytest.fixture
def mistake(app: Flask, make: Builders, clock_at: Callable[[datetime], datetime]) -> Mistake:
    clock_at(NOON)
    return Mistake(app, make, clock_at)


def test_each_has_her_own_address_again(mistake: Mistake) -> None:
    mistake.merge()
    mistake.new_email("ann.new@example.org")
    mistake.undo()
    assert mistake.ways_of(mistake.ann) == ["ann.new@example.org"]
    assert mistake.ways_of(mistake.bea) == ["bea@example.org", "07700 900999"]


def test_the_new_number_of_one_is_not_the_others(mistake: Mistake) -> None:
    mistake.merge()
    mistake.do(contacts.save, mistake.ann, contacts.Wanted("ann@example.org", "07700 900111", ""))
    mistake.undo()
    assert mistake.ways_of(mistake.ann) == ["ann@example.org", "07700 900111"]
    assert mistake.ways_of(mistake.bea) == ["bea@example.org", "07700 900999"]


def test_what_the_office_corrects_in_the_meantime_is_not_lost_to_the_other(mistake: Mistake) -> None:
    mistake.merge()
    told = corrections.Details(
        "Ann Example", "Ann", Who.PATIENT, "07700 900111", "ann@example.org", "", Channel.EMAIL
    )
    mistake.do(corrections.correct, mistake.ann, told, mistake.ada)
    mistake.undo()
    assert "07700 900111" in mistake.ways_of(mistake.ann)
    assert "07700 900999" in mistake.ways_of(mistake.bea)


def test_an_emergency_contact_goes_back_to_whose_it_is(mistake: Mistake) -> None:
    mistake.do(details.save_emergency_contact, mistake.bea, "Bob", "07700 900111")
    mistake.merge()
    mistake.do(details.save_emergency_contact, mistake.ann, "Carl", "07700 900222")
    mistake.undo()
    assert pages.rows(mistake.app, EMERGENCY) == [(mistake.bea, "Bob"), (mistake.ann, "Carl")]


def test_a_check_in_of_one_is_never_the_others_and_is_named(mistake: Mistake, client: FlaskClient) -> None:
    mistake.do(movement.check_in, mistake.bea, {}, True)
    mistake.merge()
    mistake.do(movement.check_in, mistake.ann, {"spine_hips": "yes"}, True)
    mistake.undo()
    assert pages.rows(mistake.app, select(MovementCheckIn.person_id)) == [mistake.ann]
    page = mistake.page(client)
    assert "This did not go back to the record of Bea Example" in page
    assert "Movement check-in" in page


def test_a_role_given_since_stays_where_it_was_given(mistake: Mistake) -> None:
    mistake.do(people.give_role, mistake.bea, Role.FACILITATOR, mistake.ada)
    mistake.merge()
    mistake.do(people.take_role, mistake.ann, Role.FACILITATOR, mistake.ada)
    mistake.do(people.give_role, mistake.ann, Role.FACILITATOR, mistake.ada)
    mistake.undo()
    hosts = select(PersonRole.person_id).where(PersonRole.role == Role.FACILITATOR)
    assert pages.rows(mistake.app, hosts) == [mistake.ann]


def test_a_series_given_since_stays_where_it_was_given(mistake: Mistake) -> None:
    first, second = mistake.make.series(), mistake.make.series()
    leads = SeriesFacilitator.__table__
    pages.write(mistake.app, leads.insert().values(series_id=first, person_id=mistake.bea))
    mistake.merge()
    pages.write(mistake.app, leads.delete())
    pages.write(mistake.app, leads.insert().values(id=1, series_id=second, person_id=mistake.ann))
    mistake.undo()
    led = select(SeriesFacilitator.person_id, Series.id).join(Series, Series.id == leads.c.series_id)
    assert pages.rows(mistake.app, led) == [(mistake.ann, second)]


def test_by_their_ids_alone_rows_would_go_to_the_wrong_woman(
    mistake: Mistake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("booking.services.steps.unmoving.is_as_old", lambda *_: True)
    mistake.do(movement.check_in, mistake.bea, {}, True)
    mistake.merge()
    pages.write(mistake.app, MovementCheckIn.__table__.delete())
    newer = {"id": 1, "person_id": mistake.ann, "flags": "", "wants_call": False, "answered_at": clock.now()}
    pages.write(mistake.app, MovementCheckIn.__table__.insert().values(newer))
    mistake.undo()
    assert pages.rows(mistake.app, select(MovementCheckIn.person_id)) == [mistake.bea]


def test_without_handing_back_her_address_would_be_lost(
    mistake: Mistake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing_back, "_home_of", lambda *_: None)
    mistake.merge()
    mistake.new_email("ann.new@example.org")
    mistake.undo()
    assert mistake.ways_of(mistake.bea) == ["07700 900999"]


def test_an_address_that_rests_with_a_merged_record_opens_nothing(mistake: Mistake) -> None:
    mistake.merge()
    mistake.new_email("ann.new@example.org")
    with mistake.app.app_context():
        assert people_at("bea@example.org") == []
        assert [person.id for person in people_at("ann.new@example.org")] == [mistake.ann]


def test_after_thirty_days_what_is_replaced_is_gone(mistake: Mistake) -> None:
    mistake.merge()
    mistake.clock_at(NOON + 31 * DAY)
    mistake.new_email("ann.new@example.org")
    assert "bea@example.org" not in [written for _whose, written in pages.rows(mistake.app, CONTACTS)]


def test_closing_takes_what_was_handed_back_with_it(mistake: Mistake) -> None:
    lived = story.live(mistake.app, mistake.make).ann
    mistake.deed = mistake.do(merging.merge, mistake.ann, lived, mistake.ada)
    mistake.clock_at(clock.now() + DAY)
    mistake.new_email("ann.new@example.org")
    mistake.do(details.save_emergency_contact, mistake.ann, "Carl", "07700 900222")
    assert "contact_point.written" in story.where_found(mistake.app)
    mistake.do(closing.close_account, mistake.ann, mistake.ann)
    assert story.where_found(mistake.app) == []
