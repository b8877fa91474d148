"""What the rows say: compared with the model after every step, and asked what must never be."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy import DateTime, bindparam, text

from booking.db import db
from booking.rules import waiting as rules

# Each database keeps an instant in its own way; told what it is, it compares what was meant.
_NOW = bindparam("now", type_=DateTime())
_LIVE = "('held', 'provisional', 'booked', 'offered', 'waiting')"
_TAKING = "('held', 'provisional', 'booked', 'offered')"
_PLACES = "CASE b.pool WHEN 'room' THEN s.places_room ELSE s.places_online END"
_TAKEN = f"""(SELECT coalesce(sum(t.party_size), 0) FROM booking t
    WHERE t.session_id = b.session_id AND t.pool = b.pool AND t.state IN {_TAKING})"""
_OVERSOLD = text(f"""SELECT DISTINCT s.id FROM booking b JOIN scheduled_session s ON s.id = b.session_id
    WHERE {_PLACES} IS NOT NULL AND {_TAKEN} > {_PLACES}""")
_TWICE = text(f"""SELECT session_id, person_id FROM booking WHERE state IN {_LIVE}
    GROUP BY session_id, person_id HAVING count(*) > 1""")
# Whoever waits for a course as a whole is asked about all its weeks, or about none; and so is everybody
# where no week is booked by itself.
_ALONE = """(SELECT coalesce(sum(CASE WHEN gr.single_weeks THEN 1 ELSE 2 END), 0) FROM booking g
    JOIN scheduled_session gs ON gs.id = g.session_id JOIN series gr ON gr.id = gs.series_id
    WHERE gr.enrol = 'course' AND g.state = 'waiting'
    AND g.person_id = {0}.person_id AND g.waits_since = {0}.waits_since) < 2"""
_COULD_BE_ASKED = text(f"""SELECT b.id, s.starts_at, p.notice_hours, b.tells_late
    FROM booking b JOIN scheduled_session s ON s.id = b.session_id JOIN person p ON p.id = b.person_id
    WHERE b.state = 'waiting' AND NOT b.rests AND b.held_until IS NULL AND p.status = 'active'
    AND s.state = 'published' AND s.starts_at > :now
    AND ({_PLACES} IS NULL OR {_PLACES} - {_TAKEN} >= b.party_size)
    AND {_ALONE.format("b")}""")
# Somebody was offered a place before whoever stood in front of her, asked for no more, and needs no longer.
_OUT_OF_TURN = text(f"""SELECT o.id, w.id FROM booking o JOIN person op ON op.id = o.person_id
    JOIN booking w ON w.session_id = o.session_id AND w.pool = o.pool
    JOIN person wp ON wp.id = w.person_id
    WHERE o.state = 'offered' AND o.state_at = :now AND w.state = 'waiting' AND NOT w.rests
    AND w.party_size <= o.party_size AND wp.notice_hours <= op.notice_hours AND wp.status = 'active'
    AND (w.queue_at < o.queue_at OR (w.queue_at = o.queue_at AND w.id < o.id))
    AND {_ALONE.format("w")}""")
# What was last written down about a booking is not what its row says: two deeds overwrote each other.
_OVERWRITTEN = text("""SELECT b.id, b.state, a.action FROM booking b JOIN audit_entry a
    ON a.subject = 'booking:' || b.id WHERE a.id IN
    (SELECT max(id) FROM audit_entry WHERE id > :after AND subject LIKE 'booking:%' GROUP BY subject)
    AND b.state <> 'cancelled' AND (
    (a.action IN ('place booked', 'offer taken') AND b.state <> 'booked')
    OR (a.action IN ('place given up', 'waiting list left') AND b.state <> 'given_up'))""")
# An answer ends an offer and leaving ends a wait: whatever is noted after it was decided on an old reading.
_TOO_LATE = text("""SELECT l.id, l.subject, e.action AS earlier, l.action FROM audit_entry e
    JOIN audit_entry l ON l.subject = e.subject AND l.id > e.id
    WHERE e.id > :after AND e.subject LIKE 'booking:%'
    AND l.action IN ('place offered', 'place offered late', 'offer taken', 'offer declined',
        'waiting list left')
    AND e.action IN ('offer taken', 'waiting list left', 'place given up')""")
# She was offered more than her row knows of.
_OFFERED_TWICE = text("""SELECT b.id FROM booking b JOIN audit_entry a ON a.subject = 'booking:' || b.id
    WHERE a.id > :after AND a.action IN ('place offered', 'place offered late') AND b.waits_since IS NOT NULL
    GROUP BY b.id, b.times_offered HAVING count(*) > b.times_offered""")
# Who has given her place up hears nothing of what happens to the date.
_TOLD_BOTH = text("""SELECT g.booking_id FROM message g JOIN message c ON c.booking_id = g.booking_id
    WHERE g.id > :after AND g.kind = 'given_up' AND c.kind = 'session_cancelled'""")
_BOOKINGS = text("""SELECT id, session_id, person_id, pool, state, party_size, tells_late, rests,
    held_until, times_offered, queue_at FROM booking WHERE id > :after ORDER BY id""")
_NOTED = text("SELECT action FROM audit_entry WHERE id > :after")
_SAID = text("SELECT kind, person_id FROM message WHERE id > :after")


@dataclass
class Truth:
    """Reads the database as nobody of the service does: in plain SQL, and only what came since."""

    app: Flask
    dates: list[int]
    humans: list[int]

    def __post_init__(self) -> None:
        self.bookings_before = self._last("booking")
        self.look_away()

    def look_away(self) -> None:
        """Count what is said and noted from here on."""
        self.noted_before, self.said_before = self._last("audit_entry"), self._last("message")

    def ask(self, asked: Any, **values: Any) -> list[Any]:
        """Return the rows of a question in plain SQL."""
        with self.app.app_context(), db.engine.connect() as connection:
            return list(connection.execute(asked, values))

    def places(self) -> dict[tuple[int, int], list[tuple[Any, ...]]]:
        """Return each human's bookings of each date, in the order in which they were made."""
        found: dict[tuple[int, int], list[tuple[Any, ...]]] = {}
        for row in self.ask(_BOOKINGS, after=self.bookings_before):
            where = self.dates.index(row.session_id), self.humans.index(row.person_id)
            live = row.state in _LIVE
            until = _instant(row.held_until) if live else None
            facts = row.pool, row.state, row.party_size, bool(row.tells_late), row.times_offered, until
            found.setdefault(where, []).append((*facts, bool(row.rests) if live else None))
        return found

    def queues(self) -> dict[tuple[int, str], list[int]]:
        """Return who waits for which pool, in turn."""
        waiting = [row for row in self.ask(_BOOKINGS, after=self.bookings_before) if row.state == "waiting"]
        found: dict[tuple[int, str], list[int]] = {}
        for row in sorted(waiting, key=lambda row: (str(row.queue_at), row.id)):
            where = self.dates.index(row.session_id), row.pool
            found.setdefault(where, []).append(self.humans.index(row.person_id))
        return found

    def noted(self) -> Counter[str]:
        """Count what was written into the audit."""
        return Counter(row.action for row in self.ask(_NOTED, after=self.noted_before))

    def said(self) -> Counter[tuple[str, int]]:
        """Count what was laid into the tray, and for whom."""
        rows = self.ask(_SAID, after=self.said_before)
        return Counter((row.kind, self.humans.index(row.person_id)) for row in rows)

    def faults(self, now: datetime) -> list[str]:
        """Name what must never be."""
        naive = now.replace(tzinfo=None)
        found = [f"oversold {row}" for row in self.ask(_OVERSOLD)]
        found += [f"booked twice {row}" for row in self.ask(_TWICE)]
        found += [f"out of turn {row}" for row in self.ask(_OUT_OF_TURN.bindparams(_NOW), now=naive)]
        could = self.ask(_COULD_BE_ASKED.bindparams(_NOW), now=naive)
        return found + [f"stranded {row}" for row in could if self._is_in_time(row, now)]

    def overwritten(self) -> list[str]:
        """Name what was decided on an old reading: a deed went over another, or one thing was said twice."""
        found = [f"overwritten {row}" for row in self.ask(_OVERWRITTEN, after=self.noted_before)]
        found += [f"too late {row}" for row in self.ask(_TOO_LATE, after=self.noted_before)]
        found += [f"offered twice {row}" for row in self.ask(_OFFERED_TWICE, after=self.noted_before)]
        return found + [f"told both {row}" for row in self.ask(_TOLD_BOTH, after=self.said_before)]

    def _is_in_time(self, row: Any, now: datetime) -> bool:
        starts_at = _instant(row.starts_at)
        assert starts_at is not None
        read_at = rules.readable_at(now, starts_at)
        if rules.is_late(read_at, starts_at):
            late = rules.late_until(read_at, starts_at, row.notice_hours)
            return bool(row.tells_late) and late is not None
        return rules.offered_until(read_at, starts_at, row.notice_hours) is not None

    def _last(self, table: str) -> int:
        return int(self.ask(text(f"SELECT coalesce(max(id), 0) AS id FROM {table}"))[0].id)


def _instant(kept: Any) -> datetime | None:
    """Read an instant as either database gives it: UTC, without an offset."""
    if kept is None:
        return None
    naive = datetime.fromisoformat(kept) if isinstance(kept, str) else kept
    return naive.replace(tzinfo=UTC)
