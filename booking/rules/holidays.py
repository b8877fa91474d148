"""Days on which a session may find the doors shut: bank holidays of each nation, and Christmas."""

from datetime import date
from functools import lru_cache

from holidays import country_holidays

from booking.rules.faults import N_, Fault

_SUBDIVISIONS = {"England": "ENG", "Scotland": "SCT", "Wales": "WLS", "Northern Ireland": "NIR"}
_EVERYWHERE = "UK"
NATIONS = (*_SUBDIVISIONS, _EVERYWHERE)
_CHRISTMAS = "Christmas and New Year"


class UnknownNation(Fault):
    """A nation that is none of the four, nor the whole of the UK."""

    field = "nation"


def clash_words(on: date, nation: str) -> str | None:
    """Name what a date clashes with: a bank holiday, else the days from 20 December to 3 January.

    Units: England, Scotland, Wales, Northern Ireland, or UK (online sessions), which asks all four and
    says which when only some of them have a holiday.
    Refuses: any other nation.
    """
    return holiday_words(on, nation) or christmas_words(on)


def christmas_words(on: date) -> str | None:
    """Name the days from 20 December to 3 January; any other day has no such words."""
    rests = (on.month, on.day) >= (12, 20) or (on.month, on.day) <= (1, 3)
    return _CHRISTMAS if rests else None


def holiday_words(on: date, nation: str) -> str | None:
    """Name the bank holiday of a nation on this day; of UK, of any of the four, said which.

    Refuses: any other nation.
    """
    if nation != _EVERYWHERE:
        return _holiday(on, nation)
    names = {each: name for each in _SUBDIVISIONS if (name := _holiday(on, each))}
    if not names:
        return None
    said = " / ".join(dict.fromkeys(names.values()))
    return said if len(names) == len(_SUBDIVISIONS) else f"{said} ({_listed(list(names))})"


def _holiday(on: date, nation: str) -> str | None:
    if nation not in _SUBDIVISIONS:
        raise UnknownNation(N_("Choose England, Scotland, Wales, Northern Ireland or UK."))
    return _holidays_of(nation, on.year).get(on)


@lru_cache(maxsize=64)
def _holidays_of(nation: str, year: int) -> dict[date, str]:
    found = country_holidays("GB", subdiv=_SUBDIVISIONS[nation], years=year, language="en_GB")
    # The library says "observed"; here people say "substitute day".
    return {on: name.replace("(observed)", "(substitute day)") for on, name in found.items()}


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
