"""Planning a series or a single session: six answers, a look at what they come to, and then it is saved."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from booking import clock
from booking.models.kinds import Audience, Companions, Enrol, Mode
from booking.queries import office
from booking.queries import series as one
from booking.queries.planning import Preview, preview
from booking.refusals import InThePast, Refusal
from booking.rules.recurrence import rule_words
from booking.rules.timetable import SeriesPlan, check_plan
from booking.services import schedule as deeds
from booking.services import venues as venue_deeds
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint
from booking.web.office.clash_answers import (
    Decision,
    box_of,
    carried,
    carried_answers,
    changes_in,
    decisions,
)
from booking.web.office.numbers import row_number
from booking.web.office.refused import put_beside, said
from booking.web.office.series_answers import (
    discreet_of,
    fill_choices,
    host_ids,
    is_sound,
    key_for,
    names_of,
    new_venue_facts,
    plan_of,
    usual_words,
)
from booking.web.office.series_filled import like_another
from booking.web.office.series_forms import (
    AUDIENCES,
    COMPANIONS,
    ENROLS,
    MODES,
    MORE,
    NEW_PLACE,
    NEW_VENUE,
    RHYTHM,
    SeriesForm,
)

NOT_CARRIED = ("csrf_token", "step", "which")
_SAVES = {"save": "published", "another": "published", "draft": "draft"}


@dataclass(frozen=True)
class Look:
    """What a plan comes to, and every date that asks for a decision."""

    planned: SeriesPlan
    dates: Preview
    decisions: tuple[Decision, ...]
    problem: str | None
    # The box that the problem is about, by its id.
    problem_at: str = ""

    @property
    def may_differ(self) -> bool:
        """Say whether dates can be left out or moved: a single one is simply planned on another day."""
        return self.planned.rule.text != ""


@blueprint.route("/office/schedule/new", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def plan() -> ResponseReturnValue:
    """Take the answers, show what they come to, and save it when somebody says so."""
    step, like = request.form.get("step", "check"), row_number("like")
    if request.method != "POST" and like is not None:
        return _form_page(fill_choices(SeriesForm(formdata=like_another(one.one_series(like)))), 200)
    form = fill_choices(SeriesForm())
    if request.method != "POST" or step == "change":
        return _form_page(form, 200)
    choose_which(form)
    if not is_sound(form):
        return _form_page(form, 422)
    try:
        planned = plan_of(form)
        check_plan(planned)
        look = look_at(planned, host_ids(form))
        if step in _SAVES and look.problem is None:
            return _save(form, replace(look.planned, state=_SAVES[step], key=key_for(form, planned)))
    except Refusal as refusal:
        put_beside(form, refusal)
        return _form_page(form, 422)
    return _check_page(form, look)


def choose_which(form: SeriesForm) -> None:
    """Take "Make it the last Wednesday" from the look at the dates into the form."""
    which = request.form.get("which", "")
    if which in ("4", "-1") and form.repeat.data == "monthly":
        form.nth.data = which


def look_at(planned: SeriesPlan, leading: Sequence[int], except_series_id: int | None = None) -> Look:
    """Bring the answers to clashes into a plan and say what it comes to.

    Refuses: a series that has no date to come, and a time that no clock shows on one of its dates.
    """
    now, problem, box = clock.now(), None, ""
    bare = preview(planned, leading, now, except_series_id)
    if not bare.next_dates:
        raise InThePast(field="starts_on")
    dates, decided = bare, planned
    try:
        decided = check_plan(replace(planned, changes=changes_in(request.form, planned)))
        dates = preview(decided, leading, now, except_series_id)
    except Refusal as refusal:
        decided, problem, box = planned, said(refusal), box_of(refusal, request.form)
    return Look(decided, dates, tuple(decisions(bare, dates, planned)), problem, box)


def parts_of(form: SeriesForm) -> dict[str, object]:
    """Return what the fields of the form need around them: their parts, and which of them stand open."""
    return {
        "rhythm": RHYTHM,
        "new_place": NEW_PLACE,
        "more": MORE,
        "rhythm_open": _says_something(form, RHYTHM),
        "new_place_open": form.venue.data == NEW_VENUE or _says_something(form, NEW_PLACE),
        "more_open": any(_says_something(form, names) for names in MORE.values()),
        "usual": usual_words(),
        "answers": carried_answers(),
    }


def words_of(form: SeriesForm, planned: SeriesPlan) -> dict[str, object]:
    """Return the words that say what is planned."""
    return {
        "repeats": rule_words(planned.rule),
        "discreet": discreet_of(form),
        "mode": MODES[Mode(planned.mode)],
        "audience": AUDIENCES[Audience(planned.audience)],
        "companions": COMPANIONS[Companions(planned.companions)],
        "enrol": ENROLS[Enrol(planned.enrol)],
        "leads": names_of(host_ids(form)),
    }


def hidden_fields(
    form: SeriesForm, look: Look | None, filled: MultiDict[str, str], skip: Collection[str]
) -> list[tuple[str, str]]:
    """Return what was filled in, without the answers that stand on the page of dates themselves."""
    shown = [each.on for each in look.decisions] if look and look.may_differ else []
    return [*carried(filled, {*skip, "nth"}, shown), ("nth", str(form.nth.data or ""))]


def _says_something(form: SeriesForm, names: Sequence[str]) -> bool:
    """Say whether a folded part must stand open: something in it is wrong, or was filled in."""
    return any(
        form[name].errors or form[name].data not in (None, "", [], False, form[name].default)
        for name in names
    )


def _form_page(form: SeriesForm, status: int) -> ResponseReturnValue:
    return render_template("office/plan.html", form=form, **parts_of(form)), status


def _check_page(form: SeriesForm, look: Look) -> ResponseReturnValue:
    page = render_template(
        "office/plan_check.html",
        form=form,
        look=look,
        planned=look.planned,
        carried=hidden_fields(form, look, request.form, NOT_CARRIED),
        **words_of(form, look.planned),
    )
    return page, 422 if look.problem else 200


def _save(form: SeriesForm, planned: SeriesPlan) -> ResponseReturnValue:
    actor, now = visitor().person_id, clock.now()
    there = office.series_by_key(planned.key)
    if there is None:
        if planned.place and form.venue.data == NEW_VENUE:
            venue_deeds.add_venue(new_venue_facts(form), actor, now)
        try:
            deeds.create_series(planned, actor, now, host_ids(form))
        except Refusal as refusal:
            # The same form came twice at once: what the other one made is what was wanted.
            if refusal.field != "key":
                raise
    kept = _("“%(title)s” is kept as a draft.", title=planned.title)
    flash(
        kept if planned.state == "draft" else _("“%(title)s” is in the schedule.", title=planned.title),
        "success",
    )
    series_id = office.series_by_key(planned.key)
    if request.form.get("step") == "another":
        return redirect(url_for("office.plan", like=series_id), 303)
    return redirect(url_for("office.series", series_id=series_id), 303)
