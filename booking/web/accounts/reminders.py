"""When she is reminded: which reminders she wants, and earlier or later ones."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.queries import people as asked
from booking.queries.reminders import rhythm_of
from booking.services import reminders as deeds
from booking.services.reminders import Wish
from booking.web.accounts import blueprint
from booking.web.accounts.me import back_to
from booking.web.doors import Door, opens_for, visitor
from booking.web.reminding import RemindersForm, TimesForm, pair_of, times_as_kept, when_words, wish_of


@blueprint.route("/me/reminders", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def reminders() -> ResponseReturnValue:
    """Let her choose which reminders she wants."""
    person = asked.herself(visitor().person_id)
    form = RemindersForm(when_words(rhythm_of(person)), when=wish_of(person))
    if not form.validate_on_submit():
        return render_template("accounts/reminders.html", form=form), 422 if form.errors else 200
    wish = Wish(*(pair_of(form.when.data) or (False, False)), rhythm_of(person))
    deeds.save(person.id, wish, clock.now())
    return back_to("reminders", _("Your reminders are saved."))


@blueprint.route("/me/reminders/times", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def reminder_times() -> ResponseReturnValue:
    """Let her be reminded earlier or later."""
    person = asked.herself(visitor().person_id)
    form = TimesForm(data=times_as_kept(person))
    if not form.validate_on_submit():
        return render_template("accounts/reminder_times.html", form=form), 422 if form.errors else 200
    wish = Wish(person.remind_two_days, person.remind_that_morning, form.rhythm())
    deeds.save(person.id, wish, clock.now())
    if not (wish.two_days or wish.that_morning):
        flash(_("The times are saved. You have no reminders now: choose some here."), "notice")
        return redirect(url_for("accounts.reminders"), 303)
    return back_to("reminders", _("Your reminders are saved."))
