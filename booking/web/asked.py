"""What this browser asked for a while ago: the letter to come, the places held, and her own words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import session

from booking.services.arriving import Waiting

_ADDRESS = "sent_to"
_LINK = "link_id"
_HELD = "held"
_WORDS = "typed"
_KEPT_WORDS = ("full_name", "known_as", "email", "phone", "who", "pool", "companion")
# A cookie that grows too large is thrown away whole by the browser.
_MOST_WORDS = 2000
_MOST_PLACES = 3
# From the moment she asks a place surely waits this long, and no longer than the other.
_SURELY = timedelta(minutes=60)
_AT_MOST = timedelta(hours=24)


@dataclass(frozen=True)
class HeldHere:
    """A place that this browser asked for: in which letter, to which address, and how long it may wait."""

    booking_id: int
    link_id: int | None
    address: str
    asked_at: datetime
    held_until: datetime
    # She asked for a turn on the waiting list: no place is held, and no clock runs.
    waits: bool = False

    def surely_waits(self, now: datetime) -> bool:
        """Say whether the place can't have been freed yet, from what this browser knows by itself.

        Nothing is looked up: whether a letter was answered is for its reader alone.
        """
        if self.waits:
            return now < self.held_until
        until = self.held_until if self.link_id is None else min(self.held_until, self.asked_at + _SURELY)
        return now < until


def remember(address: str, link_id: int | None) -> None:
    """Keep in the signed cookie which letter this browser waits for: the code in it works only here.

    Without a link no letter comes: the address is a phone number, and the office calls.
    """
    session[_ADDRESS], session[_LINK] = address, link_id


def remember_place(
    session_id: int, place: Waiting, address: str, now: datetime, *, waits: bool = False
) -> None:
    """Keep in the signed cookie which place, or turn on a waiting list, this browser asked for, and when."""
    remember(address, place.link_id)
    # For a letter the clock of the browser alone counts, and says nothing about the address.
    until = min(place.held_until, now + _AT_MOST) if place.link_id is None else now + _AT_MOST
    before: dict[str, Any] = session.get(_HELD, {})
    # A second place may stand in a letter that left a while ago.
    same_letter = [kept[3] for kept in before.values() if place.link_id and kept[1] == place.link_id]
    asked_at = min([*same_letter, now.timestamp()])
    if waits:
        until = place.held_until
    newest = [place.booking_id, place.link_id, address, asked_at, until.timestamp(), waits]
    others = {key: kept for key, kept in before.items() if key != str(session_id)}
    latest = list(others.items())[-(_MOST_PLACES - 1) :]
    session[_HELD] = dict([*latest, (str(session_id), newest)])


def place_asked(session_id: int) -> HeldHere | None:
    """Return the place this browser asked for at a session, or None."""
    kept = session.get(_HELD, {}).get(str(session_id))
    if kept is None:
        return None
    # Cookies from before there were waiting lists hold one fact less.
    booking_id, link_id, address, asked_at, until, waits = (*kept, False)[:6]
    return HeldHere(booking_id, link_id, address, _instant(asked_at), _instant(until), waits)


def remember_words(typed: Mapping[str, Any]) -> None:
    """Keep what she typed in her own cookie until she is in: a wrong letter costs only that letter."""
    words = {name: typed[name] for name in _KEPT_WORDS if typed.get(name)}
    if len(json.dumps(words)) <= _MOST_WORDS:
        session[_WORDS] = words
    else:
        session.pop(_WORDS, None)


def words_typed() -> dict[str, str]:
    """Return what she typed last time, to stand in the form again."""
    return dict(session.get(_WORDS, {}))


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


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
