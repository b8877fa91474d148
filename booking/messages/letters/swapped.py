"""What a letter says of the place she keeps while she waits for a better date."""

from datetime import datetime

from booking.messages.letters.facts import name_of, when_it_is
from booking.models import Booking
from booking.queries.swaps import kept_for, taken_instead


def place_kept(booking: Booking, now: datetime) -> dict[str, str]:
    """Name the place that she gives up by taking this one, in words for a lock screen; none: empty words."""
    kept = kept_for(booking, now)
    return {"keeps_name": name_of(kept) if kept else "", "keeps_when": when_it_is(kept) if kept else ""}


def place_taken(booking: Booking) -> dict[str, str]:
    """Name the better date she has instead of the place she gave up; none: empty words."""
    taken = taken_instead(booking)
    return {"takes_name": name_of(taken) if taken else "", "takes_when": when_it_is(taken) if taken else ""}
