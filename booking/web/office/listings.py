"""Listed, not booked: the office's list of what others run."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.queries import listings as asked
from booking.refusals import NotFound, Refusal
from booking.rules.wall_time import to_local
from booking.services import listings as deeds
from booking.web.doors import Door, opens_for, visitor
from booking.web.listing_words import KINDS, days_words, where_words
from booking.web.office import blueprint
from booking.web.office.listing_forms import ListingForm
from booking.web.office.refused import put_beside


@blueprint.get("/office/listings")
@opens_for(Door.ADMIN)
def listings() -> ResponseReturnValue:
    """Show what is listed, hidden ones too."""
    today = to_local(clock.now()).date()
    return render_template(
        "office/listings.html",
        listings=asked.for_office(),
        today=today,
        kinds=KINDS,
        days_words=days_words,
        where_words=where_words,
    )


@blueprint.route("/office/listings/new", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def add_listing() -> ResponseReturnValue:
    """Add something that somebody else runs."""
    form = ListingForm()
    if form.validate_on_submit():
        try:
            deeds.add_listing(form.facts(), visitor().person_id, clock.now())
        except Refusal as refusal:
            put_beside(form, refusal)
        else:
            flash(_("Listed. Everybody can find it now."), "success")
            return redirect(url_for("office.listings"), 303)
    return render_template("office/add_listing.html", form=form), 422 if form.errors else 200


@blueprint.route("/office/listings/<int:listing_id>", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def edit_listing(listing_id: int) -> ResponseReturnValue:
    """Say it differently."""
    listing = asked.one(listing_id)
    title = listing.title
    form = ListingForm(obj=listing, seen=listing.changed_at.isoformat())
    if form.validate_on_submit():
        try:
            deeds.change_listing(listing_id, form.facts(), _seen(form), visitor().person_id, clock.now())
        except NotFound:
            raise
        except Refusal as refusal:
            # What she typed stays; saved again, it replaces what somebody else wrote in the meantime.
            form.seen.data = asked.one(listing_id).changed_at.isoformat()
            put_beside(form, refusal)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("office.listings"), 303)
    page = render_template("office/edit_listing.html", form=form, listing_id=listing_id, title=title)
    return page, 422 if form.errors else 200


@blueprint.post("/office/listings/<int:listing_id>/show")
@opens_for(Door.ADMIN)
def show_listing(listing_id: int) -> ResponseReturnValue:
    """Take it off the public pages, or put it back."""
    is_shown = request.form.get("shown") == "yes"
    deeds.show_listing(listing_id, is_shown, visitor().person_id, clock.now())
    flash(_("Everybody can find it again.") if is_shown else _("Hidden. Nobody finds it now."), "success")
    return redirect(url_for("office.listings"), 303)


def _seen(form: ListingForm) -> datetime:
    """Read when the form was laid out; what is no time is older than everything."""
    try:
        return datetime.fromisoformat(form.seen.data or "")
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
