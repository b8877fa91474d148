"""What Ann agreed to, in the very words; changed words are shown kindly and shut no door."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from booking import clock
from booking.models import Consent, Task
from booking.models.kinds import ConsentPurpose, TaskKind
from booking.rules import wordings
from booking.services import consent
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words, write

PHOTOS, KEEP, EQUALITY = ConsentPurpose.PHOTOS, ConsentPurpose.KEEP_DETAILS, ConsentPurpose.EQUALITY
LIVE = select(Consent.purpose).where(Consent.withdrawn_at.is_(None)).order_by(Consent.id)
NOTICE = "We have changed the words about something you agreed to"


@pytest.fixture
def ann(app: Flask, client: FlaskClient, make: Builders) -> int:
    """Ann, who ticked the first box herself and said yes to photos on the phone."""
    ann, ada = make.person("Ann"), make.admin("Ada")
    with app.app_context():
        consent.agree(ann, KEEP, clock.now())
        consent.record_spoken(ann, PHOTOS, ada, clock.now())
    make.sign_in(client, ann)
    return ann


@pytest.fixture
def changed(app: Flask, ann: int) -> None:
    """The words about photos were others when she agreed."""
    write(app, update(Consent).where(Consent.purpose == PHOTOS).values(wording_version="2025-01"))


def test_the_ledger_says_what_how_and_in_which_words(client: FlaskClient, ann: int) -> None:
    page = words(client.get("/me/agreements"))
    assert "You told the office that you agree, and the office wrote it down on" in page
    assert "on this website" in page
    assert "We keep your name, how to reach you and which sessions you come to." in page
    assert "Ada" not in page


def test_what_was_taken_back_stays_in_the_ledger(client: FlaskClient, ann: int) -> None:
    page = after(client, send(client, "/me/agreements/photos/withdraw"))
    assert "No photos of you" in page
    assert "You took it back on" in words(client.get("/me/agreements"))


def test_anns_ledger_is_hers_alone(app: Flask, make: Builders, ann: int) -> None:
    other = make.sign_in(app.test_client(), make.person("Ben"))
    assert "Nothing is written down yet" in words(other.get("/me/agreements"))
    send(other, "/me/agreements/photos/withdraw", page="/me/photos", person_id=str(ann))
    assert rows(app, LIVE) == [KEEP, PHOTOS]


def test_photos_are_no_by_default_and_yes_and_no_again(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    make.sign_in(client, make.person("Ben"))
    assert 'value="no" checked' in client.get("/me/photos").text
    assert "You agreed" in after(client, send(client, "/me/photos", answer="yes"))
    assert "No photos of you" in after(client, send(client, "/me/photos", answer="no"))
    assert send(client, "/me/photos", answer="perhaps").status_code == 422
    assert rows(app, LIVE) == []


def test_taking_the_first_one_back_says_what_follows_and_asks_for_a_call(
    app: Flask, client: FlaskClient, ann: int
) -> None:
    path = "/me/agreements/keep_details/withdraw"
    assert "Somebody from the office writes to you first" in words(client.get(path))
    assert rows(app, LIVE) == [KEEP, PHOTOS]
    assert "Closing your record is under way." in after(client, send(client, path))
    assert client.get(path).status_code == 303
    calls = select(func.count()).where(Task.kind == TaskKind.CONSENT_WITHDRAWN, Task.person_id == ann)
    assert (rows(app, LIVE), rows(app, calls)) == ([PHOTOS], [1])


def test_no_door_shuts_behind_her(client: FlaskClient, make: Builders, ann: int) -> None:
    send(client, "/me/agreements/keep_details/withdraw")
    session = make.session()
    for path in ("/my-sessions", "/me", "/me/agreements/keep_details", f"/sessions/{session}/book"):
        assert client.get(path).status_code == 200


def test_she_can_agree_again(app: Flask, client: FlaskClient, ann: int) -> None:
    send(client, "/me/agreements/keep_details/withdraw")
    send(client, "/me/agreements/keep_details", answer="agree")
    assert rows(app, LIVE) == [PHOTOS, KEEP]


def test_nothing_is_asked_again_while_the_words_are_the_same(client: FlaskClient, ann: int) -> None:
    assert NOTICE not in words(client.get("/my-sessions")) + words(client.get("/me"))


@pytest.mark.usefixtures("changed")
def test_changed_words_are_shown_beside_those_from_before(client: FlaskClient) -> None:
    for path in ("/my-sessions", "/me", "/me/agreements"):
        assert NOTICE in words(client.get(path))
    page = words(client.get("/me/agreements/photos"))
    assert "These are our new words" in page
    assert "Read the words from before" in page


@pytest.mark.usefixtures("changed")
def test_i_agree_writes_it_down_and_the_notice_goes(app: Flask, client: FlaskClient) -> None:
    assert "Thank you" in after(client, send(client, "/me/agreements/photos", answer="agree"))
    assert NOTICE not in words(client.get("/my-sessions"))
    assert rows(app, LIVE) == [KEEP, PHOTOS, PHOTOS]


@pytest.mark.usefixtures("changed")
def test_not_now_is_heard_and_her_old_yes_stands(app: Flask, client: FlaskClient) -> None:
    assert NOTICE not in after(client, send(client, "/me/agreements/photos", answer="not_now"))
    assert NOTICE in words(client.get("/me/agreements"))
    assert "You agreed that we may use photos" in words(client.get("/me"))
    assert rows(app, LIVE) == [KEEP, PHOTOS]


def test_a_new_version_is_asked_of_whoever_agreed_to_the_old_one(
    client: FlaskClient, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(wordings.CURRENT, "photos", "2027-03")
    assert NOTICE in words(client.get("/my-sessions"))


def test_answers_are_not_agreed_to_before_the_questions_are_seen(
    app: Flask, client: FlaskClient, ann: int
) -> None:
    assert "I agree" not in words(client.get("/me/agreements/equality"))
    send(client, "/me/agreements/equality", page="/me/photos", answer="agree")
    assert EQUALITY not in rows(app, LIVE)


def test_the_ground_rules_can_be_read_and_not_taken_back(client: FlaskClient, ann: int) -> None:
    send(client, "/me/agreements/ground_rules", answer="agree")
    assert "What is said here stays here" in words(client.get("/me/agreements"))
    assert client.get("/me/agreements/ground_rules/withdraw").location == "/me/agreements"


@pytest.mark.parametrize("purpose", ["gossip", "PHOTOS", "../photos", "a" * 300])
def test_a_purpose_there_is_not_is_not_found(client: FlaskClient, ann: int, purpose: str) -> None:
    assert client.get(f"/me/agreements/{purpose}").status_code == 404
