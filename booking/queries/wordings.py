"""The words of letters that the office wrote: those that count today, and every version before them."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.models import LetterWording, Person, ScheduledSession
from booking.models.kinds import MessageKind, SessionState
from booking.rules.wordings_of_letters import EDITABLE, Editable, Words

ENGLISH = "en"
_LOOKED_AT = 20


@dataclass(frozen=True)
class Version:
    """One version of a letter's words, who saved it and when; the originals have no words of their own."""

    number: int
    words: Words
    is_original: bool
    saved_by: str
    saved_at: datetime


@dataclass(frozen=True)
class Coming:
    """A session that a letter can be looked at with."""

    id: int
    title: str
    starts_at: datetime


@cache
def _newest() -> Select[str, str, str, bool]:
    """Build the question once: it is asked for every letter that is written."""
    return (
        select(LetterWording.subject, LetterWording.opening, LetterWording.closing, LetterWording.is_original)
        .where(
            LetterWording.kind == bindparam("kind"),
            LetterWording.variant == bindparam("variant"),
            LetterWording.language == bindparam("language"),
        )
        .order_by(LetterWording.wording_version.desc())
        .limit(1)
    )


def words_today(one: Editable, language: str = ENGLISH) -> Words | None:
    """Return the office's own words for a letter, or nothing where the original ones count."""
    asked = {"kind": MessageKind(one.kind), "variant": one.variant, "language": language}
    row = db.session.execute(_newest(), asked).first()
    return Words(row.subject, row.opening, row.closing) if row is not None and not row.is_original else None


def own_words() -> set[str]:
    """Return the keys of all letters with words of the office's own."""
    return {one.key for one in EDITABLE if words_today(one) is not None}


def newest_version(one: Editable, language: str = ENGLISH) -> int:
    """Return the number of the newest version; 0 while there is none but the original."""
    asked = select(func.max(LetterWording.wording_version)).where(
        LetterWording.kind == MessageKind(one.kind),
        LetterWording.variant == one.variant,
        LetterWording.language == language,
    )
    return db.session.scalar(asked) or 0


def versions(one: Editable, language: str = ENGLISH) -> list[Version]:
    """Return what the office saved for a letter, the newest first."""
    rows = db.session.execute(
        select(LetterWording, Person.known_as)
        .join(Person, Person.id == LetterWording.saved_by)
        .where(
            LetterWording.kind == MessageKind(one.kind),
            LetterWording.variant == one.variant,
            LetterWording.language == language,
        )
        .order_by(LetterWording.wording_version.desc())
        .limit(_LOOKED_AT)
    )
    return [
        Version(
            row.wording_version,
            Words(row.subject, row.opening, row.closing),
            row.is_original,
            name,
            row.saved_at,
        )
        for row, name in rows
    ]


def coming_sessions(now: datetime) -> list[Coming]:
    """Return the next sessions, to look at a letter with one of them."""
    found = db.session.scalars(
        select(ScheduledSession)
        .where(ScheduledSession.state == SessionState.PUBLISHED, ScheduledSession.starts_at > now)
        .options(joinedload(ScheduledSession.series))
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
        .limit(_LOOKED_AT)
    )
    return [Coming(one.id, one.title, one.starts_at) for one in found]
