"""What somebody wrote to us about a person who has died: a task for a human, and nothing else."""

from datetime import datetime

from booking.db import transaction
from booking.models.kinds import TaskKind
from booking.refusals import WhoHasDied
from booking.rules.addresses import clean_line, clean_text
from booking.services.steps import tasks


def report_death(who: str, words: str, from_name: str, reply_to: str, now: datetime) -> None:
    """Put what was written on the office's list; nobody's record is looked up, let alone changed.

    Units: `reply_to` is an address or a number in the sender's own words, and may be empty.
    Refuses: nobody named.
    """
    named = clean_line(who, 200)
    if not named:
        raise WhoHasDied
    by, answer = clean_line(from_name, 100), clean_line(reply_to, 150)
    with transaction():
        tasks.ask(
            TaskKind.DEATH_REPORTED,
            now,
            words="\n".join(part for part in (named, clean_text(words, 2000)) if part),
            reply_to=", ".join(part for part in (by, answer) if part),
        )
