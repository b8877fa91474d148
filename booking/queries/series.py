"""One series as the office knows it: its row, who leads it, what is different, and the dates to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.models import Booking, Person, ScheduledSession, Series, SeriesChange, SeriesFacilitator
from booking.models.kinds import LIVE, SessionState
from booking.refusals import NotFound
from booking.rules.changes import Change, ChangeKind
from booking.rules.recurrence import last_date, parse_rule
from booking.rules.timetable import SeriesPlan


@dataclass(frozen=True)
class SeriesInOffice:
    """A series with who leads it. Units: `last_on` is None while it goes on."""

    series: Series
    hosts: tuple[tuple[int, str], ...]
    changes: tuple[Change, ...]
    last_on: date | None
    # Whether anybody has or had a place at one of its dates: then a draft is no mere draft.
    was_booked: bool

    @property
    def is_draft(self) -> bool:
        """Say whether only the office sees it."""
        return self.series.state is SessionState.DRAFT


def one_series(series_id: int) -> SeriesInOffice:
    """Return a series of any state. Refuses: one that is not there."""
    whole = (joinedload(Series.programme), joinedload(Series.venue))
    series = db.session.scalar(select(Series).where(Series.id == series_id).options(*whole))
    if series is None:
        raise NotFound
    booked = select(Booking.id).join(ScheduledSession).where(ScheduledSession.series_id == series_id).limit(1)
    return SeriesInOffice(
        series=series,
        hosts=_hosts(series_id),
        changes=changes_of(series_id),
        last_on=last_date(parse_rule(series.rule or ""), series.starts_on),
        was_booked=db.session.scalar(booked) is not None,
    )


def as_plan(found: SeriesInOffice) -> SeriesPlan:
    """Return a series as somebody would plan it today, to be compared with a plan."""
    series = found.series
    return SeriesPlan(
        key=series.key,
        title=series.title,
        programme=series.programme.name,
        mode=series.mode.value,
        place=series.venue.name if series.venue else "",
        nation=series.nation,
        rule=parse_rule(series.rule or ""),
        starts_on=series.starts_on,
        start_time=series.start_time,
        end_time=series.end_time,
        places_room=series.places_room,
        places_online=series.places_online,
        audience=series.audience.value,
        companions=series.companions.value,
        enrol=series.enrol.value,
        movement_check=series.movement_check,
        welcome_call=series.welcome_call,
        discreet_name=series.discreet_name,
        description=series.description,
        meeting_url=series.meeting_url,
        dial_in=series.dial_in,
        grant=series.grant_tag,
        office_notes=series.office_notes,
        changes=found.changes,
        join_until_week=series.join_until_week,
        single_weeks=series.single_weeks,
        waiting_list=series.waiting_list,
        waiting_books=series.waiting_books,
        opens_days_before=series.opens_days_before,
        closes_minutes_before=series.closes_minutes_before,
        newcomer_places=series.newcomer_places,
        min_facilitators=series.min_facilitators,
        ground_rules_version=series.ground_rules_version,
        suits=tuple(series.suits.split()),
        state=series.state.value,
        zone=series.zone,
    )


def coming_dates(series_id: int, now: datetime) -> Sequence[ScheduledSession]:
    """Return the dates of a series that have not started, in order, with what a row needs to say itself."""
    asked = (
        select(ScheduledSession)
        .where(ScheduledSession.series_id == series_id, ScheduledSession.starts_at > now)
        .options(joinedload(ScheduledSession.series), joinedload(ScheduledSession.venue))
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
    )
    return db.session.scalars(asked).all()


def booked_on(series_id: int, now: datetime) -> dict[int, int]:
    """Return how many people have a live booking on each coming date."""
    asked = (
        select(Booking.session_id, func.count(Booking.id))
        .join(ScheduledSession)
        .where(
            ScheduledSession.series_id == series_id,
            ScheduledSession.starts_at > now,
            Booking.state.in_(LIVE),
        )
        .group_by(Booking.session_id)
    )
    return {row[0]: row[1] for row in db.session.execute(asked)}


def session_on(series_id: int, local_date: date) -> int | None:
    """Return the date of a series that takes place on a day."""
    asked = select(ScheduledSession.id).where(
        ScheduledSession.series_id == series_id, ScheduledSession.local_date == local_date
    )
    return db.session.scalar(asked.order_by(ScheduledSession.id).limit(1))


def _hosts(series_id: int) -> tuple[tuple[int, str], ...]:
    asked = (
        select(Person.id, Person.known_as)
        .join(SeriesFacilitator, SeriesFacilitator.person_id == Person.id)
        .where(SeriesFacilitator.series_id == series_id, policy.may_lead())
        .order_by(SeriesFacilitator.id)
    )
    return tuple((person_id, known_as) for person_id, known_as in db.session.execute(asked))


def changes_of(series_id: int) -> tuple[Change, ...]:
    """Return what is different, or kept, on single dates of a series, in the order of their dates."""
    asked = select(SeriesChange).where(SeriesChange.series_id == series_id).order_by(SeriesChange.rule_date)
    return tuple(change for row in db.session.scalars(asked) for change in _changes_of(row))


def _changes_of(row: SeriesChange) -> list[Change]:
    """Take one row apart again: a date may be moved, and longer, and elsewhere at once."""
    reason = row.reason or None
    alone: dict[str, ChangeKind] = {"keep": "keep", "skip": "skip", "cancel": "cancel"}
    if row.action in alone:
        return [Change(row.rule_date, alone[row.action], reason=reason)]
    found = []
    if row.moved_to:
        found.append(Change(row.rule_date, "move", moved_to=row.moved_to, reason=reason))
    if row.end_time:
        found.append(Change(row.rule_date, "until", ends=row.end_time, reason=reason))
    if row.venue_name:
        found.append(Change(row.rule_date, "at", place=row.venue_name, reason=reason))
    return found
