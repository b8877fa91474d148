"""Copying a season to the next: drafts with the same facts and hosts, and none of the old exceptions."""

import re
from collections.abc import Collection
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, inspect, select

from booking import policy
from booking.db import db, transaction
from booking.models import Person, Series, SeriesFacilitator
from booking.models.kinds import SessionState
from booking.queries.copying import Copyable, series_of
from booking.rules.next_season import Stretch, checked_stretch
from booking.rules.wall_time import to_local
from booking.services.steps import facilitators, generate
from booking.services.steps.audit import note
from booking.services.steps.locks import lock_people

_MARK = re.compile(r"-copy-[0-9a-f]{8}$")
_LONGEST_KEY = 80
_ITS_OWN = {"id", "key", "state", "rule", "starts_on", "holds_from", "created_at"}


def copy_season(
    series_ids: Collection[int], stretch: Stretch, token: str, actor_id: int, now: datetime
) -> list[int]:
    """Make drafts of these series in the next season and return their ids, all of them or none.

    `token` is the mark of one opening of the form: the same one sent twice copies nothing twice.
    Refuses: what `checked_stretch` refuses, and a time that no clock shows on one of the dates.
    """
    checked_stretch(stretch, to_local(now).date())
    with transaction():
        generate.take_the_season()
        chosen = [each for each in series_of(stretch) if each.series.id in set(series_ids)]
        lock_people(_hosts([each.series.id for each in chosen], Person.id.is_not(None)))
        keys = {each.series.id: _key(each, token) for each in chosen}
        there = set(db.session.scalars(select(Series.key).where(Series.key.in_(keys.values()))))
        return [
            _copy(each, keys[each.series.id], actor_id, now)
            for each in chosen
            if keys[each.series.id] not in there
        ]


def _copy(each: Copyable, key: str, actor_id: int, now: datetime) -> int:
    columns = {column.key for column in inspect(Series).column_attrs} - _ITS_OWN
    draft = Series(
        key=key,
        state=SessionState.DRAFT,
        rule=each.again.rule.text or None,
        starts_on=each.again.starts_on,
        created_at=now,
        **{name: getattr(each.series, name) for name in columns},
    )
    db.session.add(draft)
    db.session.flush()
    hosts = _hosts([each.series.id], policy.may_lead())
    facilitators.lead(draft, hosts, actor_id, now, only_these=False)
    planned = generate.planned_dates(draft, {}, now, leave_out_impossible=False)
    generate.add_missing_dates(draft, planned, now)
    note(now, actor_id, "series copied", f"series:{draft.id}", f"from series {each.series.id}")
    return draft.id


def _hosts(series_ids: Collection[int], fits: ColumnElement[bool]) -> list[int]:
    """Return those who lead these series and fit, in the order they were added."""
    asked = (
        select(Person.id)
        .join(SeriesFacilitator, SeriesFacilitator.person_id == Person.id)
        .where(SeriesFacilitator.series_id.in_(series_ids), fits)
        .order_by(SeriesFacilitator.id)
    )
    return list(dict.fromkeys(db.session.scalars(asked)))


def _key(each: Copyable, token: str) -> str:
    said = f"{token} {each.series.id} {each.again.starts_on} {each.again.rule.text}"
    mark = f"-copy-{sha256(said.encode()).hexdigest()[:8]}"
    plain = _MARK.sub("", each.series.key)[: _LONGEST_KEY - len(mark)].strip("-")
    return plain + mark
