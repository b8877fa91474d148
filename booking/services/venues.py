"""Venues: the office writes down where people meet and what is known of getting in."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from booking.db import db, transaction
from booking.models import Venue
from booking.models.kinds import Access
from booking.rules.addresses import clean_line, clean_text
from booking.rules.faults import N_, Fault
from booking.rules.holidays import NATIONS
from booking.services.steps.audit import note
from booking.services.steps.generate import take_the_season

ACCESS_FACTS = ("step_free", "hearing_loop", "parking", "toilets", "quiet_corner")


@dataclass(frozen=True)
class VenueFacts:
    """What is known of a venue; an access fact that is not named is not known."""

    name: str
    nation: str
    address: str = ""
    directions: str = ""
    access: dict[str, Access] = field(default_factory=dict)


def add_venue(facts: VenueFacts, actor_id: int, now: datetime) -> int:
    """Add a venue and return its id; the same name again is the venue that is there.

    Refuses: no name, and a nation that is none of ours.
    """
    name = clean_line(facts.name, 200)
    if not name:
        raise Fault(N_("Enter the name of the venue"), field="venue_name")
    if facts.nation not in NATIONS:
        raise Fault(N_("Choose a nation"), field="nation")
    with transaction():
        # Two that add the same name at once must not meet at the constraint.
        take_the_season()
        there = db.session.scalar(select(Venue.id).where(Venue.name == name))
        if there is not None:
            return there
        venue = Venue(
            name=name,
            nation=facts.nation,
            address=clean_text(facts.address, 500),
            directions=clean_text(facts.directions, 1000),
            **{fact: facts.access.get(fact, Access.NOT_KNOWN) for fact in ACCESS_FACTS},
        )
        db.session.add(venue)
        db.session.flush()
        note(now, actor_id, "venue added", f"venue:{venue.id}")
        return venue.id
