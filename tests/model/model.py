"""The places of a few dates as they should be: no database, no locks, one deed after the other."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from booking.rules import waiting as rules
from tests.model.rows import HELD_TAKING, LIVE, Place, Rows

# Of two places of one human being the later in this list is kept.
WEIGHTS = ("waiting", "offered", "booked")


class Places(Rows):
    """Every deed that the services do with places."""

    def copy(self) -> "Places":
        """Return another that goes its own way."""
        return Places(
            [replace(one) for one in self.humans],
            [replace(one, places=dict(one.places)) for one in self.dates],
            self.now,
            [replace(one) for one in self.rows],
            Counter(),
            Counter(),
        )

    def do(self, deed: str, **facts: object) -> str:
        """Do one deed and say what came of it: done, or the name of the refusal."""
        told = getattr(self, deed)(**facts)
        return str(told or "done")

    def book(self, date: int, human: int, pool: str, party: int = 1) -> str | None:
        latest = self.latest(date, human)
        if latest is not None and latest.state in LIVE:
            if latest.state == "waiting" and (latest.until is None or latest.pool != pool):
                return self._take_what_she_waits_for(latest, pool)
            return None if latest.state == "booked" else self._accept(latest)
        no = self._shut(date, human) or self._full(date, pool, party)
        if no:
            return no
        self._add(date, human, pool, "booked", party)
        self._confirm(human)
        return None

    def join(self, date: int, human: int, pool: str, party: int, tells_late: bool, notice: int) -> str | None:
        latest = self.latest(date, human)
        if latest is not None and latest.state in LIVE:
            return None
        no = self._shut(date, human)
        if no:
            return no
        if self.dates[date].places[pool] == 0:
            return "NoSuchPool"
        if self._enough(self._free(date, pool), party):
            return "StillFree"
        row = self._add(date, human, pool, "waiting", party)
        row.rank, row.since, row.tells_late = self._left_lately(row) or self.now, self.now, tells_late
        self.humans[human].notice_hours = notice
        self._note("waiting list joined")
        self._say("waiting", human)
        self._offer_to_all_of(human, date)
        return None

    def change_wait(self, date: int, human: int, tells_late: bool, notice: int) -> str | None:
        row = self.latest(date, human)
        if row is None:
            return "NotFound"
        self.humans[human].notice_hours, row.tells_late = notice, tells_late
        self._note("waiting changed")
        self._offer_to_all_of(human, date)
        return None

    def give_up(self, date: int, human: int) -> str | None:
        row = self.latest(date, human)
        if row is None:
            return "NotFound"
        if row.state in LIVE:
            self._free_place(row, "given_up")
            if self.now < self.dates[date].ends_at:
                self._say("given_up", human)
            self._note("place given up")
        return None

    def switch(self, date: int, human: int) -> str | None:
        """Come the other way, in the room or online."""
        row = self.latest(date, human)
        if row is None:
            return "NotFound"
        other = "online" if row.pool == "room" else "room"
        no = self._unchangeable(row)
        if no or row.state != "booked":
            return no or "NothingToSwitch"
        no = self._full(date, other, row.party)
        if no:
            return no
        was, row.pool = row.pool, other
        self._say("booked", human)
        self._came_free(date, was)
        self.offer(date)
        self._note("pool switched")
        return None

    def companion(self, date: int, human: int, comes: bool) -> str | None:
        """Bring somebody, or come by herself after all."""
        row = self.latest(date, human)
        if row is None:
            return "NotFound"
        many = 2 if comes else 1
        if many == row.party:
            return None
        no = self._unchangeable(row)
        if no:
            return no
        if many == 2 and row.state != "waiting" and not self._enough(self._free(date, row.pool), 1):
            return "SessionFull"
        row.party = many
        if row.state == "booked":
            self._say("booked", human)
        if many == 1:
            if row.state != "waiting":
                self._came_free(date, row.pool)
            self.offer(date)
        self._note("companion changed")
        return None

    def leave(self, date: int, human: int) -> str | None:
        row = self.latest(date, human)
        if row is None:
            return "NotFound"
        if row.state in ("waiting", "offered"):
            self._free_place(row, "given_up")
            self._note("waiting list left")
        return None

    def accept(self, date: int, human: int) -> str | None:
        row = self.latest(date, human)
        if row is None or row.rank is None:
            return "NotFound"
        return self._accept(row)

    def decline(self, date: int, human: int) -> str | None:
        row = self.latest(date, human)
        if row is None or row.rank is None:
            return "NotFound"
        if row.state == "offered":
            row.state, row.until, row.rests, row.rested = "waiting", None, True, self.now
            self.offer(date)
        elif row.state == "waiting" and row.until is not None:
            row.until, row.rests, row.rested = None, True, self.now
        else:
            return None
        self._note("offer declined")
        return None

    def move_up(self, date: int, human: int) -> str | None:
        row = self.latest(date, human)
        if row is None or row.state != "waiting":
            return "NotFound"
        first = self.queue(date, row.pool)[0]
        if first is not row or row.rests:
            assert first.rank is not None
            row.rank, row.rests = first.rank - timedelta(microseconds=1), False
            self._note("moved up the waiting list")
            self.offer(date)
        return None

    def resize(self, date: int, pool: str, places: int) -> str | None:
        there = self.dates[date]
        if there.cancelled:
            return "SessionCancelled"
        if there.starts_at <= self.now:
            return "InThePast"
        if places < self.taken(date, pool):
            return "CapacityBelowBookings"
        was = there.places[pool]
        if was == places:
            return None
        there.places[pool] = places
        self._note("session changed")
        if was is not None and places > was:
            self._came_free(date, pool)
        self.offer(date)
        return None

    def cancel(self, date: int) -> str | None:
        there = self.dates[date]
        if there.cancelled:
            return None
        if there.ends_at <= self.now:
            return "InThePast"
        there.cancelled = True
        for row in self._live(date):
            self._say("session_cancelled", row.human)
            row.state = "cancelled"
        self._note("session cancelled")
        return None

    def die(self, human: int) -> str | None:
        who = self.humans[human]
        if who.status != "active":
            return None if who.status == "died" else "RecordIsShut"
        who.status = "died"
        for row in [row for row in self.rows if row.human == human and row.state in LIVE]:
            if self.dates[row.date].ends_at > self.now:
                self._free_place(row, "given_up")
                self._note("place given up")
        self._note("death recorded")
        return None

    def merge(self, keep: int, other: int) -> str | None:
        """The better place of two stays; what waits keeps the earlier turn of the two."""
        if self.humans[other].merged_into == keep:
            return None
        if self.humans[keep].status != "active" or self.humans[other].status != "active":
            return "RecordIsShut"
        for date in range(len(self.dates)):
            both = [row for row in self._live(date) if row.human in (keep, other)]
            if len(both) == 2:
                self._end_worse(both, keep)
        for row in self.rows:
            row.human = keep if row.human == other else row.human
        self.humans[other].status, self.humans[other].merged_into = "merged", keep
        # What was laid for her a moment ago is hers still.
        for kind, human in [one for one in self.said if one[1] == other]:
            self.said[kind, keep] += self.said.pop((kind, human))
        # A place came free, or what she needs to know is less on the record that stays.
        for date in range(len(self.dates)):
            self.offer(date)
        self._note("records merged")
        self._note("merged into another record")
        return None

    def work(self) -> str | None:
        """One round of the worker: what ran out goes on, what stands free is offered, what began ends."""
        over = [row for row in self.rows if row.until is not None and row.until <= self.now]
        for row in [row for row in over if row.state in ("offered", "waiting")]:
            row.state, row.until, row.rests, row.rested = "waiting", None, True, self.now
            self._note("offer ended")
        for date, there in enumerate(self.dates):
            if self.now >= there.starts_at:
                self._end_waiting(date)
            self.offer(date)
        return None

    def offer(self, date: int) -> None:
        """Offer every free place to whoever is first and fits."""
        if self._is_over(date):
            return
        for pool, places in self.dates[date].places.items():
            if places != 0:
                self._end_late_chances(date, pool)
                for row in self.queue(date, pool):
                    if self._may_be_asked(row):
                        self._ask(row)

    def _is_over(self, date: int) -> bool:
        return self.dates[date].cancelled or self.now >= self.dates[date].starts_at

    def _end_late_chances(self, date: int, pool: str) -> None:
        """Somebody was quicker than those who were told late: they hear of the next place anew."""
        left = self.left(date, pool)
        for row in self.queue(date, pool):
            if row.until is not None and not self._enough(left, row.party):
                row.until, row.rests = None, False

    def _may_be_asked(self, row: Place) -> bool:
        """Say whether a place is there for somebody who waits, and time enough to ask her."""
        starts_at, notice = self.dates[row.date].starts_at, self.humans[row.human].notice_hours
        read_at = rules.readable_at(self.now, starts_at)
        late = rules.is_late(read_at, starts_at)
        # What she let go before the last hours is news for everybody in them.
        anew = late and row.rested is not None and not rules.was_late(row.rested, starts_at)
        if (row.rests and not anew) or not self._enough(self.left(row.date, row.pool), row.party):
            return False
        if late:
            has_time = rules.late_until(read_at, starts_at, notice) is not None
            return row.tells_late and row.until is None and has_time
        return rules.offered_until(read_at, starts_at, notice) is not None

    def _ask(self, row: Place) -> None:
        read_at = rules.readable_at(self.now, self.dates[row.date].starts_at)
        late = rules.is_late(read_at, self.dates[row.date].starts_at)
        (self._tell_late if late else self._offer_one)(row, read_at)

    def _accept(self, row: Place) -> str | None:
        if row.state == "booked":
            return None
        if row.state not in ("waiting", "offered", "expired"):
            return "OfferOver"
        no = self._shut(row.date, row.human)
        if no:
            return no
        if row.state != "offered":
            told_late = row.until is not None
            free = self.left(row.date, row.pool) if told_late else self._free(row.date, row.pool)
            if not self._enough(free, row.party):
                return "SessionFull"
        row.state, row.until = "booked", None
        self._note("offer taken")
        self._confirm(row.human)
        self.offer(row.date)
        return None

    def _take_what_she_waits_for(self, row: Place, pool: str) -> str | None:
        free = self._free(row.date, pool)
        if self.dates[row.date].places[pool] == 0 or not self._enough(free, row.party):
            return None
        no = self._shut(row.date, row.human)
        if no:
            return no
        row.pool = pool
        return self._accept(row)

    def _free_place(self, row: Place, became: str) -> None:
        was = row.state
        self._end(row, became)
        if was in HELD_TAKING:
            self.offer(row.date)

    def _end(self, row: Place, became: str) -> None:
        """End a place; who waits for it is asked by the caller."""
        was = row.state
        if became == "given_up" and was in ("waiting", "offered"):
            row.left = self.now
        row.state, row.until = became, None
        # What was offered from the list is the same place that others may have let go already.
        if was == "booked":
            self._came_free(row.date, row.pool)

    def _left_lately(self, row: Place) -> datetime | None:
        """Return the rank of the turn that she left a moment ago, if she left one: it is hers again."""
        hers = [
            one for one in self.rows if (one.date, one.human, one.pool) == (row.date, row.human, row.pool)
        ]
        lately = self.now - rules.BACK_WITHIN
        return min((one.rank for one in hers if one.rank and one.left and one.left >= lately), default=None)

    def _came_free(self, date: int, pool: str) -> None:
        for row in self.queue(date, pool):
            row.rests = False

    def _offer_one(self, row: Place, read_at: datetime) -> None:
        there, who = self.dates[row.date], self.humans[row.human]
        until = rules.offered_until(read_at, there.starts_at, who.notice_hours)
        row.state, row.until, row.offered = "offered", until if who.has_email else None, row.offered + 1
        self._note("place offered")
        self._say("offered", row.human)

    def _tell_late(self, row: Place, read_at: datetime) -> None:
        there, who = self.dates[row.date], self.humans[row.human]
        row.until = rules.late_until(read_at, there.starts_at, who.notice_hours)
        row.offered += 1
        self._note("place offered late")
        self._say("offered", row.human)

    def _offer_to_all_of(self, human: int, date: int) -> None:
        """What she needs to know counts for every list of hers, so a place may have become one for her."""
        waits = {row.date for row in self.rows if row.human == human and row.state == "waiting"}
        for each in sorted(waits | {date}):
            self.offer(each)

    def _end_worse(self, both: list[Place], keep: int) -> None:
        best = max(both, key=lambda row: (WEIGHTS.index(row.state), row.party, row.human == keep))
        (worse,) = [row for row in both if row is not best]
        if best.rank is not None and worse.rank is not None:
            best.rank = min(best.rank, worse.rank)
        self._end(worse, "cancelled")

    def _end_waiting(self, date: int) -> None:
        for row in self._live(date):
            if row.state in ("waiting", "offered"):
                self._free_place(row, "expired")
                self._note("waiting ended")
