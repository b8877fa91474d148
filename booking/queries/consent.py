"""What somebody agreed to, as the ledger has it, and which words she has not seen yet."""

from collections.abc import Sequence

from sqlalchemy import select

from booking.db import db
from booking.models import Consent
from booking.models.kinds import ConsentPurpose
from booking.rules.wordings import current_version


def ledger(person_id: int) -> Sequence[Consent]:
    """Return everything she ever agreed to, the newest first, withdrawn or not."""
    return db.session.scalars(
        select(Consent)
        .where(Consent.person_id == person_id)
        .order_by(Consent.given_at.desc(), Consent.id.desc())
    ).all()


def standing(person_id: int, purpose: ConsentPurpose) -> Consent | None:
    """Return her newest yes to a purpose that she has not withdrawn, of whatever version."""
    return next(iter(_standing(person_id, purpose)), None)


def agrees_to(person_id: int, purpose: ConsentPurpose) -> bool:
    """Say whether a yes to a purpose stands; a yes to older words stands until she takes it back."""
    return standing(person_id, purpose) is not None


def is_withdrawn(person_id: int, purpose: ConsentPurpose) -> bool:
    """Say whether she took a purpose back and has not agreed to it again."""
    said = [one for one in ledger(person_id) if one.purpose is purpose]
    return bool(said) and all(one.withdrawn_at is not None for one in said)


def agrees_to_today(person_id: int, purpose: ConsentPurpose) -> bool:
    """Say whether a yes to the words of today stands."""
    today = current_version(purpose)
    return any(one.wording_version == today for one in _standing(person_id, purpose))


def last_word_is_yes(person_id: int, purpose: ConsentPurpose) -> bool:
    """Say whether a yes stands that is newer than every no: two records put together may hold both."""
    said = [one for one in ledger(person_id) if one.purpose is purpose]
    taken_back = [one.withdrawn_at for one in said if one.withdrawn_at is not None]
    return any(one.withdrawn_at is None and all(one.given_at > no for no in taken_back) for one in said)


def needs_ground_rules(person_id: int) -> bool:
    """Say whether the ground rules of today are still to be shown to her: once per version."""
    return not agrees_to_today(person_id, ConsentPurpose.GROUND_RULES)


def to_ask_again(person_id: int) -> list[ConsentPurpose]:
    """Return the purposes whose words have changed since she agreed to them; her old yes stands meanwhile."""
    seen: dict[ConsentPurpose, set[str]] = {}
    for one in ledger(person_id):
        if one.withdrawn_at is None:
            seen.setdefault(one.purpose, set()).add(one.wording_version)
    return [one for one in ConsentPurpose if one in seen and current_version(one) not in seen[one]]


def _standing(person_id: int, purpose: ConsentPurpose) -> list[Consent]:
    return [one for one in ledger(person_id) if one.purpose is purpose and one.withdrawn_at is None]
