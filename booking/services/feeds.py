"""The private calendar address of somebody in the office: made, made anew, switched off."""

from datetime import datetime

from booking.db import db, transaction
from booking.models import CalendarFeed
from booking.models.kinds import FeedKind
from booking.rules.tokens import new_nonce
from booking.services.steps.audit import note
from booking.services.steps.feeds import end_feeds
from booking.services.steps.people import hold_proven


def make_feed(person_id: int, now: datetime) -> None:
    """Make her a new calendar address of the office; the one before answers no more.

    Refuses: a record that is not proven or does not open any more.
    """
    with transaction():
        hold_proven(person_id)
        end_feeds(person_id, now)
        feed = CalendarFeed(person_id=person_id, kind=FeedKind.OFFICE, nonce=new_nonce(), created_at=now)
        db.session.add(feed)
        note(now, person_id, "calendar address made", f"person:{person_id}")


def end_feed(person_id: int, now: datetime) -> None:
    """Switch her calendar address off; doing so twice is doing it once.

    Refuses: a record that is not proven or does not open any more.
    """
    with transaction():
        hold_proven(person_id)
        if end_feeds(person_id, now):
            note(now, person_id, "calendar address switched off", f"person:{person_id}")
