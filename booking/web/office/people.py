"""People: finding them, seeing one of them, and making them hosts."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.models.kinds import Role
from booking.queries import directory, office_tasks, records
from booking.queries.directory import Search
from booking.services import people as deeds
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint, said, searches
from booking.web.office.fields import text_of
from booking.web.office.forms import FindPeopleForm
from booking.web.office.history_words import said_deed
from booking.web.office.openings import openings, opens
from booking.web.reminding import said_of


@blueprint.route("/office/people", methods=["GET", "POST"])
@opens_for(Door.CARE)
def people() -> ResponseReturnValue:
    """Look for somebody; before that, show who hosts and who is in the office."""
    if searches.is_begun_anew():
        searches.forget()
        return redirect(url_for("office.people"), 303)
    words = searches.looked_for()
    form = FindPeopleForm(data={"words": words})
    if form.validate_on_submit():
        # The results are a page of their own, so that Back and a reload show them again.
        searches.remember(text_of(form.words))
        return redirect(url_for("office.people", found=1), 303)
    search = directory.find(words) if words else Search(tuple(directory.hosts_and_office()))
    page = render_template(
        "office/people.html",
        form=form,
        looked=bool(words),
        search=search,
        most=directory.MOST_FOUND,
        said=said,
        opens=opens,
    )
    return page, 422 if form.errors else 200


@blueprint.get("/office/people/<int:person_id>")
@opens_for(Door.CARE)
def person(person_id: int) -> ResponseReturnValue:
    """Show who somebody is, what she agreed to, her bookings, and what can be done for her."""
    now, is_admin = clock.now(), visitor().is_admin
    known = records.known(person_id)
    return render_template(
        "office/person.html",
        known=known,
        reminders=said_of(known.person),
        openings=openings(known),
        opens=opens,
        tasks=office_tasks.about(person_id, now) if is_admin else [],
        history=records.history(person_id) if is_admin else [],
        now=now,
        said=said,
        said_deed=said_deed,
    )


@blueprint.route("/office/people/<int:person_id>/host", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def make_host(person_id: int) -> ResponseReturnValue:
    """Show what being a host opens, and let somebody host when the office says so."""
    known = records.known(person_id)
    if not known.may_have_roles:
        abort(404)
    if request.method != "POST":
        return render_template("office/make_host.html", person=known.person)
    deeds.give_role(person_id, Role.FACILITATOR, visitor().person_id, clock.now())
    flash(_("%(name)s can host sessions now.", name=known.person.known_as), "success")
    return redirect(url_for("office.person", person_id=person_id), 303)
