"""What stands already where a series is planned: the same host, the same room, the same hour."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select

from booking.db import db
from booking.models import Person, ScheduledSession, Series, SessionFacilitator
from booking.models.kinds import SessionState
from booking.rules.clashes import Clash, days_off
from booking.rules.wall_time import to_local
from booking.rules.words import span_words

Hours = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class _Other:
    """A date that stands already, with nothing of it but what a clash names."""

    session_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    venue_id: int | None
    zone: str


def clashes_of(
    dates: Mapping[date, Hours],
    *,
    nation: str,
    venue_id: int | None,
    host_ids: Collection[int],
    except_series_id: int | None = None,
) -> dict[date, list[Clash]]:
    """Return what each of these dates runs into, a constant number of queries for any number of dates.

    Units: from when to when each date goes, as aware instants. Every date has its list, most an empty one.
    """
    found = {on: days_off(on, nation) for on in dates}
    if not dates:
        return found
    others = _others(dates.values(), except_series_id)
    led = _led_by(dates.values(), host_ids) if host_ids else {}
    by_day = _by_day(others)
    for on, hours in dates.items():
        for other in _at_the_same_time(by_day, hours):
            found[on].append(_clash(on, other, venue_id, led.get(other.session_id, ())))
    return found


def _others(hours: Iterable[Hours], except_series_id: int | None) -> list[_Other]:
    asked = (
        select(
            ScheduledSession.id,
            func.coalesce(func.nullif(ScheduledSession.own_title, ""), Series.title),
            ScheduledSession.starts_at,
            ScheduledSession.ends_at,
            ScheduledSession.venue_id,
            ScheduledSession.zone,
        )
        .join(Series, Series.id == ScheduledSession.series_id)
        .where(*_within(hours), ScheduledSession.state != SessionState.CANCELLED)
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
    )
    if except_series_id is not None:
        asked = asked.where(ScheduledSession.series_id != except_series_id)
    return [_Other(*row) for row in db.session.execute(asked)]


def _led_by(hours: Iterable[Hours], host_ids: Collection[int]) -> dict[int, list[str]]:
    """Return which of these hosts lead which date, by the name each likes."""
    asked = (
        select(SessionFacilitator.session_id, Person.known_as)
        .join(Person, Person.id == SessionFacilitator.person_id)
        .join(ScheduledSession, ScheduledSession.id == SessionFacilitator.session_id)
        .where(SessionFacilitator.person_id.in_(host_ids), *_within(hours))
        .order_by(SessionFacilitator.id)
    )
    found: dict[int, list[str]] = {}
    for session_id, known_as in db.session.execute(asked):
        found.setdefault(session_id, []).append(known_as)
    return found


def _within(hours: Iterable[Hours]) -> Sequence[ColumnElement[bool]]:
    starts, ends = zip(*hours, strict=True)
    return ScheduledSession.starts_at < max(ends), ScheduledSession.ends_at > min(starts)


def _by_day(others: Iterable[_Other]) -> dict[date, list[_Other]]:
    found: dict[date, list[_Other]] = {}
    for other in others:
        for day in _days(other.starts_at, other.ends_at):
            found.setdefault(day, []).append(other)
    return found


def _at_the_same_time(by_day: Mapping[date, Sequence[_Other]], hours: Hours) -> Iterator[_Other]:
    starts_at, ends_at = hours
    met = {other.session_id: other for day in _days(*hours) for other in by_day.get(day, ())}
    return (other for other in met.values() if other.starts_at < ends_at and other.ends_at > starts_at)


def _days(starts_at: datetime, ends_at: datetime) -> list[date]:
    """Return the days in UTC that an event touches, so that few have to be compared."""
    first, last = starts_at.astimezone(UTC).date(), ends_at.astimezone(UTC).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _clash(on: date, other: _Other, venue_id: int | None, led_by: Sequence[str]) -> Clash:
    """Name the nearest reason alone: the host before the room, the room before the mere hour."""
    what = {"title": other.title, "time": _time_words(other)}
    if led_by:
        said = _("%(name)s leads “%(title)s”, %(time)s", name=", ".join(led_by), **what)
        return Clash("host", on, said, other.session_id)
    if venue_id is not None and other.venue_id == venue_id:
        return Clash("room", on, _("The room has “%(title)s”, %(time)s", **what), other.session_id)
    return Clash("hour", on, _("At the same time: “%(title)s”, %(time)s", **what), other.session_id)


def _time_words(other: _Other) -> str:
    starts, ends = (to_local(at, other.zone).time() for at in (other.starts_at, other.ends_at))
    return span_words(starts, ends)
