"""A letter about another day says how to cancel; one about another hour does not."""

from datetime import date, time

import pytest

from booking import clock
from booking.db import db
from booking.models import ScheduledSession, SessionVersion
from booking.models.kinds import MessageKind
from tests.letters.desk import Desk

NEW_DAY = "If the new day does not suit you, that is fine: you can cancel in two taps on My sessions"


@pytest.mark.parametrize(
    ("facts", "said"), [({"local_date": date(2026, 8, 27)}, True), ({"start_time": time(14, 30)}, False)]
)
def test_another_day_comes_with_the_way_to_cancel(desk: Desk, facts: dict[str, object], said: bool) -> None:
    desk.place()
    desk.change(ScheduledSession, desk.session_id, schedule_version=2, **facts)
    with desk.app.app_context():
        there = db.session.get_one(ScheduledSession, desk.session_id)
        names = ("local_date", "start_time", "end_time", "mode", "venue_id", "schedule_version")
        version = {name: getattr(there, name) for name in names}
        db.session.add(SessionVersion(session_id=there.id, made_at=clock.now(), **version))
        db.session.commit()
    letter = desk.letter(MessageKind.SESSION_CHANGED)
    assert (NEW_DAY in " ".join(letter.text.split())) is said
