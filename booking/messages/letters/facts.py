"""The facts of a booked session, in the same order everywhere, discreet where a screen may show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload, lazyload

from booking.db import db
from booking.messages.letters import links
from booking.messages.letters.dates import day_words, span_words
from booking.messages.letters.language import gettext as _
from booking.models import (
    Booking,
    Person,
    ScheduledSession,
    Series,
    SessionFacilitator,
    SessionVersion,
    Venue,
)
from booking.models.kinds import BookingState, PersonStatus, Pool
from booking.rules.addresses import one_line
from booking.rules.discreet import discreet_name, holds_forbidden


@dataclass(frozen=True)
class Fact:
    """One line of the facts.

    `link_words` are those words of the value that the HTML makes a link to `url`. `full` is what stands
    further down where the value itself had to be discreet.
    """

    label: str
    value: str
    url: str | None = None
    full: str | None = None
    full_label: str = ""
    link_words: str = ""

    @property
    def around_link(self) -> tuple[str, str, str]:
        """Return the words before the link, those of the link, and those after it."""
        return self.value.partition(self.link_words) if self.link_words else (self.value, "", "")


@dataclass(frozen=True)
class SessionFacts:
    """What the letters about a booking have in common."""

    name: str
    day: str
    span: str
    rows: list[Fact] = field(default_factory=list)

    @property
    def in_full(self) -> list[Fact]:
        """Return what is said in full at the end of the letter."""
        return [Fact(row.full_label, row.full) for row in self.rows if row.full]


def booking_today(booking_id: int) -> Booking | None:
    """Read a booking with its session, series, programme and venue as they are now.

    Its person is most often known already to whoever writes to her, and is only asked for where not.
    """
    return db.session.scalar(_booking_today(), {"booking_id": booking_id})


@cache
def _booking_today() -> Select[Booking]:
    """Build the question once: building it costs as much as asking it, for each letter."""
    session = joinedload(Booking.session)
    series = session.joinedload(ScheduledSession.series)
    return (
        select(Booking)
        .where(Booking.id == bindparam("booking_id"))
        .options(
            # Most of a series is for those who plan it, and would be read for every letter.
            series.load_only(Series.title, Series.discreet_name, Series.programme_id),
            series.joinedload(Series.programme),
            session.joinedload(ScheduledSession.venue),
            lazyload(Booking.person),
        )
        .execution_options(populate_existing=True)
    )


def name_of(scheduled: ScheduledSession) -> str:
    """Return the name that may stand on a lock screen.

    A date with a title of its own is named by it, unless the series has a discreet name of its own choosing.
    """
    series = scheduled.series
    chosen = series.discreet_name if series.discreet_name != series.title else None
    return one_line(discreet_name(scheduled.title, chosen, series.programme.discreet_name))


def facts_of(booking: Booking, *, ways: bool = True) -> SessionFacts:
    """Collect what, when, where, with whom and, while the place stands, how to join and how to cancel."""
    scheduled = booking.session
    rows = [
        _what(scheduled),
        Fact(_("When"), when_it_is(scheduled)),
        _where(scheduled.venue, booking.pool),
        *_with_whom(scheduled),
    ]
    if ways:
        rows += [_how_to_join(booking), _how_to_cancel()]
    day, span = day_words(scheduled.local_date), span_words(scheduled.start_time, scheduled.end_time)
    return SessionFacts(name_of(scheduled), day, span, rows)


def course_name(series: Series) -> str:
    """Return the name of a course that may stand on a lock screen, whatever one of its weeks is called."""
    chosen = series.discreet_name if series.discreet_name != series.title else None
    return one_line(discreet_name(series.title, chosen, series.programme.discreet_name))


def course_facts(first: Booking, weeks: Sequence[ScheduledSession], *, ways: bool) -> SessionFacts:
    """Collect what a letter about a whole course says, in the same order as that about one date."""
    scheduled, title = first.session, one_line(first.session.series.title)
    name = course_name(scheduled.series)
    full = title if title != name else None
    rows = [
        Fact(_("What"), name, full=full, full_label=_("The full name of this course")),
        Fact(_("When"), _when_all(weeks)),
        _where(scheduled.venue, first.pool),
        *_with_whom(scheduled),
    ]
    if ways:
        rows += [_how_to_join_course(first), _how_to_skip(first)]
    day, span = day_words(scheduled.local_date), span_words(scheduled.start_time, scheduled.end_time)
    return SessionFacts(name, day, span, rows)


def when_it_is(scheduled: ScheduledSession) -> str:
    """Say when a session is: "Thursday 6 August 2026, 1:30pm to 5pm"."""
    return f"{day_words(scheduled.local_date)}, {span_words(scheduled.start_time, scheduled.end_time)}"


def when_it_was(version: SessionVersion) -> str:
    """Say when a session was to be before it changed."""
    return f"{day_words(version.local_date)}, {span_words(version.start_time, version.end_time)}"


def place_words(venue: Venue | None, pool: Pool) -> str:
    """Say where a place is: "Online", or the venue with its address on one line."""
    if pool is Pool.ONLINE:
        return str(_("Online"))
    if venue is None:
        return str(_("The place is not known yet"))
    return one_line(", ".join(part for part in (venue.name, *_address_lines(venue)) if part.strip()))


def _address_lines(venue: Venue) -> list[str]:
    """Return the address, without the town at its end where the venue's name ends with it already."""
    parts = [part.strip() for part in venue.address.replace("\n", ",").split(",") if part.strip()]
    if parts and f" {one_line(venue.name)}".casefold().endswith(f" {one_line(parts[-1])}".casefold()):
        parts.pop()
    return parts


def discreet_place(venue: Venue | None, pool: Pool) -> str:
    """Say where a place is in words that may stand on a lock screen and in a shared calendar."""
    words = place_words(venue, pool)
    return str(_("In person")) if holds_forbidden(words) else words


def _what(scheduled: ScheduledSession) -> Fact:
    title, name = one_line(scheduled.title), name_of(scheduled)
    full = title if title != name else None
    return Fact(_("What"), name, full=full, full_label=_("The full name of this session"))


def _where(venue: Venue | None, pool: Pool) -> Fact:
    words, discreet = place_words(venue, pool), discreet_place(venue, pool)
    if words == discreet:
        return Fact(_("Where"), words)
    return Fact(
        _("Where"), _("In person. The address is at the end."), full=words, full_label=_("The address")
    )


def _with_whom(scheduled: ScheduledSession) -> Sequence[Fact]:
    names = db.session.scalars(_who_leads(), {"session_id": scheduled.id}).all()
    known = [one_line(name) for name in names if not holds_forbidden(name)]
    return [Fact(_("With"), _joined(known))] if known else []


@cache
def _who_leads() -> Select[str]:
    return (
        select(Person.known_as)
        .join(SessionFacilitator, SessionFacilitator.person_id == Person.id)
        .where(
            SessionFacilitator.session_id == bindparam("session_id"),
            Person.status.in_((PersonStatus.ACTIVE, PersonStatus.PAUSED)),
        )
        .order_by(SessionFacilitator.id)
    )


def _joined(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    return str(_("%(first)s and %(last)s", first=", ".join(names[:-1]), last=names[-1]))


def _how_to_join(booking: Booking) -> Fact:
    if booking.state is not BookingState.BOOKED:
        return _how_to_join_later(booking)
    if booking.pool is Pool.ONLINE:
        words = _("Use “Join online” below. It opens 15 minutes before the start.")
        return Fact(_("How to join"), words, links.join_url(booking))
    words = _("Just come along. How to get there, step-free access and parking are on the session's page.")
    url = links.session_url(booking.session_id)
    return Fact(_("How to join"), words, url, link_words=_("the session's page"))


def _how_to_join_later(booking: Booking) -> Fact:
    """Let nobody set out for a place that is not hers yet, nor try a link that does not open for her."""
    if booking.pool is Pool.ONLINE:
        return Fact(_("How to join"), _("Once the place is yours, we write to you with the link to join."))
    words = _("Once the place is yours, just come along. How to get there is on the session's page.")
    url = links.session_url(booking.session_id)
    return Fact(_("How to join"), words, url, link_words=_("the session's page"))


def _how_to_cancel() -> Fact:
    words = _("If you can't come, tell us on My sessions. You don't have to say why.")
    return Fact(_("How to cancel"), words, links.my_sessions_url(), link_words=_("My sessions"))


def _when_all(weeks: Sequence[ScheduledSession]) -> str:
    if len(weeks) == 1:
        return when_it_is(weeks[0])
    first, last = day_words(weeks[0].local_date), day_words(weeks[-1].local_date)
    return str(_("%(first)s to %(last)s, on the dates below", first=first, last=last))


def _how_to_join_course(first: Booking) -> Fact:
    if first.pool is not Pool.ONLINE:
        return _how_to_join(first)
    words = _("From 15 minutes before each start, by the link on My course and in your calendar.")
    return Fact(_("How to join"), words, links.my_course_url(first.enrolment_id or 0))


def _how_to_skip(first: Booking) -> Fact:
    words = _("Skip one week on My course and keep the others, or leave it. You don't have to say why.")
    return Fact(_("How to cancel"), words, links.my_course_url(first.enrolment_id or 0))
