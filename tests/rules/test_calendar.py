from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event

from booking.rules.addresses import one_line
from booking.rules.calendar import EventFacts, event_file, feed
from booking.rules.wall_time import to_instant

HER, US = "ann@example.org", "hello@example.org"
FACTS = EventFacts(
    uid="session-7@booking.example.org",
    sequence=2,
    stamp=datetime(2026, 7, 1, 9, 30, tzinfo=UTC),
    local_date=date(2026, 8, 6),
    start_time=time(13, 30),
    end_time=time(17),
    zone="Europe/London",
    title="Tea & A Chat, Manchester; upstairs",
    place="Friends' Meeting House, Manchester",
    description="What to bring:\nnothing at all.",
    url="https://booking.example.org/sessions/7",
    cancelled=False,
)
NASTY = [
    "Ann\r\nATTENDEE:mailto:ben@example.org",
    "x" * 200,
    "ŵ" * 200,
    "👩\u200d👧 tea ☕" * 20,
    "شاي وحديث",
    "<script>alert(1)</script> & <b>",
    'back\\slash; semi, comma: "quote"',
    "=1+1",
    "\x00\x07\u2028 end",
]


def invitation(facts: EventFacts = FACTS) -> bytes:
    return event_file(facts, "REQUEST", US, "Make 2nds Count", HER)


def only_event(written: bytes) -> Event:
    calendar = Calendar.from_ical(written)
    assert isinstance(calendar, Calendar)
    [event] = calendar.walk("VEVENT")
    assert isinstance(event, Event)
    return event


def unfolded(written: bytes) -> list[str]:
    return written.decode().replace("\r\n ", "").split("\r\n")


def test_ann_gets_her_session_as_wall_time() -> None:
    lines = unfolded(invitation())
    for line in (
        "METHOD:REQUEST",
        "UID:session-7@booking.example.org",
        "SEQUENCE:2",
        "DTSTAMP:20260701T093000Z",
        "DTSTART;TZID=Europe/London:20260806T133000",
        "DTEND;TZID=Europe/London:20260806T170000",
        "SUMMARY:Tea & A Chat\\, Manchester\\; upstairs",
        "STATUS:CONFIRMED",
    ):
        assert line in lines


def test_nobody_else_stands_in_the_invitation() -> None:
    event = only_event(invitation())
    assert str(event["attendee"]) == f"mailto:{HER}"
    assert str(event["organizer"]) == f"mailto:{US}"
    assert invitation().count(b"ATTENDEE") == 1


def test_a_cancelled_session_takes_itself_out_of_the_calendar() -> None:
    written = event_file(replace(FACTS, sequence=3), "CANCEL", US, "Make 2nds Count", HER)
    lines = unfolded(written)
    assert {"METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:3", f"UID:{FACTS.uid}"} <= set(lines)


def test_a_published_file_names_nobody() -> None:
    written = event_file(FACTS, "PUBLISH")
    assert b"ATTENDEE" not in written
    assert b"ORGANIZER" not in written


def test_an_invitation_to_nobody_and_a_published_attendee_are_faults() -> None:
    with pytest.raises(ValueError, match="wrong people"):
        event_file(FACTS, "REQUEST", US, "Us", None)
    with pytest.raises(ValueError, match="wrong people"):
        event_file(FACTS, "CANCEL", None, "Us", HER)
    with pytest.raises(ValueError, match="wrong people"):
        event_file(FACTS, "PUBLISH", US, "Us", HER)


@pytest.mark.parametrize(
    "on",
    [
        date(2026, 3, 28),
        date(2026, 3, 29),
        date(2026, 4, 1),
        date(2026, 10, 24),
        date(2026, 10, 25),
        date(2050, 7, 1),
    ],
)
def test_the_zone_in_the_file_tells_the_same_instant_as_we_do(on: date) -> None:
    # The zone is renamed, so that the reader must believe the file and not its own tables.
    written = event_file(replace(FACTS, local_date=on), "PUBLISH").replace(
        b"Europe/London", b"Nowhere/Of/Ours"
    )
    assert only_event(written)["dtstart"].dt.astimezone(UTC) == to_instant(on, time(13, 30))


def test_a_session_elsewhere_is_written_as_utc() -> None:
    lines = unfolded(event_file(replace(FACTS, zone="Asia/Tokyo"), "PUBLISH"))
    assert "DTSTART:20260806T043000Z" in lines


def test_an_evening_that_ends_after_midnight_ends_on_the_next_day() -> None:
    event = only_event(invitation(replace(FACTS, start_time=time(22), end_time=time(0, 30))))
    assert event["dtend"].dt - event["dtstart"].dt == timedelta(hours=2, minutes=30)


@pytest.mark.parametrize("words", NASTY)
def test_no_words_break_out_of_their_line(words: str) -> None:
    written = event_file(
        replace(FACTS, title=words, place=words, description=words, url=words), "REQUEST", US, words, HER
    )
    event = only_event(written)
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    assert b"\n" not in written.replace(b"\r\n", b"")
    assert b"\r" not in written.replace(b"\r\n", b"")
    assert str(event["summary"]) == str(event["location"]) == one_line(words)
    assert str(event["attendee"]) == f"mailto:{HER}"


def test_a_line_break_in_an_address_adds_no_second_person() -> None:
    event = only_event(
        event_file(FACTS, "REQUEST", US, "Us", "ann@example.org\r\nATTENDEE:mailto:ben@example.org")
    )
    assert not isinstance(event["attendee"], list)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200), st.dates(date(2020, 1, 1), date(2060, 1, 1)))
def test_what_is_written_is_read_again(title: str, description: str, on: date) -> None:
    event = only_event(invitation(replace(FACTS, title=title, description=description, local_date=on)))
    assert str(event["summary"]) == one_line(title)
    assert event["dtstart"].dt.astimezone(UTC) == to_instant(on, time(13, 30))
    assert event["dtend"].dt.astimezone(UTC) == to_instant(on, time(17))


def test_a_feed_is_the_same_bytes_for_the_same_facts() -> None:
    events = [FACTS, replace(FACTS, uid="session-8@booking.example.org", cancelled=True)]
    written = feed(events, "Tea & A Chat\r\nX-EVIL:1")
    assert written == feed(events, "Tea & A Chat\r\nX-EVIL:1")
    assert "X-WR-CALNAME:Tea & A Chat X-EVIL:1" in unfolded(written)
    assert [line for line in unfolded(written) if "STATUS" in line] == [
        "STATUS:CONFIRMED",
        "STATUS:CANCELLED",
    ]
    assert b"ATTENDEE" not in written


def test_an_empty_feed_is_still_a_calendar() -> None:
    calendar = Calendar.from_ical(feed([], "Sessions"))
    assert calendar.walk("VEVENT") == []
    assert len(calendar.walk("VTIMEZONE")) == 1


def test_a_feed_is_written_date_by_date_as_it_would_be_in_one_piece() -> None:
    facts = [
        replace(FACTS, uid=f"session-{number}", title=words, place=words, description=words, cancelled=off)
        for number, words in enumerate(NASTY)
        for off in (False, True)
    ]
    whole = Calendar.from_ical(feed(facts, "Session calendar"))
    assert feed(facts, "Session calendar") == whole.to_ical()
    assert len(whole.walk("VEVENT")) == len(facts)


def test_a_date_that_changed_is_written_anew() -> None:
    before, after = feed([FACTS], "Sessions"), feed([replace(FACTS, sequence=4)], "Sessions")
    assert b"SEQUENCE:2" in before
    assert b"SEQUENCE:4" in after
