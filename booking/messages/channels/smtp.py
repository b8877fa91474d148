"""A mail server: one conversation at a time, reused while it lasts; its code decides what comes next."""

import re
import smtplib
import ssl
import time
from contextlib import suppress
from ipaddress import ip_address
from socket import SHUT_RDWR
from urllib.parse import SplitResult, unquote, urlsplit

from booking.messages.channels.outcomes import Accepted, Outcome, Permanent, Temporary
from booking.messages.envelope import Envelope

TIMEOUT_SECONDS = 10.0
_LETTERS_PER_CONVERSATION = 100
# Who answered a moment ago is not asked again before the letter that was written meanwhile.
_JUST_ASKED_SECONDS = 0.5
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
# "Who are you?" is a question to whoever set up the service: no letter is wrong because of it.
_ABOUT_SIGNING_IN = frozenset({530, 534, 535, 538})
# "Too large" is said to the sender already, where the letter names its size; it is about the letter.
_TOO_LARGE = 552
_NO_SUCH_ADDRESS = frozenset({550, 551, 553})
# Of the status that some servers add, the middle number says whom it is about: 1 is the address.
_STATUS = re.compile(r"5\.(\d{1,3})\.\d{1,3}\b")


class SmtpChannel:
    """Hands letters to the mail server that MAIL_URL names."""

    def __init__(self, mail_url: str, base_url: str, timeout: float = TIMEOUT_SECONDS) -> None:
        self._url = urlsplit(mail_url)
        self._our_name = _helo_name(urlsplit(base_url).hostname)
        self._timeout = timeout
        self._server: smtplib.SMTP | None = None
        self._handed_over = 0
        self._asked_at = float("-inf")

    def ready(self) -> Temporary | None:
        """Open the conversation, or make sure that the open one still stands."""
        if self._server is not None and self._still_listens(self._server):
            return None
        self.close()
        try:
            self._server = _greeted(self._url, self._our_name, self._timeout)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            return Temporary(_name_of(error), is_away=True)
        self._handed_over = 0
        return None

    def deliver(self, envelope: Envelope) -> Outcome:
        """Hand over one letter and listen to the answer."""
        away = self.ready()
        if away is not None or self._server is None:
            return away or Temporary("no answer", is_away=True)
        try:
            options = () if envelope.recipient.isascii() else ("SMTPUTF8", "BODY=8BITMIME")
            self._server.sendmail(envelope.sender, [envelope.recipient], envelope.content, options)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            # A conversation that went wrong is not trusted with the next letter.
            self.hang_up()
            return _judged(error)
        self._handed_over += 1
        # What a server does after a letter, and some end it there, is not known yet.
        self._asked_at = float("-inf")
        return Accepted()

    def close(self) -> None:
        """Say goodbye."""
        server, self._server = self._server, None
        if server is not None:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def hang_up(self) -> None:
        """Cut the line, so that nobody waits for an answer any longer."""
        server, self._server = self._server, None
        sock = server.sock if server is not None else None
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(SHUT_RDWR)
            with suppress(OSError):
                sock.close()

    def _still_listens(self, server: smtplib.SMTP) -> bool:
        if self._handed_over == 0:
            return True
        if self._handed_over >= _LETTERS_PER_CONVERSATION:
            return False
        if time.monotonic() - self._asked_at < _JUST_ASKED_SECONDS:
            return True
        try:
            listens = server.noop()[0] == 250
            self._asked_at = time.monotonic()
            return listens
        except (OSError, smtplib.SMTPException):
            return False


def _greeted(url: SplitResult, our_name: str, timeout: float) -> smtplib.SMTP:
    """Connect, protect the line where the address says so, and sign in. A bad certificate ends it."""
    host, port = url.hostname or "", url.port or _PORTS[url.scheme]
    server: smtplib.SMTP
    if url.scheme == "smtps":
        trusted = ssl.create_default_context()
        server = smtplib.SMTP_SSL(host, port, our_name, timeout=timeout, context=trusted)
    else:
        server = smtplib.SMTP(host, port, our_name, timeout=timeout)
    try:
        if url.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        return server
    except BaseException:
        server.close()
        raise


def _judged(error: Exception) -> Outcome:
    """Look at the server's code, not at the exception: 451 and 550 raise the same class."""
    code = _code_of(error)
    if code is None:
        never = isinstance(error, smtplib.SMTPNotSupportedError) or (
            isinstance(error, ValueError) and not isinstance(error, OSError)
        )
        return Permanent(_name_of(error)) if never else Temporary(_name_of(error))
    if isinstance(error, smtplib.SMTPSenderRefused) and 500 <= code < 600 and code != _TOO_LARGE:
        # Our own address is not welcome: every letter would fare alike, until the set-up is mended.
        return Temporary(str(code), is_away=True)
    if 500 <= code < 600 and code not in _ABOUT_SIGNING_IN:
        return Permanent(str(code), nobody_there=_is_nobody_there(error))
    return Temporary(str(code))


def _is_nobody_there(error: Exception) -> bool:
    """Say whether the recipient was refused because nobody reads there, and not for our letter's sake."""
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return False
    code, words = next(iter(error.recipients.values()))
    status = _STATUS.match(words.decode("ascii", "replace"))
    return bool(status[1] == "1" or status[0] == "5.2.1") if status else int(code) in _NO_SUCH_ADDRESS


def _code_of(error: Exception) -> int | None:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next((int(code) for code, _words in error.recipients.values()), None)
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0:
        return int(error.smtp_code)
    return None


def _name_of(error: Exception) -> str:
    """Name what happened without the server's words, which repeat addresses."""
    code = _code_of(error)
    return str(code) if code is not None else type(error).__name__


def _helo_name(hostname: str | None) -> str:
    # Asking the system for its own name may wait for a name server for many seconds.
    try:
        return f"[{ip_address(hostname or '')}]"
    except ValueError:
        return hostname or "localhost"
