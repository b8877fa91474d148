"""For how long what is kept about people: each period once, for the sweep, its preview and the pages."""

from datetime import datetime, timedelta
from enum import StrEnum

from dateutil.relativedelta import relativedelta


class Kept(StrEnum):
    """What goes after its time, in the order in which it goes."""

    # First, because the others take away what tells that somebody was in touch.
    PEOPLE = "people"
    MESSAGES = "messages"
    ANNOUNCEMENT_WORDS = "announcement_words"
    LINKS = "links"
    SIGN_INS = "sign_ins"
    MOVEMENT = "movement"
    EMERGENCY = "emergency"
    TASK_WORDS = "task_words"
    WALK_IN_NAMES = "walk_in_names"
    AUDIT = "audit"


DAYS = {Kept.MESSAGES: 90, Kept.ANNOUNCEMENT_WORDS: 90, Kept.LINKS: 90, Kept.SIGN_INS: 90}
MONTHS = {
    Kept.MOVEMENT: 12,
    Kept.EMERGENCY: 12,
    Kept.TASK_WORDS: 12,
    Kept.WALK_IN_NAMES: 24,
    Kept.PEOPLE: 24,
    Kept.AUDIT: 24,
}
# Her link has long stopped working by then, so whoever comes back registers anew.
NEVER_CONFIRMED_KEPT = timedelta(days=7)
# A complaint about how details are used is answered within this time.
COMPLAINT_ANSWERED_WITHIN = timedelta(days=30)


def kept_since(kind: Kept, now: datetime) -> datetime:
    """Return the moment before which this kind is kept no longer."""
    if kind in DAYS:
        return now - timedelta(days=DAYS[kind])
    return now - relativedelta(months=MONTHS[kind])
