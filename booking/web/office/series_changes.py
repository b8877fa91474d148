"""Changing a whole series, or its later dates: fill in, see what it does to dates and people, then do it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, SelectField

from booking import clock
from booking.queries import effects
from booking.queries import series as one
from booking.queries.effects import Effect
from booking.queries.series import SeriesInOffice
from booking.refusals import Refusal, StaleForm
from booking.rules.edits import KEEP, SeriesEdit
from booking.rules.recurrence import parse_rule
from booking.rules.timetable import SeriesPlan, check_plan
from booking.rules.words import day_words
from booking.services import series as deeds
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint
from booking.web.office.planning import (
    NOT_CARRIED,
    Look,
    choose_which,
    hidden_fields,
    look_at,
    parts_of,
)
from booking.web.office.refused import put_beside
from booking.web.office.said import said_reach
from booking.web.office.series_answers import discreet_of, fill_choices, host_ids, is_sound, names_of, plan_of
from booking.web.office.series_filled import fields_of
from booking.web.office.series_forms import SeriesForm
from booking.web.office.series_words import facts_of, own_words
from booking.web.office.told import with_told
from booking.web.widgets import GovSelect, options

# What an edit calls a fact, where the plan has another name for it.
_SAME = {field.name for field in fields(SeriesEdit)} & {field.name for field in fields(SeriesPlan)} - {
    "changes"
}
_WHERE_AND_WHEN = ("rule", "starts_on", "start_time", "end_time", "place", "nation")


class SeriesEditForm(SeriesForm):
    """A series as it is, from which date it shall be different, and which state of it was seen."""

    from_date = SelectField(
        _l("From which date"),
        description=_l("Dates before it stay as they are."),
        default="",
        widget=GovSelect(),
    )
    seen = HiddenField()


@dataclass(frozen=True)
class Intended:
    """What somebody wants of a series: the edit, the plan it comes to, and its look."""

    edit: SeriesEdit
    wanted: SeriesPlan
    from_date: date | None
    differences: tuple[tuple[str, str, str], ...]
    look: Look | None


@blueprint.route("/office/series/<int:series_id>/edit", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def edit_series(series_id: int) -> ResponseReturnValue:
    """Change a series from one of its dates on, after a look at what that does."""
    found = one.one_series(series_id)
    if request.method != "POST":
        return _form_page(found, edit_form(found, as_it_is(found)), 200)
    form = edit_form(found, request.form)
    if request.form.get("step") == "change":
        return _form_page(found, form, 200)
    return check_or_save(found, form, request.form, is_save=request.form.get("step") == "save")


def as_it_is(found: SeriesInOffice) -> MultiDict[str, str]:
    """Return the fields of a series as it is, with the mark of what was seen."""
    filled = fields_of(found, parse_rule(found.series.rule or ""))
    filled["seen"] = effects.seen_mark(found.series)
    return filled


def edit_form(found: SeriesInOffice, filled: MultiDict[str, str]) -> SeriesEditForm:
    """Return the form with what was filled in, and the dates from which a change can hold."""
    form = SeriesEditForm(formdata=filled)
    fill_choices(form)
    # A venue is added on its own page: here it would stand half told in the look at the change.
    form.venue.choices = options([("", _("No venue: online")), *form.venue_names.items()])
    coming = one.coming_dates(found.series.id, clock.now())
    later = [
        (each.rule_date.isoformat(), _("From %(day)s on", day=day_words(each.local_date))) for each in coming
    ]
    form.from_date.choices = options([("", _("All dates to come")), *later])
    return form


def check_or_save(
    found: SeriesInOffice, form: SeriesEditForm, filled: MultiDict[str, str], *, is_save: bool
) -> ResponseReturnValue:
    """Show what the change does, or do it."""
    choose_which(form)
    if not is_sound(form):
        return _form_page(found, form, 422)
    try:
        if form.seen.data != effects.seen_mark(found.series):
            raise StaleForm
        meant = _intended(found, form)
        if not meant.differences and meant.edit.answers is KEEP:
            flash(_("Nothing is different."), "notice")
            return redirect(url_for("office.edit_series", series_id=found.series.id), 303)
        effect = effects.effect_of(found.series.id, meant.edit, meant.from_date, clock.now())
        if is_save and not effect.too_few and not (meant.look and meant.look.problem):
            return _save(found, form, meant, effect)
    except Refusal as refusal:
        put_beside(form, refusal)
        if isinstance(refusal, StaleForm):
            # Having read that somebody else changed it, she saves knowing so.
            form.seen.data = effects.seen_mark(found.series)
        return _form_page(found, form, 422)
    return _check_page(found, form, filled, meant, effect)


def _intended(found: SeriesInOffice, form: SeriesEditForm) -> Intended:
    """Compare what the form says with the series as it is. Refuses: what `check_plan` refuses."""
    was = one.as_plan(found)
    typed = plan_of(form)
    check_plan(typed)
    wanted = replace(typed, discreet_name=discreet_of(form), key=was.key, state=was.state, zone=was.zone)
    hosts = _hosts_wanted(found, form)
    from_date = date.fromisoformat(form.from_date.data) if form.from_date.data else None
    look = _look(found, form, was, wanted, from_date)
    named: dict[str, Any] = {
        name: getattr(wanted, name) for name in _SAME if getattr(wanted, name) != getattr(was, name)
    }
    if wanted.place != was.place:
        named["venue_id"] = int(form.venue.data) if form.venue.data else None
    if wanted.grant != was.grant:
        named["grant_tag"] = wanted.grant
    if hosts is not None:
        named["host_ids"] = tuple(hosts)
    decided = [change for change in look.planned.changes if change.kind != "keep"] if look else []
    if decided:
        named["answers"] = tuple(decided)
    return Intended(SeriesEdit(**named), wanted, from_date, _differences(found, was, wanted, hosts), look)


def _hosts_wanted(found: SeriesInOffice, form: SeriesEditForm) -> list[int] | None:
    """Return who shall lead it, None when nobody said so: a third host has no box, and must not be lost."""
    there = [person_id for person_id, _name in found.hosts]
    wanted = host_ids(form)
    return None if wanted == there[:2] else [*wanted, *(host for host in there[2:] if host not in wanted)]


def _look(
    found: SeriesInOffice, form: SeriesEditForm, was: SeriesPlan, wanted: SeriesPlan, from_date: date | None
) -> Look | None:
    """Look for clashes where place or time are new, at dates that nobody has decided yet."""
    leading = host_ids(form)
    moved = any(getattr(was, name) != getattr(wanted, name) for name in _WHERE_AND_WHEN)
    if not moved and leading == [person_id for person_id, _name in found.hosts][:2]:
        return None
    look = look_at(wanted, leading, found.series.id)
    settled = {change.on for change in was.changes}
    asked = [
        each for each in look.decisions if each.on not in settled and not (from_date and each.on < from_date)
    ]
    return replace(look, decisions=tuple(asked))


def _differences(
    found: SeriesInOffice, was: SeriesPlan, wanted: SeriesPlan, hosts: list[int] | None
) -> tuple[tuple[str, str, str], ...]:
    led_by = list(dict(found.hosts).values())
    will_lead = led_by if hosts is None else names_of(hosts)
    before = facts_of(was, led_by, was.discreet_name)
    after = facts_of(wanted, will_lead, wanted.discreet_name)
    return tuple(
        (label, old or _("none"), new or _("none"))
        for (label, old), (_label, new) in zip(before, after, strict=True)
        if old != new
    )


def _save(
    found: SeriesInOffice, form: SeriesEditForm, meant: Intended, effect: Effect
) -> ResponseReturnValue:
    series_id, now = found.series.id, clock.now()
    done = deeds.change_series(
        series_id, meant.edit, meant.from_date, visitor().person_id, now, str(form.seen.data)
    )
    kept = [change for change in meant.look.planned.changes if change.kind == "keep"] if meant.look else []
    if kept:
        # It changes no date, and so it is no part of what the series becomes.
        deeds.answer_clashes(series_id, kept, visitor().person_id, now)
    told = said_reach(done.told) if sum(done.told.values()) else _("Nobody is written to.")
    flash(with_told(_("Saved. %(told)s", told=told), done.deed_ids), "success")
    return redirect(url_for("office.series", series_id=series_id), 303)


def _form_page(found: SeriesInOffice, form: SeriesEditForm, status: int) -> ResponseReturnValue:
    parts = parts_of(form) | {"new_place": (), "more_open": True, "rhythm_open": True}
    return render_template("office/edit_series.html", form=form, found=found, **parts), status


def _check_page(
    found: SeriesInOffice,
    form: SeriesEditForm,
    filled: MultiDict[str, str],
    meant: Intended,
    effect: Effect,
) -> ResponseReturnValue:
    refused = bool(effect.too_few) or bool(meant.look and meant.look.problem)
    page = render_template(
        "office/edit_series_check.html",
        form=form,
        found=found,
        meant=meant,
        look=meant.look,
        effect=effect,
        refused=refused,
        links=_links(found, effect),
        told=said_reach(effect.told),
        own_words=own_words,
        carried=hidden_fields(form, meant.look, filled, NOT_CARRIED),
    )
    return page, 422 if refused else 200


def _links(found: SeriesInOffice, effect: Effect) -> Mapping[date, int]:
    """Return the session behind each date that the page leads to."""
    named = {on for on, *_rest in (*effect.leaves_booked, *effect.too_few)}
    coming = one.coming_dates(found.series.id, clock.now())
    return {each.local_date: each.id for each in coming if each.local_date in named}
