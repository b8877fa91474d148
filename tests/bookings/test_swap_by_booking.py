"""Whoever books the date for which she keeps another place changes to it: she never has both."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.models import AuditEntry
from booking.models.kinds import BookingState, MessageKind
from booking.services import bookings, offers, waiting
from booking.services.steps import swapping
from tests.bookings.test_swaps import ROOM, Scene, scene
from tests.support import pages

__all__ = ["scene"]


def book(scene: Scene, *session_ids: int) -> None:
    for session_id in session_ids:
        scene.do(bookings.book_place, session_id, scene.ann, ROOM, scene.ann, clock.now())


def february_is_free(scene: Scene, *, offered: bool) -> None:
    """Ann waits for February and March; Ben's place is offered to her, or free since she let it go."""
    scene.wait(scene.february, scene.march)
    scene.give_up(scene.bens, scene.ben)
    if not offered:
        scene.do(offers.decline_offer, scene.at(scene.february).id, clock.now())


@pytest.mark.parametrize("offered", [True, False])
def test_booking_the_better_date_gives_the_kept_place_up(scene: Scene, offered: bool) -> None:
    february_is_free(scene, offered=offered)
    waits = scene.at(scene.february).id
    book(scene, scene.february, scene.february)
    assert (scene.at(scene.february).id, scene.at(scene.february).state) == (waits, BookingState.BOOKED)
    assert scene.at(scene.january).state is BookingState.GIVEN_UP
    assert scene.at(scene.march).state is BookingState.GIVEN_UP
    assert scene.letters(MessageKind.BOOKED) == [waits]
    assert scene.letters(MessageKind.GIVEN_UP) == [scene.kept]
    swapped = select(AuditEntry.subject).where(AuditEntry.action == "places swapped")
    assert pages.rows(scene.app, swapped) == [f"booking:{waits}"]


def test_the_place_she_leaves_is_offered_on(scene: Scene) -> None:
    scene.do(waiting.join_waiting_list, scene.january, scene.gil, ROOM, scene.gil, clock.now())
    february_is_free(scene, offered=False)
    book(scene, scene.february)
    assert scene.at(scene.january, scene.gil).state is BookingState.OFFERED


def test_several_dates_at_once_change_as_well(scene: Scene) -> None:
    february_is_free(scene, offered=True)
    both = [scene.february, scene.march]
    pools = dict.fromkeys(both, ROOM)
    scene.do(bookings.book_places, both, scene.ann, pools, scene.ann, clock.now())
    assert scene.at(scene.february).state is BookingState.BOOKED
    assert scene.at(scene.january).state is BookingState.GIVEN_UP


def test_while_the_better_date_is_full_nothing_changes(scene: Scene) -> None:
    scene.wait(scene.february)
    book(scene, scene.february)
    assert scene.at(scene.february).state is BookingState.WAITING
    assert scene.at(scene.january).state is BookingState.BOOKED


def test_a_kept_place_that_has_begun_stays_hers(scene: Scene, clock_at: Callable[[str], datetime]) -> None:
    february_is_free(scene, offered=False)
    clock_at("2027-01-27T14:00+00:00")
    book(scene, scene.february)
    assert scene.at(scene.january).state is BookingState.BOOKED


def test_the_book_page_says_what_is_given_up_before_and_after(scene: Scene, client: FlaskClient) -> None:
    february_is_free(scene, offered=False)
    scene.make.sign_in(client, scene.ann)
    path = f"/sessions/{scene.february}/book"
    page = pages.words(client.get(path))
    assert "You wait for this date and keep your place at" in page
    assert "on Wednesday 27 January 2027 until then. Confirming this one gives that place up" in page
    answer = pages.send(client, path, pool="room", seen="0")
    said = pages.after(client, answer)
    assert "You have a place. Your place at" in said
    assert "on Wednesday 27 January 2027 is given up." in said


def test_the_book_page_of_a_full_better_date_leads_to_her_turn(scene: Scene, client: FlaskClient) -> None:
    scene.wait(scene.february)
    scene.make.sign_in(client, scene.ann)
    answer = client.get(f"/sessions/{scene.february}/book")
    assert answer.location == "/my-sessions"
    assert "You are on the waiting list, and keep your turn." in pages.after(client, answer)


def test_without_the_step_that_lets_go_she_would_have_both(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    february_is_free(scene, offered=True)
    monkeypatch.setattr(swapping, "let_go_of", lambda *facts, **named: None)
    book(scene, scene.february)
    assert scene.at(scene.january).state is BookingState.BOOKED
