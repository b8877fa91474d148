"""A host writes to everybody of her date: she sees how many, never who."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from booking import clock
from booking.models.kinds import SessionState
from booking.queries import announcements as asked
from booking.queries import rota
from booking.refusals import NotFound, Refusal
from booking.services import announcements as deeds
from booking.web import announcing
from booking.web.doors import Door, opens_for, visitor
from booking.web.hosting import blueprint
from booking.web.throttle import throttled


@blueprint.route("/host/sessions/<int:session_id>/message", methods=["GET", "POST"])
@opens_for(Door.FACILITATOR)
@throttled("60 per hour", by="visitor")
def message_everyone(session_id: int) -> ResponseReturnValue:
    """Write once, look at the letter and at the number of people, send."""
    her_id, now = visitor().person_id, clock.now()
    scheduled = rota.led_session(session_id, her_id)
    form = announcing.everybody_form(scheduled.series.waiting_list)
    preview, step = None, announcing.step()
    if step in (announcing.LOOK, announcing.SEND) and form.validate():
        if step == announcing.SEND and announcing.goes_out(
            form,
            lambda: deeds.message_everyone(
                session_id,
                form.words.data or "",
                her_id,
                now,
                includes_waiting=announcing.includes_waiting(form),
            ),
        ):
            return redirect(url_for(".roster", session_id=session_id), 303)
        preview = None if form.errors else announcing.of_session(session_id, form, her_id, now)
    return render_template(
        "hosting/message_everyone.html",
        form=form,
        scheduled=scheduled,
        is_open=scheduled.state is SessionState.PUBLISHED and scheduled.ends_at > now,
        preview=preview,
        sent=asked.about_session(session_id),
        her_id=her_id,
        say=announcing,
    ), 422 if form.errors else 200


@blueprint.post("/host/messages/<int:announcement_id>/take-back")
@opens_for(Door.FACILITATOR)
def take_message_back(announcement_id: int) -> ResponseReturnValue:
    """Take back what has not left yet of a message that she wrote."""
    her_id, now = visitor().person_id, clock.now()
    session_id = asked.session_of(announcement_id, her_id)
    try:
        many = deeds.withdraw(announcement_id, her_id, now)
    except NotFound:
        raise
    except Refusal as refusal:
        flash(str(refusal.sentence), "notice")
    else:
        flash(
            ngettext("%(num)s message is taken back.", "%(num)s messages are taken back.", many)
            + " "
            + _("What had left before has been read, perhaps."),
            "success",
        )
    return redirect(url_for(".message_everyone", session_id=session_id), 303)
