"""Whoever wishes for text messages gets them, short and discreet, and nothing else waits for them."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from booking import clock, worker
from booking.db import db
from booking.models import Booking, MailboxLetter, Message, Person
from booking.models.kinds import BookingState, Channel, MessageKind, MessageState, PersonStatus
from booking.rules.discreet import holds_forbidden
from tests.letters.desk import Desk
from tests.support.pages import rows
from tests.support.smtp import Stall, free_port, mail_server
from tests.support.texts import Provider, provider

ON_ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def there() -> Iterator[Provider]:
    with provider() as running:
        yield running


@pytest.fixture
def desk(desk: Desk, there: Provider) -> Desk:
    """Ann has a place, a mobile phone, and wishes for text messages."""
    told(desk, text_url=there.url)
    desk.place()
    desk.person_id = wisher(desk, "Tess")
    desk.booking_id = desk.make.booking(desk.session_id, desk.person_id)
    return desk


def told(desk: Desk, **settings: Any) -> None:
    desk.app.extensions["booking.settings"] = replace(desk.app.extensions["booking.settings"], **settings)


def wisher(desk: Desk, name: str, **facts: Any) -> int:
    facts = {"phone": "07700 900123", "channel": Channel.TEXT} | facts
    return desk.make.person(name, **facts)


def work(desk: Desk) -> None:
    with desk.app.app_context():
        worker.run_once()


def one_round(desk: Desk) -> None:
    """Work without listening for signals, which only a main thread may."""
    with desk.app.app_context():
        worker.one_round(worker.hire())


def message(desk: Desk, message_id: int) -> tuple[str, str, str]:
    asked = db.select(Message.channel, Message.state, Message.why).where(Message.id == message_id)
    with desk.app.app_context():
        channel, state, why = db.session.execute(asked).one()
        return channel, state, why


def test_a_confirmation_leaves_as_one_short_message(desk: Desk, there: Provider) -> None:
    posted = desk.post(MessageKind.BOOKED)
    work(desk)
    work(desk)
    (text,) = there.accepted
    assert text["to"] == "+447700900123"
    assert "1:30pm" in text["text"]
    assert "\n" not in text["text"]
    assert message(desk, posted)[:2] == (Channel.TEXT, MessageState.SENT)


@pytest.mark.parametrize("before", [Channel.TEXT, Channel.EMAIL])
def test_what_goes_by_another_channel_today_leaves_in_the_same_round(
    desk: Desk, there: Provider, before: Channel
) -> None:
    """Also where that channel had nothing to do and was done with its round."""
    now = Channel.EMAIL if before is Channel.TEXT else Channel.TEXT
    desk.change(Person, desk.person_id, channel=before)
    posted = [desk.post(MessageKind.BOOKED), desk.post(MessageKind.GIVEN_UP)]
    desk.change(Booking, desk.booking_id, state=BookingState.GIVEN_UP)
    desk.change(Person, desk.person_id, channel=now)
    work(desk)
    assert message(desk, posted[1])[:2] == (now, MessageState.SENT)
    assert message(desk, posted[0])[1] == MessageState.WITHDRAWN


def test_a_session_with_a_health_word_in_its_name_is_named_discreetly(desk: Desk, there: Provider) -> None:
    series = desk.make.series("Secondary breast cancer tea")
    desk.session_id = desk.make.session(series, starts_in=timedelta(days=9))
    desk.booking_id = desk.make.booking(desk.session_id, desk.person_id)
    desk.post(MessageKind.BOOKED)
    work(desk)
    (text,) = there.accepted
    assert not holds_forbidden(text["text"])


@pytest.mark.parametrize(
    ("facts", "channel"),
    [
        ({}, Channel.TEXT),
        ({"phone": "0113 496 0123"}, Channel.EMAIL),
        ({"phone": "0113 496 0123", "email": None}, Channel.CALL),
        ({"phone": None}, Channel.EMAIL),
        ({"phone": "+353 85 012 3456"}, Channel.TEXT),
    ],
    ids=["mobile", "landline", "landline alone", "email alone", "irish mobile"],
)
@ON_ONE_DATABASE
def test_a_text_message_needs_a_phone_that_takes_one(
    desk: Desk, facts: dict[str, Any], channel: Channel
) -> None:
    desk.person_id = wisher(desk, "Una", **facts)
    desk.booking_id = desk.make.booking(desk.session_id, desk.person_id)
    assert message(desk, desk.post(MessageKind.BOOKED))[0] == channel


@ON_ONE_DATABASE
def test_where_nobody_sends_texts_she_reads_her_email(desk: Desk, there: Provider) -> None:
    before = desk.post(MessageKind.BOOKED)
    told(desk, text_url="")
    after = desk.post(MessageKind.REMINDER, due_at=clock.now())
    assert message(desk, after)[0] == Channel.EMAIL
    work(desk)
    # What was laid for the provider that is gone meanwhile goes as a letter, too.
    assert message(desk, before)[:2] == (Channel.EMAIL, MessageState.SENT)
    assert there.asked == []


def test_a_provider_that_is_away_loses_nothing(
    desk: Desk, there: Provider, clock_at: Callable[[datetime], datetime]
) -> None:
    url = desk.app.extensions["booking.settings"].text_url
    told(desk, text_url=f"http://127.0.0.1:{free_port()}/")
    posted = desk.post(MessageKind.BOOKED)
    work(desk)
    assert message(desk, posted) == (Channel.TEXT, MessageState.WAITING, "ConnectionRefusedError")
    told(desk, text_url=url)
    clock_at(clock.now() + timedelta(seconds=10))
    work(desk)
    assert len(there.accepted) == 1


@pytest.mark.parametrize(
    ("status", "state"),
    [(400, MessageState.FAILED), (500, MessageState.WAITING), (None, MessageState.WAITING)],
)
@ON_ONE_DATABASE
def test_the_providers_status_decides(desk: Desk, there: Provider, status: int | None, state: str) -> None:
    there.answers.append(status)
    posted = desk.post(MessageKind.BOOKED)
    work(desk)
    assert message(desk, posted)[1] == state


def test_a_second_try_is_the_same_message_to_the_provider(
    desk: Desk, there: Provider, clock_at: Callable[[datetime], datetime]
) -> None:
    there.answers.append(None)
    desk.post(MessageKind.BOOKED)
    work(desk)
    clock_at(clock.now() + timedelta(minutes=1))
    work(desk)
    first, second = (headers["Idempotency-Key"] for headers in there.headers)
    assert first == second


@ON_ONE_DATABASE
def test_whoever_died_after_laying_out_gets_no_text_message(desk: Desk, there: Provider) -> None:
    posted = desk.post(MessageKind.BOOKED)
    desk.change(Person, desk.person_id, status=PersonStatus.DIED)
    work(desk)
    assert there.asked == []
    assert message(desk, posted)[1] == MessageState.WITHDRAWN


@ON_ONE_DATABASE
def test_whoever_wishes_for_email_by_now_gets_a_letter(desk: Desk, there: Provider) -> None:
    posted = desk.post(MessageKind.BOOKED)
    desk.change(Person, desk.person_id, channel=Channel.EMAIL)
    work(desk)
    assert there.asked == []
    assert message(desk, posted)[:2] == (Channel.EMAIL, MessageState.SENT)


def test_a_silent_mail_server_holds_up_no_text_message(desk: Desk, there: Provider) -> None:
    letters = desk.make.booking(desk.session_id, desk.make.person("Ann"))
    desk.post(MessageKind.BOOKED)
    desk.booking_id = letters
    desk.post(MessageKind.BOOKED)
    with mail_server() as silent:
        silent.otherwise = Stall(1.0)
        desk.send_through(silent.url)
        working = threading.Thread(target=lambda: one_round(desk))
        working.start()
        until = time.monotonic() + 10
        while not there.accepted and time.monotonic() < until:
            time.sleep(0.02)
        assert (len(there.accepted), len(silent.delivered)) == (1, 0)
        working.join()


@ON_ONE_DATABASE
def test_in_development_she_reads_it_in_the_mailbox(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    told(desk, text_url="console://")
    desk.post(MessageKind.BOOKED)
    work(desk)
    said = capsys.readouterr().out
    assert said.startswith("Text message to +447700900123: ")
    kept = rows(desk.app, db.select(MailboxLetter.text))
    assert said.endswith(f"{kept[0]}\n")
    listed = desk.app.test_client().get("/mailbox.json").get_json()
    assert [(one["to"], one["subject"]) for one in listed] == [("+447700900123", "Text message")]
    page = desk.app.test_client().get(f"/mailbox/{listed[0]['id']}").get_data(as_text=True)
    assert "See the letter as it looks" not in page
