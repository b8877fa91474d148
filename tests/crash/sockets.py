"""A worker's own end of every conversation, where each send and each receive may be its last."""

import os
import signal
import smtplib
import socket
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

BEFORE_SEND, SENT, HEARD = "before sending", "sent", "heard the answer to"
THE_LETTER, GREETING = "the letter", "the greeting"
# Between these the mail server may have said yes without our knowing, or we know and have not noted it.
MAY_DOUBLE = (f"{SENT} {THE_LETTER}", f"{HEARD} {THE_LETTER}")
_COMMANDS = frozenset({"ehlo", "helo", "mail", "rcpt", "data", "noop", "rset", "quit", "starttls", "auth"})


@dataclass
class Moments:
    """Names the moments of a run, each with how often it came, and ends this process in one of them."""

    dies_in: str = ""
    passed: list[str] = field(default_factory=list)
    _times: Counter[str] = field(default_factory=Counter)
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def pass_by(self, moment: str) -> None:
        with self._one_at_a_time:
            self._times[moment] += 1
            self.passed.append(f"{moment} {self._times[moment]}")
            if self.passed[-1] == self.dies_in:
                os.kill(os.getpid(), signal.SIGKILL)


class WatchedSocket(socket.socket):
    """A socket that says what it is about to do and what it has done."""

    moments: Moments
    last_said = GREETING
    is_answered = False

    def sendall(self, said: Any, *flags: int) -> None:
        self.last_said, self.is_answered = _named(bytes(said)), False
        self.moments.pass_by(f"{BEFORE_SEND} {self.last_said}")
        super().sendall(said, *flags)
        self.moments.pass_by(f"{SENT} {self.last_said}")

    def recv_into(self, *told: Any, **named: Any) -> int:
        heard = super().recv_into(*told, **named)
        # An answer of many lines comes in as many pieces as it likes, and is one answer.
        if not self.is_answered:
            self.is_answered = True
            self.moments.pass_by(f"{HEARD} {self.last_said}")
        return heard


def watch(moments: Moments) -> None:
    """Let every conversation with a mail server go through watched sockets from now on."""

    class Watched(WatchedSocket):
        pass

    Watched.moments = moments
    real = smtplib.SMTP._get_socket  # type: ignore[attr-defined]

    def watched(server: smtplib.SMTP, *told: Any) -> socket.socket:
        plain = real(server, *told)
        ours = Watched(plain.family, plain.type, plain.proto, fileno=plain.detach())
        ours.settimeout(server.timeout)
        return ours

    smtplib.SMTP._get_socket = watched  # type: ignore[attr-defined]


def _named(said: bytes) -> str:
    first = said[:12].split()[0].decode("ascii", "replace").lower() if said.strip() else ""
    return first if first in _COMMANDS else THE_LETTER
