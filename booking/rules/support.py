"""Support and information: what the page says before the office wrote its own, and what may stand on it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from booking.rules.addresses import one_line
from booking.rules.faults import N_, Fault

LONGEST_TITLE, LONGEST_WORDS, LONGEST_URL = 200, 1000, 500
MOST_ENTRIES = 200
_NUMBER = re.compile(r"\+?[0-9 ()-]+", re.ASCII)
_FEWEST_DIGITS, _MOST_DIGITS = 3, 15


class NotForThePage(Fault):
    """A phone number nobody could call, or an address that opens nothing."""


@dataclass(frozen=True, slots=True)
class DefaultWay:
    """A way to help: a number that everybody in the UK may call."""

    title: str
    words: str
    phone: str


@dataclass(frozen=True, slots=True)
class DefaultSection:
    """A heading with a few words, and the ways beneath it."""

    title: str
    words: str
    ways: tuple[DefaultWay, ...] = ()


DEFAULTS = (
    DefaultSection(
        N_("Whom to call now"),
        N_("You need not know whether it is urgent enough. Calling is right."),
        (
            DefaultWay(N_("In an emergency"), "", "999"),
            DefaultWay(
                N_("NHS 111, for urgent medical advice"), N_("In England, Scotland and Wales."), "111"
            ),
            DefaultWay(N_("Samaritans, to talk to somebody"), N_("Day or night, free to call."), "116 123"),
        ),
    ),
    DefaultSection(
        N_("Support groups online and the Facebook group"), N_("Company between our sessions, from home.")
    ),
    DefaultSection(N_("The local support hub"), N_("Help that is near you.")),
    DefaultSection(
        N_("The nurses who help with clinical trials"), N_("Somebody to ask what a trial would mean for you.")
    ),
    DefaultSection(N_("Information pages"), N_("To read in your own time.")),
    DefaultSection(N_("Patients' stories"), N_("In the words of people who live with it.")),
)


def clean_number(text: str) -> str:
    """Return a phone number to show, short ones such as 999 too; nothing stays nothing.

    Refuses: what nobody could call.
    """
    number = one_line(text)
    if not number:
        return ""
    digits = sum(char.isdigit() for char in number)
    if not _NUMBER.fullmatch(number) or not _FEWEST_DIGITS <= digits <= _MOST_DIGITS:
        raise NotForThePage(N_("Enter a phone number, such as 0300 123 4567"), field="phone")
    return number


def clean_url(text: str) -> str:
    """Return a web address; nothing stays nothing.

    Refuses: all but http and https with a host, and one with a name and password in it.
    """
    url = text.strip()
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        host, usable = parts.hostname or "", parts.scheme in ("http", "https") and "@" not in parts.netloc
    except ValueError:
        host, usable = "", False
    # A line break or a space inside it would end it early wherever it is written out.
    plain = url == one_line(url) and " " not in url and "\\" not in url
    if not usable or not host or not plain or len(url) > LONGEST_URL:
        raise NotForThePage(N_("Enter a web address that begins with https://"), field="url")
    return url


def seen_mark(parts: Sequence[object]) -> str:
    """Return a mark of what stands there now: a form that carries another one is out of date."""
    return sha256(repr(parts).encode(errors="replace")).hexdigest()[:16]


def moved(ids: Sequence[int], row_id: int, up: bool) -> list[int]:
    """Return the order after one of them went up or down by one; at the end it stays where it is."""
    order = list(ids)
    place = order.index(row_id)
    other = place - 1 if up else place + 1
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]
    return order
