"""Six digits from an app, and recovery codes: derived from a nonce and the secret, never stored."""

import hmac
import unicodedata
from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

import pyotp
import segno

STEP_SECONDS = 30
# A phone's clock may be this many steps ahead or behind.
_DRIFT_STEPS = 1
_KEY_BYTES = 20
# Crockford's letters: none that is taken for another; what is misread is put right when it is typed.
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_MISREAD = str.maketrans("oil", "011")
_RECOVERY_LENGTH = 12
_GROUP = 4


def setup_key(secret: str, person_id: int, nonce: str) -> str:
    """Derive the key that an authenticator app keeps.

    Units: 160 bits in base32.
    Source: RFC 4226, section 4.
    """
    return b32encode(_mark(secret, "totp", person_id, nonce)[:_KEY_BYTES]).decode()


def in_groups(key: str) -> str:
    """Return a key as it is read aloud: in groups of four."""
    return " ".join(key[place : place + _GROUP] for place in range(0, len(key), _GROUP))


def app_address(key: str, name: str, issuer: str) -> str:
    """Return what an authenticator app reads from the picture."""
    return pyotp.TOTP(key).provisioning_uri(name=name, issuer_name=issuer)


def picture(address: str, title: str) -> str:
    """Draw an address as a QR code: SVG without style, black on white whatever the page's colours are."""
    code = segno.make(address, micro=False, error="m")
    return code.svg_inline(scale=5, border=4, dark="#000", light="#fff", title=title)


def step_at(now: datetime) -> int:
    """Return the time step of an instant. Units: half minutes since 1970."""
    return int(now.timestamp()) // STEP_SECONDS


def code_at(key: str, step: int) -> str:
    """Return the six digits that an app shows in a time step."""
    return pyotp.HOTP(key).at(step)


def fitting_step(keys: Sequence[str], typed: str, now: datetime, last_step: int) -> int | None:
    """Return the time step whose code was typed, a step of drift each way; None when there is none.

    A step up to `last_step` fits no more, so that no code is taken twice. Every key is tried in
    constant time, so that time tells nobody how close a guess was.
    """
    here, found = step_at(now), None
    for key in keys:
        for step in range(here - _DRIFT_STEPS, here + _DRIFT_STEPS + 1):
            fits = hmac.compare_digest(code_at(key, step).encode(), _bare(typed).encode())
            found = step if fits and step > last_step else found
    return found


def recovery_code(secret: str, row_id: int, nonce: str) -> str:
    """Derive a recovery code, in groups that read well. Units: 60 bits."""
    bits = int.from_bytes(_mark(secret, "recovery", row_id, nonce)[:8])
    letters = "".join(_LETTERS[bits >> 5 * place & 31] for place in range(_RECOVERY_LENGTH))
    return in_groups(letters).replace(" ", "-")


def recovery_code_fits(secrets: Sequence[str], row_id: int, nonce: str, typed: str) -> bool:
    """Say whether this is the row's code; case, dashes and letters that look alike are forgiven."""
    given = _bare(typed).translate(_MISREAD)
    fits = False
    for secret in secrets:
        code = recovery_code(secret, row_id, nonce).replace("-", "")
        fits |= hmac.compare_digest(code.encode(), given.encode())
    return fits


def _mark(secret: str, purpose: str, row_id: int, nonce: str) -> bytes:
    if not secret:
        raise ValueError("a key needs a secret")
    return hmac.new(secret.encode(), f"{purpose}|{row_id}|{nonce}".encode(), sha256).digest()


def _bare(typed: str) -> str:
    """Leave letters and digits: spaces, dashes and full-width digits of a phone's keyboard are forgiven."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", typed).casefold()))
