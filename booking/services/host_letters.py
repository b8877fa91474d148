"""Laying out the letters to hosts and to the office that are due, and the tasks that follow."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update

from booking.db import db, transaction
from booking.messages import outbox
from booking.messages.reach import contacts_of_all, may_hear, way_to
from booking.models import Task
from booking.models.kinds import Channel, MessageKind, TaskKind
from booking.queries import host_letters as asked
from booking.queries.host_letters import DueLetter
from booking.services.steps import tasks
from booking.services.steps.host_letters import by_voice
from booking.services.steps.locks import lock_sessions


def lay_out(now: datetime) -> int:
    """Lay out what is due now for hosts and the office, ask for registers, and settle what is done.

    Returns how many letters were laid. Looking costs no writing transaction.
    """
    letters = asked.due(now)
    missing, done = asked.registers_missing(now), asked.tasks_done(now)
    if not (letters or missing or done):
        return 0
    drafts = _drafts(letters, now)
    with transaction():
        _ask_for_registers(missing, now)
        _settle(now)
        return outbox.lay(drafts)


def _drafts(letters: Sequence[DueLetter], now: datetime) -> list[dict[str, Any]]:
    contacts = contacts_of_all({one.person.id for one in letters})
    rows = []
    for one in letters:
        if not may_hear(one.person, one.kind, now):
            continue
        way = by_voice(way_to(one.person, contacts.get(one.person.id, []), one.kind, now))
        if one.kind is MessageKind.DIGEST and way.channel is not Channel.EMAIL:
            # The office does not call itself.
            continue
        row = outbox.draft(one.kind, way, key=one.key, now=now, person_id=one.person.id)
        about = {"due_at": one.window.due_at, "useless_at": one.window.useless_at}
        rows.append(row | about | {"about_on": one.window.about_on})
    return rows


def _ask_for_registers(session_ids: Sequence[int], now: datetime) -> None:
    """Ask once, also when two workers look at the same moment."""
    if not session_ids:
        return
    lock_sessions(session_ids)
    for session_id in asked.registers_missing(now):
        if session_id in session_ids:
            tasks.ask(TaskKind.REGISTER_MISSING, now, session_id=session_id)


def _settle(now: datetime) -> None:
    db.session.execute(
        update(Task)
        .where(Task.id.in_(asked.tasks_done(now)), Task.settled_at.is_(None))
        .values(settled_at=now),
        execution_options={"synchronize_session": False},
    )
