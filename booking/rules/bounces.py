"""What a report about a letter that came back says; pure, so that a whole night of them can be tried."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message
from email.utils import getaddresses

# A report holds a letter of ours at most; whatever is larger was not written by a mail server.
LARGEST = 2_000_000
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
    if len(raw) > LARGEST:
        return []
    try:
        letter = message_from_bytes(raw, policy=policy.compat32)
        return _reports(letter) if letter.get_content_type() == "multipart/report" else []
    except (MessageError, ValueError, LookupError, TypeError, AttributeError):
        # What strangers send to an address may be anything.
        return []


def _reports(letter: Message) -> list[Report]:
    sent_to = tuple(address for address in _addresses(letter) if "@" in address)
    message_ids = tuple(_returned_ids(letter))
    return [
        Report(sent_to, message_ids, _final(group), _status(group), _is_hard(group))
        for part in letter.walk()
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status")
        for group in _groups(part)
        if group.get("Action") is not None
    ]


def _addresses(letter: Message) -> list[str]:
    written = [str(value) for name in _SENT_TO for value in letter.get_all(name, [])]
    return [address for _name, address in getaddresses(written)]


def _groups(part: Message) -> list[Message]:
    found = part.get_payload()
    return [one for one in found if isinstance(one, Message)] if isinstance(found, list) else []


def _final(group: Message) -> str:
    """Return the address as our server was asked to reach it, else as the last server knew it."""
    said = str(group.get("Original-Recipient") or group.get("Final-Recipient") or "")
    return said.partition(";")[2].strip().strip("<>")


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
            ids = message_from_bytes(body).get_all("Message-ID", []) if isinstance(body, bytes) else []
        yield from (str(one).strip() for one in ids)
