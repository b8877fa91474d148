"""What is kept for how long: it goes when its time has come, not a day before, and nothing else with it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock, worker
from booking.db import db
from booking.models import (
    AuditEntry,
    Booking,
    CallNote,
    Consent,
    ContactPoint,
    EmailLink,
    EmergencyContact,
    Message,
    MovementCheckIn,
    Person,
    SignIn,
    Task,
)
from booking.models.kinds import (
    Attendance,
    BookingState,
    CallOutcome,
    Channel,
    ConsentHow,
    ConsentPurpose,
    LinkPurpose,
    MessageKind,
    MessageState,
    PersonStatus,
    Role,
    TaskKind,
)
from booking.queries import retention as asked
from booking.rules.retention import Kept
from booking.services import messages, retention
from tests.support.builders import Builders
from tests.support.pages import rows

Keep = Callable[..., int]
LONG_AGO = timedelta(days=1500)


@pytest.fixture(autouse=True)
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-08-06T12:00+01:00")


@pytest.fixture
def keep(app: Flask) -> Keep:
    """Keep a row of any kind; `age` is how long ago its moment was."""
    numbers = iter(range(1000))

    def add(row: type[Any], *moments: str, age: timedelta, **facts: Any) -> int:
        with app.app_context():
            if row is Message:
                number = next(numbers)
                facts = _message(number) | facts
            added = row(**facts, **dict.fromkeys(moments, clock.now() - age))
            db.session.add(added)
            db.session.commit()
            row_id: int = added.id
            return row_id

    return add


def _message(number: int) -> dict[str, Any]:
    return {
        "kind": MessageKind.REMINDER,
        "channel": Channel.EMAIL,
        "state": MessageState.SENT,
        "dedupe_key": f"test:{number}",
        "message_id": f"<{number}@example.org>",
    }


def sweep(app: Flask) -> dict[Kept, int]:
    """Let go of everything that is due, and say how much the preview named before."""
    with app.app_context():
        named = asked.preview(clock.now())
        gone = {kind: retention.forget(kind, clock.now()) for kind in Kept}
        assert gone == named
        return {kind: count for kind, count in named.items() if count}


def days(number: int) -> timedelta:
    return timedelta(days=number)


SENT = ("created_at", "due_at", "sent_at")


def test_messages_go_after_ninety_days_with_their_call_notes(app: Flask, make: Builders, keep: Keep) -> None:
    ann, ada = make.person("Ann"), make.admin("Ada")
    old = keep(Message, *SENT, age=days(91), person_id=ann)
    fresh = keep(Message, *SENT, age=days(89), person_id=ann)
    for message_id in (old, fresh):
        keep(
            CallNote,
            "noted_at",
            age=days(91),
            message_id=message_id,
            outcome=CallOutcome.REACHED,
            noted_by=ada,
        )
    assert sweep(app) == {Kept.MESSAGES: 1}
    assert rows(app, select(Message.id)) == rows(app, select(CallNote.message_id)) == [fresh]


@pytest.mark.parametrize("state", [MessageState.FAILED, MessageState.WITHDRAWN])
def test_what_never_left_goes_by_its_age(app: Flask, make: Builders, keep: Keep, state: MessageState) -> None:
    keep(Message, "created_at", "due_at", age=days(91), person_id=make.person(), state=state)
    assert sweep(app) == {Kept.MESSAGES: 1}


@pytest.mark.parametrize("state", [MessageState.WAITING, MessageState.SENDING])
def test_what_still_waits_is_never_lost(app: Flask, make: Builders, keep: Keep, state: MessageState) -> None:
    keep(Message, "created_at", "due_at", age=days(200), person_id=make.person(), state=state)
    assert sweep(app) == {}


def test_what_was_said_about_a_session_to_come_stays(app: Flask, make: Builders, keep: Keep) -> None:
    ann = make.person("Ann")
    soon, over = make.session(starts_in=days(30)), make.session(starts_in=days(-30))
    said = keep(Message, *SENT, age=days(91), person_id=ann, booking_id=make.booking(soon, ann))
    keep(Message, *SENT, age=days(91), person_id=ann, booking_id=make.booking(over, ann))
    assert sweep(app) == {Kept.MESSAGES: 1}
    assert rows(app, select(Message.id)) == [said]


def test_letting_go_of_messages_reminds_nobody_anew(
    app: Flask, make: Builders, keep: Keep, clock_at: Callable[[datetime], datetime]
) -> None:
    session = make.session(starts_in=days(2))
    long_ago = clock.now() - days(200)
    make.booking(session, make.person("Ann"), created_at=long_ago, state_at=long_ago)
    with app.app_context():
        assert messages.lay_out_reminders(clock.now()) == 1
    for passed in (days(3), days(100), days(400)):
        clock_at(clock.now() + passed)
        sweep(app)
        with app.app_context():
            assert messages.lay_out_reminders(clock.now()) == 0


def test_links_go_ninety_days_after_they_ended(app: Flask, make: Builders, keep: Keep) -> None:
    facts = {
        "purpose": LinkPurpose.SIGN_IN,
        "address": "ann@example.org",
        "address_key": "ann@example.org",
        "nonce": "n",
    }
    keep(EmailLink, "created_at", "expires_at", age=days(91), **facts)
    named = keep(EmailLink, "created_at", "expires_at", age=days(91), **facts)
    keep(Message, *SENT, age=days(89), link_id=named)
    fresh = keep(EmailLink, "created_at", "expires_at", age=days(89), **facts)
    assert sweep(app) == {Kept.LINKS: 1}
    assert rows(app, select(EmailLink.id).order_by(EmailLink.id)) == [named, fresh]


def test_ended_sign_ins_go_and_her_last_one_stays(app: Flask, make: Builders, keep: Keep) -> None:
    ann = make.person("Ann")
    for number, ago in enumerate((200, 150, 100)):
        keep(
            SignIn,
            "created_at",
            "expires_at",
            "ended_at",
            age=days(ago),
            person_id=ann,
            public_id=f"s{number}",
        )
    assert sweep(app) == {Kept.SIGN_INS: 2}
    assert rows(app, select(SignIn.public_id)) == ["s2"]


def test_movement_check_ins_go_after_twelve_months(app: Flask, make: Builders, keep: Keep) -> None:
    ann = make.person("Ann")
    keep(MovementCheckIn, "answered_at", age=days(366), person_id=ann)
    fresh = keep(MovementCheckIn, "answered_at", age=days(364), person_id=ann)
    assert sweep(app) == {Kept.MOVEMENT: 1}
    assert rows(app, select(MovementCheckIn.id)) == [fresh]


def test_an_emergency_contact_goes_twelve_months_after_the_last_booking(
    app: Flask, make: Builders, keep: Keep
) -> None:
    ann, ben, bea = make.person("Ann"), make.person("Ben"), make.person("Bea")
    old = {"created_at": clock.now() - days(500), "state_at": clock.now() - days(500)}
    make.booking(make.session(starts_in=days(-364)), ann, **old)
    make.booking(make.session(starts_in=days(-367)), ben, **old)
    for person_id in (ann, ben):
        keep(EmergencyContact, "saved_at", age=days(500), person_id=person_id, name="Carl", phone="07700")
    keep(EmergencyContact, "saved_at", age=days(300), person_id=bea, name="Dora", phone="07700")
    assert sweep(app) == {Kept.EMERGENCY: 1}
    assert rows(app, select(EmergencyContact.person_id).order_by(EmergencyContact.id)) == [ann, bea]


def test_what_somebody_wrote_goes_twelve_months_after_it_was_settled(
    app: Flask, make: Builders, keep: Keep
) -> None:
    facts = {"kind": TaskKind.DEATH_REPORTED, "words": "My sister", "reply_to": "carl@example.org"}
    for settled in (days(366), days(364)):
        keep(Task, "created_at", "settled_at", age=settled, **facts)
    keep(Task, "created_at", age=days(900), **facts)
    assert sweep(app) == {Kept.TASK_WORDS: 1}
    assert rows(app, select(Task.words).order_by(Task.id)) == ["", "My sister", "My sister"]


def test_the_name_of_somebody_who_walked_in_goes_after_two_years(app: Flask, make: Builders) -> None:
    walked_in = {"walk_in_name": "Stella", "attendance": Attendance.WALKED_IN}
    for ago in (740, 700):
        make.booking(make.session(starts_in=days(-ago)), None, **walked_in)
    assert sweep(app) == {Kept.WALK_IN_NAMES: 1}
    assert rows(app, select(Booking.walk_in_name).order_by(Booking.id)) == ["", "Stella"]


def test_the_audit_goes_after_two_years(app: Flask, keep: Keep) -> None:
    for ago in (days(740), days(720)):
        keep(AuditEntry, "at", age=ago, action="place booked", subject="booking:1")
    assert sweep(app) == {Kept.AUDIT: 1}


def _long_gone(make: Builders, name: str = "Ann", **facts: Any) -> int:
    then = clock.now() - LONG_AGO
    person = make.person(name, created_at=then, **facts)
    came = {"created_at": then, "state_at": then, "attendance": Attendance.CAME}
    make.booking(make.session(starts_in=-days(740)), person, **came)
    return person


def test_after_two_years_of_silence_her_name_goes_and_her_attendance_stays(
    app: Flask, make: Builders
) -> None:
    ann = _long_gone(make)
    assert sweep(app) == {Kept.PEOPLE: 1}
    assert rows(app, select(Person.full_name, Person.known_as, Person.status)) == [
        ("", "", PersonStatus.CLOSED)
    ]
    assert rows(app, select(ContactPoint.id)) == []
    assert rows(app, select(Booking.person_id, Booking.attendance, Booking.state)) == [
        (ann, Attendance.CAME, BookingState.BOOKED)
    ]
    entry = select(AuditEntry.actor_id, AuditEntry.action, AuditEntry.subject)
    assert rows(app, entry) == [(None, "record emptied", f"person:{ann}")]
    assert sweep(app) == {}


def test_somebody_who_died_stays_somebody_who_died(app: Flask, make: Builders) -> None:
    _long_gone(make, status=PersonStatus.DIED)
    assert sweep(app) == {Kept.PEOPLE: 1}
    assert rows(app, select(Person.known_as, Person.status)) == [("", PersonStatus.DIED)]


def test_a_host_who_died_is_not_kept_for_ever_and_one_who_lives_is(app: Flask, make: Builders) -> None:
    _long_gone(make, status=PersonStatus.DIED, roles=(Role.FACILITATOR,))
    _long_gone(make, "Gil", roles=(Role.FACILITATOR,))
    assert sweep(app) == {Kept.PEOPLE: 1}
    assert rows(app, select(Person.known_as).order_by(Person.id)) == ["", "Gil"]


def _signs(make: Builders, keep: Keep, ann: int) -> dict[str, Callable[[], object]]:
    almost = days(720)
    person = {"person_id": ann}
    return {
        "booked": lambda: make.booking(make.session(starts_in=-almost), ann),
        "signed in": lambda: keep(SignIn, "created_at", "expires_at", age=almost, public_id="s", **person),
        "was written to": lambda: keep(Message, *SENT, age=almost, **person),
        "agreed": lambda: keep(
            Consent,
            "given_at",
            age=almost,
            purpose=ConsentPurpose.PHOTOS,
            how=ConsentHow.SPOKEN,
            wording_version="2026-11",
            **person,
        ),
        "was spoken with": lambda: keep(
            AuditEntry, "at", age=almost, action="details changed", subject=f"person:{ann}"
        ),
        "did something": lambda: keep(
            AuditEntry, "at", age=almost, action="place booked", subject="booking:1", actor_id=ann
        ),
        "waits for an answer": lambda: keep(
            Task, "created_at", age=LONG_AGO, kind=TaskKind.COMPLAINT, **person
        ),
    }


SIGNS = [
    "booked",
    "signed in",
    "was written to",
    "agreed",
    "was spoken with",
    "did something",
    "waits for an answer",
]


@pytest.mark.parametrize("sign", SIGNS)
def test_one_sign_of_contact_keeps_her_name(app: Flask, make: Builders, keep: Keep, sign: str) -> None:
    ann = _long_gone(make)
    _signs(make, keep, ann)[sign]()
    assert Kept.PEOPLE not in sweep(app)
    assert rows(app, select(Person.known_as)) == ["Ann"]


def test_hosts_and_the_office_are_not_emptied(app: Flask, make: Builders) -> None:
    make.admin("Ada", created_at=clock.now() - LONG_AGO)
    make.facilitator("Fay", created_at=clock.now() - LONG_AGO)
    assert sweep(app) == {}


def test_the_preview_is_what_the_worker_takes_and_looking_takes_nothing(
    app: Flask, keep: Keep, make: Builders
) -> None:
    for _number in range(3):
        keep(AuditEntry, "at", age=days(740), action="place booked", subject="booking:1")
    looking = app.test_cli_runner().invoke(args=["retention"])
    assert "       3  lines of the audit log, after 24 months" in looking.output
    assert len(rows(app, select(AuditEntry.id))) == 3
    with app.app_context():
        worker.run_once()
    assert rows(app, select(AuditEntry.id)) == []


def test_the_command_lets_go_of_all_of_it_batch_by_batch(
    app: Flask, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_A_TIME", 2)
    for _number in range(5):
        keep(AuditEntry, "at", age=days(740), action="place booked", subject="booking:1")
    assert app.test_cli_runner().invoke(args=["retention", "--run"]).exit_code == 0
    assert rows(app, select(AuditEntry.id)) == []
