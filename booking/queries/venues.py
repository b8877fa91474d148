"""Where people can meet, for whoever plans a session, and the picture of the door for whoever comes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func, select

from booking import policy
from booking.db import db
from booking.models import Booking, ScheduledSession, Series, Venue, VenuePhoto
from booking.models.kinds import TAKING, Access, Pool, SessionState
from booking.refusals import NotFound
from booking.rules.distance import Position
from booking.rules.places_uk import only_place_named, place_in_address

_ACCESS = ("step_free", "hearing_loop", "parking", "toilets", "quiet_corner")


@dataclass(frozen=True)
class ListedVenue:
    """A venue as the office's list shows it: what nobody has found out yet, and what comes next there."""

    venue: Venue
    unknown: tuple[str, ...]
    next_on: date | None
    has_photo: bool


@dataclass(frozen=True)
class PhotoFacts:
    """What a page must know of a picture before it comes. Units: pixels."""

    words: str
    digest: str
    width: int
    height: int


@dataclass(frozen=True)
class Photo:
    """The picture itself."""

    content: bytes
    digest: str
    added_at: datetime


def all_venues() -> list[Venue]:
    """Return every venue, by name."""
    return list(db.session.scalars(select(Venue).order_by(func.lower(Venue.name), Venue.id)))


def listed(now: datetime) -> list[ListedVenue]:
    """Return every venue for the office, by name."""
    next_days = _next_days(now)
    with_photo = set(db.session.scalars(select(VenuePhoto.venue_id)))
    return [
        ListedVenue(venue, unknown(venue), next_days.get(venue.id), venue.id in with_photo)
        for venue in all_venues()
    ]


def one(venue_id: int) -> Venue:
    """Return one venue. Refuses: what is none."""
    venue = db.session.get(Venue, venue_id)
    if venue is None:
        raise NotFound
    return venue


def photo_of(venue_id: int | None) -> PhotoFacts | None:
    """Return what a page says of the picture of a venue's door, without the picture."""
    if venue_id is None:
        return None
    columns = (VenuePhoto.words, VenuePhoto.digest, VenuePhoto.width, VenuePhoto.height)
    found = db.session.execute(select(*columns).where(VenuePhoto.venue_id == venue_id)).one_or_none()
    return PhotoFacts(*found) if found is not None else None


def photo(venue_id: int, in_the_office: bool, is_facilitator: bool = False) -> Photo:
    """Return the picture of a venue's door. Refuses: no picture, and a venue nobody meets at publicly."""
    asked = select(VenuePhoto.content, VenuePhoto.digest, VenuePhoto.added_at).where(
        VenuePhoto.venue_id == venue_id
    )
    if not in_the_office:
        met_at = select(ScheduledSession.venue_id).join(ScheduledSession.series)
        shown = met_at.where(policy.session_is_shown(), policy.series_seen_by(is_facilitator))
        asked = asked.where(VenuePhoto.venue_id.in_(shown.where(ScheduledSession.venue_id == venue_id)))
    found = db.session.execute(asked).one_or_none()
    if found is None:
        raise NotFound
    return Photo(*found)


def unknown(venue: Venue) -> tuple[str, ...]:
    """Name what nobody has found out about a venue yet, by field."""
    access = tuple(fact for fact in _ACCESS if getattr(venue, fact) is Access.NOT_KNOWN)
    missing = {
        "address": not venue.address,
        "directions": not venue.directions,
        "capacity": venue.capacity is None,
        "position": position_of(venue) is None,
    }
    return (*(name for name, is_missing in missing.items() if is_missing), *access)


def position_of(venue: Venue) -> Position | None:
    """Return where a venue is: as written down, else by its town, else by what its name or address ends in.

    Units: degrees. None: nobody knows.
    """
    if venue.latitude is not None and venue.longitude is not None:
        return venue.latitude, venue.longitude
    place = only_place_named(venue.town) if venue.town else None
    place = place or place_in_address(venue.name, venue.address)
    return (place.latitude, place.longitude) if place is not None else None


def ids_to_come(venue_id: int, now: datetime) -> list[int]:
    """Return the sessions at a venue that are not over."""
    return list(
        db.session.scalars(
            select(ScheduledSession.id).where(
                ScheduledSession.venue_id == venue_id, ScheduledSession.ends_at > now
            )
        )
    )


def larger_than(venue_id: int, capacity: int, now: datetime) -> list[tuple[date, int]]:
    """Return the dates to come at a venue that offer, or have booked, more places in the room than this.

    Units: places. A session or a series without a limit counts by what is booked alone.
    """
    booked = (
        select(Booking.session_id, func.sum(Booking.party_size).label("places"))
        .where(Booking.pool == Pool.ROOM, Booking.state.in_(TAKING))
        .group_by(Booking.session_id)
        .subquery()
    )
    offered = func.coalesce(ScheduledSession.places_room, 0)
    taken = func.coalesce(booked.c.places, 0)
    wanted = case((taken > offered, taken), else_=offered)
    rows = db.session.execute(
        select(ScheduledSession.local_date, wanted)
        .outerjoin(booked, booked.c.session_id == ScheduledSession.id)
        .where(
            ScheduledSession.venue_id == venue_id,
            ScheduledSession.ends_at > now,
            ScheduledSession.state != SessionState.CANCELLED,
            wanted > capacity,
        )
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
    )
    return [(on, int(places)) for on, places in rows]


def series_at(venue_id: int) -> list[Series]:
    """Return the series that meet at a venue, by title."""
    found = select(Series).where(Series.venue_id == venue_id)
    return list(db.session.scalars(found.order_by(func.lower(Series.title), Series.id)))


def booked_to_come(venue_id: int, now: datetime) -> int:
    """Count the dates to come at a venue on which somebody has a place."""
    counted = (
        select(func.count(func.distinct(ScheduledSession.id)))
        .join(Booking, Booking.session_id == ScheduledSession.id)
        .where(
            ScheduledSession.venue_id == venue_id,
            ScheduledSession.starts_at > now,
            ScheduledSession.state == SessionState.PUBLISHED,
            Booking.state.in_(TAKING),
        )
    )
    return db.session.scalar(counted) or 0


def _next_days(now: datetime) -> Mapping[int, date]:
    rows = db.session.execute(
        select(ScheduledSession.venue_id, func.min(ScheduledSession.local_date))
        .where(
            ScheduledSession.venue_id.is_not(None),
            ScheduledSession.ends_at > now,
            ScheduledSession.state == SessionState.PUBLISHED,
        )
        .group_by(ScheduledSession.venue_id)
    )
    return {venue_id: on for venue_id, on in rows if venue_id is not None}
