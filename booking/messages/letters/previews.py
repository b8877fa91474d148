"""How a letter will be read: its words with a real session to come, and with nobody's name."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.messages.letters import links
from booking.messages.letters.dates import day_words, span_words, time_words
from booking.messages.letters.facts import SessionFacts, course_facts, facts_of, when_it_is
from booking.messages.letters.render import OPENING_LENGTH, on_paper
from booking.messages.reach import BY_TEXT
from booking.models import Booking, ScheduledSession, Series
from booking.models.kinds import BookingState, MessageKind, Pool
from booking.rules.discreet import holds_forbidden
from booking.rules.wordings_of_letters import Editable, Words

_A_WEEK = timedelta(weeks=1)
_COURSES = (MessageKind.COURSE_BOOKED, MessageKind.COURSE_LEFT)
# What these letters say of a session that is hers no more.
_WITHOUT_WAYS = (MessageKind.GIVEN_UP, MessageKind.SESSION_CANCELLED, MessageKind.COURSE_LEFT)


@dataclass(frozen=True)
class Preview:
    """A letter for nobody; `gives_way` where the original words would be sent instead of these."""

    subject: str
    text: str
    gives_way: bool = False


def goes_by_text(kind: str) -> bool:
    """Say whether a message of this kind may go as a text message, to whoever wishes for them."""
    return kind in BY_TEXT


def look_at_words(one: Editable, words: Words | None, session_id: int) -> Preview | None:
    """Write a letter for nobody about a session, in these words or the original ones; nothing is sent.

    Refuses: by returning nothing, a session that is not there.
    """
    scheduled = db.session.scalar(
        select(ScheduledSession)
        .where(ScheduledSession.id == session_id)
        .options(
            joinedload(ScheduledSession.series).joinedload(Series.programme),
            joinedload(ScheduledSession.venue),
        )
    )
    if scheduled is None:
        return None
    kind = MessageKind(one.kind)
    context = _sample(one, scheduled)
    subject, text, _html = on_paper(kind, context, words)
    shows = holds_forbidden(subject) or holds_forbidden(text[:OPENING_LENGTH])
    if words is not None and shows:
        subject, text, _html = on_paper(kind, context)
    return Preview(subject, text, gives_way=words is not None and shows)


def _sample(one: Editable, scheduled: ScheduledSession) -> dict[str, Any]:
    """Say of a session what such a letter says, with made-up answers for what is each reader's own."""
    context = _of_anybody(scheduled)
    if not one.has_facts:
        context |= {"button_words": _("Sign in"), "button_url": links.sign_in_url()}
        return context | dict(one.when)
    kind = MessageKind(one.kind)
    pool = scheduled.pools[0] if scheduled.pools else Pool.ROOM
    # It is nobody's and never added, so it is forgotten with this request; its links are pages of ours.
    # Its relations are set by hand, because nothing of it is ever added or asked for.
    ids = {"id": links.NOBODYS, "session_id": scheduled.id, "enrolment_id": links.NOBODYS, "nonce": ""}
    nobodys = Booking(session=scheduled, pool=pool, state=BookingState.BOOKED, **ids)
    facts = _facts(nobodys, kind)
    context |= {"name": facts.name, "facts": facts.rows, "in_full": facts.in_full}
    context |= {"not_today_url": links.my_sessions_url(), "details_url": links.details_url()}
    # Whether there are facts is how one variant is chosen, and no fact of its own.
    return context | {name: wanted for name, wanted in one.when if name != "facts"}


def _facts(nobodys: Booking, kind: MessageKind) -> SessionFacts:
    ways = kind not in _WITHOUT_WAYS
    if kind in _COURSES:
        return course_facts(nobodys, [nobodys.session], ways=ways)
    return facts_of(nobodys, ways=ways)


def _of_anybody(scheduled: ScheduledSession) -> dict[str, Any]:
    day, span = (
        day_words(scheduled.local_date),
        span_words(scheduled.start_time, scheduled.end_time),
    )
    earlier = span_words(time(10), time(12))
    moved = _("When: %(day)s, was %(was)s, now %(today)s.", day=day, was=earlier, today=span)
    return {
        "greeting": _("Ann"),
        "day": day,
        "span": span,
        "turn": _("You are next."),
        "until_time": time_words(time(18)),
        "until_day": day_words(scheduled.local_date - timedelta(days=2)),
        "changes": [moved],
        "dates": [
            when_it_is(scheduled),
            f"{day_words(scheduled.local_date + _A_WEEK)}, {span}",
        ],
        "number": 2,
        "code": "123 456",
        "button_words": _("My sessions"),
        "button_url": links.my_sessions_url(),
    }
