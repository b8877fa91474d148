"""One person as a role may see her, and what is written down while she is on the phone."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select, update

from booking import clock
from booking.messages.reach import way_to
from booking.models import (
    AuditEntry,
    Consent,
    ContactPoint,
    EmergencyContact,
    EqualityAnswers,
    Message,
    MovementCheckIn,
    Person,
    Task,
)
from booking.models.kinds import (
    Channel,
    ConsentHow,
    ConsentPurpose,
    ContactKind,
    MessageKind,
    PersonStatus,
    Role,
    TaskKind,
)
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders

SAL = (Role.SAFEGUARDING,)
NEW = {
    "full_name": "Dilys Gwyn",
    "phone": "07700 900777",
    "channel": "call",
    "who": "patient",
    "agrees": "y",
}


@pytest.fixture
def lead(season: Season, make: Builders, app: Flask) -> FlaskClient:
    return make.sign_in(app.test_client(), make.person("Sal", roles=SAL))


@pytest.mark.parametrize(("status", "is_linked"), [("active", True), ("paused", True), ("unproven", False)])
def test_a_pause_is_linked_where_it_works(
    app: Flask, desk: FlaskClient, make: Builders, status: str, is_linked: bool
) -> None:
    nia = make.person("Nia", status=PersonStatus(status))
    assert ("Pause letters and calls" in pages.words(desk.get(f"/office/people/{nia}"))) is is_linked
    answer = pages.send(desk, f"/office/people/{nia}/pause")
    assert answer.status_code == (303 if is_linked else 404)


def test_the_page_shows_what_an_admin_may_see(app: Flask, desk: FlaskClient, season: Season) -> None:
    gran = {"name": "Gran Example", "phone": "07700 900222", "saved_at": clock.now()}
    pages.write(app, insert(EmergencyContact).values(person_id=season.ann, **gran))
    said = pages.words(desk.get(f"/office/people/{season.ann}"))
    assert "In an emergency Gran Example, 07700 900222" in said
    assert "Comes because Lives with secondary breast cancer" in said
    assert "Reminders 2 days before, at 10am" in said


def test_neither_movement_nor_equality_is_ever_on_it(
    app: Flask, desk: FlaskClient, lead: FlaskClient, season: Season
) -> None:
    ann, now = season.ann, clock.now()
    pages.write(app, insert(EqualityAnswers).values(person_id=ann, ethnicity="canary-answer", saved_at=now))
    checked = {"flags": "seated", "wants_call": True, "answered_at": now}
    columns = MovementCheckIn.__table__.columns.keys()
    known = {name: value for name, value in checked.items() if name in columns}
    rest = {name: now for name in columns if name.endswith("_at") and name not in known}
    pages.write(app, insert(MovementCheckIn).values(person_id=ann, **known, **rest))
    for reader in (desk, lead):
        page = reader.get(f"/office/people/{ann}").text.lower()
        assert "canary-answer" not in page
        assert "seated" not in page


def test_the_lead_sees_people_and_no_door_that_is_shut(lead: FlaskClient, season: Season) -> None:
    page = lead.get(f"/office/people/{season.ann}")
    assert "ann@example.org" in page.text
    assert "History" not in pages.words(page)
    for shut in ("/office/sessions/", "/host", "/details", "/agreements", "/close", 'href="/office"'):
        assert shut not in page.text
    assert "Ann Example" in pages.words(pages.look_for(lead, "ann"))
    assert lead.get("/office").status_code == 404


def test_the_ledger_says_how_when_and_who_heard_it(app: Flask, desk: FlaskClient, season: Season) -> None:
    pages.send(desk, f"/office/people/{season.ann}/agreements/photos", answer="yes")
    said = pages.words(desk.get(f"/office/people/{season.ann}"))
    assert "Sunday 22 November 2026, by word of mouth, written down by Ada" in said
    kept = select(Consent.how, Consent.recorded_by).where(Consent.purpose == ConsentPurpose.PHOTOS)
    assert pages.rows(app, kept) == [(ConsentHow.SPOKEN, season.ada)]
    pages.send(desk, f"/office/people/{season.ann}/agreements/photos", answer="no")
    said = pages.words(desk.get(f"/office/people/{season.ann}"))
    assert "taken back on Sunday 22 November 2026" in said


def test_the_words_are_there_to_be_read_out(desk: FlaskClient, season: Season) -> None:
    said = pages.words(desk.get(f"/office/people/{season.ann}/agreements/keep_details"))
    assert "Read this out We keep your name, how to reach you" in said
    assert "Photos : not agreed" in pages.words(desk.get(f"/office/people/{season.ann}/agreements"))


@pytest.mark.parametrize("purpose", ["equality", "no-such", "Keep_details"])
def test_what_is_never_read_out_has_no_page(desk: FlaskClient, season: Season, purpose: str) -> None:
    assert desk.get(f"/office/people/{season.ann}/agreements/{purpose}").status_code == 404


def test_an_answer_that_is_neither_yes_nor_no_is_not_written(desk: FlaskClient, season: Season) -> None:
    path = f"/office/people/{season.ann}/agreements/photos"
    assert pages.send(desk, path, answer="perhaps").status_code == 400


def form_of(**changed: Any) -> dict[str, Any]:
    return {"full_name": "Ann Example", "known_as": "Ann", "email": "ann@example.org",
            "channel": "email", "who": "patient", **changed}  # fmt: skip


def test_details_are_corrected_and_the_audit_names_fields_only(
    app: Flask, desk: FlaskClient, season: Season
) -> None:
    wanted = form_of(full_name="Anne Exemplar", phone="+44 7700 900555", region="Bury")
    answer = pages.send(desk, f"/office/people/{season.ann}/details", **wanted)
    said = pages.after(desk, answer)
    for written in ("Anne Exemplar", "07700 900555", "Bury"):
        assert written in said
    assert "Details changed (name, region, phone), by Ada" in said
    fields = pages.rows(app, select(AuditEntry.fields).where(AuditEntry.action == "details changed"))
    assert fields == ["name, region, phone"]


def test_an_email_from_the_phone_gets_no_letter_until_it_is_proven(
    app: Flask, desk: FlaskClient, season: Season
) -> None:
    wanted = form_of(email="slip@example.org", phone="07700 900555")
    pages.send(desk, f"/office/people/{season.ann}/details", **wanted)
    assert "slip@example.org (not confirmed)" in pages.words(desk.get(f"/office/people/{season.ann}"))
    with app.app_context():
        from booking.db import db
        from booking.messages.reach import contacts_of

        ann = db.session.get_one(Person, season.ann)
        way = way_to(ann, contacts_of(season.ann), MessageKind.REMINDER, clock.now())
    assert (way.channel, way.address) == (Channel.CALL, "07700 900555")


def test_the_old_address_hears_that_it_is_no_longer_used(
    app: Flask, desk: FlaskClient, season: Season
) -> None:
    told = select(Message.kind, Message.recipient, Message.channel)
    for email in ("new@example.org", "newer@example.org"):
        pages.send(desk, f"/office/people/{season.ann}/details", **form_of(email=email))
    # The second change replaced an address that nobody had proven, and nothing goes there.
    assert pages.rows(app, told) == [(MessageKind.EMAIL_CHANGED, "ann@example.org", Channel.EMAIL)]


def test_saving_the_same_twice_changes_and_notes_nothing(
    app: Flask, desk: FlaskClient, season: Season
) -> None:
    proven = select(ContactPoint.proven_at).where(ContactPoint.person_id == season.ann)
    before = pages.rows(app, proven)
    for _press in range(2):
        pages.send(desk, f"/office/people/{season.ann}/details", **form_of(email="ANN@example.org"))
    assert pages.rows(app, proven) == before
    noted = select(AuditEntry.fields).where(AuditEntry.action == "details changed")
    assert pages.rows(app, noted) == ["email"]


@pytest.mark.parametrize(
    "wrong",
    [{"full_name": " "}, {"email": "a@x.org, b@y.org"}, {"phone": "12"}, {"channel": "owl"}, {"who": "x"},
     {"email": "", "phone": ""}, {"nation": "Mars"}, {"full_name": "x" * 201}, {"address": "x" * 451}],
)  # fmt: skip
def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(
    app: Flask, desk: FlaskClient, season: Season, wrong: dict[str, str]
) -> None:
    typed = form_of(region="Typed before", **wrong)
    page = pages.send(desk, f"/office/people/{season.ann}/details", **typed)
    assert page.status_code == 422
    assert "Typed before" in page.text
    assert pages.rows(app, select(Person.region).where(Person.id == season.ann)) == [""]


def test_somebody_who_has_died_is_not_corrected_or_closed(
    app: Flask, desk: FlaskClient, make: Builders
) -> None:
    dee = make.person("Dee", status=PersonStatus.DIED)
    for page in ("details", "close", "agreements", "agreements/photos"):
        assert desk.get(f"/office/people/{dee}/{page}").status_code == 404
        assert pages.send(desk, f"/office/people/{dee}/{page}", page="/office/people").status_code in (
            404,
            405,
        )


def test_somebody_on_the_phone_is_added_with_her_spoken_yes(
    app: Flask, desk: FlaskClient, season: Season
) -> None:
    said = pages.after(desk, pages.send(desk, "/office/people/new", **NEW))
    assert "Dilys is added." in said
    dilys = pages.rows(app, select(Person.id).where(Person.full_name == "Dilys Gwyn"))[0]
    person = select(Person.status, Person.known_as).where(Person.id == dilys)
    assert pages.rows(app, person) == [(PersonStatus.ACTIVE, "Dilys")]
    agreed = select(Consent.purpose, Consent.how, Consent.recorded_by).where(Consent.person_id == dilys)
    assert pages.rows(app, agreed) == [(ConsentPurpose.KEEP_DETAILS, ConsentHow.SPOKEN, season.ada)]
    assert pages.rows(app, select(Message.id)) == []


def test_her_phone_is_proven_by_the_call_and_her_email_is_not(app: Flask, desk: FlaskClient) -> None:
    pages.send(desk, "/office/people/new", **NEW | {"email": "dilys@example.org"})
    ways = select(ContactPoint.kind, ContactPoint.proven_at.is_not(None)).where(
        ContactPoint.key.in_(("dilys@example.org", "+447700900777"))
    )
    assert set(pages.rows(app, ways)) == {(ContactKind.PHONE, True), (ContactKind.EMAIL, False)}


@pytest.mark.parametrize("wrong", [{"agrees": ""}, {"phone": ""}, {"full_name": "\u200b"}, {"who": ""}])
def test_without_a_yes_a_name_or_a_way_nobody_is_added(
    app: Flask, desk: FlaskClient, wrong: dict[str, str]
) -> None:
    before = pages.rows(app, select(func.count(Person.id)))
    assert pages.send(desk, "/office/people/new", **NEW | wrong).status_code == 422
    assert pages.rows(app, select(func.count(Person.id))) == before


@pytest.mark.parametrize("same", [{"full_name": "ánn  EXAMPLE"}, {"email": "Ben@Example.org"}])
def test_somebody_alike_is_shown_before_she_is_added_anyway(
    app: Flask, desk: FlaskClient, same: dict[str, str]
) -> None:
    page = pages.send(desk, "/office/people/new", **NEW | same)
    assert page.status_code == 422
    assert "Somebody alike is here already:" in pages.words(page)
    assert "07700 900777" in page.text
    answer = pages.send(desk, "/office/people/new", **NEW | same, anyway="y")
    assert answer.status_code == 303


def test_a_second_press_does_not_add_her_twice(app: Flask, desk: FlaskClient) -> None:
    assert pages.send(desk, "/office/people/new", **NEW).status_code == 303
    assert pages.send(desk, "/office/people/new", **NEW).status_code == 422
    assert len(pages.rows(app, select(Person.id).where(Person.full_name == "Dilys Gwyn"))) == 1


def test_a_record_is_closed_after_the_call(app: Flask, desk: FlaskClient, season: Season) -> None:
    path = f"/office/people/{season.ann}"
    pages.send(desk, f"{path}/agreements/keep_details", answer="yes")
    pages.send(desk, f"{path}/agreements/keep_details", answer="no")
    assert "No longer agrees that we keep the details: Ann Example" in pages.words(desk.get("/office/tasks"))
    assert "It can't be undone." in pages.words(desk.get(f"{path}/close"))
    assert "The record is closed." in pages.after(desk, pages.send(desk, f"{path}/close"))
    assert "Name removed" in pages.words(desk.get(path))
    open_ones = select(Task.kind).where(Task.settled_at.is_(None))
    assert TaskKind.CONSENT_WITHDRAWN not in pages.rows(app, open_ones)


def test_she_may_change_her_mind(app: Flask, desk: FlaskClient, season: Season) -> None:
    path = f"/office/people/{season.ann}/agreements/keep_details"
    for answer in ("yes", "no"):
        pages.send(desk, path, answer=answer)
    assert "Changed their mind" in pages.words(desk.get("/office/tasks"))
    pages.send(desk, path, answer="yes")
    assert "Changed their mind" not in pages.words(desk.get("/office/tasks"))


@pytest.mark.parametrize("status", [PersonStatus.DIED, PersonStatus.CLOSED, PersonStatus.MERGED])
def test_a_record_that_is_shut_links_only_what_opens(
    desk: FlaskClient, make: Builders, status: PersonStatus
) -> None:
    dee = make.person("Dee", status=status)
    page = desk.get(f"/office/people/{dee}").text
    for link in re.findall(rf'href="(/office/people/{dee}/[^"]*)"', page):
        assert desk.get(link).status_code == 200
    assert "/details" not in page
    assert "/merge" not in page


def test_a_death_is_taken_back_by_a_link_that_says_until_when(
    desk: FlaskClient, season: Season, clock_at: Callable[[str], datetime]
) -> None:
    page = f"/office/people/{season.ann}"
    assert "Has died" in pages.words(desk.get(page))
    pages.send(desk, f"{page}/died")
    assert "Take it back (until Tuesday 22 December 2026)" in pages.words(desk.get(page))


def test_where_nobody_sends_text_messages_none_is_offered(
    app: Flask, desk: FlaskClient, season: Season
) -> None:
    assert 'value="text"' in desk.get(f"/office/people/{season.ann}/details").text
    told = app.extensions["booking.settings"]
    app.extensions["booking.settings"] = replace(told, text_url="")
    pages.write(app, update(Person).where(Person.id == season.ann).values(channel=Channel.TEXT))
    for path in ("new", f"{season.ann}/details"):
        page = desk.get(f"/office/people/{path}").text
        assert 'value="text"' not in page
        assert 'value="post"' in page
    assert (
        pages.send(desk, f"/office/people/{season.ann}/details", **form_of(channel="text")).status_code == 422
    )


def test_who_she_is_stands_above_what_is_to_do(app: Flask, desk: FlaskClient, season: Season) -> None:
    pages.write(
        app,
        insert(Task).values(
            kind=TaskKind.COMPLAINT, person_id=season.ann, created_at=clock.now(), words="", reply_to=""
        ),
    )
    said = pages.words(desk.get(f"/office/people/{season.ann}"))
    assert said.index("Who they are") < said.index("How to reach them") < said.index("To do")


@pytest.mark.parametrize(
    ("action", "fields", "sentence"),
    [
        ("agreed", "ground_rules 2026-11", "Agreed (The ground rules), by"),
        ("role given", "admin", "Role given (Office), by"),
        ("death recorded", "status", "Death recorded, by"),
        ("contact details revealed", "session:12", "A host looked at the contact details, by"),
        ("details changed", "known as, shoe size", "Details changed (name they like, shoe size), by"),
        ("knitted", "", "knitted, by"),
    ],
)
def test_the_history_speaks_plainly(
    app: Flask, desk: FlaskClient, season: Season, action: str, fields: str, sentence: str
) -> None:
    facts = {"at": clock.now(), "actor_id": season.ada, "subject": f"person:{season.ann}"}
    pages.write(app, insert(AuditEntry).values(action=action, fields=fields, **facts))
    assert sentence in pages.words(desk.get(f"/office/people/{season.ann}"))
