"""A letter as bytes, put together by hand: Python's own writer takes longer than all the rest of sending."""

import base64
import re
import secrets
from binascii import b2a_qp
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from functools import lru_cache

from booking.messages.letters.results import CalendarPart, Letter

# The longest line that quoted-printable and encoded words allow.
_FOLDED = SMTP.clone(max_line_length=76)
_LONGEST_LINE = 998
_LINE_END = re.compile(r"\r\n|\r|\n")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}", re.ASCII)
_PLAIN_METHOD = re.compile(r"[A-Z]{1,20}", re.ASCII)


@lru_cache(maxsize=512)
def folded(name: str, value: str) -> bytes:
    """Return a header of words or a name, in lines as short as mail servers like them.

    Refuses: as a ValueError, a line break.
    """
    message = EmailMessage(policy=_FOLDED)
    message[name] = value
    return _FOLDED.fold_binary(name, message[name])


def in_one_piece(name: str, value: str) -> bytes:
    """Return a header that is one thing: folded, some servers would get an address or an id in pieces.

    Refuses: as a ValueError, a line break, and what no line can hold.
    """
    line = f"{name}: {value}".encode()
    if not value.isprintable() or len(line) > _LONGEST_LINE:
        raise ValueError(f"no {name} for a letter")
    return line + b"\r\n"


def as_bytes(headers: Sequence[bytes], letter: Letter) -> bytes:
    """Return the letter beneath these headers: its words twice, a calendar as a third way to read it.

    Further calendars are attachments: of two alternatives alike, programs show one.
    """
    parts = [_words(letter.text, "plain"), _words(letter.html, "html")]
    parts += [_calendar(letter.calendar)] if letter.calendar is not None else []
    body = _together("alternative", parts)
    if letter.more_calendars:
        attached = [_calendar(one, is_attached=True) for one in letter.more_calendars]
        body = _together("mixed", [body, *attached])
    return b"".join(headers) + b"MIME-Version: 1.0\r\n" + body


def _words(words: str, subtype: str) -> bytes:
    # Plain ASCII on the wire: not every server on the way can carry eight bits.
    # Its first line end shows the encoder how lines end here.
    lines = _LINE_END.sub("\r\n", words.removesuffix("\n") + "\n").encode()
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
    head += "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head.encode() + b2a_qp(lines)


def _calendar(part: CalendarPart, *, is_attached: bool = False) -> bytes:
    if not _PLAIN_NAME.fullmatch(part.file_name) or not _PLAIN_METHOD.fullmatch(part.method):
        raise ValueError("no name for a calendar")
    head = f'Content-Type: text/calendar; charset="utf-8"; method="{part.method}";\r\n'
    head += f' name="{part.file_name}"\r\n'
    if is_attached:
        head += f'Content-Disposition: attachment;\r\n filename="{part.file_name}"\r\n'
    head += "Content-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + base64.encodebytes(part.content).replace(b"\n", b"\r\n")


def _together(subtype: str, parts: Sequence[bytes]) -> bytes:
    # "=_" stands in no text that is quoted-printable or base64.
    boundary = f"=_{secrets.token_hex(16)}"
    head = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n\r\n'
    between = f"\r\n--{boundary}\r\n".encode()
    return head.encode() + between.lstrip() + between.join(parts) + f"\r\n--{boundary}--\r\n".encode()
