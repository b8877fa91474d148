"""Closing an account: she goes, the counts stay."""

from collections.abc import Collection
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from booking import policy
from booking.db import db, transaction
from booking.models import Booking, Person, PersonRole, ScheduledSession
from booking.models.kinds import ATTENDED, LIVE, BookingState, PersonStatus, Role
from booking.queries.privacy import records_of
from booking.refusals import LastAdmin, NotFound, StaleForm
from booking.services.steps.audit import note
from booking.services.steps.emptying import empty
from booking.services.steps.facilitators import ask_for_a_host
from booking.services.steps.freeing import free_all
from booking.services.steps.locks import lock_people, lock_sessions

_YOU_HOLD_THE_KEY = _l(
    "Nobody else can open the office's pages yet. Make somebody else an admin first, then close the account."
)


def close_account(person_id: int, actor_id: int, now: datetime) -> None:
    """Give up her places to come, write nothing more, and empty her record; twice is once.

    For each series she was to lead the office is asked for another host.
    `actor_id` is herself, or who in the office does it for her.
    Refuses: a record of somebody who has died or that was merged, and the last person of the office; a merge
    of the same moment.
    """
    with transaction():
        records = records_of(person_id)
        # Everybody with the key to the office is held, so that two admins can't leave in one moment.
        lock_people([*records, *_admins()])
        if records_of(person_id) != records:
            # The office merged her with somebody in this very moment: that one isn't held yet.
            raise StaleForm
        person = db.session.get_one(Person, person_id)
        if person.status is PersonStatus.CLOSED:
            return
        if not policy.may_sign_in(person.status):
            raise NotFound
        _refuse_the_last_admin(person_id)
        _free_places(records, now)
        ask_for_a_host(records, now)
        empty(records, actor_id, now)
        note(now, actor_id, "account closed", f"person:{person_id}")


def _admins() -> list[int]:
    asked = select(PersonRole.person_id).where(PersonRole.role == Role.ADMIN)
    return list(db.session.scalars(asked))


def _refuse_the_last_admin(person_id: int) -> None:
    admins = _admins()
    if person_id not in admins:
        return
    others = select(Person.id).where(
        Person.id.in_(admins), Person.id != person_id, Person.status.in_(policy.LIVING)
    )
    if db.session.scalar(others.limit(1)) is None:
        raise LastAdmin(_YOU_HOLD_THE_KEY)


def _free_places(person_ids: Collection[int], now: datetime) -> None:
    """Give up each place that is still to come, without a letter; who is marked as there was there."""
    coming = (
        select(Booking)
        .join(Booking.session)
        .where(
            Booking.person_id.in_(person_ids),
            Booking.state.in_(LIVE),
            Booking.attendance.not_in(ATTENDED),
            ScheduledSession.starts_at > now,
        )
        .order_by(Booking.id)
    )
    lock_sessions(booking.session_id for booking in db.session.scalars(coming).all())
    places = db.session.scalars(coming.execution_options(populate_existing=True)).all()
    free_all(places, BookingState.GIVEN_UP, "account closed", now)
    db.session.flush()
