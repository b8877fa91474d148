"""Writing a series as it was planned: its programme, its venues, its own row, its changes of dates."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select

from booking.db import db
from booking.models import Programme, Series, SeriesChange, Venue
from booking.models.kinds import Audience, Companions, Enrol, Mode, SessionState
from booking.rules.changes import Change
from booking.rules.discreet import discreet_name, holds_forbidden
from booking.rules.plans import falls_on
from booking.rules.programmes import KNOWN, KnownProgramme
from booking.rules.timetable import SeriesPlan


def programme_named(name: str) -> Programme:
    """Return the programme of this name, made when it is new."""
    found = db.session.scalar(select(Programme).where(Programme.name == name).order_by(Programme.id).limit(1))
    if found is not None:
        return found
    known = KNOWN.get(name) or KnownProgramme(slug_of(name), discreet_name(name, None, ""), "plum", "host")
    made = Programme(
        key=_free(known.key, db.session.scalars(select(Programme.key))),
        name=name,
        discreet_name=known.discreet_name,
        tone=known.tone,
        facilitator_word=known.facilitator_word,
    )
    db.session.add(made)
    db.session.flush()
    return made


def venue_named(name: str, nation: str) -> Venue:
    """Return the venue of this name, made when it is new; nothing is known of its access then."""
    found = db.session.scalar(select(Venue).where(Venue.name == name))
    if found is None:
        found = Venue(name=name, nation=nation)
        db.session.add(found)
        db.session.flush()
    return found


def add_series(plan: SeriesPlan, now: datetime) -> Series:
    """Add the row of a new series and its changes; a plan without a key gets one from its discreet name."""
    values = _values(plan)
    key = plan.key or free_series_key(values["discreet_name"])
    series = Series(key=key, created_at=now, **values)
    db.session.add(series)
    db.session.flush()
    write_changes(series, plan)
    return series


def update_series(series: Series, plan: SeriesPlan) -> tuple[str, ...]:
    """Bring the row of a series to its plan and return the names of what differed."""
    values = _values(plan)
    said = values.keys() - plan.unsaid
    changed = sorted(name for name in said if getattr(series, name) != values[name])
    for name in changed:
        setattr(series, name, values[name])
    if write_changes(series, plan):
        changed.append("changes")
    db.session.flush()
    return tuple(changed)


def write_changes(series: Series, plan: SeriesPlan) -> bool:
    """Keep what is different on single dates; say whether that is news.

    That a date is kept on a day off stays known, whether or not the plan says so again.
    """
    there = db.session.scalars(select(SeriesChange).where(SeriesChange.series_id == series.id))
    # What is about a date that the rule lost says nothing any more, and no plan can name it.
    known = {row.rule_date: _facts(row) for row in there if falls_on(plan, row.rule_date)}
    named = {change.on for change in plan.changes}
    kept = [
        Change(on, "keep") for on, facts in known.items() if facts["action"] == "keep" and on not in named
    ]
    changes = [*plan.changes, *kept]
    wanted = _change_values(changes)
    if known == wanted:
        return False
    db.session.execute(delete(SeriesChange).where(SeriesChange.series_id == series.id))
    for facts in wanted.values():
        if facts["venue_name"]:
            venue_named(facts["venue_name"], plan.nation)
    add_changes(series, changes)
    return True


def add_changes(series: Series, changes: Iterable[Change]) -> None:
    """Add what is different on single dates; the venues are there, and so is nothing else for these dates."""
    for rule_date, facts in _change_values(changes).items():
        db.session.add(SeriesChange(series_id=series.id, rule_date=rule_date, **facts))
    db.session.flush()


def free_series_key(words: str) -> str:
    """Return a key nobody has yet, fit for a web address."""
    return _free(slug_of(words), db.session.scalars(select(Series.key)))


def slug_of(words: str) -> str:
    """Return a name as it may stand in a web address, where a health word must not."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.replace("&", " and ")).strip("-")[:50].strip("-")
    return slug if slug and not holds_forbidden(slug) else "sessions"


def _free(key: str, taken: Iterable[str]) -> str:
    others, number, free = set(taken), 2, key
    while free in others:
        free, number = f"{key}-{number}", number + 1
    return free


def _values(plan: SeriesPlan) -> dict[str, Any]:
    programme = programme_named(plan.programme)
    return {
        "programme_id": programme.id,
        "title": plan.title,
        "discreet_name": discreet_name(plan.title, plan.discreet_name, programme.discreet_name),
        "description": plan.description,
        "mode": Mode(plan.mode),
        "venue_id": venue_named(plan.place, plan.nation).id if plan.place else None,
        "nation": plan.nation,
        "rule": plan.rule.text or None,
        "starts_on": plan.starts_on,
        "start_time": plan.start_time,
        "end_time": plan.end_time,
        "places_room": plan.places_room,
        "places_online": plan.places_online,
        "audience": Audience(plan.audience),
        "companions": Companions(plan.companions),
        "enrol": Enrol(plan.enrol),
        "welcome_call": plan.welcome_call,
        "movement_check": plan.movement_check,
        "meeting_url": plan.meeting_url,
        "dial_in": plan.dial_in,
        "grant_tag": plan.grant,
        "office_notes": plan.office_notes,
        "join_until_week": plan.join_until_week,
        "single_weeks": plan.single_weeks,
        "waiting_list": plan.waiting_list,
        "waiting_books": plan.waiting_books,
        "opens_days_before": plan.opens_days_before,
        "closes_minutes_before": plan.closes_minutes_before,
        "newcomer_places": plan.newcomer_places,
        "min_facilitators": plan.min_facilitators,
        "ground_rules_version": plan.ground_rules_version,
        "suits": " ".join(plan.suits),
        "state": SessionState(plan.state),
        "zone": plan.zone,
    }


def _change_values(changes: Iterable[Change]) -> dict[date, dict[str, Any]]:
    """Bring several changes of one date (moved, and longer, and elsewhere) into the one row it has."""
    found: dict[date, dict[str, Any]] = {}
    for change in changes:
        facts = found.setdefault(
            change.on,
            {"action": change.kind, "moved_to": None, "end_time": None, "venue_name": "", "reason": ""},
        )
        facts["moved_to"] = facts["moved_to"] or change.moved_to
        facts["end_time"] = facts["end_time"] or change.ends
        facts["venue_name"] = facts["venue_name"] or change.place or ""
        said = dict.fromkeys(filter(None, [facts["reason"], change.reason]))
        facts["reason"] = " ".join(said)[:300]
    return found


def _facts(row: SeriesChange) -> dict[str, Any]:
    names = ("action", "moved_to", "end_time", "venue_name", "reason")
    return {name: getattr(row, name) for name in names}
