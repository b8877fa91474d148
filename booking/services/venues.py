"""Venues: the office writes down where people meet, how to get in, and what the door looks like."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from booking.db import db, transaction
from booking.models import Venue, VenuePhoto
from booking.models.kinds import Access
from booking.queries import venues as asked
from booking.refusals import NotFound, SmallerThanPlanned, VenueNameTaken
from booking.rules.addresses import clean_line, clean_text
from booking.rules.distance import Position, is_near_the_uk
from booking.rules.faults import N_, Fault
from booking.rules.holidays import NATIONS
from booking.rules.pictures import Picture
from booking.rules.places_uk import only_place_named, places_named
from booking.rules.words import day_words
from booking.services.steps.audit import note
from booking.services.steps.generate import take_the_season
from booking.services.steps.locks import lock_sessions

ACCESS_FACTS = ("step_free", "hearing_loop", "parking", "toilets", "quiet_corner")
MOST_PLACES = 100_000
_MOST_DATES_NAMED = 5


@dataclass(frozen=True)
class VenueFacts:
    """What is known of a venue; an access fact that is not named is not known.

    Without a position of its own it is where its town is. Units: degrees.
    """

    name: str
    nation: str
    address: str = ""
    directions: str = ""
    access: dict[str, Access] = field(default_factory=dict)
    capacity: int | None = None
    hire_notes: str = ""
    town: str = ""
    position: Position | None = None


def add_venue(facts: VenueFacts, actor_id: int, now: datetime, *, only_new: bool = False) -> int:
    """Add a venue and return its id; the same name again is the venue that is there, unless `only_new`.

    Refuses: no name, a name that is there already, a nation that is none of ours, and a position elsewhere.
    """
    name = clean_line(facts.name, 200)
    if not name:
        raise Fault(N_("Enter the name of the venue"), field="venue_name")
    values = _values(facts)
    with transaction():
        # Two that add the same name at once must not meet at the constraint.
        take_the_season()
        there = db.session.scalar(select(Venue.id).where(Venue.name == name))
        if there is not None:
            if only_new:
                raise VenueNameTaken
            return there
        venue = Venue(name=name, **values)
        db.session.add(venue)
        db.session.flush()
        note(now, actor_id, "venue added", f"venue:{venue.id}")
        return venue.id


def change_venue(venue_id: int, facts: VenueFacts, actor_id: int, now: datetime) -> None:
    """Write down what is known of a venue now; its name stays. Nobody who has a place there is written to.

    Refuses: what is no venue, a nation that is none of ours, a position elsewhere, and a capacity below
    what sessions to come there offer or have booked, naming the dates.
    """
    values = _values(facts)
    with transaction():
        # Nothing is planned there meanwhile, and the dates that are there keep their places.
        take_the_season()
        lock_sessions(asked.ids_to_come(venue_id, now))
        venue = _venue(venue_id)
        _refuse_too_small(venue_id, facts.capacity, now)
        changed = [name for name, value in values.items() if getattr(venue, name) != value]
        for name in changed:
            setattr(venue, name, values[name])
        if changed:
            note(now, actor_id, "venue changed", f"venue:{venue_id}", *sorted(changed))


def put_photo(venue_id: int, picture: Picture, words: str, actor_id: int, now: datetime) -> None:
    """Show this picture of the door from now on, instead of any before; the same one again changes nothing.

    Refuses: what is no venue, and a picture without words for whoever can't see it.
    """
    said = clean_line(words, 300)
    if not said:
        raise Fault(N_("Write what the picture shows"), field="words")
    with transaction():
        take_the_season()
        _venue(venue_id)
        photo = db.session.scalar(select(VenuePhoto).where(VenuePhoto.venue_id == venue_id))
        if photo is None:
            photo = VenuePhoto(venue_id=venue_id)
            db.session.add(photo)
        elif (photo.digest, photo.words) == (picture.digest, said):
            return
        photo.content, photo.digest, photo.words = picture.content, picture.digest, said
        photo.width, photo.height, photo.added_at = picture.width, picture.height, now
        note(now, actor_id, "venue photo put up", f"venue:{venue_id}")


def remove_photo(venue_id: int, actor_id: int, now: datetime) -> None:
    """Show no picture of the door any more; twice is once. Refuses: what is no venue."""
    with transaction():
        take_the_season()
        _venue(venue_id)
        gone = db.session.scalar(
            delete(VenuePhoto).where(VenuePhoto.venue_id == venue_id).returning(VenuePhoto.id)
        )
        if gone is not None:
            note(now, actor_id, "venue photo removed", f"venue:{venue_id}")


def _values(facts: VenueFacts) -> dict[str, Any]:
    if facts.nation not in NATIONS:
        raise Fault(N_("Choose a nation"), field="nation")
    if facts.capacity is not None and not 1 <= facts.capacity <= MOST_PLACES:
        raise Fault(N_("Enter how many people fit in as a number from 1"), field="capacity")
    town = clean_line(facts.town, 100)
    latitude, longitude = _position(facts.position, town) or (None, None)
    return {
        "nation": facts.nation,
        "address": clean_text(facts.address, 500),
        "directions": clean_text(facts.directions, 1000),
        "hire_notes": clean_text(facts.hire_notes, 2000),
        "capacity": facts.capacity,
        "town": town,
        "latitude": latitude,
        "longitude": longitude,
    } | {fact: facts.access.get(fact, Access.NOT_KNOWN) for fact in ACCESS_FACTS}


def _position(by_hand: Position | None, town: str) -> Position | None:
    """Return where a venue is: by hand, else where its town is. Refuses: elsewhere, and one of many towns."""
    if by_hand is not None:
        if not is_near_the_uk(by_hand):
            raise Fault(N_("That position is not in the UK. Check both numbers."), field="latitude")
        return by_hand
    if not town:
        return None
    place = only_place_named(town)
    if place is None and places_named(town):
        raise Fault(
            N_("There are several places of that name. Add a larger town nearby: “%(town)s, near …”"),
            field="town",
            town=town,
        )
    return (place.latitude, place.longitude) if place is not None else None


def _venue(venue_id: int) -> Venue:
    venue = db.session.get(Venue, venue_id, populate_existing=True)
    if venue is None:
        raise NotFound
    return venue


def _refuse_too_small(venue_id: int, capacity: int | None, now: datetime) -> None:
    if capacity is None:
        return
    larger = asked.larger_than(venue_id, capacity, now)
    if larger:
        days = [f"{day_words(on)} ({wanted:,})" for on, wanted in larger[:_MOST_DATES_NAMED]]
        raise SmallerThanPlanned(", ".join(days), len(larger) - len(days))
