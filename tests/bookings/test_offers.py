"""A place kept for somebody whose session was cancelled: one tap takes it, silence loses nothing."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import Booking, Message, Person, ScheduledSession
from booking.models.kinds import BookingState, MessageKind, PersonStatus, Pool
from booking.queries import bookings as asked
from booking.queries import upkeep
from booking.refusals import NotFound, OfferOver, SessionCancelled, SessionFull
from booking.rules.tokens import make_token
from booking.services import bookings, calling_off, holds, offers
from booking.services.steps.changing import SessionChange
from booking.settings import settings
from tests.support import pages
from tests.support.builders import Builders


class Scene:
    """Ann's session of January is cancelled; a place at that of February is kept for her."""

    def __init__(self, app: Flask, make: Builders) -> None:
        self.app, self.make = app, make
        self.ann, self.ben, self.ada = make.person(), make.person("Ben"), make.admin()
        self.series = make.series(places_room=2)
        self.january = make.session(self.series, on=date(2027, 1, 27))
        self.february = make.session(self.series, on=date(2027, 2, 24))
        make.booking(self.january, self.ann)

    def cancel(self) -> int:
        with self.app.app_context():
            calling_off.cancel_sessions([self.january], "", self.ada, clock.now())
            kept = db.session.scalars(select(Booking).where(Booking.instead_of_id.is_not(None))).all()
            assert len(kept) <= 1
            return kept[0].id if kept else 0

    def path(self, booking_id: int) -> str:
        with self.app.app_context():
            booking = db.session.get_one(Booking, booking_id)
            return f"/offers/{make_token(settings().secret_key, 'offer', booking.id, booking.nonce)}"

    def state(self, booking_id: int) -> BookingState:
        return BookingState(pages.rows(self.app, select(Booking.state).where(Booking.id == booking_id))[0])

    def do(self, deed: Callable[..., Any], *facts: Any, **named: Any) -> Any:
        with self.app.app_context():
            done = deed(*facts, **named)
            assert upkeep.problems() == []
            return done

    def accept(self, booking_id: int) -> None:
        self.do(offers.accept_offer, booking_id, clock.now())

    def letters(self, kind: MessageKind) -> list[int]:
        return pages.rows(self.app, select(Message.booking_id).where(Message.kind == kind))


@pytest.fixture
def scene(app: Flask, make: Builders, clock_at: Callable[[str], datetime]) -> Scene:
    clock_at("2027-01-10T12:00+00:00")
    return Scene(app, make)


def test_one_tap_takes_the_place_without_signing_in(scene: Scene, client: FlaskClient) -> None:
    kept = scene.cancel()
    path = scene.path(kept)
    assert "It is kept for you until midday on Monday 11 January 2027" in pages.words(client.get(path))
    answer = pages.send(client, path, answer="yes", seen="1")
    assert "You have a place" in pages.after(client, answer)
    assert scene.state(kept) is BookingState.BOOKED
    assert scene.letters(MessageKind.BOOKED) == [kept]


def test_a_scanner_that_opens_the_link_takes_nothing(scene: Scene, client: FlaskClient) -> None:
    kept = scene.cancel()
    path = scene.path(kept)
    client.get(path)
    client.head(path)
    assert scene.state(kept) is BookingState.OFFERED


def test_not_this_time_frees_the_place_and_writes_nothing(scene: Scene, client: FlaskClient) -> None:
    kept = scene.cancel()
    answer = pages.send(client, scene.path(kept), answer="no")
    assert "That's fine" in pages.after(client, answer)
    assert scene.state(kept) is BookingState.GIVEN_UP
    assert scene.letters(MessageKind.GIVEN_UP) == []


def test_yes_twice_is_one_place_and_one_letter(scene: Scene) -> None:
    kept = scene.cancel()
    scene.accept(kept)
    scene.accept(kept)
    assert scene.letters(MessageKind.BOOKED) == [kept]


def test_a_wrong_link_opens_nothing(scene: Scene, client: FlaskClient) -> None:
    scene.cancel()
    page = client.get("/offers/no-such-link")
    assert page.status_code == 404
    assert "This link does not work any more" in page.text


def test_what_is_no_offer_is_none(scene: Scene) -> None:
    for deed in (offers.accept_offer, offers.decline_offer):
        with pytest.raises(NotFound):
            scene.do(deed, 1, clock.now())


def test_the_link_of_another_purpose_opens_no_offer(scene: Scene, client: FlaskClient) -> None:
    kept = scene.cancel()
    with scene.app.app_context():
        calendar = asked.tokens(db.session.get_one(Booking, kept))["calendar"]
    assert client.get(f"/offers/{calendar}").status_code == 404


def test_an_offer_runs_out_quietly(scene: Scene, clock_at: Callable[[datetime], datetime]) -> None:
    kept = scene.cancel()
    before = pages.rows(scene.app, select(Message.id))
    now = clock_at(clock.now() + timedelta(hours=25))
    assert scene.do(holds.release_holds, now) == 1
    assert scene.state(kept) is BookingState.EXPIRED
    assert pages.rows(scene.app, select(Message.id)) == before


def test_yes_after_the_time_still_counts_while_the_place_is_free(
    scene: Scene, clock_at: Callable[[datetime], datetime]
) -> None:
    kept = scene.cancel()
    scene.do(holds.release_holds, clock_at(clock.now() + timedelta(hours=25)))
    scene.accept(kept)
    assert scene.state(kept) is BookingState.BOOKED


def test_yes_after_the_time_is_too_late_when_others_have_the_places(
    scene: Scene, client: FlaskClient, clock_at: Callable[[datetime], datetime]
) -> None:
    kept = scene.cancel()
    scene.do(holds.release_holds, clock_at(clock.now() + timedelta(hours=25)))
    for person in (scene.ben, scene.make.person("Cat")):
        scene.make.booking(scene.february, person)
    page = pages.send(client, scene.path(kept), page="/sign-in", answer="yes")
    assert page.status_code == 409
    assert "the last place has been taken" in pages.words(page)
    assert scene.state(kept) is BookingState.EXPIRED


def test_an_offered_place_is_taken_for_everybody_else(scene: Scene) -> None:
    scene.cancel()
    scene.make.booking(scene.february, scene.ben)
    cat = scene.make.person("Cat")
    with scene.app.app_context(), pytest.raises(SessionFull):
        bookings.book_place(scene.february, cat, Pool.ROOM, cat, clock.now())


def test_nothing_is_kept_where_all_is_full(scene: Scene) -> None:
    for person in (scene.ben, scene.make.person("Cat")):
        scene.make.booking(scene.february, person)
    assert scene.cancel() == 0


def test_nothing_is_kept_where_somebody_waits(scene: Scene) -> None:
    scene.make.booking(scene.february, scene.ben, state=BookingState.WAITING)
    assert scene.cancel() == 0


@pytest.mark.parametrize("state", [BookingState.BOOKED, BookingState.GIVEN_UP])
def test_nothing_is_kept_where_she_has_a_place_or_gave_one_up(scene: Scene, state: BookingState) -> None:
    scene.make.booking(scene.february, scene.ann, state=state)
    assert scene.cancel() == 0


def test_a_yes_to_a_date_cancelled_since_is_a_kind_no(scene: Scene, client: FlaskClient) -> None:
    kept = scene.cancel()
    scene.do(calling_off.cancel_sessions, [scene.february], "", scene.ada, clock.now())
    with pytest.raises((OfferOver, SessionCancelled)):
        scene.accept(kept)
    assert "not kept any more" in pages.words(client.get(scene.path(kept)))


def test_a_yes_to_a_date_moved_since_asks_her_to_look_again(scene: Scene, client: FlaskClient) -> None:
    kept = scene.cancel()
    change = SessionChange(local_date=date(2027, 2, 25))
    scene.do(calling_off.move_session, scene.february, change, scene.ada, clock.now(), 1)
    page = pages.send(client, scene.path(kept), answer="yes", seen="1")
    assert "has changed since you looked" in pages.words(page)
    assert "Thursday 25 February 2027" in pages.words(page)
    pages.send(client, scene.path(kept), answer="yes", seen="2")
    assert scene.state(kept) is BookingState.BOOKED


def test_an_offer_never_waits_beyond_a_start_that_moved_nearer(scene: Scene) -> None:
    kept = scene.cancel()
    late = datetime.fromisoformat("2027-01-12T12:00+00:00")
    pages.write(scene.app, db.update(Booking).where(Booking.id == kept).values(held_until=late))
    change = SessionChange(local_date=date(2027, 1, 11))
    scene.do(calling_off.move_session, scene.february, change, scene.ada, clock.now(), 1)
    there = ScheduledSession.id == scene.february
    starts = pages.rows(scene.app, select(ScheduledSession.starts_at).where(there))
    assert pages.rows(scene.app, select(Booking.held_until).where(Booking.id == kept)) == starts


def test_booking_the_date_herself_says_yes_to_the_offer(scene: Scene) -> None:
    kept = scene.cancel()
    booked = scene.do(bookings.book_place, scene.february, scene.ann, Pool.ROOM, scene.ann, clock.now())
    assert (booked, scene.state(kept)) == (kept, BookingState.BOOKED)


def test_my_sessions_takes_it_with_one_tap(scene: Scene, client: FlaskClient) -> None:
    kept = scene.cancel()
    scene.make.sign_in(client, scene.ann)
    assert "Yes please" in pages.words(client.get("/my-sessions"))
    answer = pages.send(client, f"/my-sessions/{kept}/offer", page="/my-sessions", answer="yes", seen="1")
    assert "You have a place" in pages.after(client, answer)


def test_ben_does_not_answer_for_ann(scene: Scene, client: FlaskClient) -> None:
    kept = scene.cancel()
    scene.make.sign_in(client, scene.ben)
    answer = pages.send(client, f"/my-sessions/{kept}/offer", page="/my-sessions", answer="yes")
    assert answer.status_code == 404
    assert scene.state(kept) is BookingState.OFFERED


def test_the_link_of_somebody_who_died_opens_nothing(scene: Scene, client: FlaskClient) -> None:
    path = scene.path(scene.cancel())
    pages.write(scene.app, db.update(Person).where(Person.id == scene.ann).values(status=PersonStatus.DIED))
    assert client.get(path).status_code == 404
