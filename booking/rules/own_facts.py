"""Which facts of a date are its own: what it changed for itself is left alone when its series changes."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

HOSTS: Final = "hosts"
# The facts that a series gives its dates; a date's own title and description live in columns of their own.
FROM_SERIES: Final = (
    "start_time",
    "end_time",
    "mode",
    "venue_id",
    "meeting_url",
    "places_room",
    "places_online",
)
OWNABLE: Final = ("local_date", *FROM_SERIES, HOSTS)


def own_after(
    own: Collection[str],
    changed: Iterable[str],
    values: Mapping[str, Any],
    of_series: Mapping[str, Any] | None,
) -> frozenset[str]:
    """Return which facts are a date's own after some of them changed.

    `of_series` is what the series wants of this date, None where nobody can say any more: what such a
    date changes is always its own. A fact brought back to the series' value is not its own any more.
    """
    after = set(own)
    for fact in (name for name in changed if name in OWNABLE):
        if of_series is not None and values.get(fact) == of_series.get(fact):
            after.discard(fact)
        else:
            after.add(fact)
    return frozenset(after)


def own_text(own: Collection[str]) -> str:
    """Write the names as a row keeps them, in one order whatever the way they came."""
    return " ".join(fact for fact in OWNABLE if fact in own)
