"""Letters that come back: three from the address she has now, and somebody calls her."""

import mailbox
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, event, func, select, update

from booking import clock
from booking.cli import Read, read_mailbox
from booking.db import transaction
from booking.messages.letters.links import proof_url
from booking.models import Booking, Bounce, ContactPoint, Message, Person, Task
from booking.models.kinds import Channel, LinkPurpose, MessageKind, MessageState, TaskKind, Who
from booking.queries import tasks
from booking.refusals import CannotReadBounces
from booking.rules.retention import Kept
from booking.services import contacts, corrections, merging, retention
from booking.services.corrections import Details
from booking.services.steps import bounces as steps
from booking.services.steps import links, traces
from tests.letters.desk import Desk
from tests.support.bounces import SOFT, mbox, report
from tests.support.pages import rows, write

BASE = "bounces@example.org"


@pytest.fixture
def home(desk: Desk) -> Desk:
    """Ann has a place and a phone; nothing is written to her yet."""
    desk.place()
    return desk


def sent(desk: Desk, kind: MessageKind = MessageKind.BOOKED, key: str = "") -> int:
    """Let a letter to Ann have left, as far as anybody knows."""
    letter = desk.post(kind, key)
    values = {"state": MessageState.SENT, "sent_at": clock.now(), "attempts": 1}
    write(desk.app, update(Message).where(Message.id == letter).values(values))
    return letter


def marks(app: Flask, letter: int) -> tuple[str, str]:
    """Return the Message-ID of a letter, and the address to which it comes back."""
    from booking.rules.verp import bounce_address

    message_id = rows(app, select(Message.message_id).where(Message.id == letter))[0]
    return message_id, bounce_address(BASE, message_id)


def came_back(desk: Desk, folder: Path, *letters: int, **facts: str) -> Read:
    file = folder / "bounces.mbox"
    file.write_bytes(mbox(*(report(marks(desk.app, one)[0], **facts) for one in letters)))
    with desk.app.app_context():
        return read_mailbox(file, BASE, clock.now())


def person(desk: Desk) -> Person:
    found = rows(desk.app, select(Person).where(Person.id == desk.person_id))[0]
    assert isinstance(found, Person)
    return found


def test_a_letter_that_came_back_stands_as_failed_with_its_code(home: Desk, tmp_path: Path) -> None:
    letter = sent(home)
    assert came_back(home, tmp_path, letter) == Read(letters=1, noted=1)
    assert rows(home.app, select(Message.state, Message.why)) == [("failed", "came back 5.1.1")]
    assert rows(home.app, select(Bounce.code, Bounce.address_key)) == [("5.1.1", "ann@example.org")]
    assert person(home).channel is Channel.EMAIL


def test_the_same_report_read_twice_is_one_bounce(home: Desk, tmp_path: Path) -> None:
    letter = sent(home)
    came_back(home, tmp_path, letter)
    assert came_back(home, tmp_path, letter, letter) == Read(letters=2, known=2)
    assert rows(home.app, select(func.count(Bounce.id))) == [1]


def test_the_address_alone_names_the_letter(home: Desk, tmp_path: Path) -> None:
    letter = sent(home)
    file = tmp_path / "bounces.mbox"
    file.write_bytes(mbox(report("<nobody@example.net>", to=marks(home.app, letter)[1])))
    with home.app.app_context():
        assert read_mailbox(file, BASE, clock.now()).noted == 1


def test_what_came_back_for_a_while_changes_nothing(home: Desk, tmp_path: Path) -> None:
    letter = sent(home)
    assert came_back(home, tmp_path, letter, status=SOFT).known == 1
    assert rows(home.app, select(Message.state)) == [MessageState.SENT]


def test_a_report_about_somebody_elses_letter_is_nobodys(home: Desk, tmp_path: Path) -> None:
    file = tmp_path / "bounces.mbox"
    file.write_bytes(mbox(report("<m.00000000000000000000000000000000@example.org>"), b"Hello\n\nthere\n"))
    with home.app.app_context():
        assert read_mailbox(file, BASE, clock.now()) == Read(letters=2, others=2)


def thrice(desk: Desk, folder: Path, **facts: str) -> list[int]:
    letters = [sent(desk, key=f"letter:{number}") for number in range(3)]
    came_back(desk, folder, *letters, **facts)
    return letters


def test_after_three_the_office_calls_her_and_is_asked_to_find_out(home: Desk, tmp_path: Path) -> None:
    thrice(home, tmp_path)
    assert person(home).channel is Channel.CALL
    assert rows(home.app, select(Task.kind, Task.person_id)) == [(TaskKind.LETTERS_BOUNCE, home.person_id)]


def test_after_two_she_still_reads_email(home: Desk, tmp_path: Path) -> None:
    came_back(home, tmp_path, *(sent(home, key=f"letter:{number}") for number in range(2)))
    assert person(home).channel is Channel.EMAIL
    assert rows(home.app, select(Task.id)) == []


def test_bounces_of_an_address_she_has_replaced_do_not_count(home: Desk, tmp_path: Path) -> None:
    letters = [sent(home, key=f"letter:{number}") for number in range(3)]
    new = {"written": "new@example.org", "key": "new@example.org"}
    write(home.app, update(ContactPoint).where(ContactPoint.person_id == home.person_id).values(new))
    came_back(home, tmp_path, *letters)
    assert person(home).channel is Channel.EMAIL


def test_without_that_count_one_letter_would_turn_her_to_calls(
    home: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "TURNS_TO_CALLS", 1)
    came_back(home, tmp_path, sent(home))
    assert person(home).channel is Channel.CALL


def test_what_waits_for_her_and_what_came_back_become_calls(home: Desk, tmp_path: Path) -> None:
    waiting = home.post(MessageKind.REMINDER, "booking:1:reminder:two_days:v1")
    thrice(home, tmp_path)
    with home.app.app_context():
        calls = tasks.calls_to_make(clock.now())
    assert waiting in [call.message_id for call in calls]
    assert {call.kind for call in calls} == {MessageKind.REMINDER, MessageKind.BOOKED}


def set_back_to_email(desk: Desk) -> None:
    with desk.app.app_context():
        contacts.choose_channel(desk.person_id, Channel.EMAIL, clock.now(), desk.make.admin())


def corrected(desk: Desk) -> None:
    """The office writes down another address, which she spelt on the phone."""
    with desk.app.app_context():
        said = Details("Ann", "Ann", Who.PATIENT, "", "ann.new@example.org", "", Channel.EMAIL)
        corrections.correct(desk.person_id, said, desk.make.admin("Abe"), clock.now())


def proved(desk: Desk) -> None:
    """She opens the link that went to another address."""
    with desk.app.app_context():
        with transaction():
            purpose = LinkPurpose.CHANGE_EMAIL
            link = links.make(purpose, "ann.new@example.org", "", clock.now(), desk.person_id)
        contacts.change_email(proof_url(link).rsplit("/", 1)[1], clock.now())


@pytest.mark.parametrize("say", [set_back_to_email, corrected, proved])
def test_once_somebody_said_how_to_reach_her_the_office_need_not_find_out(
    home: Desk, tmp_path: Path, clock_at: Callable[[str], datetime], say: Callable[[Desk], None]
) -> None:
    to_do = select(Task.kind).where(Task.settled_at.is_(None))
    thrice(home, tmp_path)
    assert rows(home.app, to_do) == [TaskKind.LETTERS_BOUNCE]
    clock_at("2026-08-21T10:30+01:00")
    say(home)
    assert rows(home.app, to_do) == []


def test_set_back_to_email_she_begins_anew(
    home: Desk, tmp_path: Path, clock_at: Callable[[str], datetime]
) -> None:
    thrice(home, tmp_path)
    clock_at("2026-08-21T10:30+01:00")
    set_back_to_email(home)
    clock_at("2026-08-22T10:30+01:00")
    came_back(home, tmp_path, *(sent(home, key=f"letter:{number}") for number in (4, 5)))
    assert person(home).channel is Channel.EMAIL
    came_back(home, tmp_path, sent(home, key="letter:6"))
    assert person(home).channel is Channel.CALL


def test_what_left_before_she_was_set_back_does_not_count_when_it_returns(
    home: Desk, tmp_path: Path, clock_at: Callable[[str], datetime]
) -> None:
    late = [sent(home, key=f"letter:{number}") for number in range(4, 7)]
    thrice(home, tmp_path)
    clock_at("2026-08-21T10:30+01:00")
    set_back_to_email(home)
    came_back(home, tmp_path, *late)
    assert person(home).channel is Channel.EMAIL


def test_of_two_records_that_were_merged_all_that_came_back_counts(home: Desk, tmp_path: Path) -> None:
    came_back(home, tmp_path, *(sent(home, key=f"letter:{number}") for number in range(2)))
    other, kept, ada = home.person_id, home.make.person("Annie"), home.make.admin()
    with home.app.app_context():
        deed = merging.merge(kept, other, ada, clock.now())
    assert rows(home.app, select(Bounce.person_id)) == [kept, kept]
    home.person_id = kept
    came_back(home, tmp_path, sent(home, key="letter:3"))
    assert person(home).channel is Channel.CALL
    with home.app.app_context():
        merging.undo_merge(deed, ada, clock.now())
    assert rows(home.app, select(Bounce.person_id).order_by(Bounce.id)) == [other, other, kept]


def test_whoever_was_set_back_to_email_on_the_other_record_has_begun_anew_there(
    home: Desk, tmp_path: Path, clock_at: Callable[[str], datetime]
) -> None:
    thrice(home, tmp_path)
    clock_at("2026-08-21T10:30+01:00")
    set_back_to_email(home)
    kept = home.make.person("Annie")
    with home.app.app_context():
        merging.merge(kept, home.person_id, home.make.admin("Abe"), clock.now())
    clock_at("2026-08-22T10:30+01:00")
    home.person_id = kept
    came_back(home, tmp_path, sent(home, key="letter:4"))
    assert person(home).channel is Channel.EMAIL


def test_the_task_is_asked_once_while_nobody_has_seen_to_it(home: Desk, tmp_path: Path) -> None:
    thrice(home, tmp_path)
    came_back(home, tmp_path, sent(home, key="letter:4"))
    assert rows(home.app, select(func.count(Task.id))) == [1]


def test_a_change_that_came_back_was_not_told(home: Desk, tmp_path: Path) -> None:
    letter = sent(home, MessageKind.SESSION_CHANGED)
    write(home.app, update(Message).where(Message.id == letter).values(schedule_version=2))
    write(home.app, update(Booking).values(told_version=2))
    came_back(home, tmp_path, letter)
    assert rows(home.app, select(Booking.told_version)) == [1]


def test_nobody_who_died_becomes_a_call(home: Desk, tmp_path: Path) -> None:
    write(home.app, update(Person).where(Person.id == home.person_id).values(status="died"))
    write(home.app, delete(Task))
    letters = []
    for number in range(3):
        write(home.app, update(Person).where(Person.id == home.person_id).values(status="active"))
        letters.append(sent(home, key=f"letter:{number}"))
    write(home.app, update(Person).where(Person.id == home.person_id).values(status="died"))
    came_back(home, tmp_path, *letters)
    assert person(home).channel is Channel.EMAIL
    assert rows(home.app, select(Task.id)) == []


def test_a_maildir_is_read_as_well(home: Desk, tmp_path: Path) -> None:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    (tmp_path / "Maildir" / "new" / "1.host").write_bytes(report(marks(home.app, sent(home))[0]))
    with home.app.app_context():
        assert read_mailbox(tmp_path / "Maildir", BASE, clock.now()).noted == 1


HOSTILE = (
    b"Content-Type: multipart/report; boundary=b\n\n--b\n" + b"Content-Type: message/rfc822\n\n" * 1_500,
    report("<nobody@example.net>", to="(" * 200_000),
    report(
        "<nobody@example.net>", to=", ".join(f"bounces+{number:032x}@example.org" for number in range(2_000))
    ),
    b"Subject: large\n\n" + b"x" * 600_000,
)


def test_a_letter_that_was_written_to_break_it_ends_nothing(home: Desk, tmp_path: Path) -> None:
    file = tmp_path / "bounces.mbox"
    file.write_bytes(mbox(*HOSTILE, report(marks(home.app, sent(home))[0])))
    with home.app.app_context():
        assert read_mailbox(file, BASE, clock.now()) == Read(letters=5, noted=1, others=4)


def test_a_letter_that_breaks_is_left_out_and_the_rest_is_read(home: Desk, tmp_path: Path) -> None:
    letters = [sent(home, key=f"letter:{number}") for number in range(2)]
    file = tmp_path / "bounces.mbox"
    file.write_bytes(mbox(*(report(marks(home.app, one)[0]) for one in letters)))

    def breaks(_mapper: object, _connection: object, bounce: Bounce) -> None:
        if bounce.message_id == letters[0]:
            raise RuntimeError("ann@example.org")

    event.listen(Bounce, "before_insert", breaks)
    try:
        done = home.app.test_cli_runner().invoke(args=["read-bounces", str(file)])
    finally:
        event.remove(Bounce, "before_insert", breaks)
    assert (done.exit_code, rows(home.app, select(Bounce.message_id))) == (1, [letters[1]])
    assert "1  could not be read and were left out" in done.output
    assert "ann" not in done.output


def test_a_letter_that_another_program_takes_away_ends_nothing(
    home: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    for name in ("1.host", "2.host"):
        (tmp_path / "Maildir" / "new" / name).write_bytes(report(marks(home.app, sent(home, key=name))[0]))
    usual = mailbox.Maildir.get_file

    def taken_away(self: Any, key: str) -> Any:
        (tmp_path / "Maildir" / "new" / "1.host").unlink(missing_ok=True)
        return usual(self, key)

    monkeypatch.setattr(mailbox.Maildir, "get_file", taken_away)
    with home.app.app_context():
        found = read_mailbox(tmp_path / "Maildir", BASE, clock.now())
    assert (found.noted, found.letters - found.broken) == (1, 1)


def test_the_command_says_what_it_read_and_names_nobody(home: Desk, tmp_path: Path) -> None:
    file = tmp_path / "bounces.mbox"
    file.write_bytes(mbox(report(marks(home.app, sent(home))[0])))
    done = home.app.test_cli_runner().invoke(args=["read-bounces", str(file)])
    assert done.exit_code == 0
    assert "1  of ours came back for good" in done.output
    assert "ann" not in done.output


@pytest.mark.parametrize("name", ["", "missing", "letter.eml"])
def test_what_is_no_mailbox_is_said_in_one_line(home: Desk, tmp_path: Path, name: str) -> None:
    (tmp_path / "letter.eml").write_bytes(b"Subject: hello\n\nthere\n")
    done = home.app.test_cli_runner().invoke(args=["read-bounces", str(tmp_path / name)])
    assert isinstance(done.exception, CannotReadBounces)


def test_a_bounce_goes_with_its_message(
    home: Desk, tmp_path: Path, clock_at: Callable[[str], datetime]
) -> None:
    came_back(home, tmp_path, sent(home))
    later = clock_at("2028-01-10T12:00+00:00")
    with home.app.app_context():
        assert retention.forget(Kept.MESSAGES, later) == 1
    assert rows(home.app, select(Bounce.id)) == []


def test_where_it_came_back_is_forgotten_with_her_record(home: Desk, tmp_path: Path) -> None:
    came_back(home, tmp_path, sent(home))
    with home.app.app_context(), transaction():
        traces.forget_addresses([home.person_id], clock.now())
    assert rows(home.app, select(Bounce.address_key)) == [""]
