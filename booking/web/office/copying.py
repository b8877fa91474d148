"""Copying a season to the next: choose the stretch, tick what comes again, and drafts stand there."""

import re
from datetime import timedelta
from secrets import token_hex

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict

from booking import clock
from booking.queries import copying as asked
from booking.queries.copying import Copyable
from booking.refusals import Refusal
from booking.rules.next_season import Stretch, checked_stretch
from booking.rules.recurrence import rule_words
from booking.rules.wall_time import to_local
from booking.services import copying
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint
from booking.web.office.refused import put_beside
from booking.web.office.review import FilterDay

_SEASON = timedelta(weeks=13)


class StretchForm(FlaskForm):
    """Which season is copied, and when the new one begins. It only asks, so it needs no token."""

    class Meta:
        csrf = False

    first = FilterDay(_l("The season to copy begins"))
    last = FilterDay(_l("It ends"))
    new_first = FilterDay(_l("The new season begins"))

    def __init__(self, asked_for: MultiDict[str, str]) -> None:
        today = to_local(clock.now()).date()
        usual = {"first": today, "last": today + _SEASON, "new_first": today + _SEASON + timedelta(days=1)}
        super().__init__(asked_for, data=usual)

    def stretch(self) -> Stretch | None:
        """Return what was asked for; None when something is wrong with it, which the fields then say."""
        sound = self.validate()
        first, last, new_first = self.first.data, self.last.data, self.new_first.data
        for field in (self.first, self.last, self.new_first):
            if field.data is None and not field.errors:
                field.errors = [_("Enter a date such as 1 3 2027")]
        if not (sound and first and last and new_first):
            return None
        try:
            return checked_stretch(Stretch(first, last, new_first), to_local(clock.now()).date())
        except Refusal as refusal:
            put_beside(self, refusal)
            return None


@blueprint.route("/office/schedule/copy", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def copy_season() -> ResponseReturnValue:
    """Show what would come again, and copy what is ticked as drafts."""
    sent = request.method == "POST"
    form = StretchForm(request.form if sent else request.args)
    stretch = form.stretch() if sent or request.args else None
    problem = ""
    if sent and stretch is not None:
        try:
            made = _copied(stretch)
            if made is not None:
                return made
            problem = _("Tick at least one series")
        except Refusal as refusal:
            put_beside(form, refusal)
    found = asked.series_of(stretch) if stretch else []
    page = render_template(
        "office/copy_season.html",
        form=form,
        stretch=stretch,
        found=[_line(each, sent) for each in found],
        problem=problem,
        token=_token(),
    )
    return page, 422 if problem or form.errors else 200


def _copied(stretch: Stretch) -> ResponseReturnValue | None:
    """Copy what is ticked and go to the drafts; None when nothing is."""
    ticked = {int(number) for number in request.form.getlist("series") if _is_number(number)}
    if not ticked:
        return None
    made = copying.copy_season(ticked, stretch, _token(), visitor().person_id, clock.now())
    flash(
        ngettext("%(num)s series copied as a draft", "%(num)s series copied as drafts", len(made)), "success"
    )
    return redirect(url_for("office.drafts"), 303)


def _line(each: Copyable, sent: bool) -> dict[str, object]:
    series, again = each.series, each.again
    ticked = str(series.id) in request.form.getlist("series") if sent else not again.goes_on
    return {"series": series, "again": again, "repeats": rule_words(again.rule), "ticked": ticked}


def _token() -> str:
    """Return the mark of this opening of the form, whatever a browser made of it."""
    return re.sub(r"[^0-9a-f]", "", request.form.get("token", ""))[:16] or token_hex(8)


def _is_number(written: str) -> bool:
    return written.isascii() and written.isdigit() and len(written) < 10
