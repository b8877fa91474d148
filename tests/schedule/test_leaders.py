"""Who is named as leading a session."""

import pytest
from flask import Flask
from sqlalchemy import Executable, delete, select, update

from booking.models import Person, PersonRole
from booking.models.kinds import PersonStatus
from booking.queries.bookings import names_of_leaders
from tests.support.builders import Builders
from tests.support.pages import write

FAYS = select(Person.id).where(Person.known_as == "Fay")
GONE: list[Executable] = [
    update(Person).where(Person.known_as == "Fay").values(status=status)
    for status in (PersonStatus.DIED, PersonStatus.CLOSED, PersonStatus.MERGED)
]
NO_LONGER = delete(PersonRole).where(PersonRole.role == "facilitator", PersonRole.person_id.in_(FAYS))


@pytest.mark.parametrize("change", [*GONE, NO_LONGER], ids=["died", "closed", "merged", "no longer hosts"])
def test_somebody_who_no_longer_leads_is_not_named(app: Flask, make: Builders, change: Executable) -> None:
    session = make.session(led_by=(make.facilitator("Fay"), make.facilitator("Gil")))
    with app.app_context():
        assert names_of_leaders([session]) == {session: ("Fay", "Gil")}
    write(app, change)
    with app.app_context():
        assert names_of_leaders([session]) == {session: ("Gil",)}
