"""The movement check-in: what short answers mean for a tutor, and how long they are true."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from booking.rules.wall_time import to_instant, to_local

YES, NO = "yes", "no"
# Which answer to which question a tutor keeps in mind, and as what; every other answer says nothing.
_RAISES = {
    "stay_seated": (YES, "seated"),
    "floor": (NO, "no_floor"),
    "spine_hips": (YES, "spine_hips"),
    "arm": (YES, "arm_care"),
    "unsteady": (YES, "balance"),
}
TALK_FIRST = "talk_first"
QUESTIONS = (*_RAISES, TALK_FIRST)
TRUE_FOR_MONTHS = 6


def flags_of(answers: Mapping[str, str]) -> tuple[str, ...]:
    """Return what a tutor keeps in mind; a question that was skipped says nothing."""
    return tuple(flag for question, (raising, flag) in _RAISES.items() if answers.get(question) == raising)


def wants_call(answers: Mapping[str, str]) -> bool:
    """Say whether a human should talk with her: new pain, a recent fracture, told not to exercise."""
    return answers.get(TALK_FIRST) == YES


def answers_behind(flags: Iterable[str]) -> dict[str, str]:
    """Return the answers that flags still show, so that correcting one begins with the others."""
    raised = set(flags)
    return {question: raising for question, (raising, flag) in _RAISES.items() if flag in raised}


def counts_from(now: datetime) -> datetime:
    """Return the earliest moment whose answers still count: those of the day 6 months ago are too old.

    Units: calendar months, by the days of London; an aware instant in UTC.
    """
    too_old = to_local(now).date() - relativedelta(months=TRUE_FOR_MONTHS)
    return to_instant(too_old + timedelta(days=1), time())


def still_counts(answered_at: datetime, now: datetime) -> bool:
    """Say whether an answer is still taken as true; after 6 months she is asked again."""
    return answered_at >= counts_from(now)
