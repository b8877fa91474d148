"""Two people, one session, one shared email: nothing addressed to one holds anything of the other."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock, worker
from booking.db import db
from booking.models import Booking, EmergencyContact, EqualityAnswers, MailboxLetter, Message, MovementCheckIn
from booking.models.kinds import Mode, Pool, TaskKind
from booking.services import bookings, deaths, schedule, signin
from booking.services.steps import tasks
from tests.house.doors import DOORS
from tests.support.builders import Builders
from tests.support.pages import rows, send, words

SHARED = "family@example.org"
# Whatever of the two could be mixed up; the name each likes stands alone in "Who are you?".
OF_ANN = ("Annabel", "Quillfeather", "needs a lilac chair", "07700 900111", "Lilac Street", "Aunt Lilac")
OF_BEN = ("Benedict", "Thornbury", "needs an amber lamp", "07700 900222", "Amber Street", "Uncle Amber")


@pytest.fixture
def two(app: Flask, make: Builders) -> dict[str, int]:
    """Annabel and Benedict share one address and one session, and have told everything there is to tell."""
    fay = make.facilitator("Fay")
    soon = make.session(make.series(mode=Mode.HYBRID, movement_check=True), led_by=(fay,))
    ids = {"soon": soon, "fay": fay, "ada": make.admin("Ada")}
    for mine in (OF_ANN, OF_BEN):
        known_as, surname, needs, phone, street, carer = mine
        person = make.person(
            known_as,
            full_name=f"{known_as} {surname}",
            email=SHARED,
            phone=phone,
            access_needs=needs,
            region=street,
        )
        ids[known_as] = person
        with app.app_context():
            about = {"person_id": person, "saved_at": clock.now()}
            db.session.add(EmergencyContact(name=carer, phone=phone, **about))
            db.session.add(EqualityAnswers(ethnicity=f"As {known_as} says", **about))
            db.session.add(MovementCheckIn(person_id=person, flags="seated", answered_at=clock.now()))
            tasks.ask(TaskKind.COMPLAINT, clock.now(), person_id=person, words=f"{known_as} complains")
            db.session.commit()
            bookings.book_place(soon, person, Pool.ROOM, person, clock.now())
    return ids


def strangers_words(text: str, other: tuple[str, ...]) -> list[str]:
    return [mark for mark in other if mark.casefold() in text.casefold()]


@pytest.mark.parametrize(("her", "other"), [(OF_ANN, OF_BEN), (OF_BEN, OF_ANN)])
def test_no_page_of_hers_holds_anything_of_the_other(
    app: Flask, make: Builders, two: dict[str, int], her: tuple[str, ...], other: tuple[str, ...]
) -> None:
    client = make.sign_in(app.test_client(), two[her[0]])
    (booking,) = rows(app, select(Booking.id).where(Booking.person_id == two[her[0]]))
    ids = {"session_id": two["soon"], "booking_id": booking, "purpose": "photos"}
    opened = 0
    for rule in app.url_map.iter_rules():
        mine = str(DOORS.get(rule.endpoint)) in ("anyone", "signed_in") and "mailbox" not in rule.rule
        if mine and "GET" in (rule.methods or ()) and rule.arguments <= set(ids):
            path = app.url_map.bind("localhost").build(rule.endpoint, {n: ids[n] for n in rule.arguments})
            answer = client.get(path)
            opened += answer.status_code == 200
            assert strangers_words(answer.text, other) == [], path
    assert opened > 30


@pytest.mark.parametrize(("her", "other"), [(OF_ANN, OF_BEN), (OF_BEN, OF_ANN)])
def test_what_she_takes_away_holds_nothing_of_the_other(
    app: Flask, make: Builders, two: dict[str, int], her: tuple[str, ...], other: tuple[str, ...]
) -> None:
    client = make.sign_in(app.test_client(), two[her[0]])
    file = send(client, "/me/download")
    assert file.mimetype == "application/json"
    assert strangers_words(file.get_data(as_text=True), her) != []
    assert strangers_words(file.get_data(as_text=True), other) == []


def test_no_letter_to_one_names_the_other(app: Flask, two: dict[str, int]) -> None:
    _move_and_remind(app, two)
    marks = {two[her[0]]: other for her, other in ((OF_ANN, OF_BEN), (OF_BEN, OF_ANN))}
    greeted = {two[OF_ANN[0]]: OF_ANN[0], two[OF_BEN[0]]: OF_BEN[0]}
    with app.app_context():
        # A letter's Message-ID leads from the mailbox back to the person it was meant for.
        whose = {row.message_id: row.person_id for row in db.session.scalars(select(Message))}
        # Those who lead and the office have letters of their own.
        theirs = select(MailboxLetter).where(MailboxLetter.recipient == SHARED)
        letters = db.session.scalars(theirs).all()
        seen = set()
        for letter in letters:
            source = letter.source.decode(errors="replace")
            person = whose[_message_id(source)]
            words_of = "\n".join((letter.subject, letter.text, letter.html, source))
            assert strangers_words(words_of, marks[person]) == []
            seen.add(greeted[person])
    assert seen == {"Annabel", "Benedict"}
    assert len(letters) >= 4


def test_one_link_opens_one_of_the_two(app: Flask, two: dict[str, int]) -> None:
    with app.app_context():
        signin.ask_for_link(SHARED, "", clock.now())
        worker.run_once()
    (letter,) = rows(app, select(MailboxLetter.text).where(MailboxLetter.text.contains("/sign-in/")))
    assert strangers_words(letter, OF_ANN + OF_BEN) == []
    client: FlaskClient = app.test_client()
    path = _path_in(letter)
    assert "Annabel" in words(client.get(path))
    assert strangers_words(client.get(path).text, OF_ANN[1:] + OF_BEN[1:]) == []
    assert send(client, path, person=str(two["Annabel"])).status_code == 303
    assert "Annabel Quillfeather" in client.get("/me").text


def test_when_one_has_died_the_other_is_still_written_to(app: Flask, two: dict[str, int]) -> None:
    with app.app_context():
        deaths.mark_died(two["Annabel"], two["ada"], clock.now())
    _move_and_remind(app, two)
    told = rows(app, select(Message.person_id).where(Message.state == "sent", Message.recipient == SHARED))
    assert set(told) == {two["Benedict"]}
    (status,) = rows(app, select(Message.state).where(Message.person_id == two["Annabel"]).distinct())
    assert status == "withdrawn"


def _move_and_remind(app: Flask, two: dict[str, int]) -> None:
    """Let a change be told to both of them, and send whatever waits."""
    with app.app_context():
        worker.run_once()
        schedule.cancel_session(two["soon"], "The room is closed", two["ada"], clock.now())
    now = clock.now()
    clock.set_source(lambda: now + timedelta(days=1))
    try:
        with app.app_context():
            worker.run_once()
    finally:
        clock.set_source(None)


def _message_id(source: str) -> str:
    found = re.search(r"^Message-ID:\s*(<[^>]+>)", source, re.MULTILINE | re.IGNORECASE)
    assert found is not None
    return found[1]


def _path_in(letter: str) -> str:
    found = re.search(r"https?://[^/\s]+(/sign-in/\S+)", letter)
    assert found is not None
    return found[1]
