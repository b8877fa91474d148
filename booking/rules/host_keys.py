"""What the key of a letter about dates that somebody leads says: what became of them, and exactly which."""

from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

# The part of a key that says what became of the dates.
CHANGED, GIVEN, TAKEN, GONE = ":changed:", ":given:", ":taken:", ":gone:"
# Whoever asked for cover, and who was told of it, hears who hosts the date now.
COVERED = ":covered:"
_DATES = "#"
# A key has 200 characters, and the office's copy of a letter puts a few before it.
_LONGEST = 180


def keys_of(stem: str, numbers: Collection[int]) -> list[str]:
    """Return the keys of the letters that name these dates: one, unless they don't fit into its key."""
    words = packed(numbers)
    if len(stem) + len(_DATES) + len(words) <= _LONGEST or len(numbers) == 1:
        return [f"{stem}{_DATES}{words}"]
    in_order, half = sorted(numbers), len(numbers) // 2
    return keys_of(stem, in_order[:half]) + keys_of(stem, in_order[half:])


def named(key: str) -> list[int]:
    """Return the dates that a key names, in their order; none where it names none."""
    return unpacked(key.partition(_DATES)[2])


def series_of(key: str) -> int:
    """Return the series of dates that are gone."""
    return int(key.partition(GONE)[2].partition(":")[0])


def request_of(key: str) -> int:
    """Return the request for cover that found somebody."""
    return int(key.partition(COVERED)[2].partition(":")[0])


def packed(numbers: Iterable[int]) -> str:
    """Write numbers as the first and the steps from each to the next: weeks of a year are a few letters."""
    in_order = sorted(set(numbers))
    steps: list[list[int]] = []
    for one, other in pairwise(in_order):
        if steps and steps[-1][0] == other - one:
            steps[-1][1] += 1
        else:
            steps.append([other - one, 1])
    return "".join(
        [str(first) for first in in_order[:1]]
        + [f"+{step}" if times == 1 else f"+{step}x{times}" for step, times in steps]
    )


def unpacked(words: str) -> list[int]:
    """Read what `packed` wrote."""
    if not words:
        return []
    first, *steps = words.split("+")
    found = [int(first)]
    for step in steps:
        by, _, times = step.partition("x")
        found += _walked(found, int(by), int(times or 1))
    return found


def _walked(found: Sequence[int], by: int, times: int) -> list[int]:
    return [found[-1] + by * number for number in range(1, times + 1)]
