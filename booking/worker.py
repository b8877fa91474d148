"""The background job: one round fills the season, lays out what is due and delivers what waits."""

import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from types import FrameType
from typing import Any

import structlog
from flask import Flask, current_app

from booking import clock
from booking.db import stop_reading
from booking.lanes import DATABASE_AWAY, Carrier
from booking.messages import letters
from booking.messages.channels import (
    Accepted,
    Outcome,
    Permanent,
    Temporary,
    WayOut,
    open_channel,
    open_text_channel,
)
from booking.messages.envelope import BadSender, sealed, worded
from booking.messages.letters import (
    ByAnotherChannel,
    Composed,
    ForTheOffice,
    Letter,
    NoLongerTrue,
    Unwritable,
)
from booking.models.kinds import Channel
from booking.services import (
    course_waiting,
    courses,
    delivery,
    holds,
    host_letters,
    mailbox,
    merging,
    messages,
    privacy,
    retention,
    schedule,
    waiting,
)
from booking.settings import settings
from config import Settings

log = structlog.get_logger("booking.worker")

IDLE_SECONDS = 3.0
# Once an hour, and at once when a new day begins, also when the clock is moved by hand.
_HOURLY_SECONDS = 3600.0
_SWEEP_EVERY_SECONDS = 15.0
# So many small ones, so that nobody who waits for a letter waits long behind them.
_BATCHES_AN_HOUR = 20
# Whoever stops the worker waits ten seconds; a silent mail server must not use them up.
_PATIENCE_WHEN_STOPPING_SECONDS = 6.0
_LEAVES_AFTER_SECONDS = 9.0
_INSISTS = 4
# One channel may hand a message to the other; more often than this there and back is no message's way.
_ROUNDS_AT_MOST = 10
_BETWEEN_ATTEMPTS_SECONDS = 0.5


def _name() -> str:
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"


# How the other side of a channel is called where its absence is said.
_OTHER_SIDES = {Channel.EMAIL: "mail server", Channel.TEXT: "provider of text messages"}
Seal = Callable[[Letter, Settings, datetime], Any]


@dataclass
class Worker:
    """One worker: its name, who carries its messages out of the house, and what it did when."""

    name: str = field(default_factory=_name)
    started_at: datetime = field(default_factory=clock.now)
    stopping: threading.Event = field(default_factory=threading.Event)
    carriers: dict[Channel, Carrier[WayOut[Any]]] = field(default_factory=dict)
    last_done: dict[str, float] = field(default_factory=dict)

    def is_time(self, deed: str, every_seconds: float) -> bool:
        """Say whether a deed is due again, and note that it is done now."""
        last, now = self.last_done.get(deed), time.monotonic()
        if last is not None and now - last < every_seconds:
            return False
        self.last_done[deed] = now
        return True

    def faults(self) -> dict[Channel, str]:
        """Say what ails the other side of each channel; empty where nothing does."""
        return {channel: carrier.fault for channel, carrier in self.carriers.items()}

    def hang_up(self) -> None:
        """Cut every conversation."""
        for carrier in self.carriers.values():
            carrier.hang_up()


def hire(lease: timedelta = delivery.LEASE) -> Worker:
    """Make a worker of the present application, with a carrier for each channel it sends by."""
    told, worker = settings(), Worker()
    open_email = partial(open_channel, told, delivery.keep_in_mailbox)
    open_text = partial(open_text_channel, told, mailbox.keep_text)
    for channel, open_way, seal in ((Channel.EMAIL, open_email, sealed), (Channel.TEXT, open_text, worded)):
        # At once and not when the first message leaves: a way that can't be is a fault of the set-up.
        open_way().close()
        worker.carriers[channel] = Carrier(
            # The types know the proxy only, not what stands behind it.
            app=current_app._get_current_object(),  # type: ignore[attr-defined]
            worker=worker.name,
            channel=channel,
            open_way=open_way,
            deliver=partial(_deliver_one, worker.name, seal),
            stopping=worker.stopping,
            lease=lease,
            idle_seconds=IDLE_SECONDS,
        )
    return worker


def run(app: Flask, *, lease: timedelta = delivery.LEASE) -> None:
    """Work until asked to stop; every channel is served by itself, and so is the rest of a round.

    Units: looks for work at least every 5 seconds.
    """
    with app.app_context():
        worker = hire(lease)
        # A database that can't be used from the start is for the operator to mend, not to be waited for.
        delivery.beat(worker.name, worker.started_at, clock.now())
    log.info("worker started", worker=worker.name)
    with _stopping_kindly(worker), _side_by_side([one.carry_on for one in worker.carriers.values()]):
        try:
            faults = worker.faults()
            while not worker.stopping.is_set():
                _survived(app, worker)
                faults = _say_if_news(worker, faults)
                worker.stopping.wait(IDLE_SECONDS)
        finally:
            worker.stopping.set()
    log.info("worker stopped", worker=worker.name)


def run_once(lease: timedelta = delivery.LEASE) -> str:
    """Do one round, after which nothing that could go still waits; return what ails the mail server."""
    worker = hire(lease)
    with _stopping_kindly(worker):
        one_round(worker)
    _say_if_news(worker, dict.fromkeys(worker.carriers, "") | {Channel.EMAIL: worker.faults()[Channel.EMAIL]})
    return worker.faults()[Channel.EMAIL]


def one_round(worker: Worker) -> bool:
    """Do everything there is to do now, and say whether there was work."""
    laid = look_around(worker)
    return deliver_waiting(worker) or laid > 0


def look_around(worker: Worker) -> int:
    """Do all of a round but delivering: sweep, lay out what is due, and return how much was laid out."""
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
    return laid


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
    """Deliver by every channel until nothing waits that could go now; whether there was anything."""
    # What was read so far must not keep a line to the database open meanwhile.
    stop_reading()
    was_work, carriers = False, list(worker.carriers.values())
    for _round in range(_ROUNDS_AT_MOST):
        delivered: list[bool] = []
        with _side_by_side([partial(_carry_out, one, delivered) for one in carriers]):
            pass
        was_work = was_work or any(delivered)
        # What one of them handed to another may have come when that one was done already. Whoever can't be
        # spoken to is not asked again.
        carriers = [one for one in carriers if not one.fault]
        if not any(delivered) or not carriers:
            break
    return was_work


def _carry_out(carrier: Carrier[WayOut[Any]], delivered: list[bool]) -> None:
    delivered.append(carrier.carry_out())


def _deliver_one(worker: str, seal: Seal, way: WayOut[Any], message_id: int) -> Temporary | None:
    """Deliver one message; why nobody can be spoken to, if so.

    Nothing is open in the database while the other side is spoken to.
    """
    away = way.ready()
    if away is not None:
        delivery.failed_for_now(message_id, worker, away.why, clock.now(), soon=True)
        return away
    # The words are made once it has begun: what changes before stands in them, what changes later came late.
    has_begun = delivery.begins(message_id, worker, clock.now(), keeps=True)
    composed = _composed(message_id)
    if not isinstance(composed, Letter):
        _without_a_letter(worker, message_id, composed)
        return None
    if not has_begun:
        delivery.put_back([message_id], worker)
        return None
    for one in composed.aside:
        _without_a_letter(worker, one.message_id, one.composed)
    outcome = _handed_over(seal, way, composed)
    if isinstance(outcome, Unwritable):
        _without_a_letter(worker, message_id, outcome)
        return None
    _note(worker, message_id, composed, outcome)
    return outcome if isinstance(outcome, Temporary) and outcome.is_away else None


def _composed(message_id: int) -> Composed | Permanent:
    """Write the words from today's rows; a row that can't be written about must not stop the others."""
    try:
        return letters.compose_now(message_id, clock.now())
    except DATABASE_AWAY:
        raise
    except Exception as fault:
        log.exception("letter could not be written", message_id=message_id)
        return Permanent(type(fault).__name__)


def _handed_over(seal: Seal, way: WayOut[Any], letter: Letter) -> Outcome | Unwritable:
    """Put a letter into its envelope and hand it over."""
    try:
        envelope = seal(letter, settings(), clock.now())
    except BadSender:
        return Temporary("MAIL_FROM", is_away=True)
    except Exception as fault:
        # Python's header writer knows more ways to fail than it names.
        return Unwritable(f"unwritable: {type(fault).__name__}")
    return way.deliver(envelope)


def _without_a_letter(worker: str, message_id: int, composed: Composed | Unwritable | Permanent) -> None:
    match composed:
        case NoLongerTrue(why):
            delivery.set_aside(message_id, worker, why)
        case ForTheOffice(why):
            delivery.hand_to_office(message_id, worker, why)
        case ByAnotherChannel(channel, why):
            delivery.hand_to(message_id, worker, channel, why)
        case Unwritable(fault):
            log.error("part of a letter could not be written", message_id=message_id, fault=fault)
            delivery.failed_for_good(message_id, worker, fault, clock.now(), alone=True)
        case Permanent(code):
            delivery.failed_for_good(message_id, worker, code, clock.now(), alone=True)


def _note(worker: str, message_id: int, letter: Letter, outcome: Outcome) -> None:
    match outcome:
        case Accepted():
            _insist(lambda: delivery.sent(message_id, clock.now(), letter.told_version))
        case Temporary(code, is_away):
            log.warning("letter not taken for now", message_id=message_id, code=code)
            delivery.failed_for_now(message_id, worker, outcome.why, clock.now(), soon=is_away)
        case Permanent(code, nobody_there):
            log.warning("letter refused", message_id=message_id, code=code)
            delivery.failed_for_good(message_id, worker, code, clock.now(), bounced=nobody_there)


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


def _survived(app: Flask, worker: Worker) -> None:
    """Look around; a database that is away for a moment is waited for, and so is everything else."""
    try:
        with app.app_context():
            look_around(worker)
    except DATABASE_AWAY as fault:
        log.error("database not available", fault=type(fault).__name__)
    except Exception:
        log.exception("round failed")


def _say_if_news(worker: Worker, known: dict[Channel, str]) -> dict[Channel, str]:
    """Say once that somebody went away, and once that they are back: a night of lines helps nobody."""
    faults = worker.faults()
    for channel, fault in faults.items():
        if fault and fault != known[channel]:
            log.warning(f"{_OTHER_SIDES[channel]} not available", code=fault)
        elif known[channel] and not fault:
            log.info(f"{_OTHER_SIDES[channel]} available again")
    return faults


@contextmanager
def _side_by_side(deeds: list[Callable[[], object]]) -> Iterator[None]:
    """Do several things at the same time until all are done; what breaks one of them is raised at the end."""
    with ThreadPoolExecutor(len(deeds), "carrier") as threads:
        doing = [threads.submit(deed) for deed in deeds]
        yield
    for deed in doing:
        deed.result()


@contextmanager
def _stopping_kindly(worker: Worker) -> Iterator[None]:
    """Finish the letter in hand when asked to stop; cut the line if the mail server keeps silent."""
    timers: list[threading.Timer] = []

    def stop(number: int, frame: FrameType | None) -> None:
        if worker.stopping.is_set():
            return
        worker.stopping.set()
        timers.append(_later(_PATIENCE_WHEN_STOPPING_SECONDS, worker.hang_up))
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
