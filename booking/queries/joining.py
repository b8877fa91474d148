"""Where a date meets online, as it is today: an address, and a number to dial for whoever wants no screen."""

from dataclasses import dataclass

from booking.models import ScheduledSession


@dataclass(frozen=True)
class Meeting:
    """Where a date meets online: an address, and how to join by telephone; empty where there is none."""

    url: str
    dial_in: str


def meeting_of(scheduled: ScheduledSession) -> Meeting:
    """Return where a date meets today; only what a browser opens safely is an address.

    The session comes with its series, which says how to dial in.
    """
    url = scheduled.meeting_url
    is_safe = url.startswith(("https://", "http://"))
    return Meeting(url if is_safe else "", scheduled.series.dial_in.strip())
