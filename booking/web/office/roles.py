"""Roles, and the second factor that some of them need: given, taken, and reset by somebody else."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from booking import clock, policy
from booking.models.kinds import Role
from booking.queries import records
from booking.refusals import AnotherAdminGives, AnotherAdminResets, LastAdmin, RoleNeedsProof
from booking.services import people as deeds
from booking.services import second_factor
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint, said

# What each role opens, in the words of the page.
OPENS = {
    Role.FACILITATOR: _l(
        "Sees who is coming to the sessions they lead, and takes the register. Contact details one by one, "
        "on the day, and each look is noted."
    ),
    Role.ADMIN: _l(
        "Opens every page of the office: everybody's contact details and bookings, the schedule, who came."
    ),
    Role.SAFEGUARDING: _l(
        "Opens people's records with their contact details and movement check-ins. Not the schedule, not the "
        "figures, and no changes."
    ),
}
_GIVE, _TAKE = "give", "take"


@blueprint.route("/office/people/<int:person_id>/roles", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def roles(person_id: int) -> ResponseReturnValue:
    """Show what somebody's roles open, ask before one is given, and give or take it."""
    known = records.known(person_id)
    if request.method == "POST":
        return _change(known)
    fits = {role for role in Role if policy.may_be_given(role, known.person.status)}
    mine = {role for role in fits if policy.may_give(role, person_id, visitor().person_id)}
    asked_for = _role_named(request.args.get("give"))
    if asked_for in mine - known.roles:
        return render_template("office/role_check.html", known=known, role=asked_for, opens=OPENS, said=said)
    return render_template(
        "office/roles.html",
        known=known,
        opens=OPENS,
        may_give=mine,
        by_another=fits - mine,
        said=said,
    )


@blueprint.route("/office/people/<int:person_id>/second-factor", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def reset_second_factor(person_id: int) -> ResponseReturnValue:
    """Ask first, then forget somebody's authenticator app."""
    known = records.known(person_id)
    person = known.person
    if request.method != "POST":
        is_me, since = person_id == visitor().person_id, known.app_set_up_at
        return render_template("office/reset_second_factor.html", person=person, is_me=is_me, since=since)
    try:
        second_factor.reset(person_id, visitor().person_id, clock.now())
    except AnotherAdminResets as refusal:
        flash(str(refusal.sentence), "notice")
        return redirect(url_for("office.reset_second_factor", person_id=person_id), 303)
    flash(_("Done. %(name)s sets up a new app at the next sign-in.", name=person.known_as), "success")
    return redirect(url_for("office.person", person_id=person_id), 303)


def _role_named(value: str | None) -> Role | None:
    return next((role for role in Role if role.value == value), None)


def _change(known: records.Known) -> ResponseReturnValue:
    person, deed = known.person, request.form.get("deed")
    role = _role_named(request.form.get("role"))
    if role is None or deed not in (_GIVE, _TAKE):
        abort(400)
    name, change = person.known_as, deeds.give_role if deed == _GIVE else deeds.take_role
    person_id = person.id
    try:
        change(person_id, role, visitor().person_id, clock.now())
    except (AnotherAdminGives, LastAdmin, RoleNeedsProof) as refusal:
        flash(str(refusal.sentence), "notice")
    else:
        words = _("%(name)s has this role now: %(role)s.", name=name, role=said.ROLES[role])
        if deed == _TAKE:
            words = _("%(name)s no longer has this role: %(role)s.", name=name, role=said.ROLES[role])
        flash(words, "success")
    return redirect(url_for("office.roles", person_id=person_id), 303)
