"""Two things that others run, so that the list beside our sessions is not empty: plainly samples."""

from datetime import date, datetime, timedelta

from booking.db import db
from booking.models import Listing
from booking.models.kinds import ListingKind

_SATURDAY = 5


def write_listings(today: date, now: datetime) -> None:
    """List a retreat that begins on a Friday in three weeks, and a group that goes on for half a year."""
    friday = today + timedelta(days=(_SATURDAY - 1 - today.weekday()) % 7 + 21)
    monday = today + timedelta(days=-today.weekday() % 7 + 7)
    made = {"created_at": now, "changed_at": now}
    db.session.add_all(
        [
            Listing(
                kind=ListingKind.RETREAT,
                title="A quiet weekend by the lake (sample)",
                run_by="Sample Retreats",
                place="Sample House, Windermere",
                nation="England",
                starts_on=friday,
                ends_on=friday + timedelta(days=2),
                when_words="from 3pm on the first day",
                description="Walks, rest and good food. You apply with them, and they help you choose.",
                url="https://retreats.example.org/quiet-weekend",
                **made,
            ),
            Listing(
                kind=ListingKind.OTHER_GROUP,
                title="Evening group for family and friends (sample)",
                run_by="Sample Support Together",
                nation="UK",
                starts_on=monday,
                ends_on=monday + timedelta(days=182),
                when_words="every Monday, 7pm to 8pm",
                description="For partners, children and friends of somebody who is ill.",
                url="https://together.example.org/monday-evening",
                **made,
            ),
        ]
    )
