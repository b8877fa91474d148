"""Words that must never stand on a lock screen, and the name a session bears where they might."""

import re
import unicodedata

FORBIDDEN = ("cancer", "secondary", "breast", "metastatic", "oncology", "support group", "patient")

# Stems instead of whole words, so that "metastases", "oncologist" and "secondaries" are caught as well.
_BETWEEN_WORDS = r"(?:%20|[\W_])*"
_STEMS = ("cancer", "secondar", "breast", "metasta", "oncolog", f"support{_BETWEEN_WORDS}group", "patient")
_PATTERN = re.compile("|".join(_STEMS))
_INVISIBLE = frozenset({"Cf", "Cc", "Cs", "Mn", "Me"})
_PLAIN = {code: " " if chr(code) in "\n\r\t" else None for code in (*range(32), 127)}
_NAMELESS = "Session"


def holds_forbidden(text: str) -> bool:
    """Say whether a text holds a health word, however it is cased, inflected, joined or disguised.

    A word inside another one counts ("Breast-cancer", "outpatients"): one name too discreet does no
    harm, one too plain does.
    """
    return _PATTERN.search(_seen(text).casefold()) is not None


def discreet_name(title: str, own: str | None, programme_discreet: str) -> str:
    """Return the name for senders, subjects, calendars and addresses: its own, its title, its programme's."""
    for name in (own, title, programme_discreet):
        if name and name.strip() and not holds_forbidden(name):
            return name.strip()
    return _NAMELESS


def _seen(text: str) -> str:
    """Return what the eye sees: a line break parts words; all else without a shape only hides in one."""
    if text.isascii():
        # Most text is plain, and every letter is looked at several times.
        return text.translate(_PLAIN)
    spread = unicodedata.normalize("NFKD", text)
    return "".join(" " if char in "\n\r\t" else char for char in spread if _shows(char))


def _shows(char: str) -> bool:
    return char in "\n\r\t" or unicodedata.category(char) not in _INVISIBLE
