"""Changing one date by hand: what is asked, what it comes to, and why it may be refused."""

from dataclasses import dataclass, fields
from datetime import date, datetime, time
from enum import Enum
from typing import Any, Final

from flask_babel import lazy_gettext as _l

from booking.db import db
from booking.models import ScheduledSession, Venue
from booking.models.kinds import Mode, SessionState
from booking.refusals import (
    InThePast,
    NoSuchPool,
    NotALaterTime,
    PlaceMissing,
    SessionCancelled,
    StaleForm,
)
from booking.rules import cells
from booking.rules.addresses import clean_line, clean_text
from booking.rules.faults import N_, Fault
from booking.rules.wall_time import instants


class _Keep(Enum):
    KEEP = "keep"


KEEP: Final = _Keep.KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionChange:
    """What shall be different on one date; what is not named stays.

    Units: places None = no limit, 0 = no such pool; the mode follows from the pools.
    """

    local_date: date | _Keep = KEEP
    start_time: time | _Keep = KEEP
    end_time: time | _Keep = KEEP
    venue_id: int | None | _Keep = KEEP
    meeting_url: str | _Keep = KEEP
    places_room: int | None | _Keep = KEEP
    places_online: int | None | _Keep = KEEP
    own_title: str | _Keep = KEEP
    own_description: str | _Keep = KEEP
    public_reason: str | _Keep = KEEP


def refuse_unless_changeable(scheduled: ScheduledSession, seen_version: int, now: datetime) -> None:
    """Refuse what is cancelled, has started, or was changed by somebody else in the meantime."""
    if scheduled.state is SessionState.CANCELLED:
        raise SessionCancelled(_l("This session has been cancelled, so it can't be changed."))
    if scheduled.starts_at <= now:
        raise InThePast(_l("This session has started, so it can't be changed."))
    if scheduled.schedule_version != seen_version:
        raise StaleForm


def values_of(scheduled: ScheduledSession, change: SessionChange, now: datetime) -> dict[str, Any]:
    """Return the values that the date shall have.

    Refuses: a past date, an end before the start, a night when the clocks change, no places at all, a
    room without a venue, words that are too long.
    """
    asked = {field.name: getattr(change, field.name) for field in fields(change)}
    values = {
        name: getattr(scheduled, name) if value is KEEP else _named(name, value)
        for name, value in asked.items()
    }
    if values["end_time"] <= values["start_time"]:
        raise NotALaterTime
    values["starts_at"], values["ends_at"] = instants(
        values["local_date"], values["start_time"], values["end_time"], scheduled.zone
    )
    if values["starts_at"] <= now:
        raise InThePast
    values["mode"] = _mode_of(values["places_room"], values["places_online"])
    _refuse_without_venue(values)
    return values


def _named(name: str, value: Any) -> Any:
    """Return a value as it may be kept; whatever refuses it, the form learns which field it was."""
    try:
        return _tidy(name, value)
    except Fault as fault:
        fault.field = fault.field or name
        raise


def _tidy(name: str, value: Any) -> Any:
    match name:
        case "own_title":
            return clean_line(value, 200)
        case "public_reason":
            return clean_line(value, 300)
        case "own_description":
            return clean_text(value, 4000)
        case "meeting_url":
            return cells.address(name, clean_line(value, 500))
        case "places_room" | "places_online" if value is not None and not 0 <= value <= cells.MOST_PLACES:
            raise Fault(N_("Choose a number from 0 to %(most)s."), most=cells.MOST_PLACES, field=name)
        case "local_date" if not 2000 <= value.year <= 2100:
            raise Fault(N_("That date is too far away."), field="date")
    return value


def _mode_of(places_room: int | None, places_online: int | None) -> Mode:
    if places_room == 0 and places_online == 0:
        raise NoSuchPool(_l("Give it places in a room, online, or both."), field="places_room")
    if places_room != 0 and places_online != 0:
        return Mode.HYBRID
    return Mode.ONLINE if places_room == 0 else Mode.IN_PERSON


def _refuse_without_venue(values: dict[str, Any]) -> None:
    if values["mode"] is Mode.ONLINE:
        values["venue_id"] = None
    elif not _is_a_venue(values["venue_id"]):
        raise PlaceMissing


def _is_a_venue(venue_id: int | None) -> bool:
    # PostgreSQL would fault on a number that no row can have.
    return venue_id is not None and 0 < venue_id < 2**31 and db.session.get(Venue, venue_id) is not None
