"""A mail server on loopback with everything that mail servers do wrong, spoken byte by byte."""

import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

BANNER, EHLO, MAIL, RCPT, DATA, LETTER = "banner", "ehlo", "mail", "rcpt", "data", "letter"
_FINE = {
    BANNER: "220 here",
    EHLO: "250 here",
    MAIL: "250 fine",
    RCPT: "250 fine",
    DATA: "354 go on",
    LETTER: "250 taken",
}


@dataclass(frozen=True)
class Says:
    """Another answer than the right one, at one step; two bytes of garbage are an answer, too."""

    step: str
    words: str


@dataclass(frozen=True)
class Stalls:
    """No answer at one step, and the line stays open."""

    step: str


@dataclass(frozen=True)
class Drops:
    """The line is cut at one step; after a whole letter it may have been kept all the same."""

    step: str
    keeps_it: bool = False


@dataclass(frozen=True)
class HalfCloses:
    """It stops speaking at one step and goes on listening."""

    step: str


Fault = Says | Stalls | Drops | HalfCloses


@dataclass(frozen=True)
class Taken:
    """One letter that this server took, and when."""

    recipient: str
    message: EmailMessage
    at: float


@dataclass
class BadServer:
    """`calls` go wrong one after the other, as they come in; `letters` by whom they are to.

    A fault happens once and all is well afterwards, unless it `lasts`.
    """

    port: int
    calls: deque[Fault] = field(default_factory=deque)
    letters: dict[str, Fault] = field(default_factory=dict)
    lasts: bool = False
    tls: ssl.SSLContext | None = None
    garbles_tls: bool = False
    taken: list[Taken] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def at(self, recipient: str) -> list[float]:
        """Return when each copy for somebody was taken."""
        return [one.at for one in self.taken if one.recipient == recipient]


class _End(Exception):
    """The conversation is over."""


class _Call(threading.Thread):
    """One conversation."""

    def __init__(self, server: BadServer, line: socket.socket, fault: Fault | None) -> None:
        super().__init__(daemon=True)
        self.server, self.line, self.fault = server, line, fault
        self.hears = line.makefile("rb")

    def run(self) -> None:
        with suppress(_End, OSError):
            self.answer(BANNER)
            while True:
                self.obey(self.hear().decode("ascii", "replace").strip())
        with suppress(OSError):
            self.line.close()

    def obey(self, said: str) -> None:
        match said[:4].upper():
            case "EHLO" | "HELO":
                self.greet()
            case "STAR":
                self.protect()
            case "MAIL":
                self.answer(MAIL)
            case "RCPT":
                self.recipient = said.partition("<")[2].partition(">")[0]
                self.fault = self.next_fault() or self.fault
                self.answer(RCPT)
            case "DATA":
                if self.answer(DATA):
                    self.take()
            case "QUIT":
                self.say("221 bye")
                raise _End
            case _:
                self.say("250 fine")

    def greet(self) -> None:
        if self.server.tls is not None or self.server.garbles_tls:
            self.say("250-here\r\n250 STARTTLS")
        else:
            self.answer(EHLO)

    def protect(self) -> None:
        self.say("220 go on")
        if self.server.tls is None:
            self.line.sendall(b"\x00\x01 this is no TLS\r\n" * 4)
            raise _End
        self.line = self.server.tls.wrap_socket(self.line, server_side=True)
        self.hears = self.line.makefile("rb")

    def take(self) -> None:
        lines = []
        while (line := self.hear()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b".") else line)
        self.content = b"".join(lines)
        if self.answer(LETTER):
            self.keep()

    def keep(self) -> None:
        message = message_from_bytes(self.content, policy=policy.default)
        self.server.taken.append(Taken(self.recipient, message, time.monotonic()))

    def next_fault(self) -> Fault | None:
        if self.server.lasts:
            return self.server.letters.get(self.recipient)
        return self.server.letters.pop(self.recipient, None)

    def answer(self, step: str) -> bool:
        """Answer as it should be, unless this is the step that goes wrong."""
        fault = self.fault
        if fault is None or fault.step != step:
            self.say(_FINE[step])
            return True
        self.fault = None
        match fault:
            case Says(_step, words):
                self.say(words)
            case Stalls():
                self.server.ended.wait(60)
                raise _End
            case Drops(_step, keeps_it):
                if keeps_it:
                    self.keep()
                raise _End
            case HalfCloses():
                self.line.shutdown(socket.SHUT_WR)
                while self.hear():
                    pass
        return False

    def say(self, words: str) -> None:
        self.line.sendall(words.encode("latin-1") + b"\r\n")

    def hear(self) -> bytes:
        said = self.hears.readline()
        if not said:
            raise _End
        return said


@contextmanager
def bad_server() -> Iterator[BadServer]:
    """Run a server until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = BadServer(listening.getsockname()[1])

    def take_calls() -> None:
        with suppress(OSError):
            while True:
                line, _address = listening.accept()
                fault = None
                if server.calls:
                    fault = server.calls[0] if server.lasts else server.calls.popleft()
                _Call(server, line, fault).start()

    threading.Thread(target=take_calls, daemon=True).start()
    try:
        yield server
    finally:
        server.ended.set()
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
