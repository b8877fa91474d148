"""The waiting list as she meets it: joining, also as somebody new, how she is told, leaving with one tap."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock, policy
from booking.models.kinds import BookingState, ConsentPurpose, Pool, SessionState
from booking.queries import bookings as asked
from booking.queries import consent, my_waiting, newcomers
from booking.queries.bookings import PlaceChoice
from booking.queries.people import herself
from booking.refusals import ForPatientsOnly, NoSuchPool, NotFound, Refusal, StillFree
from booking.rules.wordings import current_version, template_of
from booking.services import arriving, course_waiting, waiting
from booking.web import asked as waited_for
from booking.web.bookings import blueprint
from booking.web.bookings.forms import chosen_pool
from booking.web.bookings.waiting_forms import POOLS, ChangeWaitForm, FirstWaitForm, WaitForm
from booking.web.course_week import week_of
from booking.web.doors import Door, opens_for, visitor, visitor_or_none
from booking.web.throttle import throttled
from booking.web.widgets import options

AnyForm = WaitForm | FirstWaitForm


@blueprint.route("/sessions/<int:session_id>/wait", methods=["GET", "POST"])
@opens_for(Door.ANYONE)
def join_waiting_list(session_id: int) -> ResponseReturnValue:
    """Say what waiting means, then put her on the list."""
    return _join_hers(session_id) if visitor_or_none() else _join_first(session_id)


@blueprint.route("/my-sessions/<int:booking_id>/waiting", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def change_wait(booking_id: int) -> ResponseReturnValue:
    """Change how she is told of a place that comes free."""
    here, now = visitor().person_id, clock.now()
    row = asked.mine(booking_id, here)
    stand = my_waiting.stands_among([row], now).get(booking_id)
    if stand is None:
        flash(_("You are not on this waiting list any more."), "notice")
        return redirect(url_for("bookings.mine"), 303)
    hours = herself(here).notice_hours
    form = ChangeWaitForm(data={"late": row.booking.tells_late, "notice": hours})
    form.offer_hours(hours)
    if form.validate_on_submit():
        waiting.change_wait(
            booking_id, here, now, tells_late=bool(form.late.data), notice_hours=form.notice.data
        )
        flash(_("Saved. You keep your turn."), "success")
        return redirect(url_for("bookings.mine"), 303)
    page = render_template("bookings/change_wait.html", row=row, stand=stand, form=form, now=now)
    return page, 422 if form.errors else 200


@blueprint.post("/my-sessions/<int:booking_id>/leave-waiting-list")
@opens_for(Door.SIGNED_IN)
def leave_waiting_list(booking_id: int) -> ResponseReturnValue:
    """Leave a waiting list at once; no reason is asked for."""
    here = visitor().person_id
    row = asked.mine(booking_id, here)
    if row.booking.waits_since is None:
        raise NotFound
    waiting.leave_waiting_list(booking_id, here, clock.now())
    if asked.mine(booking_id, here).booking.state is BookingState.BOOKED:
        flash(_("This place is yours by now. If it doesn't suit, press “I can't come”."), "notice")
        return redirect(url_for("bookings.mine"), 303)
    flash(_("That's fine. You are not on this waiting list any more."), "success")
    return redirect(url_for("bookings.mine", left=booking_id), 303)


@blueprint.post("/courses/<int:series_id>/wait")
@opens_for(Door.SIGNED_IN)
@throttled("120 per hour", by="visitor")
def wait_for_course(series_id: int) -> ResponseReturnValue:
    """Put her on the waiting list of a course as a whole: every week to come, offered together."""
    here, pool = visitor().person_id, chosen_pool(request.form.get("pool"))
    try:
        if pool is None:
            raise NoSuchPool
        first = course_waiting.wait_for_course(series_id, here, pool, here, clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        flash(str(refusal.sentence), "notice")
    else:
        flash(_said(asked.mine(first, here).booking.state), "success")
    return redirect(url_for("bookings.mine"), 303)


@throttled("120 per hour", by="visitor")
def _join_hers(session_id: int) -> ResponseReturnValue:
    here, now = visitor(), clock.now()
    choice = asked.place_choice(session_id, here.person_id, here.is_facilitator, now)
    if choice.mine is not None:
        flash(already_words(choice.mine.state), "notice")
        return redirect(url_for("bookings.mine"), 303)
    she = herself(here.person_id)
    if not policy.is_meant_for(choice.session.series, she.who, here.is_facilitator):
        return _to_session(session_id)
    form = WaitForm(data={"notice": she.notice_hours, "seen": str(choice.seen_booking_id)})
    pool = _checked(form, choice, she.notice_hours, newcomers.has_come(here.person_id))
    if pool is None:
        return _page(choice, form, _rules_to_show(here.person_id))
    return _joined(choice, pool, form, here.person_id)


def _joined(choice: PlaceChoice, pool: Pool, form: WaitForm, person_id: int) -> ResponseReturnValue:
    name, session_id = _companion(form), choice.session.id
    try:
        booking_id = waiting.join_waiting_list(
            session_id,
            person_id,
            pool,
            person_id,
            clock.now(),
            party_size=2 if name else 1,
            companion_name=name,
            tells_late=bool(form.late.data),
            notice_hours=form.notice.data,
            agrees_to_rules=bool(_rules_to_show(person_id)),
            seen_booking_id=form.seen_booking_id(),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _refused(session_id, refusal)
    flash(_said(asked.mine(booking_id, person_id).booking.state), "success")
    return redirect(url_for("bookings.mine"), 303)


def _said(state: BookingState) -> str:
    if state is BookingState.OFFERED:
        return str(_("A place is free and kept for you. Say yes or no below."))
    if state is BookingState.WAITING:
        return str(_("You are on the waiting list. There is nothing you need to do."))
    return str(_("You have a place."))


@throttled("300 per hour")
@throttled("20 per hour", by="form:email|phone")
def _join_first(session_id: int) -> ResponseReturnValue:
    choice = asked.place_choice(session_id, None, False, clock.now())
    form = FirstWaitForm(data=waited_for.words_typed())
    pool = _checked(form, choice, 0, False)
    if pool is None:
        return _page(choice, form, current_version(ConsentPurpose.GROUND_RULES))
    return _asked_by_newcomer(choice, pool, form)


@throttled("20 per hour")
def _asked_by_newcomer(choice: PlaceChoice, pool: Pool, form: FirstWaitForm) -> ResponseReturnValue:
    facts, now, name = form.registration(form.agrees.data), clock.now(), _companion(form)
    session_id = choice.session.id
    first = waited_for.place_asked(session_id)
    wish = arriving.Wish(
        pool, bool(form.late.data), form.notice.data, name, first.booking_id if first is not None else None
    )
    try:
        place = arriving.wait_as_newcomer(facts, session_id, wish, now)
    except NotFound:
        raise
    except ForPatientsOnly as refusal:
        form.who.errors = [str(refusal.sentence)]
        again = asked.place_choice(session_id, None, False, now)
        return _page(again, form, current_version(ConsentPurpose.GROUND_RULES))
    except Refusal as refusal:
        waited_for.remember_words(form.data)
        return _refused(session_id, refusal)
    waited_for.remember_place(session_id, place, facts.email or facts.phone, now, waits=True)
    waited_for.remember_words(form.data)
    return redirect(url_for("bookings.held", session_id=session_id), 303)


def _refused(session_id: int, refusal: Refusal) -> ResponseReturnValue:
    """Lead on to what can be done instead: a place that came free is booked, not waited for."""
    flash(str(refusal.sentence), "notice")
    if isinstance(refusal, StillFree):
        return redirect(url_for("bookings.book", session_id=session_id), 303)
    return _to_session(session_id)


def _checked(form: AnyForm, choice: PlaceChoice, hours: int, has_come: bool) -> Pool | None:
    """Return the pool of a form that is fine; of two that are full none is chosen for her."""
    full = waited_pools(choice)
    form.pool.choices = options((pool.value, POOLS[pool]) for pool in full)
    form.offer_hours(hours)
    if not policy.may_bring(choice.session.series, has_come):
        del form.companion
    if not form.is_submitted():
        return None
    is_fine = form.validate()
    pool = chosen_pool(form.pool.data) or (full[0] if len(full) == 1 else None)
    if pool is None:
        form.pool.errors = [_("Choose what you would like to wait for")]
    return pool if is_fine else None


def waited_pools(choice: PlaceChoice) -> list[Pool]:
    """Return what she could wait for: of two ways to join perhaps only one is full."""
    return [pool for pool in choice.session.pools if choice.free[pool] == 0]


def _companion(form: AnyForm) -> str:
    return (form.companion.data or "") if form.companion is not None else ""


def already_words(state: BookingState) -> str:
    """Say how she stands who has a booking of this date, whatever it is."""
    if state is BookingState.WAITING:
        return str(_("You are on the waiting list already, and keep your turn."))
    if state is BookingState.OFFERED:
        return str(_("A place at this session is kept for you. Say yes or no below."))
    if state is BookingState.PROVISIONAL:
        return str(_("Your place at this session is kept until the office has called you."))
    return str(_("You have a place at this session."))


def _rules_to_show(person_id: int) -> str:
    is_new = consent.needs_ground_rules(person_id)
    return current_version(ConsentPurpose.GROUND_RULES) if is_new else ""


def _to_session(session_id: int) -> ResponseReturnValue:
    return redirect(url_for("schedule.session", session_id=session_id), 303)


def _page(choice: PlaceChoice, form: AnyForm, rules_version: str) -> ResponseReturnValue:
    scheduled, now = choice.session, clock.now()
    pools, is_new = waited_pools(choice), isinstance(form, FirstWaitForm)
    is_open = scheduled.state is SessionState.PUBLISHED and policy.booking_is_open(scheduled, now)
    if not (is_open and policy.may_wait_for_one_date(scheduled.series)):
        return _to_session(scheduled.id)
    if not pools:
        return redirect(url_for("bookings.book", session_id=scheduled.id), 303)
    return render_template(
        "bookings/join_waiting_list.html",
        choice=choice,
        form=form,
        pools=pools,
        before=my_waiting.would_be_before(scheduled.id, pools, now),
        week=week_of(scheduled, now),
        is_new=is_new,
        rules=template_of(ConsentPurpose.GROUND_RULES, rules_version) if rules_version else "",
        words=template_of(ConsentPurpose.KEEP_DETAILS, current_version(ConsentPurpose.KEEP_DETAILS)),
        not_meant_for_her=is_new and str(ForPatientsOnly.sentence) in (form.who.errors or ()),
        now=now,
    ), 422 if form.errors else 200
