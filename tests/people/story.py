"""Ann's whole story, a canary string in every field that can hold one, and a search of everything for it."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from flask import Flask
from sqlalchemy import LargeBinary, String, inspect, select, text

from booking import clock, worker
from booking.db import Base, db
from booking.models import (
    Booking,
    Consent,
    ContactPoint,
    EmailLink,
    EmergencyContact,
    EqualityAnswers,
    Message,
    MovementCheckIn,
    Password,
    Person,
    QueueMove,
    RecoveryCode,
    SecondFactor,
    Task,
)
from booking.models.kinds import (
    Attendance,
    ConsentHow,
    ConsentPurpose,
    ContactKind,
    LinkPurpose,
    TaskKind,
)
from booking.services import bookings, privacy, signin
from tests.support.builders import Builders

CANARY = "Zaunkönig"
ADDRESS = "zaunkönig@example.org"
OLD_ADDRESS = "Zaunkönig.Old@example.org"
PHONE = "07700 900867"
MARKS = ("zaunkönig", "zaunk", "900867", "7700900867")


@dataclass
class Story:
    """Who and what is there after a year with Ann, and every line that was logged meanwhile."""

    ann: int
    past: int
    soon: int
    logged: list[str] = field(default_factory=list)


def live(app: Flask, make: Builders, *, email: str = ADDRESS) -> Story:
    """Let Ann come, book, give up, complain, sign in and be written to."""
    now = clock.now()
    ann = make.person(
        CANARY,
        full_name=f"{CANARY} Annie",
        email=email,
        phone=PHONE,
        access_needs=f"{CANARY} needs",
        nation=CANARY,
        region=CANARY,
    )
    series = make.series()
    past = make.session(series, starts_in=timedelta(days=-400))
    soon, later = make.session(series, starts_in=timedelta(days=5)), make.session(series)
    names = {"walk_in_name": f"{CANARY} walked in", "companion_name": f"{CANARY} comes along"}
    waited = make.booking(past, ann, attendance=Attendance.CAME, **names)
    with app.app_context():
        signin.ask_for_link(email, f"/sessions?q={CANARY}", now)
        for session_id in (soon, later):
            bookings.book_place(session_id, ann, _pool(session_id), ann, now)
        given_up = db.session.scalars(select(Booking.id).where(Booking.session_id == later)).one()
        bookings.give_up_place(given_up, ann, now)
        privacy.complain(ann, f"{CANARY} is not content", now)
        _hers(ann, email, now)
        moved = {"booking_id": waited, "moved_by": ann, "moved_at": now, "was_at": now}
        db.session.add(QueueMove(**moved, reason=f"{CANARY} asked for it"))
        db.session.commit()
        worker.run_once()
        # One more that waits while she goes.
        signin.ask_for_link(email, f"/sessions?q={CANARY}", now + timedelta(hours=1))
    return Story(ann, past, soon)


def _pool(session_id: int) -> Any:
    from booking.models import ScheduledSession

    return db.session.get_one(ScheduledSession, session_id).pools[0]


def _hers(ann: int, email: str, now: Any) -> None:
    mine = {"person_id": ann}
    link = {"purpose": LinkPurpose.SIGN_IN, "nonce": "n", "created_at": now, "expires_at": now}
    db.session.add_all(
        [
            ContactPoint(**mine, kind=ContactKind.POST, written=f"{CANARY} Road", key=CANARY, created_at=now),
            EmergencyContact(**mine, name=f"{CANARY} Carl", phone=PHONE, saved_at=now),
            EqualityAnswers(
                **mine,
                **dict.fromkeys(("age_band", "ethnicity", "gender", "orientation", "disability"), CANARY),
                saved_at=now,
            ),
            MovementCheckIn(**mine, flags="seated", wants_call=True, answered_at=now),
            Password(**mine, hashed=f"hash {CANARY}", set_at=now),
            SecondFactor(**mine, nonce=f"nonce {CANARY}", created_at=now),
            RecoveryCode(**mine, nonce=f"nonce {CANARY}", created_at=now),
            Consent(
                **mine,
                purpose=ConsentPurpose.PHOTOS,
                wording_version="2026-11",
                given_at=now,
                how=ConsentHow.WEB,
            ),
            Task(kind=TaskKind.MOVEMENT_CALL, **mine, words=CANARY, reply_to=PHONE, created_at=now),
            *(
                Task(kind=TaskKind.DEATH_REPORTED, words=said, reply_to=reply_to, created_at=now)
                for said, reply_to in _notes(email)
            ),
            EmailLink(**mine, **link, address=OLD_ADDRESS, address_key=OLD_ADDRESS.casefold()),
            EmailLink(**link, address=OLD_ADDRESS, address_key=OLD_ADDRESS.casefold(), next_path=CANARY),
        ]
    )


def _notes(email: str) -> list[tuple[str, str]]:
    """Write as she may have written about her son: by email, by phone, and by name alone."""
    return [
        ("My son", email.upper()),
        (f"My son Kim\nLove, {CANARY}", f"{CANARY}, +44 7700 900867"),
        (f"My son Kim. {CANARY.upper()}  Annie, 07700-900-867, <{email.upper()}>.", ""),
    ]


def where_found(app: Flask, marks: tuple[str, ...] = MARKS) -> list[str]:
    """Name every table and column, views included, in which a mark stands, whatever its case and spelling."""
    found = set()
    with app.app_context():
        for table in Base.metadata.sorted_tables:
            for row in db.session.execute(select(table)).mappings():
                found |= {f"{table.name}.{name}" for name, held in row.items() if _holds(held, marks)}
        for view in inspect(db.engine).get_view_names():
            for row in db.session.execute(text(f"SELECT * FROM {view}")).mappings():
                found |= {f"{view}.{name}" for name, held in row.items() if _holds(held, marks)}
        db.session.rollback()
    return sorted(found)


def _holds(held: Any, marks: tuple[str, ...]) -> bool:
    if isinstance(held, bytes):
        held = held.decode(errors="replace")
    return isinstance(held, str) and any(mark.casefold() in held.casefold() for mark in marks)


def columns_of_words() -> set[str]:
    """Name every column that could hold words."""
    return {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | LargeBinary)
    }


@contextmanager
def every_line() -> Iterator[io.StringIO]:
    """Catch whatever any logger says with LOG_LEVEL=DEBUG, and besides what SQLAlchemy would say if asked."""
    caught = io.StringIO()
    handler = logging.StreamHandler(caught)
    handler.setLevel(logging.DEBUG)
    root, ours, engine = map(logging.getLogger, ("", "booking", "sqlalchemy.engine"))
    levels = {logger: logger.level for logger in (ours, engine)}
    ours.setLevel(logging.DEBUG)
    engine.setLevel(logging.INFO)
    root.addHandler(handler)
    try:
        with structlog.testing.capture_logs() as said:
            yield caught
        caught.write("\n".join(map(repr, said)))
    finally:
        root.removeHandler(handler)
        for logger, level in levels.items():
            logger.setLevel(level)


__all__ = ["CANARY", "Message", "Person", "Story", "columns_of_words", "every_line", "live", "where_found"]
