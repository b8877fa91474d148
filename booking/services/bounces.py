"""The letters that came back: a mailbox of reports is read, and each is noted with the letter it names."""

import mailbox
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, or_, select

from booking.db import db, transaction
from booking.models import Booking, Message
from booking.refusals import CannotReadBounces
from booking.rules.bounces import LARGEST, Report
from booking.rules.verp import mark_of, message_id_of
from booking.services.steps import bounces as steps
from booking.services.steps.locks import lock_people, lock_sessions


def letters_in(path: Path) -> Iterator[bytes | None]:
    """Yield every letter of an mbox file or a Maildir folder as it is; nothing is taken out.

    Of one that is larger than any report only the beginning is read; for one that can't be read, or that
    was moved meanwhile, None stands.
    Refuses: what is no mailbox.
    """
    try:
        with closing(_opened(path)) as opened:
            for key in opened.iterkeys():
                yield _beginning(opened, key)
    except (OSError, mailbox.Error) as fault:
        raise CannotReadBounces from fault


def note_report(report: Report, bounce_address: str, now: datetime) -> bool | None:
    """Note one report with the letter it names, and say whether it is news; None where it names none of ours.

    A report that is read twice is noted once.
    """
    with transaction():
        message = _named(report, bounce_address)
        if message is None or not report.is_hard:
            return None if message is None else False
        lock_people([message.person_id] if message.person_id is not None else [])
        its_bookings = select(Message.booking_id).where(steps.parts_of(message.id))
        about = select(Booking.session_id).where(Booking.id.in_(its_bookings))
        lock_sessions(db.session.scalars(about).all())
        db.session.refresh(message)
        return steps.note_bounce(message, report.status, now, report.address)


def _opened(path: Path) -> mailbox.Mailbox[mailbox.Message]:
    if path.is_dir() and (path / "new").is_dir() and (path / "cur").is_dir():
        return mailbox.Maildir(path, create=False)
    with path.open("rb") as file:
        if file.read(5) not in (b"From ", b""):
            raise CannotReadBounces
    return mailbox.mbox(path, create=False)


def _beginning(opened: mailbox.Mailbox[mailbox.Message], key: str) -> bytes | None:
    try:
        with closing(opened.get_file(key)) as file:
            return bytes(file.read(LARGEST + 1))
    except (OSError, KeyError):
        return None


def _named(report: Report, bounce_address: str) -> Message | None:
    """Find the letter: by the address that the report came to, else by the letter that it returns."""
    begins = [message_id_of(bounce_address, address) for address in report.sent_to]
    begins += [f"<m.{mark}@" for one in report.message_ids if (mark := mark_of(one)) is not None]
    meant: list[ColumnElement[bool]] = [
        Message.message_id.startswith(one, autoescape=True) for one in begins if one is not None
    ]
    if not meant:
        return None
    return db.session.scalar(select(Message).where(or_(*meant)).order_by(Message.id).limit(1))
