"""Numbers in an address: a page, a row; anything else is no page of ours."""

from flask import abort, request

_MOST_DIGITS = 7


def page_number() -> int:
    """Return which page is asked for, the first unless it says so."""
    return row_number("page") or 1


def row_number(name: str) -> int | None:
    """Return the number asked for under a name, None when there is none."""
    asked = request.args.get(name, "")
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit() and len(asked) <= _MOST_DIGITS and int(asked) > 0):
        abort(404)
    return int(asked)
