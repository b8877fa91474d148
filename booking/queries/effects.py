"""What an edit of a series or of a date would do: read by the page before, and by the deed itself."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import inspect, select
from sqlalchemy.orm import selectinload

from booking.db import db
from booking.models import Person, ScheduledSession, Series, SeriesFacilitator, SessionFacilitator
from booking.models.kinds import LIVE, BookingState, Channel, PersonStatus, Pool, SessionState
from booking.queries import dates
from booking.queries.clashes import clashes_of
from booking.queries.date_plans import Booked, DatePlan, keeps_something, live, too_few
from booking.queries.edit_plans import EditPlan, bookings_of, plan_edit
from booking.queries.office import channel_of
from booking.queries.wanted import TIME_AND_PLACE, values_of
from booking.refusals import NotFound
from booking.rules.clashes import Clash
from booking.rules.edits import KEEP, SeriesEdit, SessionChange
from booking.rules.own_facts import HOSTS

# Behind a held place stands an address that nobody has proven; an offer shows the date as it is now.
_HEARS_NOTHING = (BookingState.HELD, BookingState.OFFERED)
# What a date shows of its series, however it differs.
_SHOWN = frozenset({"title", "description", "programme"})
# What dates hold for themselves, or what decides about dates alone.
_OF_DATES = frozenset(
    {
        "rule",
        "starts_on",
        "holds_from",
        "start_time",
        "end_time",
        "mode",
        "venue_id",
        "meeting_url",
        "places_room",
        "places_online",
    }
)
_OWN_WORDS = {"title": "own_title", "description": "own_description"}


@dataclass(frozen=True)
class Effect:
    """What a change comes to.

    Units: `dates` are those that change; `people` are counted once, `bookings` as often as they come;
    `stays_as_is` names each date with the facts it keeps; `leaves_booked` and `too_few` say how many
    are booked; `told` counts messages by channel.
    """

    dates: int = 0
    people: int = 0
    bookings: int = 0
    stays_as_is: tuple[tuple[date, tuple[str, ...]], ...] = ()
    moves: tuple[tuple[date, date], ...] = ()
    added: tuple[date, ...] = ()
    removed: tuple[date, ...] = ()
    leaves_booked: tuple[tuple[date, int], ...] = ()
    too_few: tuple[tuple[date, Pool, int], ...] = ()
    told: dict[Channel, int] = field(default_factory=dict)
    clashes: dict[date, list[Clash]] = field(default_factory=dict, compare=False)
    # Once it is done: the deeds of which people have to be told.
    deed_ids: tuple[int, ...] = field(default=(), compare=False)


def effect_of(series_id: int, edit: SeriesEdit, from_date: date | None, now: datetime) -> Effect:
    """Say what an edit would do; `from_date` is None for all coming dates, else the first rule date meant.

    Refuses: what `services.series.change_series` refuses, except too few places: those are listed.
    """
    series = db.session.get(Series, series_id)
    if series is None:
        raise NotFound
    plan = plan_edit(series, edit, from_date, now)
    return replace(effect_of_plan(plan, now), clashes=_clashes(series, plan))


def effect_of_plan(plan: EditPlan, now: datetime) -> Effect:
    """Say what a plan comes to, before it is carried out."""
    changed = [each for each in plan.dates if _is_shown(each) and _is_changed(each, plan)]
    live_ones = [one for each in changed for one in plan.bookings[each.scheduled.id] if one.state in LIVE]
    kept = [(each.scheduled.local_date, _kept(each, plan)) for each in plan.dates if each.fate == "stays"]
    told = [each for each in plan.dates if each.values.keys() & TIME_AND_PLACE]
    return Effect(
        dates=len(changed),
        people=len({one.person_id for one in live_ones if one.person_id is not None}),
        bookings=len(live_ones),
        stays_as_is=tuple((on, facts) for on, facts in kept if facts),
        moves=_moves(plan.dates),
        added=tuple(each.local_date for each in plan.added),
        removed=_local_dates(plan.dates, ("removed", "cancelled")),
        leaves_booked=tuple(
            (each.scheduled.local_date, live(plan.bookings[each.scheduled.id]))
            for each in plan.dates
            if each.fate == "undecided"
        ),
        too_few=tuple(few for each in plan.dates for few in too_few(each, plan.bookings[each.scheduled.id])),
        told=_told([one for each in told for one in plan.bookings[each.scheduled.id]], now),
    )


def effect_of_date(session_id: int, change: SessionChange, now: datetime) -> Effect:
    """Say what a change of one date would do. Refuses: what `change_session` refuses."""
    scheduled = db.session.get(ScheduledSession, session_id)
    if scheduled is None:
        raise NotFound
    wanted = values_of(scheduled, change, now)
    values = {name: value for name, value in wanted.items() if getattr(scheduled, name) != value}
    plan = DatePlan(scheduled, scheduled.rule_date, values)
    bookings = bookings_of([session_id])[session_id]
    live_ones = [one for one in bookings if one.state in LIVE]
    return Effect(
        dates=1 if values or _other_hosts(session_id, change) else 0,
        people=len({one.person_id for one in live_ones if one.person_id is not None}),
        bookings=len(live_ones),
        moves=_moves([plan]),
        too_few=tuple(too_few(plan, bookings)),
        told=_told(bookings, now) if values.keys() & TIME_AND_PLACE else {},
    )


def _other_hosts(session_id: int, change: SessionChange) -> bool:
    if change.host_ids is KEEP:
        return False
    asked = select(SessionFacilitator.person_id).where(SessionFacilitator.session_id == session_id)
    return set(db.session.scalars(asked)) != set(change.host_ids)


def seen_mark(series: Series) -> str:
    """Return a short mark of what a series is now: a form with another mark is stale."""
    asked = select(SeriesFacilitator.person_id).where(SeriesFacilitator.series_id == series.id)
    hosts = list(db.session.scalars(asked.order_by(SeriesFacilitator.person_id)))
    columns = [str(getattr(series, column.key)) for column in inspect(Series).column_attrs]
    changes = sorted(dates.changes_of([series.id])[series.id].items())
    return sha256(repr((columns, hosts, changes)).encode()).hexdigest()[:20]


def date_mark(scheduled: ScheduledSession) -> str:
    """Return a short mark of what one date is now, its places, words and hosts with it."""
    asked = select(SessionFacilitator.person_id).where(SessionFacilitator.session_id == scheduled.id)
    hosts = list(db.session.scalars(asked.order_by(SessionFacilitator.person_id)))
    names = (column.key for column in inspect(ScheduledSession).column_attrs)
    # Taking a lock counts it up; that is no change of the date.
    columns = [str(getattr(scheduled, name)) for name in names if name != "turns"]
    return sha256(repr((columns, hosts)).encode()).hexdigest()[:20]


def _is_shown(plan: DatePlan) -> bool:
    """Say whether a date goes on showing its series; an odd one does too, as long as it stands on purpose."""
    is_off = plan.scheduled.state is SessionState.CANCELLED
    return plan.is_plain or (plan.fate == "stays" and not is_off and keeps_something(plan.scheduled))


def _is_changed(plan: DatePlan, edit: EditPlan) -> bool:
    words = [name for name in edit.values.keys() & _SHOWN if not _has_own(plan, name)]
    hosts = edit.host_ids is not None and HOSTS not in plan.scheduled.own
    rest = edit.values.keys() - _SHOWN - _OF_DATES
    return bool(plan.values or words or hosts or rest)


def _kept(plan: DatePlan, edit: EditPlan) -> tuple[str, ...]:
    if plan.is_left:
        # The series has no such date any more: it stays with all that is its own.
        return tuple(sorted(plan.scheduled.own)) or tuple(name for name in _OWN_WORDS if _has_own(plan, name))
    if not plan.is_plain:
        return ()
    words = [name for name in _OWN_WORDS if name in edit.values and _has_own(plan, name)]
    hosts = [HOSTS] if edit.host_ids is not None and HOSTS in plan.scheduled.own else []
    return (*plan.keeps, *words, *hosts)


def _has_own(plan: DatePlan, name: str) -> bool:
    return bool(getattr(plan.scheduled, _OWN_WORDS.get(name, ""), ""))


def _moves(plans: Iterable[DatePlan]) -> tuple[tuple[date, date], ...]:
    return tuple(
        (each.scheduled.local_date, each.values["local_date"])
        for each in plans
        if "local_date" in each.values
    )


def _local_dates(plans: Iterable[DatePlan], fates: Collection[str]) -> tuple[date, ...]:
    return tuple(each.scheduled.local_date for each in plans if each.fate in fates)


def _told(bookings: Iterable[Booked], now: datetime) -> dict[Channel, int]:
    """Count the messages that will be laid, by the channel that reaches each person."""
    hearing = Counter(
        one.person_id
        for one in bookings
        if one.person_id is not None and one.state in LIVE and one.state not in _HEARS_NOTHING
    )
    asked = (
        select(Person)
        .where(Person.id.in_(hearing), Person.status.in_((PersonStatus.ACTIVE, PersonStatus.PAUSED)))
        .options(selectinload(Person.contacts))
        .order_by(Person.id)
    )
    told: Counter[Channel] = Counter()
    for person in db.session.scalars(asked):
        told[channel_of(person, now)] += hearing[person.id]
    return dict(told)


def _clashes(series: Series, plan: EditPlan) -> dict[date, list[Clash]]:
    hours = {each.local_date: (each.starts_at, each.ends_at) for each in plan.added}
    for each in plan.dates:
        if each.values.keys() & {"starts_at", "ends_at"}:
            row, values = each.scheduled, each.values
            on = values.get("local_date", row.local_date)
            hours[on] = (values.get("starts_at", row.starts_at), values.get("ends_at", row.ends_at))
    leaders = select(SeriesFacilitator.person_id).where(SeriesFacilitator.series_id == series.id)
    found = clashes_of(
        hours,
        nation=plan.values.get("nation", series.nation),
        venue_id=plan.values.get("venue_id", series.venue_id),
        host_ids=plan.host_ids if plan.host_ids is not None else list(db.session.scalars(leaders)),
        except_series_id=series.id,
    )
    return {on: clashes for on, clashes in found.items() if clashes}
