"""Several changes reach somebody as one letter; each is judged by itself, and nothing of it is lost."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from booking import clock, worker
from booking.db import db
from booking.messages.letters import Letter, compose_now
from booking.models import Booking, Bounce, LetterWording, Message, Person, ScheduledSession, SessionVersion
from booking.models.kinds import BookingState, Channel, MessageKind, Mode, PersonStatus
from booking.rules.discreet import holds_forbidden
from booking.services import delivery
from booking.services.steps import letters as withdrawing
from tests.letters import tray
from tests.letters.desk import Desk
from tests.letters.test_letters import same, words_of
from tests.letters.tray import CANCELLED, CHANGED, REMINDER, called_off, claimed, lay, message, riders, states
from tests.support.smtp import REFUSED, TEMPORARY, Drop, MailServer, mail_server

NASTY = "Living with secondary breast cancer"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def desk(desk: Desk, server: MailServer) -> Desk:
    desk.send_through(server.url)
    desk.place(mode=Mode.HYBRID)
    return desk


def moved(desk: Desk, booking_id: int, **facts: Any) -> int:
    """Move the date of a booking by an hour, and lay the news of it."""
    with desk.app.app_context():
        booking = db.session.get_one(Booking, booking_id)
        scheduled = db.session.get_one(ScheduledSession, booking.session_id)
        scheduled.start_time, scheduled.schedule_version = scheduled.start_time.replace(minute=45), 2
        kept = ("local_date", "start_time", "end_time", "mode", "venue_id")
        version = {fact: getattr(scheduled, fact) for fact in kept}
        db.session.add(
            SessionVersion(session_id=scheduled.id, schedule_version=2, made_at=clock.now(), **version)
        )
        db.session.commit()
    return lay(desk, CHANGED, booking_id, **facts)


def two(desk: Desk) -> tuple[int, int]:
    """Lay the news of a date that moved and of one that is off."""
    (other,) = tray.places(desk, 1, on=date(2026, 9, 3))
    return moved(desk, desk.booking_id), called_off(desk, other)


def in_our_words(desk: Desk, kind: MessageKind, **words: str) -> None:
    """Let the office have written the words of a letter."""
    ours = {"subject": "New: {name}", "opening": "We will sit on {day}.", "closing": "Love, {organisation}."}
    with desk.app.app_context():
        saved = {"saved_by": desk.person_id, "saved_at": clock.now(), "wording_version": 1}
        db.session.add(LetterWording(kind=kind, **(ours | words | saved)))
        db.session.commit()


def work(desk: Desk) -> None:
    with desk.app.app_context():
        worker.run_once()


def composed(desk: Desk, message_id: int) -> Letter:
    with desk.app.app_context():
        letter = compose_now(message_id, clock.now())
    assert isinstance(letter, Letter), letter
    return letter


def test_changes_that_are_due_together_are_one_letter_with_all_of_them(
    desk: Desk, server: MailServer
) -> None:
    first, second = two(desk)
    work(desk)
    (letter,) = server.delivered
    assert letter.message["Subject"] == "Changed or cancelled: 2 sessions"
    assert letter.message["Message-ID"] == message(desk, first).message_id
    assert states(desk, first, second) == ["sent", "sent"]
    assert message(desk, second).joined_to_id == first
    with desk.app.app_context():
        assert db.session.get_one(Booking, desk.booking_id).told_version == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_says_what_its_golden_file_says(desk: Desk) -> None:
    first, _second = two(desk)
    claimed(desk)
    letter = composed(desk, first)
    same("together.txt", f"Subject: {letter.subject}\n\n{letter.text}")
    same("together.html", letter.html)
    same("together.short.txt", letter.short + "\n")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_dates_that_are_off_together_are_said_once_where_once_is_enough(desk: Desk) -> None:
    (other,) = tray.places(desk, 1, on=date(2026, 9, 3))
    desk.make.session(desk.make.series("Yoga"), on=date(2026, 9, 4))
    first, _second = called_off(desk, desk.booking_id), called_off(desk, other)
    claimed(desk)
    letter = composed(desk, first)
    assert letter.subject == "Cancelled: 2 sessions, Wednesday 26 August 2026 and Thursday 3 September 2026"
    for once in ("We are sorry.", "Find a session", "Other dates near them:", "http://localhost/sessions/3"):
        assert letter.text.count(once) == 1
    for once in ("We are sorry.", 'http://localhost/sessions"', "Other dates near them:"):
        assert letter.html.count(once) == 1
    assert letter.short.count("We are sorry.") == 1
    assert [word.rstrip(":") for word in letter.text.split() if not word.startswith(("http", "-", "*"))] == [
        word.rstrip(":") for word in words_of(letter.html)
    ]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_offices_words_stand_in_their_part(desk: Desk) -> None:
    in_our_words(desk, CHANGED)
    first, _second = two(desk)
    claimed(desk)
    letter = composed(desk, first)
    ours, theirs = letter.text.split("* Cancelled: ")
    assert "* New: Tea & A Chat Manchester\n\nWe will sit on Wednesday 26 August 2026.\n\nWhen:" in ours
    assert ours.endswith(".ics\n\nLove, Make 2nds Count.\n\n")
    assert "has been cancelled" in theirs
    assert "Love" not in theirs
    assert "You still have your place." not in letter.text + letter.html
    assert letter.html.count("We will sit on Wednesday 26 August 2026.</p>") == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_same_last_words_of_every_part_are_said_once(desk: Desk) -> None:
    for kind in (CHANGED, CANCELLED):
        in_our_words(desk, kind)
    first, _second = two(desk)
    claimed(desk)
    letter = composed(desk, first)
    assert letter.text.count("Love, Make 2nds Count.\n\nNeed a hand?") == letter.text.count("Love") == 1
    assert letter.html.count("Love") == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "words",
    [
        {"subject": "The one with support", "opening": "Group tea is new.", "closing": "Group."},
        {"subject": "{", "opening": "}{nothing}", "closing": "{{ 7*7 }}"},
        {"opening": "", "closing": ""},
        {"opening": "Your breast cancer tea is new."},
    ],
)
def test_no_words_of_the_office_keep_a_letter_of_several_parts_back(
    desk: Desk, words: dict[str, str]
) -> None:
    in_our_words(desk, CHANGED, **words)
    first, _second = two(desk)
    claimed(desk)
    letter = composed(desk, first)
    assert not holds_forbidden(letter.subject + letter.text[:150])
    assert "now 1:45pm to 5pm" in letter.text
    assert "49" not in letter.text.replace("1:45", "")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_html_says_the_same_words_as_the_text(desk: Desk) -> None:
    in_our_words(desk, CHANGED)
    first, _second = two(desk)
    claimed(desk)
    letter = composed(desk, first)
    said = set(words_of(letter.html))
    unsaid = [word for word in letter.text.split() if not word.startswith("http") and word.strip(":*")]
    assert [word for word in unsaid if word not in said and word.rstrip(":") not in said] == []


def test_each_changed_event_is_in_a_calendar_file_of_its_own_method(desk: Desk, server: MailServer) -> None:
    (third,) = tray.places(desk, 1, on=date(2026, 9, 10))
    two(desk)
    moved(desk, third)
    work(desk)
    (letter,) = server.delivered
    files = [part for part in letter.message.walk() if part.get_content_type() == "text/calendar"]
    assert [part.get_param("method") for part in files] == ["REQUEST", "CANCEL"]
    assert [part.get_content().count("BEGIN:VEVENT") for part in files] == [2, 1]
    assert all(part.get_content().count("ATTENDEE") == part.get_content().count("UID") for part in files)


def reminded(desk: Desk, booking_id: int) -> int:
    return lay(desk, REMINDER, booking_id)


@pytest.mark.parametrize("kind", [CHANGED, CANCELLED, REMINDER])
def test_no_letter_of_several_parts_shows_a_health_word(
    desk: Desk, kind: str, clock_at: Callable[[datetime], datetime]
) -> None:
    for title in (NASTY, f"{NASTY} too", f"{NASTY} and more"):
        session_id = desk.make.session(desk.make.series(title), on=date(2026, 9, 2))
        booking = desk.make.booking(session_id, desk.person_id)
        clock_at(clock.now() + timedelta(minutes=1))
        {CHANGED: moved, CANCELLED: called_off, REMINDER: reminded}[kind](desk, booking)
    if kind == REMINDER:
        tray.sent(desk, *claimed(desk))
    (leader,) = claimed(desk)
    letter = composed(desk, leader)
    assert riders(desk, leader)
    assert NASTY in letter.text
    shown = [
        letter.subject,
        letter.text[:150],
        letter.short,
        str(letter.calendar),
        str(letter.more_calendars),
    ]
    assert not any(holds_forbidden(words) for words in shown)


def test_a_part_that_is_no_longer_true_is_set_aside_and_the_rest_goes(desk: Desk, server: MailServer) -> None:
    first, second = two(desk)
    with desk.app.app_context():
        booking_id = db.session.get_one(Message, second).booking_id
    desk.change(Booking, booking_id or 0, state=BookingState.GIVEN_UP)
    work(desk)
    (letter,) = server.delivered
    assert letter.message["Subject"].startswith("Changed: Tea")
    assert states(desk, first, second) == ["sent", "withdrawn"]
    assert (message(desk, second).why, message(desk, second).joined_to_id) == ("no place any more", None)


def test_what_joined_an_untrue_letter_goes_by_itself(desk: Desk, server: MailServer) -> None:
    first, second = two(desk)
    assert claimed(desk) == [first]
    desk.change(Booking, desk.booking_id, state=BookingState.GIVEN_UP)
    with desk.app.app_context():
        delivery.set_aside(first, "worker", "no place any more")
    assert (states(desk, first, second), message(desk, second).attempts) == (["withdrawn", "waiting"], 0)
    work(desk)
    assert [one.message["Subject"][:9] for one in server.delivered] == ["Cancelled"]


def test_a_part_that_can_not_be_written_is_parked_and_the_rest_goes(desk: Desk, server: MailServer) -> None:
    first, second = two(desk)
    desk.change(ScheduledSession, session_of(desk, second), zone="No/Where")
    work(desk)
    assert states(desk, first, second) == ["sent", "failed"]
    assert message(desk, second).why == "ImpossibleTime"
    assert len(server.delivered) == 1


def session_of(desk: Desk, message_id: int) -> int:
    with desk.app.app_context():
        booking_id = db.session.get_one(Message, message_id).booking_id
        return db.session.get_one(Booking, booking_id).session_id


def test_a_letter_that_lost_a_part_since_it_was_written_does_not_begin(desk: Desk) -> None:
    first, second = two(desk)
    claimed(desk)
    with desk.app.app_context():
        booking_id = db.session.get_one(Message, second).booking_id or 0
        withdrawing.withdraw_for_booking(booking_id, [CANCELLED], "taken back")
        db.session.commit()
        assert not delivery.begins(first, "worker", clock.now())
    assert states(desk, first, second) == ["waiting", "withdrawn"]
    assert claimed(desk) == [first]
    assert riders(desk, first) == []


@pytest.mark.parametrize(
    ("answer", "state"), [(TEMPORARY, "waiting"), (REFUSED, "failed"), (Drop(keeps_it=True), "waiting")]
)
def test_all_parts_share_what_the_server_says(
    desk: Desk, server: MailServer, answer: str | Drop, state: str
) -> None:
    first, second = two(desk)
    server.answers.append(answer)
    work(desk)
    assert states(desk, first, second) == [state, state]
    assert message(desk, second).attempts == message(desk, first).attempts == 1


def test_what_may_have_left_is_repeated_with_the_same_parts_and_no_others(
    desk: Desk, server: MailServer, clock_at: Callable[[datetime], datetime]
) -> None:
    server.answers.append(Drop(keeps_it=True))
    first, second = two(desk)
    work(desk)
    (later,) = tray.places(desk, 1, on=date(2026, 9, 17))
    third = called_off(desk, later)
    clock_at(clock.now() + delivery.LEASE)
    work(desk)
    once, again, another = server.delivered
    assert once.message["Message-ID"] == again.message["Message-ID"] != another.message["Message-ID"]
    assert once.message["Subject"] == again.message["Subject"]
    assert states(desk, first, second, third) == ["sent"] * 3


def test_what_a_killed_worker_held_goes_again_as_one_letter(
    desk: Desk, clock_at: Callable[[datetime], datetime]
) -> None:
    first, second = two(desk)
    claimed(desk, "killed")
    clock_at(clock.now() + delivery.LEASE)
    assert claimed(desk, "other") == [first]
    assert (message(desk, second).joined_to_id, message(desk, second).leased_by) == (first, "other")


def test_what_was_not_begun_is_put_back_in_parts_and_what_may_have_left_as_a_whole(
    desk: Desk, clock_at: Callable[[datetime], datetime]
) -> None:
    first, second = two(desk)
    claimed(desk, "killed")
    with desk.app.app_context():
        delivery.put_back([first], "killed")
    assert riders(desk, first) == []
    claimed(desk, "killed")
    clock_at(clock.now() + delivery.LEASE)
    claimed(desk, "other")
    with desk.app.app_context():
        delivery.put_back([first], "other")
    assert (riders(desk, first), states(desk, first, second)) == ([second], ["waiting", "waiting"])


def test_whoever_noted_late_that_it_left_leaves_no_part_behind(
    desk: Desk, clock_at: Callable[[datetime], datetime]
) -> None:
    first, second = two(desk)
    claimed(desk, "slow")
    clock_at(clock.now() + delivery.LEASE)
    claimed(desk, "other")
    with desk.app.app_context():
        delivery.sent(first, clock.now())
        assert not delivery.begins(first, "other", clock.now())
    assert states(desk, first, second) == ["sent", "sent"]


def test_nobody_hears_of_two_changes_after_she_has_died(desk: Desk, server: MailServer) -> None:
    first, second = two(desk)
    claimed(desk)
    desk.change(Person, desk.person_id, status=PersonStatus.DIED)
    with desk.app.app_context():
        assert not delivery.begins(first, "worker", clock.now())
    work(desk)
    assert (server.delivered, states(desk, first, second)) == ([], ["withdrawn", "withdrawn"])


def test_two_people_never_share_a_letter(desk: Desk, server: MailServer) -> None:
    bens = desk.make.booking(desk.session_id, desk.make.person("Ben"))
    called_off(desk, desk.booking_id)
    desk.change(Booking, bens, state=BookingState.CANCELLED)
    lay(desk, CANCELLED, bens)
    work(desk)
    assert sorted(letter.recipients for letter in server.delivered) == [
        ("ann@example.org",),
        ("ben@example.org",),
    ]


@pytest.mark.parametrize(
    ("answer", "bounces"),
    [("550 5.1.1 Nobody here", 1), ("550 No", 1), ("550 5.7.1 We don't want you", 0), ("554 No", 0)],
)
def test_an_address_nobody_reads_counts_as_a_letter_that_came_back(
    desk: Desk, server: MailServer, answer: str, bounces: int
) -> None:
    server.recipients["ann@example.org"] = answer
    first, _second = two(desk)
    work(desk)
    assert states(desk, first) == ["failed"]
    with desk.app.app_context():
        noted = db.session.scalars(db.select(Bounce.message_id)).all()
    assert noted == [first] * bounces


def test_changes_by_text_are_one_text(desk: Desk) -> None:
    first, second = two(desk)
    for one in (first, second):
        desk.change(Message, one, channel=Channel.TEXT)
    assert claimed(desk, channel=Channel.TEXT) == [first]
    assert riders(desk, first) == [second]
