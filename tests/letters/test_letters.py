"""Every letter, word for word, against its golden file, and without health words on a lock screen."""

import os
import re
from collections.abc import Callable
from datetime import date, datetime, time
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy.event import listen

from booking import clock
from booking.db import db, transaction
from booking.messages import outbox
from booking.messages.letters import Letter, compose_now
from booking.models import Booking, Person, ScheduledSession, SessionVersion
from booking.models.kinds import BookingState, LinkPurpose, MessageKind, Mode, SessionState
from booking.rules.discreet import FORBIDDEN, holds_forbidden
from booking.services.steps import links
from tests.letters.desk import Desk

GOLDEN = Path(__file__).parent / "golden"
NASTY = "Men living with secondary breast cancer"
PROOFS = (MessageKind.CONFIRM_EMAIL, MessageKind.SIGN_IN, MessageKind.CHANGE_EMAIL)
OF_A_COURSE = (MessageKind.COURSE_BOOKED, MessageKind.COURSE_STARTS, MessageKind.COURSE_LEFT)
NOTICES = (MessageKind.EMAIL_CHANGED, MessageKind.PASSWORD_CHANGED, MessageKind.FACTOR_CHANGED)
ABOUT_A_BOOKING = [
    MessageKind.BOOKED,
    MessageKind.GIVEN_UP,
    MessageKind.REMINDER,
    MessageKind.SESSION_CHANGED,
    MessageKind.SESSION_CANCELLED,
    *OF_A_COURSE,
    MessageKind.WAITING,
    MessageKind.OFFERED,
    MessageKind.PROVISIONAL,
]
# What hosts, the office and everybody of a session are told has tests beside the deeds that cause it.
KINDS = [*PROOFS, *NOTICES, *ABOUT_A_BOOKING]


def letter_of(desk: Desk, kind: MessageKind, clock_at: Callable[[str], datetime]) -> Letter:
    """Bring about what this letter tells, and read it."""
    if kind in PROOFS:
        return link_letter(desk, kind)
    if kind in NOTICES:
        return notice(desk, kind)
    if kind is MessageKind.REMINDER:
        clock_at("2026-08-24T10:00+01:00")
        return desk.letter(kind, key=f"booking:{desk.booking_id}:reminder:two_days:v1")
    if kind in OF_A_COURSE:
        return course_letter(desk, kind, clock_at)
    {
        MessageKind.BOOKED: lambda: None,
        MessageKind.GIVEN_UP: lambda: desk.change(Booking, desk.booking_id, state=BookingState.GIVEN_UP),
        MessageKind.SESSION_CHANGED: lambda: move(desk),
        MessageKind.SESSION_CANCELLED: lambda: cancel(desk),
        MessageKind.WAITING: lambda: wait(desk, BookingState.WAITING),
        MessageKind.OFFERED: lambda: wait(desk, BookingState.OFFERED, "2026-08-21T10:30+01:00"),
        MessageKind.PROVISIONAL: lambda: desk.change(
            Booking, desk.booking_id, state=BookingState.PROVISIONAL
        ),
    }[kind]()
    return desk.letter(kind, key=f"booking:{desk.booking_id}:{kind}:1")


def wait(desk: Desk, state: BookingState, until: str = "", **facts: object) -> None:
    """Let Ann's booking be one of the waiting list: told once, and a place perhaps kept until then."""
    held_until = datetime.fromisoformat(until) if until else None
    told = {"waits_since": clock.now(), "queue_at": clock.now(), "times_offered": 1}
    desk.change(Booking, desk.booking_id, state=state, held_until=held_until, **told, **facts)


def link_letter(desk: Desk, kind: MessageKind) -> Letter:
    with desk.app.app_context():
        with transaction():
            person = db.session.get_one(Person, desk.person_id)
            link = links.make(LinkPurpose(kind.value), "ann@example.org", "", clock.now(), person.id)
            link.nonce = "a fixed one"
            message = outbox.post(kind, person=person, link=link, now=clock.now(), key=f"link:{link.id}")
            assert message is not None
            message_id = message.id
        composed = compose_now(message_id, clock.now())
        assert isinstance(composed, Letter)
        return composed


def course_letter(desk: Desk, kind: MessageKind, clock_at: Callable[[str], datetime]) -> Letter:
    """Make the place one of three weeks of a course, and read what is said of it."""
    enrolment_id = desk.enrol(date(2026, 9, 2), date(2026, 9, 9))
    if kind is MessageKind.COURSE_STARTS:
        clock_at("2026-08-24T10:00+01:00")
    if kind is MessageKind.COURSE_LEFT:
        desk.leave(enrolment_id)
    return desk.letter(kind)


def notice(desk: Desk, kind: MessageKind) -> Letter:
    """Tell an address of Ann's that something of hers was changed."""
    with desk.app.app_context():
        with transaction():
            person = db.session.get_one(Person, desk.person_id)
            to = "ann@example.org"
            message = outbox.post(kind, person=person, recipient=to, now=clock.now(), key=f"{kind}:1")
            assert message is not None
            message_id = message.id
        composed = compose_now(message_id, clock.now())
        assert isinstance(composed, Letter)
        return composed


def move(desk: Desk) -> None:
    """Move the session to an hour later, at version 2."""
    with desk.app.app_context():
        scheduled = db.session.get_one(ScheduledSession, desk.session_id)
        scheduled.start_time, scheduled.schedule_version = time(14, 30), 2
        scheduled.public_reason = "The kettle is being mended."
        facts = ("local_date", "start_time", "end_time", "mode", "venue_id")
        version = {fact: getattr(scheduled, fact) for fact in facts}
        db.session.add(
            SessionVersion(session_id=scheduled.id, schedule_version=2, made_at=clock.now(), **version)
        )
        db.session.commit()


def cancel(desk: Desk) -> None:
    """Cancel the session, with two others near and one far away."""
    with desk.app.app_context():
        series_id = db.session.get_one(ScheduledSession, desk.session_id).series_id
    for on in (date(2026, 9, 2), date(2026, 9, 9), date(2027, 1, 6)):
        desk.make.session(series_id, on=on)
    reason = {"public_reason": "The host is not well.", "cancelled_at": clock.now()}
    desk.change(ScheduledSession, desk.session_id, state=SessionState.CANCELLED, **reason)
    desk.change(Booking, desk.booking_id, state=BookingState.CANCELLED)


def same(name: str, content: str) -> None:
    """Compare with the golden file; UPDATE_GOLDEN=1 writes it anew."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode())
    assert content == path.read_bytes().decode()


def words_of(html: str) -> list[str]:
    body = re.sub(r"<(title|style).*?</\1>|</?(a|span)\b[^>]*>", "", html, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", body)).split()


@pytest.mark.parametrize("kind", KINDS)
def test_each_letter_says_what_its_golden_file_says(
    desk: Desk, kind: MessageKind, clock_at: Callable[[str], datetime]
) -> None:
    desk.place(mode=Mode.HYBRID)
    letter = letter_of(desk, kind, clock_at)
    same(f"{kind}.txt", f"Subject: {letter.subject}\n\n{letter.text}")
    same(f"{kind}.html", letter.html)
    if letter.short:
        same(f"{kind}.short.txt", letter.short + "\n")
    if letter.calendar is not None:
        same(f"{kind}.ics", letter.calendar.content.decode())


def test_the_letter_about_a_cancelled_date_with_a_kept_place_says_what_its_golden_file_says(
    desk: Desk,
) -> None:
    desk.place(mode=Mode.HYBRID)
    cancel(desk)
    until = datetime.fromisoformat("2026-08-21T10:30+01:00")
    facts = {"state": BookingState.OFFERED, "held_until": until, "instead_of_id": desk.booking_id}
    desk.make.booking(desk.session_id + 1, desk.person_id, **facts)
    letter = desk.letter(MessageKind.SESSION_CANCELLED)
    same("session_cancelled_kept.txt", f"Subject: {letter.subject}\n\n{letter.text}")
    same("session_cancelled_kept.html", letter.html)


def test_the_late_news_of_a_place_says_what_its_golden_file_says(desk: Desk) -> None:
    desk.place(mode=Mode.HYBRID)
    wait(desk, BookingState.WAITING, "2026-08-21T10:30+01:00", tells_late=True)
    letter = desk.letter(MessageKind.OFFERED, key=f"booking:{desk.booking_id}:offered:1")
    same("offered_late.txt", f"Subject: {letter.subject}\n\n{letter.text}")
    same("offered_late.html", letter.html)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_letter_asks_the_database_few_questions(desk: Desk, clock_at: Callable[[str], datetime]) -> None:
    desk.place(mode=Mode.HYBRID)
    clock_at("2026-08-24T10:00+01:00")
    message_id = desk.post(MessageKind.REMINDER, f"booking:{desk.booking_id}:reminder:two_days:v1")
    asked: list[str] = []
    with desk.app.app_context():
        listen(db.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    assert isinstance(desk.compose(message_id), Letter)
    # The letter with its reader, her place, her other reminder, who leads, the wording, where she is reached.
    assert len([one for one in asked if one.startswith("SELECT")]) <= 6


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", KINDS)
def test_of_what_is_said_of_a_place_only_reminders_stop_with_one_click(
    desk: Desk, kind: MessageKind, clock_at: Callable[[str], datetime]
) -> None:
    desk.place()
    assert bool(letter_of(desk, kind, clock_at).unsubscribe_url) is (kind is MessageKind.REMINDER)


@pytest.mark.parametrize("kind", KINDS)
def test_the_html_says_the_same_words_as_the_text(
    desk: Desk, kind: MessageKind, clock_at: Callable[[str], datetime]
) -> None:
    desk.place(mode=Mode.ONLINE)
    letter = letter_of(desk, kind, clock_at)
    said = [word for word in letter.text.split() if not word.startswith(("http", "-"))]
    shown = words_of(letter.html)
    assert [word.rstrip(":") for word in said] == [word.rstrip(":") for word in shown]
    # At an old address there is nothing to press.
    assert letter.html.count('class="button"') == (kind is not MessageKind.EMAIL_CHANGED)
    assert "<img" not in letter.html


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", [Mode.IN_PERSON, Mode.ONLINE])
def test_each_link_stands_once_in_the_html_in_words_and_in_the_text_as_an_address(
    desk: Desk, kind: MessageKind, mode: Mode, clock_at: Callable[[str], datetime]
) -> None:
    desk.place(mode=mode)
    letter = letter_of(desk, kind, clock_at)
    hrefs = re.findall(r'href="([^"]+)"', letter.html)
    ours = [href for href in hrefs if href.startswith("http")]
    assert [href for href in hrefs if href not in ours] == ["tel:03069990123", "mailto:help@example.org"]
    assert len(hrefs) == len(set(hrefs))
    assert sorted(re.findall(r"http\S+", letter.text)) == sorted(ours)
    assert "http" not in " ".join(words_of(letter.html))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", [Mode.IN_PERSON, Mode.ONLINE])
def test_no_letter_shows_a_health_word_on_a_lock_screen(
    desk: Desk, kind: MessageKind, mode: Mode, clock_at: Callable[[str], datetime]
) -> None:
    venue = desk.make.venue("Breast Care Centre", address="Oncology Road")
    where = {} if mode is Mode.ONLINE else {"venue_id": venue}
    desk.place(title=NASTY, discreet_name="Tea & A Chat for men", mode=mode, **where)
    letter = letter_of(desk, kind, clock_at)
    shown = [letter.subject, letter.text[:150], " ".join(words_of(letter.html))[:150]]
    shown += re.findall(r"https?://\S+", letter.text)
    if letter.calendar is not None:
        unfolded = letter.calendar.content.decode().replace("\r\n ", "")
        shown += [unfolded, letter.calendar.file_name]
    for text in shown:
        assert not holds_forbidden(text)
        assert not any(word in text.lower() for word in FORBIDDEN)


@pytest.mark.parametrize("kind", ABOUT_A_BOOKING)
def test_the_full_title_stands_further_down(
    desk: Desk, kind: MessageKind, clock_at: Callable[[str], datetime]
) -> None:
    desk.place(title=NASTY, discreet_name="Tea & A Chat for men")
    letter = letter_of(desk, kind, clock_at)
    assert NASTY in letter.text[150:]
    assert NASTY in letter.html


@pytest.mark.parametrize("kind", ABOUT_A_BOOKING)
def test_the_meeting_address_is_never_in_a_message(
    desk: Desk, kind: MessageKind, clock_at: Callable[[str], datetime]
) -> None:
    desk.place(mode=Mode.ONLINE)
    letter = letter_of(desk, kind, clock_at)
    calendar = letter.calendar.content.decode() if letter.calendar else ""
    assert "raw-secret" not in letter.text + letter.html + calendar


def test_one_event_keeps_its_uid_and_its_sequence_rises(
    desk: Desk, clock_at: Callable[[str], datetime]
) -> None:
    desk.place()
    seen = []
    for kind in (MessageKind.BOOKED, MessageKind.SESSION_CHANGED, MessageKind.SESSION_CANCELLED):
        part = letter_of(desk, kind, clock_at).calendar
        assert part is not None
        text = part.content.decode()
        seen.append((part.method, re.findall(r"^UID:.*|^SEQUENCE:.*", text, re.MULTILINE)))
    assert [method for method, _lines in seen] == ["REQUEST", "REQUEST", "CANCEL"]
    assert len({lines[0] for _method, lines in seen}) == 1
    assert [lines[1].strip() for _method, lines in seen] == ["SEQUENCE:2", "SEQUENCE:4", "SEQUENCE:5"]


def test_a_calendar_names_nobody_but_herself(desk: Desk) -> None:
    desk.place()
    desk.make.booking(desk.session_id, desk.make.person("Ben"))
    part = desk.letter(MessageKind.BOOKED).calendar
    assert part is not None
    unfolded = part.content.decode().replace("\r\n ", "")
    assert re.findall(r"^ATTENDEE.*mailto:(\S+)", unfolded, re.MULTILINE) == ["ann@example.org"]


def test_a_name_typed_by_a_stranger_is_not_repeated_to_an_unproven_address(desk: Desk) -> None:
    desk.person_id = desk.make.person("Win a prize at evil.example")
    assert "evil" not in link_letter(desk, MessageKind.CONFIRM_EMAIL).text


def test_whoever_is_registered_already_is_offered_to_sign_in(desk: Desk) -> None:
    desk.make.person("Ben", email="ann@example.org")
    desk.person_id = desk.make.person("Ann")
    assert "http://localhost/sign-in\n" in link_letter(desk, MessageKind.CONFIRM_EMAIL).text


@pytest.mark.parametrize("address", ["1 Example Street, Manchester", "1 Example Street\nManchester"])
def test_the_town_is_said_once(desk: Desk, address: str) -> None:
    desk.place(venue_id=desk.make.venue("Friends' Meeting House, Manchester", address=address))
    text = desk.letter(MessageKind.BOOKED).text
    assert "Where: Friends' Meeting House, Manchester, 1 Example Street\n" in text


def test_another_town_at_the_end_of_the_address_stays(desk: Desk) -> None:
    desk.place(venue_id=desk.make.venue("Chester House", address="2 Example Street, Manchester"))
    assert "Chester House, 2 Example Street, Manchester\n" in desk.letter(MessageKind.BOOKED).text


def test_a_change_of_the_hour_names_its_day_once_and_its_reason_beneath(desk: Desk) -> None:
    desk.place()
    move(desk)
    text = desk.letter(MessageKind.SESSION_CHANGED).text
    assert (
        "You still have your place.\n\n"
        "When: Wednesday 26 August 2026, was 1:30pm to 5pm, now 2:30pm to 5pm.\n\n"
        "Why: The kettle is being mended.\n\nWhat:" in text
    )
    assert text.count("2:30pm") == 2


def test_a_change_of_the_day_names_both_days(desk: Desk) -> None:
    desk.place()
    move(desk)
    desk.change(ScheduledSession, desk.session_id, local_date=date(2026, 8, 27))
    text = desk.letter(MessageKind.SESSION_CHANGED).text
    assert "was Wednesday 26 August 2026, 1:30pm to 5pm, now Thursday 27 August 2026, 2:30pm to 5pm." in text


def test_a_reason_that_says_too_much_stands_further_down(desk: Desk) -> None:
    desk.place(title="Tea")
    move(desk)
    reason = "The cancer unit is being painted."
    desk.change(ScheduledSession, desk.session_id, public_reason=reason)
    text = desk.letter(MessageKind.SESSION_CHANGED).text
    assert text.index("How to cancel") < text.index(f"Why: {reason}")
