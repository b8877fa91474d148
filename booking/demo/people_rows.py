"""The rows of the people: how to reach them, what they agreed to, and the roles that add up on them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from random import Random

from booking.demo.meetings import Meeting
from booking.demo.pen import Pen, Row
from booking.demo.people import Guest
from booking.demo.season import YEAR
from booking.models import AuditEntry, Consent, ContactPoint, Person, PersonRole, SecondFactor
from booking.models.kinds import ConsentHow, ConsentPurpose, ContactKind, PersonStatus, Role
from booking.rules.addresses import email_key, phone_key
from booking.rules.names import fold
from booking.rules.wall_time import to_instant
from booking.rules.wordings import current_version

_AS_THEY_ARE = (
    "full_name",
    "known_as",
    "status",
    "who",
    "channel",
    "remind_two_days",
    "remind_that_morning",
    "access_needs",
)


def write_people(
    pen: Pen, guests: Sequence[Guest], meetings: Sequence[Meeting], today: date, rng: Random
) -> dict[Guest, int]:
    """Write everybody and return their ids."""
    known_since = _known_since(guests, meetings, today, rng)
    rows = [
        _person(guest, known_since[guest], today) | {"mail_nonce": f"{Random(number).getrandbits(128):032x}"}
        for number, guest in enumerate(guests)
    ]
    ids = dict(zip(guests, pen.write_with_ids(Person, rows), strict=True))
    contacts = [row for guest in guests for row in _contacts(guest, ids[guest], known_since[guest])]
    pen.write(ContactPoint, contacts)
    office = ids[next(guest for guest in guests if Role.ADMIN in guest.roles)]
    pen.write(Consent, [_consent(guest, ids[guest], known_since[guest], office) for guest in guests])
    roles = _roles(ids, known_since, office)
    pen.write(PersonRole, roles)
    # Begun, not set up: her page shows this key, and a command says its code to whoever has no app at hand.
    begun: Row = {
        "nonce": f"{Random(office).getrandbits(128):032x}",
        "created_at": to_instant(today, time(0)),
    }
    pen.write(SecondFactor, [begun | {"person_id": office}])
    pen.write(AuditEntry, [*_registrations(ids, known_since), *map(_role_given, roles)])
    return ids


def _known_since(
    guests: Sequence[Guest], meetings: Sequence[Meeting], today: date, rng: Random
) -> dict[Guest, datetime]:
    """Let everybody register shortly before her first booking; hosts and the office were there before."""
    first: dict[Guest, datetime] = {}
    for meeting in meetings:
        for visit in meeting.visits:
            if visit.guest is not None:
                first[visit.guest] = min(first.get(visit.guest, visit.created_at), visit.created_at)
    began, morning = to_instant(today - YEAR, time(9)), to_instant(today, time(0))
    found: dict[Guest, datetime] = {}
    for guest in guests:
        if guest.roles:
            before = min(began, first.get(guest, began)) - timedelta(weeks=rng.randint(3, 30))
        elif guest.status is PersonStatus.UNPROVEN:
            before = morning - timedelta(hours=rng.randint(30, 24 * 40))
        else:
            usual = morning - timedelta(days=rng.randint(2, 300))
            before = first.get(guest, usual) - timedelta(minutes=rng.randint(10, 24 * 60 * 4))
        found[guest] = before
    return found


def _person(guest: Guest, created_at: datetime, today: date) -> Row:
    is_paused = guest.status is PersonStatus.PAUSED
    row: Row = {name: getattr(guest, name) for name in _AS_THEY_ARE}
    return row | {
        "paused_until": today + timedelta(weeks=9) if is_paused else None,
        "created_at": created_at,
        "search_key": fold(f"{guest.full_name} {guest.known_as}"),
    }


def _contacts(guest: Guest, person_id: int, at: datetime) -> list[Row]:
    proven_at = None if guest.status is PersonStatus.UNPROVEN else at + timedelta(minutes=6)
    found: list[Row] = []
    if guest.email:
        found.append({"kind": ContactKind.EMAIL, "written": guest.email, "key": email_key(guest.email)})
    if guest.phone:
        written = f"{guest.phone[:5]} {guest.phone[5:]}"
        found.append({"kind": ContactKind.PHONE, "written": written, "key": phone_key(written)})
    if guest.address:
        found.append({"kind": ContactKind.POST, "written": guest.address, "key": guest.address.casefold()})
    for number, row in enumerate(found):
        is_proven = row["kind"] is ContactKind.EMAIL
        row |= {"person_id": person_id, "is_preferred": number == 0, "created_at": at}
        row["proven_at"] = proven_at if is_proven else None
    return found


def _consent(guest: Guest, person_id: int, at: datetime, office_id: int) -> Row:
    spoken = guest.email is None
    return {
        "person_id": person_id,
        "purpose": ConsentPurpose.KEEP_DETAILS,
        "wording_version": current_version(ConsentPurpose.KEEP_DETAILS),
        "given_at": at,
        "how": ConsentHow.SPOKEN if spoken else ConsentHow.WEB,
        "recorded_by": office_id if spoken else None,
    }


def _roles(ids: Mapping[Guest, int], known_since: Mapping[Guest, datetime], office_id: int) -> list[Row]:
    return [
        {
            "person_id": person_id,
            "role": role,
            "given_at": known_since[guest] + timedelta(days=1),
            "given_by": None if person_id == office_id else office_id,
        }
        for guest, person_id in ids.items()
        for role in guest.roles
    ]


def _registrations(ids: Mapping[Guest, int], known_since: Mapping[Guest, datetime]) -> list[Row]:
    return [
        _entry(known_since[guest], person_id, "registered", person_id) for guest, person_id in ids.items()
    ]


def _role_given(role: Row) -> Row:
    entry = _entry(role["given_at"], role["given_by"], "role given", role["person_id"])
    return entry | {"fields": role["role"].value}


def _entry(at: datetime, actor_id: int | None, action: str, person_id: int) -> Row:
    return {"at": at, "actor_id": actor_id, "action": action, "subject": f"person:{person_id}", "fields": ""}
