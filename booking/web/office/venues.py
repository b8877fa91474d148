"""Venues: where people meet, how they get in, how many fit, and what the door looks like."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.queries import venues as asked
from booking.refusals import NotFound, Refusal
from booking.rules import pictures
from booking.services import venues as deeds
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint
from booking.web.office.fields import text_of
from booking.web.office.refused import put_beside
from booking.web.office.venue_forms import (
    ACCESS_WORDS,
    KNOWN,
    UNKNOWN_WORDS,
    NewVenueForm,
    PhotoForm,
    VenueForm,
    as_kept,
)


@blueprint.get("/office/venues")
@opens_for(Door.ADMIN)
def venues() -> ResponseReturnValue:
    """List the venues, what nobody has found out about them yet, and what comes next there."""
    return render_template("office/venues.html", venues=asked.listed(clock.now()), unknown=UNKNOWN_WORDS)


@blueprint.get("/office/venues/<int:venue_id>")
@opens_for(Door.ADMIN)
def venue(venue_id: int) -> ResponseReturnValue:
    """Show everything that is known of a venue."""
    found = asked.one(venue_id)
    return render_template(
        "office/venue.html",
        venue=found,
        photo=asked.photo_of(venue_id),
        series=asked.series_at(venue_id),
        access=[(ACCESS_WORDS[fact], KNOWN[getattr(found, fact)]) for fact in deeds.ACCESS_FACTS],
        position=asked.position_of(found),
        unknown=[UNKNOWN_WORDS[name] for name in asked.unknown(found)],
    )


@blueprint.route("/office/venues/new", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def add_venue() -> ResponseReturnValue:
    """Add a venue."""
    form = NewVenueForm()
    if form.validate_on_submit():
        facts = form.facts(text_of(form.name))
        try:
            added = deeds.add_venue(facts, visitor().person_id, clock.now(), only_new=True)
        except Refusal as refusal:
            put_beside(form, refusal)
        else:
            flash(_("The venue is added."), "success")
            return redirect(url_for("office.venue", venue_id=added), 303)
    return render_template("office/add_venue.html", form=form), 422 if form.errors else 200


@blueprint.route("/office/venues/<int:venue_id>/edit", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def edit_venue(venue_id: int) -> ResponseReturnValue:
    """Write down what is known of a venue now."""
    found = asked.one(venue_id)
    name = found.name
    form = VenueForm(data=as_kept(found))
    if form.validate_on_submit():
        try:
            deeds.change_venue(venue_id, form.facts(name), visitor().person_id, clock.now())
        except NotFound:
            raise
        except Refusal as refusal:
            put_beside(form, refusal)
        else:
            flash(_("The venue is saved."), "success")
            return redirect(url_for("office.venue", venue_id=venue_id), 303)
    booked = asked.booked_to_come(venue_id, clock.now())
    page = render_template("office/edit_venue.html", form=form, name=name, venue_id=venue_id, booked=booked)
    return page, 422 if form.errors else 200


@blueprint.route("/office/venues/<int:venue_id>/photo", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def venue_photo(venue_id: int) -> ResponseReturnValue:
    """Put up a picture of the door, made anew so that nothing hidden is in it."""
    found, photo = asked.one(venue_id), asked.photo_of(venue_id)
    name, form = found.name, PhotoForm(data={"words": photo.words if photo else ""})
    is_fine = form.validate_on_submit()
    if form.is_submitted():
        try:
            picture = pictures.made_anew(form.sent())
            if is_fine:
                deeds.put_photo(venue_id, picture, text_of(form.words), visitor().person_id, clock.now())
                flash(_("The picture is put up."), "success")
                return redirect(url_for("office.venue", venue_id=venue_id), 303)
        except NotFound:
            raise
        except Refusal as refusal:
            put_beside(form, refusal)
    page = render_template(
        "office/venue_photo.html", form=form, name=name, venue_id=venue_id, has_photo=photo is not None
    )
    return page, 422 if form.errors else 200


@blueprint.post("/office/venues/<int:venue_id>/photo/remove")
@opens_for(Door.ADMIN)
def remove_photo(venue_id: int) -> ResponseReturnValue:
    """Take the picture down."""
    deeds.remove_photo(venue_id, visitor().person_id, clock.now())
    flash(_("The picture is removed."), "success")
    return redirect(url_for("office.venue", venue_id=venue_id), 303)
