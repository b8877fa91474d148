"""One week of a course that may be booked on its own: which week it is, and whether the whole is open too."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from booking import policy
from booking.queries import courses
from booking.queries.courses import CoursePage
from booking.queries.people import herself
from booking.web.doors import visitor_or_none
from booking.web.visitor import Visitor

if TYPE_CHECKING:
    from booking.models import ScheduledSession


@dataclass(frozen=True, slots=True)
class OneWeek:
    """Which week of how many, and whether she may book all of them instead."""

    number: int
    weeks: int
    series_id: int
    whole_is_open: bool


def week_of(scheduled: "ScheduledSession", now: datetime) -> OneWeek | None:
    """Return what to say of a week that is booked on its own; nothing for every other date."""
    series = scheduled.series
    if not series.is_course or not series.single_dates:
        return None
    here = visitor_or_none()
    is_facilitator = bool(here and here.is_facilitator)
    page = courses.course(series.id, here.person_id if here else None, is_facilitator, now)
    number = next((week.number for week in page.weeks if week.session.id == scheduled.id), 0)
    if not number:
        return None
    return OneWeek(number, len(page.taking_place), series.id, _is_open(page, scheduled.id, here, now))


def _is_open(page: CoursePage, session_id: int, here: Visitor | None, now: datetime) -> bool:
    """Say whether the whole course can be booked, this week among the others."""
    if page.enrolment is not None or page.is_full:
        return False
    if all(week.session.id != session_id for week in page.to_take):
        return False
    if not policy.has_opened(page.taking_place[0].session, now):
        return False
    return here is None or policy.is_meant_for(page.series, herself(here.person_id).who, here.is_facilitator)
