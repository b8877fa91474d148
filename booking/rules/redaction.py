"""Taking somebody out of what was written: her addresses, numbers and names, however they are spelt."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import phonenumbers

from booking.rules.addresses import email_key
from booking.rules.names import fold

# What stands where she stood.
GONE = "[…]"
# Fewer digits stand in many numbers.
_SHORTEST = 6
_EMAIL = re.compile(r"[^\s<>(),;:\[\]\"]+@[^\s<>(),;:\[\]\"]+")
_NUMBER = re.compile(r"\+?\d[\d ().\-/]{5,}\d")
_WORD = re.compile(r"\S+")
_POSSESSIVE = re.compile(r"['’]s?\W*$", re.IGNORECASE)


@dataclass(frozen=True)
class Marks:
    """What says who somebody is. Units: keys of addresses and of numbers, names as they are kept."""

    emails: frozenset[str]
    phones: frozenset[str]
    names: frozenset[str]


def without(text: str, marks: Marks) -> str:
    """Return a text without these marks; what says nothing of her stays as it was written."""
    numbers = [number for number in map(_national, marks.phones) if len(number) >= _SHORTEST]
    said = _left_out(_EMAIL, text, lambda found: email_key(found.rstrip(".!?'")) in marks.emails)
    said = _left_out(_NUMBER, said, lambda found: any(number in _digits(found) for number in numbers))
    for name in sorted(marks.names, key=len, reverse=True):
        said = _without_name(said, name)
    return said


def _left_out(shape: re.Pattern[str], text: str, is_hers: Callable[[str], bool]) -> str:
    return shape.sub(lambda found: GONE if is_hers(found[0]) else found[0], text)


def _national(key: str) -> str:
    """Return the digits that every spelling of a number holds, with its country or without."""
    try:
        return phonenumbers.national_significant_number(phonenumbers.parse(key, "GB"))
    except phonenumbers.NumberParseException:
        return _digits(key)


def _digits(text: str) -> str:
    # In "+44 (0)7700 900123" the nought in brackets is not dialled.
    return re.sub(r"\D", "", text.replace("(0)", ""))


def _without_name(text: str, name: str) -> str:
    """Leave out each run of words that is the name, whatever their case, accents and punctuation."""
    wanted = [bare for bare in map(_bare, name.split()) if bare]
    words = list(_WORD.finditer(text)) if wanted else []
    kept, last = "", 0
    for at, first in enumerate(words):
        run = words[at : at + len(wanted)]
        if first.start() >= last and _is_name([word[0] for word in run], wanted):
            kept, last = kept + text[last : first.start()] + GONE, run[-1].end()
    return kept + text[last:]


def _is_name(run: list[str], wanted: list[str]) -> bool:
    return len(run) == len(wanted) and all(
        word in (_bare(said), _bare(_POSSESSIVE.sub("", said)))
        for said, word in zip(run, wanted, strict=True)
    )


def _bare(word: str) -> str:
    return "".join(char for char in fold(word) if char.isalnum())
