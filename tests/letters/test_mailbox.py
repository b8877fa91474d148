"""The mailbox shows what was delivered, only in development."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking import create_app, worker
from booking.models.kinds import MessageKind
from tests.letters.desk import Desk
from tests.support.databases import settings_for_tests


def test_a_letter_in_the_mailbox_can_be_read_and_its_links_followed(
    app: Flask, client: FlaskClient, desk: Desk
) -> None:
    desk.place()
    desk.post(MessageKind.BOOKED)
    with app.app_context():
        worker.run_once()
    listed = client.get("/mailbox.json").get_json()
    assert [(one["to"], one["subject"][:16]) for one in listed] == [("ann@example.org", "You have a place")]
    assert set(listed[0]) == {"id", "to", "subject", "text", "html", "sent_utc"}
    assert "You have a place" in client.get("/mailbox").text
    page = client.get(f"/mailbox/{listed[0]['id']}").text
    assert 'href="http://localhost/my-sessions"' in page
    assert "Message-ID" in page


def test_a_letter_as_it_looks_runs_nothing(app: Flask, client: FlaskClient, desk: Desk) -> None:
    desk.place(title="<script>alert(1)</script> Singing")
    desk.post(MessageKind.BOOKED)
    with app.app_context():
        worker.run_once()
    answer = client.get("/mailbox/1/letter.html")
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "<script>" not in answer.text


def test_a_letter_that_is_not_there_is_not_found(client: FlaskClient) -> None:
    assert client.get("/mailbox/99").status_code == 404
    assert client.get("/mailbox/99999999999999999999").status_code == 404


@pytest.mark.parametrize(("kind", "there"), [("development", True), ("production", False)])
def test_the_mailbox_is_there_in_development_alone(kind: str, there: bool) -> None:
    app = create_app(settings_for_tests("sqlite://", mail_url="smtp://127.0.0.1:25", app_env=kind))
    paths = {rule.rule for rule in app.url_map.iter_rules()}
    assert [path in paths for path in ("/mailbox", "/mailbox/<int:letter_id>", "/mailbox.json")] == [
        there
    ] * 3
