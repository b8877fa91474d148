"""The small pages of My details: each optional, each hers alone, nothing typed ever lost."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.models import AuditEntry, EmergencyContact, Person
from booking.models.kinds import PersonStatus, Who
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words

NAME = select(Person.full_name, Person.known_as, Person.who).order_by(Person.id)
WHERE = select(Person.nation, Person.region).order_by(Person.id)
WHOM = select(EmergencyContact.person_id, EmergencyContact.name, EmergencyContact.phone)
PAGES = (
    "/me/name",
    "/me/contacts",
    "/me/reach",
    "/me/where",
    "/me/emergency-contact",
    "/me/photos",
    "/me/equality",
    "/me/pause",
    "/me/agreements",
    "/me/agreements/photos",
    "/me/agreements/keep_details/withdraw",
)
POSTED = (
    "/me/emergency-contact/delete",
    "/me/equality/delete",
    "/me/contacts/withdraw",
    "/me/pause/end",
)
ANN = {"full_name": "Ann O'Neill", "known_as": "Annie", "who": "with_someone"}
WIDE = "a" * 201
FORMS: list[tuple[str, dict[str, str], str]] = [
    ("/me/name", ANN | {"full_name": WIDE}, "full_name"),
    ("/me/name", ANN | {"known_as": "\U0001f642" * 101}, "known_as"),
    ("/me/where", {"nation": "Wales", "region": "م" * 101}, "region"),
    ("/me/emergency-contact", {"name": WIDE, "phone": "07700 900123"}, "name"),
    ("/me/emergency-contact", {"name": "Máire", "phone": "call\u202e me"}, "phone"),
    ("/me/contacts", {"email": "a@x.org, b@y.org", "phone": "", "post": ""}, "email"),
    ("/me/contacts", {"email": "ann@example.org", "phone": "12", "post": ""}, "phone"),
    ("/me/contacts", {"email": "ann@example.org", "phone": "", "post": "x" * 451}, "post"),
]


def test_ann_corrects_her_name(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    page = after(client, send(client, "/me/name", **ANN))
    assert "Annie Ann O'Neill ✓ Saved" in page
    assert rows(app, NAME) == [("Ann O'Neill", "Annie", Who.WITH_SOMEONE)]


def test_without_a_name_she_likes_it_is_her_first_name(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    make.sign_in(client, make.person("Ann"))
    send(client, "/me/name", **ANN | {"known_as": " "})
    assert rows(app, NAME) == [("Ann O'Neill", "Ann", Who.WITH_SOMEONE)]


def test_what_is_known_stands_in_the_form(client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann", region="Leeds", nation="England"))
    assert 'value="Ann Example"' in client.get("/me/name").text
    assert 'value="Leeds"' in client.get("/me/where").text
    assert re.search(r'value="England"[^>]* checked', client.get("/me/where").text)


def test_each_page_leads_back_to_its_row(client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    assert send(client, "/me/where", nation="Wales", region="").location == "/me#where"
    assert client.get("/me").text.count('id="where"') == 1


def test_ann_says_where_she_lives_and_takes_it_back(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    assert "Leeds, England" in after(client, send(client, "/me/where", nation="England", region=" Leeds "))
    assert "Not said" in after(client, send(client, "/me/where", nation="", region=""))
    assert rows(app, WHERE) == [("", "")]


def test_a_nation_that_is_none_is_refused(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    assert send(client, "/me/where", nation="Narnia", region="").status_code == 422
    assert rows(app, WHERE) == [("", "")]


def test_ann_names_somebody_to_call_changes_and_deletes_it(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ann = make.person("Ann")
    make.sign_in(client, ann)
    for phone in ("07700900123", "+353 85 012 3456"):
        page = after(client, send(client, "/me/emergency-contact", name="Máire", phone=phone))
    assert "Máire, +353 85 012 3456" in page
    assert rows(app, WHOM) == [(ann, "Máire", "+353 85 012 3456")]
    gone = {"page": "/me/emergency-contact"}
    assert "Deleted" in after(client, send(client, "/me/emergency-contact/delete", **gone))
    assert send(client, "/me/emergency-contact/delete", **gone).status_code == 303
    assert rows(app, WHOM) == []


def test_anns_emergency_contact_is_not_bens_to_delete(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ann, ben = make.person("Ann"), make.person("Ben")
    make.sign_in(client, ann)
    send(client, "/me/emergency-contact", name="Máire", phone="07700900123")
    other = make.sign_in(app.test_client(), ben)
    assert "Máire" not in other.get("/me/emergency-contact").text + other.get("/me").text
    send(other, "/me/emergency-contact/delete", page="/me/emergency-contact", person_id=str(ann))
    assert rows(app, WHOM) == [(ann, "Máire", "07700 900123")]


@pytest.mark.parametrize(("path", "typed", "wrong"), FORMS)
def test_what_does_not_fit_is_said_at_its_field_and_kept(
    app: Flask, client: FlaskClient, make: Builders, path: str, typed: dict[str, str], wrong: str
) -> None:
    make.sign_in(client, make.person("Ann"))
    answer = send(client, path, **typed)
    assert (answer.status_code, "There is a problem" in answer.text) == (422, True)
    assert f'href="#{wrong}"' in answer.text
    assert typed[wrong].replace("\u202e", "")[:30] in answer.text.replace("\u202e", "")
    assert rows(app, select(AuditEntry.id)) == []


@pytest.mark.parametrize("typed", ["Ann\x00 O'Neill", "\u202eAnn O'Neill\u202c", "Ann\r\nO'Neill"])
def test_what_nobody_sees_is_taken_out_of_a_name(
    app: Flask, client: FlaskClient, make: Builders, typed: str
) -> None:
    make.sign_in(client, make.person("Ann"))
    assert send(client, "/me/name", **ANN | {"full_name": typed}).status_code in (303, 400, 422)
    assert rows(app, select(Person.full_name))[0] in ("Ann O'Neill", "Ann Example")


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/me/name", ANN),
        ("/me/where", {"nation": "Wales", "region": ""}),
        ("/me/reach", {"channel": "email"}),
    ],
)
def test_fields_nobody_asked_for_change_nothing(
    app: Flask, client: FlaskClient, make: Builders, path: str, fields: dict[str, Any]
) -> None:
    ann, ben = make.person("Ann"), make.person("Ben")
    more = {"person_id": str(ben), "id": str(ben), "status": "died", "role": "admin", "is_admin": "1"}
    send(make.sign_in(client, ann), path, **fields, **more, search_key="x", paused_until="2027-01-01")
    assert rows(app, NAME)[1] == ("Ben Example", "Ben", Who.PATIENT)
    kept = select(Person.status, Person.paused_until).order_by(Person.id)
    assert rows(app, kept) == [(PersonStatus.ACTIVE, None)] * 2
    assert client.get("/office").status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_sent_to_sign_in(client: FlaskClient, path: str) -> None:
    assert client.get(path).location == f"/sign-in?next={path}"


@pytest.mark.parametrize("path", POSTED)
def test_a_strangers_button_does_nothing(client: FlaskClient, path: str) -> None:
    assert send(client, path, page="/sign-in").location == "/sign-in"


def test_a_change_stands_in_the_audit_without_its_words(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    make.sign_in(client, make.person("Ann"))
    send(client, "/me/name", **ANN)
    send(client, "/me/emergency-contact", name="Máire", phone="07700900123")
    noted = rows(app, select(AuditEntry.fields).order_by(AuditEntry.id))
    assert noted == ["full name, known as, who", "emergency contact"]


def test_pausing_is_two_taps_and_so_is_ending_it(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    assert "Paused, until you tell us" in after(client, send(client, "/me/pause", until=["", "", ""]))
    assert "Write to me again" in words(client.get("/me/pause"))
    page = after(client, send(client, "/me/pause/end", page="/me/pause"))
    assert "Letters come as usual" in page
    assert rows(app, select(Person.status)) == [PersonStatus.ACTIVE]


def test_a_pause_has_an_end_she_may_choose(client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    page = after(client, send(client, "/me/pause", until=["24", "12", "2030"]))
    assert "we write again from Tuesday 24 December 2030" in page
    wrong = send(client, "/me/pause", until=["1", "1", "2020"])
    assert (wrong.status_code, "still to come" in words(wrong), 'value="2020"' in wrong.text) == (
        422,
        True,
        True,
    )
