"""Booking in two screens: pick, then check and confirm, also for somebody who was never here before."""

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock, policy
from booking.models.kinds import BookingState, ConsentPurpose, Pool
from booking.queries import bookings as asked
from booking.queries import consent, movement, party, swaps, welcoming
from booking.queries import people as people_asked
from booking.queries.bookings import PlaceChoice
from booking.refusals import (
    ForPatientsOnly,
    NobodyAlong,
    NoRoomForTwo,
    NoSuchPool,
    NotFound,
    Refusal,
    SessionFull,
)
from booking.rules.wordings import current_version, template_of
from booking.rules.words import day_words
from booking.services import arriving, bookings
from booking.web import afterwards
from booking.web import asked as waited_for
from booking.web.bookings import blueprint
from booking.web.bookings.forms import POOLS, FirstPlaceForm, PlaceForm, chosen_pool
from booking.web.bookings.lost_place import to_waiting_list
from booking.web.bookings.waiting import already_words
from booking.web.code import HeldCodeForm
from booking.web.course_week import week_of
from booking.web.doors import Door, opens_for, visitor, visitor_or_none
from booking.web.held import held_page
from booking.web.throttle import throttled
from booking.web.widgets import options

if TYPE_CHECKING:
    from booking.models import Booking, ScheduledSession

AnyForm = PlaceForm | FirstPlaceForm


@blueprint.route("/sessions/<int:session_id>/book", methods=["GET", "POST"])
@opens_for(Door.ANYONE)
def book(session_id: int) -> ResponseReturnValue:
    """Check what will be booked, then book it."""
    return _book_hers(session_id) if visitor_or_none() else _book_first(session_id)


@blueprint.get("/sessions/<int:session_id>/held")
@opens_for(Door.ANYONE)
def held(session_id: int) -> ResponseReturnValue:
    """Say that a place waits and what to do now; the code typed there goes to accounts.held_code."""
    return held_page(session_id, HeldCodeForm())


@throttled("120 per hour", by="visitor")
def _book_hers(session_id: int) -> ResponseReturnValue:
    here = visitor()
    choice = asked.place_choice(session_id, here.person_id, here.is_facilitator, clock.now())
    kept = swaps.kept_for(choice.mine, clock.now()) if choice.mine is not None else None
    may_change = kept is not None and any(free != 0 for free in choice.free.values())
    if choice.mine is not None and choice.mine.state is BookingState.WAITING and not may_change:
        flash(_("You are on the waiting list, and keep your turn. What you can do stands below."), "notice")
        return redirect(url_for("bookings.mine"), 303)
    form = PlaceForm(seen=str(choice.seen_booking_id), rules=_rules_to_show(here.person_id))
    pool = _checked(form, choice)
    if pool is not None:
        return _booked(session_id, pool, form, _given_up_words(kept))
    if choice.mine is not None and choice.mine.state is not BookingState.WAITING:
        flash(already_words(choice.mine.state), "notice")
        return redirect(url_for("bookings.mine"), 303)
    if not policy.is_meant_for(
        choice.session.series, people_asked.herself(here.person_id).who, here.is_facilitator
    ):
        return _to_session(session_id)
    return _page(choice, form, form.rules.data or "", kept)


@throttled("300 per hour")
@throttled("20 per hour", by="form:email|phone")
def _book_first(session_id: int) -> ResponseReturnValue:
    choice = _choice_here(session_id)
    form = FirstPlaceForm(data=waited_for.words_typed())
    pool = _checked(form, choice)
    if pool is not None:
        return _held_for_her(session_id, pool, form)
    return _page(choice, form, current_version(ConsentPurpose.GROUND_RULES))


# A household or a café asks for fewer, and a stranger can't hold out a whole season from one place.
@throttled("20 per hour")
def _held_for_her(session_id: int, pool: Pool, form: FirstPlaceForm) -> ResponseReturnValue:
    facts, now = form.registration(form.agrees.data), clock.now()
    first = waited_for.place_asked(session_id)
    instead_of = first.booking_id if first is not None else None
    try:
        place = arriving.hold_place(
            facts,
            session_id,
            pool,
            now,
            instead_of=instead_of,
            companion_name=form.companion_name.data or "",
        )
    except NotFound:
        raise
    except Refusal as refusal:
        # The refused transaction has let go of what was read before it, and a place may be gone since.
        choice = _choice_here(session_id)
        lost = to_waiting_list(choice, refusal)
        if lost is not None:
            waited_for.remember_words({**form.data, "companion": form.companion_name.data})
            return lost
        _offer_pools(form, choice)
        _say_at_its_field(form, refusal, len(choice.session.pools) > 1)
        return _page(choice, form, current_version(ConsentPurpose.GROUND_RULES))
    waited_for.remember_place(session_id, place, facts.email or facts.phone, now)
    waited_for.remember_words(form.data)
    return redirect(url_for("bookings.held", session_id=session_id), 303)


def _choice_here(session_id: int) -> PlaceChoice:
    """Return what a stranger can book; a place that waits for this very browser is not taken for it."""
    choice = asked.place_choice(session_id, None, False, clock.now())
    place = waited_for.place_asked(session_id)
    if place is None or place.waits or clock.now() >= place.held_until:
        return choice
    return replace(choice, free={pool: 1 if free == 0 else free for pool, free in choice.free.items()})


def _checked(form: AnyForm, choice: PlaceChoice) -> Pool | None:
    """Return the pool of a form that is fine; of two pools none is chosen for her."""
    pools = choice.session.pools
    _offer_pools(form, choice)
    if not form.is_submitted():
        return None
    is_fine = form.validate()
    pool = chosen_pool(form.pool.data) or (pools[0] if len(pools) == 1 else None)
    if pool is None:
        form.pool.errors = [_("Choose how you will join")]
    return pool if is_fine else None


def _offer_pools(form: AnyForm, choice: PlaceChoice) -> None:
    free = (pool for pool in choice.session.pools if choice.free[pool] != 0)
    form.pool.choices = options((pool.value, POOLS[pool]) for pool in free)


def _rules_to_show(person_id: int) -> str:
    """Return the version of the ground rules she has not agreed to yet, or nothing."""
    is_new = consent.needs_ground_rules(person_id)
    return current_version(ConsentPurpose.GROUND_RULES) if is_new else ""


def _given_up_words(kept: "ScheduledSession | None") -> str:
    """Say which place was given up for this one."""
    if kept is None:
        return ""
    facts = {"title": kept.title, "day": day_words(kept.local_date)}
    return str(_("Your place at %(title)s on %(day)s is given up.", **facts))


def _booked(session_id: int, pool: Pool, form: PlaceForm, given_up: str) -> ResponseReturnValue:
    here = visitor().person_id
    # What the form says counts, not what this page would show now.
    saw_rules = current_version(ConsentPurpose.GROUND_RULES) in (form.rules.raw_data or [])
    try:
        booking_id = bookings.book_place(
            session_id,
            here,
            pool,
            here,
            clock.now(),
            seen_booking_id=form.seen_booking_id(),
            agrees_to_rules=saw_rules,
            companion_name=form.companion_name.data or "",
        )
    except NotFound:
        raise
    except Refusal as refusal:
        choice = asked.place_choice(session_id, here, visitor().is_facilitator, clock.now())
        if isinstance(refusal, NobodyAlong | NoRoomForTwo):
            _offer_pools(form, choice)
            form.companion_name.errors = [str(refusal.sentence)]
            return _page(choice, form, _rules_to_show(here))
        lost = to_waiting_list(choice, refusal)
        if lost is not None:
            return lost
        # The way on stands beside the reason, on the session's own page.
        flash(str(refusal.sentence), "notice")
        return _to_session(session_id)
    booking = asked.mine(booking_id, here).booking
    words = _booked_words(booking)
    flash(f"{words} {given_up}".strip() if booking.state in policy.EXPECTED else words, "success")
    if asked.booked_once(here):
        afterwards.offer_needs()
    return redirect(_after_booking(session_id, here), 303)


def _booked_words(booking: "Booking") -> str:
    """Say how her place stands now, and what happens next."""
    if booking.state is BookingState.PROVISIONAL:
        return str(_("Your place is kept. The office calls you first, to say hello: then it is yours."))
    if booking.state is not BookingState.BOOKED:
        return already_words(booking.state)
    if booking.companion_name:
        return str(_("You have a place, and so has %(name)s.", name=booking.companion_name))
    return str(_("You have a place."))


def _after_booking(session_id: int, person_id: int) -> str:
    """Lead her to the short questions of a movement class, once her place is sure; else to My sessions."""
    mine = url_for("bookings.mine")
    wanted = movement.is_wanted(person_id, clock.now(), session_id)
    return url_for("accounts.movement", next=mine) if wanted else mine


def _say_at_its_field(form: FirstPlaceForm, refusal: Refusal, has_pools: bool) -> None:
    """Say a kind no where it belongs; whatever she typed stays."""
    said = str(refusal.sentence)
    if isinstance(refusal, ForPatientsOnly):
        form.who.errors = [said]
    elif isinstance(refusal, NobodyAlong | NoRoomForTwo):
        form.companion_name.errors = [said]
    elif isinstance(refusal, NoSuchPool | SessionFull) and form.pool.choices and has_pools:
        form.pool.errors = [said]
    else:
        form.form_errors.append(said)


def _is_for_others(form: AnyForm) -> bool:
    return isinstance(form, FirstPlaceForm) and str(ForPatientsOnly.sentence) in (form.who.errors or ())


def _to_session(session_id: int) -> ResponseReturnValue:
    return redirect(url_for("schedule.session", session_id=session_id), 303)


def _page(
    choice: PlaceChoice, form: AnyForm, rules_version: str, kept: "ScheduledSession | None" = None
) -> ResponseReturnValue:
    if not choice.session.series.single_dates:
        return redirect(url_for("schedule.series", key=choice.session.series.key), 303)
    closed = not policy.booking_is_open(choice.session, clock.now())
    full = all(free == 0 for free in choice.free.values())
    # What a stranger typed is not thrown away: she reads the reason above her own words.
    if (closed or full) and not (request.method == "POST" and isinstance(form, FirstPlaceForm)):
        return _to_session(choice.session.id)
    if not choice.session.pools:
        abort(404)
    here = visitor_or_none()
    return render_template(
        "bookings/book.html",
        choice=choice,
        week=week_of(choice.session, clock.now()),
        # Whoever changes to this date comes as she waited for it.
        may_bring=kept is None and party.may_bring(choice.session, here.person_id if here else None),
        kept=kept,
        calls_first=welcoming.needs_call(here.person_id if here else None, choice.session.series),
        form=form,
        is_new=isinstance(form, FirstPlaceForm),
        rules=template_of(ConsentPurpose.GROUND_RULES, rules_version) if rules_version else "",
        words=template_of(ConsentPurpose.KEEP_DETAILS, current_version(ConsentPurpose.KEEP_DETAILS)),
        not_meant_for_her=_is_for_others(form),
    ), 422 if form.errors else 200
