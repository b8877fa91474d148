"""What our pages tell search engines and calendars of a date, in the words of schema.org.

It stands in the page as a block of data that no browser runs, so no policy of scripts is in its way.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from booking.models.kinds import Access, Audience, Mode, SessionState
from booking.queries.schedule import Card
from booking.rules.wall_time import to_local
from booking.settings import settings

if TYPE_CHECKING:
    from booking.models import Series, Venue

Facts = dict[str, Any]

_SCHEMA = "https://schema.org"
_MODES = {
    Mode.IN_PERSON: f"{_SCHEMA}/OfflineEventAttendanceMode",
    Mode.ONLINE: f"{_SCHEMA}/OnlineEventAttendanceMode",
    Mode.HYBRID: f"{_SCHEMA}/MixedEventAttendanceMode",
}
# What these facts are called where programs compare places; the words of our pages are longer.
_AMENITIES = {
    "step_free": "Step-free access",
    "hearing_loop": "Hearing loop",
    "parking": "Parking",
    "toilets": "Accessible toilets",
    "quiet_corner": "Quiet corner",
}


def event(card: Card, venue: "Venue | None", description: str) -> Facts:
    """Return one date as an Event; nothing for a host's own session, which no search engine finds anyway."""
    if card.audience is Audience.FACILITATORS:
        return {}
    return {"@context": _SCHEMA, **_event(card, venue, description)}


def series(found: "Series", cards: Sequence[Card]) -> Facts:
    """Return a series as an EventSeries with its next dates."""
    if found.audience is Audience.FACILITATORS:
        return {}
    venues = {found.venue.name: found.venue} if found.venue else {}
    return {
        "@context": _SCHEMA,
        "@type": "EventSeries",
        "name": found.title,
        "description": found.description,
        "url": series_url(found.key),
        "organizer": organizer(),
        "subEvent": [_event(card, venues.get(card.venue), found.description) for card in cards],
    }


def address_of(card: Card) -> str:
    """Return the address of a date's page, as others write it down."""
    return f"{settings().base_url}/sessions/{card.id}"


def series_url(key: str) -> str:
    """Return the address of the page of a series."""
    return f"{settings().base_url}/series/{key}"


def mode_of(mode: Mode) -> str:
    """Say how people meet."""
    return _MODES[mode]


def status_of(card: Card, was_at: datetime | None = None) -> str:
    """Say how a date stands: on, moved, or cancelled."""
    if card.state is SessionState.CANCELLED:
        return f"{_SCHEMA}/EventCancelled"
    return f"{_SCHEMA}/EventRescheduled" if was_at else f"{_SCHEMA}/EventScheduled"


def local_iso(instant: datetime, zone: str) -> str:
    """Write an instant as the clock on the wall shows it, with its distance from UTC."""
    return to_local(instant, zone).isoformat(timespec="seconds")


def duration(minutes: int) -> str:
    """Write a length as ISO 8601 has it: PT1H30M. Units: minutes."""
    hours, rest = divmod(minutes, 60)
    return "PT" + (f"{hours}H" if hours else "") + (f"{rest}M" if rest or not hours else "")


def organizer() -> Facts:
    """Say who runs it: the charity, never a host."""
    ours = settings()
    facts = {"@type": "Organization", "name": ours.organisation_name, "url": ours.base_url}
    ways = {"email": ours.help_email, "telephone": ours.help_phone}
    return facts | {name: way for name, way in ways.items() if way}


def place(name: str, venue: "Venue | None", nation: str) -> Facts:
    """Return where people meet with what is known of getting in; what nobody has looked at is left out."""
    address = {"@type": "PostalAddress", "addressCountry": "GB", "addressRegion": nation}
    facts: Facts = {"@type": "Place", "name": name, "address": address}
    if venue is None:
        return facts
    address |= {
        "streetAddress": ", ".join(line.strip() for line in venue.address.split("\n") if line.strip())
    }
    address |= {"addressLocality": venue.town} if venue.town else {}
    if venue.latitude is not None and venue.longitude is not None:
        facts["geo"] = {"@type": "GeoCoordinates", "latitude": venue.latitude, "longitude": venue.longitude}
    features = [_amenity(words, getattr(venue, fact)) for fact, words in _AMENITIES.items()]
    return (
        facts | {"amenityFeature": known}
        if (known := [feature for feature in features if feature])
        else facts
    )


def _amenity(words: str, access: Access) -> Facts:
    if access is Access.NOT_KNOWN:
        return {}
    return {"@type": "LocationFeatureSpecification", "name": words, "value": access is Access.YES}


def _event(card: Card, venue: "Venue | None", description: str) -> Facts:
    url = address_of(card)
    there = [place(card.venue, venue, card.nation)] if card.mode is not Mode.ONLINE and card.venue else []
    # The meeting's own address is for those who have a place; the page says how to join.
    there += [{"@type": "VirtualLocation", "url": url}] if card.mode is not Mode.IN_PERSON else []
    stock = "SoldOut" if card.is_full else "InStock"
    return {
        "@type": "Event",
        "name": card.title,
        "description": description,
        "url": url,
        "startDate": local_iso(card.starts_at, card.zone),
        "endDate": local_iso(card.ends_at, card.zone),
        "eventStatus": status_of(card),
        "eventAttendanceMode": mode_of(card.mode),
        "location": there[0] if len(there) == 1 else there,
        "organizer": organizer(),
        "isAccessibleForFree": True,
        "offers": {
            "@type": "Offer",
            "url": url,
            "price": 0,
            "priceCurrency": "GBP",
            "availability": f"{_SCHEMA}/{stock}",
        },
    }
