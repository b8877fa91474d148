"""What a host sees of her sessions, and how she says who came."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.queries import cover, host_tasks, rota
from booking.refusals import NotFound, Refusal
from booking.rules.wall_time import to_local
from booking.services import attendance, joining, reveals
from booking.services import host_tasks as deeds
from booking.web.doors import Door, opens_for, visitor
from booking.web.hosting import blueprint, words
from booking.web.hosting.forms import WalkInForm
from booking.web.throttle import throttled

UNDO = "undo"
_JUST_MARKED = "just_marked"


@blueprint.get("/host")
@opens_for(Door.FACILITATOR)
def mine() -> ResponseReturnValue:
    """Show her sessions, next first."""
    now = clock.now()
    hosted = rota.my_sessions(visitor().person_id, now)
    return render_template(
        "hosting/mine.html",
        hosted=hosted,
        tasks=host_tasks.tasks_of(visitor().person_id),
        asked=cover.asked_by(visitor().person_id, now),
        wanted=cover.cover_wanted(visitor().person_id, now),
        today=to_local(now).date(),
        say=words,
    )


@blueprint.post("/host/tasks/<int:task_id>")
@opens_for(Door.FACILITATOR)
def settle_task(task_id: int) -> ResponseReturnValue:
    """Take a talk with the office off her list."""
    deeds.settle(task_id, visitor().person_id, clock.now())
    flash(_("Thank you for speaking with the office."), "success")
    return redirect(url_for(".mine"), 303)


@blueprint.get("/host/sessions/<int:session_id>")
@opens_for(Door.FACILITATOR)
def roster(session_id: int) -> ResponseReturnValue:
    """Show who is coming, and from 30 minutes before the start who came."""
    return render_template(
        "hosting/roster.html",
        **_facts(session_id, clock.now()),
        undo=UNDO,
        just_marked=session.pop(_JUST_MARKED, None),
    )


@blueprint.get("/host/sessions/<int:session_id>/news")
@opens_for(Door.FACILITATOR)
def news(session_id: int) -> ResponseReturnValue:
    """Tell her open page who can't get in just now, by the numbers of their rows: nobody's name."""
    return {"stuck": rota.stuck_now(session_id, visitor().person_id, clock.now())}


@blueprint.post("/host/sessions/<int:session_id>/bookings/<int:booking_id>")
@opens_for(Door.FACILITATOR)
def mark(session_id: int, booking_id: int) -> ResponseReturnValue:
    """Take one mark, or take it back, and return to the same name."""
    said, actor_id, now = request.form.get("mark", ""), visitor().person_id, clock.now()
    try:
        if said == UNDO:
            seen = request.form.get("seen") or None
            session_id = attendance.undo(booking_id, actor_id, now, seen=seen)
        else:
            session_id = attendance.mark(booking_id, said, actor_id, now)
    except Refusal as refusal:
        return _back_with(refusal, session_id)
    session[_JUST_MARKED] = booking_id
    return redirect(url_for(".roster", session_id=session_id, _anchor=f"booking-{booking_id}"), 303)


@blueprint.route("/host/sessions/<int:session_id>/people/<int:booking_id>/contact", methods=["GET", "POST"])
@opens_for(Door.FACILITATOR)
@throttled("120 per hour", by="visitor")
def reveal(session_id: int, booking_id: int) -> ResponseReturnValue:
    """Show how to reach one person in answer to the button; the address alone leads back to the list."""
    back = url_for(".roster", session_id=session_id, _anchor=f"booking-{booking_id}")
    if request.method != "POST":
        # Another host's list is not there for her, whatever the address asks for.
        rota.roster(session_id, visitor().person_id, clock.now())
        return redirect(back, 303)
    try:
        shown = reveals.reveal(session_id, booking_id, visitor().person_id, clock.now())
    except Refusal as refusal:
        return _back_with(refusal, session_id)
    return render_template("hosting/reveal.html", shown=shown, back=back)


@blueprint.post("/host/sessions/<int:session_id>/bookings/<int:booking_id>/seen-to")
@opens_for(Door.FACILITATOR)
def see_to(session_id: int, booking_id: int) -> ResponseReturnValue:
    """Take somebody off those who can't get in: she is in, or somebody speaks with her."""
    led = joining.see_to(booking_id, visitor().person_id, clock.now())
    flash(_("Thank you for helping."), "success")
    return redirect(url_for(".roster", session_id=led), 303)


@blueprint.post("/host/sessions/<int:session_id>/rest-came")
@opens_for(Door.FACILITATOR)
def rest_came(session_id: int) -> ResponseReturnValue:
    """Mark everybody who is left."""
    try:
        marked = attendance.rest_came(session_id, visitor().person_id, clock.now())
    except Refusal as refusal:
        return _back_with(refusal, session_id)
    flash(words.rest(marked), "success")
    return redirect(url_for(".roster", session_id=session_id), 303)


@blueprint.route("/host/sessions/<int:session_id>/walk-in", methods=["GET", "POST"])
@opens_for(Door.FACILITATOR)
def walk_in(session_id: int) -> ResponseReturnValue:
    """Ask who walked in, and put them on the list."""
    now, form = clock.now(), WalkInForm()
    facts = _facts(session_id, now)
    if request.method != "POST" and not facts["roster"].register_is_open:
        return redirect(url_for(".roster", session_id=session_id), 303)
    faces = _not_on_list(session_id, now)
    form.offer(faces)
    if form.validate_on_submit():
        return _add(session_id, form, now)
    return render_template("hosting/walk_in.html", **facts, form=form, faces=faces)


@blueprint.get("/host/sessions/<int:session_id>/print")
@opens_for(Door.FACILITATOR)
def print_list(session_id: int) -> ResponseReturnValue:
    """Show the names and boxes that go on paper."""
    return render_template("hosting/print_list.html", **_facts(session_id, clock.now()))


def _facts(session_id: int, now: datetime) -> dict[str, Any]:
    found = rota.roster(session_id, visitor().person_id, now)
    return {"roster": found, "now": now, "today": to_local(now).date(), "say": words}


def _not_on_list(session_id: int, now: datetime) -> list[rota.FamiliarFace]:
    her_id = visitor().person_id
    listed = rota.people_on_list(session_id, her_id)
    return [face for face in rota.familiar_faces(session_id, her_id, now) if face.person_id not in listed]


def _add(session_id: int, form: WalkInForm, now: datetime) -> ResponseReturnValue:
    try:
        attendance.add_walk_in(
            session_id,
            visitor().person_id,
            now,
            person_id=form.person_id,
            first_name=form.typed_name,
            one_more=form.way.data == "unnamed",
            form_nonce=form.token.data or "",
        )
    except Refusal as refusal:
        return _back_with(refusal, session_id)
    flash(_("They are on the list."), "success")
    return redirect(url_for(".roster", session_id=session_id), 303)


def _back_with(refusal: Refusal, session_id: int) -> ResponseReturnValue:
    """Return to the list with the reason; what is not hers stays unknown."""
    if isinstance(refusal, NotFound):
        raise refusal
    flash(str(refusal), "notice")
    return redirect(url_for(".roster", session_id=session_id), 303)
