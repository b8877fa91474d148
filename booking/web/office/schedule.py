"""Schedule: the dates to come, one date with its people, and who leads it."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.models.kinds import SessionState
from booking.queries import office, planner, queues, told
from booking.refusals import Refusal
from booking.rules.wall_time import to_local
from booking.services import rota
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint, looking, said
from booking.web.office.forms import HostForm
from booking.web.office.numbers import page_number
from booking.web.office.series_words import own_of, own_words
from booking.web.widgets import options


@blueprint.get("/office/schedule")
@opens_for(Door.ADMIN)
def schedule() -> ResponseReturnValue:
    """List the dates, drafts included, with their places and hosts."""
    now, page = clock.now(), page_number()
    choice = looking.read(now)
    total, found = planner.page_of(choice.wanted, page, backwards=choice.is_past)
    if page > 1 and not found:
        abort(404)
    return render_template(
        "office/schedule.html",
        today=to_local(now).date(),
        now=now,
        choice=choice,
        total=total,
        found=found,
        turn=looking.turn("office.schedule", total, page, **choice.asked),
        menu=looking.menu("office.schedule"),
        tools=looking.tools(),
        SessionState=SessionState,
    )


@blueprint.get("/office/sessions/<int:session_id>")
@opens_for(Door.ADMIN)
def session(session_id: int) -> ResponseReturnValue:
    """Show one date: its facts, those who lead it, those who come."""
    return _session_page(session_id, _host_form(session_id))


@blueprint.post("/office/sessions/<int:session_id>/hosts")
@opens_for(Door.ADMIN)
def add_host(session_id: int) -> ResponseReturnValue:
    """Let somebody lead this date, or this and all later ones."""
    form = _host_form(session_id)
    if not form.validate():
        return _session_page(session_id, form)
    try:
        rota.add_facilitator(
            session_id,
            int(form.person.data),
            visitor().person_id,
            clock.now(),
            later_too=form.which.data == "later",
        )
    except Refusal as refusal:
        flash(str(refusal.sentence), "notice")
    else:
        flash(_("Added."), "success")
    return redirect(url_for("office.session", session_id=session_id, _anchor="hosts"), 303)


@blueprint.post("/office/sessions/<int:session_id>/hosts/<int:person_id>/remove")
@opens_for(Door.ADMIN)
def remove_host(session_id: int, person_id: int) -> ResponseReturnValue:
    """Let somebody no longer lead this date, or this and all later ones."""
    later_too = request.form.get("which") == "later"
    rota.remove_facilitator(session_id, person_id, visitor().person_id, clock.now(), later_too=later_too)
    flash(_("Removed."), "success")
    return redirect(url_for("office.session", session_id=session_id, _anchor="hosts"), 303)


def _session_page(session_id: int, form: HostForm) -> ResponseReturnValue:
    now = clock.now()
    planned = office.one_session(session_id)
    scheduled = planned.session
    return render_template(
        "office/session.html",
        form=form,
        planned=planned,
        scheduled=scheduled,
        leaders=office.leaders(session_id),
        guests=office.guests(session_id),
        deeds=told.deeds_about(session_id),
        waiting=queues.how_many_wait(session_id),
        may_change=scheduled.state is not SessionState.CANCELLED and scheduled.starts_at > now,
        may_cancel=scheduled.state is SessionState.PUBLISHED and scheduled.ends_at > now,
        has_started=scheduled.starts_at <= now,
        own=own_words(own_of(scheduled)),
        said=said,
    )


def _host_form(session_id: int) -> HostForm:
    form = HostForm()
    leading = {leader.person_id for leader in office.leaders(session_id)}
    others = [host for host in office.all_hosts() if host.person_id not in leading]
    names = [(str(host.person_id), f"{host.full_name} ({host.known_as})") for host in others]
    form.person.choices = options([("", _("Choose a host")), *names])
    return form
