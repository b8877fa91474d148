"""What the office writes down for somebody on the phone: a new record, and details that changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from booking.db import db, transaction
from booking.messages import outbox
from booking.models import ContactPoint, Person
from booking.models.kinds import Channel, ConsentPurpose, ContactKind, MessageKind, PersonStatus, Who
from booking.queries.directory import alike
from booking.refusals import ConsentNeeded, LastWayToReachYou, SomebodyAlike
from booking.rules.addresses import email_key, one_line, phone_key
from booking.services.steps import bounces, consent
from booking.services.steps.audit import note
from booking.services.steps.handing_back import let_go
from booking.services.steps.locks import lock_address
from booking.services.steps.people import hold

_NAMES = {"full_name": "name", "known_as": "name they like", "access_needs": "access needs"}


@dataclass(frozen=True)
class Details:
    """What somebody says of herself on the phone; an empty way of contact is none."""

    full_name: str
    known_as: str
    who: Who
    phone: str
    email: str
    address: str
    channel: Channel
    access_needs: str = ""
    nation: str = ""
    region: str = ""

    def ways(self) -> Mapping[ContactKind, str]:
        """Return each way of contact as it was written."""
        return {ContactKind.PHONE: self.phone, ContactKind.EMAIL: self.email, ContactKind.POST: self.address}

    def contact_keys(self) -> list[tuple[ContactKind, str]]:
        """Return each way of contact that is there, as it is compared."""
        return [(kind, key_of(kind, written)) for kind, written in self.ways().items() if written]


def add_person(details: Details, agrees: bool, is_somebody_else: bool, actor_id: int, now: datetime) -> int:
    """Add somebody with whom the office is speaking, with the yes that she just said, and return her id.

    The call proves her phone number; an email address is proven by nothing but a link that she follows.
    Refuses: no consent, no way of contact, and somebody alike unless the office says she is not the same.
    """
    if not agrees:
        raise ConsentNeeded
    if not details.contact_keys():
        raise LastWayToReachYou(_l("Write down one way to reach them."))
    with transaction():
        # Two in the office who add her in the same moment must find each other's record.
        for key in sorted(key for _kind, key in details.contact_keys()):
            lock_address(key)
        if not is_somebody_else and alike(details.full_name, details.contact_keys()):
            raise SomebodyAlike
        person = Person(
            full_name=details.full_name,
            known_as=details.known_as,
            who=details.who,
            channel=details.channel,
            access_needs=details.access_needs,
            nation=details.nation,
            region=details.region,
            status=PersonStatus.ACTIVE,
            created_at=now,
        )
        db.session.add(person)
        db.session.flush()
        for kind, written in details.ways().items():
            _write_way(person.id, kind, written, now)
        consent.agree(person.id, ConsentPurpose.KEEP_DETAILS, now, recorded_by=actor_id)
        note(now, actor_id, "added by the office", f"person:{person.id}")
        return person.id


def correct(person_id: int, details: Details, actor_id: int, now: datetime) -> bool:
    """Write down what changed, and say whether anything did; the audit names fields, not what they hold.

    Refuses: a record that does not open any more, and to leave nothing by which somebody can be reached.
    """
    if not details.contact_keys():
        raise LastWayToReachYou(_l("Write down one way to reach them."))
    with transaction():
        person = hold(person_id)
        changed = [*_put(person, details), *_put_ways(person, details, now)]
        if changed:
            note(now, actor_id, "details changed", f"person:{person_id}", *changed)
        if {"channel", "email"} & set(changed):
            bounces.begin_anew(person_id, actor_id, now)
        return bool(changed)


def _put(person: Person, details: Details) -> list[str]:
    changed = []
    for field in ("full_name", "known_as", "who", "channel", "access_needs", "nation", "region"):
        value = getattr(details, field)
        if getattr(person, field) != value:
            setattr(person, field, value)
            changed.append(_NAMES.get(field, field))
    return changed


def _put_ways(person: Person, details: Details, now: datetime) -> list[str]:
    """Replace the way of each kind that is used first; what is only spelt anew stays as proven as it was."""
    changed = []
    for kind, written in details.ways().items():
        present = preferred(person.id, kind)
        if (present.written if present else "") == written:
            continue
        if present is not None and written and present.key == key_of(kind, written):
            present.written = written
        else:
            if present is not None:
                _tell_the_old_address(person, present, now)
                let_go("contact", present, now)
            _write_way(person.id, kind, written, now)
        changed.append(kind.value)
    return changed


def _tell_the_old_address(person: Person, old: ContactPoint, now: datetime) -> None:
    """Say at a proven address that it is no longer used: the voice on the phone may have been another's."""
    if old.kind is ContactKind.EMAIL and old.proven_at is not None:
        outbox.post(
            MessageKind.EMAIL_CHANGED,
            person=person,
            recipient=old.written,
            now=now,
            key=f"contact:{old.id}:told:{now.timestamp()}",
        )


def preferred(person_id: int, kind: ContactKind) -> ContactPoint | None:
    """Return the way of a kind that is used first, inside the caller's transaction."""
    return db.session.scalar(
        select(ContactPoint)
        .where(ContactPoint.person_id == person_id, ContactPoint.kind == kind)
        .order_by(ContactPoint.is_preferred.desc(), ContactPoint.id)
        .limit(1)
    )


def _write_way(person_id: int, kind: ContactKind, written: str, now: datetime) -> None:
    if not written:
        return
    db.session.add(
        ContactPoint(
            person_id=person_id,
            kind=kind,
            written=written,
            key=key_of(kind, written),
            # She was heard on the phone, and post needs no proof; an email address may hold a slip.
            proven_at=None if kind is ContactKind.EMAIL else now,
            created_at=now,
        )
    )


def key_of(kind: ContactKind, written: str) -> str:
    """Return a way of contact as it is compared."""
    if kind is ContactKind.EMAIL:
        return email_key(written)
    if kind is ContactKind.PHONE:
        return phone_key(written)
    return one_line(written).casefold()[:500]
