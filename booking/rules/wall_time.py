"""Wall time into instants and back, each date on its own, so that 1:30pm stays 1:30pm all year."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from booking.rules.faults import N_, Fault
from booking.rules.words import day_words, time_words

LONDON_NAME = "Europe/London"
LONDON = ZoneInfo(LONDON_NAME)


class ImpossibleTime(Fault):
    """A time that no clock shows on that date, or that a clock shows twice."""

    field = "start_time"


def zone_of(zone: str | ZoneInfo) -> ZoneInfo:
    """Return the zone of a name such as "Europe/London". Refuses: a name that is no zone."""
    if isinstance(zone, ZoneInfo):
        return zone
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ImpossibleTime(N_("There is no time zone called “%(zone)s”."), zone=zone[:40]) from None


def to_instant(local_date: date, wall_time: time, zone_name: str | ZoneInfo = LONDON) -> datetime:
    """Turn a date and what the clock on the wall shows into an instant.

    Units: an aware instant in UTC.
    Refuses: a time that does not exist or exists twice on a night when the clocks change.
    """
    zone = zone_of(zone_name)
    wall = datetime.combine(local_date, wall_time.replace(tzinfo=None), zone)
    try:
        instant = wall.astimezone(UTC)
        exists = instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None)
    except OverflowError:
        raise ImpossibleTime(N_("That date is too far away.")) from None
    said = {"time": time_words(wall_time), "date": day_words(local_date)}
    if not exists:
        raise ImpossibleTime(N_("The clocks go forward: there is no %(time)s on %(date)s."), **said)
    if wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset():
        raise ImpossibleTime(N_("The clocks go back: %(time)s comes twice on %(date)s."), **said)
    return instant


def to_local(instant: datetime, zone: str | ZoneInfo = LONDON) -> datetime:
    """Turn an instant into what the clock on the wall shows.

    Refuses: a naive value, as a fault.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(zone_of(zone))


def end_date(local_date: date, start_time: time, end_time: time) -> date:
    """Return the date on which a session ends: the next one when its end is past midnight.

    Refuses: an end at the very time of the start.
    """
    if end_time == start_time:
        raise ImpossibleTime(N_("The end must be after the start."), field="end_time")
    return local_date if end_time > start_time else local_date + timedelta(days=1)


def instants(
    local_date: date, start_time: time, end_time: time, zone: str | ZoneInfo = LONDON
) -> tuple[datetime, datetime]:
    """Return the instants at which a session starts and ends.

    Units: aware instants in UTC.
    Refuses: what `to_instant` and `end_date` refuse.
    """
    ends_on = end_date(local_date, start_time, end_time)
    return to_instant(local_date, start_time, zone), to_instant(ends_on, end_time, zone)
