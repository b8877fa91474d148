"""Reminders as people wait for them: laid out, written, handed over and noted, beside bare `smtplib`."""

import multiprocessing
import smtplib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from multiprocessing.synchronize import Event
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from sqlalchemy import func, insert, select

from booking import clock, create_app, worker
from booking.db import db
from booking.messages import letters
from booking.messages.envelope import Envelope as Sealed
from booking.messages.envelope import sealed
from booking.models import Booking, ContactPoint, Message, Person
from booking.models.kinds import Channel, ContactKind, MessageState, PersonStatus, Pool, Who
from booking.rules.wall_time import to_instant
from booking.services import messages
from booking.settings import settings
from tests.support.builders import Builders
from tests.support.databases import settings_for_tests
from tests.support.smtp import free_port

LAID_OUT, AT_ONCE, BARE = 10_000, 1_000, 1_000
LAID_OUT_WITHIN_SECONDS, AT_ONCE_WITHIN_SECONDS = 10.0, 60.0
# With all its bookkeeping a worker hands over at least this share of what the bare library could.
AIM = 0.25
ON = date(2026, 8, 26)
DUE = to_instant(ON - timedelta(days=2), time_of_day(10), "Europe/London")


def run(database_url: str, folder: Path) -> list[str]:
    """Lay out and deliver reminders, print how fast, and return what went wrong."""
    with server_apart() as port:
        app = create_app(settings_for_tests(database_url, mail_url=f"smtp://127.0.0.1:{port}"))
        clock.set_source(lambda: DUE)
        try:
            return _handed_over(app, port) + _laid_out(app)
        finally:
            clock.set_source(None)
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


def _handed_over(app: Flask, port: int) -> list[str]:
    fill(app, AT_ONCE)
    with app.app_context():
        messages.lay_out_reminders(DUE)
    # Half before and half after, because nobody has a machine to herself.
    bare_seconds = _seconds_of_bare(port, _sample(app))
    seconds = _seconds_of_worker(app)
    sent = _sent(app)
    bare = BARE / (bare_seconds + _seconds_of_bare(port, _sample(app)))
    rate = sent / seconds
    print(
        f"  {sent:,} reminders due at once were handed over in {seconds:.1f} s: {rate:.0f} a second, "
        f"{rate / bare:.2f} of bare smtplib's {bare:.0f} (the aim is {AIM} at least)",
        flush=True,
    )
    broken = [] if sent == AT_ONCE else [f"{sent} of {AT_ONCE} reminders left"]
    if seconds > AT_ONCE_WITHIN_SECONDS:
        broken.append(f"{AT_ONCE} reminders took {seconds:.0f} s to be handed over")
    return broken


def _laid_out(app: Flask) -> list[str]:
    fill(app, LAID_OUT)
    with app.app_context():
        began = time.perf_counter()
        laid = messages.lay_out_reminders(DUE)
        seconds = time.perf_counter() - began
    print(f"  {laid:,} reminders laid out in {seconds:.1f} s", flush=True)
    broken = [] if laid == LAID_OUT else [f"{laid} of {LAID_OUT} reminders were laid out"]
    if seconds > LAID_OUT_WITHIN_SECONDS:
        broken.append(f"laying out {LAID_OUT} reminders took {seconds:.1f} s")
    return broken


def _seconds_of_worker(app: Flask) -> float:
    with app.app_context():
        hired = worker.hire()
        began = time.perf_counter()
        worker.deliver_waiting(hired)
        return time.perf_counter() - began


def _sample(app: Flask) -> Sealed:
    """Write one of these reminders anew, as it was handed over."""
    with app.app_context():
        one = db.session.scalars(select(Message.id).order_by(Message.id)).first()
        letter = letters.compose_now(one or 0, DUE)
        assert isinstance(letter, letters.Letter)
        return sealed(letter, settings(), DUE)


def _seconds_of_bare(port: int, letter: Sealed) -> float:
    """Send one letter half as often, on one conversation, and note nothing."""
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port, "localhost") as line:
        for _time in range(BARE // 2):
            line.send_message(letter.message, letter.sender, [letter.recipient])
    return time.perf_counter() - began


def _sent(app: Flask) -> int:
    with app.app_context():
        asked = select(func.count()).select_from(Message).where(Message.state == MessageState.SENT)
        return db.session.scalar(asked) or 0


def fill(app: Flask, people: int) -> None:
    """Give so many people a place each at one of twenty sessions, two days before which it is."""
    make, long_ago = Builders(app), DUE - timedelta(days=9)
    series = [make.series(f"Group {people} {number}", key=f"bench-{people}-{number}") for number in range(20)]
    sessions = [
        make.session(one, on=ON, places_room=people, uid=f"bench-{one}@example.org") for one in series
    ]
    first = people * 100
    with app.app_context():
        rows = [_rows(first + number, sessions[number % 20], long_ago) for number in range(people)]
        for model, each in zip((Person, ContactPoint, Booking), zip(*rows, strict=True), strict=True):
            db.session.execute(insert(model), list(each))
        db.session.commit()


def _rows(number: int, session_id: int, at: datetime) -> tuple[dict[str, object], ...]:
    address = f"p{number}@example.org"
    person = {"id": number, "full_name": f"P{number}", "known_as": f"P{number}", "created_at": at}
    person |= {"status": PersonStatus.ACTIVE, "who": Who.PATIENT, "channel": Channel.EMAIL}
    contact = {"person_id": number, "kind": ContactKind.EMAIL, "written": address, "key": address}
    contact |= {"proven_at": at, "created_at": at}
    booking = {"session_id": session_id, "person_id": number, "pool": Pool.ROOM, "nonce": f"n{number}"}
    return person, contact, booking | {"created_at": at, "state_at": at}


class Taking:
    """Says yes to every letter and keeps none."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return "250 taken"


def take_letters(port: int, ready: Event) -> None:
    """Be a mail server until this process is ended."""
    Controller(Taking(), hostname="127.0.0.1", port=port, ready_timeout=30).start()
    ready.set()
    threading.Event().wait()


@contextmanager
def server_apart() -> Iterator[int]:
    """Run a mail server in a process of its own until the block ends, so that it is not what is measured."""
    processes = multiprocessing.get_context("spawn")
    port, ready = free_port(), processes.Event()
    process = processes.Process(target=take_letters, args=(port, ready), daemon=True)
    process.start()
    try:
        if not ready.wait(60):
            raise RuntimeError("the mail server did not get ready")
        yield port
    finally:
        process.kill()
        process.join()
