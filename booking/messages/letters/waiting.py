"""What the letters about a waiting list add: where she stands, what comes next, how long a place is kept."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.messages.letters import links
from booking.messages.letters.dates import day_words, time_words
from booking.messages.letters.swapped import place_kept
from booking.models import Booking
from booking.models.kinds import BookingState
from booking.queries.waiting import Turn, turn_of
from booking.rules.wall_time import to_local


def turn(booking: Booking, now: datetime) -> dict[str, Any]:
    """Say where she stands on the list and how she will hear."""
    return {
        "button_words": _("My sessions"),
        "button_url": links.my_sessions_url(),
        "turn": _turn_words(turn_of(booking, now)),
        "books": booking.session.series.waiting_books,
        "for_two": booking.party_size > 1,
        "tells_late": booking.tells_late,
        "keeps_other": booking.swap_for_id is not None,
    }


def answer(booking: Booking, now: datetime) -> dict[str, Any]:
    """Say until when a place is kept, or that the first yes has it, and where she answers."""
    local = to_local(booking.held_until) if booking.held_until is not None else None
    return {
        "button_words": _("See the place and answer"),
        "button_url": links.offer_url(booking),
        "until_time": time_words(local.time()) if local is not None else "",
        "until_day": day_words(local.date()) if local is not None else "",
        "is_late": booking.state is BookingState.WAITING,
        "for_two": booking.party_size > 1,
        **place_kept(booking, now),
    }


def _turn_words(hers: Turn) -> str:
    if hers.is_next:
        return str(_("You are next."))
    return str(ngettext("One person is before you.", "%(num)s people are before you.", hers.ahead))
