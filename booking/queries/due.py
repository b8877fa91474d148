"""What is due although its hour has not come: the clock was ahead when it was laid into the tray."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_

from booking.models import Message
from booking.models.kinds import MessageKind
from booking.rules.letters_a_day import next_morning

# The clocks of two machines may differ by so much, and nobody has moved either.
A_LITTLE = timedelta(minutes=1)
# These are said at an hour of the calendar and not because somebody did something.
BY_THE_CALENDAR = (
    MessageKind.REMINDER,
    MessageKind.COURSE_STARTS,
    MessageKind.ROTA,
    MessageKind.TOMORROW,
    MessageKind.REGISTER_REMINDER,
    MessageKind.DIGEST,
    MessageKind.NEWS,
)


def laid_by_a_clock_ahead(now: datetime, by: timedelta = A_LITTLE) -> ColumnElement[bool]:
    """Return the condition that a message was laid when the clock was ahead, and nobody waits for that hour.

    What was put off until the next morning since then waits for that, like anything else.
    """
    return and_(
        Message.created_at > now + by,
        Message.kind.not_in(BY_THE_CALENDAR),
        Message.due_at != next_morning(now),
    )
