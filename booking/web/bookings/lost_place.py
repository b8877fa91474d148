"""After a last place was lost by a moment: the reason in a sentence, and the waiting list as a button."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock, policy
from booking.queries import my_waiting
from booking.queries.bookings import PlaceChoice
from booking.refusals import KeptForNewcomers, Refusal, SessionFull


def to_waiting_list(choice: PlaceChoice, refusal: Refusal) -> ResponseReturnValue | None:
    """Lead to the waiting list if every way to join is full; `choice` was read after the refusal."""
    series = choice.session.series
    lost = isinstance(refusal, SessionFull) and not isinstance(refusal, KeptForNewcomers)
    full = choice.session.pools and all(choice.free[pool] == 0 for pool in choice.session.pools)
    if not (lost and full and policy.may_wait_for_one_date(series)):
        return None
    before = my_waiting.would_be_before(choice.session.id, choice.session.pools, clock.now())
    first = min(before.values()) == 0
    flash(_first_words() if first else _next_words(), "notice")
    return redirect(url_for("bookings.join_waiting_list", session_id=choice.session.id), 303)


def _first_words() -> str:
    return str(_("Somebody took the last place a moment ago. You are first on the waiting list if you like."))


def _next_words() -> str:
    return str(_("Somebody took the last place a moment ago. You can join the waiting list if you like."))
