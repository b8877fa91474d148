"""The safeguarding lead sees what helps when somebody is unwell; an admin does not see how somebody moves."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from booking import clock
from booking.db import db
from booking.models import EmergencyContact, MovementCheckIn, Person
from booking.models.kinds import PersonStatus, Role
from tests.support.builders import Builders
from tests.support.pages import words, write

LEAD = (Role.SAFEGUARDING,)


@pytest.fixture
def ann(app: Flask, make: Builders) -> int:
    """Ann lip-reads, has somebody to call, and answered about moving."""
    ann = make.person("Ann", phone="07700 900123", access_needs="I lip-read.")
    answered = clock.now() - timedelta(days=1)
    with app.app_context():
        db.session.add(EmergencyContact(person_id=ann, name="Dan", phone="07700 900888", saved_at=answered))
        db.session.add(
            MovementCheckIn(person_id=ann, flags="arm_care", wants_call=True, answered_at=answered)
        )
        db.session.commit()
    return ann


def test_the_lead_sees_what_helps(client: FlaskClient, make: Builders, ann: int) -> None:
    lead = make.sign_in(client, make.person("Sal", roles=LEAD))
    page = words(lead.get(f"/office/people/{ann}/care"))
    for fact in ("I lip-read.", "Dan", "07700 900888", "07700 900123", "ann@example.org", "Arm care"):
        assert fact in page
    assert "Answered on" in page


@pytest.mark.parametrize("roles", [(Role.ADMIN,), (Role.FACILITATOR,), (Role.ADMIN, Role.FACILITATOR), ()])
def test_nobody_else_finds_the_page(
    client: FlaskClient, make: Builders, ann: int, roles: tuple[Role, ...]
) -> None:
    other = make.sign_in(client, make.person("Ada", roles=roles))
    assert other.get(f"/office/people/{ann}/care").status_code == 404


def test_the_page_asks_for_the_second_factor(client: FlaskClient, make: Builders, ann: int) -> None:
    make.sign_in(client, make.person("Sal", roles=LEAD), second_factor=False)
    assert "/second-factor" in client.get(f"/office/people/{ann}/care").location


@pytest.mark.parametrize("status", [PersonStatus.DIED, PersonStatus.CLOSED, PersonStatus.MERGED])
def test_of_a_record_that_is_shut_no_answer_is_shown(
    app: Flask, client: FlaskClient, make: Builders, ann: int, status: PersonStatus
) -> None:
    write(app, update(Person).where(Person.id == ann).values(status=status))
    page = words(make.sign_in(client, make.person("Sal", roles=LEAD)).get(f"/office/people/{ann}/care"))
    assert "Arm care" not in page
    assert "Dan" not in page


def test_an_old_answer_says_that_it_is_old(app: Flask, client: FlaskClient, make: Builders, ann: int) -> None:
    long_ago = clock.now() - timedelta(days=200)
    write(app, update(MovementCheckIn).values(answered_at=long_ago))
    page = words(make.sign_in(client, make.person("Sal", roles=LEAD)).get(f"/office/people/{ann}/care"))
    assert "more than 6 months ago" in page


def test_the_lead_finds_her_way_from_the_menu(client: FlaskClient, make: Builders, ann: int) -> None:
    lead = make.sign_in(client, make.person("Sal", roles=LEAD))
    assert 'href="/office/people"' in lead.get("/my-sessions").text
    inside = lead.get(f"/office/people/{ann}")
    assert inside.status_code == 200
    assert f'href="/office/people/{ann}/care"' in inside.text
    assert 'href="/office/schedule"' not in inside.text


def test_an_admin_is_not_shown_the_way(client: FlaskClient, make: Builders, ann: int) -> None:
    ada = make.sign_in(client, make.admin("Ada"))
    assert "/care" not in ada.get(f"/office/people/{ann}").text


def test_nobody_of_that_number(client: FlaskClient, make: Builders) -> None:
    lead = make.sign_in(client, make.person("Sal", roles=LEAD))
    assert lead.get("/office/people/987654/care").status_code == 404
