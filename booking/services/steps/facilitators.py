"""Who leads a series: finding the people a file names, and giving them its dates."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import delete, func, select

from booking import policy
from booking.db import db
from booking.models import (
    ContactPoint,
    Person,
    PersonRole,
    ScheduledSession,
    Series,
    SeriesFacilitator,
    SessionFacilitator,
    Task,
)
from booking.models.kinds import ContactKind, Role, SessionState, TaskKind
from booking.refusals import NotAHost
from booking.rules.addresses import email_key
from booking.rules.faults import N_, Fault
from booking.rules.own_facts import HOSTS
from booking.services.steps import rota_letters, tasks
from booking.services.steps.audit import note
from booking.services.steps.generate import leaders_of

__all__ = [
    "UnknownHost",
    "ask_for_a_host",
    "lead",
    "lead_date",
    "leaders_of",
    "people_meant",
    "refuse_unless_hosts",
]


class UnknownHost(Fault):
    """A name or an address that does not fit exactly one person."""

    field = "hosts"


def people_meant(names: Iterable[str]) -> list[int]:
    """Return the ids of the people whom these addresses or names mean.

    Refuses: one that fits nobody, or several people.
    """
    meant: list[int] = []
    for name in names:
        found = _fitting(name)
        if not found:
            raise UnknownHost(N_("hosts: “%(name)s” fits nobody."), name=name[:80])
        if len(found) > 1:
            raise UnknownHost(
                N_("hosts: “%(name)s” fits %(count)s people."), name=name[:80], count=len(found)
            )
        meant += [found[0]] if found[0] not in meant else []
    return meant


def lead(
    series: Series,
    person_ids: Collection[int],
    actor_id: int | None,
    now: datetime,
    *,
    only_these: bool,
    since: date | None = None,
) -> bool:
    """Let these people lead a series and its dates still to come; say whether that is news.

    `only_these`: whoever led the series so far and is not named any more no longer does. `since` is the
    first rule date meant. A date that has hosts of its own keeps them.
    """
    before = leaders_of(series.id)
    added = [person_id for person_id in person_ids if person_id not in before]
    ended = [person_id for person_id in before if person_id not in person_ids] if only_these else []
    coming = _led_by_the_series(series.id, since, now) if added or ended else []
    led = {person_id: _led_of(person_id, coming) for person_id in (*added, *ended)}
    if ended:
        _end(series.id, ended, coming)
    for person_id in added:
        _give_role(person_id, actor_id, now)
        db.session.add(SeriesFacilitator(series_id=series.id, person_id=person_id))
        _give_dates(person_id, coming, now)
    db.session.flush()
    if only_these:
        # Of a series that is new nobody is told: the rota of its first week does it.
        for person_id in added:
            rota_letters.tell_given(person_id, set(coming) - led[person_id], now)
        for person_id in ended:
            rota_letters.tell_taken(person_id, led[person_id], now)
    return bool(added or ended)


def lead_date(
    scheduled: ScheduledSession, person_ids: Collection[int], actor_id: int | None, now: datetime
) -> bool:
    """Let exactly these people lead one date; say whether that is news.

    Refuses: somebody who is not a host, or whose record does not open any more.
    """
    refuse_unless_hosts(person_ids)
    asked = select(SessionFacilitator.person_id).where(SessionFacilitator.session_id == scheduled.id)
    before = set(db.session.scalars(asked))
    ended = before.difference(person_ids)
    if ended:
        gone = SessionFacilitator.person_id.in_(ended)
        db.session.execute(
            delete(SessionFacilitator).where(SessionFacilitator.session_id == scheduled.id, gone)
        )
    for person_id in dict.fromkeys(person_ids):
        _give_dates(person_id, [scheduled.id], now)
    db.session.flush()
    for person_id in sorted(ended):
        rota_letters.tell_taken(person_id, [scheduled.id], now)
    for person_id in sorted(set(person_ids) - before):
        rota_letters.tell_given(person_id, [scheduled.id], now)
    return before != set(person_ids)


def refuse_unless_hosts(person_ids: Collection[int]) -> None:
    """Refuse whoever may not be given dates."""
    able = select(func.count(Person.id)).where(Person.id.in_(set(person_ids)), policy.may_lead())
    if db.session.scalar(able) != len(set(person_ids)):
        raise NotAHost


def _led_by_the_series(series_id: int, since: date | None, now: datetime) -> list[int]:
    asked = select(ScheduledSession.id, ScheduledSession.own_facts).where(
        ScheduledSession.series_id == series_id, ScheduledSession.starts_at > now
    )
    if since is not None:
        asked = asked.where(ScheduledSession.rule_date >= since)
    rows = db.session.execute(asked.order_by(ScheduledSession.id))
    return [session_id for session_id, own in rows if HOSTS not in own.split()]


def ask_for_a_host(person_ids: Collection[int], now: datetime) -> list[int]:
    """Ask the office for a host for each series that these people were to lead; return the new tasks' ids.

    A series for which somebody looks already is not asked for again.
    """
    open_ones = select(Task.series_id).where(
        Task.kind == TaskKind.SPEAK_WITH_OFFICE, Task.for_person_id.is_(None), Task.person_id.is_(None)
    )
    asked = set(db.session.scalars(open_ones.where(Task.settled_at.is_(None))))
    return [
        tasks.ask(TaskKind.SPEAK_WITH_OFFICE, now, series_id=series_id)
        for series_id in _series_to_come(person_ids, now)
        if series_id not in asked
    ]


def _series_to_come(person_ids: Collection[int], now: datetime) -> Sequence[int]:
    """Return the series with a date to come that these people lead, or that lead the series."""
    of_series = select(SeriesFacilitator.series_id).where(SeriesFacilitator.person_id.in_(person_ids))
    of_dates = select(SessionFacilitator.session_id).where(SessionFacilitator.person_id.in_(person_ids))
    hers = ScheduledSession.series_id.in_(of_series) | ScheduledSession.id.in_(of_dates)
    coming = (ScheduledSession.starts_at > now) & (ScheduledSession.state != SessionState.CANCELLED)
    asked = select(ScheduledSession.series_id).where(hers, coming).distinct()
    return db.session.scalars(asked.order_by(ScheduledSession.series_id)).all()


def _end(series_id: int, ended: list[int], session_ids: list[int]) -> None:
    db.session.execute(
        delete(SeriesFacilitator).where(
            SeriesFacilitator.series_id == series_id, SeriesFacilitator.person_id.in_(ended)
        )
    )
    db.session.execute(
        delete(SessionFacilitator).where(
            SessionFacilitator.session_id.in_(session_ids), SessionFacilitator.person_id.in_(ended)
        )
    )


def _led_of(person_id: int, session_ids: Collection[int]) -> set[int]:
    hers = SessionFacilitator.person_id == person_id
    led = select(SessionFacilitator.session_id).where(hers, SessionFacilitator.session_id.in_(session_ids))
    return set(db.session.scalars(led))


def _give_dates(person_id: int, session_ids: list[int], now: datetime) -> None:
    has = _led_of(person_id, session_ids)
    db.session.add_all(
        SessionFacilitator(session_id=session_id, person_id=person_id, added_at=now)
        for session_id in session_ids
        if session_id not in has
    )


def _give_role(person_id: int, actor_id: int | None, now: datetime) -> None:
    held = select(PersonRole.id).where(PersonRole.person_id == person_id, PersonRole.role == Role.FACILITATOR)
    if db.session.scalar(held) is None:
        db.session.add(
            PersonRole(person_id=person_id, role=Role.FACILITATOR, given_at=now, given_by=actor_id)
        )
        note(now, actor_id, "role given", f"person:{person_id}", Role.FACILITATOR.value)


def _fitting(name: str) -> list[int]:
    living = select(Person.id).where(Person.status.in_(policy.LIVING)).order_by(Person.id)
    if "@" in name:
        asked = living.join(Person.contacts).where(
            ContactPoint.kind == ContactKind.EMAIL, ContactPoint.key == email_key(name)
        )
    else:
        # SQLite folds the case of plain letters only: an accented name fits as it is written, too.
        asked = living.where(
            (Person.full_name == name)
            | (Person.known_as == name)
            | (func.lower(Person.full_name) == name.lower())
            | (func.lower(Person.known_as) == name.lower())
        )
    return list(dict.fromkeys(db.session.scalars(asked)))
