"""Changing one date: everybody booked is told once, and nobody loses a place by it."""

from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from booking.models import AuditEntry, Message, ScheduledSession, SessionVersion
from booking.models.kinds import BookingState, MessageKind, MessageState, Mode, Pool
from booking.queries.effects import effect_of_date
from booking.refusals import (
    CapacityBelowBookings,
    InThePast,
    NoSuchPool,
    NotALaterTime,
    NotFound,
    PlaceMissing,
    Refusal,
    SessionCancelled,
    StaleForm,
)
from booking.rules.wall_time import ImpossibleTime
from booking.services import schedule
from booking.services.schedule import SessionChange
from tests.support.builders import Builders
from tests.support.pages import rows, write

ON = date(2026, 12, 30)
VERSION = select(ScheduledSession.schedule_version, ScheduledSession.differs)
TOLD = select(Message.person_id, Message.kind, Message.dedupe_key).order_by(Message.person_id)


def change(app: Flask, session_id: int, now: datetime, seen: int = 1, **what: object) -> None:
    """Change a date as Ada does."""
    with app.app_context():
        schedule.change_session(session_id, SessionChange(**what), None, now, seen)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "what",
    [
        {"local_date": date(2027, 1, 6)},
        {"start_time": time(14)},
        {"end_time": time(18)},
    ],
)
def test_everybody_booked_is_told_once_of_another_time(
    app: Flask, make: Builders, now: datetime, what: dict[str, object]
) -> None:
    chat, ann, ben = make.session(on=ON), make.person("Ann"), make.person("Ben")
    bookings = [make.booking(chat, person) for person in (ann, ben)]
    change(app, chat, now, **what)
    assert rows(app, VERSION) == [(2, True)]
    kind = MessageKind.SESSION_CHANGED
    keys = [f"booking:{booking}:session_changed:v2" for booking in bookings]
    assert rows(app, TOLD) == [(ann, kind, keys[0]), (ben, kind, keys[1])]


def test_another_place_is_told_and_the_old_one_is_remembered(
    app: Flask, make: Builders, now: datetime
) -> None:
    chat, hall = make.session(on=ON), make.venue("Church hall")
    make.booking(chat, make.person("Ann"))
    change(app, chat, now, venue_id=hall)
    venues = select(SessionVersion.venue_id).order_by(SessionVersion.schedule_version)
    assert rows(app, venues) == [make.venue(), hall]
    assert len(rows(app, TOLD)) == 1


def test_another_link_raises_the_version(app: Flask, make: Builders, now: datetime) -> None:
    chat = make.session(make.series(mode=Mode.ONLINE), on=ON)
    change(app, chat, now, meeting_url="https://meet.example.org/another")
    assert rows(app, VERSION) == [(2, True)]


def test_words_and_more_places_are_nobodys_news(app: Flask, make: Builders, now: datetime) -> None:
    chat = make.session(on=ON)
    make.booking(chat, make.person("Ann"))
    change(app, chat, now, own_title="A speaker comes", own_description="Jo talks.", places_room=30)
    assert rows(app, VERSION) == [(1, True)]
    assert rows(app, TOLD) == []


def test_saving_the_same_changes_nothing(app: Flask, make: Builders, now: datetime) -> None:
    chat = make.session(on=ON)
    change(app, chat, now, local_date=ON, start_time=time(13, 30))
    assert rows(app, VERSION) == [(1, False)]
    assert rows(app, select(AuditEntry.id)) == []


def test_an_older_notice_and_reminder_that_wait_are_set_aside(
    app: Flask, make: Builders, now: datetime
) -> None:
    chat = make.session(on=ON)
    make.booking(chat, make.person("Ann"))
    change(app, chat, now, start_time=time(14))
    change(app, chat, now, 2, start_time=time(15))
    states = select(Message.schedule_version, Message.state).order_by(Message.id)
    assert rows(app, states) == [(2, MessageState.WITHDRAWN), (3, MessageState.WAITING)]


def test_who_gave_up_is_not_told(app: Flask, make: Builders, now: datetime) -> None:
    chat = make.session(on=ON)
    make.booking(chat, make.person("Ann"), state=BookingState.GIVEN_UP)
    make.booking(chat, make.person("Ben"), state=BookingState.HELD)
    change(app, chat, now, start_time=time(14))
    assert rows(app, TOLD) == []


@pytest.mark.parametrize(
    ("evening", "starts_in", "due"),
    [
        ("2026-11-22T21:00+00:00", timedelta(days=3), "2026-11-23T08:00+00:00"),
        ("2026-11-22T21:00+00:00", timedelta(hours=20), "2026-11-22T21:00+00:00"),
        ("2026-11-22T12:00+00:00", timedelta(days=3), "2026-11-22T12:00+00:00"),
    ],
)
def test_news_at_night_waits_for_the_morning_unless_it_is_near(
    app: Flask, make: Builders, clock_at: object, evening: str, starts_in: timedelta, due: str
) -> None:
    at = clock_at(evening)  # type: ignore[operator]
    chat = make.session(starts_in=starts_in)
    make.booking(chat, make.person("Ann"))
    change(app, chat, at, places_online=5)
    assert rows(app, select(Message.due_at)) == [datetime.fromisoformat(due)]


@pytest.mark.parametrize(
    ("what", "refusal", "field"),
    [
        ({"end_time": time(13)}, NotALaterTime, "end_time"),
        ({"end_time": time(13, 30)}, NotALaterTime, "end_time"),
        ({"local_date": date(2026, 11, 21)}, InThePast, "date"),
        ({"local_date": date(9999, 1, 1)}, Refusal, "date"),
        ({"local_date": date(2027, 3, 28), "start_time": time(1, 30)}, ImpossibleTime, "start_time"),
        ({"local_date": date(2027, 10, 31), "start_time": time(1, 30)}, ImpossibleTime, "start_time"),
        ({"venue_id": None}, PlaceMissing, "venue"),
        ({"venue_id": 2**40}, PlaceMissing, "venue"),
        ({"places_room": 0}, NoSuchPool, "places_room"),
        ({"places_room": -1}, Refusal, "places_room"),
        ({"places_room": 10**12}, Refusal, "places_room"),
        ({"places_room": 1}, CapacityBelowBookings, "places_room"),
        ({"meeting_url": "javascript:alert(1)"}, Refusal, "meeting_url"),
        ({"own_title": "x" * 201}, Refusal, "own_title"),
        ({"own_description": "x" * 4001}, Refusal, "own_description"),
    ],
)
def test_what_cannot_be_is_refused_and_names_its_field(
    app: Flask, make: Builders, now: datetime, what: dict[str, object], refusal: type[Refusal], field: str
) -> None:
    chat = make.session(on=ON)
    for name in ("Ann", "Ben"):
        make.booking(chat, make.person(name))
    with pytest.raises(refusal) as refused:
        change(app, chat, now, **what)
    assert refused.value.field == field
    assert rows(app, VERSION) == [(1, False)]


def test_online_places_make_a_room_hybrid_and_back(app: Flask, make: Builders, now: datetime) -> None:
    chat = make.session(on=ON)
    change(app, chat, now, places_online=10)
    assert rows(app, select(ScheduledSession.mode)) == [Mode.HYBRID]
    change(app, chat, now, 2, places_room=0)
    assert rows(app, select(ScheduledSession.mode, ScheduledSession.venue_id)) == [(Mode.ONLINE, None)]


def test_a_pool_with_people_in_it_cannot_be_closed(app: Flask, make: Builders, now: datetime) -> None:
    chat = make.session(make.series(mode=Mode.HYBRID), on=ON)
    make.booking(chat, make.person("Ann"), pool=Pool.ONLINE)
    with pytest.raises(CapacityBelowBookings) as refused:
        change(app, chat, now, places_online=0)
    assert refused.value.field == "places_online"


def test_a_form_from_before_somebody_elses_change_is_stale(app: Flask, make: Builders, now: datetime) -> None:
    chat = make.session(on=ON)
    change(app, chat, now, start_time=time(14))
    with pytest.raises(StaleForm):
        change(app, chat, now, 1, start_time=time(15))


def test_what_has_started_is_not_changed_any_more(app: Flask, make: Builders, now: datetime) -> None:
    chat = make.session(starts_in=timedelta(minutes=-10))
    with pytest.raises(InThePast):
        change(app, chat, now, own_title="Later")


def test_what_is_cancelled_is_not_changed_any_more(app: Flask, make: Builders, now: datetime) -> None:
    chat = make.session(on=ON)
    with app.app_context():
        schedule.cancel_session(chat, "", None, now)
    with pytest.raises(SessionCancelled):
        change(app, chat, now, start_time=time(14))


def test_nothing_that_does_not_exist_is_changed(app: Flask, now: datetime) -> None:
    with pytest.raises(NotFound):
        change(app, 12345, now, start_time=time(14))


def test_who_changed_it_stands_in_the_audit_without_values(app: Flask, make: Builders, now: datetime) -> None:
    ada, chat = make.admin(), make.session(on=ON)
    with app.app_context():
        schedule.change_session(chat, SessionChange(own_title="Secret speaker"), ada, now, 1)
    asked = select(AuditEntry.actor_id, AuditEntry.action, AuditEntry.subject, AuditEntry.fields)
    assert rows(app, asked) == [(ada, "session changed", f"session:{chat}", "own_title")]


def test_the_row_says_when_it_changed(app: Flask, make: Builders, now: datetime) -> None:
    chat = make.session(on=ON)
    write(app, update(ScheduledSession).values(changed_at=now - timedelta(days=5)))
    change(app, chat, now, own_title="Later")
    assert rows(app, select(ScheduledSession.changed_at)) == [now]


def test_another_host_counts_as_a_change_of_the_date(app: Flask, make: Builders, now: datetime) -> None:
    fay, gil = make.facilitator("Fay"), make.facilitator("Gil")
    chat = make.session(on=ON, led_by=(fay,))
    with app.app_context():
        seen = [effect_of_date(chat, SessionChange(host_ids=who), now).dates for who in ((fay,), (gil,), ())]
    assert seen == [0, 1, 1]
