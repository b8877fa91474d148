"""What others run: for everybody who looks for something, and for the office that lists it."""

from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, bindparam, or_, select

from booking.db import db
from booking.models import Listing
from booking.models.kinds import SessionState
from booking.refusals import NotFound
from booking.rules.wall_time import to_local

_MOST_ELSEWHERE, _MOST_ON_A_PAGE, _MOST_IN_THE_OFFICE = 200, 60, 500
_MOST_WORDS = 6


def coming(now: datetime) -> list[Listing]:
    """Return what is shown to everybody and not over yet, what begins first at the top."""
    wanted = select(Listing).where(_is_shown(), Listing.ends_on >= to_local(now).date())
    return list(db.session.scalars(wanted.order_by(Listing.starts_on, Listing.id).limit(_MOST_ELSEWHERE)))


def beginning(begins: date, before: date | None, nation: str = "", words: str = "") -> list[Listing]:
    """Return what begins on these days, in order. Units: `before` is the first day left out, if any."""
    given = {"begins": begins} | ({"before": before} if before is not None else {})
    return list(db.session.scalars(_beginning(nation, words, before is not None), given))


def last_day(now: datetime) -> date | None:
    """Return the last day on which something of somebody else's begins; None if nothing does."""
    later = select(Listing.starts_on).where(_is_shown(), Listing.starts_on >= to_local(now).date())
    return db.session.scalar(later.order_by(Listing.starts_on.desc()).limit(1))


def for_office() -> list[Listing]:
    """Return everything the office listed, hidden ones too, the latest at the top."""
    wanted = select(Listing).order_by(Listing.starts_on.desc(), Listing.id.desc())
    return list(db.session.scalars(wanted.limit(_MOST_IN_THE_OFFICE)))


def one(listing_id: int) -> Listing:
    """Return one of them, for the office. Refuses: one that is not there."""
    listing = db.session.get(Listing, listing_id)
    if listing is None:
        raise NotFound
    return listing


@lru_cache(maxsize=64)
def _beginning(nation: str, words: str, has_before: bool) -> Select[Listing]:
    """Build the question once for each set of filters: on the public list it costs more than the answer."""
    wanted = select(Listing).where(
        _is_shown(), Listing.starts_on >= bindparam("begins"), *_fitting(nation, words)
    )
    if has_before:
        wanted = wanted.where(Listing.starts_on < bindparam("before"))
    return wanted.order_by(Listing.starts_on, Listing.id).limit(_MOST_ON_A_PAGE)


def _is_shown() -> ColumnElement[bool]:
    return Listing.state == SessionState.PUBLISHED


def _fitting(nation: str, words: str) -> list[ColumnElement[bool]]:
    texts = (Listing.title, Listing.run_by, Listing.place, Listing.description, Listing.nation)
    fits: list[ColumnElement[bool]] = [Listing.nation == nation] if nation else []
    return fits + [
        or_(*(text.icontains(word, autoescape=True) for text in texts))
        for word in words.split()[:_MOST_WORDS]
    ]
