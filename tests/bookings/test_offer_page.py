"""The page of a kept place: whose it is, what it is instead of, and what is true by the clock."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from booking import clock
from booking.models.kinds import BookingState
from booking.services import holds
from tests.bookings.test_offers import Scene, scene
from tests.support import pages

__all__ = ["scene"]
ADVANCE = timedelta(hours=25)


def test_it_says_what_it_is_instead_of(scene: Scene, client: FlaskClient) -> None:
    page = pages.words(client.get(scene.path(scene.cancel())))
    instead = "Instead of Tea & A Chat Manchester on Wednesday 27 January 2027, which was cancelled."
    assert instead in page


def test_the_facts_stand_in_the_order_of_every_page(scene: Scene, client: FlaskClient) -> None:
    page = pages.words(client.get(scene.path(scene.cancel())))
    facts = ("What", "When", "Where", "Mount Street", "How to join", "How to cancel", "Step-free way in")
    assert [page.index(fact) for fact in facts] == sorted(page.index(fact) for fact in facts)


def test_somebody_else_who_is_signed_in_sees_nothing_of_it(scene: Scene, client: FlaskClient) -> None:
    kept = scene.cancel()
    page = scene.make.sign_in(client, scene.ben).get(scene.path(kept))
    assert page.status_code == 403
    said = pages.words(page)
    assert "This place is kept for somebody else" in said
    assert "Sign out" in said
    assert "Yes please" not in said
    assert "Manchester" not in said


def test_somebody_else_who_is_signed_in_answers_nothing(scene: Scene, client: FlaskClient) -> None:
    kept = scene.cancel()
    scene.make.sign_in(client, scene.ben)
    answer = pages.send(client, scene.path(kept), page="/my-sessions", answer="yes")
    assert answer.status_code == 403
    assert scene.state(kept) is BookingState.OFFERED


def test_she_herself_answers_it_signed_in_too(scene: Scene, client: FlaskClient) -> None:
    kept = scene.cancel()
    scene.make.sign_in(client, scene.ann)
    assert "You have a place" in pages.after(
        client, pages.send(client, scene.path(kept), answer="yes", seen="1")
    )


@pytest.mark.parametrize("worker_ran", [True, False])
def test_a_time_that_is_over_is_named_nowhere(
    scene: Scene, client: FlaskClient, clock_at: Callable[[datetime], datetime], worker_ran: bool
) -> None:
    path = scene.path(scene.cancel())
    now = clock_at(clock.now() + ADVANCE)
    if worker_ran:
        scene.do(holds.release_holds, now)
    scene.make.sign_in(client, scene.ann)
    page = pages.words(client.get(path))
    assert "It is not kept for you any more. It may still be free." in page
    assert "Yes please" in page
    assert "kept for you until" not in page.lower() + pages.words(client.get("/my-sessions")).lower()


def test_where_others_have_the_places_there_is_no_button(
    scene: Scene, client: FlaskClient, clock_at: Callable[[datetime], datetime]
) -> None:
    path = scene.path(scene.cancel())
    scene.do(holds.release_holds, clock_at(clock.now() + ADVANCE))
    for person in (scene.ben, scene.make.person("Cat")):
        scene.make.booking(scene.february, person)
    page = pages.words(client.get(path))
    assert "This place is not kept any more" in page
    assert "Yes please" not in page


def test_on_my_sessions_a_place_that_waits_stands_first(scene: Scene, client: FlaskClient) -> None:
    scene.cancel()
    soon = scene.make.session(scene.make.series("Chair yoga"), starts_in=timedelta(days=2))
    scene.make.booking(soon, scene.ann)
    page = pages.words(scene.make.sign_in(client, scene.ann).get("/my-sessions"))
    assert page.index("A place is free for you") < page.index("Yes please") < page.index("Next")
    assert page.count("Yes please") == 1


def test_a_cancelled_card_says_so_first_and_leads_nobody_there(scene: Scene, client: FlaskClient) -> None:
    gil = scene.make.facilitator("Gil")
    off = scene.make.session(scene.make.series("Chair yoga"), starts_in=timedelta(days=2), led_by=(gil,))
    booking = scene.make.booking(off, scene.ann)
    scene.january = off
    scene.cancel()
    page = scene.make.sign_in(client, scene.ann).get("/my-sessions").text
    card = page.partition(f'id="booking-{booking}"')[2].partition("</article>")[0]
    assert "Cancelled: Chair yoga" in card
    assert "Gil" not in card
    assert "Mount Street" not in card
