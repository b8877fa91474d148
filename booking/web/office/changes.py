"""Changing or cancelling one date: fill in, see who will be told, then do it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from booking import clock
from booking.models.kinds import Pool, SessionState
from booking.queries import effects, office, series
from booking.queries.office import Leader, PlannedSession
from booking.queries.series import SeriesInOffice
from booking.refusals import (
    CapacityBelowBookings,
    InThePast,
    NoSuchPool,
    NotALaterTime,
    PlaceMissing,
    Refusal,
    StaleForm,
)
from booking.rules.edits import KEEP, SessionChange
from booking.rules.wall_time import instants
from booking.rules.words import day_words, span_words
from booking.services import schedule as deeds
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint
from booking.web.office.date_fields import (
    change_form,
    changed_for_the_series,
    fields_of_date,
    hosts_wanted,
    like_the_series,
    who_led_and_who_will,
)
from booking.web.office.fields import text_of
from booking.web.office.forms import ChangeForm
from booking.web.office.refused import put_beside
from booking.web.office.said import said_reach
from booking.web.office.series_changes import as_it_is, check_or_save, edit_form
from booking.web.office.series_words import own_of, own_words

if TYPE_CHECKING:
    from booking.models import ScheduledSession

_NOT_CARRIED = ("csrf_token", "step")


@dataclass(frozen=True)
class Difference:
    """One fact of a date: what it was, what it will be; `is_news` when people are told."""

    label: str
    was: str
    now: str
    is_news: bool


@blueprint.route("/office/sessions/<int:session_id>/edit", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def edit_session(session_id: int) -> ResponseReturnValue:
    """Change this one date, or begin with it a change of its series."""
    planned, now = office.one_session(session_id), clock.now()
    scheduled = planned.session
    if scheduled.state is SessionState.CANCELLED or scheduled.starts_at <= now:
        flash(_("This date can't be changed any more."), "notice")
        return redirect(url_for("office.session", session_id=session_id), 303)
    leading, found = office.leaders(session_id), series.one_series(scheduled.series_id)
    step = request.form.get("step", "check")
    if request.method != "POST":
        return _form_page(change_form(fields_of_date(scheduled, leading)), scheduled, 200)
    if step == "like":
        filled = like_the_series(scheduled, leading, found)
        return _check_page(scheduled, change_form(filled), filled, leading)
    form = change_form(request.form)
    if step == "change":
        return _form_page(form, scheduled, 200)
    if not form.validate():
        return _form_page(form, scheduled, 422)
    try:
        _refuse_early(planned, form, now)
        if form.scope.data != "this":
            return _for_the_series(scheduled, form, leading, found)
        if step == "save":
            return _save(scheduled, form, leading)
    except Refusal as refusal:
        put_beside(form, refusal)
        # Having read that somebody else changed it, she has seen the date as it is now.
        scheduled = office.one_session(session_id).session
        form.seen.data = effects.date_mark(scheduled)
        return _form_page(form, scheduled, 422, has_too_few=isinstance(refusal, CapacityBelowBookings))
    return _check_page(scheduled, form, request.form, leading)


def _for_the_series(
    scheduled: "ScheduledSession", form: ChangeForm, leading: Sequence[Leader], found: SeriesInOffice
) -> ResponseReturnValue:
    """Go on with the change of the series that this date began."""
    filled = as_it_is(found)
    changed = changed_for_the_series(scheduled, form, leading, found)
    if not changed:
        flash(_("Nothing is different."), "notice")
        return redirect(url_for("office.edit_session", session_id=scheduled.id), 303)
    for name, values in changed.items():
        filled.setlist(name, values)
    filled["from_date"] = scheduled.rule_date.isoformat() if form.scope.data == "later" else ""
    return check_or_save(found, edit_form(found, filled), filled, is_save=False)


def _change_of(form: ChangeForm, leading: Sequence[Leader]) -> SessionChange:
    hosts = hosts_wanted(form, leading)
    return SessionChange(
        local_date=form.starts_on.day,
        start_time=form.start_time.at,
        end_time=form.end_time.at,
        venue_id=int(form.venue.data) if form.venue.data else None,
        meeting_url=text_of(form.meeting_url),
        places_room=form.places_room.places,
        places_online=form.places_online.places,
        own_title=text_of(form.title),
        own_description=text_of(form.description),
        public_reason=text_of(form.reason),
        host_ids=KEEP if hosts is None else tuple(hosts),
    )


def _save(scheduled: "ScheduledSession", form: ChangeForm, leading: Sequence[Leader]) -> ResponseReturnValue:
    # The row is forgotten when the deed begins.
    seen, session_id, now = text_of(form.seen), scheduled.id, clock.now()
    is_news = any(each.is_news for each in _differences(scheduled, form, leading))
    told = said_reach(office.who_will_be_told(session_id, now)) if is_news else _("Nobody is written to.")
    deeds.change_session(session_id, _change_of(form, leading), visitor().person_id, now, seen)
    flash(_("Saved. %(told)s", told=told), "success")
    return redirect(url_for("office.session", session_id=session_id), 303)


def _form_page(
    form: ChangeForm, scheduled: "ScheduledSession", status: int, *, has_too_few: bool = False
) -> ResponseReturnValue:
    page = render_template(
        "office/edit_session.html",
        form=form,
        scheduled=scheduled,
        own=own_words(own_of(scheduled)),
        is_alone=not scheduled.series.rule,
        has_too_few=has_too_few,
    )
    return page, status


def _check_page(
    scheduled: "ScheduledSession", form: ChangeForm, filled: MultiDict[str, str], leading: Sequence[Leader]
) -> ResponseReturnValue:
    # A form that was filled in by us has been read by nobody yet; its numbers come with its checks.
    sound = form.validate() if filled is not request.form else True
    differences = _differences(scheduled, form, leading) if sound else []
    if not differences:
        flash(_("Nothing is different."), "notice")
        return redirect(url_for("office.edit_session", session_id=scheduled.id), 303)
    return render_template(
        "office/edit_check.html",
        form=form,
        scheduled=scheduled,
        differences=differences,
        is_news=any(each.is_news for each in differences),
        told=said_reach(office.who_will_be_told(scheduled.id, clock.now())),
        carried=[pair for pair in filled.items(multi=True) if pair[0] not in _NOT_CARRIED],
    )


def _refuse_early(planned: PlannedSession, form: ChangeForm, now: datetime) -> None:
    """Refuse on the way to the check page what saving would refuse after it."""
    if form.seen.data != effects.date_mark(planned.session):
        raise StaleForm
    room, online = form.places_room.places, form.places_online.places
    if form.end_time.at <= form.start_time.at:
        raise NotALaterTime
    starts_at, _ends_at = instants(
        form.starts_on.day, form.start_time.at, form.end_time.at, planned.session.zone
    )
    if starts_at <= now:
        raise InThePast(field="starts_on")
    if room == 0 and online == 0:
        raise NoSuchPool(_("Give it places in a room, online, or both."), field="places_room")
    if room != 0 and not form.venue.data:
        raise PlaceMissing
    for pool, places, field in ((Pool.ROOM, room, "places_room"), (Pool.ONLINE, online, "places_online")):
        many = planned.taken.get(pool, 0)
        if places is not None and places < many:
            raise CapacityBelowBookings.on(day_words(planned.session.local_date), many, field)


def _differences(
    scheduled: "ScheduledSession", form: ChangeForm, leading: Sequence[Leader]
) -> list[Difference]:
    """List what will be different, in the order in which people read the facts of a session."""
    in_room = form.places_room.places != 0
    facts = [
        (_("Title"), scheduled.own_title, text_of(form.title), False),
        (_("Day"), day_words(scheduled.local_date), day_words(form.starts_on.day), True),
        (
            _("Time"),
            span_words(scheduled.start_time, scheduled.end_time),
            span_words(form.start_time.at, form.end_time.at),
            True,
        ),
        (
            _("Venue"),
            scheduled.venue.name if scheduled.venue else "",
            form.venue_names.get(form.venue.data, "") if in_room else "",
            True,
        ),
        (_("Meeting address"), scheduled.meeting_url, text_of(form.meeting_url), True),
        (_("Places in the room"), _said(scheduled.places_room), _said(form.places_room.places), False),
        (_("Places online"), _said(scheduled.places_online), _said(form.places_online.places), False),
        (_("Led by"), *who_led_and_who_will(form, leading), False),
        (_("Description"), scheduled.own_description, text_of(form.description), False),
        (_("Reason"), scheduled.public_reason, text_of(form.reason), False),
    ]
    return [
        Difference(label, was or _("none"), now or _("none"), news)
        for label, was, now, news in facts
        if was != now
    ]


def _said(number: int | None) -> str:
    return str(_("no limit")) if number is None else str(number)
