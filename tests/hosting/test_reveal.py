"""A host sees how to reach one person: on the day, one at a time, and the person can see that she looked."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update
from werkzeug.test import TestResponse

from booking import clock
from booking.db import db
from booking.models import AuditEntry, Booking, ContactPoint, EmergencyContact, Person, SessionFacilitator
from booking.models.kinds import BookingState, PersonStatus, Role
from booking.refusals import NotFound, NotOnTheDay
from booking.services import reveals
from tests.hosting.scene import Scene
from tests.support.pages import after, rows, send, words, write

LOOKS = select(AuditEntry.actor_id, AuditEntry.action, AuditEntry.subject, AuditEntry.fields)
SECRETS = ("Cat Canary-Surname", "canary@example.org", "07700 900999", "Dan Canary", "07700 900888")


@pytest.fixture
def cats(scene: Scene) -> int:
    """Cat's booking of today's session; she left a phone number and an emergency contact."""
    cat = scene.make.person("Cat", full_name=SECRETS[0], email=SECRETS[1], phone=SECRETS[2])
    with scene.app.app_context():
        db.session.add(EmergencyContact(person_id=cat, name=SECRETS[3], phone=SECRETS[4], saved_at=scene.now))
        db.session.commit()
    return scene.make.booking(scene.session, cat)


def look(scene: Scene, booking: int, session: int | None = None, host: int | None = None) -> TestResponse:
    path = f"/host/sessions/{session or scene.session}/people/{booking}/contact"
    return send(scene.as_host(host), path, page="/my-sessions" if host else f"/host/sessions/{scene.session}")


def test_on_the_day_fay_sees_how_to_reach_cat(scene: Scene, cats: int) -> None:
    page = look(scene, cats)
    assert page.status_code == 200
    assert [secret for secret in SECRETS if secret not in words(page)] == []
    assert 'href="tel:07700900999"' in page.text
    assert "It is noted that you looked, and Cat can see it." in words(page)
    assert page.headers["Cache-Control"] == "no-store"


def test_each_look_stands_in_the_audit_without_a_value(scene: Scene, cats: int) -> None:
    (cat,) = rows(scene.app, select(Booking.person_id).where(Booking.id == cats))
    look(scene, cats)
    look(scene, cats)
    noted = (scene.fay, "contact details revealed", f"person:{cat}", f"session:{scene.session}")
    assert rows(scene.app, LOOKS) == [noted, noted]


def test_the_roster_itself_shows_only_the_button(scene: Scene, cats: int) -> None:
    page = scene.as_host().get(f"/host/sessions/{scene.session}")
    assert page.text.count("Show contact details") == 3
    assert [secret for secret in SECRETS if secret in page.text] == []


def test_no_address_leads_back_to_what_was_shown(scene: Scene, cats: int) -> None:
    path = f"/host/sessions/{scene.session}/people/{cats}/contact"
    back = f"/host/sessions/{scene.session}#booking-{cats}"
    assert scene.as_host().get(path).location == back
    assert scene.as_host().get(path).status_code == 303
    assert scene.as_host(scene.make.facilitator("Gil")).get(path).status_code == 404
    assert scene.as_host().post(path).status_code == 400
    assert rows(scene.app, LOOKS) == []


@pytest.mark.parametrize("days", [-1, 1, 30])
def test_on_another_day_nothing_is_shown(scene: Scene, cats: int, days: int) -> None:
    other = clock.now() + timedelta(days=days)
    clock.set_source(lambda: other)
    fay = scene.as_host()
    page = fay.get(f"/host/sessions/{scene.session}")
    assert "Show contact details" not in page.text
    path = f"/host/sessions/{scene.session}/people/{cats}/contact"
    assert "on the day of the session only" in after(fay, send(fay, path, page="/my-sessions"))
    assert rows(scene.app, LOOKS) == []


@pytest.mark.parametrize(("moment", "shown"), [("22:30", True), ("23:30", False)])
def test_the_day_is_the_day_in_london(scene: Scene, moment: str, shown: bool) -> None:
    clock.set_source(lambda: datetime.fromisoformat(f"2026-07-01T{moment}+00:00"))
    summer = scene.make.session(scene.series, on=date(2026, 7, 1), led_by=(scene.fay,))
    booking = scene.make.booking(summer, scene.ann)
    assert (look(scene, booking, summer, scene.fay).status_code == 200) is shown


@pytest.mark.parametrize("roles", [(Role.FACILITATOR,), (Role.ADMIN,), (Role.SAFEGUARDING,), ()])
def test_nobody_else_looks(scene: Scene, cats: int, roles: tuple[Role, ...]) -> None:
    gil = scene.make.person("Gil", roles=roles)
    assert look(scene, cats, host=gil).status_code == 404
    assert rows(scene.app, LOOKS) == []


def test_a_host_looks_at_her_own_lists_only(scene: Scene, cats: int) -> None:
    gil = scene.make.facilitator("Gil")
    gils = scene.make.session(scene.make.series("Art"), starts_in=timedelta(hours=1), led_by=(gil,))
    assert look(scene, cats, gils, gil).status_code == 404
    assert look(scene, cats, scene.session, gil).status_code == 404
    assert look(scene, cats + 99, host=scene.fay).status_code == 404
    assert rows(scene.app, LOOKS) == []


def test_who_no_longer_leads_no_longer_looks(scene: Scene, cats: int) -> None:
    write(scene.app, delete(SessionFacilitator))
    assert look(scene, cats, host=scene.fay).status_code == 404


@pytest.mark.parametrize("state", [BookingState.GIVEN_UP, BookingState.WAITING, BookingState.HELD])
def test_who_is_not_on_the_list_is_not_shown(scene: Scene, cats: int, state: BookingState) -> None:
    write(scene.app, update(Booking).where(Booking.id == cats).values(state=state))
    assert look(scene, cats).status_code == 404
    assert rows(scene.app, LOOKS) == []


@pytest.mark.parametrize("status", [PersonStatus.DIED, PersonStatus.CLOSED, PersonStatus.MERGED])
def test_of_a_record_that_is_shut_there_is_nothing_to_show(
    scene: Scene, cats: int, status: PersonStatus
) -> None:
    write(scene.app, update(Person).where(Person.known_as == "Cat").values(status=status))
    fay = scene.as_host()
    path = f"/host/sessions/{scene.session}/people/{cats}/contact"
    said = after(fay, send(fay, path, page=f"/host/sessions/{scene.session}"))
    assert "There are no contact details to show here." in said
    assert "died" not in said
    assert rows(scene.app, LOOKS) == []


def test_somebody_without_a_record_has_no_button_and_no_details(scene: Scene) -> None:
    kim = scene.make.booking(scene.session, None, walk_in_name="Kim", attendance="walked_in")
    assert scene.as_host().get(f"/host/sessions/{scene.session}").text.count("Show contact details") == 2
    assert look(scene, kim).status_code == 303
    assert rows(scene.app, LOOKS) == []


def test_an_address_that_nobody_proved_is_not_shown(scene: Scene, cats: int) -> None:
    write(scene.app, update(ContactPoint).where(ContactPoint.key == SECRETS[1]).values(proven_at=None))
    assert SECRETS[1] not in look(scene, cats).text


def test_the_service_refuses_alone_too(scene: Scene, cats: int) -> None:
    gil = scene.make.facilitator("Gil")
    with scene.app.app_context():
        with pytest.raises(NotFound):
            reveals.reveal(scene.session, cats, gil, scene.now)
        with pytest.raises(NotOnTheDay):
            reveals.reveal(scene.session, cats, scene.fay, scene.now + timedelta(days=1))


# Who looked -------------------------------------------------------------------------------------


def test_cat_sees_who_looked_and_ann_does_not(scene: Scene, cats: int) -> None:
    look(scene, cats)
    (cat,) = rows(scene.app, select(Booking.person_id).where(Booking.id == cats))
    hers = words(scene.as_host(cat).get("/me/who-looked"))
    assert "Wednesday 25 November 2026, 1:20pm Fay, for Tea & A Chat Manchester on" in hers
    assert "Nobody has looked" in words(scene.as_host(scene.ann).get("/me/who-looked"))


def test_other_lines_of_the_audit_are_no_looks(scene: Scene, cats: int) -> None:
    cat = rows(scene.app, select(Booking.person_id).where(Booking.id == cats))[0]
    send(scene.as_host(cat), "/me/access-needs", needs="A chair")
    assert "Nobody has looked" in words(scene.as_host(cat).get("/me/who-looked"))


def test_a_stranger_is_sent_to_sign_in(scene: Scene) -> None:
    assert scene.app.test_client().get("/me/who-looked").location == "/sign-in?next=/me/who-looked"
