"""What whoever calls reads out: the same facts that a letter would hold, in the same order."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _

from booking.models import Announcement, Booking, ScheduledSession, SessionVersion
from booking.models.kinds import BookingState, MessageKind, Pool
from booking.rules.wall_time import to_local
from booking.rules.words import day_words, span_words, time_words


def words_of(kind: MessageKind, booking: Booking, was: SessionVersion | None) -> tuple[str, ...]:
    """Put into words what she should hear: what, when, where, and then what is special."""
    scheduled = booking.session
    what = {"title": scheduled.title, "when": when_it_is(scheduled), "where": _where(scheduled, booking.pool)}
    first = {
        MessageKind.BOOKED: _("You have a place at %(title)s on %(when)s, %(where)s.", **what),
        MessageKind.REMINDER: _("A reminder: %(title)s is on %(when)s, %(where)s.", **what),
        MessageKind.GIVEN_UP: _("Your place at %(title)s on %(when)s is given up. Thank you.", **what),
        MessageKind.SESSION_CHANGED: _("%(title)s has changed. It is now on %(when)s, %(where)s.", **what),
        MessageKind.SESSION_CANCELLED: _("%(title)s on %(when)s has been cancelled. We are sorry.", **what),
        MessageKind.COURSE_BOOKED: _("You are on the course %(title)s, from %(when)s, %(where)s.", **what),
        MessageKind.COURSE_STARTS: _("Your course %(title)s starts on %(when)s, %(where)s.", **what),
        MessageKind.COURSE_LEFT: _("You have left the course %(title)s. Thank you.", **what),
        MessageKind.WAITING: _("You are on the waiting list for %(title)s on %(when)s, %(where)s.", **what),
        MessageKind.OFFERED: _("A place has come free at %(title)s on %(when)s, %(where)s.", **what),
        MessageKind.PROVISIONAL: _("We keep a place for you at %(title)s on %(when)s, %(where)s.", **what),
    }[kind]
    lines = [first]
    if kind is MessageKind.SESSION_CHANGED and was is not None:
        lines += _how_it_was(was, booking)
    if kind in (MessageKind.SESSION_CHANGED, MessageKind.SESSION_CANCELLED) and scheduled.public_reason:
        lines.append(_("Why: %(reason)s", reason=scheduled.public_reason))
    return tuple(str(line) for line in (*lines, *_what_next(kind, booking)))


def _what_next(kind: MessageKind, booking: Booking) -> list[str]:
    """Say what happens next with a place she waits for."""
    if kind is MessageKind.WAITING:
        return [_("When a place comes free, we call you.")]
    if kind is MessageKind.PROVISIONAL:
        return [_("We would like to talk with you before you come for the first time.")]
    if kind is not MessageKind.OFFERED:
        return []
    if booking.state is BookingState.WAITING:
        return [_("Several people are told. The first who says yes has it, and you keep your turn.")]
    return [_("Would you like it? If not this time, you keep your turn for the next one.")]


def _how_it_was(was: SessionVersion, booking: Booking) -> list[str]:
    """Say what differs from what she was last told, and nothing that is as it was."""
    lines = []
    if when_it_is(was) != when_it_is(booking.session):
        lines.append(_("It was on %(was)s.", was=when_it_is(was)))
    if booking.pool is Pool.ROOM and was.venue_id != booking.session.venue_id and was.venue is not None:
        lines.append(_("It was at %(was)s.", was=was.venue.name))
    return lines


def when_it_is(on: ScheduledSession | SessionVersion) -> str:
    """Return the day and the time of a session, as it is or as it was."""
    return f"{day_words(on.local_date)}, {span_words(on.start_time, on.end_time)}"


def _where(scheduled: ScheduledSession, pool: Pool) -> str:
    if pool is Pool.ONLINE:
        return str(_("online"))
    return scheduled.venue.name if scheduled.venue is not None else str(_("the place is not known yet"))


def all_dates(weeks: Sequence[ScheduledSession]) -> list[str]:
    """Say every date of a course that has several."""
    dates = [when_it_is(week) for week in weeks]
    return [str(_("All the dates: %(dates)s.", dates="; ".join(dates)))] if len(dates) > 1 else []


def kept_line(kept: Booking, until: datetime) -> str:
    """Say which other place is kept for her, and until when."""
    at = to_local(until)
    line = _(
        "We are keeping another place for you: %(title)s on %(when)s, %(where)s, until %(time)s on %(day)s.",
        title=kept.session.title,
        when=when_it_is(kept.session),
        where=_where(kept.session, kept.pool),
        time=time_words(at.time()),
        day=day_words(at.date()),
    )
    return str(line)


def words_of_announcement(written: Announcement, about: ScheduledSession | None) -> tuple[str, ...]:
    """Say from what the message is, and then what its author wrote, line by line."""
    first = _("Some news: %(heading)s", heading=written.heading)
    if about is not None:
        what = {"title": about.title, "when": when_it_is(about)}
        first = _("A message to everybody of %(title)s on %(when)s:", **what)
    lines = [line.strip() for line in written.words.splitlines()]
    return (str(first), *(line for line in lines if line))
