"""The office writes the words of letters: what could not be sent is refused, and nothing is ever lost."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from booking.messages.letters.previews import look_at_words
from booking.messages.letters.render import original_words
from booking.models import AuditEntry, LetterWording, Message
from booking.models.kinds import Mode
from booking.rules.faults import Fault
from booking.rules.wordings_of_letters import EDITABLE, Words, check, editable
from tests.office.season import Season
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words

PAGE = "/office/letters/reminder"
OURS: dict[str, Any] = {
    "subject": "Soon: {name}",
    "opening": "We would love to see you on {day}, {time}.",
    "closing": "With love from {organisation}.",
    "seen": "0",
    "step": "save",
}
SAVED = "Saved. Every letter from now on has these words."
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def soon(make: Builders, season: Season) -> int:
    series = make.series("Yoga for secondary breast cancer", key="for-all", discreet_name="Gentle yoga")
    return make.session(series)


def test_the_words_are_saved_as_a_version_and_noted(app: Flask, desk: FlaskClient, season: Season) -> None:
    assert SAVED in after(desk, send(desk, PAGE, **OURS))
    (saved,) = rows(app, select(LetterWording))
    assert (saved.kind, saved.wording_version, saved.saved_by) == ("reminder", 1, season.ada)
    assert rows(app, select(AuditEntry.action, AuditEntry.subject)) == [
        ("letter words saved", "letter:reminder")
    ]
    assert "These are our own words." in words(desk.get(PAGE))


def test_saving_twice_makes_one_version(app: Flask, desk: FlaskClient) -> None:
    for _twice in range(2):
        send(desk, PAGE, **OURS)
    assert rows(app, select(func.count()).select_from(LetterWording)) == [1]


def test_an_older_page_saves_nothing_and_keeps_what_was_typed(app: Flask, desk: FlaskClient) -> None:
    send(desk, PAGE, **OURS)
    answer = send(desk, PAGE, **OURS | {"subject": "My own: {name}"})
    assert answer.status_code == 422
    assert "Somebody changed this while you had the page open." in words(answer)
    assert "My own: {name}" in answer.text
    assert rows(app, select(LetterWording.wording_version)) == [1]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"opening": "Dear {surname},"}, "{surname} is not known in this letter"),
        ({"opening": "On {day"}, "Braces go in pairs"),
        ({"opening": "On {day.year}"}, "Braces go in pairs"),
        ({"opening": "On {{day}}"}, "Braces go in pairs"),
        ({"subject": "On {0}"}, "Braces go in pairs"),
        ({"subject": "{turn}"}, "{turn} is not known in this letter"),
        ({"subject": "Your cancer support group"}, "A lock screen may show this"),
        ({"opening": "You who live with secondary breast cancer"}, "A lock screen may show this"),
        ({"closing": "Join at https://zoom.example/j/1"}, "Leave web addresses out"),
        ({"subject": ""}, "Enter a subject"),
        ({"opening": " "}, "Write what comes first"),
        ({"opening": "x" * 1501}, "1500"),
    ],
)
def test_words_that_could_not_be_sent_are_refused_when_saved(
    app: Flask, desk: FlaskClient, wrong: dict[str, str], said: str
) -> None:
    answer = send(desk, PAGE, **OURS | wrong)
    assert answer.status_code == 422
    assert said in words(answer)
    assert rows(app, select(LetterWording)) == []


def test_looking_shows_a_real_session_and_sends_nothing(app: Flask, desk: FlaskClient, soon: int) -> None:
    answer = send(desk, PAGE, **OURS | {"step": "look", "with_session": str(soon)})
    assert answer.status_code == 200
    seen = words(answer)
    assert "Soon: Gentle yoga" in seen
    assert "With love from Make 2nds Count." in seen
    assert rows(app, select(LetterWording)) == rows(app, select(Message)) == []


@ONE_DATABASE
@pytest.mark.parametrize("mode", Mode)
def test_every_letter_can_be_looked_at_with_any_session_and_its_links_open_nothing(
    app: Flask, make: Builders, season: Season, mode: Mode
) -> None:
    session = make.session(make.series("Gentle yoga", key="for-all", mode=mode))
    with app.test_request_context():
        for one in EDITABLE:
            look = look_at_words(one, original_words(one), session)
            assert look is not None
            assert not look.gives_way
            assert not re.search(r"/(join|calendar|not-today|offers|courses)/|\{", look.text), one.key


@ONE_DATABASE
def test_the_nearest_session_is_shown_though_it_is_online(
    desk: FlaskClient, make: Builders, season: Season
) -> None:
    make.session(make.series("Gentle yoga", key="for-all", mode=Mode.ONLINE), on=date(2026, 11, 23))
    for one in ("booked", "reminder", "course_booked"):
        seen = words(desk.get(f"/office/letters/{one}")).split("How it will be read")[1]
        assert "Gentle yoga" in seen
        assert "Need a hand?" in seen


def test_the_original_words_come_back_and_no_version_is_lost(app: Flask, desk: FlaskClient) -> None:
    send(desk, PAGE, **OURS)
    for seen in ("1", "2"):
        send(desk, f"{PAGE}/again", version="original", seen=seen)
    assert "These are the original words." in words(desk.get(PAGE))
    assert SAVED in after(desk, send(desk, f"{PAGE}/again", version="1", seen="2"))
    found = rows(app, select(LetterWording.wording_version, LetterWording.is_original))
    assert found == [(1, False), (2, True), (3, False)]


@ONE_DATABASE
@pytest.mark.parametrize(("letter", "is_said"), [("reminder", True), ("sign_in", False)])
def test_the_office_reads_that_a_text_message_keeps_its_own_words(
    desk: FlaskClient, letter: str, is_said: bool
) -> None:
    assert (
        "A text message keeps its own short words" in words(desk.get(f"/office/letters/{letter}"))
    ) is is_said


@pytest.mark.parametrize("version", ["7", "", "x", "original"])
def test_a_version_that_is_not_there_changes_nothing(app: Flask, desk: FlaskClient, version: str) -> None:
    send(desk, f"{PAGE}/again", version=version, seen="0")
    assert rows(app, select(LetterWording)) == []


@ONE_DATABASE
@pytest.mark.parametrize("path", ["/office/letters/digest", "/office/letters/nothing", "/office/letters/é"])
def test_a_letter_that_keeps_its_words_has_no_page(desk: FlaskClient, path: str) -> None:
    assert desk.get(path).status_code == 404
    assert send(desk, f"{path}/again", version="1", seen="0").status_code == 404


@ONE_DATABASE
def test_the_original_words_of_every_letter_would_be_let_through(app: Flask) -> None:
    for one in EDITABLE:
        with app.test_request_context():
            original = original_words(one)
        check(original, one)
        assert original.subject
        assert original.opening


def test_a_closing_where_no_facts_stand_before_it_is_held_to_be_seen() -> None:
    one = editable("sign_in")
    assert one is not None
    with pytest.raises(Fault):
        check(Words("Hello", "Hello", "For people with cancer"), one)


def test_the_list_says_which_letters_have_own_words(
    desk: FlaskClient, clock_at: Callable[[str], datetime]
) -> None:
    clock_at(f"{date(2026, 8, 1)}T10:00+01:00")
    send(desk, PAGE, **OURS)
    seen = words(desk.get("/office/letters"))
    assert seen.count("Our own words") == 1
    assert "Letters to hosts, news and messages to everyone are not on this list" in seen
    assert "Soon: {name}" in seen
