"""Roles given and taken on their page, and the authenticator app that only another admin resets."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.models import AuditEntry, PersonRole, RecoveryCode, SecondFactor
from booking.models.kinds import PersonStatus, Role
from booking.queries.roles import given_lately
from tests.office.season import Season
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words

NOTED = select(AuditEntry.action, AuditEntry.actor_id, AuditEntry.subject, AuditEntry.fields)
Press = Callable[[int, str, Role], str]


@pytest.fixture
def press(desk: FlaskClient) -> Press:
    """Press a button of the page of roles, and say what stands there then."""

    def on_the_page(person_id: int, deed: str, role: Role) -> str:
        answer = send(desk, f"/office/people/{person_id}/roles", deed=deed, role=role.value)
        return after(desk, answer)

    return on_the_page


def held(app: Flask, person_id: int) -> set[Role]:
    return set(rows(app, select(PersonRole.role).where(PersonRole.person_id == person_id)))


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_given_once_and_taken_once(app: Flask, press: Press, season: Season, role: Role) -> None:
    for _twice in range(2):
        assert "Ann has this role now" in press(season.ann, "give", role)
        assert held(app, season.ann) == {role}
    for _twice in range(2):
        assert "Ann no longer has this role" in press(season.ann, "take", role)
        assert held(app, season.ann) == set()
    subject = f"person:{season.ann}"
    assert rows(app, NOTED) == [
        ("role given", season.ada, subject, role.value),
        ("role taken", season.ada, subject, role.value),
    ]


@pytest.mark.parametrize("role", [Role.SAFEGUARDING, Role.ADMIN])
def test_ada_opens_nothing_to_herself(
    app: Flask, desk: FlaskClient, press: Press, season: Season, role: Role
) -> None:
    page = words(desk.get(f"/office/people/{season.ada}/roles"))
    assert "Nobody gives this role to themselves: another admin does it." in page
    assert "Please ask another admin to do it." in press(season.ada, "give", role)
    assert held(app, season.ada) == {Role.ADMIN}
    assert rows(app, NOTED) == []


def test_ada_who_hosts_gives_herself_that_role(app: Flask, press: Press, season: Season) -> None:
    press(season.ada, "give", Role.FACILITATOR)
    assert held(app, season.ada) == {Role.ADMIN, Role.FACILITATOR}


def test_today_says_for_a_week_who_got_a_key(
    app: Flask, desk: FlaskClient, press: Press, season: Season
) -> None:
    assert "New in the office" not in words(desk.get("/office"))
    for deed, role in (("give", Role.SAFEGUARDING), ("take", Role.SAFEGUARDING), ("give", Role.FACILITATOR)):
        press(season.ann, deed, role)
    press(season.ben, "give", Role.ADMIN)
    said = words(desk.get("/office"))
    assert "Ben Example : Office, Sunday 22 November 2026, by Ada" in said
    assert "Ann Example : Safeguarding lead, Sunday 22 November 2026, by Ada, taken back since" in said
    assert "Ann Example : Host" not in said
    with app.app_context():
        assert given_lately(clock.now() + timedelta(days=7)) == []


def test_each_role_says_what_it_opens_and_is_linked(desk: FlaskClient, season: Season) -> None:
    page = f"/office/people/{season.ann}/roles"
    assert f'href="{page}"' in desk.get(f"/office/people/{season.ann}").text
    said = words(desk.get(page))
    for sentence in ("takes the register", "Opens every page of the office", "movement check-ins"):
        assert sentence in said


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SAFEGUARDING])
def test_a_role_that_opens_much_is_asked_about_first(
    app: Flask, desk: FlaskClient, season: Season, role: Role
) -> None:
    page = f"/office/people/{season.ann}/roles"
    assert f'href="{page}?give={role.value}"' in desk.get(page).text
    assert 'value="give"' not in desk.get(page).text
    said = words(desk.get(f"{page}?give={role.value}"))
    assert "needs an authenticator app" in said
    assert held(app, season.ann) == set()
    send(desk, page, page=f"{page}?give={role.value}", deed="give", role=role.value)
    assert held(app, season.ann) == {role}


@pytest.mark.parametrize("asked", ["queen", "☕", "", "admin"])
def test_what_can_not_be_given_is_not_asked_about(desk: FlaskClient, season: Season, asked: str) -> None:
    assert "Roles add up." in words(desk.get(f"/office/people/{season.ada}/roles?give={asked}"))


def test_a_role_that_is_taken_ends_her_sign_ins(
    app: Flask, press: Press, make: Builders, season: Season
) -> None:
    sal = make.safeguarding()
    hers = make.sign_in(app.test_client(), sal)
    assert hers.get("/me").status_code == 200
    press(sal, "take", Role.SAFEGUARDING)
    assert hers.get("/me").location.startswith("/sign-in")


def test_the_last_key_stays(app: Flask, press: Press, season: Season) -> None:
    assert "so the role stays" in press(season.ada, "take", Role.ADMIN)
    assert held(app, season.ada) == {Role.ADMIN}


def test_of_two_keys_ada_may_give_hers_back(
    app: Flask, desk: FlaskClient, make: Builders, season: Season
) -> None:
    make.admin("Gil")
    send(desk, f"/office/people/{season.ada}/roles", deed="take", role="admin")
    assert held(app, season.ada) == set()
    assert desk.get("/office").location.startswith("/sign-in")


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SAFEGUARDING])
def test_the_office_opens_to_proven_people_only(
    app: Flask, desk: FlaskClient, press: Press, make: Builders, role: Role
) -> None:
    nia = make.person("Nia", status=PersonStatus.UNPROVEN)
    assert "Can be given once an email address is confirmed." in words(
        desk.get(f"/office/people/{nia}/roles")
    )
    assert "has not confirmed an email address yet" in press(nia, "give", role)
    assert held(app, nia) == set()


def test_somebody_who_has_died_is_given_no_role(app: Flask, desk: FlaskClient, make: Builders) -> None:
    dee = make.person("Dee", status=PersonStatus.DIED)
    page = f"/office/people/{dee}/roles"
    assert "This record does not open any more." in words(desk.get(page))
    assert send(desk, page, page="/office/people", deed="give", role="admin").status_code == 404
    assert held(app, dee) == set()


@pytest.mark.parametrize(
    "fields", [{}, {"role": "admin"}, {"deed": "give"}, {"role": "queen", "deed": "give"}, {"role": "☕"}]
)
def test_what_is_no_role_changes_nothing(
    app: Flask, desk: FlaskClient, season: Season, fields: dict[str, str]
) -> None:
    assert send(desk, f"/office/people/{season.ann}/roles", **fields).status_code == 400
    assert held(app, season.ann) == set()


def test_the_office_sees_who_has_no_app_yet(desk: FlaskClient, make: Builders, season: Season) -> None:
    gil = make.admin("Gil")
    page = f"/office/people/{gil}/roles"
    assert "No authenticator app yet" in words(desk.get(page))
    make.second_factor(gil)
    assert "Has had an authenticator app since Sunday 22 November 2026" in words(desk.get(page))
    assert "authenticator app" not in words(desk.get(f"/office/people/{season.ann}/roles"))


# The authenticator app ----------------------------------------------------------------------------


@pytest.fixture
def gil(make: Builders, season: Season) -> int:
    gil = make.admin("Gil")
    make.second_factor(gil)
    return gil


def test_another_admin_resets_it_and_she_begins_anew(
    app: Flask, desk: FlaskClient, make: Builders, season: Season, gil: int
) -> None:
    his, page = make.sign_in(app.test_client(), gil), f"/office/people/{gil}/second-factor"
    assert "Reset it" in words(desk.get(page))
    assert "Gil sets up a new app at the next sign-in" in after(desk, send(desk, page))
    assert his.get("/me").location.startswith("/sign-in")
    assert rows(app, select(SecondFactor.id)) == rows(app, select(RecoveryCode.id)) == []
    assert rows(app, NOTED) == [("second factor reset", season.ada, f"person:{gil}", "")]
    make.sign_in(his, gil, second_factor=False)
    assert "Set up an authenticator app" in words(his.get("/office", follow_redirects=True))


def test_a_second_press_finds_nothing_to_reset(app: Flask, desk: FlaskClient, gil: int) -> None:
    page = f"/office/people/{gil}/second-factor"
    send(desk, page)
    assert "nothing to reset" in words(desk.get(page))
    assert send(desk, page, page="/office/people").status_code == 404
    assert len(rows(app, NOTED)) == 1


def test_nobody_resets_her_own(app: Flask, desk: FlaskClient, make: Builders, season: Season) -> None:
    make.second_factor(season.ada)
    page = f"/office/people/{season.ada}/second-factor"
    assert "Reset it" not in words(desk.get(page))
    answer = send(desk, page, page="/office/people")
    assert "Somebody else from the office has to do this for you" in after(desk, answer)
    assert len(rows(app, select(SecondFactor.id))) == 1


@pytest.mark.parametrize("who", ["Ann", "Fay", "Sal", "Gil himself, before he showed it"])
def test_nobody_but_an_admin_who_showed_hers_resets_it(
    app: Flask, make: Builders, season: Season, gil: int, who: str
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    others = {"Ann": lambda: season.ann, "Fay": make.facilitator, "Sal": make.safeguarding}
    person = others[who]() if who in others else gil
    client = make.sign_in(app.test_client(), person, second_factor=who in others)
    answer = client.post(f"/office/people/{gil}/second-factor")
    assert answer.status_code == (404 if who in others else 303)
    assert len(rows(app, select(SecondFactor.id))) == 1
