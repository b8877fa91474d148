"""Somebody new books first and registers on the way: one page, one letter, one place that waits for her."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from booking.models import Booking, Consent, Person, ScheduledSession, SignIn, Task
from booking.models.kinds import (
    Audience,
    BookingState,
    Companions,
    MessageKind,
    Mode,
    PersonStatus,
    SessionState,
    TaskKind,
)
from tests.bookings.newcomers import BY_PHONE, LETTERS, RUTH, STATES, code, hand_over, hold, link
from tests.support.builders import Builders
from tests.support.pages import after, csrf_token, rows, send, words, write

HELD_UNTIL = select(Booking.held_until).order_by(Booking.id)
PEOPLE = select(Person.known_as, Person.status).order_by(Person.id)
HOUR = timedelta(minutes=60)
Clock = Callable[[datetime], datetime]


def test_one_page_holds_the_facts_the_way_back_and_the_form(client: FlaskClient, make: Builders) -> None:
    chat = make.session()
    page = client.get(f"/sessions/{chat}/book")
    assert page.status_code == 200
    for said in ("Friends' Meeting House", "Been here before?", "Your full name", "one is enough"):
        assert said in words(page)
    for said in ("By confirming you agree to these", "Confirm my place", "What is said here stays here"):
        assert said in words(page)
    assert f"/sign-in?next=/sessions/{chat}/book" in page.text


def test_a_stranger_holds_a_place_and_gets_one_letter(
    app: Flask, client: FlaskClient, make: Builders, now: datetime
) -> None:
    chat = make.session()
    answer = hold(client, chat)
    page = after(client, answer)
    for said in ("check your email", "ruth@example.net", "60 minutes", "No letter?"):
        assert said in page
    assert rows(app, PEOPLE) == [("Ruth", PersonStatus.UNPROVEN)]
    assert rows(app, STATES) == [BookingState.HELD]
    assert rows(app, HELD_UNTIL) == [now + timedelta(hours=24)]
    assert rows(app, LETTERS) == [MessageKind.CONFIRM_EMAIL]


def test_what_she_agreed_to_is_in_the_ledger(app: Flask, client: FlaskClient, make: Builders) -> None:
    hold(client, make.session())
    assert sorted(rows(app, select(Consent.purpose))) == ["ground_rules", "keep_details"]


def test_a_held_place_is_not_free(app: Flask, client: FlaskClient, make: Builders) -> None:
    chat = make.session(places_room=1)
    hold(client, chat)
    ann = make.sign_in(app.test_client(), make.person("Ann"))
    answer = send(ann, f"/sessions/{chat}/book", page="/me/reminders", pool="room", seen="0")
    assert "Somebody took the last place a moment ago" in after(ann, answer)
    assert rows(app, STATES) == [BookingState.HELD]


def test_the_hour_begins_when_the_letter_is_handed_over(
    app: Flask, client: FlaskClient, make: Builders, now: datetime, clock_at: Clock
) -> None:
    hold(client, make.session())
    clock_at(now + timedelta(minutes=20))
    hand_over(app)
    assert rows(app, HELD_UNTIL) == [now + timedelta(minutes=80)]


def test_no_place_is_held_past_the_start(
    app: Flask, client: FlaskClient, make: Builders, now: datetime
) -> None:
    hold(client, make.session(starts_in=timedelta(minutes=30)))
    hand_over(app)
    assert rows(app, HELD_UNTIL) == [now + timedelta(minutes=30)]


def test_a_slow_mail_server_shortens_no_more_than_a_day(
    app: Flask, client: FlaskClient, make: Builders, now: datetime, clock_at: Clock
) -> None:
    hold(client, make.session())
    clock_at(now + timedelta(hours=23, minutes=50))
    hand_over(app)
    assert rows(app, HELD_UNTIL) == [now + timedelta(hours=24)]


def test_the_button_behind_the_letter_makes_the_place_hers(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    chat = make.session()
    hold(client, chat)
    hand_over(app)
    shown = client.get(link(app))
    assert rows(app, STATES) == [BookingState.HELD]
    assert "Confirm my place" in words(shown)
    assert "Tea & A Chat Manchester" in words(shown)
    answer = send(client, link(app))
    assert answer.location == "/my-sessions"
    assert "You have a place." in after(client, answer)
    assert rows(app, select(Booking.state, Booking.held_until)) == [(BookingState.BOOKED, None)]
    assert rows(app, PEOPLE) == [("Ruth", PersonStatus.ACTIVE)]
    assert rows(app, LETTERS) == [MessageKind.CONFIRM_EMAIL, MessageKind.BOOKED]


def test_after_her_first_place_she_is_asked_once_what_would_help(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    hold(client, make.session())
    page = client.get(send(client, link(app)).location)
    assert "What would help you take part?" in words(page)
    assert 'href="/me/access-needs"' in page.text
    assert "What would help you take part?" not in words(client.get("/my-sessions"))
    second = send(client, f"/sessions/{make.session()}/book", pool="room", seen="0")
    assert "What would help you take part?" not in after(client, second)


def test_whoever_registered_first_is_asked_after_her_first_place_too(
    client: FlaskClient, make: Builders
) -> None:
    make.sign_in(client, make.person("Ann"))
    assert "What would help" not in words(client.get("/my-sessions"))
    answer = send(client, f"/sessions/{make.session()}/book", pool="room", seen="0")
    assert "What would help you take part?" in after(client, answer)


def test_the_button_works_once(app: Flask, client: FlaskClient, make: Builders) -> None:
    hold(client, make.session())
    path = link(app)
    token = csrf_token(client.get(path))
    elsewhere = app.test_client()
    send(elsewhere, path)
    assert client.post(path, data={"csrf_token": token}).status_code == 410
    assert rows(app, select(func.count()).select_from(SignIn)) == [1]
    assert rows(app, LETTERS) == [MessageKind.CONFIRM_EMAIL, MessageKind.BOOKED]


def test_the_code_from_the_letter_makes_the_place_hers_too(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    page = hold(client, make.session()).location
    answer = send(client, page, code=code(app))
    assert "You have a place." in after(client, answer)
    assert rows(app, STATES) == [BookingState.BOOKED]


def test_the_same_form_twice_is_one_person_and_one_place(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    chat = make.session()
    for _ in range(2):
        assert hold(client, chat).status_code == 303
    assert len(rows(app, PEOPLE)) == 1
    assert rows(app, STATES) == [BookingState.HELD]
    assert rows(app, LETTERS) == [MessageKind.CONFIRM_EMAIL]


def test_one_letter_confirms_two_places(
    app: Flask, client: FlaskClient, make: Builders, now: datetime, clock_at: Clock
) -> None:
    hold(client, make.session())
    hand_over(app)
    clock_at(now + timedelta(minutes=40))
    hold(client, make.session())
    assert rows(app, LETTERS) == [MessageKind.CONFIRM_EMAIL]
    assert rows(app, HELD_UNTIL) == [now + HOUR, now + HOUR]
    assert "You have 2 places." in after(client, send(client, link(app)))
    assert rows(app, STATES) == [BookingState.BOOKED] * 2


def test_an_hour_after_the_letter_a_new_place_brings_a_new_letter(
    app: Flask, client: FlaskClient, make: Builders, now: datetime, clock_at: Clock
) -> None:
    hold(client, make.session())
    hand_over(app)
    clock_at(now + timedelta(minutes=61))
    hold(client, make.session())
    assert rows(app, LETTERS) == [MessageKind.CONFIRM_EMAIL] * 2
    assert len(rows(app, PEOPLE)) == 1


def test_a_known_address_is_answered_like_an_unknown_one(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    make.person("Ben", email="ben@example.net")
    chat = make.session()
    unknown = hold(client, chat)
    known = hold(client, chat, email="ben@example.net")
    assert (known.status_code, known.location, known.data) == (303, unknown.location, unknown.data)
    assert rows(app, LETTERS) == [MessageKind.CONFIRM_EMAIL] * 2


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("full_name", "", "Enter your full name"),
        ("email", "", "Enter your email address or a phone number"),
        ("email", "ruth@", "Enter an email address in the correct format"),
        ("email", "a@example.org, b@example.org", "Enter an email address in the correct format"),
        ("phone", "12", "Enter a phone number, like"),
        ("who", "", "Choose which of these you are"),
        ("agrees", "", "Tick the box if you agree"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(
    app: Flask, client: FlaskClient, make: Builders, field: str, typed: str, said: str
) -> None:
    answer = hold(client, make.session(), **{field: typed})
    assert answer.status_code == 422
    assert said in words(answer)
    assert 'value="Ruth"' in answer.text
    assert rows(app, PEOPLE) == []
    assert rows(app, STATES) == []


def test_with_two_ways_to_join_nothing_is_chosen_for_her(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    chat = make.session(make.series(mode=Mode.HYBRID))
    answer = hold(client, chat, pool="")
    assert answer.status_code == 422
    assert "Choose how you will join" in words(answer)
    hold(client, chat, pool="online")
    assert rows(app, select(Booking.pool)) == ["online"]


KIND_NOS = {
    "full": "the last place has been taken",
    "cancelled": "has been cancelled",
    "closed": "Booking for this session has closed",
    "not for her": "other sessions that welcome friends and family",
}


def closed_to_her(app: Flask, make: Builders, why: str) -> int:
    """Add a session that a stranger can't book, for one reason."""
    series = {"not for her": {"audience": Audience.PATIENTS}, "full": {"waiting_list": False}}
    starts_in = timedelta(minutes=-5) if why == "closed" else timedelta(days=10)
    chat = make.session(make.series(**series.get(why, {})), starts_in=starts_in, places_room=1)
    if why == "full":
        make.booking(chat, make.person("Ben"))
    if why == "cancelled":
        write(app, update(ScheduledSession).values(state=SessionState.CANCELLED))
    return chat


@pytest.mark.parametrize("why", list(KIND_NOS))
def test_a_kind_no_keeps_every_word_she_typed(
    app: Flask, client: FlaskClient, make: Builders, why: str
) -> None:
    chat = closed_to_her(app, make, why)
    answer = send(client, f"/sessions/{chat}/book", page="/register", **(RUTH | {"who": "other"}))
    assert answer.status_code == 422
    assert KIND_NOS[why] in words(answer)
    assert 'value="ruth@example.net"' in answer.text
    assert rows(app, LETTERS) == []


def test_a_lost_last_place_leads_her_to_the_waiting_list_with_every_word_she_typed(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    chat = make.session(make.series(companions=Companions.FIRST_VISIT), places_room=1)
    make.booking(chat, make.person("Ben"))
    answer = send(client, f"/sessions/{chat}/book", page="/register", **RUTH, companion_name="Mia")
    assert answer.location == f"/sessions/{chat}/wait"
    page = client.get(answer.location)
    assert "Somebody took the last place a moment ago." in words(page)
    for typed in (RUTH["full_name"], "Ruth", "ruth@example.net", "Mia"):
        assert f'value="{typed}"' in page.text
    # What she agrees to she ticks on the page that she sends: nothing is kept of her before that.
    assert rows(app, PEOPLE) == [("Ben", PersonStatus.ACTIVE)]
    assert rows(app, LETTERS) == []


def test_a_group_for_patients_says_so_before_she_types(client: FlaskClient, make: Builders) -> None:
    chat = make.session(make.series(audience=Audience.PATIENTS))
    page = client.get(f"/sessions/{chat}/book")
    assert "This group is for people who live with secondary breast cancer themselves." in words(page)
    assert "Find a session that welcomes you" in words(page)
    refused = hold(client, chat, who="with_someone")
    assert '<a class="govuk-link" href="/sessions">Find a session that welcomes family' in refused.text
    assert "Are you family or a friend?" not in words(client.get(f"/sessions/{make.session()}/book"))


@pytest.mark.parametrize("why", ["full", "cancelled", "closed"])
def test_what_can_not_be_booked_is_said_before_she_types(
    app: Flask, client: FlaskClient, make: Builders, why: str
) -> None:
    chat = closed_to_her(app, make, why)
    assert client.get(f"/sessions/{chat}/book").location == f"/sessions/{chat}"


@pytest.mark.parametrize("hidden", ["hosts only", "draft", "no such id"])
def test_what_a_stranger_may_not_see_is_not_there(
    app: Flask, client: FlaskClient, make: Builders, hidden: str
) -> None:
    audience = Audience.FACILITATORS if hidden == "hosts only" else Audience.ANYONE
    state = SessionState.DRAFT if hidden == "draft" else SessionState.PUBLISHED
    chat = make.session(make.series(audience=audience), state=state)
    path = f"/sessions/{chat + 1 if hidden == 'no such id' else chat}/book"
    assert client.get(path).status_code == 404
    assert send(client, path, page="/register", **RUTH).status_code == 404
    assert rows(app, PEOPLE) == []


def test_by_phone_alone_the_office_calls(
    app: Flask, client: FlaskClient, make: Builders, now: datetime
) -> None:
    answer = hold(client, make.session(), **BY_PHONE)
    page = after(client, answer)
    assert "We will call you" in page
    assert "07700 900123" in page
    assert rows(app, HELD_UNTIL) == [now + timedelta(hours=24)]
    assert rows(app, LETTERS) == []
    assert [row.kind for row in rows(app, select(Task.kind, Task.booking_id))] == [TaskKind.CALL_NEWCOMER]


def test_a_newcomer_signed_in_already_books_as_herself(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ann, chat = make.person("Ann"), make.session()
    make.sign_in(client, ann)
    hold(client, chat, seen="0")
    assert rows(app, select(Booking.person_id, Booking.state)) == [(ann, BookingState.BOOKED)]
    assert len(rows(app, PEOPLE)) == 1


def test_the_ground_rules_are_shown_until_she_agreed(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    first, second = make.session(), make.session()
    page = client.get(f"/sessions/{first}/book")
    assert "By confirming you agree to these" in words(page)
    send(client, f"/sessions/{first}/book", pool="room", seen="0", rules="2026-11")
    assert rows(app, select(Consent.purpose)) == ["ground_rules"]
    assert "By confirming you agree to these" not in words(client.get(f"/sessions/{second}/book"))


def test_a_form_that_showed_no_rules_agrees_to_none(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    send(client, f"/sessions/{make.session()}/book", pool="room", seen="0")
    assert rows(app, select(Consent.purpose)) == []
    assert rows(app, STATES) == [BookingState.BOOKED]


@pytest.mark.rate_limits
def test_too_many_tries_from_one_place_are_paused(app: Flask, client: FlaskClient, make: Builders) -> None:
    chat = make.session()
    answers = [hold(client, chat).status_code for _ in range(21)]
    assert answers == [303] * 20 + [429]
