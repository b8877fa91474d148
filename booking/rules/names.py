"""How the people of one list are named: the names they like, told apart only where two are alike."""

import unicodedata
from collections import Counter
from collections.abc import Sequence

from booking.rules.addresses import clean_line


def told_apart(people: Sequence[tuple[str, str]]) -> list[str]:
    """Name each person of a list; the surname's initial stands only where two share a name.

    Units: pairs of the name she likes and the full name, of which nothing but that initial is used.
    """
    shared = Counter(_alike(known_as) for known_as, _ in people)
    return [
        _with_initial(known_as, full_name) if shared[_alike(known_as)] > 1 else known_as
        for known_as, full_name in people
    ]


def surely_told_apart(people: Sequence[tuple[str, str]]) -> list[str]:
    """Name each person as `told_apart` does, by the full name where the initial is shared as well.

    Only for a page that the people themselves open: a list for others shows no surname.
    """
    named = told_apart(people)
    shared = Counter(map(_alike, named))
    return [
        full_name if full_name and shared[_alike(name)] > 1 else name
        for name, (_, full_name) in zip(named, people, strict=True)
    ]


def first_word(text: str, longest: int) -> str:
    """Return what is kept of the name of a companion: the first word, for nothing else was asked for.

    Refuses: what `clean_line` refuses.
    """
    return clean_line(text, longest).partition(" ")[0]


def in_order(name: str) -> tuple[str, str]:
    """Return the key by which names are sorted: Éilis stands with the other E's, and ties never jump."""
    return _plain(name).casefold(), name


def fold(name: str) -> str:
    """Return a name as the office's search compares it: without accents, case and doubled spaces."""
    return " ".join(_plain(name).casefold().split())


def _plain(name: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))


def _alike(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()


def _with_initial(known_as: str, full_name: str) -> str:
    words = full_name.split()
    return f"{known_as} {words[-1][0].upper()}." if len(words) > 1 else known_as
