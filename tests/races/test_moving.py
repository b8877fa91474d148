"""Forty people are booked, reminders are in flight, and the session moves: each is told once, old and new."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock, worker
from booking.models import Message
from booking.models.kinds import CallOutcome, Channel, MessageKind, MessageState, PersonStatus
from booking.queries import told, upkeep
from booking.services import calling_off, delivery, messages, tasks
from booking.services.steps.changing import SessionChange
from tests.support import pages
from tests.support.builders import Builders
from tests.support.smtp import MailServer, mail_server

BY_EMAIL, TO_CALL, BY_POST, PAUSED, DIED = 28, 6, 3, 2, 1


class Hall:
    """Forty people are booked on 26 August; their reminders have been laid out, and some are claimed."""

    def __init__(self, app: Flask, make: Builders) -> None:
        self.app = app
        self.session = make.session(make.series(places_room=60), on=date(2026, 8, 26))
        kinds: list[tuple[int, dict[str, Any]]] = [
            (BY_EMAIL, {}),
            (TO_CALL, {"email": None, "phone": "07700 900123"}),
            (BY_POST, {"channel": Channel.POST}),
            (PAUSED, {"status": PersonStatus.PAUSED}),
            (DIED, {"status": PersonStatus.DIED}),
        ]
        for number, (people, facts) in enumerate(kinds):
            for one in range(people):
                named = f"P{number}x{one}"
                address = {"email": f"{named}@example.org"} | facts
                make.booking(self.session, make.person(named, **address), created_at=EARLY, state_at=EARLY)

    def do(self, deed: Callable[..., Any], *facts: Any) -> Any:
        with self.app.app_context():
            return deed(*facts)

    def move(self, seen: int = 1, **change: Any) -> int:
        moved: int = self.do(
            calling_off.move_session, self.session, SessionChange(**change), 1, clock.now(), seen
        )
        return moved

    def untold(self, deed: int) -> int:
        left: int = self.do(lambda: told.not_told(deed, clock.now()).total)
        return left

    def deliver(self) -> None:
        for _round in range(6):
            self.do(worker.run_once)


EARLY = datetime.fromisoformat("2026-08-01T12:00+00:00")


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def hall(app: Flask, make: Builders, clock_at: Callable[[str], datetime], server: MailServer) -> Hall:
    clock_at("2026-08-24T10:30+01:00")
    there = Hall(app, make)
    told_how = replace(app.extensions["booking.settings"], mail_url=server.url)
    app.extensions["booking.settings"] = told_how
    return there


def test_forty_people_are_told_once_while_reminders_are_in_flight(hall: Hall, server: MailServer) -> None:
    assert hall.do(messages.lay_out_reminders, clock.now()) == BY_EMAIL + TO_CALL + BY_POST
    hall.do(delivery.claim, "another worker", clock.now())
    deed = hall.move(local_date=date(2026, 8, 27))
    assert hall.untold(deed) == BY_EMAIL + TO_CALL + BY_POST + PAUSED
    hall.deliver()
    heard = Counter(str(one.message["To"]) for one in server.delivered)
    assert (len(heard), set(heard.values())) == (BY_EMAIL, {1})
    assert all(str(one.message["Subject"]).startswith("Changed") for one in server.delivered)
    assert hall.untold(deed) == TO_CALL + BY_POST + PAUSED
    for call in hall.do(lambda: told.not_told(deed, clock.now()).calls):
        hall.do(tasks.note_call, call.message_id, CallOutcome.REACHED, 1, clock.now())
    assert hall.untold(deed) == 0
    # He died before anybody could say so at the desk: only the doctor may speak of him.
    assert [problem.split(",")[-1] for problem in hall.do(upkeep.problems)] == [
        " but the record of person 40 is died."
    ]


def test_each_letter_says_old_and_new_and_changes_the_same_event(hall: Hall, server: MailServer) -> None:
    hall.move(local_date=date(2026, 8, 27))
    hall.deliver()
    for one in server.delivered:
        (text,) = [part for part in one.message.walk() if part.get_content_type() == "text/plain"]
        words = " ".join(text.get_content().split())
        assert "was Wednesday 26 August 2026, 1:30pm to 5pm, now Thursday 27 August 2026" in words
        (event,) = [part for part in one.message.walk() if part.get_content_type() == "text/calendar"]
        lines = event.get_payload(decode=True).decode().splitlines()
        assert {"SEQUENCE:4", "METHOD:REQUEST"} <= set(lines)


def test_every_move_changes_the_event_she_has_and_adds_none(hall: Hall, server: MailServer) -> None:
    for seen, day in ((1, 27), (2, 28)):
        hall.move(seen, local_date=date(2026, 8, day))
        hall.deliver()
    events: dict[str, list[tuple[str, int]]] = {}
    for one in server.delivered:
        (event,) = [part for part in one.message.walk() if part.get_content_type() == "text/calendar"]
        lines = event.get_payload(decode=True).decode().splitlines()
        facts = dict(line.split(":", 1) for line in lines if ":" in line)
        hers = events.setdefault(str(one.message["To"]), [])
        hers.append((facts["UID"], int(facts["SEQUENCE"])))
    assert len(events) == BY_EMAIL
    for (first, before), (second, after) in events.values():
        assert first == second
        assert before < after


def test_the_call_list_says_old_and_new_and_nobody_who_died(hall: Hall) -> None:
    deed = hall.move(local_date=date(2026, 8, 27))
    calls = hall.do(lambda: told.not_told(deed, clock.now()).calls)
    assert Counter(call.channel for call in calls) == {Channel.CALL: TO_CALL + PAUSED, Channel.POST: BY_POST}
    for call in calls:
        assert "now on Thursday 27 August 2026" in call.say[0]
        assert call.say[1].startswith("It was on Wednesday 26 August 2026")


def test_of_two_quick_moves_only_the_last_is_told(hall: Hall, server: MailServer) -> None:
    first = hall.move(local_date=date(2026, 8, 27))
    second = hall.move(2, local_date=date(2026, 8, 28))
    assert hall.untold(first) == 0
    hall.deliver()
    assert len(server.delivered) == BY_EMAIL
    words = " ".join(str(server.delivered[0].message.get_body(("plain",)).get_content()).split())
    assert "was Wednesday 26 August 2026, 1:30pm to 5pm, now Friday 28 August 2026" in words
    assert hall.untold(second) == TO_CALL + BY_POST + PAUSED


def test_no_reminder_for_the_old_time_waits_any_more(hall: Hall) -> None:
    hall.do(messages.lay_out_reminders, clock.now())
    hall.move(local_date=date(2026, 8, 27))
    old = select(Message.state).where(Message.kind == MessageKind.REMINDER, Message.schedule_version == 1)
    assert set(pages.rows(hall.app, old)) == {MessageState.WITHDRAWN}
