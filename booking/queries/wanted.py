"""What a date shall be after a change: read by the page before, and by the deed itself."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from booking.db import db
from booking.models import ScheduledSession, Venue
from booking.models.kinds import Mode
from booking.refusals import InThePast, MoreThanTheVenueHolds, NoSuchPool, NotALaterTime, PlaceMissing
from booking.rules import cells
from booking.rules.addresses import clean_line, clean_text
from booking.rules.edits import SessionChange, named_in
from booking.rules.faults import N_, Fault
from booking.rules.wall_time import instants
from booking.rules.words import day_words

FACTS = (
    "local_date",
    "start_time",
    "end_time",
    "venue_id",
    "meeting_url",
    "places_room",
    "places_online",
    "own_title",
    "own_description",
    "public_reason",
)
# What people plan their day by; words and numbers of places are not among it.
TIME_AND_PLACE = frozenset(
    {"local_date", "start_time", "end_time", "starts_at", "ends_at", "mode", "venue_id", "meeting_url"}
)
_WHEN = ("local_date", "start_time", "end_time")
_WHERE = ("venue_id", "places_room", "places_online")


def values_of(scheduled: ScheduledSession, change: SessionChange, now: datetime) -> dict[str, Any]:
    """Return the values that the date shall have; who leads it is not among them.

    Refuses: a past date, an end before the start, a night when the clocks change, no places at all, a
    room without a venue or with more places than it holds, words that are too long.
    """
    asked = {name: value for name, value in named_in(change).items() if name in FACTS}
    values = {
        name: tidied(name, asked[name]) if name in asked else getattr(scheduled, name) for name in FACTS
    }
    values = with_instants(values, scheduled.zone, now)
    values["mode"] = mode_of(values["places_room"], values["places_online"])
    _refuse_without_venue(values)
    refuse_more_than_fits(values["places_room"], values["venue_id"], capacities([values["venue_id"]]))
    return values


def brought(scheduled: ScheduledSession, facts: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return what a date becomes when its series gives it these facts: what is its own stays.

    Refuses: an end before the start, a start that is over, and a night when the clocks change.
    """
    values = {name: getattr(scheduled, name) for name in FACTS}
    values |= {name: value for name, value in facts.items() if name not in scheduled.own}
    if any(values[name] != getattr(scheduled, name) for name in _WHEN):
        values = with_instants(values, scheduled.zone, now)
    if any(values[name] != getattr(scheduled, name) for name in _WHERE):
        values["mode"] = mode_of(values["places_room"], values["places_online"])
        if values["mode"] is Mode.ONLINE:
            values["venue_id"] = None
        elif values["venue_id"] is None:
            # A room of its own in a series that went online stays where it was.
            values["venue_id"] = scheduled.venue_id
    return values


def with_instants(values: Mapping[str, Any], zone: str, now: datetime) -> dict[str, Any]:
    """Return the values of a date with its instants.

    Refuses: an end before the start, a past date, and a night when the clocks change.
    """
    if values["end_time"] <= values["start_time"]:
        raise NotALaterTime
    starts_at, ends_at = instants(values["local_date"], values["start_time"], values["end_time"], zone)
    if starts_at <= now:
        raise InThePast
    return {**values, "starts_at": starts_at, "ends_at": ends_at}


def tidied(name: str, value: Any) -> Any:
    """Return a value as it may be kept; whatever refuses it, the form learns which field it was."""
    try:
        return _tidy(name, value)
    except Fault as fault:
        fault.field = fault.field or name
        raise


def mode_of(places_room: int | None, places_online: int | None) -> Mode:
    """Return how people meet. Refuses: no places at all."""
    if places_room == 0 and places_online == 0:
        raise NoSuchPool(_l("Give it places in a room, online, or both."), field="places_room")
    if places_room != 0 and places_online != 0:
        return Mode.HYBRID
    return Mode.ONLINE if places_room == 0 else Mode.IN_PERSON


def is_a_venue(venue_id: int | None) -> bool:
    """Say whether there is such a venue: PostgreSQL would fault on a number that no row can have."""
    return venue_id is not None and 0 < venue_id < 2**31 and db.session.get(Venue, venue_id) is not None


def capacities(venue_ids: Collection[int | None]) -> dict[int, int]:
    """Return how many people may be in each of these venues, where somebody has said."""
    asked = select(Venue.id, Venue.capacity).where(
        Venue.id.in_({one for one in venue_ids if one is not None})
    )
    return {venue_id: most for venue_id, most in db.session.execute(asked) if most is not None}


def refuse_more_than_fits(
    places_room: int | None, venue_id: int | None, most: Mapping[int, int], on: date | None = None
) -> None:
    """Refuse more places in the room than its venue holds; without a limit it would be too many some day."""
    limit = most.get(venue_id or 0)
    if limit is not None and (places_room is None or places_room > limit):
        raise MoreThanTheVenueHolds(limit, day_words(on) if on else "")


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


def _refuse_without_venue(values: dict[str, Any]) -> None:
    if values["mode"] is Mode.ONLINE:
        values["venue_id"] = None
    elif not is_a_venue(values["venue_id"]):
        raise PlaceMissing
