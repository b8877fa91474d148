"""Cancelling or moving one date or several: why, who will be told, and then it is done as one deed."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.models.kinds import SessionState
from booking.queries import calling_off as asked
from booking.queries import office, reports
from booking.queries.calling_off import Pick, Wanted
from booking.refusals import NothingChosen, Refusal
from booking.rules.words import day_words, span_words
from booking.services import calling_off as deeds
from booking.services.calling_off import Shift
from booking.services.schedule import KEEP, SessionChange
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint
from booking.web.office.calling_off_forms import (
    CancelDatesForm,
    MoveDatesForm,
    MoveForm,
    WhyForm,
    offer_venues,
)
from booking.web.office.fields import text_of
from booking.web.office.numbers import row_number
from booking.web.office.refused import put_beside, said
from booking.web.office.said import said_reach

if TYPE_CHECKING:
    from booking.models import ScheduledSession


@dataclass(frozen=True)
class Moving:
    """What a date was and will be, in words."""

    title: str
    was: str
    now: str


@blueprint.route("/office/sessions/<int:session_id>/cancel", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def cancel_session(session_id: int) -> ResponseReturnValue:
    """Cancel this one date: everybody booked is told."""
    scheduled = office.one_session(session_id).session
    here = url_for("office.session", session_id=session_id)
    if scheduled.state is SessionState.CANCELLED:
        flash(_("This date is cancelled already."), "notice")
        return redirect(here, 303)
    form = CancelDatesForm()
    form.leave_out_what_is_untrue(asked.picked([session_id]))
    told = said_reach(asked.who_hears([session_id], clock.now(), cancelling=True))
    if form.validate_on_submit():
        try:
            deed = _cancel([session_id], form)
        except Refusal as refusal:
            flash(said(refusal), "notice")
            return redirect(here, 303)
        flash(_("Cancelled. %(told)s", told=told), "success")
        return redirect(url_for("office.told", deed_id=deed), 303)
    return render_template("office/cancel_session.html", form=form, scheduled=scheduled, told=told)


@blueprint.route("/office/sessions/<int:session_id>/move", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def move_session(session_id: int) -> ResponseReturnValue:
    """Move this one date to another day, time or venue."""
    planned, now = office.one_session(session_id), clock.now()
    scheduled = planned.session
    if scheduled.state is not SessionState.PUBLISHED or scheduled.starts_at <= now:
        flash(_("This date can't be moved any more."), "notice")
        return redirect(url_for("office.session", session_id=session_id), 303)
    form = MoveForm(data=_as_it_is(scheduled))
    names = offer_venues(form.venue, _("Online, no venue"))
    form.leave_out_what_is_untrue(asked.picked([session_id]))
    moving, seen = None, scheduled.schedule_version
    if request.method == "POST" and request.form.get("step") != "change" and form.validate():
        moving = _moving(scheduled, form.starts_on.day, form, names)
        if request.form.get("step") == "save":
            try:
                return _moved(session_id, form)
            except Refusal as refusal:
                put_beside(form, refusal)
                form.seen_version.data, moving = str(seen), None
                planned = office.one_session(session_id)
    told = said_reach(asked.who_hears([session_id], now, cancelling=False))
    return render_template(
        "office/move_session.html", form=form, scheduled=planned.session, moving=moving, told=told
    )


@blueprint.route("/office/call-off", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def call_off() -> ResponseReturnValue:
    """Choose several dates, then cancel or move them together."""
    if request.method != "POST":
        return _choose()
    seen = _chosen()
    if not seen:
        return _choose(str(NothingChosen.sentence), 422)
    if len(seen) > deeds.MOST_DATES:
        abort(400)
    if request.form.get("do") == "move":
        return _move_several(seen)
    return _cancel_several(seen)


def _cancel_several(seen: dict[int, int]) -> ResponseReturnValue:
    form, picks = CancelDatesForm() if _is_typed() else CancelDatesForm(formdata=None), asked.picked(seen)
    form.leave_out_what_is_untrue(picks)
    told = said_reach(asked.who_hears(seen, clock.now(), cancelling=True))
    if request.form.get("step") == "save" and form.validate():
        try:
            deed = _cancel(list(seen), form)
        except Refusal as refusal:
            put_beside(form, refusal)
            picks = asked.picked(seen)
        else:
            flash(_("Cancelled. %(told)s", told=told), "success")
            return redirect(url_for("office.told", deed_id=deed), 303)
    return _how("cancel", form, picks, told)


def _move_several(seen: dict[int, int]) -> ResponseReturnValue:
    picks, step = asked.picked(seen), request.form.get("step")
    form = MoveDatesForm() if _is_typed() else MoveDatesForm(formdata=None)
    form.leave_out_what_is_untrue(picks)
    names = offer_venues(form.venue, _("The venue stays"))
    told, moving = said_reach(asked.who_hears(seen, clock.now(), cancelling=False)), []
    if step in ("check", "save") and form.validate():
        moving = [_shown(pick, form.shift, names) for pick in picks]
        if step == "save":
            try:
                deed = deeds.move_sessions(seen, form.shift, form.words, visitor().person_id, clock.now())
            except Refusal as refusal:
                put_beside(form, refusal)
                picks, moving = asked.picked(seen), []
            else:
                flash(_("Moved. %(told)s", told=told), "success")
                return redirect(url_for("office.told", deed_id=deed), 303)
    return _how("move", form, picks, told, moving)


def _is_typed() -> bool:
    """Say whether the form was filled in; on the way from the list of dates it is a fresh one."""
    return bool(request.form.get("step"))


def _how(
    do: str, form: WhyForm, picks: list[Pick], told: str, moving: list[Moving] | None = None
) -> ResponseReturnValue:
    return render_template(
        "office/call_off_how.html", do=do, form=form, picks=picks, told=told, moving=moving or []
    ), 422 if form.errors else 200


def _choose(why: str = "", status: int = 200) -> ResponseReturnValue:
    wanted = Wanted(
        series_id=row_number("series"),
        first=_day("from"),
        last=_day("until"),
        place=request.args.get("place", "").strip()[:100],
    )
    return render_template(
        "office/call_off.html",
        wanted=wanted,
        titles=dict(reports.all_series()),
        picks=asked.dates_to_pick(clock.now(), wanted),
        most=asked.MOST_SHOWN,
        why=why,
    ), status


def _chosen() -> dict[int, int]:
    """Return the dates that were ticked, with the version that the page showed of each."""
    found: dict[int, int] = {}
    for words in request.form.getlist("dates"):
        parts = words.split("-")
        if len(parts) != 2 or not all(p.isascii() and p.isdigit() and 0 < len(p) < 10 for p in parts):
            abort(400)
        found[int(parts[0])] = int(parts[1])
    return found


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _cancel(session_ids: list[int], form: CancelDatesForm) -> int:
    now: datetime = clock.now()
    return deeds.cancel_sessions(
        session_ids, form.words, visitor().person_id, now, offer_held=bool(form.offer_held.data)
    )


def _as_it_is(scheduled: "ScheduledSession") -> dict[str, object]:
    return {
        "starts_on": scheduled.local_date,
        "start_time": scheduled.start_time,
        "end_time": scheduled.end_time,
        "venue": str(scheduled.venue_id or ""),
        "seen_version": str(scheduled.schedule_version),
    }


def _moved(session_id: int, form: MoveForm) -> ResponseReturnValue:
    seen, now = text_of(form.seen_version), clock.now()
    change = SessionChange(
        local_date=form.starts_on.day,
        start_time=form.start_time.at,
        end_time=form.end_time.at,
        venue_id=int(form.venue.data) if form.venue.data else KEEP,
        public_reason=form.words,
    )
    told = said_reach(asked.who_hears([session_id], now, cancelling=False))
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
    deed = deeds.move_session(session_id, change, visitor().person_id, now, version)
    flash(_("Moved. %(told)s", told=told), "success")
    return redirect(url_for("office.told", deed_id=deed), 303)


def _moving(scheduled: "ScheduledSession", day: date, form: MoveForm, names: dict[str, str]) -> Moving:
    where = names.get(form.venue.data or "", "") or _("Online")
    return Moving(
        scheduled.title,
        _line(scheduled.local_date, scheduled.start_time, scheduled.end_time, _where(scheduled)),
        _line(day, form.start_time.at, form.end_time.at, where),
    )


def _shown(pick: Pick, shift: Shift, names: dict[str, str]) -> Moving:
    one = pick.session
    start, end = shift.start_time or one.start_time, shift.end_time or one.end_time
    where = names.get(str(shift.venue_id), "") or _where(one)
    was = _line(one.local_date, one.start_time, one.end_time, _where(one))
    return Moving(one.title, was, _line(one.local_date + timedelta(days=shift.days), start, end, where))


def _where(scheduled: "ScheduledSession") -> str:
    return scheduled.venue.name if scheduled.venue is not None else str(_("Online"))


def _line(day: date, start: time, end: time, where: str) -> str:
    return f"{day_words(day)}, {span_words(start, end)}, {where}"
