"""The office's page of a waiting list: whose turn it is, moving up with a reason, and taking off."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking import clock
from booking.db import db
from booking.models import AuditEntry, Booking, Message, Person, QueueMove
from booking.models.kinds import BookingState, Channel, MessageKind, PersonStatus, Pool
from booking.queries import queues
from booking.refusals import NotFound, ReasonNeeded
from booking.services import bookings, waiting
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders


@dataclass(frozen=True)
class Queue:
    """Ann has the only place; Cato, Dora and Eve wait in this order."""

    session: int
    place: int
    cato: int
    dora: int
    eve: int

    @property
    def page(self) -> str:
        return f"/office/sessions/{self.session}/waiting"


@pytest.fixture
def queue(app: Flask, make: Builders, season: Season) -> Queue:
    session = make.session(season.tea, starts_in=timedelta(days=10), places_room=1)
    place = make.booking(session, season.ann)
    waits = [join(app, session, make.person(name)) for name in ("Cato", "Dora", "Eve")]
    return Queue(session, place, *waits)


def join(app: Flask, session: int, person: int, **facts: object) -> int:
    with app.app_context():
        return waiting.join_waiting_list(session, person, Pool.ROOM, person, clock.now(), **facts)  # type: ignore[arg-type]


def give_up(app: Flask, queue: Queue, season: Season) -> None:
    with app.app_context():
        bookings.give_up_place(queue.place, season.ann, clock.now())


def state(app: Flask, booking: int) -> BookingState:
    with app.app_context():
        return db.session.get_one(Booking, booking).state


def move_up(desk: FlaskClient, queue: Queue, who: int, reason: str = "Her last chance before surgery") -> str:
    return pages.after(desk, pages.send(desk, queue.page, who=str(who), reason=reason))


def test_the_page_shows_the_queue_in_its_order(desk: FlaskClient, queue: Queue) -> None:
    said = pages.words(desk.get(queue.page))
    assert "1 of 1 in the room." in said
    turns = [
        said.index(f"{number}. {name} Example") for number, name in ((1, "Cato"), (2, "Dora"), (3, "Eve"))
    ]
    assert turns == sorted(turns)
    assert "Waits since midday on Sunday 22 November 2026" in said


def test_the_date_says_how_many_wait_and_leads_there(desk: FlaskClient, queue: Queue) -> None:
    page = desk.get(f"/office/sessions/{queue.session}")
    assert "In the room: 3 people wait. The waiting list" in pages.words(page)
    assert f'href="{queue.page}"' in page.text


def test_whoever_was_moved_up_is_offered_the_next_place(
    app: Flask, desk: FlaskClient, queue: Queue, season: Season
) -> None:
    assert "Eve is first on the list now." in move_up(desk, queue, queue.eve)
    give_up(app, queue, season)
    assert (state(app, queue.eve), state(app, queue.cato)) == (BookingState.OFFERED, BookingState.WAITING)


def test_the_reason_stands_beside_her_for_good_and_in_no_log(
    app: Flask, desk: FlaskClient, queue: Queue, season: Season
) -> None:
    said = move_up(desk, queue, queue.eve)
    assert "Moved up by Ada, Sunday 22 November 2026: Her last chance before surgery" in said
    moved = pages.rows(app, select(QueueMove.booking_id, QueueMove.moved_by, QueueMove.reason))
    assert moved == [(queue.eve, season.ada, "Her last chance before surgery")]
    asked = select(AuditEntry.actor_id, AuditEntry.subject, AuditEntry.fields)
    noted = pages.rows(app, asked.where(AuditEntry.action == "moved up the waiting list"))
    assert noted == [(season.ada, f"booking:{queue.eve}", "")]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_nobody_is_moved_without_a_reason_that_can_be_kept(
    app: Flask, desk: FlaskClient, queue: Queue, reason: str
) -> None:
    answer = pages.send(desk, queue.page, who=str(queue.eve), reason=reason)
    assert answer.status_code == 422
    assert f'value="{queue.eve}" selected' in answer.text
    assert pages.rows(app, select(QueueMove.id)) == []


def test_the_service_itself_wants_the_reason(app: Flask, queue: Queue, season: Season) -> None:
    with app.app_context(), pytest.raises(ReasonNeeded):
        waiting.move_up(queue.eve, " ", season.ada, clock.now())


def test_the_first_one_and_a_stranger_to_the_list_cannot_be_chosen(
    app: Flask, desk: FlaskClient, queue: Queue
) -> None:
    for who in (queue.cato, queue.place, 999):
        assert pages.send(desk, queue.page, who=str(who), reason="A reason").status_code == 422
    assert pages.rows(app, select(QueueMove.id)) == []


def test_two_moves_stand_both_and_the_later_one_is_first(
    app: Flask, desk: FlaskClient, queue: Queue, season: Season
) -> None:
    move_up(desk, queue, queue.dora)
    move_up(desk, queue, queue.eve)
    give_up(app, queue, season)
    assert state(app, queue.eve) is BookingState.OFFERED
    assert len(pages.rows(app, select(QueueMove.id))) == 2


def test_who_asked_for_it_is_taken_off_quietly(app: Flask, desk: FlaskClient, queue: Queue) -> None:
    answer = pages.send(desk, f"/office/waiting/{queue.cato}/off", page=queue.page)
    assert "Cato is off the waiting list." in pages.after(desk, answer)
    assert state(app, queue.cato) is BookingState.GIVEN_UP
    assert MessageKind.GIVEN_UP not in pages.rows(app, select(Message.kind))


def test_taken_off_twice_says_so_and_a_place_she_has_by_now_stays(
    app: Flask, desk: FlaskClient, queue: Queue, season: Season
) -> None:
    give_up(app, queue, season)
    pages.send(desk, f"/office/offers/{queue.cato}", page=queue.page, answer="yes")
    answer = pages.send(desk, f"/office/waiting/{queue.cato}/off", page=queue.page)
    assert "does not wait any more" in pages.after(desk, answer)
    assert state(app, queue.cato) is BookingState.BOOKED


def test_a_place_that_never_was_waited_for_is_no_page(desk: FlaskClient, queue: Queue) -> None:
    for number in (queue.place, 999):
        answer = pages.send(desk, f"/office/waiting/{number}/off", page=queue.page)
        assert answer.status_code == 404
    assert desk.get("/office/sessions/999/waiting").status_code == 404


def test_her_answer_is_noted_from_the_page_and_leads_back_to_it(
    app: Flask, desk: FlaskClient, queue: Queue, season: Season
) -> None:
    give_up(app, queue, season)
    assert "A place is kept for them until" in pages.words(desk.get(queue.page))
    sent = {"page": queue.page, "answer": "no", "session": str(queue.session)}
    answer = pages.send(desk, f"/office/offers/{queue.cato}", **sent)
    assert answer.location == queue.page
    assert "Was asked, and keeps their turn." in pages.after(desk, answer)
    assert state(app, queue.dora) is BookingState.OFFERED


def test_the_page_says_why_somebody_is_passed_over(
    app: Flask, desk: FlaskClient, queue: Queue, make: Builders
) -> None:
    pages.write(app, update(Booking).where(Booking.id == queue.dora).values(party_size=2))
    pages.write(app, update(Person).where(Person.known_as == "Eve").values(status=PersonStatus.PAUSED))
    pages.write(app, update(Person).where(Person.known_as == "Cato").values(notice_hours=48))
    said = pages.words(desk.get(queue.page))
    assert "for two: one free place alone passes to the next" in said
    assert "Asked to be left in peace, so no place is offered meanwhile." in said
    assert "needs 48 hours of notice" in said


def test_today_lists_the_offers_the_one_that_runs_out_first_on_top(
    app: Flask, desk: FlaskClient, queue: Queue, season: Season
) -> None:
    assert "Places that wait for an answer" not in pages.words(desk.get("/office"))
    give_up(app, queue, season)
    page = desk.get("/office")
    assert "Cato, Tea & A Chat Manchester, Wednesday 2 December 2026 : kept until midday" in pages.words(page)
    assert f'href="{queue.page}"' in page.text


def test_today_names_an_offer_whose_clock_stands_still(
    app: Flask, desk: FlaskClient, queue: Queue, season: Season
) -> None:
    pages.write(app, update(Person).where(Person.known_as == "Cato").values(channel=Channel.POST))
    give_up(app, queue, season)
    assert "Wednesday 2 December 2026 : kept until the office has reached them" in pages.words(
        desk.get("/office")
    )


def test_those_told_late_stand_among_the_offers_too(
    app: Flask, queue: Queue, season: Season, clock_at: Callable[[datetime], datetime]
) -> None:
    pages.write(app, update(Booking).where(Booking.id == queue.dora).values(tells_late=True))
    now = clock_at(clock.now() + timedelta(days=9, hours=10))
    give_up(app, queue, season)
    with app.app_context():
        (offer,) = queues.open_offers(now).rows
    assert (offer.booking_id, offer.state, offer.is_from_queue) == (queue.dora, BookingState.WAITING, True)


def test_moving_up_somebody_who_left_a_moment_ago_changes_nothing(
    app: Flask, queue: Queue, season: Season
) -> None:
    with app.app_context():
        eve = db.session.get_one(Booking, queue.eve).person_id or 0
        waiting.leave_waiting_list(queue.eve, eve, clock.now())
        with pytest.raises(NotFound):
            waiting.move_up(queue.eve, "A reason", season.ada, clock.now())
