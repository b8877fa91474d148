"""What is laid into the tray, by which channel, and what never is."""

from datetime import timedelta

import pytest
from flask import Flask

from booking import clock
from booking.db import db, transaction
from booking.messages import outbox
from booking.models import Message, Person
from booking.models.kinds import Channel, MessageKind, PersonStatus
from tests.support.builders import Builders


def posted(
    person_id: int, kind: MessageKind = MessageKind.BOOKED, key: str = "booking:1:booked"
) -> str | None:
    """Post and say by which channel it goes."""
    with transaction():
        person = db.session.get_one(Person, person_id)
        message = outbox.post(kind, person=person, now=clock.now(), key=key)
        return message.channel if message else None


def test_a_message_is_laid_once_however_often_it_is_posted(app: Flask, make: Builders) -> None:
    ann = make.person()
    with app.app_context():
        assert posted(ann) == Channel.EMAIL
        assert posted(ann) is None
        assert len(db.session.scalars(db.select(Message)).all()) == 1


def test_a_message_waits_with_a_message_id_of_our_host(app: Flask, make: Builders) -> None:
    ann = make.person()
    with app.app_context():
        posted(ann)
        message = db.session.scalars(db.select(Message)).one()
        assert message.recipient == "ann@example.org"
        assert message.message_id.startswith("<m.")
        assert message.message_id.endswith("@localhost>")


def test_somebody_without_email_becomes_a_call_to_make(app: Flask, make: Builders) -> None:
    ben = make.person("Ben", email=None, phone="07700 900123")
    with app.app_context():
        assert posted(ben) == Channel.CALL


def test_somebody_who_wishes_for_calls_is_called(app: Flask, make: Builders) -> None:
    ben = make.person("Ben", phone="07700 900123", channel=Channel.CALL)
    with app.app_context():
        assert posted(ben) == Channel.CALL


@pytest.mark.parametrize("status", [PersonStatus.DIED, PersonStatus.CLOSED, PersonStatus.MERGED])
def test_nothing_is_laid_for_somebody_who_must_not_be_written_to(
    app: Flask, make: Builders, status: PersonStatus
) -> None:
    ann = make.person(status=status)
    with app.app_context():
        assert posted(ann) is None


def test_somebody_paused_is_not_reminded_but_a_human_tells_her_of_a_cancellation(
    app: Flask, make: Builders
) -> None:
    ann = make.person(status=PersonStatus.PAUSED)
    with app.app_context():
        assert posted(ann, MessageKind.REMINDER, "r") is None
        assert posted(ann, MessageKind.SESSION_CANCELLED, "c") == Channel.CALL
        assert posted(ann, MessageKind.BOOKED, "b") == Channel.EMAIL


def test_a_pause_ends_on_its_day(app: Flask, make: Builders) -> None:
    today = clock.now().date()
    ann = make.person(status=PersonStatus.PAUSED, paused_until=today - timedelta(days=1))
    with app.app_context():
        assert posted(ann, MessageKind.REMINDER, "r") == Channel.EMAIL


def test_an_unproven_address_gets_no_second_letter(app: Flask, make: Builders) -> None:
    ann = make.person(status=PersonStatus.UNPROVEN)
    with app.app_context():
        assert posted(ann, MessageKind.SESSION_CHANGED, "s") is None
        assert posted(ann, MessageKind.CONFIRM_EMAIL, "c") == Channel.EMAIL
