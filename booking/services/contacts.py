"""How somebody is reached: phone and post at once, a new email address once it is proven."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update

from booking.db import db, transaction
from booking.messages import outbox
from booking.models import EmailLink, Person
from booking.models.kinds import Channel, ContactKind, LinkPurpose, MessageKind
from booking.queries import contacts as asked
from booking.refusals import (
    KeepAnEmailAddress,
    LastWayToReachYou,
    LinkNoLongerWorks,
    NeedsAMobile,
    NeedsAnAddress,
    NeedsAPhone,
    NotFound,
)
from booking.rules.addresses import (
    clean_email,
    clean_phone,
    clean_text,
    email_key,
    may_be_mobile,
    phone_key,
    same_mailbox,
)
from booking.services.steps import bounces, contacts, links
from booking.services.steps.audit import note
from booking.services.steps.locks import lock_address
from booking.services.steps.people import hold, hold_proven
from booking.settings import settings

# Whoever presses twice, or goes back and presses again, gets one letter.
ONE_LETTER_A = timedelta(minutes=1)


@dataclass(frozen=True)
class Wanted:
    """How she wants to be reached from now on; an empty phone or postal address takes it away."""

    email: str
    phone: str
    post: str


def save(person_id: int, wanted: Wanted, now: datetime) -> bool:
    """Keep phone and postal address, and ask for proof of a new email address; say whether it is asked for.

    An address that somebody else has is treated like any other: a person is not an address.
    Refuses: what nobody could call or write to, no email where she has one, and to lose the last way to
    reach her.
    """
    email = clean_email(wanted.email) if wanted.email.strip() else ""
    phone = clean_phone(wanted.phone) if wanted.phone.strip() else ""
    post = clean_text(wanted.post, 450)
    with transaction():
        if email:
            # However many people ask for letters to one address, they are counted one after another.
            lock_address(email_key(email))
        person = hold_proven(person_id)
        before = asked.ways_of(person_id)
        if before.email and not email:
            raise KeepAnEmailAddress
        if before.phone and not phone and not before.email:
            raise LastWayToReachYou
        changed = _keep(person, before, phone, post, now)
        is_new = bool(email) and not same_mailbox(email, before.email)
        if email and not is_new and contacts.rewrite(person_id, ContactKind.EMAIL, email):
            changed.append("email")
        if changed:
            note(now, person_id, "details changed", f"person:{person_id}", *changed)
        return is_new and _ask_for_proof(person, email, now)


def withdraw_change(person_id: int, now: datetime) -> None:
    """Let a change of address go that has not been proven yet; its link opens nothing any more."""
    with transaction():
        hold(person_id)
        if _end_pending(person_id, now):
            note(now, person_id, "change of email withdrawn", f"person:{person_id}")


def change_email(token: str, now: datetime) -> int:
    """Put the address that a link proves in the place of the old one, tell the old one, and say whose it is.

    Refuses: a link that does not work (unknown, used, tampered with, too old, for something else).
    """
    with transaction():
        link = asked.change_behind(token, now)
        assert link.person_id is not None
        try:
            person = hold_proven(link.person_id)
        except NotFound:
            raise LinkNoLongerWorks from None
        if not _used_up(link.id, now):
            raise LinkNoLongerWorks
        old = contacts.replace_emails(person.id, link.address, now)
        for number, address in enumerate(old, start=1):
            outbox.post(
                MessageKind.EMAIL_CHANGED,
                person=person,
                recipient=address,
                now=now,
                key=f"link:{link.id}:told:{number}",
            )
        note(now, person.id, "details changed", f"person:{person.id}", "email")
        bounces.begin_anew(person.id, person.id, now)
        return person.id


def choose_channel(
    person_id: int,
    channel: Channel,
    now: datetime,
    actor_id: int | None = None,
    may_leave_word: bool | None = None,
) -> None:
    """Keep by which way she wants to be reached; `actor_id` is who writes it down, herself unless told.

    `may_leave_word`: whether whoever calls may leave word with somebody else; None leaves it as it is.
    Refuses: a phone call without a number, a text message without a mobile one, post without an address.
    """
    with transaction():
        person = hold_proven(person_id)
        has = asked.ways_of(person_id)
        if channel is Channel.CALL and not has.phone:
            raise NeedsAPhone
        if channel is Channel.TEXT and not (settings().sends_texts and may_be_mobile(has.phone)):
            raise NeedsAMobile
        if channel is Channel.POST and not has.post:
            raise NeedsAnAddress
        if channel is Channel.EMAIL and not has.email:
            raise KeepAnEmailAddress
        person.channel = channel
        changed = ["channel"]
        if may_leave_word is not None and may_leave_word != person.may_leave_word:
            person.may_leave_word = may_leave_word
            changed.append("leaving word")
        note(now, actor_id or person_id, "details changed", f"person:{person_id}", *changed)
        bounces.begin_anew(person_id, actor_id or person_id, now)


def _keep(person: Person, before: asked.Ways, phone: str, post: str, now: datetime) -> list[str]:
    """Keep what is changed of phone and post, and say what; a channel that is gone gives way to email."""
    changed = []
    if phone != before.phone:
        contacts.put(person.id, ContactKind.PHONE, phone, phone_key(phone) if phone else "", now)
        changed.append("phone")
    if post != before.post:
        contacts.put(person.id, ContactKind.POST, post, post.casefold()[:500], now)
        changed.append("post")
    gone = {Channel.CALL: not phone, Channel.TEXT: not may_be_mobile(phone), Channel.POST: not post}
    lost = gone.get(person.channel, False)
    if lost and before.email:
        person.channel = Channel.EMAIL
        changed.append("channel")
    return changed


def _ask_for_proof(person: Person, email: str, now: datetime) -> bool:
    """Post the letter to the new address, unless it had as many as an hour may bring."""
    pending = asked.pending_change(person.id, now)
    same = pending is not None and pending.address_key == email_key(email)
    if pending is not None and same and pending.created_at > now - ONE_LETTER_A:
        return True
    _end_pending(person.id, now)
    goes = links.may_ask_for_proof(email, now)
    link = links.make(LinkPurpose.CHANGE_EMAIL, email, "", now, person.id, has_letter=goes)
    if goes:
        outbox.post(
            MessageKind.CHANGE_EMAIL,
            person=person,
            link=link,
            recipient=link.address,
            now=now,
            key=f"link:{link.id}",
        )
    note(now, person.id, "change of email asked for", f"person:{person.id}")
    return True


def _end_pending(person_id: int, now: datetime) -> bool:
    """End every change that waits for its proof: its letter, not sent yet, is no longer true."""
    ended = db.session.scalars(
        update(EmailLink)
        .where(
            EmailLink.purpose == LinkPurpose.CHANGE_EMAIL,
            EmailLink.person_id == person_id,
            EmailLink.used_at.is_(None),
            EmailLink.expires_at > now,
        )
        .values(expires_at=now)
        .returning(EmailLink.id),
        execution_options={"synchronize_session": False},
    ).all()
    return bool(ended)


def _used_up(link_id: int, now: datetime) -> bool:
    """Mark the link as used; only one of two that press at once succeeds."""
    used = (
        update(EmailLink)
        .where(EmailLink.id == link_id, EmailLink.used_at.is_(None), EmailLink.expires_at > now)
        .values(used_at=now)
    )
    return db.session.scalar(used.returning(EmailLink.id)) is not None
