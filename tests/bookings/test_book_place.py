"""Taking a place: two screens, one place, and a kind word whenever it can't be."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking.models import AuditEntry, Booking, Message, ScheduledSession, Series
from booking.models.kinds import Audience, BookingState, Enrol, Mode, PersonStatus, Pool, SessionState, Who
from tests.support.builders import Builders
from tests.support.pages import after, csrf_token, rows, send, words, write

BOOKINGS = select(Booking.session_id, Booking.person_id, Booking.pool, Booking.state).order_by(Booking.id)
A_CALL_FIRST = [{"welcome_call": True}, {"welcome_call": True, "single_weeks": True, "enrol": Enrol.COURSE}]
PAST_AND_RUNNING = [timedelta(days=-1), timedelta(minutes=-10), timedelta()]


def test_ann_checks_and_confirms_her_place(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann, chat = make.person("Ann"), make.session()
    make.sign_in(client, ann)
    checked = client.get(f"/sessions/{chat}/book")
    answer = send(client, f"/sessions/{chat}/book", pool="room", seen="0")
    assert "Confirm my place" in words(checked)
    assert "Friends' Meeting House" in words(checked)
    assert "You have a place" in after(client, answer)
    assert rows(app, BOOKINGS) == [(chat, ann, Pool.ROOM, BookingState.BOOKED)]


def test_a_booking_leaves_one_letter_and_one_line_in_the_audit(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ann, chat = make.person("Ann"), make.session()
    make.sign_in(client, ann)
    send(client, f"/sessions/{chat}/book", pool="room", seen="0")
    (booking,) = rows(app, select(Booking.id))
    assert rows(app, select(Message.dedupe_key, Message.recipient)) == [
        (f"booking:{booking}:booked", "ann@example.org")
    ]
    audit = select(AuditEntry.actor_id, AuditEntry.action, AuditEntry.subject)
    assert rows(app, audit) == [(ann, "place booked", f"booking:{booking}")]


def test_looking_at_the_form_books_nothing(app: Flask, client: FlaskClient, make: Builders) -> None:
    chat = make.session()
    make.sign_in(client, make.person("Ann"))
    client.get(f"/sessions/{chat}/book")
    assert rows(app, BOOKINGS) == []


def test_pressing_twice_takes_one_place(app: Flask, client: FlaskClient, make: Builders) -> None:
    chat = make.session()
    make.sign_in(client, make.person("Ann"))
    form = {"csrf_token": csrf_token(client.get(f"/sessions/{chat}/book")), "pool": "room", "seen": "0"}
    answers = [client.post(f"/sessions/{chat}/book", data=form) for _ in range(2)]
    assert [answer.location for answer in answers] == ["/my-sessions"] * 2
    assert len(rows(app, BOOKINGS)) == 1
    assert len(rows(app, select(Message.id))) == 1


def test_back_button_after_giving_up_does_not_book_behind_her_back(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ann, chat = make.person("Ann"), make.session()
    make.sign_in(client, ann)
    make.booking(chat, ann, state=BookingState.GIVEN_UP)
    answer = send(client, f"/sessions/{chat}/book", pool="room", seen="0")
    assert "You gave this place up in the meantime" in after(client, answer)
    assert [row.state for row in rows(app, BOOKINGS)] == [BookingState.GIVEN_UP]


def test_ann_books_again_after_giving_up(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann, chat = make.person("Ann"), make.session()
    make.sign_in(client, ann)
    earlier = make.booking(chat, ann, state=BookingState.GIVEN_UP)
    page = client.get(f"/sessions/{chat}/book")
    assert f'value="{earlier}"' in page.text
    send(client, f"/sessions/{chat}/book", pool="room", seen=str(earlier))
    assert [row.state for row in rows(app, BOOKINGS)] == [BookingState.GIVEN_UP, BookingState.BOOKED]


def test_a_form_opened_twice_finds_the_place_taken_already(client: FlaskClient, make: Builders) -> None:
    ann, chat = make.person("Ann"), make.session()
    make.sign_in(client, ann)
    make.booking(chat, ann)
    answer = client.get(f"/sessions/{chat}/book")
    assert answer.location == "/my-sessions"
    assert "have a place at this session" in after(client, answer)


def test_a_full_session_says_so_kindly(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann, chat = make.person("Ann"), make.session(places_room=1)
    make.booking(chat, make.person("Ben"))
    make.sign_in(client, ann)
    answer = send(client, f"/sessions/{chat}/book", page="/me/reminders", pool="room", seen="0")
    assert answer.location == f"/sessions/{chat}/wait"
    assert "Somebody took the last place a moment ago" in after(client, answer)
    assert [row.person_id for row in rows(app, BOOKINGS)] != [ann]
    assert client.get(f"/sessions/{chat}/book").location == f"/sessions/{chat}"


@pytest.mark.parametrize("state", [BookingState.HELD, BookingState.PROVISIONAL, BookingState.OFFERED])
def test_a_place_that_waits_for_somebody_is_not_free(
    app: Flask, client: FlaskClient, make: Builders, state: BookingState
) -> None:
    chat = make.session(places_room=1)
    make.booking(chat, make.person("Ben"), state=state)
    make.sign_in(client, make.person("Ann"))
    answer = send(client, f"/sessions/{chat}/book", page="/me/reminders", pool="room", seen="0")
    assert "Somebody took the last place a moment ago" in after(client, answer)
    assert len(rows(app, BOOKINGS)) == 1


def test_a_companion_counts_as_a_place(client: FlaskClient, make: Builders) -> None:
    chat = make.session(places_room=2)
    make.booking(chat, make.person("Ben"), party_size=2)
    make.sign_in(client, make.person("Ann"))
    answer = send(client, f"/sessions/{chat}/book", page="/me/reminders", pool="room", seen="0")
    assert "Somebody took the last place a moment ago" in after(client, answer)


@pytest.mark.parametrize("pool", list(Pool))
def test_a_hybrid_session_is_booked_in_the_room_or_online(
    app: Flask, client: FlaskClient, make: Builders, pool: Pool
) -> None:
    chat = make.session(make.series(mode=Mode.HYBRID))
    make.sign_in(client, make.person("Ann"))
    page = words(client.get(f"/sessions/{chat}/book"))
    send(client, f"/sessions/{chat}/book", pool=pool.value, seen="0")
    assert "How will you join?" in page
    assert [row.pool for row in rows(app, BOOKINGS)] == [pool]


def test_with_two_ways_to_join_nothing_is_chosen_for_her(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    chat = make.session(make.series(mode=Mode.HYBRID))
    make.sign_in(client, make.person("Ann"))
    answer = send(client, f"/sessions/{chat}/book", seen="0")
    assert answer.status_code == 422
    assert "Choose how you will join" in words(answer)
    assert rows(app, BOOKINGS) == []


def test_with_the_room_full_ann_hears_that_she_can_join_online(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    chat = make.session(make.series(mode=Mode.HYBRID), places_room=1)
    make.booking(chat, make.person("Ben"), pool=Pool.ROOM)
    make.sign_in(client, make.person("Ann"))
    page = words(client.get(f"/sessions/{chat}/book"))
    answer = send(client, f"/sessions/{chat}/book", pool="room", seen="0")
    assert "Every place in the room is taken." in page
    assert "You can still join online." in after(client, answer)
    assert len(rows(app, BOOKINGS)) == 1


def test_no_limit_online_takes_everybody(app: Flask, client: FlaskClient, make: Builders) -> None:
    chat = make.session(make.series(mode=Mode.ONLINE), places_online=None)
    for name in ("Ben", "Fay", "Gil"):
        make.booking(chat, make.person(name))
    make.sign_in(client, make.person("Ann"))
    send(client, f"/sessions/{chat}/book", pool="online", seen="0")
    assert len(rows(app, BOOKINGS)) == 4


@pytest.mark.parametrize("pool", ["online", "sofa", "", "ROOM"])
def test_a_way_to_join_that_is_not_offered_takes_no_place_there(
    app: Flask, client: FlaskClient, make: Builders, pool: str
) -> None:
    chat = make.session()
    make.sign_in(client, make.person("Ann"))
    answer = send(client, f"/sessions/{chat}/book", pool=pool, seen="0")
    assert answer.status_code == 303
    assert {row.pool for row in rows(app, BOOKINGS)} <= {Pool.ROOM}


def test_a_cancelled_session_is_not_booked(app: Flask, client: FlaskClient, make: Builders) -> None:
    chat = make.session(state=SessionState.CANCELLED)
    make.sign_in(client, make.person("Ann"))
    answer = send(client, f"/sessions/{chat}/book", page="/me/reminders", pool="room", seen="0")
    assert "has been cancelled" in after(client, answer)
    assert rows(app, BOOKINGS) == []


@pytest.mark.parametrize("starts_in", PAST_AND_RUNNING)
def test_booking_closes_at_the_start(
    app: Flask, client: FlaskClient, make: Builders, starts_in: timedelta
) -> None:
    chat = make.session(starts_in=starts_in)
    make.sign_in(client, make.person("Ann"))
    answer = send(client, f"/sessions/{chat}/book", page="/me/reminders", pool="room", seen="0")
    assert "Booking for this session has closed." in after(client, answer)
    assert rows(app, BOOKINGS) == []


def test_ann_books_in_the_last_minute(
    app: Flask, client: FlaskClient, make: Builders, now: datetime, clock_at: Callable[[datetime], datetime]
) -> None:
    chat = make.session(starts_in=timedelta(minutes=1))
    make.sign_in(client, make.person("Ann"))
    clock_at(now + timedelta(seconds=59))
    send(client, f"/sessions/{chat}/book", pool="room", seen="0")
    assert len(rows(app, BOOKINGS)) == 1


@pytest.mark.parametrize("facts", A_CALL_FIRST)
def test_where_a_call_comes_first_her_place_is_kept_until_then(
    app: Flask, client: FlaskClient, make: Builders, facts: dict[str, object]
) -> None:
    chat = make.session(make.series(**facts))
    ann = make.person("Ann")
    make.sign_in(client, ann)
    answer = send(client, f"/sessions/{chat}/book", page="/me/reminders", pool="room", seen="0")
    assert "Your place is kept. The office calls you first" in after(client, answer)
    assert rows(app, BOOKINGS) == [(chat, ann, Pool.ROOM, BookingState.PROVISIONAL)]


@pytest.mark.parametrize("who", [Who.WITH_SOMEONE, Who.OTHER])
def test_a_group_for_patients_is_said_kindly_to_others(
    app: Flask, client: FlaskClient, make: Builders, who: Who
) -> None:
    chat = make.session(make.series(audience=Audience.PATIENTS))
    make.sign_in(client, make.person("Ben", who=who))
    answer = send(client, f"/sessions/{chat}/book", page="/me/reminders", pool="room", seen="0")
    assert "other sessions that welcome friends and family" in after(client, answer)
    assert rows(app, BOOKINGS) == []


def test_a_patient_books_a_group_for_patients(app: Flask, client: FlaskClient, make: Builders) -> None:
    chat = make.session(make.series(audience=Audience.PATIENTS))
    make.sign_in(client, make.person("Ann"))
    send(client, f"/sessions/{chat}/book", pool="room", seen="0")
    assert len(rows(app, BOOKINGS)) == 1


@pytest.mark.parametrize("hidden", ["hosts only", "draft", "draft series", "no such id"])
def test_what_ann_may_not_see_is_not_there(
    app: Flask, client: FlaskClient, make: Builders, hidden: str
) -> None:
    chat = make.session(make.series())
    make.sign_in(client, make.person("Ann"))
    if hidden == "hosts only":
        write(app, update(Series).values(audience=Audience.FACILITATORS))
    if hidden == "draft":
        write(app, update(ScheduledSession).values(state=SessionState.DRAFT))
    if hidden == "draft series":
        write(app, update(Series).values(state=SessionState.DRAFT))
    path = f"/sessions/{chat + 1 if hidden == 'no such id' else chat}/book"
    assert client.get(path).status_code == 404
    assert send(client, path, page="/me/reminders", pool="room").status_code == 404
    assert rows(app, BOOKINGS) == []


def test_a_host_books_a_session_for_hosts(app: Flask, client: FlaskClient, make: Builders) -> None:
    chat = make.session(make.series(audience=Audience.FACILITATORS))
    make.sign_in(client, make.facilitator("Fay"))
    send(client, f"/sessions/{chat}/book", pool="room", seen="0")
    assert len(rows(app, BOOKINGS)) == 1


def test_a_record_that_nobody_has_proven_can_not_book(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    chat = make.session()
    make.sign_in(client, make.person("Ann", status=PersonStatus.UNPROVEN))
    answer = send(client, f"/sessions/{chat}/book", pool="room", seen="0")
    assert "Please call the office" in after(client, answer)
    assert rows(app, BOOKINGS) == []


def test_an_overlap_is_said_and_she_decides(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann, chat = make.person("Ann"), make.session()
    yoga = make.session(make.series("Gentle yoga"))
    make.booking(yoga, ann)
    make.sign_in(client, ann)
    assert "overlaps with another place of yours: Gentle yoga" in words(client.get(f"/sessions/{chat}/book"))
    send(client, f"/sessions/{chat}/book", pool="room", seen="0")
    assert len(rows(app, BOOKINGS)) == 2


def test_a_form_without_its_token_books_nothing(app: Flask, client: FlaskClient, make: Builders) -> None:
    chat = make.session()
    make.sign_in(client, make.person("Ann"))
    answer = client.post(f"/sessions/{chat}/book", data={"pool": "room"})
    assert answer.status_code == 400
    assert "nothing was saved" in words(answer)
    assert rows(app, BOOKINGS) == []
