"""The list of sessions, one date and one series, as anybody may see them."""

from datetime import datetime

from flask import render_template, request
from flask.typing import ResponseReturnValue

from booking import clock
from booking.queries import schedule as asked
from booking.queries.schedule import Card, Viewer
from booking.rules.recurrence import parse_rule, rule_words
from booking.rules.wall_time import to_local
from booking.web.doors import Door, opens_for, visitor_or_none
from booking.web.schedule import asking, blueprint, words, written


@blueprint.get("/sessions")
@opens_for(Door.ANYONE)
def find() -> ResponseReturnValue:
    """List what is to come, by day, with the filters somebody chose."""
    now, wanted = clock.now(), asking.read(request.args)
    page = asked.find(wanted.criteria, _viewer(), now)
    if wanted.programme and wanted != asking.known_programme(wanted, page):
        wanted = asking.known_programme(wanted, page)
        page = asked.find(wanted.criteria, _viewer(), now)
    days = [(day.on, written.date_cards(day.cards, now)) for day in page.days]
    return render_template(
        "schedule/find.html",
        page=page,
        days=days,
        wanted=wanted,
        chips=asking.chips(wanted, page),
        nations=asking.NATIONS,
        times=asking.TIME_WORDS,
    )


@blueprint.get("/sessions/<int:session_id>")
@opens_for(Door.ANYONE)
def session(session_id: int) -> ResponseReturnValue:
    """Show everything about one date, and the one thing to do next."""
    now = clock.now()
    found = asked.one(session_id, _viewer(), now)
    this = _shown(found.card, now)
    return render_template(
        "schedule/session.html",
        found=found,
        this=this,
        scheduled=found.session,
        reason=words.sentence(found.session.public_reason),
        others=[_shown(card, now) for card in found.others],
        today=to_local(now).date(),
        hosted=words.is_hosted(found.card),
        names=words.names_words(found.card.led_by),
        repeats=rule_words(parse_rule(found.session.series.rule or "")),
    )


@blueprint.get("/series/<key>")
@opens_for(Door.ANYONE)
def series(key: str) -> ResponseReturnValue:
    """Show a series: how it repeats, its next dates, and those that are left out."""
    now = clock.now()
    found = asked.series(key, _viewer(), now)
    return render_template(
        "schedule/series.html",
        found=found,
        series=found.series,
        cards=[_shown(card, now) for card in found.cards],
        left_out=[(change.rule_date, words.sentence(change.reason)) for change in found.left_out],
        repeats=rule_words(parse_rule(found.series.rule or "")),
    )


def _shown(card: Card, now: datetime) -> words.Shown:
    return words.shown(card, words.phase_of(card, now))


def _viewer() -> Viewer:
    here = visitor_or_none()
    return Viewer(here.person_id, here.is_facilitator) if here else Viewer()
