"""The rows of the season: programmes, venues, series with their changes, and every date."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time, timedelta
from random import Random
from uuid import UUID

from booking.demo.meetings import Meeting
from booking.demo.pen import Pen, Row
from booking.demo.people import Guest
from booking.demo.season import HORIZON, YEAR
from booking.demo.venues import PLACES, UNKNOWN
from booking.models import (
    Programme,
    ScheduledSession,
    Series,
    SeriesChange,
    SeriesFacilitator,
    SessionFacilitator,
    SessionVersion,
    Venue,
)
from booking.models.kinds import Access, Audience, Companions, Enrol, Mode, SessionState
from booking.rules.changes import changes_by_date
from booking.rules.discreet import discreet_name
from booking.rules.places_uk import only_place_named
from booking.rules.programmes import KNOWN
from booking.rules.timetable import SeriesPlan
from booking.rules.wall_time import LONDON_NAME, to_instant

_AS_PLANNED = (
    "key",
    "title",
    "description",
    "nation",
    "starts_on",
    "start_time",
    "end_time",
    "places_room",
    "places_online",
    "movement_check",
    "welcome_call",
    "meeting_url",
    "join_until_week",
    "single_weeks",
    "waiting_list",
    "waiting_books",
    "closes_minutes_before",
    "newcomer_places",
    "min_facilitators",
)
_OF_DATE = ("rule_date", "local_date", "end_time", "starts_at", "ends_at")
_OF_PLAN = ("start_time", "meeting_url", "places_room", "places_online")


class SeasonRows:
    """Writes the season and remembers which id each part was given."""

    def __init__(self, pen: Pen, today: date, ids_of_people: Mapping[Guest, int]) -> None:
        self.pen, self.today, self.people = pen, today, ids_of_people
        # Everything was planned a week before the year began.
        self.planned_at = to_instant(today - YEAR - timedelta(weeks=1), time(9))
        self.venues: dict[str, int] = {}
        self.series: dict[str, int] = {}

    def write(self, plans: Sequence[SeriesPlan], meetings: Sequence[Meeting], rng: Random) -> list[int]:
        """Write everything and return the ids of the dates, in their order."""
        self._write_venues(plans)
        self._write_series(plans)
        return self._write_dates(meetings, rng)

    def _write_venues(self, plans: Sequence[SeriesPlan]) -> None:
        found: dict[str, str] = {}
        for plan in plans:
            places = [plan.place, *(change.place for change in plan.changes)]
            for name in filter(None, places):
                found.setdefault(name, plan.nation)
        rows = [_venue(name, nation) for name, nation in found.items()]
        self.venues = dict(zip(found, self.pen.write_with_ids(Venue, rows), strict=True))

    def _write_series(self, plans: Sequence[SeriesPlan]) -> None:
        names = list(dict.fromkeys(plan.programme for plan in plans))
        made = self.pen.write_with_ids(Programme, [_programme(name) for name in names])
        programmes = dict(zip(names, made, strict=True))
        rows = [self._series(plan, programmes[plan.programme]) for plan in plans]
        keys = [plan.key for plan in plans]
        self.series = dict(zip(keys, self.pen.write_with_ids(Series, rows), strict=True))
        self.pen.write(SeriesChange, [row for plan in plans for row in _changes(plan, self.series[plan.key])])
        led = [(key, guest) for guest in self.people for key in guest.leads]
        self.pen.write(
            SeriesFacilitator,
            [{"series_id": self.series[key], "person_id": self.people[guest]} for key, guest in led],
        )

    def _series(self, plan: SeriesPlan, programme_id: int) -> Row:
        known = KNOWN[plan.programme]
        return {name: getattr(plan, name) for name in _AS_PLANNED} | {
            "programme_id": programme_id,
            "discreet_name": discreet_name(plan.title, plan.discreet_name, known.discreet_name),
            "mode": Mode(plan.mode),
            "venue_id": self.venues.get(plan.place),
            "rule": plan.rule.text or None,
            "zone": LONDON_NAME,
            "audience": Audience(plan.audience),
            "companions": Companions(plan.companions),
            "enrol": Enrol(plan.enrol),
            "grant_tag": plan.grant,
            "office_notes": plan.office_notes,
            "opens_days_before": plan.opens_days_before,
            "ground_rules_version": plan.ground_rules_version,
            "suits": " ".join(plan.suits),
            "state": SessionState.PUBLISHED,
            "created_at": self.planned_at,
        }

    def _write_dates(self, meetings: Sequence[Meeting], rng: Random) -> list[int]:
        rows = [self._date(meeting, rng) for meeting in meetings]
        ids = self.pen.write_with_ids(ScheduledSession, rows)
        self.pen.write(SessionVersion, [_version(row, made) for row, made in zip(rows, ids, strict=True)])
        self.pen.write(
            SessionFacilitator,
            [
                {"session_id": made, "person_id": self.people[guest], "added_at": row["created_at"]}
                for meeting, row, made in zip(meetings, rows, ids, strict=True)
                for guest in meeting.leaders
            ],
        )
        return ids

    def _date(self, meeting: Meeting, rng: Random) -> Row:
        occasion, plan = meeting.occasion, meeting.occasion.plan
        off_at = meeting.called_off_at
        created_at = max(self.planned_at, to_instant(occasion.rule_date - HORIZON, time(1)))
        created_at = min(created_at, off_at or created_at, to_instant(self.today, time(0)))
        row: Row = {name: getattr(occasion, name) for name in _OF_DATE}
        return (
            row
            | {name: getattr(plan, name) for name in _OF_PLAN}
            | {
                "series_id": self.series[plan.key],
                "uid": str(UUID(int=rng.getrandbits(128), version=4)),
                "zone": LONDON_NAME,
                "mode": Mode(plan.mode),
                "venue_id": self.venues.get(occasion.place),
                "public_reason": meeting.reason or occasion.reason,
                "state": SessionState.CANCELLED if off_at else SessionState.PUBLISHED,
                "schedule_version": 1,
                "changed_at": off_at or created_at,
                "cancelled_at": off_at,
                "created_at": created_at,
            }
        )


def _venue(name: str, nation: str) -> Row:
    place = PLACES.get(name, UNKNOWN)
    facts = {fact: Access(answer) for fact, answer in place.facts.items()}
    town = only_place_named(place.town) if place.town else None
    return facts | {
        "name": name,
        "nation": nation,
        "address": place.address,
        "directions": place.directions,
        "town": place.town,
        "latitude": town.latitude if town is not None else None,
        "longitude": town.longitude if town is not None else None,
    }


def _programme(name: str) -> Row:
    known = KNOWN[name]
    return {
        "key": known.key,
        "name": name,
        "discreet_name": known.discreet_name,
        "tone": known.tone,
        "facilitator_word": known.facilitator_word,
    }


def _changes(plan: SeriesPlan, series_id: int) -> Iterable[Row]:
    for on, change in changes_by_date(plan.changes).items():
        yield {
            "series_id": series_id,
            "rule_date": on,
            "action": change.kind,
            "moved_to": change.moved_to,
            "end_time": change.ends,
            "venue_name": change.place or "",
            "reason": change.reason or "",
        }


def _version(row: Row, session_id: int) -> Row:
    kept = ("schedule_version", "local_date", "start_time", "end_time", "mode", "venue_id", "meeting_url")
    made: Row = {name: row[name] for name in kept}
    return made | {"session_id": session_id, "made_at": row["created_at"]}
