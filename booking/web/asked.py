"""What this browser asked for a moment ago: the letter to come, the address as typed, its link."""

from flask import session

_ADDRESS = "sent_to"
_LINK = "link_id"


def remember(address: str, link_id: int | None) -> None:
    """Keep in the signed cookie which letter this browser waits for: the code in it works only here.

    Without a link no letter comes: the address is a phone number, and the office calls.
    """
    session[_ADDRESS], session[_LINK] = address, link_id


def address_asked() -> str | None:
    """Return the address as she typed it: a single wrong letter is easily seen on the next page."""
    return session.get(_ADDRESS)


def link_asked() -> int | None:
    """Return the id of the link in the letter this browser waits for."""
    asked = session.get(_LINK)
    return asked if isinstance(asked, int) else None


def is_to_be_called() -> bool:
    """Say whether she gave a phone number alone, so that no letter comes."""
    return _ADDRESS in session and session.get(_LINK) is None
