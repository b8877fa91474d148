"""The calendar file that goes with a letter: discreet words, one person, the same event for ever."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from flask_babel import gettext as _

from booking.messages.letters import links
from booking.messages.letters.facts import discreet_place, name_of, place_words
from booking.messages.letters.results import CalendarPart
from booking.messages.reach import contacts_of
from booking.models import Booking, ScheduledSession
from booking.models.kinds import BookingState, ContactKind, Pool, SessionState
from booking.queries.feeds import STANDS
from booking.rules.addresses import one_line
from booking.rules.calendar import EventFacts, Method, event_file, events_file
from booking.settings import settings

_NOT_IN_A_FILE_NAME = re.compile(r"[^a-z0-9]+")


def invitation(booking: Booking) -> CalendarPart | None:
    """Return the event of a booking as its one person is invited to it, or uninvited when it is off.

    Without an email address there is nobody to send it to.
    """
    recipient = email_of(booking.person_id)
    if recipient is None:
        return None
    facts = event_facts(booking)
    method: Method = "CANCEL" if facts.cancelled else "REQUEST"
    content = event_file(
        facts, method, settings().mail_from, settings().discreet_sender_name, attendee_email=recipient
    )
    return CalendarPart(content, method, file_name_of(booking.session))


def invitation_to_course(weeks: Sequence[Booking]) -> CalendarPart | None:
    """Return the events of all these weeks in one file, each the same event as in a letter of its own."""
    recipient = email_of(weeks[0].person_id)
    if recipient is None:
        return None
    method: Method = "CANCEL" if all(is_off(week) for week in weeks) else "REQUEST"
    facts = [event_facts(week) for week in weeks]
    told = settings()
    content = events_file(facts, method, told.mail_from, told.discreet_sender_name, attendee_email=recipient)
    return CalendarPart(content, method, file_name_of(weeks[0].session))


def email_of(person_id: int | None) -> str | None:
    """Return the address at which a person reads her letters; a calendar invites that one and no other."""
    if person_id is None:
        return None
    hers = [one for one in contacts_of(person_id) if one.proven_at is not None]
    return next((one.written for one in hers if one.kind is ContactKind.EMAIL), None)


def booking_event(booking: Booking) -> bytes:
    """Write the file of one booking that she downloads: the same event as in her letters, sent to nobody."""
    return event_file(event_facts(booking, plain=_is_plain(booking)), "PUBLISH")


def her_calendar(bookings: Sequence[Booking], *, plain: bool) -> tuple[str, Callable[[], bytes]]:
    """Return what her whole calendar says, to tell it from an older one, and the writing of it."""
    name = str(_("My sessions"))
    events = [_worded(event_facts(booking, plain=plain), booking) for booking in bookings]
    return repr((name, events)), lambda: events_file(events, "PUBLISH", name=name)


def course_events(weeks: Sequence[Booking]) -> bytes:
    """Write the file of every week of her course that she downloads: the same events, sent to nobody."""
    facts = [event_facts(week, plain=_is_plain(week)) for week in weeks if week.state in STANDS]
    return events_file(facts, "PUBLISH")


def event_facts(booking: Booking, *, plain: bool = False) -> EventFacts:
    """Say what a calendar may know of a booking; it needs the session, its series, programme and venue.

    The sequence rises with each version of the session, with each change of her own place, and once more
    when the place is gone. `plain` writes title and place in full, for the calendar of somebody who chose so.
    """
    scheduled = booking.session
    off = is_off(booking)
    return EventFacts(
        uid=f"b{booking.id}.{scheduled.uid}",
        sequence=(scheduled.schedule_version + booking.revision) * 2 + (1 if off else 0),
        stamp=_stamp(booking),
        local_date=scheduled.local_date,
        start_time=scheduled.start_time,
        end_time=scheduled.end_time,
        zone=scheduled.zone,
        title=one_line(scheduled.title) if plain else name_of(scheduled),
        place=(place_words if plain else discreet_place)(scheduled.venue, booking.pool),
        description=_description(booking),
        url=links.my_sessions_url(),
        cancelled=off,
        tentative=booking.state is BookingState.PROVISIONAL,
    )


def is_off(booking: Booking) -> bool:
    """Say whether the place is gone, by her doing or by ours."""
    return booking.state not in STANDS or booking.session.state is SessionState.CANCELLED


def file_name_of(scheduled: ScheduledSession) -> str:
    """Return a file name that may be seen by anybody: "tea-a-chat-manchester.ics"."""
    plain = unicodedata.normalize("NFKD", name_of(scheduled)).encode("ascii", "ignore").decode().lower()
    return (_NOT_IN_A_FILE_NAME.sub("-", plain).strip("-")[:60] or "session") + ".ics"


def _is_plain(booking: Booking) -> bool:
    return booking.person is not None and booking.person.plain_titles


def _worded(facts: EventFacts, booking: Booking) -> EventFacts:
    """Say in the title, too, what many calendars don't show: that a date is off, or not sure yet."""
    if booking.session.state is SessionState.CANCELLED:
        return replace(facts, title=_("Cancelled: %(title)s", title=facts.title))
    if facts.cancelled:
        return replace(facts, title=_("Not going: %(title)s", title=facts.title))
    if facts.tentative:
        return replace(facts, title=_("Not sure yet: %(title)s", title=facts.title))
    return facts


def _stamp(booking: Booking) -> datetime:
    return max(booking.session.changed_at, booking.state_at)


def _description(booking: Booking) -> str:
    parts = []
    if booking.pool is Pool.ONLINE and booking.state is BookingState.BOOKED and not is_off(booking):
        parts.append(_("Join online, from 15 minutes before the start: %(url)s", url=links.join_url(booking)))
    if booking.state is BookingState.PROVISIONAL and not is_off(booking):
        parts.append(_("We keep this place for you, and call you before it is sure."))
    if not is_off(booking):
        parts.append(_("If you can't come, tell us on My sessions: %(url)s", url=links.my_sessions_url()))
    parts.append(
        _(
            "Need a hand? Call %(phone)s or email %(email)s",
            phone=settings().help_phone,
            email=settings().help_email,
        )
    )
    return "\n".join(parts)
