"""The words of letters: by whatever channel, in her language, as the office wrote them, never too plain."""

import re
import string
from collections.abc import Callable
from datetime import datetime
from gettext import NullTranslations
from html import unescape
from pathlib import Path

import flask_babel
import pytest

from booking import clock
from booking.db import db
from booking.messages.letters import ForTheOffice, Letter, words_now
from booking.messages.letters.render import TWO_PARTS
from booking.messages.reach import BY_TEXT
from booking.models import LetterWording, Message, Person, Series, Venue
from booking.models.kinds import Channel, MessageKind, Mode
from booking.rules.discreet import FORBIDDEN, holds_forbidden
from tests.letters.desk import Desk
from tests.letters.test_letters import ABOUT_A_BOOKING, KINDS, letter_of, words_of

TEMPLATES = Path(__file__).parents[2] / "templates" / "letters"
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CAST = "Ann Fay Tea Chat Manchester Friends Meeting House Mount Street Make nds Count help example org"
CALENDAR = "Wednesday Monday Thursday Friday August September ics am pm"


def wording(desk: Desk, kind: MessageKind, version: int = 1, **facts: object) -> None:
    """Let the office have written the words of a letter, past every check."""
    words = {"subject": "Soon: {name}", "opening": "See you on {day}.", "closing": "From {organisation}."}
    with desk.app.app_context():
        saved = {"saved_by": desk.person_id, "saved_at": clock.now(), "wording_version": version}
        db.session.add(LetterWording(kind=kind, **(words | saved | facts)))
        db.session.commit()


def words_of_today(desk: Desk, message_id: int) -> Letter:
    with desk.app.app_context():
        words = words_now(message_id, clock.now())
    assert isinstance(words, Letter)
    return words


class NoWordLeft(NullTranslations):
    """A language in which every letter of ours is ø, so that what was not offered to translators shows."""

    _ours = str.maketrans(dict.fromkeys(string.ascii_letters, "ø"))

    def gettext(self, message: str) -> str:
        parts = re.split(r"(%\(\w+\)[sd])", message)
        return "".join(part if part.startswith("%(") else part.translate(self._ours) for part in parts)

    ugettext = gettext

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    ungettext = ngettext


@ONE_DATABASE
@pytest.mark.parametrize("kind", ABOUT_A_BOOKING)
def test_no_title_with_a_health_word_reaches_a_lock_screen(
    desk: Desk, kind: MessageKind, clock_at: Callable[[str], datetime]
) -> None:
    desk.place()
    letter_of(desk, kind, clock_at)
    with desk.app.app_context():
        message_id = db.session.scalars(db.select(Message.id)).one()
    for word in FORBIDDEN:
        title = f"Tea for {word} friends"
        desk.change(Series, 1, title=title, discreet_name=title)
        letter = words_of_today(desk, message_id)
        shown = [letter.subject, letter.text[:150], " ".join(words_of(letter.html))[:150], letter.short]
        if letter.calendar is not None:
            shown += [letter.calendar.content.decode().replace("\r\n ", ""), letter.calendar.file_name]
        assert letter.short
        assert not any(holds_forbidden(text) for text in shown)
        assert title in letter.text


def test_every_kind_that_goes_by_text_has_short_words() -> None:
    assert all((TEMPLATES / kind / "text.txt").is_file() for kind in BY_TEXT)


@ONE_DATABASE
@pytest.mark.parametrize("kind", ABOUT_A_BOOKING)
def test_a_text_message_names_us_the_help_line_and_one_address_at_most(
    desk: Desk, kind: MessageKind, clock_at: Callable[[str], datetime]
) -> None:
    desk.place(mode=Mode.ONLINE)
    short = letter_of(desk, kind, clock_at).short
    assert short.startswith("Make 2nds Count: ")
    assert short.endswith("Need a hand? Call 0306 999 0123.")
    assert short.count("http") <= 1
    assert "\n" not in short


@ONE_DATABASE
@pytest.mark.parametrize(
    ("mode", "where"),
    [
        (Mode.ONLINE, " Where: Online."),
        (Mode.IN_PERSON, " Where: Friends' Meeting House, Mount Street."),
    ],
)
def test_a_text_message_reminds_her_where_it_is(
    desk: Desk, mode: Mode, where: str, clock_at: Callable[[str], datetime]
) -> None:
    desk.place(mode=mode)
    short = letter_of(desk, MessageKind.REMINDER, clock_at).short
    assert where in short
    assert len(short) <= TWO_PARTS


@ONE_DATABASE
def test_a_text_message_says_no_place_that_would_make_three_of_two(
    desk: Desk, clock_at: Callable[[str], datetime]
) -> None:
    desk.place(title="Tea " * 30)
    short = letter_of(desk, MessageKind.REMINDER, clock_at).short
    assert "1:30pm to 5pm" in short
    assert "Where" not in short
    assert len(short) <= TWO_PARTS


@ONE_DATABASE
def test_a_text_message_names_no_address_that_says_too_much(
    desk: Desk, clock_at: Callable[[str], datetime]
) -> None:
    desk.place()
    with desk.app.app_context():
        venue_id = db.session.scalar(db.select(Venue.id))
    desk.change(Venue, venue_id, name="Cancer Centre")
    assert " Where: In person." in letter_of(desk, MessageKind.REMINDER, clock_at).short


def test_what_is_read_out_or_printed_are_the_words_of_the_letter(desk: Desk) -> None:
    desk.place()
    letter = desk.letter(MessageKind.BOOKED)
    desk.change(Person, desk.person_id, channel=Channel.POST)
    message_id = desk.post(MessageKind.BOOKED, key="booked:2")
    words = words_of_today(desk, message_id)
    assert (words.subject, words.text, words.html) == (letter.subject, letter.text, letter.html)
    assert words.recipient == ""
    assert isinstance(desk.compose(message_id), ForTheOffice)


@ONE_DATABASE
def test_dates_and_the_letter_are_in_her_language(desk: Desk) -> None:
    desk.place()
    desk.change(Person, desk.person_id, language="cy")
    letter = desk.letter(MessageKind.BOOKED)
    assert "Dydd Mercher 26 Awst 2026" in letter.text
    assert '<html lang="cy">' in letter.html


@ONE_DATABASE
def test_a_language_nobody_has_heard_of_is_english(desk: Desk) -> None:
    desk.place()
    desk.change(Person, desk.person_id, language="xx-nonsense")
    assert "Wednesday 26 August 2026" in desk.letter(MessageKind.BOOKED).text


@ONE_DATABASE
@pytest.mark.parametrize("kind", KINDS)
def test_every_word_of_ours_can_be_translated(
    desk: Desk, kind: MessageKind, clock_at: Callable[[str], datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.place()
    monkeypatch.setattr(flask_babel.Domain, "get_translations", lambda _domain: NoWordLeft())
    letter = letter_of(desk, kind, clock_at)
    said = f"{letter.subject} {letter.text} {unescape(' '.join(words_of(letter.html)))} {letter.short}"
    left = set(re.findall(r"[A-Za-z]{2,}", re.sub(r"http\S+", "", said)))
    # What somebody wrote, who she is, and the days of the calendar are nobody's to translate here.
    theirs = "The kettle is being mended The host is not well"
    assert left <= set(f"{CAST} {CALENDAR} {theirs}".split())


def test_the_offices_words_stand_first_and_last_and_the_facts_stay(desk: Desk) -> None:
    desk.place()
    wording(desk, MessageKind.BOOKED)
    letter = desk.letter(MessageKind.BOOKED)
    assert letter.subject == "Soon: Tea & A Chat Manchester"
    assert "Hello Ann,\n\nSee you on Wednesday 26 August 2026.\n\nWhat: Tea" in letter.text
    assert "\n\nFrom Make 2nds Count.\n\nNeed a hand?" in letter.text
    assert "See you on Wednesday 26 August 2026.</p>" in letter.html
    assert "We look forward" not in letter.text + letter.html


@ONE_DATABASE
def test_the_newest_words_count_and_the_original_ones_come_back(desk: Desk) -> None:
    desk.place()
    wording(desk, MessageKind.BOOKED)
    wording(desk, MessageKind.BOOKED, 2, subject="Newer: {name}")
    assert desk.letter(MessageKind.BOOKED).subject == "Newer: Tea & A Chat Manchester"
    wording(desk, MessageKind.BOOKED, 3, is_original=True)
    assert "We look forward" in desk.letter(MessageKind.BOOKED, key="again").text


@ONE_DATABASE
def test_words_that_a_name_makes_too_plain_give_way_to_the_original_ones(desk: Desk) -> None:
    desk.place(discreet_name="Group tea")
    wording(desk, MessageKind.BOOKED, opening="Our support {name} is near.")
    letter = desk.letter(MessageKind.BOOKED)
    assert letter.subject == "You have a place: Group tea, Wednesday 26 August 2026"
    assert "We look forward to seeing you." in letter.text


@ONE_DATABASE
@pytest.mark.parametrize(
    "broken", ["{", "}{", "{nothing}", "{name.__class__}", "%(name)s %s", "{{ 7*7 }}", ""]
)
def test_no_wording_ever_keeps_a_letter_from_leaving(desk: Desk, broken: str) -> None:
    desk.place()
    wording(desk, MessageKind.BOOKED, subject=broken, opening=broken, closing=broken)
    letter = desk.letter(MessageKind.BOOKED)
    assert "What: Tea & A Chat Manchester" in letter.text
    assert "49" not in letter.subject


@ONE_DATABASE
def test_what_the_office_wrote_is_no_html(desk: Desk) -> None:
    desk.place()
    wording(desk, MessageKind.BOOKED, opening="<b>Soon</b> & {name}")
    letter = desk.letter(MessageKind.BOOKED)
    assert "&lt;b&gt;Soon&lt;/b&gt; &amp; Tea &amp; A Chat" in letter.html
    assert "<b>Soon</b> & Tea & A Chat" in letter.text
