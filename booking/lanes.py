"""One channel, served by itself: lanes with a conversation each share what one claim took."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Generic, Protocol, TypeVar

import structlog
from flask import Flask
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from booking import clock
from booking.messages.channels import Temporary
from booking.models.kinds import Channel
from booking.services import delivery

log = structlog.get_logger("booking.worker")

DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)
# One lane does all there is to do; a further one opens when what was claimed waits behind the others.
LANES = 8
_WAITS_BEHIND_OTHERS_SECONDS = 1.0
# A lane that has nothing to do says goodbye to the other side.
_LINGERS_SECONDS = 2.0
# Few at first, so that several workers share; more once many wait, because looking costs as much as letters.
_AT_ONCE = 60
# What is not begun in this part of a lease goes back into the tray.
_BEGUN_WITHIN = 4
# A conversation that takes half a lease is cut: when the lease is over another worker would begin anew.
_CUT_AFTER_SECONDS = 60.0


class Line(Protocol):
    """What a lane needs to know about its way out."""

    def ready(self) -> Temporary | None:
        """Make sure that somebody listens."""

    def close(self) -> None:
        """Say goodbye."""

    def hang_up(self) -> None:
        """End a conversation that does not end by itself."""


Way = TypeVar("Way", bound=Line)


@dataclass
class Lane(Generic[Way]):
    """One conversation, and the one message it is about."""

    way: Way
    message_id: int | None = None
    busy_since: float = 0.0


@dataclass
class Carrier(Generic[Way]):
    """Everything that leaves by one channel. `deliver` says why the other side can't be spoken to at all."""

    app: Flask
    worker: str
    channel: Channel
    open_way: Callable[[], Way]
    deliver: Callable[[Way, int], Temporary | None]
    stopping: threading.Event
    lease: timedelta = delivery.LEASE
    idle_seconds: float = 3.0
    # What ails the other side, as far as is known.
    fault: str = ""
    has_spoken: bool = False
    _tray: deque[int] = field(default_factory=deque)
    _lanes: list[Lane[Way]] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _claimed_at: float = 0.0
    _opened_at: float = 0.0
    _rests_until: float = 0.0
    _answered_at: float = 0.0
    _at_once: int = delivery.BATCH
    _is_closing: bool = False
    _broken_by: Exception | None = None

    def carry_on(self) -> None:
        """Serve the channel until asked to stop.

        Units: looks for work at least every 5 seconds.
        """
        with self._ending():
            while not self.stopping.is_set():
                was_busy = self._is_busy()
                self._wait(self._looked(), was_busy)

    def carry_out(self) -> bool:
        """Serve the channel until nothing waits that could go now, and say whether anything did."""
        # Whoever asks for one round does not wait for the end of a rest.
        self._broken_by, self._rests_until = None, min(self._rests_until, time.monotonic())
        delivered = False
        with self._ending():
            while not self.stopping.is_set():
                # A letter that is in hand may be what the next one to the same person waits for.
                was_busy = self._is_busy()
                took = self._looked()
                delivered = delivered or took
                if self._rests() or not (took or was_busy):
                    break
                self._wait(took, was_busy)
        if self._broken_by is not None:
            raise self._broken_by
        if not self.has_spoken:
            self.fault = self._probed()
        return delivered

    def hang_up(self) -> None:
        """Cut every conversation; may be called by another thread."""
        for lane in list(self._lanes):
            lane.way.hang_up()

    def _looked(self) -> bool:
        """Look after what is under way, and claim more if there is room; whether something was claimed."""
        try:
            self._look_after()
            if self._tray or self._rests() or self._is_still_away():
                return False
            return self._claimed()
        except Exception as fault:
            self._break(fault)
            return False

    def _claimed(self) -> bool:
        with self.app.app_context():
            claimed = delivery.claim(
                self.worker, clock.now(), channel=self.channel, limit=self._at_once, lease=self.lease
            )
        self._at_once = _AT_ONCE if len(claimed) >= self._at_once else delivery.BATCH
        with self._changed:
            # When the clock jumps, a lease of ours may run out in the middle of its conversation.
            in_hand = {lane.message_id for lane in self._lanes}
            self._tray.extend(one for one in claimed if one not in in_hand)
            self._claimed_at = time.monotonic()
            if self._tray and None not in in_hand:
                self._open_lane()
            self._changed.notify_all()
            return bool(self._tray)

    def _look_after(self) -> None:
        """Let nothing wait for long behind a conversation that stalls, nor be held past its lease."""
        now, lease = time.monotonic(), self.lease.total_seconds()
        with self._changed:
            waited = now - max(self._claimed_at, self._opened_at)
            if self._tray and waited >= _WAITS_BEHIND_OTHERS_SECONDS:
                self._open_lane()
            busy = [lane for lane in self._lanes if lane.message_id is not None]
        for lane in busy:
            if now - lane.busy_since > _CUT_AFTER_SECONDS:
                lane.way.hang_up()
        if now - self._claimed_at > lease / _BEGUN_WITHIN:
            self._put_back()

    def _is_still_away(self) -> bool:
        """Ask whoever was away before claiming for them: a night of that would wear out every row."""
        if not self.fault or self._answered_at > self._rests_until:
            return False
        away = self._probed()
        if away:
            self.fault = away
            self._rest()
        else:
            self._answered_at = time.monotonic()
        return bool(away)

    def _probed(self) -> str:
        way = self.open_way()
        away = way.ready()
        way.close()
        return away.code if away is not None else ""

    def _wait(self, took: bool, was_busy: bool) -> None:
        if not (took or self._tray or was_busy):
            self.stopping.wait(self.idle_seconds)
            return
        with self._changed:
            changed = self._is_free if not self._tray else lambda: not self._tray
            self._changed.wait_for(changed, timeout=_WAITS_BEHIND_OTHERS_SECONDS)

    def _is_busy(self) -> bool:
        with self._changed:
            return not self._is_free()

    def _is_free(self) -> bool:
        return not self._tray and all(lane.message_id is None for lane in self._lanes)

    def _open_lane(self) -> None:
        """Open one more lane, as long as there are few."""
        if len(self._lanes) >= LANES or self._is_closing:
            return
        lane = Lane(self.open_way())
        thread = threading.Thread(target=self._serve, args=(lane,), name=f"{self.channel} lane", daemon=True)
        self._lanes.append(lane)
        self._threads = [*(one for one in self._threads if one.is_alive()), thread]
        self._opened_at = time.monotonic()
        thread.start()

    def _serve(self, lane: Lane[Way]) -> None:
        """Deliver one message after the other, as long as there are any."""
        try:
            while (message_id := self._next(lane)) is not None:
                self._note(lane, self._delivered(lane, message_id))
        finally:
            with self._changed:
                self._lanes.remove(lane)
                self._changed.notify_all()
            lane.way.close()

    def _next(self, lane: Lane[Way]) -> int | None:
        with self._changed:
            while not self._tray and not self._is_closing and not self.stopping.is_set():
                if not self._changed.wait(_LINGERS_SECONDS) and not self._tray:
                    return None
            if not self._tray or self.stopping.is_set():
                return None
            lane.message_id, lane.busy_since = self._tray.popleft(), time.monotonic()
            self._changed.notify_all()
            return lane.message_id

    def _delivered(self, lane: Lane[Way], message_id: int) -> Temporary | None:
        try:
            with self.app.app_context():
                return self.deliver(lane.way, message_id)
        except DATABASE_AWAY as fault:
            self._break(fault)
        except Exception:
            # Its lease runs out, and it is tried again; the others go on.
            log.exception("message could not be delivered", message_id=message_id)
        return None

    def _note(self, lane: Lane[Way], away: Temporary | None) -> None:
        """Note how a message fared; if nobody listens, those behind it wait in the tray for all to take."""
        with self._changed:
            began, lane.message_id, self.has_spoken = lane.busy_since, None, True
            if away is None:
                self.fault, self._answered_at = "", time.monotonic()
            # One conversation that failed says nothing while others go well.
            is_away = away is not None and self._answered_at < began
            if away is not None and is_away:
                self.fault = away.code
                self._rest()
            self._changed.notify_all()
        if is_away:
            self._put_back()

    def _put_back(self) -> None:
        """Let others take what this carrier claimed and has not begun."""
        with self._changed:
            left = list(self._tray)
            self._tray.clear()
            self._changed.notify_all()
        if left:
            # Where even that can't be noted, the lease ends by itself.
            with suppress(*DATABASE_AWAY), self.app.app_context():
                delivery.put_back(left, self.worker)

    def _rest(self) -> None:
        self._rests_until = time.monotonic() + self.idle_seconds

    def _rests(self) -> bool:
        return time.monotonic() < self._rests_until

    def _break(self, fault: Exception) -> None:
        """Say that the house itself is in trouble, and let everything rest for a moment."""
        self._broken_by = fault
        if isinstance(fault, DATABASE_AWAY):
            log.error("database not available", fault=type(fault).__name__)
        else:
            log.exception("round failed", channel=self.channel)
        self._rest()
        self._put_back()

    @contextmanager
    def _ending(self) -> Iterator[None]:
        """Let every lane finish what is in its hands, and give back the rest."""
        self._is_closing = False
        try:
            yield
        finally:
            self._put_back()
            with self._changed:
                self._is_closing = True
                self._changed.notify_all()
            for thread in self._threads:
                thread.join()
