"""Is this group for me? Three answers and what a series says of itself; nothing is asked of a database."""

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


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a series fits somebody, and the one thing to say about it."""

    fits: bool
    reason: Reason


def fit(answers: Answers, offered: Offered) -> Fit:
    """Say whether a series fits these answers. What somebody is not sure about never rules one out."""
    hindrance = _hindrance(answers, offered)
    return Fit(False, hindrance) if hindrance else Fit(True, _welcome(answers, offered))


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
    if answers.situation == SUPPORTING:
        return Reason.WELCOMES_FAMILY
    company = offered.wish is Wish.COMPANY
    if offered.in_room and offered.online:
        return Reason.COMPANY_EITHER_WAY if company else Reason.DOING_EITHER_WAY
    if offered.in_room:
        return Reason.COMPANY_IN_A_ROOM if company else Reason.DOING_IN_A_ROOM
    return Reason.COMPANY_FROM_HOME if company else Reason.DOING_FROM_HOME
