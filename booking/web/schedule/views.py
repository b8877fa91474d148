"""The list of sessions, one date and one series, as anybody may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from booking import clock
from booking.models.kinds import Pool
from booking.queries import my_waiting, venues
from booking.queries import schedule as asked
from booking.queries.schedule import Card, Page
from booking.rules.recurrence import parse_rule, rule_words
from booking.rules.wall_time import to_local
from booking.web.course_week import week_of
from booking.web.doors import Door, opens_for, visitor_or_none
from booking.web.schedule import asking, blueprint, courses, markup, theirs, words, written
from booking.web.schedule.asking import Asking
from booking.web.schedule.theirs import Theirs

if TYPE_CHECKING:
    from booking.models import ScheduledSession


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the list: our sessions first, then what others run."""

    on: date
    cards: Sequence[Markup]
    theirs: Sequence[Theirs]


@blueprint.get("/sessions")
@opens_for(Door.ANYONE)
def find() -> ResponseReturnValue:
    """List what is to come, by day, with the filters somebody chose."""
    now, wanted = clock.now(), asking.read(request.args)
    page = asked.find(wanted.criteria, asking.viewer(), now)
    if wanted.programme and wanted != asking.known_programme(wanted, page.programmes):
        wanted = asking.known_programme(wanted, page.programmes)
        page = asked.find(wanted.criteria, asking.viewer(), now)
    return render_template(
        "schedule/find.html",
        page=page,
        days=_days(page, theirs.on_page(wanted, page), now),
        wanted=wanted,
        ways=_ways(wanted),
        chips=asking.chips(wanted, page.programmes),
        nations=asking.NATIONS,
        times=asking.TIME_WORDS,
    )


@blueprint.get("/sessions/<int:session_id>")
@opens_for(Door.ANYONE)
def session(session_id: int) -> ResponseReturnValue:
    """Show everything about one date, and the one thing to do next."""
    now = clock.now()
    found = asked.one(session_id, asking.viewer(), now)
    this = _shown(found.card, now)
    return render_template(
        "schedule/session.html",
        found=found,
        data=markup.event(found.card, found.session.venue, _described(found.session)),
        this=this,
        before=_before(found.card, this, now),
        hers=_hers(found.session, this, now),
        partly=words.full_pools(found.card),
        week=week_of(found.session, now),
        photo=venues.photo_of(found.session.venue_id),
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
    found = asked.series(key, asking.viewer(), now)
    if found.series.is_course:
        return courses.page(found, now)
    return render_template(
        "schedule/series.html",
        found=found,
        data=markup.series(found.series, found.cards),
        series=found.series,
        cards=[_shown(card, now) for card in found.cards],
        left_out=[(change.rule_date, words.sentence(change.reason)) for change in found.left_out],
        moved=[(was, on, words.sentence(reason)) for was, on, reason in found.moved],
        repeats=rule_words(parse_rule(found.series.rule or "")),
    )


def _before(card: Card, this: words.Shown, now: datetime) -> dict[Pool, int]:
    """Count who would be before her for each way to join; nothing while there is a place."""
    is_full = this.standing.name in ("full", "kept") and words.may_wait(card)
    return my_waiting.would_be_before(card.id, card.pools, now) if is_full else {}


def _hers(scheduled: "ScheduledSession", this: words.Shown, now: datetime) -> dict[str, Any] | None:
    """Return where she waits for this date: a place may be free for her just now."""
    here = visitor_or_none()
    if here is None or this.standing.name != "waiting":
        return None
    found = my_waiting.stand_at(scheduled.id, here.person_id, now)
    return {"booking": found[0], "stand": found[1], "session": scheduled} if found else None


def _shown(card: Card, now: datetime) -> words.Shown:
    return words.shown(card, words.phase_of(card, now))


def _ways(wanted: Asking) -> list[tuple[str, str]]:
    """Return the other ways of finding something, in words and addresses."""
    return [
        (_("See a month"), wanted.month_address),
        (_("Near me"), url_for("schedule.near")),
        (_("Is this group for me?"), url_for("schedule.fitting")),
        (_("Elsewhere"), url_for("schedule.listings")),
    ]


def _described(scheduled: "ScheduledSession") -> str:
    return scheduled.own_description or scheduled.series.description


def _days(page: Page, others: Sequence[Theirs], now: datetime) -> list[Day]:
    ours = {day.on: written.date_cards(day.cards, now) for day in page.days}
    return [
        Day(on, ours.get(on, ()), tuple(each for each in others if each.on == on))
        for on in sorted({*ours, *(each.on for each in others)})
    ]
