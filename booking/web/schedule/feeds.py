"""The public feeds: every session to come as a calendar and as JSON, with public facts only."""

import hashlib
import json
from collections.abc import Callable

from flask import Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.models.kinds import Mode, SessionState
from booking.queries import opportunities
from booking.queries import schedule as asked
from booking.queries.schedule import Card
from booking.rules.calendar import EventFacts, feed
from booking.rules.discreet import holds_forbidden
from booking.settings import settings
from booking.web.doors import Door, opens_for
from booking.web.schedule import asking, blueprint, markup, openactive
from booking.web.schedule.markup import Facts

_KEEP_FOR = 300


@blueprint.get("/sessions.ics")
@opens_for(Door.ANYONE)
def calendar() -> ResponseReturnValue:
    """Give every session to come as a calendar to follow, in discreet words."""
    cards = asked.feed(asking.read(request.args).criteria, clock.now())
    hint = _(
        "Need a hand? Call %(phone)s or email %(email)s",
        phone=settings().help_phone,
        email=settings().help_email,
    )
    events = [_event(card, hint) for card in cards]
    name = settings().discreet_sender_name
    answer = _answer(repr((name, events)), "text/calendar", lambda: feed(events, name))
    answer.headers["Content-Disposition"] = 'inline; filename="sessions.ics"'
    return answer


@blueprint.get("/sessions.json")
@opens_for(Door.ANYONE)
def listing() -> ResponseReturnValue:
    """Give every session to come in OpenActive's vocabulary: for anybody, whoever asks."""
    found = opportunities.coming(asking.read(request.args).criteria, clock.now())
    text = _lines(openactive.document(found))
    return _answer(text, "application/json", text.encode)


def _lines(document: Facts) -> str:
    """Write one date a line: whoever reads it finds one, and indenting all would cost ten times as much."""
    head = {name: value for name, value in document.items() if name != "@graph"}
    dates = ",\n".join(json.dumps(each, ensure_ascii=False) for each in document["@graph"])
    return f'{json.dumps(head, ensure_ascii=False)[:-1]}, "@graph": [\n{dates}\n]}}'


def _answer(tag_of: str, mimetype: str, render: Callable[[], bytes]) -> Response:
    """Answer 304 to whoever has the same facts already, without writing them out again.

    The tag alone says so: places are taken without any date of change, so a Last-Modified would lie.
    """
    tag = hashlib.sha256(tag_of.encode(errors="replace")).hexdigest()[:32]
    known = request.if_none_match.contains_weak(tag)
    answer = Response(b"" if known else render(), mimetype=mimetype)
    answer.set_etag(tag)
    answer.cache_control.public = True
    answer.cache_control.max_age = _KEEP_FOR
    answer.make_conditional(request)
    return answer


def _event(card: Card, hint: str) -> EventFacts:
    """Say what any calendar may show of a date: a lock screen shows it to whoever stands near."""
    url, off = markup.address_of(card), card.state is SessionState.CANCELLED
    return EventFacts(
        uid=card.uid,
        sequence=card.schedule_version * 2 + (1 if off else 0),
        stamp=card.changed_at,
        local_date=card.local_date,
        start_time=card.start_time,
        end_time=card.end_time,
        zone=card.zone,
        title=card.discreet_name,
        place=_discreet_place(card),
        description="\n".join([_("More about it: %(url)s", url=url), hint]),
        url=url,
        cancelled=off,
    )


def _discreet_place(card: Card) -> str:
    if card.mode is Mode.ONLINE:
        return str(_("Online"))
    return "" if holds_forbidden(card.venue) else card.venue
