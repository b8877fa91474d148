"""Listed, not booked: the office points to what others run, and nothing here takes a booking."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from booking.db import db, transaction
from booking.models import Listing
from booking.models.kinds import ListingKind, SessionState
from booking.refusals import NotFound, StaleForm
from booking.rules import cells
from booking.rules.addresses import clean_line, clean_text
from booking.rules.faults import N_, Fault
from booking.rules.holidays import NATIONS
from booking.rules.wall_time import to_local
from booking.services.steps.audit import note
from booking.services.steps.generate import take_the_season

_LONGEST = timedelta(days=731)


@dataclass(frozen=True)
class ListingFacts:
    """What is said of something that somebody else runs. Units: `nation` is one of four, or UK for online."""

    kind: ListingKind
    title: str
    run_by: str
    nation: str
    starts_on: date
    ends_on: date
    url: str
    place: str = ""
    when_words: str = ""
    description: str = ""


def add_listing(facts: ListingFacts, actor_id: int, now: datetime) -> int:
    """List something and return its id; the same thing on the same day again is the one that is there.

    Refuses: what `change_listing` refuses, and what is over already.
    """
    said = _checked(facts)
    if said.ends_on < to_local(now).date():
        raise Fault(N_("This is over already"), field="ends_on")
    with transaction():
        # Two presses of one button must not list a thing twice.
        take_the_season()
        same = (Listing.url == said.url, Listing.title == said.title, Listing.starts_on == said.starts_on)
        there = db.session.scalar(select(Listing.id).where(*same).order_by(Listing.id).limit(1))
        if there is not None:
            return there
        listing = Listing(created_at=now, changed_at=now, **asdict(said))
        db.session.add(listing)
        db.session.flush()
        note(now, actor_id, "listing added", f"listing:{listing.id}")
        return listing.id


def change_listing(
    listing_id: int, facts: ListingFacts, seen: datetime, actor_id: int, now: datetime
) -> None:
    """Say it differently. Units: `seen` is when it was last changed as the form knew it.

    Refuses: no title, nobody who runs it, no nation of ours, an end before the start or years after it,
    an address that is no web address, and a form that somebody else was quicker than.
    """
    said = asdict(_checked(facts))
    with transaction():
        listing = _held(listing_id)
        if listing.changed_at != seen:
            raise StaleForm
        changed = sorted(name for name, value in said.items() if getattr(listing, name) != value)
        if not changed:
            return
        for name in changed:
            setattr(listing, name, said[name])
        listing.changed_at = now
        note(now, actor_id, "listing changed", f"listing:{listing_id}", *changed)


def show_listing(listing_id: int, is_shown: bool, actor_id: int, now: datetime) -> None:
    """Take it off the public pages, or put it back; asked for twice, it stays as it is."""
    wanted = SessionState.PUBLISHED if is_shown else SessionState.DRAFT
    with transaction():
        listing = _held(listing_id)
        if listing.state is wanted:
            return
        listing.state, listing.changed_at = wanted, now
        note(now, actor_id, "listing shown" if is_shown else "listing hidden", f"listing:{listing_id}")


def _held(listing_id: int) -> Listing:
    take_the_season()
    listing = db.session.get(Listing, listing_id)
    if listing is None:
        raise NotFound
    return listing


def _checked(facts: ListingFacts) -> ListingFacts:
    if facts.nation not in NATIONS:
        raise Fault(N_("Choose a nation"), field="nation")
    if facts.ends_on < facts.starts_on:
        raise Fault(N_("The last day must not be before the first"), field="ends_on")
    if facts.ends_on - facts.starts_on > _LONGEST:
        raise Fault(N_("The last day must be within two years of the first"), field="ends_on")
    return ListingFacts(
        kind=facts.kind,
        title=_needed("title", facts.title, N_("Enter the title")),
        run_by=_needed("run_by", facts.run_by, N_("Say who runs it")),
        nation=facts.nation,
        starts_on=facts.starts_on,
        ends_on=facts.ends_on,
        url=_address(facts.url),
        place=clean_line(facts.place, 200),
        when_words=clean_line(facts.when_words, 200),
        description=clean_text(facts.description, 2000),
    )


def _needed(name: str, text: str, missing: str) -> str:
    words = clean_line(text, 200)
    if not words:
        raise Fault(missing, field=name)
    return words


def _address(text: str) -> str:
    wrong = N_("Enter a web address that begins with https:// or http://")
    try:
        found = cells.address("url", text.strip())
    except Fault:
        raise Fault(wrong, field="url") from None
    # A name and a password in front of the host would make a link look like somebody else's.
    if not found or "@" in found.split("/")[2] or clean_line(found, 500) != found:
        raise Fault(wrong, field="url")
    return found
