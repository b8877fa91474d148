"""What names have in common: spellings that a tired typist mixes up, and words that are nearly alike."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from booking.rules.names import fold

# Signs that people write or leave out, or write in one of several ways.
LEFT_OUT = "'’‘‛`´ʼʻ′-‐‑‒–—.,"
# Letters that stay letters when accents are taken away, and what people type instead.
PLAIN = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
MOST_WORDS = 6
_ALIKE = 0.7
_MOST_CLOSE = 12
_SHORTEST_FORGIVEN = 3


def plain(folded: str) -> str:
    """Return a folded text as search compares it: apostrophes, hyphens and letters with a stroke forgiven."""
    for sign in LEFT_OUT:
        folded = folded.replace(sign, "")
    for letter, typed in PLAIN.items():
        folded = folded.replace(letter, typed)
    return folded


def words_of(typed: str) -> list[tuple[str, str]]:
    """Return the words to look for, at most `MOST_WORDS`: as names are compared, and as they were written."""
    pairs = [(plain(fold(word)), word.casefold()) for word in typed.split()]
    return [(word, written) for word, written in pairs if word][:MOST_WORDS]


def nearly(typed: str, keys: Mapping[int, str], most: int) -> list[int]:
    """Return whose folded names are nearly what was typed, the most alike first.

    Units: `keys` by person, as `Person.search_key` holds them; at most `most` ids.
    """
    wanted = [word for word, _written in words_of(typed) if len(word) >= _SHORTEST_FORGIVEN]
    parts = {person_id: _parts(key) for person_id, key in keys.items()}
    vocabulary = sorted({part for own in parts.values() for part in own})
    ranks = [_ranks(word, vocabulary) for word in wanted]
    if not ranks:
        return []
    scored = ((_score(own, ranks), person_id) for person_id, own in parts.items())
    # The rank of a missing word is worse than any, so that whoever fits every word comes first.
    return [person_id for score, person_id in sorted(scored) if score < _too_little(ranks)][:most]


def _parts(key: str) -> set[str]:
    """Return the words of a name, and neighbours joined: "Mac Donald" is sought as "macdonald" too."""
    words = plain(key).split()
    return {*words, *(first + second for first, second in zip(words, words[1:], strict=False))}


def _ranks(word: str, vocabulary: Iterable[str]) -> dict[str, int]:
    close = get_close_matches(word, list(vocabulary), n=_MOST_CLOSE, cutoff=_ALIKE)
    return {found: rank for rank, found in enumerate(close)}


def _score(own: set[str], ranks: list[dict[str, int]]) -> int:
    return sum(min((rank[part] for part in own if part in rank), default=2 * _MOST_CLOSE) for rank in ranks)


def _too_little(ranks: list[dict[str, int]]) -> int:
    """Return the score from which on too many of the words say nothing about her."""
    return 2 * _MOST_CLOSE * ((len(ranks) + 1) // 2)
