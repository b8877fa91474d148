"""iCalendar: facts in, bytes out, with a Europe/London time zone written by hand.

A generated zone repeats the rules of its last change only and is an hour off in spring.
Source: RFC 5545, RFC 5546, RFC 7986.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from icalendar import Calendar, Event, Timezone, vCalAddress, vDuration

from booking.rules.addresses import clean_text, one_line
from booking.rules.wall_time import LONDON, LONDON_NAME, end_date, instants

Method = Literal["REQUEST", "CANCEL", "PUBLISH"]

# The last Sundays of March and October at 01:00 UTC, as it has been since 1996.
_LONDON_ZONE = """BEGIN:VTIMEZONE
TZID:Europe/London
X-LIC-LOCATION:Europe/London
BEGIN:DAYLIGHT
TZNAME:BST
DTSTART:19960331T010000
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZNAME:GMT
DTSTART:19961027T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""
_PRODUCT = "-//Session booking//Calendar 1.0//EN"
_LONGEST_DESCRIPTION = 10_000
_END = b"END:VCALENDAR\r\n"
# A line break within an event's words is escaped, so that no other line begins with these.
_WRITTEN_EVENT = re.compile(rb"BEGIN:VEVENT\r\n.*?END:VEVENT\r\n", re.DOTALL)
# More dates than the longest feed has, so that reading one does not push out its own beginning.
_MOST_KEPT = 8_192
_REFRESH = timedelta(hours=4)
_NOT_IN_URI = re.compile(r"[\s\x00-\x1f\x7f\"<>\\^`{|}]")


@dataclass(frozen=True, slots=True)
class EventFacts:
    """What a calendar may know of one session: only discreet words, and nobody who comes.

    Units: `stamp` is the instant at which the row last changed, never now; times are wall time in `zone`.
    """

    uid: str
    sequence: int
    stamp: datetime
    local_date: date
    start_time: time
    end_time: time
    zone: str
    title: str
    place: str
    description: str
    url: str
    cancelled: bool = False
    # Planned, and not public yet.
    tentative: bool = False


def event_file(
    facts: EventFacts,
    method: Method,
    organiser_email: str | None = None,
    organiser_name: str = "",
    attendee_email: str | None = None,
) -> bytes:
    """Write the calendar file of one booking, for one person. Refuses: as `events_file` does."""
    return events_file([facts], method, organiser_email, organiser_name, attendee_email)


def events_file(
    all_facts: Iterable[EventFacts],
    method: Method,
    organiser_email: str | None = None,
    organiser_name: str = "",
    attendee_email: str | None = None,
    name: str = "",
) -> bytes:
    """Write the calendar file of several bookings of one person: the weeks of a course, or all of them.

    A `name` makes it a calendar to follow: what follows it asks again every few hours.
    Refuses: as a fault, an invitation or its cancelling without an organiser and the one attendee, because
    no calendar would take it, and an attendee in a file that is published to everybody.
    """
    invited = method != "PUBLISH"
    if invited != bool(attendee_email) or (invited and not organiser_email):
        raise ValueError(f"{method} with the wrong people: an organiser and one attendee, or nobody")
    events = [_event(facts, cancelled=facts.cancelled or method == "CANCEL") for facts in all_facts]
    for event in events:
        if organiser_email:
            event.add("organizer", _address(organiser_email, CN=_parameter(organiser_name)))
        if attendee_email:
            # She has accepted already, by booking: a calendar that asked her again would send us mail.
            accepted = {"CUTYPE": "INDIVIDUAL", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"}
            event.add("attendee", _address(attendee_email, **accepted))
    return _calendar_bytes(events, method, one_line(name))


def joined(files: Sequence[bytes]) -> bytes:
    """Return one file with the events of all of these, which must be of one method and for one person."""
    events = [event for file in files for event in _WRITTEN_EVENT.findall(file)]
    around = _WRITTEN_EVENT.sub(b"", files[0]).removesuffix(_END)
    return b"".join([around, *dict.fromkeys(events), _END])


def feed(events: Iterable[EventFacts], name: str) -> bytes:
    """Write the calendar that anybody may follow: public facts only, the same bytes for the same facts."""
    around = _calendar_bytes([], "PUBLISH", one_line(name)).removesuffix(_END)
    return b"".join([around, *map(_public_event, events), _END])


@lru_cache(maxsize=_MOST_KEPT)
def _public_event(facts: EventFacts) -> bytes:
    """Write one date of a feed once: anybody may ask as often as they like, and few dates change."""
    return bytes(_event(facts, facts.cancelled).to_ical())


def _calendar_bytes(events: Iterable[Event], method: Method, name: str = "") -> bytes:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", _PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    if name:
        calendar.add("name", name)
        calendar.add("x-wr-calname", name)
        calendar.add("x-wr-timezone", LONDON_NAME)
        calendar.add("refresh-interval", vDuration(_REFRESH), parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", vDuration(_REFRESH))
    calendar.add_component(Timezone.from_ical(_LONDON_ZONE))
    for event in events:
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _event(facts: EventFacts, cancelled: bool) -> Event:
    event = Event()
    event.add("uid", one_line(facts.uid))
    event.add("sequence", facts.sequence)
    event.add("dtstamp", facts.stamp.astimezone(UTC))
    event.add("last-modified", facts.stamp.astimezone(UTC))
    starts, ends = _span(facts)
    event.add("dtstart", starts)
    event.add("dtend", ends)
    event.add("summary", one_line(facts.title))
    event.add("status", _status(facts, cancelled))
    event.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    _add_words(event, facts)
    return event


def _status(facts: EventFacts, cancelled: bool) -> str:
    if cancelled:
        return "CANCELLED"
    return "TENTATIVE" if facts.tentative else "CONFIRMED"


def _add_words(event: Event, facts: EventFacts) -> None:
    if place := one_line(facts.place):
        event.add("location", place)
    if description := clean_text(facts.description[:_LONGEST_DESCRIPTION], _LONGEST_DESCRIPTION):
        event.add("description", description)
    if url := _NOT_IN_URI.sub("", facts.url):
        event.add("url", url)


def _span(facts: EventFacts) -> tuple[datetime, datetime]:
    """Return wall time where the file explains its zone, and plain UTC for any other zone."""
    if facts.zone != LONDON_NAME:
        return instants(facts.local_date, facts.start_time, facts.end_time, facts.zone)
    ends_on = end_date(facts.local_date, facts.start_time, facts.end_time)
    starts = datetime.combine(facts.local_date, facts.start_time, LONDON)
    return starts, datetime.combine(ends_on, facts.end_time, LONDON)


def _address(email: str, **parameters: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{_NOT_IN_URI.sub('', email)}")
    address.params.update({name: words for name, words in parameters.items() if words})
    return address


def _parameter(words: str) -> str:
    # A parameter has no way to escape a quotation mark.
    return one_line(words).replace('"', "'")
