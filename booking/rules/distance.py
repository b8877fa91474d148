"""How far it is from one place to another, as the crow flies, and how people say it."""

import math
import re
from typing import NoReturn

from booking.rules.faults import N_, Fault

Position = tuple[float, float]
_EARTH_MILES = 3958.8
_WRITTEN = r"([+-]?)(\d{1,3}(?:[.,]\d{1,12})?)\s*°?\s*([NSEWnsew]?)"
_NUMBER = re.compile(_WRITTEN)
_PAIR = re.compile(rf"({_WRITTEN})\s*[\s,;/]\s*({_WRITTEN})")
# The islands with the sea around them: Rockall and the Channel Islands are no place for a session.
_SOUTH, _NORTH, _WEST, _EAST = 49.8, 61.0, -8.7, 1.9


def miles(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Return how far two points are from one another. Units: degrees in, miles out."""
    here, there = math.radians(latitude), math.radians(other_latitude)
    north = math.sin((there - here) / 2) ** 2
    east = math.sin(math.radians(other_longitude - longitude) / 2) ** 2
    return 2 * _EARTH_MILES * math.asin(math.sqrt(min(1.0, north + math.cos(here) * math.cos(there) * east)))


def distance_words(distance: float) -> str:
    """Say a distance as people do: "less than a mile", "about 12 miles". Units: miles."""
    if distance < 1:
        return "less than a mile"
    if distance < 1.5:
        return "about a mile"
    # Nobody drives to a mile's precision, and a town's middle is not her door.
    rounded = round(distance) if distance < 30 else 5 * round(distance / 5)
    return f"about {rounded if rounded < 100 else 10 * round(distance / 10):,} miles"


def is_near_the_uk(position: Position) -> bool:
    """Say whether a point lies in the UK or just off its coast."""
    latitude, longitude = position
    return _SOUTH <= latitude <= _NORTH and _WEST <= longitude <= _EAST


def position(latitude: str, longitude: str) -> Position | None:
    """Read a position as people copy it: "53.48", "53,48", "2.24 W", or both in the first box.

    Nothing in either box is no position. Refuses: half of one, what is no number, and what is not on Earth.
    """
    first, second = _plain_signs(latitude), _plain_signs(longitude)
    if not first and not second:
        return None
    both = _PAIR.fullmatch(first) if not second else None
    if both is not None:
        first, second = both[1], both[5]
    return _degrees(first, "latitude", 90), _degrees(second, "longitude", 180)


def _plain_signs(written: str) -> str:
    return written.strip().replace("\u2212", "-").replace("\u2013", "-")


def _degrees(written: str, field: str, most: int) -> float:
    found = _NUMBER.fullmatch(written.strip())
    sign, digits, side = found.groups() if found is not None else ("", "1000", "")
    number = float(digits.replace(",", "."))
    if number > most or side.upper() not in ("", *("NS" if field == "latitude" else "EW")):
        _refuse(field)
    return -number if (sign == "-") != (side.upper() in ("S", "W")) else number


def _refuse(field: str) -> NoReturn:
    if field == "latitude":
        raise Fault(N_("Enter the latitude as a number, such as 53.4809"), field=field)
    raise Fault(N_("Enter the longitude as a number, such as -2.2374"), field=field)
