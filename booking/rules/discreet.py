"""Words that must never stand on a lock screen, and the name a session bears where they might."""

import re
import unicodedata

FORBIDDEN = ("cancer", "secondary", "breast", "metastatic", "oncology", "support group", "patient")

# Stems instead of whole words, so that "metastases", "oncologist" and "secondaries" are caught as well.
_BETWEEN_WORDS = r"(?:%20|[\W_])*"
_STEMS = ("cancer", "secondar", "breast", "metasta", "oncolog", f"support{_BETWEEN_WORDS}group", "patient")
_PATTERN = re.compile("|".join(_STEMS))
_INVISIBLE = frozenset({"Cf", "Cc", "Cs", "Mn", "Me"})
_NAMELESS = "Session"


def holds_forbidden(text: str) -> bool:
    """Say whether a text holds a health word, however it is cased, inflected, joined or disguised.

    A word inside another one counts ("Breast-cancer", "outpatients"): one name too discreet does no
    harm, one too plain does.
    """
    spread = unicodedata.normalize("NFKD", text)
    # A line break parts words; every other character without a shape only hides in one.
    seen = "".join(" " if char in "\n\r\t" else char for char in spread if _shows(char))
    return _PATTERN.search(seen.casefold()) is not None


def discreet_name(title: str, own: str | None, programme_discreet: str) -> str:
    """Return the name for senders, subjects, calendars and addresses: its own, its title, its programme's."""
    for name in (own, title, programme_discreet):
        if name and name.strip() and not holds_forbidden(name):
            return name.strip()
    return _NAMELESS


def _shows(char: str) -> bool:
    return char in "\n\r\t" or unicodedata.category(char) not in _INVISIBLE
