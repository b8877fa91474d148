"""Links that open a page and codes to type: derived from a row's nonce and the secret, never stored."""

import hmac
import re
import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from secrets import token_urlsafe

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
CODE_LENGTH = 6
_LONGEST_TYPED_CODE = 40
# 160 bits: the first 20 bytes of the mark, 27 characters without padding.
_MARK_BYTES = 20
# Ids above this fit no integer column of PostgreSQL, where asking for them would be an error.
_LARGEST_ID = 2**31 - 1
_NONCE = re.compile(r"[0-9A-Za-z_-]{22}", re.ASCII)
_SHAPE = re.compile(r"([0-9a-z]{1,6})\.([0-9A-Za-z_-]{27})", re.ASCII)


def new_nonce() -> str:
    """Make the random part that a row keeps for its link."""
    return token_urlsafe(16)


def usable_nonce(given: str) -> str:
    """Return the nonce that a form was opened with, or a new one when what came back is none of ours."""
    return given if _NONCE.fullmatch(given) else new_nonce()


def make_token(secret: str, purpose: str, row_id: int, nonce: str) -> str:
    """Derive the token of a row for one purpose: the same each time, so that a retry writes the same link.

    Refuses: an empty secret and an id that is none, as faults.
    """
    mark = _mark(secret, purpose, row_id, nonce)
    return f"{_base36(row_id)}.{urlsafe_b64encode(mark[:_MARK_BYTES]).decode().rstrip('=')}"


def row_id_of(token: str) -> int | None:
    """Read which row a token speaks of; garbage speaks of none. It proves nothing: see `token_fits`."""
    match = _SHAPE.fullmatch(token)
    if match is None:
        return None
    row_id = int(match[1], 36)
    return row_id if 1 <= row_id <= _LARGEST_ID and _base36(row_id) == match[1] else None


def token_fits(secrets: Sequence[str], purpose: str, row_id: int, nonce: str, token: str) -> bool:
    """Say whether a token is the row's own, under the current secret or one of its fallbacks.

    Every secret is tried in constant time, so that time tells nobody how close a guess was.
    """
    if row_id_of(token) != row_id:
        return False
    fits = False
    for secret in secrets:
        fits |= hmac.compare_digest(make_token(secret, purpose, row_id, nonce), token)
    return fits


def make_code(secret: str, purpose: str, row_id: int, nonce: str) -> str:
    """Derive the code to type that belongs to a row's token: the same each time.

    Units: six digits. It comes from those bytes of the same mark that the token does not show, so that
    neither tells anything of the other.
    Refuses: as `make_token`.
    """
    hidden = _mark(secret, purpose, row_id, nonce)[_MARK_BYTES:]
    return f"{int.from_bytes(hidden) % 10**CODE_LENGTH:0{CODE_LENGTH}d}"


def clean_code(typed: str) -> str:
    """Return the digits of a code as people type it: spaces, dashes and other digits are forgiven."""
    digits = (unicodedata.decimal(char, None) for char in typed[:_LONGEST_TYPED_CODE])
    return "".join(str(digit) for digit in digits if digit is not None)


def code_fits(secrets: Sequence[str], purpose: str, row_id: int, nonce: str, typed: str) -> bool:
    """Say whether a typed code is the row's own, under the current secret or one of its fallbacks."""
    code, fits = clean_code(typed).encode(), False
    for secret in secrets:
        fits |= hmac.compare_digest(make_code(secret, purpose, row_id, nonce).encode(), code)
    return fits


def _mark(secret: str, purpose: str, row_id: int, nonce: str) -> bytes:
    if not secret:
        raise ValueError("a token needs a secret")
    if not 1 <= row_id <= _LARGEST_ID:
        raise ValueError("a token needs the id of a row")
    return hmac.new(secret.encode(), f"{purpose}|{row_id}|{nonce}".encode(), sha256).digest()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _ALPHABET[digit] + digits
    return digits
