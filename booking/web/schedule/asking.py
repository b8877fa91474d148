"""What somebody looks for, between the address of the page and the question to the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from booking.models.kinds import Mode
from booking.queries.schedule import Criteria, ProgrammeName, Viewer
from booking.queries.session_cards import TimeOfDay
from booking.rules.addresses import one_line
from booking.web.doors import visitor_or_none

FORMATS = {"online": Mode.ONLINE, "in-person": Mode.IN_PERSON}
TIMES = {
    "morning": TimeOfDay.MORNING,
    "afternoon": TimeOfDay.AFTERNOON,
    "after-5pm": TimeOfDay.EVENING,
}
NATIONS = {
    "england": "England",
    "scotland": "Scotland",
    "wales": "Wales",
    "northern-ireland": "Northern Ireland",
}
TIME_WORDS = {
    "morning": _l("Morning"),
    "afternoon": _l("Afternoon"),
    "after-5pm": _l("After 5pm"),
}
FORMAT_WORDS = {"online": _l("Online"), "in-person": _l("In person")}
_LONGEST_SEARCH, _LONGEST_KEY, _MOST_SKIPPED = 100, 60, 10_000


@dataclass(frozen=True, slots=True)
class Asking:
    """The filters as words of an address; what we do not know is left out, and nobody is scolded for it."""

    programme: str = ""
    format: str = ""
    nation: str = ""
    time: str = ""
    q: str = ""
    from_date: date | None = None
    before: date | None = None
    skip: int = 0
    # The first day of a month: these filters stand beside the month view instead of the list.
    month: date | None = None

    @property
    def criteria(self) -> Criteria:
        """Return the question to the database."""
        return Criteria(
            programme=self.programme,
            mode=FORMATS.get(self.format),
            nation=NATIONS.get(self.nation, ""),
            time_of_day=TIMES.get(self.time),
            words=self.q,
            from_date=self.from_date,
            before=self.before,
            skip=self.skip,
        )

    @property
    def filters(self) -> dict[str, str]:
        """Return the filters that are on, as an address holds them."""
        named = {"programme": self.programme, "format": self.format, "nation": self.nation}
        return {name: value for name, value in {**named, "time": self.time, "q": self.q}.items() if value}

    @property
    def has_more_filters(self) -> bool:
        """Say whether one of the filters that fold away is on."""
        return bool(self.nation or self.time or self.q)

    @property
    def place(self) -> str:
        """Return the page on which these filters stand, without them."""
        return Asking(month=self.month).address()

    @property
    def month_address(self) -> str:
        """Return the address of this month's view with these filters."""
        asked: dict[str, Any] = dict(self.filters)
        return url_for("schedule.month", **asked)

    def address(self, **others: Any) -> str:
        """Return the address of the page with these filters and those given, from its first day on."""
        wanted: dict[str, Any] = {**self.filters, **others}
        if self.month:
            wanted["m"] = f"{self.month:%Y-%m}"
        page = "schedule.month" if self.month else "schedule.find"
        return url_for(page, **{name: value for name, value in wanted.items() if value})


def read(args: Mapping[str, str]) -> Asking:
    """Read the filters of an address; wrong values count as not said."""
    from_date, before = _date(args.get("from", "")), _date(args.get("before", ""))
    return Asking(
        programme=_key(args.get("programme", "")),
        format=_known(args.get("format", ""), FORMATS),
        nation=_known(args.get("nation", ""), NATIONS),
        time=_known(args.get("time", ""), TIMES),
        q=one_line(args.get("q", "")[: _LONGEST_SEARCH * 2])[:_LONGEST_SEARCH].strip(),
        from_date=from_date,
        before=None if from_date else before,
        skip=_number(args.get("skip", "")) if from_date else 0,
    )


def month_of(value: str) -> date | None:
    """Read a month such as 2027-01; anything else counts as not said."""
    return _date(f"{value}-01")


def viewer() -> Viewer:
    """Say for whom a page is read."""
    here = visitor_or_none()
    return Viewer(here.person_id, here.is_facilitator) if here else Viewer()


def known_programme(asking: Asking, programmes: Sequence[ProgrammeName]) -> Asking:
    """Forget a programme that does not exist."""
    if any(programme.key == asking.programme for programme in programmes):
        return asking
    return replace(asking, programme="")


def chips(asking: Asking, programmes: Sequence[ProgrammeName]) -> list[dict[str, object]]:
    """Return the filters of one tap: everything, each programme, online or in person."""
    everything = {"text": _("All sessions"), "href": asking.place, "current": not asking.filters}
    kinds = [
        {
            "text": programme.name,
            "href": asking.address(programme=programme.key),
            "current": programme.key == asking.programme,
        }
        for programme in programmes
    ]
    formats = [
        {"text": str(words), "href": asking.address(format=key), "current": key == asking.format}
        for key, words in FORMAT_WORDS.items()
    ]
    return [everything, *kinds, *formats]


def _known(value: str, words: Mapping[str, object]) -> str:
    plain = value.strip().lower().replace("_", "-").replace(" ", "-")
    return plain if plain in words else ""


def _key(value: str) -> str:
    plain = value.strip().lower()
    return plain if len(plain) <= _LONGEST_KEY and plain.isascii() and plain.isprintable() else ""


def _date(value: str) -> date | None:
    try:
        found = date.fromisoformat(value) if len(value) == 10 else None
    except ValueError:
        return None
    return found if found and 2000 <= found.year <= 2100 else None


def _number(value: str) -> int:
    usable = value.isascii() and value.isdigit() and len(value) <= 5
    return min(int(value), _MOST_SKIPPED) if usable else 0
