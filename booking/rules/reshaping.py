"""Pairing the dates that stand with the dates of a new rule, so that people keep their places."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median_low


@dataclass(frozen=True, slots=True)
class Standing:
    """One slot of the season as it stands.

    `session_id` is None for a date that is left out: it has no row, and still keeps its slot.
    `is_fixed`: it has begun or is not meant by the change, so that it only takes its slot.
    Units: `booked` counts live bookings.
    """

    session_id: int | None
    rule_date: date
    is_cancelled: bool = False
    own: frozenset[str] = frozenset()
    booked: int = 0
    is_fixed: bool = False


@dataclass(frozen=True, slots=True)
class Reshaped:
    """What becomes of each slot. Units: `moves` are (session, old rule date, new rule date).

    `leaves` have no date in the new rule; `claimed` are the new dates that fixed slots stand for.
    """

    stays: tuple[Standing, ...]
    moves: tuple[tuple[int | None, date, date], ...]
    added: tuple[date, ...]
    leaves: tuple[tuple[int | None, date], ...]
    claimed: tuple[date, ...] = ()


def reshape(there: Sequence[Standing], rule_dates: Sequence[date]) -> Reshaped:
    """Give each slot the nearest new date within half the rhythm, each new date once.

    A cancelled date takes its slot along, so that nothing that was called off comes back.
    """
    slots = sorted(there, key=lambda slot: slot.rule_date)
    pairs = _pairs([slot.rule_date for slot in slots], sorted(set(rule_dates)))
    free = [slot for slot in slots if not slot.is_fixed]
    return Reshaped(
        stays=tuple(slot for slot in free if pairs.get(slot.rule_date) == slot.rule_date),
        moves=tuple(
            (slot.session_id, slot.rule_date, pairs[slot.rule_date])
            for slot in free
            if pairs.get(slot.rule_date, slot.rule_date) != slot.rule_date
        ),
        added=tuple(sorted(set(rule_dates) - set(pairs.values()))),
        leaves=tuple((slot.session_id, slot.rule_date) for slot in free if slot.rule_date not in pairs),
        claimed=tuple(
            sorted(pairs[slot.rule_date] for slot in slots if slot.is_fixed and slot.rule_date in pairs)
        ),
    )


def _pairs(old: Sequence[date], new: Sequence[date]) -> dict[date, date]:
    """Pair by distance, the nearest first; of two as near the later one, which leaves people more time."""
    rhythm = _rhythm(old, new)
    near = sorted(
        (abs((to - on).days), to < on, on, to)
        for on in old
        for to in new
        if rhythm is None or abs((to - on).days) * 2 <= rhythm
    )
    found: dict[date, date] = {}
    taken: set[date] = set()
    for _distance, _earlier, on, to in near:
        if on not in found and to not in taken:
            found[on] = to
            taken.add(to)
    return found


def _rhythm(old: Sequence[date], new: Sequence[date]) -> int | None:
    """Return the shorter of the two rhythms. Units: days; None where neither has two dates."""
    gaps = [
        median_low([(later - earlier).days for earlier, later in zip(dates, dates[1:], strict=False)])
        for dates in (old, new)
        if len(dates) > 1
    ]
    return min(gaps, default=None)
