"""A line to the database that takes its time: a proxy on the loopback that waits on every way there.

Races are widened from outside with it, so that nothing of the service itself is slowed or changed.
"""

import selectors
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from sqlalchemy.engine import make_url

_AT_ONCE = 65536


@dataclass
class SlowLine:
    """Where to connect, and how long each round trip takes longer; it may be changed at any time."""

    database_url: str
    seconds: float = 0.0
    _listening: socket.socket = field(default_factory=socket.socket, init=False)

    def __post_init__(self) -> None:
        target = make_url(self.database_url)
        self._there = target.host or "127.0.0.1", target.port or 5432
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen(200)
        through = target.set(host="127.0.0.1", port=self._listening.getsockname()[1])
        self.through = through.render_as_string(hide_password=False)
        threading.Thread(target=self._take_calls, daemon=True).start()

    def close(self) -> None:
        """Hang up; lines that stand end with whoever holds them."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _take_calls(self) -> None:
        while True:
            try:
                near, _address = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        """Carry what is said both ways; only the way there waits, so that each question waits once."""
        with near, suppress(OSError), socket.create_connection(self._there) as far:
            for line in (near, far):
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with selectors.DefaultSelector() as ears:
                ears.register(near, selectors.EVENT_READ, far)
                ears.register(far, selectors.EVENT_READ, near)
                while self._once(ears, near):
                    pass

    def _once(self, ears: selectors.BaseSelector, near: socket.socket) -> bool:
        for key, _events in ears.select():
            assert isinstance(key.fileobj, socket.socket)
            said = key.fileobj.recv(_AT_ONCE)
            if not said:
                return False
            if key.fileobj is near and self.seconds:
                time.sleep(self.seconds)
            key.data.sendall(said)
        return True


@contextmanager
def slow_line(database_url: str) -> Iterator[SlowLine]:
    """Lay a line to a PostgreSQL server; it is as quick as any until it is told how slow to be."""
    line = SlowLine(database_url)
    try:
        yield line
    finally:
        line.close()
