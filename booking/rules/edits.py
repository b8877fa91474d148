"""What shall be different: on one date, or for a whole series; what is not named stays."""

from dataclasses import dataclass, fields
from datetime import date, time
from enum import Enum
from typing import Any, Final

from booking.rules.changes import Change
from booking.rules.recurrence import Rule


class Keep(Enum):
    """The one value that says: leave it as it is."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionChange:
    """What shall be different on one date; what is not named stays.

    Units: places None = no limit, 0 = no such pool; the mode follows from the pools. `host_ids` are all
    who lead this date.
    """

    local_date: date | Keep = KEEP
    start_time: time | Keep = KEEP
    end_time: time | Keep = KEEP
    venue_id: int | None | Keep = KEEP
    meeting_url: str | Keep = KEEP
    dial_in: str | Keep = KEEP
    places_room: int | None | Keep = KEEP
    places_online: int | None | Keep = KEEP
    own_title: str | Keep = KEEP
    own_description: str | Keep = KEEP
    public_reason: str | Keep = KEEP
    host_ids: tuple[int, ...] | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesEdit:
    """What shall be different for a series; what is not named stays.

    Units: places None = no limit, 0 = no such pool; words of enums as rows hold them; `programme` by its
    name; `host_ids` and `changes` are all there shall be. `mode` shuts the pool that it does not have.
    `answers` are changes of single dates, by the rule dates of the rule as it shall be: they come to those
    there are, which go along with their dates; where `changes` are named, `answers` are not.
    """

    title: str | Keep = KEEP
    discreet_name: str | Keep = KEEP
    description: str | Keep = KEEP
    programme: str | Keep = KEEP
    rule: Rule | Keep = KEEP
    starts_on: date | Keep = KEEP
    start_time: time | Keep = KEEP
    end_time: time | Keep = KEEP
    mode: str | Keep = KEEP
    venue_id: int | None | Keep = KEEP
    nation: str | Keep = KEEP
    meeting_url: str | Keep = KEEP
    places_room: int | None | Keep = KEEP
    places_online: int | None | Keep = KEEP
    audience: str | Keep = KEEP
    companions: str | Keep = KEEP
    enrol: str | Keep = KEEP
    welcome_call: bool | Keep = KEEP
    movement_check: bool | Keep = KEEP
    join_until_week: int | Keep = KEEP
    single_weeks: bool | Keep = KEEP
    waiting_list: bool | Keep = KEEP
    waiting_books: bool | Keep = KEEP
    opens_days_before: int | None | Keep = KEEP
    closes_minutes_before: int | Keep = KEEP
    newcomer_places: int | Keep = KEEP
    min_facilitators: int | Keep = KEEP
    ground_rules_version: str | Keep = KEEP
    suits: tuple[str, ...] | Keep = KEEP
    grant_tag: str | Keep = KEEP
    office_notes: str | Keep = KEEP
    host_ids: tuple[int, ...] | Keep = KEEP
    changes: tuple[Change, ...] | Keep = KEEP
    answers: tuple[Change, ...] | Keep = KEEP

    @property
    def said_of_dates(self) -> tuple[Change, ...] | Keep:
        """Return what this edit itself says of single dates."""
        return self.answers if self.changes is KEEP else self.changes


def named_in(edit: SeriesEdit | SessionChange) -> dict[str, Any]:
    """Return what an edit names, by the name of the fact."""
    asked = {field.name: getattr(edit, field.name) for field in fields(edit)}
    return {name: value for name, value in asked.items() if value is not KEEP}
