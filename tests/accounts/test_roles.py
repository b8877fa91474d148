"""Roles add up on one person; losing one ends her sign-ins, and somebody always keeps the office's key."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.models import AuditEntry, Person, PersonRole
from booking.models.kinds import PersonStatus, Role
from booking.refusals import LastAdmin, NotFound
from booking.services.people import give_role, take_role
from tests.support.builders import Builders
from tests.support.pages import rows

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
ROLES = select(PersonRole.person_id, PersonRole.role).order_by(PersonRole.id)


def make_admin(app: Flask, *arguments: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["make-admin", *arguments])
    return done.exit_code, done.output + str(done.exception or "")


def test_the_first_admin_is_made_from_an_address_that_nobody_has(app: Flask) -> None:
    assert make_admin(app, "ada@example.org")[0] == 0
    assert rows(app, select(Person.known_as, Person.status)) == [("ada", PersonStatus.UNPROVEN)]
    assert rows(app, ROLES) == [(1, Role.ADMIN)]


def test_somebody_who_is_known_becomes_an_admin_once(app: Flask, make: Builders) -> None:
    ann = make.person("Ann")
    for _ in range(2):
        assert make_admin(app, "ANN@example.org")[0] == 0
    assert rows(app, ROLES) == [(ann, Role.ADMIN)]
    assert rows(app, select(AuditEntry.action, AuditEntry.actor_id)) == [("role given", None)]


def test_a_shared_address_has_to_say_who(app: Flask, make: Builders) -> None:
    ann = make.person("Ann")
    ben = make.person("Ben", email="ann@example.org")
    code, said = make_admin(app, "ann@example.org")
    assert code != 0
    assert f"--person ({ann}, {ben})" in said
    assert make_admin(app, "ann@example.org", "--person", str(ben))[0] == 0
    assert rows(app, ROLES) == [(ben, Role.ADMIN)]


def test_the_person_named_has_to_have_the_address(app: Flask, make: Builders) -> None:
    make.person("Ann")
    ben = make.person("Ben")
    assert make_admin(app, "ann@example.org", "--person", str(ben))[0] != 0
    assert rows(app, ROLES) == []


@pytest.mark.parametrize("address", ["", "ada", "ada@example.org, ben@example.org", "ada@@example.org"])
def test_what_is_no_address_makes_nobody(app: Flask, address: str) -> None:
    assert make_admin(app, address)[0] != 0
    assert rows(app, select(Person.id)) == []


def test_a_host_who_is_a_patient_keeps_her_own_pages(client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.facilitator("Fay"))
    assert client.get("/my-sessions").status_code == 200
    assert client.get("/host").status_code == 200
    assert client.get("/office/attendance").status_code == 404


def test_a_lost_role_ends_her_sign_ins(app: Flask, client: FlaskClient, make: Builders) -> None:
    ada, fay = make.admin("Ada"), make.facilitator("Fay")
    make.sign_in(client, fay)
    with app.app_context():
        take_role(fay, Role.FACILITATOR, ada, NOW)
    assert client.get("/me").status_code == 303
    assert rows(app, ROLES) == [(ada, Role.ADMIN)]


def test_taking_a_role_she_has_not_changes_nothing(app: Flask, client: FlaskClient, make: Builders) -> None:
    ada, ann = make.admin("Ada"), make.person("Ann")
    make.sign_in(client, ann)
    with app.app_context():
        take_role(ann, Role.FACILITATOR, ada, NOW)
    assert client.get("/me").status_code == 200
    assert rows(app, select(AuditEntry.id)) == []


def test_a_role_is_given_once(app: Flask, make: Builders) -> None:
    ada, ann = make.admin("Ada"), make.person("Ann")
    with app.app_context():
        for _ in range(2):
            give_role(ann, Role.FACILITATOR, ada, NOW)
    assert rows(app, ROLES) == [(ada, Role.ADMIN), (ann, Role.FACILITATOR)]
    assert rows(app, select(AuditEntry.action)) == ["role given"]


def test_the_last_admin_keeps_the_key(app: Flask, make: Builders) -> None:
    ada = make.admin("Ada")
    make.admin("Gil", status=PersonStatus.CLOSED)
    with app.app_context(), pytest.raises(LastAdmin):
        take_role(ada, Role.ADMIN, ada, NOW)
    assert (ada, Role.ADMIN) in rows(app, ROLES)


def test_of_two_admins_one_may_leave(app: Flask, make: Builders) -> None:
    ada, gil = make.admin("Ada"), make.admin("Gil")
    with app.app_context():
        take_role(ada, Role.ADMIN, gil, NOW)
    assert rows(app, ROLES) == [(gil, Role.ADMIN)]


@pytest.mark.parametrize("status", [PersonStatus.CLOSED, PersonStatus.DIED])
def test_a_record_that_does_not_open_gets_no_role(app: Flask, make: Builders, status: PersonStatus) -> None:
    ada, ann = make.admin("Ada"), make.person("Ann", status=status)
    with app.app_context(), pytest.raises(NotFound):
        give_role(ann, Role.FACILITATOR, ada, NOW)
    with app.app_context(), pytest.raises(NotFound):
        give_role(ann + 99, Role.FACILITATOR, ada, NOW)
