"""What somebody writes once to many: how long, how often, and what it must not give away."""

import re
from collections.abc import Iterable
from datetime import timedelta

LONGEST_WORDS = 3000
LONGEST_HEADING = 100
# Whoever reads them is tired: three in a day about one date are plenty, and so is one piece of news.
MOST_A_DAY = 3
A_DAY = timedelta(days=1)
# The same words within the hour are the same message, sent by a button that was pressed twice.
SAME_WORDS_WITHIN = timedelta(hours=1)
NEWS_KEEPS_FOR = timedelta(days=14)
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://(www\.)?", re.IGNORECASE)
_SHORTEST_NAME = 2


def paragraphs(words: str) -> list[list[str]]:
    """Return the lines of each paragraph, as they were typed."""
    return [part.split("\n") for part in words.split("\n\n") if part.strip()]


def names_in(words: str, names: Iterable[str]) -> list[str]:
    """Return which of these names stand in the words, each once, written as the names are."""
    known = {name.strip() for name in names if len(name.strip()) >= _SHORTEST_NAME}
    return sorted(name for name in known if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words))


def gives_away(words: str, meeting_url: str) -> bool:
    """Say whether the words hold the meeting's own address, also without what browsers put before it."""
    bare = _SCHEME.sub("", meeting_url.strip()).rstrip("/").casefold()
    return bool(bare) and bare in words.casefold()
