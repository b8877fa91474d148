"""The place that is kept for her: a calm page behind the link in her letter, and one tap on My sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.models.kinds import TAKING, BookingState, SessionState
from booking.queries import bookings as asked
from booking.queries import my_waiting, swaps
from booking.queries.bookings import MyBooking
from booking.queries.instead import cancelled_for
from booking.refusals import LinkNoLongerWorks, NotFound, Refusal, SessionFull, StaleForm
from booking.services import course_waiting, offers, waiting
from booking.web.bookings import blueprint
from booking.web.bookings.swap_words import changed_words
from booking.web.bookings.waiting import already_words
from booking.web.doors import Door, opens_for, visitor, visitor_or_none
from booking.web.throttle import throttled

if TYPE_CHECKING:
    from booking.models import Booking


@blueprint.route("/offers/<token>", methods=["GET", "POST"])
@opens_for(Door.ANYONE)
@throttled("120 per hour")
def offer(token: str) -> ResponseReturnValue:
    """Show the place that is kept for her; only a button says yes or no, or leaves the waiting list."""
    try:
        row = asked.by_token(token, "offer")
    except LinkNoLongerWorks:
        return render_template("bookings/offer_gone.html"), 404
    here = visitor_or_none()
    if here is not None and here.person_id != row.booking.person_id:
        return render_template("bookings/offer_not_hers.html", name=here.known_as), 403
    if request.method != "POST":
        return _page(row)
    said = request.form.get("answer", "")
    if said == "back":
        why, back = _put_back(row)
        if not why:
            return redirect(url_for("bookings.offer", token=my_waiting.offer_token(back)), 303)
        return _page(row, why, 409)
    why = _left(row) if said == "leave" else _answer(row)
    return _page(asked.by_token(token, "offer"), why, 409) if why else redirect(request.path, 303)


@blueprint.post("/my-sessions/<int:booking_id>/offer")
@opens_for(Door.SIGNED_IN)
def answer_offer(booking_id: int) -> ResponseReturnValue:
    """Answer on My sessions a place that is kept for her."""
    row = asked.mine(booking_id, visitor().person_id)
    waits = row.booking.waits_since is not None
    if row.booking.instead_of_id is None and not waits:
        raise NotFound
    if request.form.get("answer", "") == "back":
        why, back = _put_back(row)
        flash(why or _back_words(row.booking, back), "notice" if why else "success")
        return redirect(url_for("bookings.mine"), 303)
    why = _answer(row)
    if why:
        flash(why, "notice")
    else:
        flash(*_result(asked.mine(booking_id, visitor().person_id)))
    return redirect(url_for("bookings.mine"), 303)


def _result(row: MyBooking) -> tuple[str, str]:
    """Say how she stands now, and how it is shown: a button of an old page may have done nothing."""
    booking = row.booking
    says_yes, waits = _says_yes(), booking.waits_since is not None
    if booking.state is BookingState.BOOKED:
        stays = _("This place is yours by now. If it doesn't suit, press “I can't come”.")
        has = " ".join(filter(None, (str(_("You have a place.")), changed_words(row))))
        return (has, "success") if says_yes else (str(stays), "notice")
    if booking.state is BookingState.PROVISIONAL:
        kept = _("Your place is kept until the office has called you.")
        return str(kept), "success" if says_yes else "notice"
    if says_yes or (waits and not booking.is_live):
        return str(_("Nothing has changed. How you stand is below.")), "notice"
    if waits:
        return str(_("That's fine. You keep your turn for the next place.")), "success"
    return str(_("That's fine. Somebody else can have the place.")), "success"


def _says_yes() -> bool:
    return request.form.get("answer", "") == "yes"


def _answer(row: MyBooking) -> str:
    """Do what the button says; return why it could not be done, in her words."""
    now, booking_id = clock.now(), row.booking.id
    waits = row.booking.state is BookingState.WAITING
    if not _says_yes():
        offers.decline_offer(booking_id, now)
        return ""
    seen = request.form.get("seen", "")
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 7 else None
    try:
        offers.accept_offer(booking_id, now, seen_version=version)
    except StaleForm:
        return str(_("The day, time or place has changed since you looked. Please look again."))
    except SessionFull as refusal:
        # Where several were told at once, nobody was too slow: she waits on, where she was.
        return str(_("Somebody said yes a moment before you. You keep your turn.") if waits else refusal)
    except Refusal as refusal:
        return str(refusal.sentence)
    return ""


def _put_back(row: MyBooking) -> tuple[str, Booking]:
    """Put her back on the list she left, as she waited there; return why not, and how she stands."""
    left, now = row.booking, clock.now()
    if left.waits_since is None or left.person_id is None:
        raise NotFound
    her, pool = left.person_id, left.pool
    try:
        if my_waiting.is_of_course(left):
            back = course_waiting.wait_for_course(row.session.series_id, her, pool, her, now)
        else:
            back = waiting.join_waiting_list(
                row.session.id,
                her,
                pool,
                her,
                now,
                party_size=left.party_size,
                companion_name=left.companion_name,
                tells_late=left.tells_late,
                seen_booking_id=left.id,
            )
    except Refusal as refusal:
        return str(refusal.sentence), left
    return "", asked.mine(back, her).booking


def _back_words(left: Booking, back: Booking) -> str:
    if back.state is BookingState.WAITING and back.queue_at == left.queue_at:
        return str(_("You are back on the waiting list, with your old turn."))
    return already_words(back.state)


def _left(row: MyBooking) -> str:
    """Take her off the waiting list; a place that is hers by now stays hers."""
    if row.booking.waits_since is not None and row.booking.person_id is not None:
        waiting.leave_waiting_list(row.booking.id, row.booking.person_id, clock.now())
    return ""


def _page(row: MyBooking, why: str = "", status: int = 200) -> ResponseReturnValue:
    now, booking = clock.now(), row.booking
    standing = row.session.state is SessionState.PUBLISHED and row.session.starts_at > now
    return render_template(
        "bookings/offer.html",
        row=row,
        instead_of=cancelled_for(booking),
        why=why,
        stand=my_waiting.stand_of(booking, now) if standing else None,
        waited=booking.is_from_queue,
        keeps=swaps.kept_for(booking, now),
        changed=changed_words(row) if booking.state in TAKING else "",
        is_open=standing and asked.may_still_be_hers(row, now),
        is_kept=standing and asked.is_kept(booking, now),
        is_hers=standing and booking.state is BookingState.BOOKED,
        is_called=standing and booking.state is BookingState.PROVISIONAL,
        is_declined=booking.state is BookingState.GIVEN_UP,
        may_go_back=my_waiting.may_go_back(booking, now),
        now=now,
    ), status
