"""What she agreed to: the ledger with the very words, changed words, and taking a yes back."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.models.kinds import ConsentPurpose
from booking.queries import consent as agreed
from booking.queries import contacts
from booking.services import consent
from booking.web.accounts import blueprint
from booking.web.accounts.details_forms import PressForm
from booking.web.accounts.me import back_to
from booking.web.doors import Door, opens_for, visitor
from booking.web.wordings import ABOUT, put_off, todays_words, words_of

# These are asked together with their questions, so there is nothing to agree to before those are seen.
ASKED_ELSEWHERE = (ConsentPurpose.MOVEMENT, ConsentPurpose.EQUALITY)


@blueprint.get("/me/agreements")
@opens_for(Door.SIGNED_IN)
def agreements() -> ResponseReturnValue:
    """Show what she agreed to, in which words, when and how, and what she took back."""
    ledger = agreed.ledger(visitor().person_id)
    return render_template(
        "accounts/agreements.html",
        ledger=ledger,
        about=ABOUT,
        words_of=words_of,
        withdrawable=consent.WITHDRAWABLE,
        ask_again=agreed.to_ask_again(visitor().person_id),
        is_closing=agreed.is_withdrawn(visitor().person_id, ConsentPurpose.KEEP_DETAILS),
        ways=contacts.ways_of(visitor().person_id),
    )


@blueprint.route("/me/agreements/<purpose>", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def agreement(purpose: str) -> ResponseReturnValue:
    """Show the words of today beside those she agreed to; she says yes, or not now, and no door shuts."""
    wanted, form = _purpose(purpose), PressForm()
    before = agreed.standing(visitor().person_id, wanted)
    may_agree = before is not None or wanted not in ASKED_ELSEWHERE
    if form.validate_on_submit():
        if request.form.get("answer") == "agree" and may_agree:
            consent.agree(visitor().person_id, wanted, clock.now())
            return back_to("agreements", _("Thank you. It is written down."))
        put_off(wanted)
        return redirect(url_for("bookings.mine"), 303)
    page = render_template(
        "accounts/agreement.html",
        form=form,
        title=ABOUT[wanted],
        purpose=wanted,
        words=todays_words(wanted),
        words_before=words_of(wanted, before.wording_version) if before is not None else "",
        before=before,
        may_agree=may_agree,
        is_agreed=agreed.agrees_to_today(visitor().person_id, wanted),
    )
    return page, 422 if form.errors else 200


@blueprint.route("/me/agreements/<purpose>/withdraw", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def withdraw_agreement(purpose: str) -> ResponseReturnValue:
    """Say kindly what follows, then take a yes back."""
    wanted, form = _purpose(purpose), PressForm()
    if wanted not in consent.WITHDRAWABLE or agreed.standing(visitor().person_id, wanted) is None:
        return redirect(url_for("accounts.agreements"), 303)
    if not form.validate_on_submit():
        page = render_template(
            "accounts/withdraw_agreement.html",
            form=form,
            title=ABOUT[wanted],
            purpose=wanted,
            ways=contacts.ways_of(visitor().person_id),
        )
        return page, 422 if form.errors else 200
    consent.withdraw(visitor().person_id, wanted, clock.now())
    if wanted is ConsentPurpose.KEEP_DETAILS:
        return back_to("agreements", _("You took it back. What follows stands at the top of this page."))
    return back_to("agreements", _("You took it back."))


def _purpose(word: str) -> ConsentPurpose:
    if word not in set(ConsentPurpose):
        abort(404)
    return ConsentPurpose(word)
