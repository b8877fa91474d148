"""How Ann is reached, and a change of her address: the new one is proven, the old one is told."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking import clock, worker
from booking.models import AuditEntry, ContactPoint, MailboxLetter, Message, Person
from booking.models.kinds import Channel, ContactKind, MessageState, PersonStatus
from booking.services import messages
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words, write

WAYS = select(ContactPoint.person_id, ContactPoint.kind, ContactPoint.written).order_by(
    ContactPoint.person_id, ContactPoint.kind
)
LETTERS = select(MailboxLetter.recipient, MailboxLetter.subject).order_by(MailboxLetter.id)
NEWEST = select(MailboxLetter.text).order_by(MailboxLetter.id.desc()).limit(1)
OLD, NEW, PAGE = "ann@example.org", "Ann.ONeill@example.org", "/me/contacts"
EMAIL, PHONE, POST = ContactKind.EMAIL, ContactKind.PHONE, ContactKind.POST
ASKED, TOLD = "Confirm your new email address", "Your email address was changed"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-11-22T12:00+00:00")


@pytest.fixture
def ann(client: FlaskClient, make: Builders) -> int:
    person_id = make.person("Ann")
    make.sign_in(client, person_id)
    return person_id


def deliver(app: Flask) -> list[tuple[str, str]]:
    """Send what waits, and say what has been sent so far: to whom, and its subject."""
    with app.app_context():
        worker.run_once()
    return rows(app, LETTERS)


def ask(client: FlaskClient, email: str = NEW, phone: str = "", post: str = "") -> str:
    return after(client, send(client, PAGE, email=email, phone=phone, post=post))


def link_in(app: Flask) -> str:
    """Return the path in the newest letter."""
    found = re.search(r"http://localhost(/change-email/\S+)", rows(app, NEWEST)[0])
    assert found is not None
    return found[1]


def test_a_new_address_is_used_once_it_is_proven_and_the_old_one_is_told(
    app: Flask, client: FlaskClient, ann: int
) -> None:
    assert f"We wrote to {NEW}" in ask(client)
    assert (deliver(app), rows(app, WAYS)) == ([(NEW, ASKED)], [(ann, EMAIL, OLD)])
    assert "Your new email address is saved." in after(client, send(client, link_in(app)))
    assert rows(app, WAYS) == [(ann, EMAIL, NEW)]
    assert deliver(app) == [(NEW, ASKED), (OLD, TOLD)]
    assert NEW not in rows(app, NEWEST)[0]
    assert rows(app, select(ContactPoint.proven_at)) == [clock.now()]


def test_the_button_works_in_another_browser_and_signs_nobody_in(
    app: Flask, client: FlaskClient, ann: int
) -> None:
    ask(client)
    deliver(app)
    other = app.test_client()
    assert "From now on we write to" in words(other.get(link_in(app)))
    assert "saved" in after(other, send(other, link_in(app)))
    assert other.get("/me").status_code == 303
    assert rows(app, WAYS) == [(ann, EMAIL, NEW)]


def test_opening_the_link_changes_nothing_and_it_works_once(
    app: Flask, client: FlaskClient, ann: int
) -> None:
    ask(client)
    deliver(app)
    assert client.get(link_in(app)).status_code == client.head(link_in(app)).status_code == 200
    assert rows(app, WAYS) == [(ann, EMAIL, OLD)]
    send(client, link_in(app))
    assert send(client, link_in(app), page="/me/contacts").status_code == 410
    assert len(deliver(app)) == 2


def test_the_link_lives_24_hours_from_when_its_letter_left(
    app: Flask, client: FlaskClient, ann: int, clock_at: Callable[[datetime], datetime]
) -> None:
    ask(client)
    sent_at = clock_at(clock.now() + timedelta(hours=5))
    deliver(app)
    path = link_in(app)
    clock_at(sent_at + DAY - timedelta(seconds=1))
    assert client.get(path).status_code == 200
    clock_at(sent_at + DAY)
    assert (client.get(path).status_code, rows(app, WAYS)) == (410, [(ann, EMAIL, OLD)])


@pytest.mark.parametrize("change", ["tampered", "for another purpose"])
def test_a_link_that_is_none_of_ours_opens_nothing(
    app: Flask, client: FlaskClient, ann: int, change: str
) -> None:
    ask(client)
    deliver(app)
    path = link_in(app)
    token = path.rsplit("/", 1)[1]
    wrong = path[:-3] + "xyz" if change == "tampered" else f"/sign-in/{token}"
    assert client.get(wrong).status_code == 410


def test_an_address_that_ben_has_is_treated_like_any_other(
    app: Flask, client: FlaskClient, make: Builders, ann: int
) -> None:
    ben = make.person("Ben")
    assert "We wrote to ben@example.org" in ask(client, "ben@example.org")
    assert deliver(app) == [("ben@example.org", ASKED)]
    assert "Ben" not in rows(app, NEWEST)[0]
    send(client, link_in(app))
    assert rows(app, WAYS) == [(ann, EMAIL, "ben@example.org"), (ben, EMAIL, "ben@example.org")]


def test_a_change_can_be_let_go_before_and_after_its_letter_left(
    app: Flask, client: FlaskClient, ann: int
) -> None:
    ask(client)
    assert "stays as it is" in after(client, send(client, f"{PAGE}/withdraw", page=PAGE))
    assert deliver(app) == []
    ask(client)
    deliver(app)
    assert "We wrote to" not in after(client, send(client, f"{PAGE}/withdraw", page=PAGE))
    assert client.get(link_in(app)).status_code == 410
    assert rows(app, WAYS) == [(ann, EMAIL, OLD)]


def test_bens_button_does_not_let_anns_change_go(
    app: Flask, client: FlaskClient, make: Builders, ann: int
) -> None:
    ask(client)
    other = make.sign_in(app.test_client(), make.person("Ben"))
    assert NEW not in other.get("/me").text + other.get(PAGE).text
    send(other, f"{PAGE}/withdraw", page=PAGE, person_id=str(ann))
    assert deliver(app) == [(NEW, ASKED)]


def test_pressing_twice_sends_one_letter_and_a_second_address_ends_the_first(
    app: Flask, client: FlaskClient, ann: int
) -> None:
    ask(client)
    ask(client)
    assert deliver(app) == [(NEW, ASKED)]
    first = link_in(app)
    ask(client, "other@example.org")
    assert deliver(app)[1:] == [("other@example.org", ASKED)]
    assert client.get(first).status_code == 410


@pytest.mark.parametrize("status", [PersonStatus.DIED, PersonStatus.CLOSED, PersonStatus.MERGED])
def test_nothing_goes_when_she_has_died_meanwhile(
    app: Flask, client: FlaskClient, ann: int, status: PersonStatus
) -> None:
    ask(client)
    write(app, update(Person).values(status=status))
    assert deliver(app) == []


def test_nothing_goes_to_the_old_address_of_somebody_who_has_died(
    app: Flask, client: FlaskClient, ann: int
) -> None:
    ask(client)
    deliver(app)
    path = link_in(app)
    send(client, path)
    write(app, update(Person).values(status=PersonStatus.DIED))
    assert deliver(app) == [(NEW, ASKED)]
    assert app.test_client().get(path).status_code == 410


def test_her_link_does_nothing_once_her_record_is_closed(app: Flask, client: FlaskClient, ann: int) -> None:
    ask(client)
    deliver(app)
    path = link_in(app)
    write(app, update(Person).values(status=PersonStatus.CLOSED))
    assert app.test_client().get(path).status_code == 410


def test_a_first_address_for_somebody_with_a_phone_tells_nobody_else(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    gwen = make.person("Gwen", email=None, phone="07700 900456")
    make.sign_in(client, gwen)
    ask(client, "gwen@example.org", "07700 900456")
    assert deliver(app) == [("gwen@example.org", ASKED)]
    send(client, link_in(app))
    assert len(deliver(app)) == 1
    assert rows(app, WAYS) == [(gwen, EMAIL, "gwen@example.org"), (gwen, PHONE, "07700 900456")]


def test_another_spelling_of_her_address_needs_no_letter(app: Flask, client: FlaskClient, ann: int) -> None:
    ask(client, "Ann@Example.org")
    assert (deliver(app), rows(app, WAYS)) == ([], [(ann, EMAIL, "Ann@Example.org")])


def test_phone_and_post_are_kept_at_once_and_taken_away(app: Flask, client: FlaskClient, ann: int) -> None:
    page = ask(client, OLD, "07700900123", "1 Example Street\r\nLeeds")
    assert "07700 900123 1 Example Street Leeds" in page
    assert rows(app, WAYS)[1:] == [(ann, PHONE, "07700 900123"), (ann, POST, "1 Example Street\nLeeds")]
    ask(client, OLD)
    assert rows(app, WAYS) == [(ann, EMAIL, OLD)]
    assert rows(app, select(AuditEntry.fields)) == ["phone, post", "phone, post"]


def test_the_last_way_to_reach_somebody_stays(app: Flask, client: FlaskClient, make: Builders) -> None:
    gwen = make.person("Gwen", email=None, phone="07700 900456")
    make.sign_in(client, gwen)
    answer = send(client, PAGE, email="", phone="", post="1 Example Street")
    assert (answer.status_code, "We need one way to reach you" in words(answer)) == (422, True)
    assert "1 Example Street" in answer.text
    assert rows(app, WAYS) == [(gwen, PHONE, "07700 900456")]


def test_the_address_she_signs_in_with_stays(app: Flask, client: FlaskClient, ann: int) -> None:
    assert send(client, PAGE, email="", phone="07700 900123", post="").status_code == 422
    assert rows(app, WAYS) == [(ann, EMAIL, OLD)]


def test_a_reminder_that_waits_goes_to_the_address_of_the_moment(
    app: Flask, client: FlaskClient, make: Builders, ann: int, clock_at: Callable[[str], datetime]
) -> None:
    make.booking(make.session(make.series(), on=date(2026, 11, 25)), ann)
    ask(client)
    deliver(app)
    clock_at("2026-11-23T10:00+00:00")
    with app.app_context():
        assert messages.lay_out_reminders(clock.now()) == 1
    assert rows(app, select(Message.recipient).where(Message.state == MessageState.WAITING)) == [OLD]
    send(client, link_in(app))
    assert sorted(to for to, subject in deliver(app) if subject != ASKED) == [NEW, OLD]
    assert rows(app, LETTERS.where(MailboxLetter.recipient == OLD)) == [(OLD, TOLD)]


def test_ann_chooses_how_to_be_reached(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann", phone="07700 900123"))
    assert "By a phone call" in after(client, send(client, "/me/reach", channel="call"))
    assert rows(app, select(Person.channel)) == [Channel.CALL]


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ("call", "phone number"),
        ("post", "postal address"),
        ("text", "mobile phone number"),
        ("fax", "Not a valid choice"),
    ],
)
def test_what_is_missing_for_a_way_is_said(
    app: Flask, client: FlaskClient, ann: int, channel: str, said: str
) -> None:
    answer = send(client, "/me/reach", channel=channel)
    assert (answer.status_code, said in words(answer)) == (422, True)
    assert rows(app, select(Person.channel)) == [Channel.EMAIL]


@pytest.mark.parametrize(
    ("phone", "kept"), [("07700 900123", Channel.TEXT), ("0161 496 0123", Channel.EMAIL)]
)
def test_only_a_mobile_takes_text_messages(
    app: Flask, client: FlaskClient, ann: int, phone: str, kept: Channel
) -> None:
    ask(client, OLD, phone)
    send(client, "/me/reach", channel="text")
    assert rows(app, select(Person.channel)) == [kept]


def test_with_a_landline_instead_of_her_mobile_she_is_written_to_again(
    app: Flask, client: FlaskClient, ann: int
) -> None:
    ask(client, OLD, "07700 900123")
    assert "By text message" in after(client, send(client, "/me/reach", channel="text"))
    ask(client, OLD, "0161 496 0123")
    assert rows(app, select(Person.channel)) == [Channel.EMAIL]


def test_where_nobody_sends_text_messages_none_is_offered(app: Flask, client: FlaskClient, ann: int) -> None:
    told = app.extensions["booking.settings"]
    app.extensions["booking.settings"] = replace(told, text_url="")
    assert 'value="text"' not in client.get("/me/reach").text
    assert send(client, "/me/reach", channel="text").status_code == 422
    write(app, update(Person).values(channel=Channel.TEXT))
    assert "How you like to hear from us By email" in words(client.get("/me"))


def test_she_says_whether_a_caller_may_leave_word(app: Flask, client: FlaskClient, ann: int) -> None:
    for ticked, kept in (({"may_leave_word": "y"}, True), ({}, False)):
        send(client, "/me/reach", channel="email", **ticked)
        assert rows(app, select(Person.may_leave_word)) == [kept]
    fields = select(AuditEntry.fields).order_by(AuditEntry.id)
    assert rows(app, fields)[-2:] == ["channel, leaving word"] * 2


def test_without_her_number_she_is_written_to_again(app: Flask, client: FlaskClient, ann: int) -> None:
    ask(client, OLD, "07700 900123")
    send(client, "/me/reach", channel="call")
    ask(client, OLD)
    assert rows(app, select(Person.channel)) == [Channel.EMAIL]


def test_however_many_ask_a_new_address_gets_three_letters_an_hour(
    app: Flask,
    client: FlaskClient,
    ann: int,
    make: Builders,
    now: datetime,
    clock_at: Callable[[datetime], datetime],
) -> None:
    for number in range(4):
        ben = make.sign_in(app.test_client(), make.person(f"Ben{number}"))
        ask(ben)
    page = ask(client)
    assert [to for to, subject in deliver(app) if subject == ASKED] == [NEW] * 3
    assert "error" not in page.lower()
    clock_at(now + timedelta(minutes=61))
    ask(client)
    assert [to for to, subject in deliver(app) if subject == ASKED] == [NEW] * 4
