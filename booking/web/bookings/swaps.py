"""A better date: she keeps her place until one of those she would rather have is hers."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from booking import clock
from booking.queries import swaps as asked
from booking.queries.bookings import mine
from booking.queries.swaps import Better
from booking.refusals import NotFound, Refusal
from booking.rules.words import day_words
from booking.services import swaps
from booking.web.bookings import blueprint
from booking.web.bookings.swap_forms import BetterForm
from booking.web.bookings.swap_words import changed_words
from booking.web.doors import Door, opens_for, visitor


@blueprint.route("/my-sessions/<int:booking_id>/better", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def better_date(booking_id: int) -> ResponseReturnValue:
    """Show the dates she might rather have: some to change to now, the others to be told of."""
    better = _better(booking_id)
    if not asked.may_be_swapped(better.kept, clock.now()):
        flash(_("This place can't be changed for another date any more."), "notice")
        return redirect(url_for("bookings.mine"), 303)
    form = BetterForm(
        data={"dates": [place.value for place in better.full if place.waits], "late": better.tells_late}
    )
    form.offer(better)
    if not form.validate_on_submit():
        return _page(better, form), 422 if form.errors else 200
    try:
        said = _changed(booking_id, form) if form.change.data else _waited(better, form)
    except NotFound:
        raise
    except Refusal as refusal:
        # The refused transaction has let go of what was read before it, and a place may have come or gone.
        better = _better(booking_id)
        form.offer(better)
        (form.date if form.change.data and better.with_room else form.dates).errors = [str(refusal.sentence)]
        return _page(better, form), 409
    flash(said, "success")
    return redirect(url_for("bookings.mine"), 303)


def _better(booking_id: int) -> Better:
    here = visitor()
    return asked.better_dates(booking_id, here.person_id, here.is_facilitator, clock.now())


def _changed(booking_id: int, form: BetterForm) -> str:
    session_id, pool = form.chosen()
    taken = swaps.change_date(booking_id, visitor().person_id, session_id, pool, clock.now())
    said = str(_("You have the other date now, and your first place has been given up."))
    return " ".join(filter(None, (said, changed_words(mine(taken, visitor().person_id)))))


def _waited(better: Better, form: BetterForm) -> str:
    # Read before: what is written lets go of it.
    chosen = form.waited_for()
    days = [day_words(place.session.local_date) for place in better.full if place.session.id in chosen]
    many = swaps.wait_for_better(
        better.kept.booking.id,
        visitor().person_id,
        chosen,
        clock.now(),
        tells_late=bool(form.late.data),
    )
    if not many:
        return str(_("That's fine. You keep your place and wait for no other."))
    said = ngettext(
        "You keep your place. We tell you if the other date comes free.",
        "You keep your place. We tell you if one of the %(num)d other dates comes free.",
        many,
    )
    return f"{said} " + str(_("You wait for: %(days)s.", days=", ".join(days)))


def _page(better: Better, form: BetterForm) -> str:
    return render_template("bookings/better_date.html", better=better, form=form, now=clock.now())
