"""Private calendar addresses: hers with her own places, and the office's with the season."""

from datetime import datetime

from booking.db import db, transaction
from booking.models import CalendarFeed
from booking.models.kinds import FeedKind
from booking.rules.tokens import new_nonce
from booking.services.steps.audit import note
from booking.services.steps.feeds import end_feeds
from booking.services.steps.people import hold_proven


def make_feed(person_id: int, now: datetime, kind: FeedKind = FeedKind.OFFICE) -> None:
    """Make her a new calendar address of this kind; the one before answers no more.

    Refuses: a record that is not proven or does not open any more.
    """
    with transaction():
        hold_proven(person_id)
        end_feeds(person_id, kind, now)
        db.session.add(CalendarFeed(person_id=person_id, kind=kind, nonce=new_nonce(), created_at=now))
        note(now, person_id, "calendar address made", f"person:{person_id}", kind.value)


def end_feed(person_id: int, now: datetime, kind: FeedKind = FeedKind.OFFICE) -> None:
    """Switch her calendar address of this kind off; doing so twice is doing it once.

    Refuses: a record that is not proven or does not open any more.
    """
    with transaction():
        hold_proven(person_id)
        if end_feeds(person_id, kind, now):
            note(now, person_id, "calendar address switched off", f"person:{person_id}", kind.value)


def choose_titles(person_id: int, plain: bool, now: datetime) -> None:
    """Let her own calendar show the titles in full, or the discreet ones again.

    Refuses: a record that is not proven or does not open any more.
    """
    with transaction():
        person = hold_proven(person_id)
        if person.plain_titles is not plain:
            person.plain_titles = plain
            note(now, person_id, "details changed", f"person:{person_id}", "calendar titles")
