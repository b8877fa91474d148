"""Changing one place for another in the caller's transaction: the better date taken, the other let go."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select

from booking import policy
from booking.db import db
from booking.models import Booking, Person
from booking.models.kinds import TAKING, BookingState
from booking.services.steps.audit import note
from booking.services.steps.freeing import free_place
from booking.services.steps.giving_up import give_up
from booking.services.steps.taking import session_today


def sessions_of_swap(kept_id: int | None) -> set[int]:
    """Return the dates that a change away from this place can touch: its own, and all that wait for it.

    The caller holds the person's row, under which alone such waits are begun.
    """
    if kept_id is None:
        return set()
    asked = select(Booking.session_id).where((Booking.id == kept_id) | _waits_for(kept_id))
    return set(db.session.scalars(asked).all())


def sessions_changed(person_id: int, session_ids: Collection[int]) -> set[int]:
    """Return the dates at which something of hers ends if she takes these, for which she keeps others.

    The caller holds the person's row.
    """
    kept = select(Booking.swap_for_id).where(
        Booking.session_id.in_(session_ids),
        policy.is_hers(person_id),
        Booking.state.in_((BookingState.WAITING, BookingState.OFFERED)),
        Booking.swap_for_id.is_not(None),
    )
    touched = (sessions_of_swap(kept_id) for kept_id in db.session.scalars(kept).all())
    return set().union(*touched)


def let_go_of(kept_id: int | None, person: Person, actor_id: int, now: datetime, *, took: int) -> None:
    """Give up the place she kept now that she has a better one, and end her other waits for a better one.

    The caller holds the person's row and every date of `sessions_of_swap`. `took` is the booking that she
    has instead. A place whose start has passed, or that has ended otherwise, stays as it is.
    """
    if kept_id is None:
        return
    for other in db.session.scalars(_waits(kept_id).where(Booking.id != took)).all():
        free_place(other, BookingState.GIVEN_UP, "has a better date", now)
        note(now, actor_id, "waiting list left", f"booking:{other.id}")
    kept = db.session.get_one(Booking, kept_id, populate_existing=True)
    scheduled = session_today(kept.session_id)
    if kept.person_id == person.id and kept.state in TAKING and now < scheduled.starts_at:
        give_up(kept, person, scheduled, actor_id, now, "changed for a better date")
        note(now, actor_id, "places swapped", f"booking:{took}")


def _waits(kept_id: int) -> Select[Booking]:
    return (
        select(Booking)
        .where(_waits_for(kept_id))
        .order_by(Booking.id)
        .execution_options(populate_existing=True)
    )


def _waits_for(kept_id: int) -> ColumnElement[bool]:
    waits = Booking.state.in_((BookingState.WAITING, BookingState.OFFERED))
    return (Booking.swap_for_id == kept_id) & waits
