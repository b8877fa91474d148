"""The season as a file: looked at before it is loaded, and handed out with a note of who took it."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField

from booking import clock
from booking.queries import reports
from booking.rules.timetable import UnreadableTimetable, decode
from booking.rules.wall_time import to_local
from booking.services import timetable
from booking.services.timetable import LoadReport, Rehearsal, TimetableRefused
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint, timetable_columns
from booking.web.office.refused import said
from booking.web.office.said import CHANNELS
from booking.web.office.told import with_told
from booking.web.widgets import GovFileInput

# A season of some hundred series; a larger file goes in by the command.
MOST_BYTES = 200_000
_MOST_PROBLEMS = 50


class ImportForm(FlaskForm):
    """The file of a season."""

    file = FileField(
        _l("The file"),
        description=_l("CSV with commas, saved as “CSV UTF-8”, at most 200 kB."),
        widget=GovFileInput(),
    )


@blueprint.route("/office/schedule/import", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def import_timetable() -> ResponseReturnValue:
    """Take a file, show what it would change, and load it when somebody says so."""
    form = ImportForm()
    if request.method != "POST" or not form.validate() or (text := _text(form)) is None:
        return _page(form)
    try:
        if request.form.get("step") == "save":
            return _loaded(timetable.load_season(text, visitor().person_id, clock.now()))
        rehearsal = timetable.rehearse_season(text, visitor().person_id, clock.now())
    except TimetableRefused as refusal:
        _name_problems(form, refusal)
        return _page(form)
    return render_template(
        "office/import_check.html",
        form=form,
        text=text,
        report=rehearsal.report,
        told=_told_words(rehearsal),
        anything=_changes_anything(rehearsal.report),
    )


@blueprint.post("/office/schedule.csv")
@opens_for(Door.ADMIN)
def export_timetable() -> ResponseReturnValue:
    """Hand out the season as a file that loads back: no addresses, and a note of who took it."""
    now, asked = clock.now(), request.form.get("programme", "")
    programmes = {str(number) for number, _name in reports.programmes()}
    if asked and asked not in programmes:
        abort(404)
    written = timetable.export_timetable(int(asked) if asked else None, visitor().person_id, now)
    name = f"season-{to_local(now).date()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(written, mimetype="text/csv", headers=headers)


@blueprint.get("/office/schedule/sample.csv")
@opens_for(Door.ADMIN)
def sample_timetable() -> ResponseReturnValue:
    """Hand out a file of two made-up series, to be filled in."""
    headers = {"Content-Disposition": 'attachment; filename="sample-season.csv"'}
    return Response(timetable_columns.SAMPLE, mimetype="text/csv", headers=headers)


def _page(form: ImportForm) -> ResponseReturnValue:
    columns = timetable_columns.explained()
    return render_template(
        "office/import_timetable.html", form=form, columns=columns
    ), 422 if form.errors else 200


def _text(form: ImportForm) -> str | None:
    """Return the text of the file, or of the page that showed what it changes; None with its error."""
    if request.form.get("step") == "save":
        return request.form.get("text", "")
    raw = form.file.data.read(MOST_BYTES + 1) if form.file.data else b""
    if not raw:
        form.file.errors = [_("Choose a file that is not empty")]
    elif len(raw) > MOST_BYTES:
        form.file.errors = [_("The file must be smaller than 200 kB")]
    else:
        try:
            return decode(raw)
        except UnreadableTimetable as fault:
            form.file.errors = [_("Line %(line)s: %(reason)s", line=fault.line, reason=said(fault))]
    return None


def _name_problems(form: ImportForm, refusal: TimetableRefused) -> None:
    shown = refusal.problems[:_MOST_PROBLEMS]
    form.file.errors = [_("Nothing was loaded. Mend these lines and choose the file again")]
    form.form_errors += [
        _("Line %(line)s: %(reason)s", line=problem.line, reason=problem.reason) for problem in shown
    ]
    more = len(refusal.problems) - len(shown)
    if more:
        form.form_errors.append(ngettext("and %(num)s more line", "and %(num)s more lines", more))


def _loaded(report: LoadReport) -> ResponseReturnValue:
    for sentence in report.sentences():
        flash(sentence, "success")
    if report.deed_ids:
        flash(with_told(_("People who are booked are told of it."), report.deed_ids), "success")
    return redirect(url_for("office.schedule"), 303)


def _told_words(rehearsal: Rehearsal) -> list[tuple[str, str]]:
    return [
        (str(CHANNELS[channel]), ngettext("%(num)s person", "%(num)s people", people))
        for channel, people in rehearsal.told.items()
    ]


def _changes_anything(report: LoadReport) -> bool:
    counted = (
        report.series_added,
        report.series_changed,
        report.dates_added,
        report.dates_changed,
        report.dates_cancelled,
        report.dates_removed,
    )
    return any(counted)
