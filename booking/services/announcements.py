"""Writing once to many: one message to each person, who never learns of the others."""

from collections.abc import Iterable
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import selectinload

from booking import policy
from booking.db import db, transaction
from booking.messages import outbox
from booking.messages.reach import contacts_of_all, may_hear, way_to
from booking.models import Announcement, Booking, Message, Person, ScheduledSession
from booking.models.kinds import MessageKind, MessageState, SessionState
from booking.queries import announcements as asked
from booking.refusals import (
    AllHaveLeft,
    EnoughForToday,
    MeetingAddressInside,
    NewsWentToday,
    NobodyMeetsAnyMore,
    NobodyToWriteTo,
    NotFound,
    SaidJustNow,
)
from booking.rules import announcements as rules
from booking.rules.quiet_hours import next_allowed
from booking.rules.wall_time import to_local
from booking.rules.words import time_words
from booking.services.steps.audit import note
from booking.services.steps.letters import not_begun
from booking.services.steps.locks import lock_address, lock_people, lock_sessions
from booking.services.steps.tell import readable_at


def message_everyone(
    session_id: int,
    words: str,
    actor_id: int,
    now: datetime,
    *,
    includes_waiting: bool = False,
    for_office: bool = False,
) -> int:
    """Lay one message for each person of a date, and return the announcement.

    The same words again within the hour go only to those who have not got them, such as who waits.
    Refuses: a date she does not lead, unless the office writes; one that is over or does not take place; a
    fourth message of hers about it within a day; nobody to write to; the meeting's own address; the same
    words where everybody has them.
    """
    with transaction():
        scheduled = _held(session_id, actor_id, for_office)
        if scheduled.state is not SessionState.PUBLISHED or scheduled.ends_at <= now:
            raise NobodyMeetsAnyMore
        if any(rules.gives_away(words, url) for url in _meeting_urls(scheduled)):
            raise MeetingAddressInside
        hers = (Announcement.session_id == session_id) & (Announcement.author_id == actor_id)
        twin = _said_just_now(hers, "", words, now)
        if twin is None and _said_within_a_day(hers, now) >= rules.MOST_A_DAY:
            raise EnoughForToday
        there = asked.listening(session_id, includes_waiting)
        letters = [(one.person, one) for one in there if one.person is not None]
        about = twin or Announcement(session_id=session_id, author_id=actor_id, words=words)
        about.includes_waiting = includes_waiting or about.includes_waiting is True
        return _send(
            about,
            MessageKind.ANNOUNCEMENT,
            letters,
            now,
            due_at=readable_at(scheduled.starts_at, now),
            useless_at=scheduled.ends_at,
        )


def send_news(heading: str, words: str, actor_id: int, now: datetime) -> int:
    """Lay one message for each person who asked for news, and return the announcement.

    Refuses: news within a day of other news, the same news twice, and nobody who asked for it.
    """
    with transaction():
        # News is one thing for the whole house, and has no row of its own that two could take turns at.
        lock_address("news")
        lock_people([actor_id])
        is_news = Announcement.session_id.is_(None)
        twin = _said_just_now(is_news & (Announcement.author_id == actor_id), heading, words, now)
        if twin is not None:
            raise _said_already(twin)
        if _said_within_a_day(is_news, now):
            raise NewsWentToday
        wanting = select(Person).where(asked.wants_news()).order_by(Person.id)
        letters = [(person, None) for person in db.session.scalars(wanting)]
        news = Announcement(author_id=actor_id, heading=heading, words=words)
        return _send(
            news,
            MessageKind.NEWS,
            letters,
            now,
            due_at=next_allowed(now),
            useless_at=now + rules.NEWS_KEEPS_FOR,
        )


def withdraw(announcement_id: int, actor_id: int, now: datetime, *, for_office: bool = False) -> int:
    """Take back every message of it that has not begun to leave, and return how many those were.

    Refuses: one that somebody else wrote, unless the office asks; one of which nothing waits any more.
    """
    with transaction():
        lock_people([actor_id])
        announcement = db.session.get(Announcement, announcement_id)
        if announcement is None or not (for_office or announcement.author_id == actor_id):
            raise NotFound
        waiting = select(Message.id).where(Message.announcement_id == announcement_id, not_begun())
        # In one order, because others may set several of them aside at this moment.
        ids = db.session.scalars(waiting.order_by(Message.id).with_for_update()).all()
        if not ids:
            raise AllHaveLeft
        back = {"state": MessageState.WITHDRAWN, "why": "taken back", "leased_by": None, "leased_until": None}
        taken = update(Message).where(Message.id.in_(ids), not_begun()).values(back).returning(Message.id)
        many = len(db.session.scalars(taken, execution_options={"synchronize_session": False}).all())
        announcement.withdrawn_at = now
        note(now, actor_id, "message to everyone taken back", _subject(announcement), _mark(announcement_id))
        return many


def _held(session_id: int, actor_id: int, for_office: bool) -> ScheduledSession:
    """Hold the author, whose messages are counted, and the date, whose people must not change meanwhile."""
    lock_people([actor_id])
    lock_sessions([session_id])
    found = select(ScheduledSession).where(ScheduledSession.id == session_id)
    if not for_office:
        found = found.where(policy.leads(actor_id), policy.session_is_shown())
    scheduled = db.session.scalar(found.options(selectinload(ScheduledSession.series)))
    if scheduled is None:
        raise NotFound
    return scheduled


def _meeting_urls(scheduled: ScheduledSession) -> tuple[str, str]:
    return scheduled.meeting_url, scheduled.series.meeting_url


def _said_just_now(
    which: ColumnElement[bool], heading: str, words: str, now: datetime
) -> Announcement | None:
    """Return what was sent with these very words a moment ago: a button pressed twice sends once."""
    same = select(Announcement).where(
        which,
        Announcement.heading == heading,
        Announcement.words == words,
        Announcement.withdrawn_at.is_(None),
        Announcement.created_at > now - rules.SAME_WORDS_WITHIN,
    )
    return db.session.scalar(same.order_by(Announcement.id).limit(1))


def _said_already(twin: Announcement) -> SaidJustNow:
    at = time_words(to_local(twin.created_at).time())
    return SaidJustNow(_l("You sent these words at %(time)s, and nobody gets them twice.", time=at))


def _said_within_a_day(which: ColumnElement[bool], now: datetime) -> int:
    lately = select(func.count()).where(which, Announcement.created_at > now - rules.A_DAY)
    return db.session.scalar(lately) or 0


def _send(
    announcement: Announcement,
    kind: MessageKind,
    letters: Iterable[tuple[Person, Booking | None]],
    now: datetime,
    *,
    due_at: datetime,
    useless_at: datetime,
) -> int:
    has_it = _reached(announcement.id)
    heard = [(one, booking) for one, booking in letters if one.id not in has_it and may_hear(one, kind, now)]
    if not heard:
        raise _said_already(announcement) if announcement.id else NobodyToWriteTo
    if not announcement.id:
        announcement.people, announcement.created_at = 0, now
        db.session.add(announcement)
    announcement.people += len(heard)
    db.session.flush()
    contacts, rows = contacts_of_all({person.id for person, _booking in heard}), []
    for person, booking in heard:
        way = way_to(person, contacts.get(person.id, []), kind, now)
        key = f"{_mark(announcement.id)}:person:{person.id}"
        row = outbox.draft(kind, way, key=key, now=now, person_id=person.id)
        row |= {"booking_id": booking.id if booking is not None else None, "due_at": due_at}
        rows.append(row | {"useless_at": useless_at, "announcement_id": announcement.id})
    outbox.lay(rows)
    deed = "news sent" if announcement.session_id is None else "message to everyone"
    note(now, announcement.author_id, deed, _subject(announcement), _mark(announcement.id))
    return announcement.id


def _reached(announcement_id: int | None) -> set[int | None]:
    """Return who has a message of it already; of one that is new nobody has."""
    asked_for = select(Message.person_id).where(Message.announcement_id == announcement_id)
    return set(db.session.scalars(asked_for)) if announcement_id else set()


def _subject(announcement: Announcement) -> str:
    about = announcement.session_id
    return _mark(announcement.id) if about is None else f"session:{about}"


def _mark(announcement_id: int) -> str:
    return f"announcement:{announcement_id}"
