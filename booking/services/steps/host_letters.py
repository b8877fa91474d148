"""Telling those who lead what became of their dates, inside the caller's transaction."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, select, update

from booking import policy
from booking.db import db
from booking.messages import outbox
from booking.messages.reach import Way, contacts_of_all, may_hear, way_to
from booking.models import CoverRequest, Message, Person, ScheduledSession, SessionFacilitator, Task
from booking.models.kinds import Channel, MessageKind, MessageState, SessionState
from booking.queries.host_changes import GIVEN, TAKEN
from booking.services.steps.letters import not_begun

_QUIETLY = {"synchronize_session": False}


def by_voice(way: Way) -> Way:
    """Call whoever wishes for post: what a host has to know does not wait for the postman."""
    return replace(way, channel=Channel.CALL) if way.channel is Channel.POST else way


def tell_leaders(
    changed: Iterable[tuple[ScheduledSession, datetime]], now: datetime, deed_id: int | None = None
) -> None:
    """Lay one letter for each person who leads one of these dates; with each, when it is to be told.

    What became of the dates is read when the letter is written: all that changed at this moment is in it.
    """
    due: dict[int, tuple[int, datetime]] = {}
    told = {scheduled.id: due_at for scheduled, due_at in changed if _is_news(scheduled, now)}
    rows = select(SessionFacilitator.person_id, SessionFacilitator.session_id).where(
        SessionFacilitator.session_id.in_(told), ~_is_about_to_hear()
    )
    for person_id, session_id in db.session.execute(rows.order_by(SessionFacilitator.id)):
        known = due.get(person_id)
        if known is None or told[session_id] < known[1]:
            due[person_id] = (session_id, told[session_id])
    ending = f"{now.isoformat()}:{deed_id or ''}"
    rows_of = {
        person_id: {"session_id": session_id, "due_at": due_at, "season_deed_id": deed_id}
        for person_id, (session_id, due_at) in due.items()
    }
    _lay(MessageKind.ROTA_CHANGED, {who: f"host:{who}:changed:{ending}" for who in due}, rows_of, now)


def tell_given(person_id: int, dates: Collection[ScheduledSession], now: datetime, due_at: datetime) -> None:
    """Tell somebody that the office gave her these dates, unless it just took back what it took."""
    _tell_of_leading(GIVEN, person_id, dates, now, due_at)


def tell_taken(person_id: int, dates: Collection[ScheduledSession], now: datetime, due_at: datetime) -> None:
    """Tell somebody that she no longer leads these dates, unless she never heard that she should."""
    _tell_of_leading(TAKEN, person_id, dates, now, due_at)


def withdraw_about(session_id: int, kind: MessageKind, why: str) -> None:
    """Set aside what still waits to be said about a date, and what is claimed but not begun."""
    db.session.execute(
        update(Message)
        .where(Message.session_id == session_id, Message.kind == kind, not_begun())
        .values(state=MessageState.WITHDRAWN, why=why, leased_by=None, leased_until=None),
        execution_options=_QUIETLY,
    )


def tell_of_cover(
    scheduled: ScheduledSession, request_id: int, person_ids: Collection[int], now: datetime, due_at: datetime
) -> None:
    """Tell those who lead a date that somebody who was to lead it with them can't."""
    keys = {who: f"host:{who}:cover:{request_id}" for who in person_ids}
    about = {"session_id": scheduled.id, "due_at": due_at, "useless_at": scheduled.starts_at}
    _lay(MessageKind.COVER_WANTED, keys, dict.fromkeys(person_ids, about), now)


def _tell_of_leading(
    change: str, person_id: int, dates: Collection[ScheduledSession], now: datetime, due_at: datetime
) -> None:
    news = sorted((one for one in dates if _is_news(one, now)), key=lambda one: (one.starts_at, one.id))
    if not news or (len(news) == 1 and _never_mind(change, person_id, news[0].id)):
        return
    first, later_too = news[0], len(news) > 1
    row = {
        "session_id": first.id,
        "about_on": first.local_date if later_too else None,
        "due_at": due_at,
        "useless_at": None if later_too else first.ends_at,
    }
    key = f"host:{person_id}{change}{first.id}:{now.isoformat()}"
    _lay(MessageKind.ROTA_CHANGED, {person_id: key}, {person_id: row}, now)


def _never_mind(change: str, person_id: int, session_id: int) -> bool:
    """Set aside what waits and says the opposite of one date: who never heard needs not hear it undone.

    A letter about several dates is left to be judged when it is written: it may say more than the opposite.
    """
    opposite = TAKEN if change == GIVEN else GIVEN
    gone = db.session.scalars(
        update(Message)
        .where(
            Message.person_id == person_id,
            Message.kind == MessageKind.ROTA_CHANGED,
            Message.session_id == session_id,
            Message.about_on.is_(None),
            Message.dedupe_key.contains(opposite),
            not_begun(),
        )
        .values(state=MessageState.WITHDRAWN, why="undone", leased_by=None, leased_until=None)
        .returning(Message.id),
        execution_options=_QUIETLY,
    )
    return bool(gone.all())


def _is_about_to_hear() -> ColumnElement[bool]:
    """Return the condition that somebody was just given a date: that letter says how it is now."""
    return exists().where(
        Message.person_id == SessionFacilitator.person_id,
        Message.session_id == SessionFacilitator.session_id,
        Message.kind == MessageKind.ROTA_CHANGED,
        Message.dedupe_key.contains(GIVEN),
        not_begun(),
    )


def forget_date(session_id: int) -> None:
    """Let nothing name a date that is taken away, because nobody ever booked it."""
    db.session.execute(delete(CoverRequest).where(CoverRequest.session_id == session_id))
    db.session.execute(delete(Task).where(Task.session_id == session_id), execution_options=_QUIETLY)
    about = Message.session_id == session_id
    db.session.execute(
        update(Message)
        .where(about, not_begun())
        .values(state=MessageState.WITHDRAWN, why="removed", leased_by=None, leased_until=None),
        execution_options=_QUIETLY,
    )
    db.session.execute(update(Message).where(about).values(session_id=None), execution_options=_QUIETLY)


def _is_news(scheduled: ScheduledSession, now: datetime) -> bool:
    return scheduled.state is not SessionState.DRAFT and scheduled.ends_at > now


def _lay(kind: MessageKind, keys: dict[int, str], about: dict[int, dict[str, Any]], now: datetime) -> None:
    """Lay one letter for each of these people who lead, and may be told."""
    asked = select(Person).where(Person.id.in_(keys), policy.still_leads()).order_by(Person.id)
    people = [one for one in db.session.scalars(asked) if may_hear(one, kind, now)] if keys else []
    contacts = contacts_of_all([one.id for one in people]) if people else {}
    rows = []
    for person in people:
        way = by_voice(way_to(person, contacts.get(person.id, []), kind, now))
        row = outbox.draft(kind, way, key=keys[person.id], now=now, person_id=person.id)
        # One statement takes them all, so each names the same columns.
        rows.append(row | {"about_on": None} | about[person.id])
    outbox.lay(rows)
