"""The page of a better date, as Ann meets it: she keeps what she has until the other is hers."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking import clock
from booking.db import db
from booking.messages.letters import Letter, compose_now
from booking.messages.letters.links import offer_url
from booking.models import Booking, Message, Person
from booking.models.kinds import Audience, BookingState, MessageKind, Who
from booking.services import bookings
from tests.support import pages
from tests.support.builders import Builders


class Scene:
    """Ann has January, February is full with Ben in it, and March has room."""

    def __init__(self, app: Flask, client: FlaskClient, make: Builders) -> None:
        self.app, self.make = app, make
        self.ann, self.ben = make.person(), make.person("Ben")
        series = make.series(places_room=1, waiting_list=True)
        days = (date(2027, 1, 27), date(2027, 2, 24), date(2027, 3, 31))
        self.january, self.february, self.march = (make.session(series, on=day) for day in days)
        self.kept = make.booking(self.january, self.ann)
        self.bens = make.booking(self.february, self.ben)
        self.browser = make.sign_in(client, self.ann)

    @property
    def path(self) -> str:
        return f"/my-sessions/{self.kept}/better"

    def say(self, **said: Any) -> Any:
        return pages.send(self.browser, self.path, **said)

    def wait(self) -> str:
        return pages.after(self.browser, self.say(dates=[f"{self.february}:room"], wait="y"))

    def states(self) -> dict[int, BookingState]:
        """Say what Ann has at each date."""
        hers = select(Booking).where(Booking.person_id == self.ann).order_by(Booking.id)
        return {booking.session_id: booking.state for booking in pages.rows(self.app, hers)}

    def letter(self, kind: MessageKind) -> Letter:
        hers = (Message.kind == kind) & (Message.person_id == self.ann)
        with self.app.app_context():
            message_id = db.session.scalars(select(Message.id).where(hers)).one()
            letter = compose_now(message_id, clock.now())
        assert isinstance(letter, Letter)
        return letter

    def ben_goes(self) -> Booking:
        with self.app.app_context():
            bookings.give_up_place(self.bens, self.ben, clock.now())
            hers = (Booking.session_id == self.february) & (Booking.person_id == self.ann)
            return db.session.scalars(select(Booking).where(hers)).one()


@pytest.fixture
def scene(app: Flask, client: FlaskClient, make: Builders, clock_at: Callable[[str], datetime]) -> Scene:
    clock_at("2027-01-10T12:00+00:00")
    return Scene(app, client, make)


def test_my_sessions_leads_there_and_the_page_tells_full_from_free(scene: Scene) -> None:
    assert scene.path in scene.browser.get("/my-sessions").text
    page = pages.words(scene.browser.get(scene.path))
    free, full = page.index("Dates that have room now"), page.index("Dates that are full")
    assert "In the last 24 hours before a date several people are told at once." in page
    assert free < page.index("Wednesday 31 March 2027") < full < page.index("Wednesday 24 February 2027")


def test_a_closed_group_is_shown_to_nobody_outside_it(scene: Scene) -> None:
    group = scene.make.series("For patients", audience=Audience.PATIENTS, waiting_list=True)
    scene.make.session(group, on=date(2027, 1, 28))
    assert "For patients" in pages.words(scene.browser.get(scene.path))
    pages.write(scene.app, update(Person).values(who=Who.WITH_SOMEONE))
    assert "For patients" not in pages.words(scene.browser.get(scene.path))


def test_she_waits_and_my_sessions_says_what_she_keeps(scene: Scene) -> None:
    said = scene.wait()
    assert "You keep your place. We tell you if the other date comes free." in said
    assert "You wait for: Wednesday 24 February 2027." in said
    assert "Manchester, in the room. You wait for this one." in pages.words(scene.browser.get(scene.path))
    assert scene.states() == {
        scene.january: BookingState.BOOKED,
        scene.february: BookingState.WAITING,
    }
    shown = pages.words(scene.browser.get("/my-sessions"))
    assert "You keep your place on Wednesday 27 January 2027 until you say yes to this one." in shown


def test_yes_please_on_my_sessions_changes_one_for_the_other(scene: Scene) -> None:
    scene.wait()
    offered = scene.ben_goes()
    page = pages.words(scene.browser.get("/my-sessions"))
    assert "A place is free for you" in page
    path = f"/my-sessions/{offered.id}/offer"
    answer = pages.send(scene.browser, path, page="/my-sessions", answer="yes", seen="1")
    said = "You changed from Wednesday 27 January 2027 to Wednesday 24 February 2027."
    assert f"You have a place. {said}" in pages.after(scene.browser, answer)
    assert scene.states() == {
        scene.january: BookingState.GIVEN_UP,
        scene.february: BookingState.BOOKED,
    }


def test_the_letters_say_what_is_kept_and_what_she_has_instead(scene: Scene) -> None:
    scene.wait()
    offered = scene.ben_goes()
    told = scene.letter(MessageKind.OFFERED).text
    assert "Saying yes gives up your place at Tea & A Chat Manchester on Wednesday 27 January 2027" in told
    pages.send(scene.browser, f"/my-sessions/{offered.id}/offer", page="/my-sessions", answer="yes", seen="1")
    given_up = scene.letter(MessageKind.GIVEN_UP).text
    assert "You have a place at Tea & A Chat Manchester on Wednesday 24 February 2027" in given_up


def test_the_page_behind_the_letter_says_what_went(scene: Scene) -> None:
    scene.wait()
    offered = scene.ben_goes()
    with scene.app.app_context():
        path = offer_url(offered).removeprefix("http://localhost")
    pages.send(scene.browser, path, answer="yes", seen="1")
    said = "You changed from Wednesday 27 January 2027 to Wednesday 24 February 2027."
    assert said in pages.words(scene.browser.get(path))


def test_change_my_date_takes_the_free_one_at_once(scene: Scene) -> None:
    said = pages.after(scene.browser, scene.say(date=f"{scene.march}:room", change="y"))
    assert "You have the other date now" in said
    assert "You changed from Wednesday 27 January 2027 to Wednesday 31 March 2027." in said
    assert scene.states() == {scene.january: BookingState.GIVEN_UP, scene.march: BookingState.BOOKED}


def test_choosing_none_is_said_and_unticks_nothing(scene: Scene) -> None:
    scene.wait()
    answer = scene.say(change="y")
    assert answer.status_code == 422
    assert "Choose the date you would rather have." in pages.words(answer)
    assert "checked" in answer.text
    assert scene.states()[scene.february] is BookingState.WAITING


def test_a_date_that_filled_up_meanwhile_is_said_and_her_place_stays(scene: Scene) -> None:
    page = scene.browser.get(scene.path)
    scene.make.booking(scene.march, scene.ben)
    said = {"csrf_token": pages.csrf_token(page), "date": f"{scene.march}:room", "change": "y"}
    answer = scene.browser.post(scene.path, data=said)
    assert answer.status_code == 422
    assert scene.states() == {scene.january: BookingState.BOOKED}


@pytest.mark.parametrize("value", ["999:room", "x", "1:garden", "", "1:room:2"])
def test_a_date_that_was_never_offered_changes_nothing(scene: Scene, value: str) -> None:
    assert scene.say(dates=[value], wait="y").status_code == 422
    assert scene.say(date=value, change="y").status_code == 422
    assert scene.states() == {scene.january: BookingState.BOOKED}


def test_another_persons_place_is_not_there(scene: Scene) -> None:
    path = f"/my-sessions/{scene.bens}/better"
    assert scene.browser.get(path).status_code == 404
    assert pages.send(scene.browser, path, page="/me", wait="y").status_code == 404


def test_a_place_given_up_leads_back_kindly(scene: Scene) -> None:
    with scene.app.app_context():
        bookings.give_up_place(scene.kept, scene.ann, clock.now())
    assert "can't be changed" in pages.after(scene.browser, scene.browser.get(scene.path))


def test_no_dates_ends_the_waiting(scene: Scene) -> None:
    scene.wait()
    assert "You keep your place and wait for no other." in pages.after(scene.browser, scene.say(wait="y"))
    assert scene.states()[scene.february] is BookingState.GIVEN_UP
