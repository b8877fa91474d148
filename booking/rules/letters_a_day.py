"""Which of somebody's letters go now, which of them together, and which wait for the next morning."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from booking.rules.quiet_hours import QUIET_FROM, is_quiet, next_allowed
from booking.rules.wall_time import to_instant, to_local

MOST_A_DAY = 2
# Whoever sets out tomorrow has to know tonight.
_CLOSE = timedelta(hours=24)

# Reminders and the like are counted; changes and cancellations never are. News is counted and goes by
# itself: a service letter carries nothing promotional. What is told by itself, such as what a host wrote to
# everybody, is not counted either. Alone is what somebody asked for or waits for: it minds no hour.
Family = Literal["counted", "news", "change", "told", "alone"]


@dataclass(frozen=True, slots=True)
class Due:
    """One message that is due for somebody, as far as it decides what goes with what."""

    id: int
    family: Family = "alone"
    booking_id: int | None = None
    useless_at: datetime | None = None
    # Nobody has begun to send it: its Message-ID has never stood on other words.
    is_fresh: bool = True
    # Nobody holds it, and it does not rest after a fault.
    is_free: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """What goes now, as one letter that is led by its first part, and what waits for the morning."""

    goes: tuple[int, ...] = ()
    waits: tuple[int, ...] = ()


def next_morning(now: datetime) -> datetime:
    """Return the next instant at which quiet hours end. Units: in UTC; 8am on the clocks of London."""
    if is_quiet(now):
        return next_allowed(now)
    return next_allowed(to_instant(to_local(now).date(), QUIET_FROM))


def today(now: datetime) -> tuple[datetime, datetime]:
    """Return where the present day begins and ends on the clocks of London. Units: instants in UTC."""
    day = to_local(now).date()
    return to_instant(day, time(0)), to_instant(day + timedelta(days=1), time(0))


def turn_of(leader: Due, due: Sequence[Due], gone_today: int, now: datetime, morning: datetime) -> Turn:
    """Say what becomes of the message whose turn it is, and of what else is due for the same person.

    Of the counted ones the first of a day goes alone and the second takes all others with it. When two have
    gone, and in quiet hours, what still helps in the morning waits; the rest goes at once as one letter.
    Changes that are due together are always one letter.
    Units: `morning` is the next 8 o'clock, when quiet hours end.
    """
    if leader.family == "alone":
        return Turn((leader.id,))
    if leader.family == "change":
        return _told(_with(leader, due), now, morning)
    if leader.family == "told":
        return _told([leader], now, morning)
    if is_quiet(now) or gone_today >= MOST_A_DAY:
        return _put_off(_with(leader, due), lambda one: _helps_at(one, morning))
    if leader.family == "news":
        return _news(leader, due, gone_today)
    return Turn((leader.id,) if gone_today == 0 else tuple(one.id for one in _with(leader, due)))


def _with(leader: Due, due: Sequence[Due]) -> list[Due]:
    """Return the leader and whatever may go as a part of its letter, in the order of the tray.

    What was sent once, perhaps, is repeated as it was and takes nothing new with it. Nothing overtakes an
    earlier message about the same booking by riding along.
    """
    together, passed = [leader], set[int]()
    for one in sorted(due, key=lambda one: one.id):
        if one.id == leader.id:
            continue
        rides = leader.is_fresh and one.is_fresh and one.is_free and one.family == leader.family != "news"
        if rides and one.booking_id not in passed:
            together.append(one)
        elif one.booking_id is not None:
            passed.add(one.booking_id)
    return together


def _told(together: Sequence[Due], now: datetime, morning: datetime) -> Turn:
    """Let news go; at night, after a fault or a stop, what concerns the next day goes, and the rest waits."""
    if not is_quiet(now):
        return Turn(tuple(one.id for one in together))
    return _put_off(together, lambda one: _helps_at(one, max(morning, now + _CLOSE)))


def _news(leader: Due, due: Sequence[Due], gone_today: int) -> Turn:
    """Let news go by itself, and not in the place of something she needs."""
    needed = any(one.family == "counted" for one in due)
    return Turn(waits=(leader.id,)) if needed and gone_today == MOST_A_DAY - 1 else Turn((leader.id,))


def _put_off(together: Sequence[Due], can_wait: Callable[[Due], bool]) -> Turn:
    waits = tuple(one.id for one in together if can_wait(one))
    return Turn(tuple(one.id for one in together if one.id not in waits), waits)


def _helps_at(one: Due, moment: datetime) -> bool:
    return one.useless_at is None or one.useless_at > moment
