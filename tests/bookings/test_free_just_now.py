"""When everybody on the list rests, the place is everybody's: those who wait have a button for it, too."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from booking import clock
from booking.models import Series
from booking.models.kinds import BookingState
from booking.services import bookings, holds, offers, waiting
from tests.bookings.test_waiting_pages import Scene, scene
from tests.support import pages
from tests.support.builders import Builders

__all__ = ["scene"]
SAID = "A place is free just now. Say yes if it suits you. If not, you keep your turn."


@pytest.fixture
def hers(scene: Scene, clock_at: Callable[[datetime], datetime]) -> int:
    """Ann was asked about Ben's place and slept through it; she looks at My sessions now."""
    booking = scene.waits()
    scene.ben_gives_up()
    later = clock_at(clock.now() + timedelta(hours=25))
    with scene.app.app_context():
        holds.release_holds(later)
    scene.sign_in()
    return booking


def places_of_page(scene: Scene, hers: int) -> list[str]:
    return ["/my-sessions", f"/sessions/{scene.chat}", f"/my-sessions/{hers}/waiting", scene.link(hers)]


def test_every_page_of_whoever_waits_has_a_yes_please(scene: Scene, hers: int) -> None:
    for path in places_of_page(scene, hers):
        page = pages.words(scene.client.get(path))
        assert SAID in page, path
        assert "Yes please" in page, path


def test_one_tap_makes_it_hers(scene: Scene, hers: int) -> None:
    answer = pages.send(
        scene.client,
        f"/my-sessions/{hers}/offer",
        page=f"/sessions/{scene.chat}",
        answer="yes",
        seen="1",
    )
    assert "You have a place." in pages.after(scene.client, answer)
    assert scene.state(hers) is BookingState.BOOKED


def test_a_no_of_an_old_page_says_that_the_place_is_hers_by_now(scene: Scene, hers: int) -> None:
    with scene.app.app_context():
        offers.accept_offer(hers, clock.now())
    answer = pages.send(scene.client, f"/my-sessions/{hers}/offer", page="/my-sessions", answer="no")
    said = pages.after(scene.client, answer)
    assert "This place is yours by now." in said
    assert "You keep your turn" not in said


def test_a_no_of_an_old_page_gives_no_turn_back_that_she_left(scene: Scene, hers: int) -> None:
    with scene.app.app_context():
        waiting.leave_waiting_list(hers, scene.ann, clock.now())
    answer = pages.send(scene.client, f"/my-sessions/{hers}/offer", page="/my-sessions", answer="no")
    said = pages.after(scene.client, answer)
    assert "Nothing has changed." in said
    assert "You keep your turn" not in said


def test_where_the_office_calls_first_a_yes_says_so(scene: Scene, hers: int) -> None:
    pages.write(scene.app, update(Series).values(welcome_call=True))
    kept = "Your place is kept until the office has called you"
    page = f"/sessions/{scene.chat}"
    answer = pages.send(scene.client, f"/my-sessions/{hers}/offer", page=page, answer="yes", seen="1")
    assert kept in pages.after(scene.client, answer)
    assert kept in pages.words(scene.client.get(scene.link(hers)))
    assert scene.state(hers) is BookingState.PROVISIONAL


def test_no_button_where_somebody_else_was_quicker(scene: Scene, hers: int) -> None:
    cat = scene.make.person("Cat")
    with scene.app.app_context():
        bookings.book_place(scene.chat, cat, scene.hers().pool, cat, clock.now())
    for path in places_of_page(scene, hers):
        page = pages.words(scene.client.get(path))
        assert "just now" not in page, path
        assert "Yes please" not in page, path
    assert "You are next. You keep your turn. We ask you when another place comes free." in scene.mine()


def test_silence_is_never_called_a_no(scene: Scene, hers: int) -> None:
    for path in places_of_page(scene, hers):
        page = pages.words(scene.client.get(path))
        assert "let the last place go" not in page
        assert "not for this time" not in page


def test_a_place_that_is_kept_for_somebody_else_is_not_free(scene: Scene) -> None:
    cats = scene.waits(scene.make.person("Cat"))
    scene.waits()
    scene.ben_gives_up()
    scene.sign_in()
    assert "just now" not in scene.mine()
    with scene.app.app_context():
        offers.decline_offer(cats, clock.now())
    assert "Kept for you until" in scene.mine()


def test_those_told_late_have_the_button_on_the_session_page_and_others_have_not(
    scene: Scene, clock_at: Callable[[str], datetime]
) -> None:
    scene.waits(tells_late=True)
    cat = scene.make.person("Cat")
    scene.waits(cat)
    clock_at("2027-01-20T09:00+00:00")
    scene.ben_gives_up()
    scene.sign_in()
    assert "Yes please" in pages.words(scene.client.get(f"/sessions/{scene.chat}"))
    scene.make.sign_in(scene.client, cat)
    assert "Yes please" not in pages.words(scene.client.get(f"/sessions/{scene.chat}"))


def test_the_office_reads_that_it_is_anybodys(
    app: Flask, make: Builders, client: FlaskClient, scene: Scene, hers: int
) -> None:
    make.sign_in(client, make.admin())
    page = pages.words(client.get(f"/office/sessions/{scene.chat}/waiting"))
    assert "A place is free just now, and nobody is being asked about it." in page
    assert "Was asked, and keeps their turn." in page
    assert "not for this time" not in page


def test_the_office_does_not_read_so_while_somebody_is_asked(
    make: Builders, client: FlaskClient, scene: Scene
) -> None:
    scene.waits()
    scene.ben_gives_up()
    make.sign_in(client, make.admin())
    assert "just now" not in pages.words(client.get(f"/office/sessions/{scene.chat}/waiting"))
