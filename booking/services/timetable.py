"""The season as a file, in and out of the office: rehearsed before it is loaded, noted when it leaves."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from booking.db import db, transaction
from booking.models import Message
from booking.models.kinds import Channel, MessageKind
from booking.queries.timetable import season_csv
from booking.rules.timetable import read_timetable
from booking.services.steps.audit import note
from booking.services.steps.loading import LoadReport, TimetableRefused, load

__all__ = [
    "LoadReport",
    "Rehearsal",
    "TimetableRefused",
    "export_timetable",
    "load_season",
    "rehearse_season",
]

_TOLD = (MessageKind.SESSION_CHANGED, MessageKind.SESSION_CANCELLED)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What loading a file would do. Units: `told` counts people by the channel that reaches them."""

    report: LoadReport
    told: Mapping[Channel, int]


class _Over(Exception):
    """The rehearsal is over: nothing of it stays."""


def rehearse_season(text: str, actor_id: int, now: datetime) -> Rehearsal:
    """Load a season and take it all back, so that what is shown is exactly what would happen.

    Refuses: the whole file, naming every bad row by line and reason.
    """
    timetable, seen = read_timetable(text), []
    with suppress(_Over), transaction():
        report = load(timetable, actor_id, now)
        db.session.flush()
        seen.append(Rehearsal(report, _told_at(now)))
        raise _Over
    return seen[0]


def load_season(text: str, actor_id: int, now: datetime) -> LoadReport:
    """Load a season for somebody of the office; loading it again changes nothing.

    Refuses: the whole file, naming every bad row by line and reason.
    """
    timetable = read_timetable(text)
    with transaction():
        return load(timetable, actor_id, now)


def export_timetable(programme_id: int | None, actor_id: int, now: datetime) -> str:
    """Note that somebody takes the season with her, and return it as a file that loads back."""
    with transaction():
        asked_for = () if programme_id is None else (f"programme {programme_id}",)
        note(now, actor_id, "exported season", "season:export", *asked_for)
    return season_csv(programme_id)


def _told_at(now: datetime) -> dict[Channel, int]:
    """Count whom the messages of this very moment are for."""
    asked = (
        select(Message.channel, func.count(Message.person_id.distinct()))
        .where(Message.created_at == now, Message.kind.in_(_TOLD))
        .group_by(Message.channel)
        .order_by(Message.channel)
    )
    return {row[0]: row[1] for row in db.session.execute(asked)}
