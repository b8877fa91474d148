"""Planning a series or a single session: fill in, look at the next six dates, save."""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from secrets import token_hex

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.models.kinds import Access, Audience, Mode
from booking.queries import office, reports, venues
from booking.refusals import InThePast, Refusal
from booking.rules.addresses import clean_line
from booking.rules.changes import Change
from booking.rules.discreet import discreet_name
from booking.rules.holidays import clash_words
from booking.rules.recurrence import Rule, build_rule, next_dates, rule_words
from booking.rules.timetable import SeriesPlan, check_plan
from booking.rules.wall_time import to_local
from booking.services import schedule as deeds
from booking.services import venues as venue_deeds
from booking.services.venues import ACCESS_FACTS, VenueFacts
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint
from booking.web.office.fields import text_of
from booking.web.office.forms import AUDIENCES, MODES, NEW_VENUE, PlanForm
from booking.web.office.refused import put_beside
from booking.web.widgets import options

# What a house without any series yet plans first.
USUAL = {name: name for name in ("Tea & A Chat", "Wellbeing classes")}
_NOT_CARRIED = ("csrf_token", "step", "skip", "skip_reason")


@dataclass(frozen=True)
class PreviewDate:
    """One of the next dates, and what it clashes with."""

    on: date
    clash: str | None


@blueprint.route("/office/schedule/new", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def plan() -> ResponseReturnValue:
    """Take the facts, show what they come to, and save it when somebody says so."""
    form, now = _plan_form(), clock.now()
    step = request.form.get("step", "check")
    if request.method != "POST" or step == "change" or not _is_sound(form):
        return render_template("office/plan.html", form=form)
    try:
        planned = _plan_of(form)
        dates = _dates(check_plan(planned), now)
        if step == "save":
            return _save(form, check_plan(replace(planned, changes=_skipped())))
    except Refusal as refusal:
        put_beside(form, refusal)
        return render_template("office/plan.html", form=form)
    return render_template(
        "office/plan_check.html",
        form=form,
        planned=planned,
        dates=dates,
        repeats=rule_words(planned.rule),
        discreet=_discreet(form),
        mode=MODES[Mode(form.mode.data)],
        audience=AUDIENCES[Audience(form.audience.data)],
        carried=_carried(),
    )


def _plan_form() -> PlanForm:
    form = PlanForm()
    form.venue_names = {str(venue.id): venue.name for venue in venues.all_venues()}
    form.venue.choices = options(
        [("", _("No venue")), *form.venue_names.items(), (NEW_VENUE, _("A new venue"))]
    )
    known = {name: name for _key, name in reports.programmes()}
    form.programme.choices = options([("", _("Choose a programme")), *(known | USUAL).items()])
    names = [(str(host.person_id), f"{host.full_name} ({host.known_as})") for host in office.all_hosts()]
    form.hosts.choices = options([("", _("Nobody yet")), *names])
    return form


def _is_sound(form: PlanForm) -> bool:
    """Say every fault at once: a rule that makes no sense too, as far as its parts can be read."""
    sound = bool(form.validate())
    parts = (form.starts_on, form.repeat, form.nth, form.every_months, form.count, form.until)
    if sound or any(part.errors for part in parts):
        return sound
    try:
        _rule(form)
    except Refusal as refusal:
        put_beside(form, refusal)
    return False


def _plan_of(form: PlanForm) -> SeriesPlan:
    """Bring the answers into one plan. Refuses: a rule that makes no sense."""
    mode = form.mode.data
    plan = SeriesPlan(
        key="",
        title=text_of(form.title),
        programme=form.programme.data,
        mode=mode,
        place="" if mode == "online" else _place(form),
        nation=form.nation.data,
        rule=_rule(form),
        starts_on=form.starts_on.day,
        start_time=form.start_time.at,
        end_time=form.end_time.at,
        places_room=0 if mode == "online" else form.places_room.places,
        places_online=0 if mode == "in_person" else form.places_online.places,
        audience=form.audience.data,
        discreet_name=text_of(form.discreet_name),
        description=text_of(form.description),
        meeting_url="" if mode == "in_person" else text_of(form.meeting_url),
    )
    # The same form sent twice has the same key, and so makes one series; gone back to and changed, another.
    token = _token(form)
    mark = f"{token}-{sha256(str(plan).encode()).hexdigest()[:6]}"
    return replace(plan, key=f"{_slug(_discreet(form))}-{mark}")


def _place(form: PlanForm) -> str:
    """Return the name of the venue, which the form has seen to."""
    if form.venue.data == NEW_VENUE:
        return text_of(form.venue_name)
    return form.venue_names[form.venue.data]


def _rule(form: PlanForm) -> Rule:
    repeat, weekday = form.repeat.data, form.starts_on.day.weekday()
    if repeat == "once":
        return build_rule("once")
    return build_rule(
        repeat,
        [weekday],
        nth=int(form.nth.data) if repeat == "monthly" else None,
        every=(form.every_months.count or 1) if repeat == "monthly" else 1,
        count=form.count.count,
        until=form.until.data,
    )


def _skipped() -> tuple[Change, ...]:
    """Return the dates that the planner leaves out, with the reason that people read."""
    reason = clean_line(request.form.get("skip_reason", ""), 200)
    days = {_day(written) for written in request.form.getlist("skip")}
    return tuple(Change(on, "skip", reason=reason or None) for on in sorted(days))


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written[:10])
    except ValueError:
        raise InThePast(_("Choose the dates to leave out from the list.")) from None


def _dates(planned: SeriesPlan, now: datetime) -> list[PreviewDate]:
    """Return the next six dates. Refuses: a series that has none to come."""
    today = to_local(now).date()
    found = next_dates(planned.rule, planned.starts_on, max(planned.starts_on, today))
    if not found:
        raise InThePast(field="starts_on")
    return [PreviewDate(on, clash_words(on, planned.nation)) for on in found]


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("&", " and ")).strip("-")[:50].strip("-") or "sessions"


def _token(form: PlanForm) -> str:
    """Return the mark of this opening of the form, whatever a browser made of it."""
    return re.sub(r"[^0-9a-f]", "", str(form.token.data or ""))[:8] or token_hex(4)


def _discreet(form: PlanForm) -> str:
    names = dict(reports.discreet_names())
    return discreet_name(text_of(form.title), text_of(form.discreet_name), names.get(form.programme.data, ""))


def _carried() -> list[tuple[str, str]]:
    """Return what was filled in, to stand in hidden fields of the page that shows what it comes to."""
    return [pair for pair in request.form.items(multi=True) if pair[0] not in _NOT_CARRIED]


def _save(form: PlanForm, planned: SeriesPlan) -> ResponseReturnValue:
    actor, now = visitor().person_id, clock.now()
    there = office.series_by_key(planned.key)
    if there is None:
        if planned.place and form.venue.data == NEW_VENUE:
            venue_deeds.add_venue(_venue_facts(form), actor, now)
        hosts = [int(form.hosts.data)] if form.hosts.data else []
        try:
            deeds.create_series(planned, actor, now, hosts)
        except Refusal as refusal:
            # The same form came twice at once: what the other one made is what was wanted.
            if refusal.field != "key":
                raise
    flash(_("“%(title)s” is in the schedule.", title=planned.title), "success")
    return redirect(url_for("office.schedule", series=office.series_by_key(planned.key)), 303)


def _venue_facts(form: PlanForm) -> VenueFacts:
    return VenueFacts(
        name=text_of(form.venue_name),
        nation=form.nation.data,
        address=text_of(form.venue_address),
        access={fact: Access(form[fact].data) for fact in ACCESS_FACTS},
    )
