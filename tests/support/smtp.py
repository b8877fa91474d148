"""A real mail server on loopback that answers as a test tells it to, and remembers what it was handed."""

import asyncio
import socket
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True)
class Drop:
    """Take the whole letter, then hang up without an answer."""

    keeps_it: bool = True


@dataclass(frozen=True)
class Stall:
    """Say nothing for so long, then take the letter."""

    seconds: float


@dataclass(frozen=True)
class Delivered:
    """One letter that this server said yes to, or kept before hanging up."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage


OK = "250 2.0.0 OK"
TEMPORARY = "451 4.3.0 Try again later"
REFUSED = "550 5.1.1 No such mailbox"
CLOSING = "421 4.3.2 Closing down"
Answer = str | Drop | Stall


@dataclass
class MailServer:
    """`answers` are used up one a letter, then `otherwise`; `recipients` answers single addresses at RCPT,
    `senders` every address at MAIL FROM.
    """

    port: int
    answers: deque[Answer] = field(default_factory=deque)
    otherwise: Answer = OK
    recipients: dict[str, str] = field(default_factory=dict)
    senders: str = OK
    delivered: list[Delivered] = field(default_factory=list)
    attempts: int = 0
    # How often somebody made sure that we are still here.
    noops: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_NOOP(self, server: SMTP, session: Session, envelope: Envelope, words: str) -> str:
        self.noops += 1
        return OK

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.senders.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.senders

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.recipients.get(address, OK)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.attempts += 1
        answer = self.answers.popleft() if self.answers else self.otherwise
        if isinstance(answer, Drop):
            if answer.keeps_it:
                self._keep(envelope)
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
            return OK
        if isinstance(answer, Stall):
            await asyncio.sleep(answer.seconds)
            answer = OK
        if answer.startswith("250"):
            self._keep(envelope)
        return answer

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        message = message_from_bytes(content, policy=policy.default)
        self.delivered.append(Delivered(str(envelope.mail_from), tuple(envelope.rcpt_tos), message))


@contextmanager
def mail_server(port: int | None = None) -> Iterator[MailServer]:
    """Run a server until the block ends; naming the port lets it go away and come back."""
    server = MailServer(port or free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port, ready_timeout=10)
    controller.start()
    try:
        yield server
    finally:
        controller.stop(no_assert=True)


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
