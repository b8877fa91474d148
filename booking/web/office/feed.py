"""The season in the calendar of somebody in the office: her private address, and what stands behind it."""

import hashlib

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.models.kinds import Mode, Pool, SessionState
from booking.queries import feeds as asked
from booking.queries.planner import PlannedDate
from booking.rules.calendar import EventFacts
from booking.rules.calendar import feed as written
from booking.rules.discreet import holds_forbidden
from booking.services import feeds
from booking.settings import settings
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint

_DEEDS = ("make", "end")


@blueprint.route("/office/calendar", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def feed() -> ResponseReturnValue:
    """Show her private calendar address, make her a new one, or switch it off."""
    if request.method != "POST":
        token = asked.token_of(visitor().person_id)
        path = url_for("office.calendar", token=token) if token else ""
        address = settings().base_url + path if token else ""
        return render_template("office/feed.html", address=address, webcal=_webcal(address))
    deed = request.form.get("deed", "")
    if deed not in _DEEDS:
        abort(400)
    if deed == "make":
        feeds.make_feed(visitor().person_id, clock.now())
        flash(_("Your private address is below. Keep it to yourself."), "success")
    else:
        feeds.end_feed(visitor().person_id, clock.now())
        flash(_("Switched off. The address no longer works."), "success")
    return redirect(url_for("office.feed"), 303)


@blueprint.get("/office/calendar/<token>.ics")
@opens_for(Door.ANYONE)
def calendar(token: str) -> ResponseReturnValue:
    """Give the season to whoever holds the address: no names of people, no way into a meeting."""
    events = [_event(planned) for planned in asked.office_dates(token, clock.now())]
    name = settings().discreet_sender_name
    tag = hashlib.sha256(repr((name, events)).encode(errors="replace")).hexdigest()[:32]
    known = request.if_none_match.contains_weak(tag)
    answer = Response(b"" if known else written(events, name), mimetype="text/calendar")
    answer.set_etag(tag)
    answer.headers["Content-Disposition"] = 'inline; filename="season.ics"'
    answer.make_conditional(request)
    return answer


def _webcal(address: str) -> str:
    return f"webcal:{address.partition(':')[2]}" if address else ""


def _event(planned: PlannedDate) -> EventFacts:
    """Say what a calendar may show: a lock screen shows it to whoever stands near."""
    off = planned.state is SessionState.CANCELLED
    return EventFacts(
        uid=planned.uid,
        sequence=planned.schedule_version * 2 + (1 if off else 0),
        stamp=planned.changed_at,
        local_date=planned.local_date,
        start_time=planned.start_time,
        end_time=planned.end_time,
        zone=planned.zone,
        title=planned.discreet_name,
        place=_place(planned),
        description="\n".join(_lines(planned)),
        url=f"{settings().base_url}/office/sessions/{planned.id}",
        cancelled=off,
        tentative=planned.state is SessionState.DRAFT,
    )


def _place(planned: PlannedDate) -> str:
    if planned.mode is Mode.ONLINE:
        return str(_("Online"))
    return "" if holds_forbidden(planned.venue) else planned.venue


def _lines(planned: PlannedDate) -> list[str]:
    where = {Pool.ROOM: _("in the room"), Pool.ONLINE: _("online")}
    lines = [_places(planned, pool, words) for pool, words in where.items() if planned.places(pool) != 0]
    if planned.state is SessionState.DRAFT:
        lines.append(_("A draft: not public yet"))
    if planned.hosts_missing:
        lines.append(
            _("Hosts: %(there)s of %(wanted)s", there=planned.leading, wanted=planned.min_facilitators)
        )
    return lines


def _places(planned: PlannedDate, pool: Pool, where: str) -> str:
    taken, places = planned.taken(pool), planned.places(pool)
    if places is None:
        return str(_("%(taken)s places %(where)s, no limit", taken=taken, where=where))
    return str(_("%(taken)s of %(places)s places %(where)s", taken=taken, places=places, where=where))
