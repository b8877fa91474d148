"""What is written once to many: word for word, out of a lock screen's sight, and news stopped by one tap."""

import re
from typing import Any

import pytest

from booking import clock
from booking.db import db, transaction
from booking.messages.letters import Letter, compose_now
from booking.messages.letters.announcements import look_at_announcement, look_at_news
from booking.messages.letters.render import OPENING_LENGTH
from booking.models import Announcement, Booking, Consent, Message, Person
from booking.models.kinds import BookingState, ConsentHow, ConsentPurpose, MessageKind, Mode
from booking.rules.discreet import holds_forbidden
from booking.rules.wordings_of_letters import editable_of
from booking.services import announcements
from tests.letters.desk import Desk
from tests.letters.test_letters import NASTY, same, words_of

SAID = "The lift is out of order.\nPlease use the side door.\n\nBring <b>a cushion</b> if you like."
HEADING = "Singing on Thursdays"
BOTH = (MessageKind.ANNOUNCEMENT, MessageKind.NEWS)


def to_everybody(desk: Desk, said: str = SAID) -> Letter:
    """Let Fay write to everybody of the date, and read Ann's letter."""
    with desk.app.app_context():
        host = db.session.scalars(db.select(Person.id).where(Person.known_as == "Fay")).one()
        announcements.message_everyone(desk.session_id, said, host, clock.now(), includes_waiting=True)
    return read(desk)


def news(desk: Desk, said: str = SAID) -> Letter:
    """Let Ann ask for news, and read what the office sends her."""
    with desk.app.app_context():
        facts: dict[str, Any] = {"wording_version": "1", "how": ConsentHow.WEB, "given_at": clock.now()}
        db.session.add(Consent(person_id=desk.person_id, purpose=ConsentPurpose.NEWS, **facts))
        hers = db.session.get_one(Person, desk.person_id)
        hers.wants_news, hers.mail_nonce = True, "a fixed one"
        db.session.commit()
        announcements.send_news(HEADING, said, desk.make.admin(), clock.now())
    return read(desk)


def read(desk: Desk) -> Letter:
    with desk.app.app_context():
        composed = compose_now(1, clock.now())
        assert isinstance(composed, Letter), composed
        return composed


WRITE = {MessageKind.ANNOUNCEMENT: to_everybody, MessageKind.NEWS: news}


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, databases: Any, tmp_path: Any) -> str:
    """Letters are words made of rows: one kind of database is enough for them."""
    return str(databases.empty(request.param, tmp_path))


@pytest.mark.parametrize("kind", BOTH)
def test_it_says_what_its_golden_file_says(desk: Desk, kind: MessageKind) -> None:
    desk.place(mode=Mode.HYBRID)
    letter = WRITE[kind](desk)
    same(f"{kind}.txt", f"Subject: {letter.subject}\n\n{letter.text}")
    same(f"{kind}.html", letter.html)
    assert (letter.calendar, letter.short, letter.reply_to) == (None, "", "help@example.org")


@pytest.mark.parametrize("kind", BOTH)
def test_the_html_says_the_same_words_and_links_as_the_text(desk: Desk, kind: MessageKind) -> None:
    desk.place(mode=Mode.ONLINE)
    letter = WRITE[kind](desk)
    said = [word.rstrip(":") for word in letter.text.split() if not word.startswith(("http", "-"))]
    assert said == [word.rstrip(":") for word in words_of(letter.html)]
    hrefs = re.findall(r'href="(http[^"]+)"', letter.html)
    assert set(re.findall(r"http\S+", letter.text)) <= set(hrefs)
    assert letter.html.count('class="button"') == 1
    assert "<b>" not in letter.html


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("name", ["", "Ann"])
def test_a_lock_screen_shows_none_of_what_was_written(desk: Desk, kind: MessageKind, name: str) -> None:
    desk.place(title=NASTY, discreet_name="Tea", mode=Mode.ONLINE)
    desk.change(Person, desk.person_id, known_as=name)
    letter = WRITE[kind](desk, "Xylophones, and cancer.")
    shown = " ".join(words_of(letter.html))
    assert min(letter.text.index("Xylophones"), shown.index("Xylophones")) > OPENING_LENGTH
    assert "Xylophones" not in letter.subject
    assert HEADING not in letter.subject
    assert not holds_forbidden(letter.subject + letter.text[:OPENING_LENGTH] + shown[:OPENING_LENGTH])
    assert not any(map(holds_forbidden, re.findall(r"http\S+", letter.text)))


def test_only_news_can_be_stopped_with_one_tap(desk: Desk) -> None:
    desk.place()
    assert to_everybody(desk).unsubscribe_url == ""
    desk.change(Announcement, 1, words="")
    with desk.app.app_context(), transaction():
        db.session.execute(db.delete(Message))
    letter = news(desk)
    assert "/unsubscribe/" in letter.unsubscribe_url
    assert letter.unsubscribe_url in letter.text


def test_who_only_waits_is_told_no_way_in_and_nothing_to_cancel(desk: Desk) -> None:
    desk.place(mode=Mode.ONLINE)
    desk.change(Booking, desk.booking_id, state=BookingState.WAITING)
    letter = to_everybody(desk)
    assert "/join/" not in letter.text
    assert "How to cancel" not in letter.text


def test_the_raw_meeting_address_is_not_in_it(desk: Desk) -> None:
    desk.place(mode=Mode.ONLINE)
    letter = to_everybody(desk)
    assert "raw-secret" not in letter.text + letter.html
    assert "/join/" in letter.text


def test_the_office_writes_without_anybodys_name(desk: Desk) -> None:
    desk.place()
    ada = desk.make.admin()
    with desk.app.app_context():
        announcements.message_everyone(desk.session_id, SAID, ada, clock.now(), for_office=True)
    text = read(desk).text
    assert "Our office writes:" in text
    assert "Ada" not in text


def test_a_host_who_leads_it_no_more_is_not_named(desk: Desk) -> None:
    desk.place()
    to_everybody(desk)
    with desk.app.app_context(), transaction():
        db.session.execute(db.update(Person).where(Person.known_as == "Fay").values(status="died"))
    text = read(desk).text
    assert "Your host writes:" in text
    assert "Fay" not in text


def test_the_look_is_the_letter_without_anybodys_name_or_links(desk: Desk) -> None:
    desk.place(mode=Mode.ONLINE)
    letter = to_everybody(desk)
    with desk.app.app_context():
        host = db.session.get_one(Announcement, 1).author_id
        look = look_at_announcement(desk.session_id, SAID, host)
        assert look.subject == letter.subject
        assert look.text.startswith("Hello,\n\nHere is a message about")
        assert re.findall(r"http\S+", look.text) == ["http://localhost/me"]
        assert "Ann" not in look.text
        assert SAID in look.text
        assert HEADING in look_at_news(HEADING, SAID).text


@pytest.mark.parametrize("kind", BOTH)
def test_its_opening_keeps_its_length_because_the_office_does_not_write_it_anew(kind: MessageKind) -> None:
    assert editable_of(kind, {}) is None
