"""Today: what needs somebody in the office now."""

from datetime import date, datetime, time

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.models.kinds import CallOutcome
from booking.queries import days_off, joining, office, office_tasks, queues, roles, tasks, told
from booking.queries import messages as outbox
from booking.refusals import TryAgainLater
from booking.rules.wall_time import to_instant, to_local
from booking.rules.words import day_words, time_words
from booking.services import tasks as deeds
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint, outgoing_words, said
from booking.web.office.openings import opens
from booking.web.office.refused import as_notice
from booking.web.office.told import back

# The rest stands on its own page: Today is read at a glance.
MOST_CHORES = 8


@blueprint.get("/office")
@opens_for(Door.ADMIN)
def today() -> ResponseReturnValue:
    """Show what is on, the calls to make, the registers with gaps, and how the letters go out."""
    now = clock.now()
    return render_template(
        "office/today.html",
        now=now,
        calls=tasks.calls_to_make(now),
        settled=tasks.calls_settled_today(now),
        chores=office_tasks.to_do(now),
        most_chores=MOST_CHORES,
        stuck=joining.waits_for_help(now),
        untold=told.untold(now),
        undecided=days_off.how_many(now),
        near=office.today_and_tomorrow(now),
        new_keys=roles.given_lately(now),
        offers=queues.open_offers(now),
        registers=office.registers_not_taken(now),
        letters=office.troubled_letters(now),
        seen=outbox.worker_last_seen(now),
        worker_is_late=not outbox.is_worked(now),
        said=said,
        why=outgoing_words.why,
        opens=opens,
    )


@blueprint.post("/office/calls/<int:message_id>")
@opens_for(Door.ADMIN)
def note_call(message_id: int) -> ResponseReturnValue:
    """Note how a call went."""
    outcome = request.form.get("outcome", "")
    if outcome not in set(CallOutcome):
        abort(400)
    with as_notice():
        by, again_at = visitor().person_id, _again_at(outcome)
        try:
            deeds.note_call(message_id, CallOutcome(outcome), by, clock.now(), again_at=again_at)
        except TryAgainLater as refusal:
            flash(str(refusal.sentence), "notice")
            # What was chosen is shown again at its call, with the sentence beside it.
            chosen = {"again": message_id, "again_at": request.form.get("again_at", "")[:16]}
            return redirect(back(f"call-{message_id}", **chosen), 303)
        heard = {"outcome": said.OUTCOMES[CallOutcome(outcome)], "name": tasks.who_is_called(message_id)}
        flash(_("%(outcome)s: %(name)s.", **heard) + _still_kept(message_id, outcome), "success")
    return redirect(back(), 303)


def _again_at(outcome: str) -> datetime | None:
    """Read when somebody asked to be tried again; what is no time is none, and is refused below."""
    if outcome != CallOutcome.TRY_AGAIN:
        return None
    day, _between, hour = request.form.get("again_at", "").partition("T")
    try:
        return to_instant(date.fromisoformat(day), time(int(hour)))
    except (ValueError, OverflowError):
        return None


def _still_kept(message_id: int, outcome: str) -> str:
    """Say until when a place waits for somebody who has been told of it."""
    is_told = outcome in (CallOutcome.LEFT_WORD, CallOutcome.REACHED)
    until = tasks.kept_with_call(message_id, clock.now()) if is_told else None
    if until is None:
        return ""
    at = to_local(until)
    when = {"time": time_words(at.time()), "day": day_words(at.date())}
    return " " + str(_("A place is kept for them until %(time)s on %(day)s.", **when))


@blueprint.post("/office/calls/<int:message_id>/reopen")
@opens_for(Door.ADMIN)
def reopen_call(message_id: int) -> ResponseReturnValue:
    """Put a call that was settled today back on the list."""
    with as_notice():
        deeds.reopen_call(message_id, visitor().person_id, clock.now())
        flash(_("Back on the list: %(name)s.", name=tasks.who_is_called(message_id)), "success")
    return redirect(url_for("office.today", _anchor="calls"), 303)
