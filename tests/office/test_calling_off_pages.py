"""The office cancels and moves several dates from its pages, and sees who has not been told."""

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.models import Booking, Message, ScheduledSession
from booking.models.kinds import BookingState, Channel, Mode, PersonStatus, SessionState
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders


@pytest.fixture
def both(season: Season, make: Builders) -> tuple[int, int]:
    """Two Wednesdays to come: Ann and Cato are booked at the first, nobody at the second."""
    first, second = (make.session(season.tea, on=on) for on in (date(2026, 12, 16), date(2027, 1, 27)))
    make.booking(first, season.ann)
    cato = make.person("Cato", email=None, phone="07700 900123", may_leave_word=True)
    make.booking(first, cato)
    return first, second


def test_several_dates_are_cancelled_and_undone(
    app: Flask, desk: FlaskClient, season: Season, both: tuple[int, int]
) -> None:
    shown = pages.words(desk.get(f"/office/call-off?series={season.tea}&from=2026-12-01&until=2026-12-31"))
    assert "Wednesday 16 December 2026" in shown
    assert "Wednesday 27 January 2027" not in shown
    ticked = [f"{one}-1" for one in both]
    how = pages.send(desk, "/office/call-off", dates=ticked, do="cancel")
    assert "1 by email, 1 to call" in pages.words(how)
    done = pages.send(desk, "/office/call-off", dates=ticked, do="cancel", step="save", why="room")
    said = pages.after(desk, done)
    assert "2 people have not been told yet" in said
    assert "The room can't be used that day" in said
    assert "Not told yet" in pages.words(desk.get("/office"))
    undone = pages.send(desk, f"{done.location}/undo", page=done.location)
    assert "Undone" in pages.after(desk, undone)
    states = select(ScheduledSession.state).where(ScheduledSession.id.in_(both))
    assert set(pages.rows(app, states)) == {SessionState.PUBLISHED}


def test_several_dates_move_a_week_after_a_look(desk: FlaskClient, both: tuple[int, int]) -> None:
    facts = {"dates": [f"{one}-1" for one in both], "do": "move", "days": "7", "direction": "later"}
    check = pages.words(pages.send(desk, "/office/call-off", step="check", **facts))
    assert "Wednesday 23 December 2026" in check
    done = pages.send(desk, "/office/call-off", step="save", **facts)
    assert "Moved." in pages.after(desk, done)


def test_one_date_is_moved_after_a_look(desk: FlaskClient, both: tuple[int, int]) -> None:
    path = f"/office/sessions/{both[1]}/move"
    facts = {
        "starts_on": ["28", "1", "2027"],
        "start_time": "14:00",
        "end_time": "16:00",
        "seen_version": "1",
    }
    facts["venue"] = "1"
    assert "Thursday 28 January 2027" in pages.words(pages.send(desk, path, step="check", **facts))
    assert "Moved." in pages.after(desk, pages.send(desk, path, step="save", **facts))


def test_nothing_ticked_is_said(desk: FlaskClient, both: tuple[int, int]) -> None:
    answer = pages.send(desk, "/office/call-off", do="cancel")
    assert answer.status_code == 422
    assert "Choose at least one date" in pages.words(answer)


def test_somebody_on_the_phone_says_yes(app: Flask, desk: FlaskClient, both: tuple[int, int]) -> None:
    done = pages.send(desk, f"/office/sessions/{both[0]}/cancel", offer_held="y")
    assert "We are keeping another place for you" in pages.after(desk, done)
    kept = select(Booking.id).where(Booking.instead_of_id.is_not(None)).order_by(Booking.id.desc())
    offered = pages.rows(app, kept)[0]
    pages.send(desk, f"/office/offers/{offered}", page=done.location, answer="yes")
    state = select(Booking.state).where(Booking.id == offered)
    assert pages.rows(app, state) == [BookingState.BOOKED]


def test_the_buttons_of_a_call_say_what_she_says(desk: FlaskClient, both: tuple[int, int]) -> None:
    done = pages.send(desk, f"/office/sessions/{both[0]}/cancel", offer_held="y")
    said = pages.after(desk, done)
    assert "They say yes" in said
    assert "They say no, thank you" in said


def test_a_word_that_was_left_says_until_when_the_place_is_kept(
    app: Flask, desk: FlaskClient, both: tuple[int, int]
) -> None:
    done = pages.send(desk, f"/office/sessions/{both[0]}/cancel", offer_held="y")
    call = pages.rows(app, select(Message.id).where(Message.channel == Channel.CALL))[0]
    path = f"/office/calls/{call}"
    heard = pages.send(desk, path, page=done.location, outcome="left_word")
    assert "A place is kept for them until midday on Monday 23 November" in desk.get(heard.location).text


def test_who_leads_it_is_told_by_letter_and_whoever_hears_nothing_by_hand(
    desk: FlaskClient, season: Season, make: Builders
) -> None:
    fay = make.facilitator()
    gil = make.facilitator("Gil", phone="07700 900777", status=PersonStatus.UNPROVEN)
    session = make.session(season.tea, on=date(2026, 12, 16), led_by=(fay, gil))
    said = pages.after(desk, pages.send(desk, f"/office/sessions/{session}/cancel"))
    assert "Everybody booked has been told" in said
    assert "Fay Example : a letter is on its way" in said
    assert "Gil Example : 07700 900777 Please tell them yourself." in said


@pytest.mark.parametrize(("mode", "shown"), [(Mode.IN_PERSON, True), (Mode.ONLINE, False)])
def test_the_weather_is_a_reason_only_where_people_travel(
    desk: FlaskClient, make: Builders, season: Season, mode: Mode, shown: bool
) -> None:
    online = make.session(season.yoga, on=date(2026, 12, 16), mode=Mode.ONLINE, places_room=0)
    session = make.session(season.tea, on=date(2026, 12, 16)) if mode is Mode.IN_PERSON else online
    for page in ("cancel", "move"):
        said = pages.words(desk.get(f"/office/sessions/{session}/{page}"))
        assert ("The weather makes travelling unsafe" in said) is shown


def test_only_a_few_is_no_reason_where_four_people_are_booked(
    desk: FlaskClient, make: Builders, both: tuple[int, int]
) -> None:
    path = f"/office/sessions/{both[0]}/cancel"
    assert "Only a few of us could come" in pages.words(desk.get(path))
    for name in ("Dee", "Eve"):
        make.booking(both[0], make.person(name))
    assert "Only a few of us could come" not in pages.words(desk.get(path))
    assert pages.send(desk, path, why="few").status_code in (200, 422)
