"""How we reach her: addresses and numbers, a change of email address, her channel, and a pause."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from booking import clock, policy
from booking.models.kinds import Channel
from booking.queries import contacts as asked
from booking.queries import people
from booking.refusals import LinkNoLongerWorks, Refusal
from booking.services import contacts as keeping
from booking.services import pauses
from booking.web.accounts import blueprint
from booking.web.accounts.details_forms import ContactsForm, PauseForm, PressForm, ReachForm
from booking.web.accounts.me import back_to
from booking.web.doors import Door, opens_for, visitor, visitor_or_none
from booking.web.leaving import letters_are_stopped
from booking.web.throttle import throttled


@blueprint.route("/me/contacts", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
@throttled("20 per hour", by="visitor")
def contacts() -> ResponseReturnValue:
    """Let her correct how she can be reached; a new email address is used once it is proven."""
    now, person_id = clock.now(), visitor().person_id
    ways = asked.ways_of(person_id)
    form = ContactsForm(email=ways.email, phone=ways.phone, post=ways.post)
    if form.validate_on_submit():
        wanted = keeping.Wanted(form.email.data or "", form.phone.data or "", form.post.data or "")
        try:
            asks = keeping.save(person_id, wanted, now)
            return back_to("contacts", _nearly_done() if asks else _("Saved"))
        except Refusal as refusal:
            _say_at_field(form, refusal)
    page = render_template("accounts/contacts.html", form=form, pending=asked.pending_change(person_id, now))
    return page, 422 if form.errors else 200


def _nearly_done() -> str:
    if letters_are_stopped():
        return str(
            _("Nearly done, but we can't send emails just now. Please call us, and we do it with you.")
        )
    return str(_("Nearly done: open the letter we are sending."))


@blueprint.post("/me/contacts/withdraw")
@opens_for(Door.SIGNED_IN)
def withdraw_change() -> ResponseReturnValue:
    """Let a change of address go that waits for its proof."""
    keeping.withdraw_change(visitor().person_id, clock.now())
    return back_to("contacts", _("Your email address stays as it is."))


@blueprint.route("/change-email/<token>", methods=["GET", "POST"])
@opens_for(Door.ANYONE)
@throttled("60 per hour")
def change_email(token: str) -> ResponseReturnValue:
    """Let whoever reads the new address show that it is hers, in whichever browser she reads it."""
    form = PressForm()
    try:
        link = asked.change_behind(token, clock.now())
        if not form.validate_on_submit():
            page = render_template("accounts/change_email.html", form=form, address=link.address)
            return page, 422 if form.errors else 200
        person_id = keeping.change_email(token, clock.now())
    except LinkNoLongerWorks:
        return render_template("accounts/link_gone.html"), 410
    here = visitor_or_none()
    if here is not None and here.person_id == person_id:
        return back_to("contacts", _("Your new email address is saved."))
    flash(_("Your new email address is saved. From now on you sign in with it."), "success")
    return redirect(url_for("accounts.sign_in"), 303)


@blueprint.route("/me/reach", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def reach_me() -> ResponseReturnValue:
    """Let her choose by which way she hears from us."""
    person = people.herself(visitor().person_id)
    form = ReachForm(channel=person.channel.value, may_leave_word=person.may_leave_word)
    if form.validate_on_submit():
        try:
            wanted, may_leave_word = Channel(form.channel.data), bool(form.may_leave_word.data)
            keeping.choose_channel(visitor().person_id, wanted, clock.now(), may_leave_word=may_leave_word)
            return back_to("reach", _("Saved"))
        except Refusal as refusal:
            _say_at_field(form, refusal)
    page = render_template("accounts/reach_me.html", form=form, ways=asked.ways_of(visitor().person_id))
    return page, 422 if form.errors else 200


@blueprint.route("/me/pause", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def pause() -> ResponseReturnValue:
    """Let her be left in peace for a while."""
    person_id = visitor().person_id
    person = people.herself(person_id)
    is_paused = policy.is_paused(person, clock.now())
    form = PauseForm(until=person.paused_until if is_paused else None)
    if form.validate_on_submit():
        try:
            pauses.pause(person_id, form.until.data, person_id, clock.now())
            return back_to("pause", _("Letters are paused."))
        except Refusal as refusal:
            _say_at_field(form, refusal)
    page = render_template(
        "accounts/pause.html",
        form=form,
        is_paused=is_paused,
        until=person.paused_until,
        ways=asked.ways_of(person_id),
    )
    return page, 422 if form.errors else 200


@blueprint.post("/me/pause/end")
@opens_for(Door.SIGNED_IN)
def end_pause() -> ResponseReturnValue:
    """Write to her again."""
    pauses.unpause(visitor().person_id, visitor().person_id, clock.now())
    return back_to("pause", _("We write to you again."))


def _say_at_field(form: FlaskForm, refusal: Refusal) -> None:
    if refusal.field in form:
        form[refusal.field].errors = [str(refusal.sentence)]
    else:
        form.form_errors.append(str(refusal.sentence))
