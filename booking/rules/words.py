"""Dates, times and lengths in the words that people read.

Babel names days and months in every language, each date once: a letter to a thousand people asks it a
thousand times for the same day.
"""

from datetime import date, time, timedelta
from functools import lru_cache

from babel.dates import format_date, format_time

ENGLISH = "en_GB"
# Monday is 0, as in `date.weekday()`: any Monday will do to name it by.
_A_MONDAY = date(2026, 8, 3)
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@lru_cache(maxsize=64)
def weekday_words(weekday: int, language: str = ENGLISH) -> str:
    """Name a weekday. Units: 0 is Monday, as in `date.weekday()`."""
    return format_date(_A_MONDAY + timedelta(days=weekday), "EEEE", locale=language)


@lru_cache(maxsize=512)
def month_words(on: date, language: str = ENGLISH) -> str:
    """Name the month of a date and its year: "August 2026"."""
    return format_date(on, "MMMM y", locale=language)


@lru_cache(maxsize=4096)
def day_words(on: date, language: str = ENGLISH) -> str:
    """Say a date in full: "Thursday 6 August 2026"."""
    return format_date(on, "EEEE d MMMM y", locale=language)


@lru_cache(maxsize=4096)
def day_words_short(on: date, language: str = ENGLISH) -> str:
    """Say a date without its year, the month still in full: "Thursday 6 August"."""
    return format_date(on, "EEEE d MMMM", locale=language)


@lru_cache(maxsize=2048)
def time_words(at: time, language: str = ENGLISH) -> str:
    """Say a time of day: "1:30pm", "11am", "midday", "midnight"; other languages as Babel says it."""
    if language != ENGLISH:
        return format_time(at, "short", locale=language)
    if at.minute == 0 and at.hour in (0, 12):
        return "midday" if at.hour else "midnight"
    hour = at.hour % 12 or 12
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{hour}{minutes}{'am' if at.hour < 12 else 'pm'}"


def span_words(start: time, end: time) -> str:
    """Say from when to when: "1:30pm to 5pm"."""
    return f"{time_words(start)} to {time_words(end)}"


def count_words(n: int, singular: str, plural: str) -> str:
    """Say how many of something: "1 place", "12 places", "1,200 places"."""
    return f"{n:,} {singular if n == 1 else plural}"


def number_words(n: int) -> str:
    """Say a small number as a word ("three"), a larger one in figures ("12")."""
    return _NUMBERS[n] if 0 <= n < len(_NUMBERS) else f"{n:,}"


def length_words(minutes: int) -> str:
    """Say how long something takes: "45 minutes", "1 hour", "3 hours 30 minutes"."""
    hours, rest = divmod(max(minutes, 0), 60)
    parts = []
    if hours:
        parts.append(count_words(hours, "hour", "hours"))
    if rest or not hours:
        parts.append(count_words(rest, "minute", "minutes"))
    return " ".join(parts)


def relative_day(on: date, today: date) -> str | None:
    """Say "Today" or "Tomorrow"; any other day has no such word."""
    return {0: "Today", 1: "Tomorrow"}.get((on - today).days)


def until_words(delta: timedelta) -> str:
    """Say how long until something: "in 40 minutes", "in 3 hours", "in 2 days", "now" when it has come.

    A length alone cannot tell whether 20 hours from now is tomorrow: for that there is `relative_day`.
    """
    minutes = -(-delta // timedelta(minutes=1))
    if minutes <= 0:
        return "now"
    if minutes < 60:
        return f"in {length_words(minutes)}"
    hours = (minutes + 30) // 60
    if hours < 24:
        return f"in {count_words(hours, 'hour', 'hours')}"
    return f"in {count_words((hours + 12) // 24, 'day', 'days')}"
