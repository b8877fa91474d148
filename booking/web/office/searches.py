"""Whom the office looked for last: kept in the signed cookie, so that no name stands in an address."""

from flask import request, session

_LOOKED_FOR = "looked_for"


def remember(words: str) -> None:
    """Keep the words of a search; signing out, and somebody else signing in, forgets them."""
    session[_LOOKED_FOR] = words


def forget() -> None:
    """Forget the words, so that the next look begins with an empty box."""
    session.pop(_LOOKED_FOR, None)


def looked_for() -> str:
    """Return the words whose results this page shows; its address says only that it shows some."""
    words = session.get(_LOOKED_FOR, "") if "found" in request.args else ""
    return words if isinstance(words, str) else ""


def last() -> str:
    """Return the words that were looked for last, wherever that was."""
    words = session.get(_LOOKED_FOR, "")
    return words if isinstance(words, str) else ""


def is_begun_anew() -> bool:
    """Say whether "Look for somebody else" was pressed."""
    return request.method == "POST" and "anew" in request.form
