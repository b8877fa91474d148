"""Somebody dies while she is booked, signed in or merged, and while workers are in the middle of sending."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, select

from booking import clock, worker
from booking.db import db, transaction
from booking.models import Booking, DeedStep, Message, Person, ReversibleDeed, SignIn
from booking.models.kinds import LIVE, LinkPurpose, MessageKind, MessageState, PersonStatus
from booking.rules.tokens import make_token
from booking.services import deaths, delivery
from booking.services.steps import links, silence
from tests.crash import driver
from tests.crash.story import Story, story
from tests.letters.desk import Desk
from tests.support.builders import Builders
from tests.support.databases import SECRET_KEY
from tests.support.pages import rows
from tests.support.smtp import MailServer, Stall, mail_server

pytestmark = pytest.mark.race
Race = Callable[..., Counter[str]]
MANY = 12
GONE = (PersonStatus.DIED, PersonStatus.MERGED)
LIVE_OF_THE_GONE = (
    select(Booking.id).join(Booking.person).where(Booking.state.in_(LIVE), Person.status.in_(GONE))
)
SIGNED_IN_AFTERWARDS = (
    select(SignIn.id)
    .join(Person, Person.id == SignIn.person_id)
    .where(SignIn.ended_at.is_(None), Person.status == PersonStatus.DIED)
)


def goes_wrong(
    app: Flask, race: Race, deeds: Callable[[], list[dict[str, Any]]], damage: Select[Any]
) -> bool:
    """Say whether a race without the person's lock does harm: one round may miss the moment, six do not."""
    for _round in range(6):
        race(deeds(), without="person lock")
        if rows(app, damage):
            return True
    return False


@pytest.fixture
def dying(make: Builders) -> list[dict[str, Any]]:
    return to_die_while_booking(make)


def to_die_while_booking(make: Builders) -> list[dict[str, Any]]:
    """People who each book something while the office records their death."""
    ada, deeds = make.admin("Ada"), []
    for number in range(MANY):
        ann, chat = make.person(f"Ann{number}"), make.session()
        deeds.append({"deed": "book", "person_id": ann, "session_id": chat})
        later = number % 3 * 0.01
        deeds.append({"deed": "die", "person_id": ann, "actor_id": ada, "after_seconds": later})
    return deeds


@pytest.fixture
def signing_in(app: Flask, make: Builders) -> list[dict[str, Any]]:
    return to_die_while_signing_in(app, make)


def to_die_while_signing_in(app: Flask, make: Builders) -> list[dict[str, Any]]:
    """People who each press the button behind a link while the office records their death."""
    ada, deeds = make.admin("Ada"), []
    for number in range(MANY):
        ann = make.person(f"Ann{number}")
        with app.app_context(), transaction():
            link = links.make(LinkPurpose.SIGN_IN, f"ann{number}@example.org", "", clock.now())
            token = make_token(SECRET_KEY, "sign_in", link.id, link.nonce)
        deeds.append({"deed": "open link", "token": token})
        later = number % 3 * 0.01
        deeds.append({"deed": "die", "person_id": ann, "actor_id": ada, "after_seconds": later})
    return deeds


@pytest.fixture
def merging(make: Builders) -> list[dict[str, Any]]:
    return to_be_merged(make)


def to_be_merged(make: Builders) -> list[dict[str, Any]]:
    """People with two records, each of which is booked while the office puts them together."""
    ada, deeds = make.admin("Ada"), []
    for number in range(MANY):
        keep, other = make.person(f"Ann{number}"), make.person(f"Annie{number}")
        twice, chat = make.session(), make.session()
        make.booking(twice, other)
        deeds.append({"deed": "merge", "keep_id": keep, "other_id": other, "actor_id": ada})
        deeds.append({"deed": "book", "person_id": keep, "session_id": twice})
        deeds.append({"deed": "book", "person_id": other, "session_id": chat})
    return deeds


def test_nobody_who_died_keeps_a_place(app: Flask, dying: list[dict[str, Any]], race: Race) -> None:
    outcomes = race(dying)
    assert outcomes["die done"] == MANY
    assert outcomes["book done"] + outcomes["PersonCannotBook"] == MANY
    assert rows(app, LIVE_OF_THE_GONE) == []


def test_without_the_persons_lock_somebody_who_died_keeps_a_place(
    app: Flask, make: Builders, race: Race
) -> None:
    assert goes_wrong(app, race, lambda: to_die_while_booking(make), LIVE_OF_THE_GONE)


@pytest.fixture
def each_other(make: Builders) -> list[dict[str, Any]]:
    """The two admins there are record each other's death in one moment."""
    ada, amy = make.admin("Ada"), make.admin("Amy")
    return [
        {"deed": "die", "person_id": ada, "actor_id": amy},
        {"deed": "die", "person_id": amy, "actor_id": ada},
    ]


def test_of_two_who_record_each_others_death_one_is_left(
    app: Flask, each_other: list[dict[str, Any]], race: Race
) -> None:
    assert race(each_other) == {"die done": 1, "YourRecordIsShut": 1}
    assert sorted(rows(app, select(Person.status))) == [PersonStatus.ACTIVE, PersonStatus.DIED]


def test_without_the_persons_lock_nobody_is_left_in_the_office(
    app: Flask, each_other: list[dict[str, Any]], race: Race
) -> None:
    race(each_other, without="person lock")
    assert rows(app, select(Person.status)) == [PersonStatus.DIED] * 2


def test_nobody_who_died_is_signed_in(app: Flask, signing_in: list[dict[str, Any]], race: Race) -> None:
    outcomes = race(signing_in)
    assert outcomes["die done"] == MANY
    assert outcomes["open link done"] + outcomes["LinkNoLongerWorks"] == MANY
    assert rows(app, SIGNED_IN_AFTERWARDS) == []


def test_without_the_persons_lock_somebody_who_died_is_signed_in(
    app: Flask, make: Builders, race: Race
) -> None:
    assert goes_wrong(app, race, lambda: to_die_while_signing_in(app, make), SIGNED_IN_AFTERWARDS)


def test_a_person_merged_while_booked_twice_has_one_place_each(
    app: Flask, merging: list[dict[str, Any]], race: Race
) -> None:
    outcomes = race(merging)
    assert outcomes["merge done"] == MANY
    assert outcomes["book done"] + outcomes["PersonCannotBook"] == 2 * MANY
    assert rows(app, LIVE_OF_THE_GONE) == []
    live = rows(app, select(Booking.session_id, Booking.person_id).where(Booking.state.in_(LIVE)))
    assert len(live) == len(set(live))


def test_without_the_persons_lock_a_merged_record_keeps_a_place(
    app: Flask, make: Builders, race: Race
) -> None:
    assert goes_wrong(app, race, lambda: to_be_merged(make), LIVE_OF_THE_GONE)


def test_of_a_death_and_a_merge_in_the_same_moment_one_is_done(
    app: Flask, make: Builders, race: Race
) -> None:
    ada, deeds = make.admin("Ada"), []
    for number in range(MANY):
        keep, other = make.person(f"Ann{number}"), make.person(f"Annie{number}")
        deeds.append({"deed": "merge", "keep_id": keep, "other_id": other, "actor_id": ada})
        deeds.append({"deed": "die", "person_id": other, "actor_id": ada})
    outcomes = race(deeds)
    assert outcomes["merge done"] + outcomes["die done"] == outcomes["RecordIsShut"] == MANY
    assert len(rows(app, select(ReversibleDeed.id))) == MANY


# In the middle of sending ------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def desk(app: Flask, make: Builders, server: MailServer, clock_at: Callable[[str], Any]) -> Desk:
    """Ann's confirmation waits to leave through a real mail server."""
    clock_at("2026-08-20T10:30+01:00")
    desk = Desk(app, make)
    desk.send_through(server.url)
    desk.place()
    desk.post(MessageKind.BOOKED)
    return desk


def record_death(desk: Desk, ada: int) -> None:
    with desk.app.app_context():
        deaths.mark_died(desk.person_id, ada, clock.now())


def work(desk: Desk) -> None:
    with desk.app.app_context():
        worker.run_once()


def one_round(desk: Desk) -> None:
    """Work without listening for signals, which only a main thread may."""
    with desk.app.app_context():
        worker.one_round(worker.hire())


def in_a_thread(deed: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=deed)
    thread.start()
    return thread


def test_a_letter_that_is_claimed_but_not_begun_does_not_leave(
    desk: Desk, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, begins = desk.make.admin("Ada"), delivery.begins

    def once_she_has_died(*asked: Any, **more: Any) -> bool:
        in_a_thread(lambda: record_death(desk, ada)).join()
        return begins(*asked, **more)

    monkeypatch.setattr(delivery, "begins", once_she_has_died)
    work(desk)
    assert server.delivered == []
    assert rows(desk.app, select(DeedStep.id).where(DeedStep.field == "leaving")) == []


def test_a_letter_in_the_middle_of_its_conversation_is_named(desk: Desk, server: MailServer) -> None:
    ada = desk.make.admin("Ada")
    server.answers.append(Stall(1.0))
    sending = in_a_thread(lambda: one_round(desk))
    wait_for(lambda: server.attempts == 1)
    record_death(desk, ada)
    sending.join()
    assert len(server.delivered) == 1
    assert rows(desk.app, select(DeedStep.row_id).where(DeedStep.field == "leaving")) == [1]
    assert rows(desk.app, select(Message.state)) == [MessageState.SENT]


@pytest.mark.parametrize(("holds_her_row", "begins"), [(True, False), (False, True)])
def test_a_letter_laid_while_the_death_is_recorded_waits_for_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, holds_her_row: bool, begins: bool
) -> None:
    """What waits was withdrawn, the death is not committed yet, and a letter nobody saw wants to begin."""
    ada, silenced = desk.make.admin("Ada"), threading.Event()

    def slowly(*asked: Any) -> list[int]:
        found = silence.silence(*asked)
        silenced.set()
        time.sleep(0.7)
        return found

    monkeypatch.setattr(deaths, "silence", slowly)
    if not holds_her_row:
        monkeypatch.setattr(delivery, "_may_still_hear", lambda *_asked: True)
    dying = in_a_thread(lambda: record_death(desk, ada))
    silenced.wait(10)
    # A reminder is laid without her lock, as one batch for many people.
    assert begun_behind_her_back(desk) is begins
    dying.join()


def begun_behind_her_back(desk: Desk) -> bool:
    with desk.app.app_context():
        with transaction():
            first = db.session.get_one(Message, 1)
            facts = {name: getattr(first, name) for name in ("kind", "person_id", "channel", "recipient")}
            late = Message(dedupe_key="late", message_id="late", created_at=clock.now(), **facts)
            late.due_at, late.state, late.leased_by = clock.now(), MessageState.SENDING, "w"
            db.session.add(late)
            db.session.flush()
            late_id = late.id
        return delivery.begins(late_id, "w", clock.now())


@pytest.mark.parametrize("cut", ["", driver.NO_LAST_LOOK], ids=["with the last look", "without it"])
def test_workers_in_the_middle_of_sending_send_nothing_after_the_record(
    app: Flask, make: Builders, database_url: str, cut: str
) -> None:
    ada = make.admin("Ada")
    with story(app, database_url, letters=30) as told:
        for _worker in range(2):
            told.start(cut=cut, widened_seconds=0.1)
        wait_for(lambda: told.server.attempts > 1)
        sent_before = {person: died_now(told, person, ada) for person in in_hand(told, 12)}
        wait_for(lambda: not rows(app, ON_THE_WAY), 40)
        late = {one for person, sent in sent_before.items() for one in sent_to(told, person) - sent}
    named = set(rows(app, select(Message.message_id).where(Message.id.in_(NAMED))))
    assert bool(late - named) is bool(cut)


NAMED = select(DeedStep.row_id).where(DeedStep.field == "leaving")
ON_THE_WAY = select(Message.id).where(Message.state.in_((MessageState.WAITING, MessageState.SENDING)))


def in_hand(told: Story, most: int) -> Iterator[int]:
    """Name, again and again, somebody whose letter a worker is about to send or sending."""
    claimed = select(Message.person_id).where(Message.state == MessageState.SENDING).order_by(Message.id)
    done: set[int] = set()
    while len(done) < most:
        fresh = [person for person in rows(told.app, claimed.limit(3)) if person not in done]
        if not fresh and not rows(told.app, ON_THE_WAY):
            return
        for person in fresh[:1]:
            done.add(person)
            yield person
        # No faster than the workers, or every letter would be called back before it is written.
        time.sleep(0.3)


def died_now(told: Story, person_id: int, ada: int) -> set[str]:
    """Record her death, and return which letters of hers the mail server had by then."""
    with told.app.app_context():
        deaths.mark_died(person_id, ada, clock.now())
    return sent_to(told, person_id)


def sent_to(told: Story, person_id: int) -> set[str]:
    hers = set(rows(told.app, select(Message.message_id).where(Message.person_id == person_id)))
    return hers & {str(one.message["Message-ID"]) for one in list(told.server.delivered)}


def wait_for(done: Callable[[], bool], seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(0.05)
