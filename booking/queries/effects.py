"""What an edit of a series or of a date would do: read by the page before, and by the deed itself."""

from dataclasses import dataclass, field
from datetime import date, datetime

from booking.models import Series
from booking.models.kinds import Channel, Pool
from booking.rules.clashes import Clash
from booking.rules.edits import SeriesEdit, SessionChange


@dataclass(frozen=True)
class Effect:
    """What a change comes to.

    Units: `dates` are those that change; `people` are counted once, `bookings` as often as they come;
    `stays_as_is` names each date with the facts it keeps; `leaves_booked` and `too_few` say how many
    places are taken; `told` counts messages by channel.
    """

    dates: int = 0
    people: int = 0
    bookings: int = 0
    stays_as_is: tuple[tuple[date, tuple[str, ...]], ...] = ()
    moves: tuple[tuple[date, date], ...] = ()
    added: tuple[date, ...] = ()
    removed: tuple[date, ...] = ()
    leaves_booked: tuple[tuple[date, int], ...] = ()
    too_few: tuple[tuple[date, Pool, int], ...] = ()
    told: dict[Channel, int] = field(default_factory=dict)
    clashes: dict[date, list[Clash]] = field(default_factory=dict)


def effect_of(series_id: int, edit: SeriesEdit, from_date: date | None, now: datetime) -> Effect:
    """Say what an edit would do; `from_date` is None for all coming dates, else the first rule date meant.

    Refuses: what `services.series.change_series` refuses, except too few places: those are listed.
    """
    raise NotImplementedError


def effect_of_date(session_id: int, change: SessionChange, now: datetime) -> Effect:
    """Say what a change of one date would do. Refuses: what `change_session` refuses."""
    raise NotImplementedError


def seen_mark(series: Series) -> str:
    """Return a short mark of what a series is now: a form with another mark is stale."""
    raise NotImplementedError
