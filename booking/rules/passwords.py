"""What makes a password good enough, and how it is kept: as an Argon2id hash and nothing else."""

import re
import unicodedata
from collections.abc import Sequence
from threading import Lock

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from zxcvbn import zxcvbn
from zxcvbn.matching import RANKED_DICTIONARIES

from booking.rules.faults import N_, Fault

SHORTEST = 12
LONGEST = 128
# Whatever is longer is not looked at any closer: normalising and estimating cost time.
_LONGEST_BYTES = 1000
# Estimating slows down with the square of the length, and this much of a password says enough.
_ESTIMATED_CHARACTERS = 100
_GOOD_ENOUGH = 3
# The library keeps the words about one person where the next estimate would find them: one at a time.
_ESTIMATING = Lock()
_PARTS = re.compile(r"[\W_]+")
# 19 MiB, two passes, one lane.
# Source: OWASP Password Storage Cheat Sheet, Argon2id.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16)


class PasswordDoesNotFit(Fault):
    """A password that is too short, too long, or too easy to guess."""

    field = "password"


def normalised(typed: str) -> str:
    """Return a password as it is hashed: the same whichever keyboard composed its accents.

    Refuses: more than there can be, and half characters.
    """
    try:
        too_long = len(typed) > _LONGEST_BYTES or len(typed.encode()) > _LONGEST_BYTES
    except UnicodeError:
        raise too_easy() from None
    password = "" if too_long else unicodedata.normalize("NFKC", typed)
    if too_long or len(password) > LONGEST:
        raise PasswordDoesNotFit(N_("Use a password of %(longest)s characters or fewer"), longest=LONGEST)
    return password


def good_password(typed: str, about_her: Sequence[str]) -> str:
    """Return a password that may be kept, normalised.

    Units: characters are code points; any of them may stand anywhere, and none must.
    Refuses: fewer than 12, more than 128, and what is easy to guess for somebody who knows her.
    """
    password = normalised(typed)
    if len(password) < SHORTEST:
        raise PasswordDoesNotFit(
            N_("Use %(shortest)s characters or more: three or four words are easy to remember"),
            shortest=SHORTEST,
        )
    if _is_easy(password, _known(about_her)):
        raise too_easy()
    return password


def too_easy() -> PasswordDoesNotFit:
    """Return the refusal of what is easy to guess, also where the true reason must stay untold."""
    return PasswordDoesNotFit(
        N_("This password is too easy to guess. Add a word or two that only you think of.")
    )


def hashed(password: str) -> str:
    """Return the hash of a normalised password, with a salt of its own."""
    return _HASHER.hash(password)


def fits(kept: str, password: str) -> bool:
    """Say whether a normalised password is the one whose hash is kept; it takes as long either way."""
    try:
        return _HASHER.verify(kept, password)
    except (Argon2Error, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Say whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def nobodys_hash() -> str:
    """Return a hash that no password fits, and that costs as much to try as one of today's."""
    costs = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    return f"$argon2id$v=19${costs}${'A' * 22}${'A' * 43}"


def _is_easy(password: str, known: list[str]) -> bool:
    rest = password.casefold()
    for word in sorted(known, key=len, reverse=True):
        rest = rest.replace(word.casefold(), "")
    if len(rest) < SHORTEST // 2:
        # Her own name with a year behind it is nobody's secret, and the estimate knows only whole words.
        return True
    with _ESTIMATING:
        try:
            score = zxcvbn(password[:_ESTIMATED_CHARACTERS], known, max_length=_ESTIMATED_CHARACTERS)["score"]
        finally:
            RANKED_DICTIONARIES.pop("user_inputs", None)
    return int(score) < _GOOD_ENOUGH


def _known(about_her: Sequence[str]) -> list[str]:
    words = [part for text in about_her for part in (text, *_PARTS.split(text))]
    return sorted({word for word in words if len(word) > 2})
