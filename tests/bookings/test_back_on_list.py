"""Leaving a waiting list is one tap, and a tap can slip: for half an hour the old turn is still hers."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from booking import clock
from booking.models import Booking
from booking.models.kinds import BookingState, Pool
from booking.services import bookings, course_waiting, waiting
from tests.bookings.test_waiting_pages import Scene, scene
from tests.support import pages

__all__ = ["scene"]
BACK = "Put me back"
At = Callable[[datetime], datetime]


@pytest.fixture
def hers(scene: Scene, clock_at: At) -> int:
    """Ann waits first, Cat an hour later; Ann is on My sessions."""
    booking = scene.waits(tells_late=True)
    clock_at(clock.now() + timedelta(hours=1))
    scene.waits(scene.make.person("Cat"))
    scene.sign_in()
    return booking


def leaves(scene: Scene, hers: int) -> str:
    answer = pages.send(scene.client, f"/my-sessions/{hers}/leave-waiting-list", page="/my-sessions")
    return pages.after(scene.client, answer)


def goes_back(scene: Scene, hers: int) -> str:
    answer = pages.send(scene.client, f"/my-sessions/{hers}/offer", page="/my-sessions", answer="back")
    return pages.after(scene.client, answer)


def test_a_slip_of_the_finger_is_put_right_with_one_tap(scene: Scene, hers: int) -> None:
    said = leaves(scene, hers)
    assert "For half an hour your old turn is still yours." in said
    assert BACK in said
    said = goes_back(scene, hers)
    assert "You are back on the waiting list, with your old turn." in said
    assert "You are next." in said
    assert BACK not in said
    assert "You asked to hear of late places too" in said


def test_joining_again_by_the_form_has_the_old_turn_too(scene: Scene, hers: int) -> None:
    leaves(scene, hers)
    pages.send(scene.client, scene.path, pool="room", notice="0")
    assert "You are next." in scene.mine()


def test_after_half_an_hour_it_is_a_new_turn(scene: Scene, hers: int, clock_at: At) -> None:
    leaves(scene, hers)
    clock_at(clock.now() + timedelta(minutes=31))
    page = f"/my-sessions?left={hers}"
    assert BACK not in pages.words(scene.client.get(page))
    said = goes_back(scene, hers)
    assert "One person is before you." in said
    assert "old turn" not in said


def test_pressed_twice_she_is_on_the_list_once(scene: Scene, hers: int) -> None:
    leaves(scene, hers)
    goes_back(scene, hers)
    goes_back(scene, hers)
    states = pages.rows(scene.app, select(Booking.state).where(Booking.person_id == scene.ann))
    assert sorted(states) == [BookingState.GIVEN_UP, BookingState.WAITING]


def test_a_place_that_she_had_and_gave_up_gives_no_turn_back(scene: Scene, hers: int) -> None:
    scene.ben_gives_up()
    pages.send(scene.client, f"/my-sessions/{hers}/offer", page="/my-sessions", answer="yes", seen="1")
    with scene.app.app_context():
        bookings.give_up_place(hers, scene.ann, clock.now())
    assert BACK not in pages.words(scene.client.get(f"/my-sessions?left={hers}"))
    with scene.app.app_context():
        scene.waits()
    assert "One person is before you." in scene.mine()


def test_the_page_behind_the_letter_has_the_button_too(scene: Scene, hers: int) -> None:
    link = scene.link(hers)
    assert BACK in pages.after(scene.client, pages.send(scene.client, link, answer="leave"))
    said = pages.after(scene.client, pages.send(scene.client, link, answer="back"))
    assert "You are on the waiting list You are next." in said


def test_nobody_sees_or_takes_back_the_turn_of_another(scene: Scene, hers: int) -> None:
    leaves(scene, hers)
    scene.make.sign_in(scene.client, scene.ben)
    assert BACK not in pages.words(scene.client.get(f"/my-sessions?left={hers}"))
    assert BACK not in pages.words(scene.client.get("/my-sessions?left=nonsense"))
    answer = pages.send(scene.client, f"/my-sessions/{hers}/offer", page="/my-sessions", answer="back")
    assert answer.status_code == 404


def test_giving_up_a_place_answers_with_the_next_date(scene: Scene) -> None:
    series = scene.make.series_of(scene.chat)
    later = scene.make.session(series, starts_in=timedelta(days=17))
    scene.make.sign_in(scene.client, scene.ben)
    answer = pages.send(scene.client, f"/my-sessions/{scene.bens}/give-up")
    page = scene.client.get(answer.location)
    assert "The next date:" in pages.words(page)
    assert f'href="/sessions/{later}"' in page.text
    assert "The next date:" not in scene.mine()
    scene.make.sign_in(scene.client, scene.ann)
    assert "The next date:" not in pages.words(scene.client.get(answer.location))


def test_the_turn_of_a_course_comes_back_as_a_whole(scene: Scene, clock_at: At) -> None:
    weeks = scene.make.course(2, places_room=1)
    series, cat = scene.make.series_of(weeks[0]), scene.make.person("Cat")
    for week in weeks:
        scene.make.booking(week, scene.ben)
    with scene.app.app_context():
        first = course_waiting.wait_for_course(series, scene.ann, Pool.ROOM, scene.ann, clock.now())
        clock_at(clock.now() + timedelta(hours=1))
        course_waiting.wait_for_course(series, cat, Pool.ROOM, cat, clock.now())
        waiting.leave_waiting_list(first, scene.ann, clock.now())
    scene.sign_in()
    assert "You are back on the waiting list, with your old turn." in goes_back(scene, first)
    asked = select(Booking.person_id).where(Booking.state == BookingState.WAITING)
    assert pages.rows(scene.app, asked.order_by(Booking.queue_at)) == [scene.ann] * 2 + [cat] * 2
