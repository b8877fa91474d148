"""Several dates of a series on one page: each becomes a booking of its own, and each result is said."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from booking import clock, policy
from booking.models.kinds import BookingState, ConsentPurpose, Pool
from booking.queries import consent, movement, welcoming
from booking.queries import several as asked
from booking.queries.bookings import mine
from booking.queries.date_cards import Card
from booking.queries.people import herself
from booking.queries.session_cards import Viewer
from booking.queries.several import OneDate, SeveralDates
from booking.refusals import Refusal
from booking.rules.wordings import current_version, template_of
from booking.rules.words import day_words, span_words
from booking.services import bookings
from booking.web.bookings import blueprint
from booking.web.bookings.forms import POOLS, DatesForm, chosen_pool
from booking.web.doors import Door, opens_for, visitor
from booking.web.throttle import throttled
from booking.web.widgets import options


@blueprint.route("/series/<int:series_id>/book", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
@throttled("120 per hour", by="visitor")
def book_dates(series_id: int) -> ResponseReturnValue:
    """Tick the dates she would like, then book them all at once."""
    here, now = visitor(), clock.now()
    page = asked.several_dates(series_id, Viewer(here.person_id, here.is_facilitator), now)
    if not policy.is_meant_for(page.series, herself(here.person_id).who, here.is_facilitator):
        return _to_series(page)
    rules = current_version(ConsentPurpose.GROUND_RULES) if consent.needs_ground_rules(here.person_id) else ""
    form = DatesForm(rules=rules)
    chosen, pool = _checked(form, page)
    if chosen and pool is not None:
        return _booked(page, chosen, pool, form)
    return render_template(
        "bookings/book_dates.html",
        page=page,
        form=form,
        rules=template_of(ConsentPurpose.GROUND_RULES, rules) if rules else "",
        calls_first=welcoming.needs_call(here.person_id, page.series),
        full=[one for one in page.dates if not one.can_be_booked],
    ), 422 if form.errors else 200


def _checked(form: DatesForm, page: SeveralDates) -> tuple[dict[int, int], Pool | None]:
    """Return the dates she ticked with the booking her page knew of, and how she comes, where all is fine."""
    form.dates.choices = options((one.value, _said(one)) for one in page.bookable)
    form.pool.choices = options((pool, POOLS[pool]) for pool in page.pools)
    if not form.is_submitted():
        return {}, None
    is_fine = form.validate()
    known = {one.card.id for one in page.dates}
    chosen = {
        session_id: seen for session_id, seen in map(_read, form.dates.data or []) if session_id in known
    }
    pool = chosen_pool(form.pool.data) or (page.pools[0] if len(page.pools) == 1 else None)
    if not chosen:
        form.dates.errors = [_("Choose at least one date")]
    if pool is None:
        form.pool.errors = [_("Choose how you will join")]
    return (chosen, pool) if is_fine else ({}, None)


def _booked(page: SeveralDates, chosen: dict[int, int], pool: Pool, form: DatesForm) -> ResponseReturnValue:
    here, series_id = visitor().person_id, page.series.id
    days = {one.card.id: day_words(one.card.local_date) for one in page.dates}
    # What the form says counts, not what this page would show now.
    saw_rules = current_version(ConsentPurpose.GROUND_RULES) in (form.rules.raw_data or [])
    results = bookings.book_places(
        chosen,
        here,
        dict.fromkeys(chosen, pool),
        here,
        clock.now(),
        agrees_to_rules=saw_rules,
        seen_booking_ids=chosen,
    )
    booked = {session_id: result for session_id, result in results.items() if isinstance(result, int)}
    if booked:
        flash(_booked_words(booked, days, here), "success")
    for session_id, result in results.items():
        if isinstance(result, Refusal):
            flash(_("%(day)s: %(why)s", day=days[session_id], why=str(result.sentence)), "notice")
    if len(booked) < len(results):
        # What could not be had stands on this page with what there is to do about it.
        return redirect(url_for("bookings.book_dates", series_id=series_id), 303)
    wanted = movement.is_wanted(here, clock.now(), next(iter(booked)))
    to_mine = url_for("bookings.mine")
    return redirect(url_for("accounts.movement", next=to_mine) if wanted else to_mine, 303)


def _booked_words(booked: dict[int, int], days: dict[int, str], person_id: int) -> str:
    """Say every date she has now, and what happens next."""
    which = "; ".join(days[session_id] for session_id in booked)
    if mine(next(iter(booked.values())), person_id).booking.state is BookingState.PROVISIONAL:
        return str(
            _(
                "Kept for you: %(days)s. The office calls you first, to say hello: then they are yours.",
                days=which,
            )
        )
    return str(
        ngettext("You have a place: %(days)s.", "You have %(num)s places: %(days)s.", len(booked), days=which)
    )


def _said(one: OneDate) -> str:
    """Say a date as its box does: when, what is left, and what of hers is at the same time."""
    card = one.card
    said = [f"{day_words(card.local_date)}, {span_words(card.start_time, card.end_time)}"]
    said += [card.venue or str(_("Online")), *_led(card), *_left(card)]
    if len(card.pools) > 1:
        full = [pool for pool in card.pools if card.free(pool) == 0]
        said += [str(_("only online")) if pool is Pool.ROOM else str(_("only in the room")) for pool in full]
    for title in one.at_that_time:
        said.append(str(_("at the same time as %(title)s of yours: you can keep both", title=title)))
    return ", ".join(said)


def _led(card: Card) -> list[str]:
    """Say who leads a date, if anybody does yet."""
    return [str(_("with %(names)s", names=", ".join(card.led_by)))] if card.led_by else []


def _left(card: Card) -> list[str]:
    """Say how many places are left; where there are two pools or no limit, nothing."""
    free = card.free(card.pools[0]) if len(card.pools) == 1 else None
    return [ngettext("%(num)s place left", "%(num)s places left", free)] if free else []


def _read(value: str) -> tuple[int, int]:
    session_id, _dot, seen = value.partition(".")
    return _number(session_id), _number(seen)


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0


def _to_series(page: SeveralDates) -> ResponseReturnValue:
    return redirect(url_for("schedule.series", key=page.series.key), 303)
