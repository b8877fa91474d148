"""What somebody sees of a waiting list: joining, where she stands, the answer, and leaving with one tap."""

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking import clock
from booking.db import db
from booking.messages.letters.links import offer_url
from booking.models import Booking, Message, Person
from booking.models.kinds import BookingState, Companions, MessageKind, Mode, PersonStatus, Pool
from booking.queries import upkeep
from booking.services import bookings, waiting
from tests.support import pages
from tests.support.builders import Builders

NOW = "2027-01-10T12:00+00:00"


class Scene:
    """Ben has the only place of a session in ten days; Ann looks at its pages."""

    def __init__(self, app: Flask, make: Builders, client: FlaskClient) -> None:
        self.app, self.make, self.client = app, make, client
        self.ann, self.ben = make.person(), make.person("Ben")
        self.chat = make.session(make.series(places_room=1), starts_in=timedelta(days=10))
        self.bens = make.booking(self.chat, self.ben)
        self.path = f"/sessions/{self.chat}/wait"

    def sign_in(self) -> None:
        self.make.sign_in(self.client, self.ann)

    def waits(self, person_id: int | None = None, **how: bool) -> int:
        """Put somebody, Ann unless told, on the list."""
        who = person_id or self.ann
        with self.app.app_context():
            return waiting.join_waiting_list(self.chat, who, Pool.ROOM, who, clock.now(), **how)  # type: ignore[arg-type]

    def ben_gives_up(self) -> None:
        with self.app.app_context():
            bookings.give_up_place(self.bens, self.ben, clock.now())
            assert upkeep.problems() == []

    def link(self, booking_id: int) -> str:
        with self.app.app_context():
            return urlsplit(offer_url(db.session.get_one(Booking, booking_id))).path

    def state(self, booking_id: int) -> BookingState:
        return BookingState(pages.rows(self.app, select(Booking.state).where(Booking.id == booking_id))[0])

    def hers(self) -> Booking:
        with self.app.app_context():
            return db.session.scalars(select(Booking).where(Booking.person_id == self.ann)).one()

    def mine(self) -> str:
        return pages.words(self.client.get("/my-sessions"))


@pytest.fixture
def scene(app: Flask, make: Builders, client: FlaskClient, clock_at: Callable[[str], datetime]) -> Scene:
    clock_at(NOW)
    return Scene(app, make, client)


def test_a_full_session_leads_to_its_waiting_list(scene: Scene) -> None:
    page = scene.client.get(f"/sessions/{scene.chat}")
    assert f'href="{scene.path}"' in page.text
    assert "Join the waiting list" in pages.words(page)
    assert "You would be next." in pages.words(scene.client.get(scene.path))


def test_she_joins_with_one_form_and_sees_where_she_stands(scene: Scene) -> None:
    scene.sign_in()
    answer = pages.send(scene.client, scene.path, pool="room", late="y", notice="24")
    page = pages.after(scene.client, answer)
    assert "You are on the waiting list. There is nothing you need to do." in page
    assert "You are next." in page
    assert "You asked to hear of late places too" in page
    hers = scene.hers()
    assert (hers.state, hers.tells_late, hers.party_size) == (BookingState.WAITING, True, 1)
    assert pages.rows(scene.app, select(Person.notice_hours).where(Person.id == scene.ann)) == [24]


def test_whoever_waits_behind_others_reads_how_many_and_never_who(scene: Scene) -> None:
    scene.waits(scene.make.person("Cat"))
    scene.sign_in()
    assert "One person would be before you." in pages.words(scene.client.get(scene.path))
    scene.waits()
    page = scene.mine()
    assert "One person is before you." in page
    assert "Cat" not in page


def test_only_who_could_be_asked_is_before_her(scene: Scene) -> None:
    cat = scene.make.person("Cat")
    scene.waits(cat)
    others = {"nia": "unproven", "pam": "paused", "dot": "died"}
    for name, status in others.items():
        who = scene.make.person(name.title(), status=status)
        since = {"waits_since": clock.now(), "queue_at": clock.now()}
        scene.make.booking(scene.chat, who, state=BookingState.WAITING, **since)
    assert "One person would be before you." in pages.words(scene.client.get(f"/sessions/{scene.chat}"))
    scene.sign_in()
    assert "One person would be before you." in pages.words(scene.client.get(scene.path))
    scene.waits()
    assert "One person is before you." in scene.mine()
    pages.write(scene.app, update(Person).where(Person.id == cat).values(status=PersonStatus.PAUSED))
    assert "You are next." in scene.mine()
    with scene.app.app_context():
        bookings.give_up_place(scene.bens, scene.ben, clock.now())
    assert scene.hers().state is BookingState.OFFERED


def test_whoever_ends_her_pause_is_before_her_again(scene: Scene) -> None:
    cat = scene.make.person("Cat")
    scene.waits(cat)
    scene.waits()
    scene.sign_in()
    today = clock.now().date()
    for until, said in ((today + timedelta(days=1), "You are next."), (today, "One person is before you.")):
        paused = {"status": PersonStatus.PAUSED, "paused_until": until}
        pages.write(scene.app, update(Person).where(Person.id == cat).values(**paused))
        assert said in scene.mine()


def test_joining_twice_is_one_turn(scene: Scene) -> None:
    scene.sign_in()
    scene.waits()
    answer = pages.send(scene.client, scene.path, page="/my-sessions", pool="room", notice="0")
    assert "You are on the waiting list already" in pages.after(scene.client, answer)
    assert scene.hers().state is BookingState.WAITING


def test_a_place_that_is_free_is_booked_and_not_waited_for(scene: Scene) -> None:
    scene.sign_in()
    scene.ben_gives_up()
    answer = scene.client.get(scene.path)
    assert answer.location.endswith(f"/sessions/{scene.chat}/book")


def test_a_series_without_a_waiting_list_has_no_such_button(scene: Scene) -> None:
    chat = scene.make.session(scene.make.series(places_room=1, waiting_list=False))
    scene.make.booking(chat, scene.ben)
    assert "Join the waiting list" not in pages.words(scene.client.get(f"/sessions/{chat}"))
    assert scene.client.get(f"/sessions/{chat}/wait").location.endswith(f"/sessions/{chat}")


def test_of_two_full_ways_to_join_she_chooses_one(scene: Scene) -> None:
    both = scene.make.series(mode=Mode.HYBRID, places_room=1, places_online=1)
    chat = scene.make.session(both)
    scene.make.booking(chat, scene.ben, pool=Pool.ROOM)
    scene.make.booking(chat, scene.make.person("Cat"), pool=Pool.ONLINE)
    scene.sign_in()
    nothing = pages.send(scene.client, f"/sessions/{chat}/wait", notice="0")
    assert nothing.status_code == 422
    assert "Choose what you would like to wait for" in pages.words(nothing)
    pages.send(scene.client, f"/sessions/{chat}/wait", pool="online", notice="0")
    assert scene.hers().pool is Pool.ONLINE


def test_whoever_brings_somebody_waits_for_two_places(scene: Scene) -> None:
    chat = scene.make.session(scene.make.series(places_room=1, companions=Companions.ALWAYS))
    scene.make.booking(chat, scene.ben)
    scene.sign_in()
    pages.send(scene.client, f"/sessions/{chat}/wait", pool="room", notice="0", companion="Eve")
    hers = scene.hers()
    assert (hers.party_size, hers.companion_name) == (2, "Eve")


def test_a_form_from_before_she_left_puts_her_on_no_list_again(scene: Scene) -> None:
    scene.sign_in()
    hers = scene.waits()
    pages.send(scene.client, f"/my-sessions/{hers}/leave-waiting-list", page="/my-sessions")
    old = {"pool": "room", "notice": "0", "seen": "0"}
    answer = pages.send(scene.client, scene.path, **old)
    assert "You left this waiting list, or gave your place up, in the meantime." in pages.after(
        scene.client, answer
    )
    assert scene.state(hers) is BookingState.GIVEN_UP
    pages.send(scene.client, scene.path, **old | {"seen": str(hers)})
    assert "You are next." in scene.mine()


def test_a_fresh_form_knows_that_she_left(scene: Scene) -> None:
    hers = scene.waits()
    scene.sign_in()
    pages.send(scene.client, f"/my-sessions/{hers}/leave-waiting-list", page="/my-sessions")
    assert f'name="seen" type="hidden" value="{hers}"' in scene.client.get(scene.path).text


def test_one_tap_leaves_the_list_and_no_letter_says_so(scene: Scene) -> None:
    hers = scene.waits()
    scene.sign_in()
    leave = f"/my-sessions/{hers}/leave-waiting-list"
    answer = pages.send(scene.client, leave, page="/my-sessions")
    assert "That's fine. You are not on this waiting list any more." in pages.after(scene.client, answer)
    assert scene.state(hers) is BookingState.GIVEN_UP
    assert pages.send(scene.client, leave, page="/sessions").status_code == 303
    assert MessageKind.GIVEN_UP not in pages.rows(scene.app, select(Message.kind))


def test_she_changes_how_she_is_told_and_keeps_her_turn(scene: Scene) -> None:
    hers = scene.waits(tells_late=True)
    scene.sign_in()
    answer = pages.send(scene.client, f"/my-sessions/{hers}/waiting", notice="48")
    assert "Saved. You keep your turn." in pages.after(scene.client, answer)
    assert not scene.hers().tells_late
    wrong = pages.send(scene.client, f"/my-sessions/{hers}/waiting", notice="some")
    assert wrong.status_code == 422


def test_nobody_changes_or_ends_the_turn_of_another(scene: Scene) -> None:
    cats = scene.waits(scene.make.person("Cat"))
    scene.sign_in()
    for path in (f"/my-sessions/{cats}/waiting", f"/my-sessions/{cats}/leave-waiting-list"):
        assert pages.send(scene.client, path, page="/my-sessions", notice="0").status_code == 404
    assert scene.state(cats) is BookingState.WAITING


def test_an_offer_is_answered_on_my_sessions_with_one_tap(scene: Scene) -> None:
    hers = scene.waits()
    scene.ben_gives_up()
    scene.sign_in()
    assert "A place is free for you" in scene.mine()
    assert "If you do nothing, you keep your turn for the next place." in scene.mine()
    answer = pages.send(
        scene.client, f"/my-sessions/{hers}/offer", page="/my-sessions", answer="yes", seen="1"
    )
    assert "You have a place." in pages.after(scene.client, answer)
    assert scene.state(hers) is BookingState.BOOKED


def test_the_link_in_the_letter_says_yes_without_signing_in(scene: Scene) -> None:
    hers = scene.waits()
    scene.ben_gives_up()
    link = scene.link(hers)
    assert "Kept for you until midday on Monday 11 January 2027" in pages.words(scene.client.get(link))
    assert "You have a place" in pages.after(
        scene.client, pages.send(scene.client, link, answer="yes", seen="1")
    )
    assert scene.state(hers) is BookingState.BOOKED


def test_not_this_time_keeps_her_turn_and_lets_her_change_her_mind(scene: Scene) -> None:
    hers = scene.waits()
    scene.ben_gives_up()
    link = scene.link(hers)
    page = pages.after(scene.client, pages.send(scene.client, link, answer="no"))
    assert "You are on the waiting list You are next." in page
    assert "A place is free just now. Say yes if it suits you." in page
    assert scene.state(hers) is BookingState.WAITING
    assert "You have a place" in pages.after(
        scene.client, pages.send(scene.client, link, answer="yes", seen="1")
    )


def test_the_link_in_the_letter_leaves_the_list_too(scene: Scene) -> None:
    hers = scene.waits()
    page = pages.after(scene.client, pages.send(scene.client, scene.link(hers), answer="leave"))
    assert "You are not on this waiting list any more" in page
    assert scene.state(hers) is BookingState.GIVEN_UP


def test_in_the_last_hours_the_first_yes_has_the_place(
    scene: Scene, clock_at: Callable[[str], datetime]
) -> None:
    cats = scene.waits(scene.make.person("Cat"), tells_late=True)
    hers = scene.waits(tells_late=True)
    clock_at("2027-01-20T09:00+00:00")
    scene.ben_gives_up()
    page = pages.words(scene.client.get(scene.link(hers)))
    assert "A place is free" in page
    assert "Until 11am on Wednesday 20 January 2027 it is left to those who asked." in page
    pages.send(scene.client, scene.link(cats), answer="yes", seen="1")
    late = pages.send(scene.client, scene.link(hers), answer="yes", seen="1")
    assert late.status_code == 409
    assert "Somebody said yes a moment before you. You keep your turn." in pages.words(late)
    assert scene.state(hers) is BookingState.WAITING


def test_no_stranger_sees_a_place_that_is_left_to_those_who_wait(
    scene: Scene, clock_at: Callable[[str], datetime]
) -> None:
    scene.waits(tells_late=True)
    clock_at("2027-01-20T09:00+00:00")
    scene.ben_gives_up()
    for path in ("/sessions", f"/sessions/{scene.chat}"):
        page = pages.words(scene.client.get(path))
        assert "Full" in page
        assert "place left" not in page
    assert scene.client.get(f"/sessions/{scene.chat}/book").status_code == 303


def test_a_last_place_lost_a_moment_ago_leads_to_the_waiting_list(scene: Scene) -> None:
    scene.sign_in()
    answer = pages.send(
        scene.client, f"/sessions/{scene.chat}/book", page="/my-sessions", pool="room", seen="0"
    )
    page = pages.after(scene.client, answer)
    assert "Somebody took the last place a moment ago. You are first on the waiting list if you like." in page
    assert "Join the waiting list" in page


def test_a_full_course_is_waited_for_as_a_whole(scene: Scene) -> None:
    weeks = scene.make.course(2, key="full-course", places_room=1)
    for week in weeks:
        scene.make.booking(week, scene.ben)
    assert "Sign in to join the waiting list" in pages.words(scene.client.get("/series/full-course"))
    scene.sign_in()
    path = f"/courses/{scene.make.series_of(weeks[0])}/wait"
    answer = pages.send(scene.client, path, page="/series/full-course", pool="room")
    assert "You are on the waiting list." in pages.after(scene.client, answer)
    states = select(Booking.state).where(Booking.person_id == scene.ann)
    assert pages.rows(scene.app, states) == [BookingState.WAITING] * 2
    assert "See where I stand" in pages.words(scene.client.get("/series/full-course"))
