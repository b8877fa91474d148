"""The towns and villages of the UK by name, so that "near me" needs nobody outside this house."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from heapq import nsmallest
from pathlib import Path

from booking.rules.distance import miles
from booking.rules.likeness import LEFT_OUT, PLAIN
from booking.rules.names import fold

LONGEST_NAME = 100
_FILE = Path(__file__).with_name("uk_places.csv")
# A town that others know where it is, by which one of several with the same name is told.
_WELL_KNOWN = 15_000
_MOST_ALIKE = 5
# Of several names that are nearly what was typed, one is plain when its place is so many times larger.
_MUCH_LARGER = 10
_MOST_HINTS = 12
_ALIKE = 0.78
# "Newcastle" may mean Newcastle upon Tyne as well.
_ON_A_RIVER = ("upon", "under", "on", "in", "by", "le", "next")
# What people say for a place that the list calls otherwise.
_ALSO = {"hull": "kingston upon hull", "londonderry": "derry", "ynys mon": "anglesey"}
_SAINT = re.compile(r"\bst\b")
_NEAR = re.compile(r"^(near|nr|in|by)\s+")
_POSTCODE = re.compile(r"[a-z]{1,2}\d[a-z\d]?(\s*\d[a-z]{2})?", re.IGNORECASE)
_ABROAD = ("uk", "united kingdom", "great britain")


@dataclass(frozen=True, slots=True)
class Place:
    """A town or a village. Units: degrees, WGS 84."""

    name: str
    nation: str
    latitude: float
    longitude: float
    population: int


def places_named(words: str) -> tuple[Place, ...]:
    """Return the places that bear this name, the largest first: "St Ives, near Penzance" is one.

    Case, accents, hyphens and "St" for "Saint" are forgiven.
    """
    typed = words[:LONGEST_NAME]
    if key := _key(typed):
        if whole := _by_name().get(key):
            return whole
        name, _comma, hint = typed.partition(",")
        if hint.strip():
            return _told_by(_by_name().get(_key(name), ()), _key(hint))
    return ()


def places_like(words: str) -> tuple[Place, ...]:
    """Return the largest place of each name that is nearly this one, the most alike first."""
    wanted = _key(words[:LONGEST_NAME].partition(",")[0])
    names = list(_by_name())
    close = get_close_matches(wanted, names, n=_MOST_ALIKE, cutoff=_ALIKE) if len(wanted) > 2 else []
    found = (_by_name()[name][0] for name in close)
    return tuple(dict.fromkeys(found))


def place_surely_meant(alike: Sequence[Place]) -> Place | None:
    """Return the one place that a misspelt name plainly stands for, of those that are nearly called so.

    None where two are as likely, or where several places bear that name: she says herself which.
    """
    if not alike or len(places_named(alike[0].name)) > 1:
        return None
    first, *others = alike
    is_plain = all(first.population >= _MUCH_LARGER * max(1, other.population) for other in others)
    return first if is_plain else None


def only_place_named(words: str) -> Place | None:
    """Return the one place of this name; several of a name are none, because nobody said which."""
    found = places_named(words)
    return found[0] if len(found) == 1 else None


def place_in_address(*texts: str) -> Place | None:
    """Guess the town from how a venue is called or where it stands: "Library room, Leeds" is in Leeds."""
    for text in texts:
        for part in reversed([part for part in re.split(r"[,\n]", text) if part.strip()]):
            without_code = re.sub(r"\b[A-Za-z]{1,2}\d[A-Za-z\d]?\s*\d[A-Za-z]{2}\b", "", part)
            if without_code.strip() and _key(without_code) not in _ABROAD:
                if found := only_place_named(without_code):
                    return found
                break
    return None


@cache
def label(place: Place) -> str:
    """Name a place so that it is no other: "Leeds", or "Newport, near Telford, England" where several are."""
    if len(places_named(place.name)) == 1:
        return place.name
    for known in _well_known_near(place):
        told = f"{place.name}, near {known.name}, {place.nation}"
        if places_named(told) == (place,):
            return told
    return f"{place.name}, {place.nation}"


def _well_known_near(place: Place) -> list[Place]:
    """Return the larger towns nearby by which people tell where a place is, the nearest first."""
    larger = (other for other in _all() if other.population >= max(_WELL_KNOWN, place.population + 1))
    return nsmallest(_MOST_HINTS, larger, key=lambda other: _apart(place, other))


def is_postcode(words: str) -> bool:
    """Say whether somebody typed a postcode, of which we know none."""
    return _POSTCODE.fullmatch(words.strip()) is not None


def _told_by(places: Sequence[Place], hint: str) -> tuple[Place, ...]:
    """Keep those of several places that fit what was said besides: a nation, or a town nearby."""
    for nation in ("northern ireland", "england", "scotland", "wales"):
        if hint == nation or hint.endswith(f" {nation}"):
            places = [place for place in places if place.nation.casefold() == nation]
            hint = hint.removesuffix(nation).strip()
    nearby = _by_name().get(_NEAR.sub("", hint), ()) if hint else ()
    if nearby and places:
        return (min(places, key=lambda place: _apart(place, nearby[0])),)
    return tuple(places)


def _apart(place: Place, other: Place) -> float:
    return miles(place.latitude, place.longitude, other.latitude, other.longitude)


def _key(words: str) -> str:
    folded = fold(words)
    for sign in LEFT_OUT:
        # A hyphen parts two words; an apostrophe and a full stop part nothing.
        folded = folded.replace(sign, " " if sign in "-‐‑‒–—," else "")
    for letter, typed in PLAIN.items():
        folded = folded.replace(letter, typed)
    return " ".join(_SAINT.sub("saint", folded.replace("&", " and ")).split())


@cache
def _by_name() -> dict[str, tuple[Place, ...]]:
    found: dict[str, list[Place]] = {}
    for place in _all():
        key = _key(place.name)
        first, _space, rest = key.partition(" ")
        found.setdefault(key, []).append(place)
        if rest.split(" ")[0] in _ON_A_RIVER and " " in rest:
            found.setdefault(first, []).append(place)
    for said, name in _ALSO.items():
        found.setdefault(said, []).extend(found.get(name, ()))
    return {key: tuple(_largest_first(places)) for key, places in found.items() if places}


def _largest_first(places: Sequence[Place]) -> list[Place]:
    return sorted(places, key=lambda place: (-place.population, place.nation, place.latitude))


@cache
def _all() -> tuple[Place, ...]:
    """Read the list. Source: GeoNames, CC BY 4.0."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Place(
                row["name"],
                row["nation"],
                float(row["latitude"]),
                float(row["longitude"]),
                int(row["population"]),
            )
            for row in csv.DictReader(file)
        )
