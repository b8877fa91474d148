"""The background job: one round fills the season, lays out what is due and delivers what waits."""

import math
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from types import FrameType

import structlog
from flask import Flask
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from booking import clock
from booking.db import stop_reading
from booking.messages import letters
from booking.messages.channels import Accepted, EmailChannel, Outcome, Permanent, Temporary, open_channel
from booking.messages.envelope import BadSender, sealed
from booking.messages.letters import Composed, ForTheOffice, Letter, NoLongerTrue
from booking.services import (
    course_waiting,
    courses,
    delivery,
    holds,
    host_letters,
    merging,
    messages,
    privacy,
    retention,
    schedule,
    waiting,
)
from booking.settings import settings

log = structlog.get_logger("booking.worker")

DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)
IDLE_SECONDS = 3.0
BUSY_SECONDS = 1.0
# A lease is long; what is not begun in this part of it goes back into the tray.
_BEGUN_WITHIN = 4
# Once an hour, and at once when a new day begins, also when the clock is moved by hand.
_HOURLY_SECONDS = 3600.0
_SWEEP_EVERY_SECONDS = 15.0
# So many small ones, so that nobody who waits for a letter waits long behind them.
_BATCHES_AN_HOUR = 20
# Whoever stops the worker waits ten seconds; a silent mail server must not use them up.
_PATIENCE_WHEN_STOPPING_SECONDS = 6.0
_LEAVES_AFTER_SECONDS = 9.0
_INSISTS = 4
_BETWEEN_ATTEMPTS_SECONDS = 0.5


def _name() -> str:
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"


@dataclass
class Worker:
    """One worker: its name, its way out of the house, and what it did when."""

    channel: EmailChannel
    name: str = field(default_factory=_name)
    lease: timedelta = delivery.LEASE
    started_at: datetime = field(default_factory=clock.now)
    stopping: threading.Event = field(default_factory=threading.Event)
    # A round looks up from delivering now and then, so that reminders and signs of life go on.
    round_seconds: float = 20.0
    mail_server_fault: str = ""
    last_done: dict[str, float] = field(default_factory=dict)

    def is_time(self, deed: str, every_seconds: float) -> bool:
        """Say whether a deed is due again, and note that it is done now."""
        last, now = self.last_done.get(deed), time.monotonic()
        if last is not None and now - last < every_seconds:
            return False
        self.last_done[deed] = now
        return True


def hire(lease: timedelta = delivery.LEASE) -> Worker:
    """Make a worker of the present application."""
    return Worker(open_channel(settings(), delivery.keep_in_mailbox), lease=lease)


def run(app: Flask, *, lease: timedelta = delivery.LEASE) -> None:
    """Work until asked to stop.

    Units: looks for work at least every 5 seconds.
    """
    with app.app_context():
        worker = hire(lease)
        # A database that can't be used from the start is for the operator to mend, not to be waited for.
        delivery.beat(worker.name, worker.started_at, clock.now())
    log.info("worker started", worker=worker.name)
    with _stopping_kindly(worker):
        while not worker.stopping.is_set():
            fault = worker.mail_server_fault
            busy = _survived(app, worker)
            _say_if_news(worker, fault)
            worker.stopping.wait(BUSY_SECONDS if busy else IDLE_SECONDS)
        worker.channel.close()
    log.info("worker stopped", worker=worker.name)


def run_once(lease: timedelta = delivery.LEASE) -> str:
    """Do one round, after which nothing that could go still waits; return what ails the mail server."""
    worker = hire(lease)
    worker.round_seconds = math.inf
    with _stopping_kindly(worker):
        # Also when nothing waits: whoever asks for one round asks whether letters can leave.
        _note_whether_away(worker, worker.channel.ready())
        one_round(worker)
    return worker.mail_server_fault


def one_round(worker: Worker) -> bool:
    """Do everything there is to do now, and say whether there was work."""
    now = clock.now()
    delivery.beat(worker.name, worker.started_at, now)
    if worker.is_time(f"upkeep {now.date()}", _HOURLY_SECONDS):
        _apart("fill the season", lambda: schedule.fill_horizon(now))
        _apart("announce endings", lambda: schedule.announce_endings(now))
        _apart("forget who never confirmed", lambda: privacy.forget_unproven(now))
        _apart("empty merged records", lambda: merging.empty_merged(now))
        _let_go(now)
    if worker.is_time("sweep", _SWEEP_EVERY_SECONDS):
        _apart("sweep", lambda: messages.withdraw_overtaken(now))
        _apart("give new weeks", lambda: courses.give_new_weeks(now))
        _apart("offer what is free", lambda: waiting.offer_what_is_free(now))
        _apart("offer courses", lambda: course_waiting.offer_courses(now))
    _release_holds(now)
    laid = _apart("lay out reminders", lambda: messages.lay_out_reminders(now))
    laid += _apart("lay out letters to hosts", lambda: host_letters.lay_out(now))
    try:
        return deliver_waiting(worker) or laid > 0
    finally:
        worker.channel.close()


def _release_holds(now: datetime) -> None:
    """Free what was not confirmed in time, batch after batch: nobody waits long for the database."""
    freed = holds.AT_A_TIME
    while freed == holds.AT_A_TIME:
        freed = _apart("release holds", lambda: holds.release_holds(now))


def _let_go(now: datetime) -> None:
    """Let go of what was kept for long enough, each kind by itself and no more than a while's worth."""
    for kind in retention.KINDS:
        for _batch in range(_BATCHES_AN_HOUR):
            if _apart(f"let go of {kind}", partial(retention.forget, kind, now)) < retention.AT_A_TIME:
                break


def deliver_waiting(worker: Worker) -> bool:
    """Deliver what waits until nothing does, nobody listens, or it is time to look around."""
    began, delivered = time.monotonic(), False
    while not worker.stopping.is_set() and time.monotonic() - began < worker.round_seconds:
        claimed = delivery.claim(worker.name, clock.now(), lease=worker.lease)
        if not claimed:
            break
        delivered = True
        if not _deliver_all(worker, claimed):
            break
    return delivered


def deliver_one(worker: Worker, message_id: int) -> bool:
    """Deliver one message; whether the others may follow.

    Nothing is open in the database while the mail server is spoken to.
    """
    away = worker.channel.ready()
    _note_whether_away(worker, away)
    if away is not None:
        delivery.failed_for_now(message_id, worker.name, away.code, clock.now(), soon=True)
        return False
    composed = _composed(message_id)
    if not isinstance(composed, Letter):
        _without_a_letter(worker, message_id, composed)
        return True
    outcome = _handed_over(worker, message_id, composed)
    if outcome is None:
        return True
    _note(worker, message_id, composed, outcome)
    if isinstance(outcome, Temporary) and outcome.is_away:
        _note_whether_away(worker, outcome)
        return False
    return True


def _note_whether_away(worker: Worker, away: Temporary | None) -> None:
    worker.mail_server_fault = away.code if away is not None else ""


def _deliver_all(worker: Worker, claimed: list[int]) -> bool:
    """Deliver the messages of one claim; those not begun when time is up go back into the tray."""
    until = time.monotonic() + worker.lease.total_seconds() / _BEGUN_WITHIN
    go_on = True
    try:
        while claimed and go_on and not worker.stopping.is_set() and time.monotonic() < until:
            go_on = deliver_one(worker, claimed.pop(0))
    finally:
        if claimed:
            delivery.put_back(claimed, worker.name)
    return go_on


def _composed(message_id: int) -> Composed | Permanent:
    """Write the words from today's rows; a row that can't be written about must not stop the others."""
    try:
        return letters.compose_now(message_id, clock.now())
    except DATABASE_AWAY:
        raise
    except Exception as fault:
        log.exception("letter could not be written", message_id=message_id)
        return Permanent(type(fault).__name__)


def _handed_over(worker: Worker, message_id: int, letter: Letter) -> Outcome | None:
    """Hand the letter over, unless the last look before the conversation says that it must not begin."""
    try:
        envelope = sealed(letter, settings(), clock.now())
    except BadSender:
        return Temporary("MAIL_FROM", is_away=True)
    except Exception as fault:
        # Python's header writer knows more ways to fail than it names.
        return Permanent(f"unwritable: {type(fault).__name__}")
    if not delivery.begins(message_id, worker.name, clock.now()):
        return None
    return worker.channel.deliver(envelope)


def _without_a_letter(worker: Worker, message_id: int, composed: Composed | Permanent) -> None:
    match composed:
        case NoLongerTrue(why):
            delivery.set_aside(message_id, worker.name, why)
        case ForTheOffice(why):
            delivery.hand_to_office(message_id, worker.name, why)
        case Permanent(code):
            delivery.failed_for_good(message_id, worker.name, code, clock.now())


def _note(worker: Worker, message_id: int, letter: Letter, outcome: Outcome) -> None:
    match outcome:
        case Accepted():
            _insist(lambda: delivery.sent(message_id, clock.now(), letter.told_version))
        case Temporary(code, is_away):
            log.warning("letter not taken for now", message_id=message_id, code=code)
            delivery.failed_for_now(message_id, worker.name, code, clock.now(), soon=is_away)
        case Permanent(code):
            log.warning("letter refused", message_id=message_id, code=code)
            delivery.failed_for_good(message_id, worker.name, code, clock.now())


def _insist(note: Callable[[], None]) -> None:
    """Note what has left the house, also when the database is away for a moment: else it leaves twice."""
    for _attempt in range(_INSISTS):
        try:
            return note()
        except DATABASE_AWAY:
            time.sleep(_BETWEEN_ATTEMPTS_SECONDS)
    note()


def _apart(deed: str, do: Callable[[], int]) -> int:
    """Do one thing; when it fails for a reason of its own, letters still go out.

    A row that the database does not take is such a reason; a database that is away is none.
    """
    try:
        return do()
    except DATABASE_AWAY:
        raise
    except Exception:
        log.exception("part of a round failed", deed=deed)
        # What it had read, or failed in, must not be the next one's.
        stop_reading()
        return 0


def _survived(app: Flask, worker: Worker) -> bool:
    """Do one round; a database that is away for a moment is waited for, and so is everything else."""
    try:
        with app.app_context():
            return one_round(worker)
    except DATABASE_AWAY as fault:
        log.error("database not available", fault=type(fault).__name__)
    except Exception:
        log.exception("round failed")
    return False


def _say_if_news(worker: Worker, known_fault: str) -> None:
    """Say once that the mail server went away, and once that it is back: a night of lines helps nobody."""
    if worker.mail_server_fault == known_fault:
        return
    if worker.mail_server_fault:
        log.warning("mail server not available", code=worker.mail_server_fault)
    else:
        log.info("mail server available again")


@contextmanager
def _stopping_kindly(worker: Worker) -> Iterator[None]:
    """Finish the letter in hand when asked to stop; cut the line if the mail server keeps silent."""
    timers: list[threading.Timer] = []

    def stop(number: int, frame: FrameType | None) -> None:
        if worker.stopping.is_set():
            return
        worker.stopping.set()
        timers.append(_later(_PATIENCE_WHEN_STOPPING_SECONDS, worker.channel.hang_up))
        # A worker that is killed loses nothing, so one that can't end by itself may just leave.
        timers.append(_later(_LEAVES_AFTER_SECONDS, lambda: os._exit(0)))

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


def _later(seconds: float, do: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(seconds, do)
    timer.daemon = True
    timer.start()
    return timer
