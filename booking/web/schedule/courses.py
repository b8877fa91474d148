"""A course as anybody may see it: every week, until when one may join, and the one booking for all."""

from datetime import datetime

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from booking import policy
from booking.models.kinds import BookingState, Mode, Pool
from booking.queries import courses as asked
from booking.queries import venues
from booking.queries.courses import CoursePage
from booking.queries.people import herself
from booking.queries.schedule import SeriesPage
from booking.queries.venues import PhotoFacts
from booking.rules.booking_window import newcomers_until
from booking.rules.wall_time import to_local
from booking.web.doors import visitor_or_none
from booking.web.schedule import markup
from booking.web.schedule.words import kept_words, names_words, opening_words, sentence
from booking.web.visitor import Visitor

_WAITS = (BookingState.WAITING, BookingState.OFFERED)


def page(found: SeriesPage, now: datetime) -> ResponseReturnValue:
    """Show a course: what, when, where, with whom, and what can be done."""
    here = visitor_or_none()
    is_facilitator = bool(here and here.is_facilitator)
    course = asked.course(found.series.id, here.person_id if here else None, is_facilitator, now)
    standing = _standing(course, here, now)
    wants_another = standing in ("full", "kept", "begun", "over")
    others = asked.others_with_room(course, is_facilitator, now) if wants_another else []
    return render_template(
        "schedule/course.html",
        page=course,
        data=markup.series(found.series, found.cards),
        series=course.series,
        standing=standing,
        room=_room_words(course) if standing == "open" else "",
        opens=_opening_words(course) if standing == "not_open" else "",
        kept=_kept_words(course) if standing in ("open", "kept") else "",
        photo=_photo(course),
        left_out=[(change.rule_date, sentence(change.reason)) for change in found.left_out],
        names=names_words(course.led_by),
        others=others,
        waits=any(week.mine is not None and week.mine.state in _WAITS for week in course.to_take),
        signed_in=here is not None,
        now=now,
        today=to_local(now).date(),
    )


def _standing(course: CoursePage, here: Visitor | None, now: datetime) -> str:
    """Say in one word of ours what there is to do."""
    if course.enrolment is not None:
        return "mine"
    if not course.to_take:
        return "begun" if any(week.session.starts_at > now for week in course.taking_place) else "over"
    if not policy.has_opened(course.taking_place[0].session, now):
        return "not_open"
    if course.is_full:
        return "kept" if course.is_kept_from_her else "full"
    if here and not policy.is_meant_for(course.series, herself(here.person_id).who, here.is_facilitator):
        return "not_meant"
    return "open"


def _photo(course: CoursePage) -> PhotoFacts | None:
    """Return the picture of the door at which she would stand first."""
    first = next(iter(course.to_take or course.taking_place or course.weeks), None)
    is_online = first is None or first.session.mode is Mode.ONLINE
    return None if is_online or first is None else venues.photo_of(first.session.venue_id)


def _opening_words(course: CoursePage) -> str:
    opens_at = policy.booking_opens_at(course.taking_place[0].session)
    return opening_words(opens_at) if opens_at is not None else ""


def _kept_words(course: CoursePage) -> str:
    """Say for whom the last places are, where they are somebody's."""
    if not course.only_newcomers:
        return ""
    first = course.taking_place[0].session
    return kept_words(newcomers_until(first.starts_at), in_the_room=len(first.pools) == 2)


def _room_words(course: CoursePage) -> str:
    """Say how many places the whole course has left: "9 places left", "3 in the room, 12 online"."""
    free = course.free
    if any(number is None for number in free.values()):
        return ""
    if len(free) == 2:
        room, online = free[Pool.ROOM], free[Pool.ONLINE]
        return str(_("%(room)s in the room, %(online)s online", room=room, online=online))
    left = sum(number or 0 for number in free.values())
    return str(ngettext("%(num)s place left", "%(num)s places left", left))
