"""What a report about a letter that came back says; pure, so that a whole night of them can be tried."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from itertools import islice

# A report holds a letter of ours at most; whatever is larger was not written by a mail server.
LARGEST = 500_000
# A report names one letter to one address, or a few where that address stands for several mailboxes.
MOST_NAMED = 20
# So many parts that hold others has no letter of ours, and no mail server adds more than a few. Reading
# takes longer with each of them, and so it does with the length of what a header says.
_MOST_HOLDING = 20
_LONGEST_VALUE = 1_000
_LONGEST_ADDRESS = 320
_CONTENT_TYPE = re.compile(rb"(?:\A|[\r\n])content-type:((?:[^\r\n]|[\r\n]+[ \t])*)", re.IGNORECASE)
_HOLDS_OTHERS = re.compile(rb"\s*(?:multipart|message)/", re.IGNORECASE)
_STATUS = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})\b", re.ASCII)
_SENT_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
_RETURNED = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")


@dataclass(frozen=True)
class Report:
    """One address that a letter did not reach: the letter's marks, the status, and whether it is for good.

    `sent_to` are the addresses that the report itself came to, one of which may name the letter;
    `message_ids` are those of the letter that it returns.
    """

    sent_to: tuple[str, ...]
    message_ids: tuple[str, ...]
    address: str
    status: str
    is_hard: bool


def reports_in(raw: bytes) -> list[Report]:
    """Return what a letter in the mailbox reports; nothing of a letter that is no report of a mail server.

    Somebody's "I am away until Monday" comes back to the same address and is no bounce.
    Source: RFC 3464, RFC 6522.
    """
    if len(raw) > LARGEST or not _is_simple(raw):
        return []
    try:
        letter = message_from_bytes(raw, policy=policy.compat32)
        return _reports(letter) if letter.get_content_type() == "multipart/report" else []
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # What strangers send to an address may be anything.
        return []


def _is_simple(raw: bytes) -> bool:
    """Say whether a letter is built as simply as those of mail servers: others could take hours to read."""
    said = [found[1] for found in _CONTENT_TYPE.finditer(raw)]
    holding = sum(_HOLDS_OTHERS.match(one) is not None for one in said)
    return holding <= _MOST_HOLDING and all(len(one) <= _LONGEST_VALUE for one in said)


def _reports(letter: Message) -> list[Report]:
    sent_to = tuple(islice(_addresses(letter), MOST_NAMED))
    message_ids = tuple(islice(_returned_ids(letter), MOST_NAMED))
    groups = (group for group in _groups(letter) if group.get("Action") is not None)
    return [
        Report(sent_to, message_ids, _final(group), _status(group), _is_hard(group))
        for group in islice(groups, MOST_NAMED)
    ]


def _addresses(letter: Message) -> Iterator[str]:
    """Yield each address once to which the report came, those that the last server wrote first."""
    written = (str(value) for name in _SENT_TO for value in letter.get_all(name, []))
    short = islice((value for value in written if len(value) <= _LONGEST_VALUE), MOST_NAMED)
    found = (address for _name, address in getaddresses(list(short)))
    yield from dict.fromkeys(address for address in found if "@" in address)


def _groups(letter: Message) -> Iterator[Message]:
    for part in letter.walk():
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status"):
            found = part.get_payload()
            yield from (one for one in found if isinstance(one, Message)) if isinstance(found, list) else ()


def _final(group: Message) -> str:
    """Return the address as our server was asked to reach it, else as the last server knew it."""
    said = str(group.get("Original-Recipient") or group.get("Final-Recipient") or "")
    address = said.partition(";")[2].strip().strip("<>")
    return address if len(address) <= _LONGEST_ADDRESS and address.isprintable() else ""


def _status(group: Message) -> str:
    found = _STATUS.match(str(group.get("Status", "")))
    return ".".join(found.groups()) if found else ""


def _is_hard(group: Message) -> bool:
    return str(group.get("Action", "")).strip().casefold() == "failed" and _status(group).startswith("5.")


def _returned_ids(letter: Message) -> Iterator[str]:
    """Yield the Message-IDs of the letter that the report brings back, whole or its headers alone."""
    for part in letter.walk():
        if part.get_content_type() not in _RETURNED:
            continue
        found = part.get_payload()
        if isinstance(found, list) and found and isinstance(found[0], Message):
            # The letter stands inside as a message of its own.
            ids = found[0].get_all("Message-ID", [])
        else:
            body = part.get_payload(decode=True)
            headers = BytesHeaderParser().parsebytes(body) if isinstance(body, bytes) else Message()
            ids = headers.get_all("Message-ID", [])
        yield from (str(one).strip() for one in ids)
