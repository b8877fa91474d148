"""Somebody has died: nothing more is sent, nobody waits for her, and a mistake can be taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.db import db, transaction
from booking.messages import outbox
from booking.models import Booking, DeedStep, Message, Person, SeriesFacilitator, SignIn, Task
from booking.models.kinds import (
    Attendance,
    BookingState,
    Channel,
    MessageKind,
    MessageState,
    PersonStatus,
    TaskKind,
)
from booking.refusals import NotAboutYourself, NotFound, RecordIsShut, TooLateToTakeBack, YourRecordIsShut
from booking.services import deaths, delivery, messages, pauses
from booking.services.steps import tasks
from tests.support import pages
from tests.support.builders import Builders

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Office:
    """Ann is booked next week and came last week; Fay leads the group; Ada is in the office."""

    app: Flask
    make: Builders
    ann: int
    fay: int
    ada: int
    session: int
    booking: int
    past: int

    def died(self, person_id: int = 0) -> int:
        with self.app.app_context():
            return deaths.mark_died(person_id or self.ann, self.ada, clock.now())

    def undo(self) -> tuple[list[int], list[int]]:
        with self.app.app_context():
            return deaths.undo_death(self.ann, self.ada, clock.now())

    def post(self, kind: MessageKind, booking_id: int, person_id: int, **facts: Any) -> int:
        with self.app.app_context(), transaction():
            booking = db.session.get_one(Booking, booking_id)
            person = db.session.get_one(Person, person_id)
            key = f"{kind}:{booking_id}"
            posted = outbox.post(
                kind, person=person, booking=booking, now=clock.now(), key=key, schedule_version=1
            )
            assert posted is not None
            for name, value in facts.items():
                setattr(posted, name, value)
            return posted.id

    def state(self, booking_id: int = 0) -> BookingState:
        return pages.rows(self.app, select(Booking.state).where(Booking.id == (booking_id or self.booking)))[
            0
        ]

    def change(self, row: type[Any], row_id: int, **facts: Any) -> None:
        with self.app.app_context():
            for name, value in facts.items():
                setattr(db.session.get_one(row, row_id), name, value)
            db.session.commit()


@pytest.fixture
def office(app: Flask, make: Builders, clock_at: Callable[[datetime], datetime]) -> Office:
    clock_at(NOON)
    ann, fay, ada = make.person("Ann"), make.facilitator("Fay"), make.admin("Ada")
    series = make.series(places_room=2)
    session = make.session(series, starts_in=7 * DAY, led_by=(fay,))
    booking = make.booking(session, ann, created_at=NOON - 9 * DAY, state_at=NOON - 9 * DAY)
    past = make.booking(make.session(series, starts_in=-7 * DAY), ann, attendance=Attendance.CAME)
    with app.app_context():
        db.session.add(SeriesFacilitator(series_id=series, person_id=fay))
        db.session.commit()
    return Office(app, make, ann, fay, ada, session, booking, past)


def test_her_places_are_given_up_and_her_past_stays(office: Office) -> None:
    office.died()
    assert office.state() is BookingState.GIVEN_UP
    came = select(Booking.attendance).where(Booking.id == office.past)
    assert pages.rows(office.app, came) == [Attendance.CAME]
    assert pages.rows(office.app, select(Person.full_name).where(Person.id == office.ann)) == ["Ann Example"]


@pytest.mark.parametrize("status", [PersonStatus.DIED, PersonStatus.CLOSED, PersonStatus.MERGED])
def test_whoever_does_not_open_any_more_records_nothing(office: Office, status: PersonStatus) -> None:
    office.change(Person, office.ada, status=status)
    with pytest.raises(YourRecordIsShut):
        office.died()
    assert office.state() is BookingState.BOOKED


@pytest.mark.parametrize("was", [BookingState.WAITING, BookingState.OFFERED, BookingState.HELD])
def test_waiting_and_offers_and_holds_end_too(office: Office, was: BookingState) -> None:
    office.change(Booking, office.booking, state=was)
    office.died()
    assert office.state() is BookingState.GIVEN_UP


def test_what_waits_for_her_is_withdrawn_and_what_waits_for_ben_is_not(office: Office) -> None:
    ben = office.make.person("Ben", email="ann@example.org")
    bens = office.post(MessageKind.BOOKED, office.make.booking(office.session, ben), ben)
    anns = office.post(MessageKind.BOOKED, office.booking, office.ann)
    call = office.post(MessageKind.SESSION_CHANGED, office.booking, office.ann, channel=Channel.CALL)
    office.died()
    states = dict(pages.rows(office.app, select(Message.id, Message.state)))
    assert states == {
        bens: MessageState.WAITING,
        anns: MessageState.WITHDRAWN,
        call: MessageState.WITHDRAWN,
    }


def test_a_letter_that_is_already_leaving_is_named_on_the_page(office: Office, client: FlaskClient) -> None:
    leaving = {"state": MessageState.SENDING, "began_at": NOON, "leased_until": NOON + DAY, "leased_by": "w"}
    office.post(MessageKind.REMINDER, office.booking, office.ann, **leaving)
    office.died()
    desk = office.make.sign_in(client, office.ada)
    page = pages.words(desk.get(f"/office/people/{office.ann}/died"))
    assert "One letter was already leaving" in page
    assert "“Reminder”, sending began on Wednesday 4 March 2026 at midday" in page


def test_she_is_signed_out_everywhere(office: Office, client: FlaskClient) -> None:
    phone = office.make.sign_in(client, office.ann)
    office.died()
    assert phone.get("/me").status_code == 303
    assert pages.rows(office.app, select(SignIn.id).where(SignIn.ended_at.is_(None))) == []


def test_the_host_of_her_group_is_asked_to_speak_with_the_office_once(office: Office) -> None:
    office.died()
    office.died()
    asked = select(Task.for_person_id).where(Task.kind == TaskKind.SPEAK_WITH_OFFICE)
    assert pages.rows(office.app, asked) == [office.fay]
    assert len(pages.rows(office.app, select(DeedStep.id).where(DeedStep.row_kind == "person"))) == 1


def test_a_call_about_her_is_off_the_list(office: Office) -> None:
    with office.app.app_context(), transaction():
        task = tasks.ask(TaskKind.MOVEMENT_CALL, clock.now(), person_id=office.ann)
    office.died()
    assert pages.rows(office.app, select(Task.settled_by).where(Task.id == task)) == [office.ada]


def test_nobody_records_her_own_death_or_that_of_a_closed_record(office: Office) -> None:
    with pytest.raises(NotAboutYourself):
        office.died(office.ada)
    office.change(Person, office.ann, status=PersonStatus.CLOSED)
    with pytest.raises(RecordIsShut):
        office.died()
    with pytest.raises(NotFound):
        office.died(999_999)


def test_a_mistake_is_taken_back_with_her_places(office: Office) -> None:
    office.died()
    assert office.undo() == ([office.booking], [])
    assert office.state() is BookingState.BOOKED
    assert pages.rows(office.app, select(Person.status).where(Person.id == office.ann)) == [
        PersonStatus.ACTIVE
    ]
    assert pages.rows(office.app, select(Task.id).where(Task.settled_at.is_(None))) == []
    assert office.undo() == ([], [])


def test_a_place_that_was_taken_meanwhile_is_not_put_back(office: Office, client: FlaskClient) -> None:
    office.died()
    for name in ("Ben", "Bea"):
        office.make.booking(office.session, office.make.person(name))
    assert office.undo() == ([], [office.booking])
    desk = office.make.sign_in(client, office.ada)
    assert "could not be put back" in pages.words(desk.get(f"/office/people/{office.ann}/died"))


def test_messages_are_not_replayed_but_later_reminders_come(
    office: Office, clock_at: Callable[[datetime], datetime]
) -> None:
    letter = office.post(MessageKind.BOOKED, office.booking, office.ann)
    office.died()
    # Two days before at 10am has passed when the mistake is seen; the next morning has not.
    office.change(Person, office.ann, remind_that_morning=True)
    clock_at(NOON + 5 * DAY + timedelta(hours=1))
    office.undo()
    assert reminders(office) == []
    clock_at(NOON + 7 * DAY - timedelta(hours=3))
    assert reminders(office) == [f"booking:{office.booking}:reminder:that_morning:v1"]
    assert pages.rows(office.app, select(Message.state).where(Message.id == letter)) == [
        MessageState.WITHDRAWN
    ]


def reminders(office: Office) -> list[str]:
    with office.app.app_context():
        messages.lay_out_reminders(clock.now())
    return pages.rows(office.app, select(Message.dedupe_key).where(Message.kind == MessageKind.REMINDER))


def test_after_thirty_days_it_stands(office: Office, clock_at: Callable[[datetime], datetime]) -> None:
    office.died()
    clock_at(NOON + 30 * DAY)
    with pytest.raises(TooLateToTakeBack):
        office.undo()


def test_a_living_persons_death_cannot_be_taken_back(office: Office) -> None:
    with pytest.raises(NotFound):
        office.undo()


def test_the_office_reads_what_will_happen_before_it_does(office: Office, client: FlaskClient) -> None:
    desk, here = office.make.sign_in(client, office.ada), f"/office/people/{office.ann}/died"
    page = pages.words(desk.get(here))
    assert "One place is given up. Nobody is told." in page
    assert "Fay, Tea & A Chat Manchester" in page
    assert office.state() is BookingState.BOOKED
    done = pages.after(desk, pages.send(desk, here))
    assert "Recorded on Wednesday 4 March 2026 by Ada." in done
    undone = pages.after(desk, pages.send(desk, f"{here}/undo", page=here))
    assert "Taken back. 1 place was put back." in undone


def test_a_patient_reaches_none_of_it(office: Office, client: FlaskClient) -> None:
    phone = office.make.sign_in(client, office.fay)
    for path in ("died", "pause"):
        assert phone.get(f"/office/people/{office.ann}/{path}").status_code == 404


def test_the_office_pauses_somebody_and_writes_again(office: Office, client: FlaskClient) -> None:
    desk, here = office.make.sign_in(client, office.ada), f"/office/people/{office.ann}/pause"
    pages.send(desk, here)
    assert pages.rows(office.app, select(Person.status).where(Person.id == office.ann)) == [
        PersonStatus.PAUSED
    ]
    assert "Letters are paused until somebody ends it." in pages.words(desk.get(here))
    pages.send(desk, f"/office/people/{office.ann}/unpause", page=here)
    assert pages.rows(office.app, select(Person.status).where(Person.id == office.ann)) == [
        PersonStatus.ACTIVE
    ]


def test_a_reminder_in_a_workers_hand_does_not_begin_once_she_is_paused(office: Office) -> None:
    held = {"state": MessageState.SENDING, "leased_by": "w", "leased_until": NOON + DAY}
    reminder = office.post(MessageKind.REMINDER, office.booking, office.ann, **held)
    with office.app.app_context():
        pauses.pause(office.ann, None, office.ada, clock.now())
        assert not delivery.begins(reminder, "w", clock.now())
    assert pages.rows(office.app, select(Message.state)) == [MessageState.WITHDRAWN]


def test_a_change_in_a_workers_hand_goes_back_to_become_a_call_once_she_is_paused(office: Office) -> None:
    held = {"state": MessageState.SENDING, "leased_by": "w", "leased_until": NOON + DAY}
    change = office.post(MessageKind.SESSION_CHANGED, office.booking, office.ann, **held)
    with office.app.app_context():
        pauses.pause(office.ann, None, office.ada, clock.now())
        assert not delivery.begins(change, "w", clock.now())
    assert pages.rows(office.app, select(Message.state)) == [MessageState.WAITING]
