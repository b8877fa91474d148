"""The office writes to everybody of a date, or news to everybody who asked for it."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from booking import clock
from booking.models.kinds import SessionState
from booking.queries import announcements as asked
from booking.queries import office
from booking.services import announcements as deeds
from booking.web import announcing
from booking.web.announcing import NewsForm
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint
from booking.web.office.refused import as_notice
from booking.web.throttle import throttled


@blueprint.route("/office/sessions/<int:session_id>/message", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
@throttled("120 per hour", by="visitor")
def message_everyone(session_id: int) -> ResponseReturnValue:
    """Write once to everybody of a date, look at the letter and at the number of people, send."""
    her_id, now = visitor().person_id, clock.now()
    scheduled = office.one_session(session_id).session
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
                for_office=True,
            ),
        ):
            return redirect(url_for("office.session", session_id=session_id), 303)
        preview = None if form.errors else announcing.of_session(session_id, form, her_id, now)
    return render_template(
        "office/message_everyone.html",
        form=form,
        scheduled=scheduled,
        is_open=scheduled.state is SessionState.PUBLISHED and scheduled.ends_at > now,
        preview=preview,
        sent=asked.about_session(session_id),
        say=announcing,
    ), 422 if form.errors else 200


@blueprint.route("/office/news", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
@throttled("60 per hour", by="visitor")
def news() -> ResponseReturnValue:
    """Write news to everybody who asked for it, look at the letter, send."""
    form, preview, step, now = NewsForm(), None, announcing.step(), clock.now()
    if step in (announcing.LOOK, announcing.SEND) and form.validate():
        heading, words = form.heading.data or "", form.words.data or ""
        if step == announcing.SEND and announcing.goes_out(
            form, lambda: deeds.send_news(heading, words, visitor().person_id, now)
        ):
            return redirect(url_for("office.news"), 303)
        preview = None if form.errors else announcing.of_news(form, now)
    return render_template(
        "office/news.html",
        form=form,
        preview=preview,
        readers=asked.news_audience(now),
        sent=asked.news_so_far(),
        say=announcing,
    ), 422 if form.errors else 200


@blueprint.post("/office/announcements/<int:announcement_id>/take-back")
@opens_for(Door.ADMIN)
def take_message_back(announcement_id: int) -> ResponseReturnValue:
    """Take back what has not left yet of a message to everybody, or of news."""
    session_id = asked.session_of(announcement_id)
    with as_notice():
        many = deeds.withdraw(announcement_id, visitor().person_id, clock.now(), for_office=True)
        flash(ngettext("%(num)s message is taken back.", "%(num)s messages are taken back.", many), "success")
    if session_id is None:
        return redirect(url_for("office.news"), 303)
    return redirect(url_for("office.message_everyone", session_id=session_id), 303)
