"""A pause: nothing goes to her by itself, until a day or until she says so."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.messages import outbox
from booking.models import AuditEntry, Booking, Message, Person
from booking.models.kinds import MessageKind, MessageState, PersonStatus
from booking.refusals import InThePast, NotFound
from booking.services import pauses
from tests.support.builders import Builders
from tests.support.pages import rows

STATUS = select(Person.status, Person.paused_until).order_by(Person.id)
WAITING = select(Message.kind).where(Message.state == MessageState.WAITING).order_by(Message.id)


@pytest.fixture(autouse=True)
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-11-22T23:30+00:00")


def lay(app: Flask, person_id: int, booking_id: int, *kinds: MessageKind) -> None:
    with app.app_context():
        person, booking = db.session.get_one(Person, person_id), db.session.get_one(Booking, booking_id)
        for kind in kinds:
            key = f"{kind}:{booking_id}"
            outbox.post(kind, person=person, booking=booking, now=clock.now(), key=key, schedule_version=1)
        db.session.commit()


def test_ann_is_left_in_peace_until_a_day(app: Flask, make: Builders) -> None:
    ann, _ = make.person("Ann"), make.person("Ben")
    with app.app_context():
        pauses.pause(ann, date(2026, 12, 24), ann, clock.now())
    assert rows(app, STATUS) == [(PersonStatus.PAUSED, date(2026, 12, 24)), (PersonStatus.ACTIVE, None)]


def test_reminders_are_withdrawn_and_answers_are_not(app: Flask, make: Builders) -> None:
    ann, ben, session = make.person("Ann"), make.person("Ben"), make.session(starts_in=timedelta(days=2))
    for person in (ann, ben):
        lay(app, person, make.booking(session, person), MessageKind.REMINDER, MessageKind.BOOKED)
    with app.app_context():
        pauses.pause(ann, None, ann, clock.now())
    waiting = [(MessageKind.BOOKED, ann), (MessageKind.REMINDER, ben), (MessageKind.BOOKED, ben)]
    assert rows(app, WAITING.add_columns(Message.person_id)) == waiting


def test_pausing_again_changes_the_day(app: Flask, make: Builders) -> None:
    ann = make.person("Ann")
    with app.app_context():
        pauses.pause(ann, date(2026, 12, 24), ann, clock.now())
        pauses.pause(ann, None, ann, clock.now())
    assert rows(app, STATUS) == [(PersonStatus.PAUSED, None)]


def test_a_pause_that_is_over_is_ended_once(app: Flask, make: Builders) -> None:
    ann, ada = make.person("Ann"), make.admin("Ada")
    with app.app_context():
        pauses.pause(ann, None, ada, clock.now())
        for _ in range(2):
            pauses.unpause(ann, ann, clock.now())
    assert rows(app, STATUS)[0] == (PersonStatus.ACTIVE, None)
    noted = rows(app, select(AuditEntry.actor_id, AuditEntry.action).order_by(AuditEntry.id))
    assert noted == [(ada, "paused"), (ann, "no longer paused")]


@pytest.mark.parametrize("until", [date(2026, 11, 22), date(2025, 1, 1)])
def test_a_day_that_is_not_to_come_is_refused(app: Flask, make: Builders, until: date) -> None:
    ann = make.person("Ann")
    with app.app_context(), pytest.raises(InThePast):
        pauses.pause(ann, until, ann, clock.now())
    assert rows(app, STATUS) == [(PersonStatus.ACTIVE, None)]


@pytest.mark.parametrize("status", [PersonStatus.UNPROVEN, PersonStatus.DIED, PersonStatus.CLOSED])
def test_only_a_proven_record_that_opens_is_paused(app: Flask, make: Builders, status: PersonStatus) -> None:
    gone = make.person("Gone", status=status)
    with app.app_context():
        with pytest.raises(NotFound):
            pauses.pause(gone, None, gone, clock.now())
        with pytest.raises(NotFound):
            pauses.unpause(gone, gone, clock.now())
    assert rows(app, STATUS) == [(status, None)]
