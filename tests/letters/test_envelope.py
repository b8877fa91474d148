"""What is written on the outside of a letter: one recipient, where it comes back, how to hear no more."""

import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

import pytest

from booking.messages.envelope import BadSender, sealed, worded
from booking.messages.letters.results import CalendarPart, Letter
from booking.rules.addresses import NotAPhoneNumber
from booking.rules.verp import bounce_address, message_id_of
from config import Settings

MARK = "0123456789abcdef0123456789abcdef"
MESSAGE_ID = f"<m.{MARK}@sessions.example.org>"
LETTER = Letter("ann@example.org", "Reminder: tea", "Hello Ann\n", "<p>Hello Ann</p>", MESSAGE_ID)
TOLD = Settings(help_email="help@example.org")
LONG_URL = "https://sessions.example.org/unsubscribe/" + "x" * 300


def on_the_wire(letter: Letter = LETTER, **settings: Any) -> EmailMessage:
    written = sealed(letter, replace(TOLD, **settings), datetime(2026, 8, 6, tzinfo=UTC)).content
    return message_from_bytes(written, policy=email.policy.default)


def test_an_answer_goes_to_the_help_address() -> None:
    assert on_the_wire()["Reply-To"] == "help@example.org"
    assert on_the_wire(replace(LETTER, reply_to="ada@example.org"))["Reply-To"] == "ada@example.org"


def test_a_help_address_nobody_can_write_to_stops_no_letter() -> None:
    assert on_the_wire(help_email="ask in the café")["Reply-To"] is None


def test_one_click_stops_what_may_be_stopped() -> None:
    reminder = on_the_wire(replace(LETTER, unsubscribe_url=LONG_URL))
    assert reminder["List-Unsubscribe"] == f"<{LONG_URL}>"
    assert reminder["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert on_the_wire()["List-Unsubscribe"] is None


def test_an_address_to_unsubscribe_at_is_never_folded() -> None:
    letter = replace(LETTER, unsubscribe_url=LONG_URL)
    written = sealed(letter, TOLD, datetime(2026, 8, 6, tzinfo=UTC)).content
    assert f"\r\nList-Unsubscribe: <{LONG_URL}>\r\n".encode() in written
    assert f"\r\nMessage-ID: {MESSAGE_ID}\r\n".encode() in written


@pytest.mark.parametrize(
    "url", ["https://x.org/>\r\nBcc: eve@example.org", "https://x.org/a b", "mailto:x", "https://x.org/é"]
)
def test_no_address_to_unsubscribe_at_can_write_a_header(url: str) -> None:
    with pytest.raises(ValueError, match="unsubscribe"):
        on_the_wire(replace(LETTER, unsubscribe_url=url))


def test_every_line_is_one_that_mail_servers_take() -> None:
    words = "Łine ŵith áccents, and a very long one it is. " * 40
    calendar = CalendarPart(b"BEGIN:VCALENDAR\r\n" * 30, "REQUEST", "tea.ics")
    letter = replace(
        LETTER, subject=words[:200], text=f"{words}\n", html=f"<p>{words}</p>", calendar=calendar
    )
    written = sealed(letter, TOLD, datetime(2026, 8, 6, tzinfo=UTC)).content
    assert max(len(line) for line in written.split(b"\r\n")) <= 76
    read = on_the_wire(letter)
    assert read["Subject"] == words[:200].strip()
    body = read.get_body(("plain",))
    assert body is not None
    assert body.get_content().split("\r\n") == [words, ""]


def test_nothing_leaves_that_no_line_can_hold() -> None:
    with pytest.raises(ValueError, match="no line"):
        on_the_wire(replace(LETTER, unsubscribe_url=f"https://x.org/{'x' * 1000}"))


@pytest.mark.parametrize(
    "evil", ["\r\nBcc: eve@example.org", "\nBcc: eve@example.org", "\r\n\r\nBuy", "\x00"]
)
def test_nobody_breaks_out_of_a_header(evil: str) -> None:
    with pytest.raises(ValueError, match="Message-ID"):
        on_the_wire(replace(LETTER, message_id=MESSAGE_ID + evil))
    read = on_the_wire(replace(LETTER, subject=f"Tea{evil}"))
    assert read["Bcc"] is None
    assert str(read["Subject"]).startswith("Tea")


@pytest.mark.parametrize(
    "disguised",
    [
        "=?utf-8?q?=0ABcc:_eve@evil.example?=",
        "=?utf-8?b?QnJlYXN0IGNhbmNlcg==?=",
        "==?utf-8?q?=0A=0A?=",
        "Tea =?utf-8?q?A=00?= & A Chat",
    ],
)
def test_no_title_says_something_else_in_disguise(disguised: str) -> None:
    read = on_the_wire(replace(LETTER, subject=disguised))
    assert str(read["Subject"]).replace("= ?", "=?") == disguised
    assert read["Bcc"] is None
    assert str(read["To"]) == LETTER.recipient


def test_no_file_name_breaks_out_of_a_header() -> None:
    evil = CalendarPart(b"", "REQUEST", 'tea"\r\nBcc: eve@example.org')
    for letter in (replace(LETTER, calendar=evil), replace(LETTER, more_calendars=(evil,))):
        assert all(part["Bcc"] is None for part in on_the_wire(letter).walk())


def test_an_address_in_any_alphabet_is_written_as_it_is() -> None:
    envelope = sealed(replace(LETTER, recipient="siân@exämple.org"), TOLD, datetime(2026, 8, 6, tzinfo=UTC))
    assert envelope.recipient == "siân@xn--exmple-cua.org"
    assert "\r\nTo: siân@xn--exmple-cua.org\r\n".encode() in envelope.content


def test_a_name_in_any_alphabet_is_read_as_it_was_written() -> None:
    name = "Cyfarfodydd ŵy a the bach, a phawb yn cael croeso cynnes yma bob dydd Llun"
    told = replace(TOLD, discreet_sender_name=name)
    written = message_from_bytes(sealed(LETTER, told, datetime(2026, 8, 6, tzinfo=UTC)).content)
    assert str(make_header(decode_header(written["From"]))) == f"{name} <sessions@example.org>"


def test_a_second_file_is_attached_beside_the_words() -> None:
    new, off = (CalendarPart(b"BEGIN\r\n", method, "sessions.ics") for method in ("REQUEST", "CANCEL"))
    read = on_the_wire(replace(LETTER, calendar=new, more_calendars=(off,)))
    assert [part.get_content_type() for part in read.iter_parts()] == [
        "multipart/alternative",
        "text/calendar",
    ]
    attached = next(read.iter_attachments())
    assert (attached.get_filename(), attached["Content-Type"].params["method"]) == ("sessions.ics", "CANCEL")
    assert attached.get_content() == "BEGIN\r\n"


def test_each_letter_comes_back_to_an_address_of_its_own() -> None:
    told = replace(TOLD, bounce_address="bounces@example.org")
    envelope = sealed(LETTER, told, datetime(2026, 8, 6, tzinfo=UTC))
    assert envelope.sender == f"bounces+{MARK}@example.org"
    assert envelope.message["From"] == "Make 2nds Count <sessions@example.org>"
    assert sealed(LETTER, TOLD, datetime(2026, 8, 6, tzinfo=UTC)).sender == "sessions@example.org"


@pytest.mark.parametrize(
    ("address", "found"),
    [
        (f"bounces+{MARK}@example.org", f"<m.{MARK}@"),
        (f"<Bounces+{MARK.upper()}@EXAMPLE.org>", f"<m.{MARK}@"),
        (f"bounces+{MARK}@example.net", None),
        (f"others+{MARK}@example.org", None),
        ("bounces+%@example.org", None),
        (f"bounces+{MARK[:-1]}@example.org", None),
        ("bounces@example.org", None),
        ("", None),
    ],
)
def test_a_letter_that_came_back_is_known_by_where_it_came_to(address: str, found: str | None) -> None:
    assert message_id_of("bounces@example.org", address) == found


def test_without_a_base_nothing_is_recognised() -> None:
    assert message_id_of("", f"+{MARK}@") is None
    with pytest.raises(ValueError, match="bounce"):
        bounce_address("bounces@example.org", "<somebody@elses>")
    with pytest.raises(ValueError, match="bounce"):
        bounce_address(f"{'b' * 32}@example.org", MESSAGE_ID)


def test_a_sender_that_cannot_be_is_a_fault_of_the_set_up() -> None:
    with pytest.raises(BadSender):
        on_the_wire(mail_from="noreply@localhost")
    with pytest.raises(BadSender):
        on_the_wire(bounce_address="bounces@localhost")


@pytest.mark.parametrize("short", ["", " \n", "Your breast cancer group is tomorrow"])
def test_a_text_message_without_words_for_a_lock_screen_is_none(short: str) -> None:
    with pytest.raises(ValueError, match="no words"):
        worded(replace(LETTER, recipient="07700 900123", short=short), TOLD, datetime(2026, 8, 6, tzinfo=UTC))


@pytest.mark.parametrize("phone", ["", "07700 900123, 07700 900124", "ann@example.org"])
def test_a_text_message_goes_to_exactly_one_phone(phone: str) -> None:
    with pytest.raises(NotAPhoneNumber):
        worded(replace(LETTER, recipient=phone, short="Tea"), TOLD, datetime(2026, 8, 6, tzinfo=UTC))
