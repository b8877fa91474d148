"""Signing in by an emailed link or the code beside it, and the records that keep somebody signed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Update, update

from booking import policy
from booking.db import db, transaction
from booking.messages import outbox
from booking.models import EmailLink, Person, SignIn
from booking.models.kinds import LinkPurpose, MessageKind, SignInHow
from booking.queries import signin as asked
from booking.refusals import ChooseWhoYouAre, CodeDoesNotWork, LinkNoLongerWorks
from booking.rules.addresses import email_key
from booking.services.steps import holds, links, sign_ins
from booking.services.steps.audit import note
from booking.services.steps.holds import Kept
from booking.services.steps.locks import lock_address, lock_people

# Together the most letters an hour that strangers can make us send to somebody; the time is a link's
# life, so that whenever no further letter goes, the links of the earlier ones still work.
LETTERS_AT_MOST = 5
LETTERS_WITHIN = timedelta(minutes=30)
_QUIETLY = {"synchronize_session": False}


@dataclass(frozen=True)
class Entered:
    """A sign-in that began: the id of its record, the path to go on to, and what became of held places."""

    public_id: str
    next_path: str
    kept: tuple[Kept, ...] = ()


def ask_for_link(address: str, next_path: str, now: datetime) -> int:
    """Post one letter with a link to sign in to this address, and return the link's id.

    An address that nobody has gets a letter that says so: an outsider sees no difference on the
    page, and somebody who used another address last time learns it in her inbox. An address whose
    people have all died or closed their record gets none, and nor does one that got five within half an
    hour, from whatever networks they were asked for: then the links that lie there still work, so that
    nobody is locked out. The link is made each time, for the page must not differ.
    """
    key = email_key(address)
    with transaction():
        lock_address(key)
        people = asked.people_at(key)
        living = [person for person in people if policy.may_sign_in(person.status)]
        few = links.letters_of_late(key, [LinkPurpose.SIGN_IN], now - LETTERS_WITHIN) < LETTERS_AT_MOST
        goes = few and bool(living or not people)
        link = links.make(LinkPurpose.SIGN_IN, address, next_path, now, has_letter=goes)
        if goes:
            outbox.post(
                MessageKind.SIGN_IN,
                person=living[0] if len(living) == 1 else None,
                link=link,
                recipient=link.address,
                now=now,
                key=f"link:{link.id}",
            )
        return link.id


def open_link(token: str, purpose: LinkPurpose, person_id: int | None, now: datetime) -> Entered:
    """Use up an emailed link, prove its address for the person chosen, and sign her in.

    Places held for her become hers.
    Refuses: a link that does not work (unknown, used, tampered with, too old, for something else),
    and a person who does not belong to the address.
    """
    with transaction():
        page = asked.link_page(token, purpose, now)
        entered = _enter(page, person_id, SignInHow.LINK, now)
        if entered is None:
            raise LinkNoLongerWorks
        return entered


def open_code(link_id: int, typed: str, person_id: int | None, now: datetime) -> Entered:
    """Use up an emailed link by its code, typed in the browser that asked for it, and sign its reader in.

    Each wrong try is counted on the link's row: however many come at once, five are all there are.
    Places held for her become hers.
    Refuses: a code that is wrong, used, too old or dead, and a person who does not belong to the address.
    """
    with transaction():
        entered = _entered_by_code(link_id, typed, person_id, now)
    if entered is None:
        # Said after the commit, which has to keep the count.
        raise CodeDoesNotWork
    return entered


def sign_out_everywhere(person_id: int, now: datetime, *, but: str | None = None) -> None:
    """End every sign-in of a person at its next request, in all processes; `but` names one that stays."""
    with transaction():
        # A sign-in that begins in the same moment holds this lock too: it is over before, or comes after.
        lock_people([person_id])
        sign_ins.end_all(person_id, now, but=but)
        note(now, person_id, "signed out everywhere", f"person:{person_id}")


def sign_out(public_id: str, now: datetime) -> None:
    """End one sign-in on the server: its cookie opens nothing any more, wherever a copy of it lies."""
    with transaction():
        db.session.execute(
            update(SignIn)
            .where(SignIn.public_id == public_id, SignIn.ended_at.is_(None))
            .values(ended_at=now)
        )


def _entered_by_code(link_id: int, typed: str, person_id: int | None, now: datetime) -> Entered | None:
    try:
        page = asked.code_page(link_id, typed, now)
    except CodeDoesNotWork:
        _count_wrong_try(link_id, now)
        return None
    if _chosen(page, person_id) is None and not _code_still_lives(link_id):
        # Of many guesses at once a sixth would otherwise learn, by "Who are you?", that it was right.
        return None
    return _enter(page, person_id, SignInHow.CODE, now)


def _enter(page: asked.LinkPage, person_id: int | None, how: SignInHow, now: datetime) -> Entered | None:
    """Sign in whom a proven address opens for; None when the link or the person does not open any more."""
    chosen = _chosen(page, person_id)
    if chosen is None:
        raise ChooseWhoYouAre
    # Her row first: whoever notes in the same moment that she has died comes before this, or after it.
    newcomer = page.newcomer_id or chosen
    lock_people([chosen, newcomer])
    person = db.session.get_one(Person, chosen, populate_existing=True)
    # Whoever has changed her address in the same moment is not opened by a letter to the old one.
    if not policy.may_sign_in(person.status) or chosen not in asked.readers_of(page.address):
        return None
    if not _used_up(page.link_id, how, now):
        return None
    links.prove(person, page.address, now)
    kept = holds.welcome(newcomer, person, person.id, now)
    return Entered(sign_ins.begin(person.id, how, now), page.next_path, kept)


def _chosen(page: asked.LinkPage, person_id: int | None) -> int | None:
    """Return who of those at the address was chosen; one who is there alone need not be."""
    ids = [choice.person_id for choice in page.people]
    chosen = person_id or (ids[0] if len(ids) == 1 else None)
    return chosen if chosen in ids else None


def _count_wrong_try(link_id: int, now: datetime) -> None:
    """Add in one statement: two that count at the same moment must not read the same number."""
    counted = _of_living_code(link_id).where(EmailLink.expires_at > now)
    db.session.execute(counted.values(code_tries=EmailLink.code_tries + 1), execution_options=_QUIETLY)


def _code_still_lives(link_id: int) -> bool:
    """Hold the link's row, and say whether its code has not died since it was read."""
    held = _of_living_code(link_id).values(code_tries=EmailLink.code_tries).returning(EmailLink.id)
    return db.session.scalar(held, execution_options=_QUIETLY) is not None


def _of_living_code(link_id: int) -> Update:
    return update(EmailLink).where(
        EmailLink.id == link_id, EmailLink.used_at.is_(None), EmailLink.code_tries < asked.CODE_TRIES
    )


def _used_up(link_id: int, how: SignInHow, now: datetime) -> bool:
    """Mark the link as used; only one of two that press at once succeeds, and no code that died meanwhile."""
    used = update(EmailLink).where(EmailLink.id == link_id, EmailLink.used_at.is_(None)).values(used_at=now)
    if how is SignInHow.CODE:
        used = used.where(EmailLink.code_tries < asked.CODE_TRIES)
    return db.session.scalar(used.returning(EmailLink.id)) is not None
