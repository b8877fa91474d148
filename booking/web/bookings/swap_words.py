"""How a change from one date to another is said, alike on every page that tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from booking.queries import swaps
from booking.queries.bookings import MyBooking
from booking.rules.words import day_words

if TYPE_CHECKING:
    from booking.models import ScheduledSession


def changed_words(row: MyBooking) -> str:
    """Say which date she gave up for this one; nothing where she gave up none."""
    left = swaps.changed_from(row.booking)
    if left is None:
        return ""
    with_title = left.title != row.session.title
    days = {"old": _day(left, with_title), "new": _day(row.session, with_title)}
    return str(_("You changed from %(old)s to %(new)s.", **days))


def _day(scheduled: ScheduledSession, with_title: bool) -> str:
    day = day_words(scheduled.local_date)
    return str(_("%(title)s on %(day)s", title=scheduled.title, day=day)) if with_title else day
