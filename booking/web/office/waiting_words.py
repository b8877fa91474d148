"""Where somebody on a waiting list stands, in the words of the office's pages."""

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.models.kinds import BookingState, PersonStatus
from booking.queries.queues import Waiter
from booking.rules.wall_time import to_local
from booking.rules.words import day_words, time_words


def when_words(instant: datetime) -> str:
    """Say an instant as people do."""
    local = to_local(instant)
    return str(_("%(time)s on %(day)s", time=time_words(local.time()), day=day_words(local.date())))


def standing_of(one: Waiter, now: datetime) -> str:
    """Say what happens next with somebody who waits; blank where she simply waits her turn."""
    if one.state is BookingState.OFFERED and one.held_until is None:
        return str(_("A place is kept until the office has reached them: the call is on Today."))
    if one.state is BookingState.OFFERED and one.held_until is not None:
        return str(_("A place is kept for them until %(when)s.", when=when_words(one.held_until)))
    if one.held_until is not None:
        until = when_words(one.held_until)
        return str(
            _("Told that a place is free, with others: the first yes has it. Until %(when)s.", when=until)
        )
    if one.is_unproven:
        return str(_("Has not confirmed the address yet, so no place is offered."))
    if one.status is PersonStatus.PAUSED:
        return str(_("Asked to be left in peace, so no place is offered meanwhile."))
    if one.rests:
        return str(_("Was asked, and keeps their turn. Asked again when another place comes free."))
    return ""


def notes_of(one: Waiter) -> list[str]:
    """Say what else decides whether a place is offered to her."""
    found = []
    if one.waits_since is not None:
        found.append(_("Waits since %(when)s", when=when_words(one.waits_since)))
    if one.party_size > 1:
        found.append(_("for two: one free place alone passes to the next"))
    if one.notice_hours:
        hours = one.notice_hours
        found.append(ngettext("needs %(num)s hour of notice", "needs %(num)s hours of notice", hours))
    if one.tells_late:
        found.append(_("would like to hear in the last 24 hours"))
    if one.swap_for_id is not None:
        found.append(_("has another date meanwhile"))
    if one.times_offered:
        times = one.times_offered
        found.append(ngettext("offered a place once", "offered a place %(num)s times", times))
    return [str(words) for words in found]
