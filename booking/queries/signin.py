"""Who is signed in, who belongs to an address, and what an emailed link opens."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from booking import policy
from booking.db import db
from booking.models import ContactPoint, EmailLink, Person, PersonRole, SecondFactor, SignIn
from booking.models.kinds import ContactKind, LinkPurpose, PersonStatus, Role
from booking.refusals import CodeDoesNotWork, LinkNoLongerWorks
from booking.rules.addresses import email_key, same_mailbox
from booking.rules.names import surely_told_apart
from booking.rules.tokens import code_fits, row_id_of, token_fits
from booking.settings import settings

# The office's pages ask for the second factor again after this long.
SECOND_FACTOR_LASTS = timedelta(hours=10)
# So many wrong tries, and a code is dead; the link beside it goes on working.
CODE_TRIES = 5
# So many wrong tries at one address in a day, and its codes rest; links go on working.
CODE_TRIES_A_DAY = 50
_BY_CODE = (LinkPurpose.CONFIRM_EMAIL, LinkPurpose.SIGN_IN)


@dataclass(frozen=True)
class SignedIn:
    """Who a live sign-in record speaks for."""

    person_id: int
    known_as: str
    is_facilitator: bool
    is_admin: bool
    is_safeguarding: bool
    has_second_factor: bool
    shown_second_factor: bool
    shown_second_factor_of_late: bool


@dataclass(frozen=True)
class Choice:
    """One person somebody at an address may be."""

    person_id: int
    known_as: str
    is_new: bool


@dataclass(frozen=True)
class LinkPage:
    """What stands behind an emailed link that works."""

    link_id: int
    address: str
    address_key: str
    next_path: str
    people: tuple[Choice, ...]
    # Whoever registered or booked, of a letter that asks her to confirm.
    newcomer_id: int | None = None


def signed_in(public_id: str, now: datetime) -> SignedIn | None:
    """Return who a sign-in record speaks for, or None when it has ended, is too old, or is nobody's."""
    rows = db.session.execute(
        select(
            Person.id,
            Person.known_as,
            Person.status,
            PersonRole.role,
            SecondFactor.confirmed_at,
            SignIn.second_factor_at,
        )
        .join(SignIn, SignIn.person_id == Person.id)
        .outerjoin(PersonRole, PersonRole.person_id == Person.id)
        .outerjoin(SecondFactor, SecondFactor.person_id == Person.id)
        .where(SignIn.public_id == public_id, SignIn.ended_at.is_(None), SignIn.expires_at > now)
        .order_by(PersonRole.role)
    ).all()
    if not rows or not policy.may_sign_in(rows[0].status):
        return None
    roles, shown_at = {row.role for row in rows}, rows[0].second_factor_at
    return SignedIn(
        person_id=rows[0].id,
        known_as=rows[0].known_as,
        is_facilitator=Role.FACILITATOR in roles,
        is_admin=Role.ADMIN in roles,
        is_safeguarding=Role.SAFEGUARDING in roles,
        has_second_factor=rows[0].confirmed_at is not None,
        shown_second_factor=shown_at is not None,
        shown_second_factor_of_late=shown_at is not None and now - shown_at < SECOND_FACTOR_LASTS,
    )


def people_at(address_key: str) -> list[Person]:
    """Return everybody who gave this address, whatever became of the record.

    One that was put into another speaks for nobody: what it still keeps is there for an undoing.
    """
    return list(
        db.session.scalars(
            select(Person)
            .where(
                Person.id.in_(
                    select(ContactPoint.person_id).where(
                        ContactPoint.kind == ContactKind.EMAIL, ContactPoint.key == address_key
                    )
                ),
                Person.status != PersonStatus.MERGED,
            )
            .order_by(Person.id)
        )
    )


def mailbox_of(address: str) -> str:
    """Return where a letter for this address goes: to the mailbox proven, however it is spelt now."""
    proven = db.session.scalars(
        select(ContactPoint.written)
        .join(Person, Person.id == ContactPoint.person_id)
        .where(
            ContactPoint.kind == ContactKind.EMAIL,
            ContactPoint.key == email_key(address),
            ContactPoint.proven_at.is_not(None),
            Person.status.in_(policy.LIVING),
        )
        .order_by(ContactPoint.id)
    ).all()
    known = next((written for written in proven if same_mailbox(written, address)), None)
    return known or (proven[0] if proven else address)


def readers_of(address: str) -> set[int]:
    """Return who gave this very mailbox: a look-alike spelling is somebody else's."""
    given = db.session.execute(
        select(ContactPoint.person_id, ContactPoint.written)
        .where(ContactPoint.kind == ContactKind.EMAIL, ContactPoint.key == email_key(address))
        .order_by(ContactPoint.id)
    )
    return {person_id for person_id, written in given if same_mailbox(written, address)}


def link_page(token: str, purpose: LinkPurpose, now: datetime) -> LinkPage:
    """Return who may press the button behind a link.

    Refuses: a link that is unknown, used, tampered with, too old or for something else, all alike.
    """
    link = working_link(token, purpose, now)
    people = tuple(_choices(link))
    if not people:
        raise LinkNoLongerWorks
    return LinkPage(link.id, link.address, link.address_key, link.next_path, people, link.person_id)


def code_page(link_id: int, typed: str, now: datetime) -> LinkPage:
    """Return who may sign in by a code that was typed in the browser that asked for it.

    Refuses: a code that is wrong, used, too old or dead, or for something else, all alike.
    """
    link = db.session.get(EmailLink, link_id)
    if link is None or link.purpose not in _BY_CODE or not _code_lives(link, now):
        raise CodeDoesNotWork
    if not code_fits(settings().secret_keys, link.purpose, link.id, link.nonce, typed):
        raise CodeDoesNotWork
    people = tuple(_choices(link))
    if not people:
        raise CodeDoesNotWork
    return LinkPage(link.id, link.address, link.address_key, link.next_path, people, link.person_id)


def live_sign_ins(person_id: int, now: datetime) -> list[SignIn]:
    """Return the sign-ins of a person that would open a page now, the newest first."""
    return list(
        db.session.scalars(
            select(SignIn)
            .where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.expires_at > now)
            .order_by(SignIn.created_at.desc(), SignIn.id.desc())
        )
    )


def _code_lives(link: EmailLink, now: datetime) -> bool:
    if link.used_at is not None or link.expires_at <= now or link.code_tries >= CODE_TRIES:
        return False
    wrong_today = select(func.coalesce(func.sum(EmailLink.code_tries), 0)).where(
        EmailLink.address_key == link.address_key, EmailLink.created_at > now - timedelta(days=1)
    )
    return (db.session.scalar(wrong_today) or 0) < CODE_TRIES_A_DAY


def working_link(token: str, purpose: LinkPurpose, now: datetime) -> EmailLink:
    """Return the link a token stands for. Refuses: every link that does not work, alike."""
    row_id = row_id_of(token)
    link = db.session.get(EmailLink, row_id) if row_id is not None else None
    if link is None or not token_fits(settings().secret_keys, purpose, link.id, link.nonce, token):
        raise LinkNoLongerWorks
    if link.purpose is not purpose or link.used_at is not None or link.expires_at <= now:
        raise LinkNoLongerWorks
    return link


def _choices(link: EmailLink) -> list[Choice]:
    readers = readers_of(link.address)
    at_address = [person for person in people_at(link.address_key) if person.id in readers]
    living = [person for person in at_address if policy.may_sign_in(person.status)]
    proven = [person for person in living if person.status is not PersonStatus.UNPROVEN]
    fresh = [person for person in living if person.status is PersonStatus.UNPROVEN]
    if link.purpose is LinkPurpose.CONFIRM_EMAIL:
        # Strangers may have typed the same address: only the one this letter was written for counts.
        fresh = [person for person in fresh if person.id == link.person_id]
    elif proven:
        fresh = []
    chosen = proven + fresh
    names = surely_told_apart([(person.known_as, person.full_name) for person in chosen])
    return [Choice(person.id, name, person in fresh) for person, name in zip(chosen, names, strict=True)]
