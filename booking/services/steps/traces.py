"""The addresses somebody used, wherever they stand: in links, letters and notes; and forgetting them."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from booking import policy
from booking.db import db
from booking.models import ContactPoint, EmailLink, MailboxLetter, Message, Person, Task
from booking.models.kinds import ContactKind
from booking.rules.addresses import email_key

_QUIETLY = {"synchronize_session": False}


def forget_addresses(person_ids: Collection[int]) -> None:
    """Blank every address of these people in links, messages and notes, also where no person is named.

    An address that a living person has as well stays where it does not speak of these alone.
    """
    hers = _addresses(person_ids)
    keys = hers - _used_by_others(hers, person_ids)
    _forget_letters(keys, person_ids)
    _forget_notes(keys)
    of_hers = or_(EmailLink.person_id.in_(person_ids), EmailLink.id.in_(_links_in_letters(person_ids)))
    to_her = or_(Message.person_id.in_(person_ids), Message.link_id.in_(_links(keys, person_ids)))
    _blank_messages(to_her)
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


def _used_by_others(keys: Collection[str], person_ids: Collection[int]) -> set[str]:
    living = select(Person.id).where(Person.status.in_(policy.LIVING), Person.id.not_in(person_ids))
    shared = select(ContactPoint.key).where(ContactPoint.key.in_(keys), ContactPoint.person_id.in_(living))
    return set(db.session.scalars(shared))


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


def _forget_notes(keys: Collection[str]) -> None:
    """Take her address out of what was written to the office without saying who she is."""
    for key in keys:
        hers = func.lower(Task.reply_to).contains(key, autoescape=True)
        db.session.execute(update(Task).where(hers).values(reply_to=""), execution_options=_QUIETLY)


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
