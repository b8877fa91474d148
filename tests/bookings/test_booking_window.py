"""Booking opens on a morning that the series names and closes before the start; newcomers come first."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from booking.db import db
from booking.models import Booking
from booking.models.kinds import Attendance, BookingState, Mode, Pool
from booking.refusals import BookingClosed, BookingNotOpen, KeptForNewcomers, SessionFull
from booking.rules import booking_window
from booking.services import bookings as service
from tests.bookings.newcomers import hold, link
from tests.support.builders import Builders
from tests.support.pages import after, csrf_token, rows, send, words

Clock = Callable[[datetime | str], datetime]
STATES = select(Booking.state).where(Booking.attendance == Attendance.NOT_RECORDED).order_by(Booking.id)
# Thursday 3 December 2026, a Tuesday in summer's first week, and the day after the clocks went back.
THURSDAY = date(2026, 12, 3)


def _book(app: Flask, session_id: int, person_id: int, now: datetime, pool: Pool = Pool.ROOM) -> int:
    with app.app_context():
        return service.book_place(session_id, person_id, pool, person_id, now)


def _came(make: Builders, person_id: int, how: Attendance = Attendance.CAME) -> int:
    """Let somebody have come to a session a week ago."""
    make.booking(make.session(starts_in=timedelta(days=-7)), person_id, attendance=how)
    return person_id


def _room(make: Builders, places: int, kept: int, *, in_days: float = 10, **facts: Any) -> int:
    facts = {"places_room": places, "newcomer_places": kept} | facts
    return make.session(make.series(**facts), starts_in=timedelta(days=in_days))


def test_it_opens_at_eight_in_london_on_both_sides_of_the_clock_change() -> None:
    assert booking_window.opens_at(date(2027, 4, 2), 7) == datetime(2027, 3, 26, 8, tzinfo=UTC)
    assert booking_window.opens_at(date(2027, 4, 5), 7) == datetime(2027, 3, 29, 7, tzinfo=UTC)
    assert booking_window.opens_at(THURSDAY, None) is None
    assert booking_window.opens_at(THURSDAY, 10_000_000) is None


def test_ann_is_told_on_which_morning_booking_opens(app: Flask, make: Builders, clock_at: Clock) -> None:
    ann, chat = make.person("Ann"), make.session(make.series(opens_days_before=7), on=THURSDAY)
    with pytest.raises(BookingNotOpen, match="opens on Thursday 26 November 2026 at 8am"):
        _book(app, chat, ann, clock_at("2026-11-26T07:59:59+00:00"))
    assert _book(app, chat, ann, clock_at("2026-11-26T08:00+00:00"))


def test_booking_closes_as_many_minutes_before_as_the_series_says(
    app: Flask, make: Builders, now: datetime
) -> None:
    chat = make.session(make.series(closes_minutes_before=90), starts_in=timedelta(hours=5))
    assert _book(app, chat, make.person("Ann"), now + timedelta(hours=3, minutes=29))
    with pytest.raises(BookingClosed):
        _book(app, chat, make.person("Ben"), now + timedelta(hours=3, minutes=30))


def test_a_place_held_in_time_becomes_hers_after_booking_has_closed(
    app: Flask, client: FlaskClient, make: Builders, now: datetime, clock_at: Clock
) -> None:
    chat = make.session(make.series(closes_minutes_before=60), starts_in=timedelta(hours=2))
    hold(client, chat)
    clock_at(now + timedelta(minutes=70))
    send(client, link(app))
    assert rows(app, STATES) == [BookingState.BOOKED]


def test_a_stranger_meets_no_form_before_booking_opens(client: FlaskClient, make: Builders) -> None:
    chat = make.session(make.series(opens_days_before=1))
    answer = client.get(f"/sessions/{chat}/book")
    assert answer.location == f"/sessions/{chat}"


def test_the_page_and_the_card_say_when_booking_opens(client: FlaskClient, make: Builders) -> None:
    chat = make.session(make.series(opens_days_before=7), on=THURSDAY)
    for path in ("/sessions", f"/sessions/{chat}"):
        page = words(client.get(path))
        assert "Booking opens on Thursday 26 November 2026 at 8am" in page
        assert "Book a place" not in page


def test_the_page_and_the_card_say_that_booking_has_closed(client: FlaskClient, make: Builders) -> None:
    chat = make.session(make.series(closes_minutes_before=600), starts_in=timedelta(hours=5))
    for path in ("/sessions", f"/sessions/{chat}"):
        page = words(client.get(path))
        assert "Booking has closed" in page
        assert "Book a place" not in page


def test_the_last_place_kept_for_newcomers_is_refused_kindly_to_ann(
    app: Flask, make: Builders, now: datetime
) -> None:
    chat, ann, ben = _room(make, 1, 1), _came(make, make.person("Ann")), make.person("Ben")
    with pytest.raises(KeptForNewcomers, match="until Monday 30 November 2026"):
        _book(app, chat, ann, now)
    assert _book(app, chat, ben, now)


def test_two_newcomers_want_the_last_kept_place(app: Flask, make: Builders, now: datetime) -> None:
    chat = _room(make, 1, 1)
    _book(app, chat, make.person("Ann"), now)
    with pytest.raises(SessionFull):
        _book(app, chat, make.person("Ben"), now)
    assert rows(app, STATES) == [BookingState.BOOKED]


def test_a_newcomer_who_has_a_place_uses_a_kept_one(app: Flask, make: Builders, now: datetime) -> None:
    chat = _room(make, 3, 1)
    _book(app, chat, make.person("Ben"), now)
    for name in ("Ann", "Bea"):
        assert _book(app, chat, _came(make, make.person(name)), now)


@pytest.mark.parametrize("how", [Attendance.JOINED_ONLINE, Attendance.PART, Attendance.WALKED_IN])
def test_however_she_came_she_is_no_newcomer(
    app: Flask, make: Builders, now: datetime, how: Attendance
) -> None:
    with pytest.raises(KeptForNewcomers):
        _book(app, _room(make, 1, 1), _came(make, make.person("Ann"), how), now)


@pytest.mark.parametrize("how", [Attendance.DID_NOT_COME, Attendance.NOT_RECORDED])
def test_somebody_who_booked_and_never_came_is_still_new(
    app: Flask, make: Builders, now: datetime, how: Attendance
) -> None:
    assert _book(app, _room(make, 1, 1), _came(make, make.person("Ann"), how), now)


def test_from_48_hours_before_the_kept_places_are_for_everybody(
    app: Flask, make: Builders, now: datetime
) -> None:
    chat, ann = _room(make, 1, 1), _came(make, make.person("Ann"))
    two_days_before = now + timedelta(days=8)
    with pytest.raises(KeptForNewcomers):
        _book(app, chat, ann, two_days_before - timedelta(seconds=1))
    assert _book(app, chat, ann, two_days_before)


def test_of_a_hybrid_session_only_the_room_keeps_places(app: Flask, make: Builders, now: datetime) -> None:
    chat = _room(make, 1, 1, mode=Mode.HYBRID, places_online=1)
    assert _book(app, chat, _came(make, make.person("Ann")), now, Pool.ONLINE)
    online = _room(make, 0, 1, mode=Mode.ONLINE, places_online=1)
    with pytest.raises(KeptForNewcomers):
        _book(app, online, _came(make, make.person("Bea")), now, Pool.ONLINE)


def test_a_stranger_who_arrives_counts_as_new(app: Flask, client: FlaskClient, make: Builders) -> None:
    hold(client, _room(make, 1, 1))
    assert rows(app, STATES) == [BookingState.HELD]


def test_each_sees_the_places_that_are_free_for_her(client: FlaskClient, make: Builders) -> None:
    chat = _room(make, 5, 2)
    assert "5 places left" in words(client.get("/sessions"))
    make.sign_in(client, _came(make, make.person("Ann")))
    for path in ("/sessions", f"/sessions/{chat}"):
        assert "3 places left" in words(client.get(path))


def test_everybody_reads_for_whom_the_last_places_are(client: FlaskClient, make: Builders) -> None:
    chat = _room(make, 2, 2)
    kept = "for people who come for the first time until Monday 30 November 2026"
    assert kept in words(client.get("/sessions"))
    make.sign_in(client, _came(make, make.person("Ann")))
    for path in ("/sessions", f"/sessions/{chat}"):
        page = words(client.get(path))
        assert kept in page
        assert "Book a place" not in page


def test_ann_who_sends_an_old_form_is_refused_kindly(
    client: FlaskClient, make: Builders, now: datetime
) -> None:
    chat, ann = _room(make, 2, 1), _came(make, make.person("Ann"))
    make.sign_in(client, ann)
    form = {"csrf_token": csrf_token(client.get(f"/sessions/{chat}/book")), "pool": "room", "seen": "0"}
    make.booking(chat, _came(make, make.person("Bea")))
    answer = client.post(f"/sessions/{chat}/book", data=form)
    assert "for people who come for the first time until Monday 30 November" in after(client, answer)


def test_the_list_asks_as_often_with_one_kept_series_as_with_many(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    _room(make, 5, 2)
    make.sign_in(client, _came(make, make.person("Ann")))
    few = _statements(app, client)
    for number in range(8):
        make.booking(_room(make, 5, 2), make.person(f"New{number}"))
    assert _statements(app, client) == few


def _statements(app: Flask, client: FlaskClient) -> int:
    asked: list[str] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note := lambda *facts: asked.append(facts[2]))
    try:
        assert client.get("/sessions").status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(asked)
