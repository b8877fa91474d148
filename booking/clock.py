"""The only reader of the clock, so that time can be moved by hand in tests and demonstrations."""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_OFFSET = re.compile(r"^([+-])(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$")
_source: Callable[[], datetime] | None = None
_file: str | None = None


class UnreadableClock(ValueError):
    """The clock file holds neither an ISO instant nor an offset."""


def now() -> datetime:
    """Say what time it is.

    Units: an aware instant in UTC.
    """
    if _source is not None:
        return _source()
    real = datetime.now(UTC)
    return _moved(real, _file) if _file else real


def set_source(source: Callable[[], datetime] | None) -> None:
    """Let tests in this process say what time it is; None gives the real clock back."""
    global _source
    _source = source


def read_from_file(path: str | None) -> None:
    """Follow the instant or offset written in a file, read anew at each question (`CLOCK_FILE`)."""
    global _file
    _file = path


def parse_moved(text: str, real: datetime) -> datetime:
    """Turn the words of a clock file into an instant.

    Units: an ISO instant ("2026-11-22T10:00:00+00:00", UTC when it names no offset), or an offset
    from the real clock such as "+2d3h10m" or "-90m"; nothing at all means the real clock.
    Refuses: anything else, because a clock that guesses sends reminders on the wrong day.
    """
    words = text.strip()
    if not words:
        return real
    match = _OFFSET.match(words)
    if match and any(match.groups()[1:]):
        sign, *parts = match.groups()
        days, hours, minutes, seconds = (int(part or 0) for part in parts)
        try:
            length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
            return real + length if sign == "+" else real - length
        except OverflowError:
            raise _unreadable(words) from None
    try:
        instant = datetime.fromisoformat(words)
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise _unreadable(words) from None


def _unreadable(words: str) -> UnreadableClock:
    return UnreadableClock(f"CLOCK_FILE holds {words[:40]!r}, not an instant or an offset.")


def _moved(real: datetime, path: str) -> datetime:
    """Read the clock file; a file that is not there yet means the real clock."""
    if not os.path.exists(path):
        return real
    try:
        with open(path, encoding="utf-8") as file:
            words = file.read(100)
    except (OSError, UnicodeDecodeError):
        raise UnreadableClock("CLOCK_FILE can't be read as a text.") from None
    return parse_moved(words, real)
