"""Is this group for me? Three answers and what a series says of itself; nothing is asked of a database."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Wish(StrEnum):
    """What somebody would like most."""

    COMPANY = "company"
    DOING = "doing"


class Where(StrEnum):
    """Where somebody would like to be."""

    HOME = "home"
    ROOM = "room"


class Reason(StrEnum):
    """Why a series fits, or why it does not: one each, the one that says most."""

    MADE_FOR_YOU = "made_for_you"
    FOR_SOME = "for_some"
    WELCOMES_FAMILY = "welcomes_family"
    COMPANY_IN_A_ROOM = "company_in_a_room"
    COMPANY_FROM_HOME = "company_from_home"
    COMPANY_EITHER_WAY = "company_either_way"
    DOING_IN_A_ROOM = "doing_in_a_room"
    DOING_FROM_HOME = "doing_from_home"
    DOING_EITHER_WAY = "doing_either_way"
    FOR_PATIENTS = "for_patients"
    FOR_OTHERS = "for_others"
    IN_A_ROOM = "in_a_room"
    FROM_HOME = "from_home"
    A_CLASS = "a_class"
    A_TALK = "a_talk"


SUPPORTING = "supporting"
# Words by which a title, or a first sentence after "for", says that not everybody is meant.
_GROUPS = (
    r"(men|women|mothers|mums|fathers|dads|parents|grandparents|carers|partners|children|teenagers|students"
    r"|young(er)? (people|women|men|adults)|under \d\d|over \d\d|lgbt\w*|muslims?|sikhs?|hindus?|jewish"
    r"|black|asian|deaf|blind)\b"
)
_TITLE_OF_SOME = re.compile(rf"\b{_GROUPS}", re.IGNORECASE)
_WORDS_OF_SOME = re.compile(
    rf"\bfor (the )?{_GROUPS}|^for (people|anybody|anyone) (who|whose|with|from|of|in|over|under)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r".*?[.!?](?=\s|$)")


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody said; None is "I'm not sure" or "either".

    Units: `situation` is a word of `Situation`.
    """

    situation: str | None = None
    wish: Wish | None = None
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """What a series says of itself. Units: `suits` holds words of `Situation`; none is everybody."""

    suits: frozenset[str]
    patients_only: bool
    wish: Wish
    in_room: bool
    online: bool
    for_some: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a series fits somebody, and the one thing to say about it."""

    fits: bool
    reason: Reason


def fit(answers: Answers, offered: Offered) -> Fit:
    """Say whether a series fits these answers. What somebody is not sure about never rules one out."""
    hindrance = _hindrance(answers, offered)
    return Fit(False, hindrance) if hindrance else Fit(True, _welcome(answers, offered))


def rank(found: Fit) -> int:
    """Return how far down a series stands: made for her first, then for everybody, then for some people."""
    return {Reason.MADE_FOR_YOU: 0, Reason.FOR_SOME: 2}.get(found.reason, 1)


def first_sentence(text: str) -> str:
    """Return the first sentence of a description."""
    whole = " ".join(text.split())
    found = _SENTENCE.match(whole)
    return found[0] if found else whole


def is_for_some(title: str, description: str) -> bool:
    """Say whether the title or the first sentence names people for whom a series is: "An hour for men"."""
    return bool(_TITLE_OF_SOME.search(title) or _WORDS_OF_SOME.search(first_sentence(description)))


def suits_of(text: str, known: Iterable[str]) -> frozenset[str]:
    """Return the situations that a series names, without words nobody knows."""
    return frozenset(text.split()) & frozenset(known)


def _hindrance(answers: Answers, offered: Offered) -> Reason | None:
    if answers.situation == SUPPORTING and offered.patients_only:
        return Reason.FOR_PATIENTS
    if answers.situation and offered.suits and answers.situation not in offered.suits:
        return Reason.FOR_OTHERS
    if answers.where is Where.HOME and not offered.online:
        return Reason.IN_A_ROOM
    if answers.where is Where.ROOM and not offered.in_room:
        return Reason.FROM_HOME
    if answers.wish and answers.wish is not offered.wish:
        return Reason.A_CLASS if offered.wish is Wish.DOING else Reason.A_TALK
    return None


def _welcome(answers: Answers, offered: Offered) -> Reason:
    if answers.situation and answers.situation in offered.suits:
        return Reason.MADE_FOR_YOU
    if offered.for_some:
        return Reason.FOR_SOME
    if answers.situation == SUPPORTING:
        return Reason.WELCOMES_FAMILY
    company = offered.wish is Wish.COMPANY
    if offered.in_room and offered.online:
        return Reason.COMPANY_EITHER_WAY if company else Reason.DOING_EITHER_WAY
    if offered.in_room:
        return Reason.COMPANY_IN_A_ROOM if company else Reason.DOING_IN_A_ROOM
    return Reason.COMPANY_FROM_HOME if company else Reason.DOING_FROM_HOME
