"""The season as a file that loads back: what `read_timetable` reads, written from the rows of today."""

import csv
import io
from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.models import Person, Series, SeriesChange, SeriesFacilitator
from booking.models.kinds import Mode
from booking.rules.changes import Change, changes_text
from booking.rules.csv_cells import quoted_cell
from booking.rules.recurrence import expand, parse_rule
from booking.rules.timetable import COLUMNS

# Evidence is read and forgotten, so there is none to write.
_WRITTEN = tuple(name for name in COLUMNS if name != "evidence")


def season_csv(programme_id: int | None = None) -> str:
    """Write all series, or those of one programme, as the file that loads back to the same season.

    Hosts stand there by the names they like, and only where those names mean nobody else; no addresses.
    """
    asked = (
        select(Series).options(joinedload(Series.programme), joinedload(Series.venue)).order_by(Series.key)
    )
    if programme_id is not None:
        asked = asked.where(Series.programme_id == programme_id)
    found = db.session.scalars(asked).all()
    ids = [series.id for series in found]
    changes, hosts = _changes(ids), _hosts(ids)
    written = io.StringIO(newline="")
    lines = csv.writer(written)
    lines.writerow(_WRITTEN)
    for series in found:
        cells = _cells(series) | {
            "changes": changes_text(_of_its_rule(series, changes.get(series.id, ()))),
            "hosts": "; ".join(hosts.get(series.id, ())),
        }
        lines.writerow([quoted_cell(cells[name]) for name in _WRITTEN])
    return written.getvalue()


def _cells(series: Series) -> dict[str, str]:
    return {
        "key": series.key,
        "name": series.title,
        "programme": series.programme.name,
        "mode": series.mode.value.replace("_", " "),
        "place": series.venue.name if series.venue else "",
        "nation": series.nation,
        "rrule": series.rule or "",
        "dtstart": series.starts_on.isoformat(),
        "start": f"{series.start_time:%H:%M}",
        "end": f"{series.end_time:%H:%M}",
        "places_room": _places(series.places_room, has_pool=series.mode is not Mode.ONLINE),
        "places_online": _places(series.places_online, has_pool=series.mode is not Mode.IN_PERSON),
        "audience": series.audience.value,
        "companions": series.companions.value.replace("_", " "),
        "enrol": series.enrol.value,
        "movement_check": _yes_or_no(series.movement_check),
        "notes": series.office_notes,
        "discreet_name": series.discreet_name,
        "meeting_url": series.meeting_url,
        "grant": series.grant_tag,
        "description": series.description,
        "welcome_call": _yes_or_no(series.welcome_call),
    } | _cells_of_booking(series)


def _cells_of_booking(series: Series) -> dict[str, str]:
    return {
        "join_until": str(series.join_until_week),
        "single_weeks": _yes_or_no(series.single_weeks),
        "waiting_list": _yes_or_no(series.waiting_list),
        "waiting_books": _yes_or_no(series.waiting_books),
        "opens_days_before": "" if series.opens_days_before is None else str(series.opens_days_before),
        "closes_minutes_before": str(series.closes_minutes_before),
        "newcomer_places": str(series.newcomer_places),
        "min_hosts": str(series.min_facilitators),
        "ground_rules": series.ground_rules_version,
        "suits": "; ".join(word.replace("_", " ") for word in series.suits.split()),
        "state": series.state.value,
        "zone": series.zone,
    }


def _places(places: int | None, *, has_pool: bool) -> str:
    return str(places) if has_pool and places is not None else ""


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def _changes(series_ids: Collection[int]) -> dict[int, list[SeriesChange]]:
    asked = select(SeriesChange).where(SeriesChange.series_id.in_(series_ids))
    found: dict[int, list[SeriesChange]] = {}
    for row in db.session.scalars(asked.order_by(SeriesChange.series_id, SeriesChange.rule_date)):
        found.setdefault(row.series_id, []).append(row)
    return found


def _of_its_rule(series: Series, rows: Collection[SeriesChange]) -> list[Change]:
    """Return the changes of dates that the rule still has: a row about any other says nothing any more."""
    rule = parse_rule(series.rule or "")
    return [
        change
        for row in rows
        if expand(rule, series.starts_on, row.rule_date, row.rule_date)
        for change in _as_changes(row)
    ]


def _as_changes(row: SeriesChange) -> list[Change]:
    """Take one row apart into the pieces that the file has; the reason stands with the first."""
    every = {
        "move": row.moved_to and Change(row.rule_date, "move", moved_to=row.moved_to),
        "until": row.end_time and Change(row.rule_date, "until", ends=row.end_time),
        "at": row.venue_name and Change(row.rule_date, "at", place=row.venue_name),
        "keep": Change(row.rule_date, "keep") if row.action == "keep" else None,
        "skip": Change(row.rule_date, "skip") if row.action == "skip" else None,
        "cancel": Change(row.rule_date, "cancel") if row.action == "cancel" else None,
    }
    kinds = sorted(every, key=lambda kind: kind != row.action)
    pieces = [change for kind in kinds if (change := every[kind])]
    if pieces and row.reason:
        pieces[0] = replace(pieces[0], reason=row.reason)
    return pieces


def _hosts(series_ids: Collection[int]) -> dict[int, list[str]]:
    """Return the hosts of each series by the names they like; none where one would not be found by hers."""
    asked = (
        select(SeriesFacilitator.series_id, Person.known_as)
        .join(Person, Person.id == SeriesFacilitator.person_id)
        .where(SeriesFacilitator.series_id.in_(series_ids))
        .order_by(SeriesFacilitator.id)
    )
    found: dict[int, list[str]] = {}
    for series_id, known_as in db.session.execute(asked):
        found.setdefault(series_id, []).append(known_as)
    clear = _names_of_one({name for names in found.values() for name in names})
    return {series_id: names for series_id, names in found.items() if clear.issuperset(names)}


def _names_of_one(names: Collection[str]) -> set[str]:
    """Return those of these names that mean exactly one living person, and stand in a list unharmed."""
    folded = {name.lower() for name in names}
    alike = or_(
        func.lower(Person.known_as).in_(folded),
        func.lower(Person.full_name).in_(folded),
        Person.known_as.in_(names),
        Person.full_name.in_(names),
    )
    asked = select(Person.id, Person.known_as, Person.full_name).where(
        alike, Person.status.in_(policy.LIVING)
    )
    meant: dict[str, set[int]] = {}
    for person_id, known_as, full_name in db.session.execute(asked):
        for name in (known_as, full_name):
            meant.setdefault(name.lower(), set()).add(person_id)
    return {
        name
        for name in names
        if len(meant.get(name.lower(), ())) == 1
        and not {";", "@"}.intersection(name)
        and name == name.strip()
    }
