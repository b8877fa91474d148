"""A provider of text messages: one request a message, whose status decides what comes next."""

import json
import ssl
from base64 import b64encode
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import SHUT_RDWR, socket
from urllib.parse import SplitResult, unquote, urlsplit

from booking.messages.channels.outcomes import Accepted, Outcome, Permanent, Temporary
from booking.messages.envelope import TextMessage

TIMEOUT_SECONDS = 10.0
# What they say is about the set-up (a wrong token, no credit, another address) or about everybody
# (too many at once, closed): no message is wrong because of it, and the next one would fare alike.
_ABOUT_US = frozenset({401, 402, 404, 405, 407, 429, 503})
_LATER = frozenset({408, 425})
_LONGEST_ANSWER = 65_536


class HttpTextChannel:
    """Hands text messages to the provider that TEXT_URL names.

    A connection carries one message: the next one then never meets a line that was closed meanwhile,
    and would not know whether it had arrived. No proxy is asked, and no redirect followed.
    """

    def __init__(self, text_url: str, timeout: float = TIMEOUT_SECONDS) -> None:
        self._url = urlsplit(text_url)
        self._timeout = timeout
        self._line: HTTPConnection | None = None
        # The connection lets go of its socket when the answer begins; whoever hangs up still needs it.
        self._sock: socket | None = None

    def ready(self) -> Temporary | None:
        """Open the line, and protect it. A bad certificate ends it."""
        self.close()
        line = _line_to(self._url, self._timeout)
        try:
            line.connect()
        except (OSError, HTTPException, ValueError) as error:
            line.close()
            return Temporary(type(error).__name__, is_away=True)
        self._line, self._sock = line, line.sock
        return None

    def deliver(self, text: TextMessage) -> Outcome:
        """Hand over one text message and look at the status of the answer."""
        away = self.ready() if self._line is None else None
        if away is not None or self._line is None:
            return away or Temporary("no answer", is_away=True)
        try:
            self._line.request("POST", _path(self._url), _body(text), _headers(self._url, text))
            answer = self._line.getresponse()
            answer.read(_LONGEST_ANSWER)
            return _judged(answer.status)
        except (OSError, HTTPException, ValueError) as error:
            return Temporary(type(error).__name__)
        finally:
            self.close()

    def close(self) -> None:
        """Put down the line."""
        line, self._line, self._sock = self._line, None, None
        if line is not None:
            line.close()

    def hang_up(self) -> None:
        """Cut the line, so that nobody waits for an answer any longer."""
        sock = self._sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(SHUT_RDWR)


class NoTexts:
    """Nobody sends text messages: what waits for one is given another channel before it gets here."""

    def ready(self) -> Temporary | None:
        """Let the words be asked for: whoever finds them sees that she is reached another way."""
        return None

    def deliver(self, text: TextMessage) -> Outcome:
        """Let it wait."""
        return Temporary("no provider")

    def close(self) -> None:
        """Do nothing: there is no line."""

    def hang_up(self) -> None:
        """Do nothing: there is no line."""


def _line_to(url: SplitResult, timeout: float) -> HTTPConnection:
    host = url.hostname or ""
    if url.scheme == "https":
        return HTTPSConnection(host, url.port, timeout=timeout, context=ssl.create_default_context())
    return HTTPConnection(host, url.port, timeout=timeout)


def _path(url: SplitResult) -> str:
    return (url.path or "/") + (f"?{url.query}" if url.query else "")


def _body(text: TextMessage) -> bytes:
    said = {"to": text.recipient, "text": text.words, "from": text.sender, "reference": text.reference}
    return json.dumps(said).encode()


def _headers(url: SplitResult, text: TextMessage) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Connection": "close",
        # A second try of the same message is the same message to whoever took the first.
        "Idempotency-Key": text.reference,
    }
    if url.username:
        known_by = f"{unquote(url.username)}:{unquote(url.password or '')}"
        headers["Authorization"] = f"Basic {b64encode(known_by.encode()).decode()}"
    return headers


def _judged(status: int) -> Outcome:
    if 200 <= status < 300:
        return Accepted()
    if status in _ABOUT_US or 300 <= status < 400:
        return Temporary(str(status), is_away=True)
    if 400 <= status < 500 and status not in _LATER:
        return Permanent(str(status))
    return Temporary(str(status))
