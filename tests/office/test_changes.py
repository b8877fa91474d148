"""Changing and cancelling one date: everybody is told, nobody is surprised."""

import re
from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking import clock
from booking.db import db
from booking.models import Booking, Message, ScheduledSession
from booking.models.kinds import BookingState, Channel, MessageKind, PersonStatus, SessionState
from booking.queries.effects import date_mark
from booking.refusals import StaleForm
from booking.rules.edits import SessionChange
from booking.services import schedule
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders


@pytest.fixture
def coming(app: Flask, season: Season, make: Builders) -> int:
    """The last Wednesday of December: Ann has an email, Cato a phone."""
    session = make.session(season.tea, on=date(2026, 12, 16))
    make.booking(session, season.ann)
    make.booking(session, make.person("Cato", email=None, phone="07700 900123"))
    return session


@pytest.fixture
def facts(app: Flask, coming: int) -> dict[str, Any]:
    scheduled = the_session(app, coming)
    return {
        "starts_on": ["16", "12", "2026"],
        "start_time": "13:30",
        "end_time": "17:00",
        "venue": str(scheduled.venue_id),
        "places_room": "20",
        "places_online": "0",
        "seen": mark_of(app, coming),
    }


def mark_of(app: Flask, session_id: int) -> str:
    with app.app_context():
        return date_mark(db.session.get_one(ScheduledSession, session_id))


def the_session(app: Flask, session_id: int) -> Any:
    return pages.rows(app, select(ScheduledSession).where(ScheduledSession.id == session_id))[0]


def told(app: Flask, kind: MessageKind) -> list[str]:
    return sorted(pages.rows(app, select(Message.channel).where(Message.kind == kind)))


def test_was_and_now_are_seen_before_anybody_is_told(
    app: Flask, desk: FlaskClient, coming: int, facts: dict[str, Any]
) -> None:
    later = facts | {"start_time": "14:00", "step": "check"}
    said = pages.words(pages.send(desk, f"/office/sessions/{coming}/edit", **later))
    assert "Time 1:30pm to 5pm 2pm to 5pm" in said
    assert "1 by email, 1 to call: you find the call on Today." in said
    assert told(app, MessageKind.SESSION_CHANGED) == []


def test_a_change_is_saved_and_everybody_is_told(
    app: Flask, desk: FlaskClient, coming: int, facts: dict[str, Any]
) -> None:
    later = facts | {"start_time": "14:00", "reason": "The hall is being painted", "step": "save"}
    answer = pages.send(desk, f"/office/sessions/{coming}/edit", **later)
    after = pages.after(desk, answer)
    assert "The hall is being painted" in after
    assert "Saved. 1 by email, 1 to call: you find the call on Today." in after
    assert the_session(app, coming).start_time == time(14)
    assert told(app, MessageKind.SESSION_CHANGED) == ["call", "email"]


def test_a_change_of_words_tells_nobody(
    app: Flask, desk: FlaskClient, coming: int, facts: dict[str, Any]
) -> None:
    named = facts | {"title": "Tea, with mince pies"}
    check = pages.send(desk, f"/office/sessions/{coming}/edit", step="check", **named)
    assert "nobody is written to" in pages.words(check)
    pages.send(desk, f"/office/sessions/{coming}/edit", step="save", **named)
    assert the_session(app, coming).own_title == "Tea, with mince pies"
    assert told(app, MessageKind.SESSION_CHANGED) == []


def test_a_form_that_is_too_old_is_refused_kindly(
    app: Flask, desk: FlaskClient, coming: int, facts: dict[str, Any]
) -> None:
    path = f"/office/sessions/{coming}/edit"
    pages.send(desk, path, step="save", **(facts | {"start_time": "14:00"}))
    stale = pages.send(desk, path, step="save", **(facts | {"start_time": "15:00"}))
    assert "Somebody changed this while you had the page open" in pages.words(stale)
    assert the_session(app, coming).start_time == time(14)


def test_a_stale_form_can_be_saved_after_another_look(
    app: Flask, desk: FlaskClient, coming: int, facts: dict[str, Any]
) -> None:
    path = f"/office/sessions/{coming}/edit"
    pages.send(desk, path, step="save", **(facts | {"start_time": "14:00"}))
    stale = pages.send(desk, path, step="save", **(facts | {"start_time": "15:00"}))
    seen = re.search(r'name="seen"[^>]*value="(\w+)"', stale.text)
    assert seen is not None
    assert seen[1] == mark_of(app, coming)
    assert 'value="15:00"' in stale.text
    again = facts | {"start_time": "15:00", "seen": seen[1]}
    assert pages.send(desk, path, step="save", **again).status_code == 303


@pytest.mark.parametrize(
    "theirs", [{"places_room": "30"}, {"title": "A speaker comes"}, {"reason": "Snow"}, {"hosts": True}]
)
def test_what_another_admin_has_just_changed_is_not_written_over(
    app: Flask, desk: FlaskClient, make: Builders, coming: int, facts: dict[str, Any], theirs: dict[str, Any]
) -> None:
    path = f"/office/sessions/{coming}/edit"
    if "hosts" in theirs:
        theirs = {"hosts": str(make.facilitator())}
    assert pages.send(desk, path, step="save", **(facts | theirs)).status_code == 303
    for step in ("check", "save"):
        stale = pages.send(desk, path, step=step, **(facts | {"description": "Bring a cup"}))
        assert "Somebody changed this while you had the page open" in pages.words(stale)
        assert "Bring a cup" in stale.text
    assert the_session(app, coming).own_description == ""


def test_two_admins_who_save_at_once_are_told_apart_by_the_deed(app: Flask, coming: int) -> None:
    mark = mark_of(app, coming)
    with app.app_context():
        now = clock.now()
        schedule.change_session(coming, SessionChange(places_room=30), None, now, mark)
        with pytest.raises(StaleForm):
            schedule.change_session(coming, SessionChange(places_room=10), None, now, mark)
    assert the_session(app, coming).places_room == 30


def test_nothing_different_is_said(desk: FlaskClient, coming: int, facts: dict[str, Any]) -> None:
    answer = pages.send(desk, f"/office/sessions/{coming}/edit", step="check", **facts)
    assert "Nothing is different." in pages.after(desk, answer)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"starts_on": ["31", "2", "2027"]}, "Enter a date such as 1 3 2027"),
        ({"starts_on": ["1", "11", "2026"]}, "still to come"),
        ({"end_time": "12:00"}, "The end must be after the start"),
        ({"places_room": "1"}, "places are taken, more than that"),
        ({"places_room": "0"}, "Give it places"),
        ({"venue": ""}, "Choose a venue"),
        ({"reason": "x" * 10_000}, "characters"),
        ({"title": "a\nb" * 5_000}, "characters"),
        ({"places_online": "☕"}, "whole number"),
        ({"start_time": "13:30:00.5"}, "Enter a time"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(
    app: Flask, desk: FlaskClient, coming: int, facts: dict[str, Any], wrong: dict[str, Any], words: str
) -> None:
    for step in ("check", "save"):
        page = pages.send(desk, f"/office/sessions/{coming}/edit", step=step, **(facts | wrong))
        assert page.status_code == 422
        assert words in page.text
    assert the_session(app, coming).schedule_version == 1


def test_a_version_nobody_wrote_is_refused(desk: FlaskClient, coming: int, facts: dict[str, Any]) -> None:
    for seen in ("", "x", "9" * 50, "-1"):
        forged = facts | {"seen": seen, "start_time": "14:00", "step": "save"}
        assert "Somebody changed this" in pages.words(
            pages.send(desk, f"/office/sessions/{coming}/edit", **forged)
        )


def test_cancelling_says_who_will_be_told(desk: FlaskClient, coming: int) -> None:
    said = pages.words(desk.get(f"/office/sessions/{coming}/cancel"))
    assert "1 by email, 1 to call: you find the call on Today." in said


def test_what_the_page_counts_is_what_the_outbox_lays(
    app: Flask, desk: FlaskClient, make: Builders, coming: int
) -> None:
    """The count on the page chooses the way by itself, and must not drift from the outbox's choice."""
    facts: list[dict[str, Any]] = [
        {"channel": Channel.POST},
        {"channel": Channel.CALL, "phone": "07700 900124"},
        {"channel": Channel.CALL},
        {"email": None},
        {"status": PersonStatus.PAUSED},
        {"status": PersonStatus.DIED},
    ]
    for number, fact in enumerate(facts):
        make.booking(coming, make.person(f"Dee{number}", **({"email": f"d{number}@example.org"} | fact)))
    answer = pages.send(desk, f"/office/sessions/{coming}/cancel")
    assert "2 by email, 4 to call, 1 by post: you find them on Today." in pages.after(desk, answer)
    assert told(app, MessageKind.SESSION_CANCELLED) == ["call"] * 4 + ["email"] * 2 + ["post"]


def test_a_cancelled_date_tells_everybody_once(app: Flask, desk: FlaskClient, coming: int) -> None:
    path = f"/office/sessions/{coming}/cancel"
    answer = pages.send(desk, path, reason="The host is unwell")
    assert "Cancelled" in pages.after(desk, answer)
    pages.send(desk, path, page="/office/people", reason="Again")
    scheduled = the_session(app, coming)
    assert (scheduled.state, scheduled.public_reason) == (SessionState.CANCELLED, "The host is unwell")
    assert told(app, MessageKind.SESSION_CANCELLED) == ["call", "email"]
    states = select(Booking.state).where(Booking.session_id == coming)
    assert set(pages.rows(app, states)) == {BookingState.CANCELLED}


def test_a_date_that_is_over_is_neither_changed_nor_cancelled(
    app: Flask, desk: FlaskClient, season: Season
) -> None:
    edit = desk.get(f"/office/sessions/{season.october}/edit")
    assert "can't be changed any more" in pages.after(desk, edit)
    answer = pages.send(desk, f"/office/sessions/{season.october}/cancel", reason="")
    assert "This session is over" in pages.after(desk, answer)
    assert the_session(app, season.october).state is SessionState.PUBLISHED


def test_a_cancelled_date_is_not_changed(app: Flask, desk: FlaskClient, coming: int) -> None:
    gone = update(ScheduledSession).where(ScheduledSession.id == coming).values(state="cancelled")
    pages.write(app, gone)
    assert desk.get(f"/office/sessions/{coming}/edit").status_code == 303
    assert desk.get(f"/office/sessions/{coming}/cancel").status_code == 303
