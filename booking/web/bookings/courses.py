"""Courses: booked once in two screens, seen week by week, one week skipped or the whole course left."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from booking import clock, policy
from booking.messages.letters import course_events
from booking.models.kinds import ConsentPurpose, Pool
from booking.queries import bookings as booked
from booking.queries import consent, movement
from booking.queries import courses as asked
from booking.queries import my_courses as hers
from booking.queries.courses import CoursePage
from booking.queries.people import herself
from booking.queries.welcoming import needs_call
from booking.refusals import NotFound, Refusal
from booking.rules.wordings import current_version, template_of
from booking.services import bookings, courses
from booking.web.bookings import blueprint
from booking.web.bookings.forms import POOLS, PlaceForm, chosen_pool
from booking.web.doors import Door, opens_for, visitor, visitor_or_none
from booking.web.throttle import throttled
from booking.web.widgets import options


@blueprint.route("/courses/<int:series_id>/book", methods=["GET", "POST"])
@opens_for(Door.ANYONE)
@throttled("300 per hour")
def course(series_id: int) -> ResponseReturnValue:
    """Check what a course is and when, then book every week of it at once."""
    here, now = visitor_or_none(), clock.now()
    person_id = here.person_id if here else None
    page = asked.course(series_id, person_id, bool(here and here.is_facilitator), now)
    if page.enrolment is not None:
        return redirect(url_for("bookings.my_course", enrolment_id=page.enrolment.id), 303)
    if not _is_open(page):
        return _to_course(page)
    if here is None:
        return _for_strangers(page)
    if not policy.is_meant_for(page.series, herself(here.person_id).who, here.is_facilitator):
        return _to_course(page)
    return _check_and_book(page, here.person_id)


@blueprint.get("/my-sessions/courses/<int:enrolment_id>")
@opens_for(Door.SIGNED_IN)
def my_course(enrolment_id: int) -> ResponseReturnValue:
    """Show every week of a course of hers, and what she may do with each."""
    here, now = visitor(), clock.now()
    enrolment = hers.mine(enrolment_id, here.person_id)
    weeks = hers.her_weeks(enrolment, now)
    joinable = {
        week.mine.id: booked.join_is_open(week.session, now)
        for week in weeks
        if week.mine is not None and booked.may_join(booked.MyBooking(week.mine, week.session, ()))
    }
    return render_template(
        "bookings/my_course.html",
        enrolment=enrolment,
        series=hers.series_of(enrolment),
        weeks=weeks,
        is_on=hers.is_on(enrolment),
        next_week=hers.next_of(weeks, now),
        led_by=hers.leaders_of(weeks, now),
        may_skip=hers.may_skip,
        may_come=hers.may_come,
        is_taken=hers.is_taken,
        joinable=joinable,
        tokens=booked.tokens,
        now=now,
    )


@blueprint.post("/my-sessions/courses/<int:enrolment_id>/skip/<int:booking_id>")
@opens_for(Door.SIGNED_IN)
def skip_week(enrolment_id: int, booking_id: int) -> ResponseReturnValue:
    """Give one week back and keep the course."""
    here = visitor().person_id
    hers.mine(enrolment_id, here)
    mine = booked.mine(booking_id, here)
    if mine.booking.enrolment_id != enrolment_id:
        raise NotFound
    if not mine.booking.is_live and hers.has_place(mine.session.id, here):
        # An old page: the button was for the place she gave up before she came back.
        flash(_("You took that week again in the meantime. If it doesn't suit, skip it below."), "notice")
        return _to_my_course(enrolment_id)
    try:
        bookings.give_up_place(booking_id, here, clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        flash(str(refusal.sentence), "notice")
    else:
        flash(_("That week is skipped. You keep all the others."), "success")
    return _to_my_course(enrolment_id)


@blueprint.post("/my-sessions/courses/<int:enrolment_id>/come/<int:session_id>")
@opens_for(Door.SIGNED_IN)
def come_after_all(enrolment_id: int, session_id: int) -> ResponseReturnValue:
    """Take a skipped week again, if nobody else has it."""
    typed = request.args.get("seen", "")
    seen = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else None
    try:
        courses.come_to_week(enrolment_id, session_id, visitor().person_id, clock.now(), seen_booking_id=seen)
    except NotFound:
        raise
    except Refusal as refusal:
        flash(str(refusal.sentence), "notice")
    else:
        flash(_("You have your place that week."), "success")
    return _to_my_course(enrolment_id)


@blueprint.route("/my-sessions/courses/<int:enrolment_id>/leave", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def leave_course(enrolment_id: int) -> ResponseReturnValue:
    """Ask once, then free every later week; no reason is asked for."""
    here, now = visitor().person_id, clock.now()
    enrolment = hers.mine(enrolment_id, here)
    if request.method != "POST" and hers.is_on(enrolment):
        later = [week for week in hers.her_weeks(enrolment, now) if hers.may_skip(week, now)]
        return render_template(
            "bookings/leave_course.html", enrolment=enrolment, series=hers.series_of(enrolment), later=later
        )
    if request.method == "POST":
        freed = courses.leave_course(enrolment_id, here, now)
        if freed:
            said = ngettext("%(num)s week is free again.", "%(num)s weeks are free again.", freed)
            flash(_("Thank you for telling us. %(weeks)s", weeks=said), "success")
            return redirect(url_for("bookings.mine"), 303)
    flash(_("You have left this course. You are welcome at any other."), "success")
    return redirect(url_for("bookings.mine"), 303)


@blueprint.get("/my-sessions/courses/<int:enrolment_id>/course.ics")
@opens_for(Door.SIGNED_IN)
def course_calendar(enrolment_id: int) -> ResponseReturnValue:
    """Give every date of her course in one calendar file, with the words that may stand on a lock screen."""
    enrolment = hers.mine(enrolment_id, visitor().person_id)
    weeks = [week for week in asked.weeks_of(enrolment.id) if week.is_live]
    response = Response(course_events(weeks), mimetype="text/calendar")
    response.headers["Content-Disposition"] = "attachment; filename=course.ics"
    return response


def _is_open(page: CoursePage) -> bool:
    """Say whether it can be booked: in time, and with a place on every week."""
    if not page.to_take or page.is_full:
        return False
    return policy.has_opened(page.taking_place[0].session, clock.now())


def _for_strangers(page: CoursePage) -> ResponseReturnValue:
    back = url_for("bookings.course", series_id=page.series.id)
    if request.method == "POST":
        return redirect(url_for("accounts.sign_in", next=back), 303)
    return render_template(
        "bookings/course.html",
        page=page,
        form=None,
        rules="",
        overlapping=(),
        back=back,
        calls_first=needs_call(None, page.series),
    )


@throttled("120 per hour", by="visitor")
def _check_and_book(page: CoursePage, person_id: int) -> ResponseReturnValue:
    rules = _rules_to_show(person_id)
    form = PlaceForm(seen=str(page.seen_enrolment_id), rules=rules)
    pool = _checked(form, page)
    if pool is not None:
        return _booked(page, pool, form, person_id)
    return render_template(
        "bookings/course.html",
        page=page,
        form=form,
        rules=template_of(ConsentPurpose.GROUND_RULES, rules) if rules else "",
        overlapping=asked.overlapping(page.to_take, person_id),
        back="",
        calls_first=needs_call(person_id, page.series),
    ), 422 if form.errors else 200


def _checked(form: PlaceForm, page: CoursePage) -> Pool | None:
    """Return the pool of a form that is fine; of two pools none is chosen for her."""
    form.pool.choices = options((pool.value, POOLS[pool]) for pool in page.pools if page.free[pool] != 0)
    if not form.is_submitted():
        return None
    is_fine = form.validate()
    pool = chosen_pool(form.pool.data) or (page.pools[0] if len(page.pools) == 1 else None)
    if pool is None:
        form.pool.errors = [_("Choose how you will join")]
    return pool if is_fine else None


def _booked(page: CoursePage, pool: Pool, form: PlaceForm, person_id: int) -> ResponseReturnValue:
    # What the form says counts, not what this page would show now.
    saw_rules = current_version(ConsentPurpose.GROUND_RULES) in (form.rules.raw_data or [])
    first_session_id = page.to_take[0].session.id
    try:
        enrolment_id = courses.book_course(
            page.series.id,
            person_id,
            pool,
            person_id,
            clock.now(),
            seen_enrolment_id=form.seen_booking_id(),
            agrees_to_rules=saw_rules,
        )
    except NotFound:
        raise
    except Refusal as refusal:
        flash(str(refusal.sentence), "notice")
        return _to_course(page)
    flash(_("You have a place on every week."), "success")
    mine = url_for("bookings.my_course", enrolment_id=enrolment_id)
    wanted = movement.is_wanted(person_id, clock.now(), first_session_id)
    return redirect(url_for("accounts.movement", next=mine) if wanted else mine, 303)


def _rules_to_show(person_id: int) -> str:
    """Return the version of the ground rules she has not agreed to yet, or nothing."""
    is_new = consent.needs_ground_rules(person_id)
    return current_version(ConsentPurpose.GROUND_RULES) if is_new else ""


def _to_course(page: CoursePage) -> ResponseReturnValue:
    return redirect(url_for("schedule.series", key=page.series.key), 303)


def _to_my_course(enrolment_id: int) -> ResponseReturnValue:
    return redirect(url_for("bookings.my_course", enrolment_id=enrolment_id), 303)
