"""The words of letters: the office writes them anew, and can always have the original ones back."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from booking.db import db, transaction
from booking.models import LetterWording
from booking.models.kinds import MessageKind
from booking.queries.wordings import ENGLISH, newest_version, words_today
from booking.refusals import NotFound, StaleForm
from booking.rules.wordings_of_letters import Editable, Words, check, editable
from booking.services.steps.audit import note


def save_words(key: str, words: Words, seen_version: int, actor_id: int, now: datetime) -> int:
    """Write a letter's words anew, as its next version, and return the number of that version.

    Saving the words that count already changes nothing.
    Refuses: a letter that keeps its words, words that could not be sent, and a form from before somebody
    else saved.
    """
    one = _known(key)
    check(words, one)
    return _add(one, words, False, seen_version, actor_id, now)


def bring_back_original(key: str, seen_version: int, actor_id: int, now: datetime) -> int:
    """Let the original words count again; what was written in between stays among the versions.

    Refuses: a letter that keeps its words, and a form from before somebody else saved.
    """
    return _add(_known(key), Words("", ""), True, seen_version, actor_id, now)


def _known(key: str) -> Editable:
    one = editable(key)
    if one is None:
        raise NotFound
    return one


def _add(
    one: Editable, words: Words, is_original: bool, seen_version: int, actor_id: int, now: datetime
) -> int:
    try:
        with transaction():
            newest = newest_version(one)
            if words_today(one) == (None if is_original else words):
                return newest
            if newest != seen_version:
                raise StaleForm
            db.session.add(_row(one, words, is_original, newest + 1, actor_id, now))
            note(now, actor_id, "letter words saved", f"letter:{one.key}", f"version {newest + 1}")
            return newest + 1
    except IntegrityError:
        # Two of the office saved in the same moment: the constraint let one of them through.
        raise StaleForm from None


def _row(
    one: Editable, words: Words, is_original: bool, version: int, actor_id: int, now: datetime
) -> LetterWording:
    return LetterWording(
        kind=MessageKind(one.kind),
        variant=one.variant,
        language=ENGLISH,
        wording_version=version,
        subject=words.subject,
        opening=words.opening,
        closing=words.closing,
        is_original=is_original,
        saved_by=actor_id,
        saved_at=now,
    )
