"""What somebody was reached by and called, in links, letters and notes: finding and forgetting it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, or_, select, update

from booking import policy
from booking.db import db
from booking.models import Bounce, ContactPoint, EmailLink, MailboxLetter, Message, Person, Task
from booking.models.kinds import ContactKind
from booking.rules.addresses import email_key
from booking.rules.names import fold
from booking.rules.redaction import Marks, without

_QUIETLY = {"synchronize_session": False}


def forget_addresses(person_ids: Collection[int], now: datetime) -> None:
    """Blank every address of these people in links, messages and notes, also where no person is named.

    From notes their numbers and full names go as well. What a living person has as well stays where it
    does not speak of these alone.
    """
    hers = _addresses(person_ids)
    keys = hers - _used_by_others(hers, person_ids, now)
    _forget_letters(keys, person_ids)
    _forget_notes(Marks(frozenset(keys), _phones(person_ids), _full_names(person_ids)), _calls(person_ids))
    of_hers = or_(EmailLink.person_id.in_(person_ids), EmailLink.id.in_(_links_in_letters(person_ids)))
    to_her = or_(Message.person_id.in_(person_ids), Message.link_id.in_(_links(keys, person_ids)))
    _blank_messages(to_her)
    came_back = update(Bounce).where(Bounce.person_id.in_(person_ids)).values(address_key="")
    db.session.execute(came_back, execution_options=_QUIETLY)
    _blank_links(or_(of_hers, EmailLink.address_key.in_(keys)))
    # Whose way onward that was at a shared address nobody can say; without it a link leads to her sessions.
    onward = update(EmailLink).where(EmailLink.address_key.in_(hers)).values(next_path="")
    db.session.execute(onward, execution_options=_QUIETLY)


def _addresses(person_ids: Collection[int]) -> set[str]:
    """Return the keys of every email address she has, had, or was written to at."""
    contacts = select(ContactPoint.key).where(
        ContactPoint.person_id.in_(person_ids), ContactPoint.kind == ContactKind.EMAIL
    )
    links = select(EmailLink.address_key).where(EmailLink.person_id.in_(person_ids))
    written_to = select(Message.recipient).where(
        Message.person_id.in_(person_ids), Message.recipient.contains("@")
    )
    keys = {*db.session.scalars(contacts), *db.session.scalars(links)}
    keys |= {email_key(address) for address in db.session.scalars(written_to) if address}
    return keys - {""}


def _used_by_others(keys: Collection[str], person_ids: Collection[int], now: datetime) -> set[str]:
    """Return those that a living person has, or is about to have: her letter lies there unanswered."""
    living = _living_others(person_ids)
    shared = select(ContactPoint.key).where(ContactPoint.key.in_(keys), ContactPoint.person_id.in_(living))
    asked = select(EmailLink.address_key).where(
        EmailLink.address_key.in_(keys),
        EmailLink.person_id.in_(living),
        EmailLink.used_at.is_(None),
        EmailLink.expires_at > now,
    )
    return {*db.session.scalars(shared), *db.session.scalars(asked)}


def _living_others(person_ids: Collection[int]) -> Select[int]:
    return select(Person.id).where(Person.status.in_(policy.LIVING), Person.id.not_in(person_ids))


def _phones(person_ids: Collection[int]) -> frozenset[str]:
    """Return the keys of her numbers that no living person has as well."""
    phones = select(ContactPoint.key).where(ContactPoint.kind == ContactKind.PHONE)
    hers = db.session.scalars(phones.where(ContactPoint.person_id.in_(person_ids)))
    others = db.session.scalars(phones.where(ContactPoint.person_id.in_(_living_others(person_ids))))
    return frozenset(hers) - frozenset(others)


def _full_names(person_ids: Collection[int]) -> frozenset[str]:
    """Return her full names that no living person has as well; one word alone may be anybody's."""
    named = db.session.scalars(select(Person.full_name).where(Person.id.in_(person_ids)))
    return frozenset(name for name in named if " " in name and not _is_shared(name, person_ids))


def _is_shared(name: str, person_ids: Collection[int]) -> bool:
    likely = Person.search_key.startswith(fold(name), autoescape=True)
    asked = select(Person.full_name).where(Person.id.in_(_living_others(person_ids)), likely)
    return any(fold(other) == fold(name) for other in db.session.scalars(asked))


def _calls(person_ids: Collection[int]) -> frozenset[str]:
    """Return each name she signs with: it goes from a note that her address or number shows to be hers."""
    names = select(Person.full_name, Person.known_as).where(Person.id.in_(person_ids))
    return frozenset(name for row in db.session.execute(names) for name in row if name)


def _links_in_letters(person_ids: Collection[int]) -> Collection[int]:
    """Return the links that stood in letters meant for her, whether or not they name her."""
    asked = select(Message.link_id).where(Message.person_id.in_(person_ids), Message.link_id.is_not(None))
    return [link_id for link_id in db.session.scalars(asked) if link_id is not None]


def _links(keys: Collection[str], person_ids: Collection[int]) -> Collection[int]:
    asked = select(EmailLink.id).where(
        or_(EmailLink.address_key.in_(keys), EmailLink.person_id.in_(person_ids))
    )
    return db.session.scalars(asked).all()


def _blank_messages(which: ColumnElement[bool]) -> None:
    db.session.execute(update(Message).where(which).values(recipient=None), execution_options=_QUIETLY)


def _blank_links(which: ColumnElement[bool]) -> None:
    """Leave the row, so that ids still mean one thing; without an address its link opens nothing."""
    blank = {"address": "", "address_key": "", "next_path": ""}
    db.session.execute(update(EmailLink).where(which).values(blank), execution_options=_QUIETLY)


def _forget_notes(marks: Marks, calls: frozenset[str]) -> None:
    """Take her out of what was written to the office without saying whose record it is.

    Compared here and not in SQL, because two databases fold letters in two ways. Of the way to reply
    nothing stays that holds a mark of hers: the rest of the line is about her too. The words stay without
    her, because they may say that somebody has died.
    """
    notes = select(Task.id, Task.words, Task.reply_to).where(or_(Task.words != "", Task.reply_to != ""))
    for task_id, words, reply_to in db.session.execute(notes).all():
        is_hers = without(reply_to, marks) != reply_to
        wider = replace(marks, names=marks.names | calls) if is_hers else marks
        left = {"words": without(words, wider), "reply_to": "" if is_hers else reply_to}
        if (left["words"], left["reply_to"]) != (words, reply_to):
            gone = update(Task).where(Task.id == task_id).values(left)
            db.session.execute(gone, execution_options=_QUIETLY)


def _forget_letters(keys: Collection[str], person_ids: Collection[int]) -> None:
    """Delete from the mailbox of development what went to her; production keeps no letters."""
    asked = select(Message.message_id).where(Message.person_id.in_(person_ids))
    marks = [mark.encode() for mark in db.session.scalars(asked)]
    letters = db.session.execute(select(MailboxLetter.id, MailboxLetter.recipient, MailboxLetter.source))
    gone = [
        row.id
        for row in letters
        if email_key(row.recipient) in keys or any(mark in row.source for mark in marks)
    ]
    db.session.execute(delete(MailboxLetter).where(MailboxLetter.id.in_(gone)), execution_options=_QUIETLY)
