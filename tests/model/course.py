"""The places of a course as they should be: every week taken, waited for, offered and left together."""

from dataclasses import dataclass, field
from datetime import datetime

from booking.rules import waiting as rules
from tests.model.model import Places
from tests.model.rows import HELD_TAKING, LIVE, Place

ROOM = "room"
ASKED = ("waiting", "offered")


@dataclass
class Course(Places):
    """One course: its dates are weeks in order, each with one pool; a week can also be booked by itself."""

    join_until_week: int = 2
    single_weeks: bool = True
    # Who is on it: the number of each enrolment that stands.
    enrolled: dict[int, int] = field(default_factory=dict)
    enrolments: int = 0

    def copy(self) -> "Course":
        """Return another that goes its own way."""
        other = super().copy()
        facts = (other.humans, other.dates, other.now, other.rows, other.noted, other.said)
        return Course(*facts, self.join_until_week, self.single_weeks, dict(self.enrolled), self.enrolments)

    def do(self, deed: str, **facts: object) -> str:
        """Do one deed and say what came of it; what is refused leaves nothing."""
        trial = self.copy()
        trial.noted, trial.said = self.noted.copy(), self.said.copy()
        told = getattr(trial, deed)(**facts)
        if told is None:
            self.__dict__.update(trial.__dict__)
        return str(told or "done")

    def enrol(self, date: int, human: int) -> str | None:
        """Book the whole course; whichever of its dates is named."""
        if human in self.enrolled:
            return None
        weeks, no = self._to_take()
        no = no or self._not_her(human)
        if no:
            return no
        self.offer(date)
        return self._enrol(human, weeks)

    def leave_course(self, date: int, human: int) -> str | None:
        """Leave it; every week to come is free for others in the same moment."""
        if human not in self.enrolled:
            return (
                None
                if any(row.human == human and row.course is not None for row in self.rows)
                else "NotFound"
            )
        number = self.enrolled.pop(human)
        hers = [row for row in self.rows if row.course == number and row.state in LIVE]
        later = [row for row in hers if self.dates[row.date].starts_at > self.now]
        for row in later:
            self._end(row, "given_up")
        self._note("course left")
        if later:
            self._say("course_left", human)
        if later:
            self.offer(date)
        return None

    def come(self, date: int, human: int) -> str | None:
        """Come after all to a week that she skipped."""
        if human not in self.enrolled:
            return "NotFound"
        latest = self.latest(date, human)
        if latest is not None and latest.state in LIVE:
            return None
        no = self._shut(date, human)
        if no or not self._enough(self._free(date, ROOM), 1):
            return no or "SessionFull"
        self._add(date, human, ROOM, "booked", 1)
        self._confirm(human)
        return None

    def wait_for_all(self, date: int, human: int) -> str | None:
        """Wait for every week to come, with one turn."""
        weeks, no = self._to_take()
        no = no or self._not_her(human)
        if no:
            return no
        hers = {week: row for week in weeks if (row := self.latest(week, human)) and row.state in LIVE}
        if hers and human in self.enrolled or any(row.state in ASKED for row in hers.values()):
            return None
        self.offer(date)
        wanted = [week for week in weeks if week not in hers]
        if all(self._enough(self._free(week, ROOM), 1) for week in wanted):
            return "StillFree"
        turn = self._turn_left_lately(human, weeks)
        for week in wanted:
            row = self._add(week, human, ROOM, "waiting", 1)
            row.rank, row.since = turn or self.now, self.now
            self._note("waiting list joined")
        self._say("waiting", human)
        return None

    def book(self, date: int, human: int, pool: str, party: int = 1) -> str | None:
        latest = self.latest(date, human)
        if latest is not None and latest.state == "offered" and self._is_whole(latest):
            return self._take_whole(latest)
        if (latest is None or latest.state not in LIVE) and self._is_part(human):
            return self._shut(date, human) or "PartOfACourse"
        return super().book(date, human, pool, party)

    def join(self, date: int, human: int, pool: str, party: int, tells_late: bool, notice: int) -> str | None:
        latest = self.latest(date, human)
        if (latest is None or latest.state not in LIVE) and not self.single_weeks:
            return self._shut(date, human) or "PartOfACourse"
        return super().join(date, human, pool, party, tells_late, notice)

    def give_up(self, date: int, human: int) -> str | None:
        row = self.latest(date, human)
        if row is None:
            return "NotFound"
        if row.state not in LIVE:
            return None
        for one in self._asked_with(row) if row.state in ASKED else [row]:
            self._end(one, "given_up")
        self.offer(date)
        if self.now < self.dates[date].ends_at:
            self._say("given_up", human)
        self._note("place given up")
        return None

    def leave(self, date: int, human: int) -> str | None:
        row = self.latest(date, human)
        if row is None:
            return "NotFound"
        for one in self._asked_with(row) if row.state in ASKED else []:
            self._end(one, "given_up")
            self._note("waiting list left")
        self.offer(date)
        return None

    def accept(self, date: int, human: int) -> str | None:
        row = self.latest(date, human)
        if row is None or row.since is None:
            return "NotFound"
        if row.state in ASKED:
            return self._take_whole(row) if self._is_whole(row) else self._accept(row)
        return None if len(self._together(row)) > 1 else self._accept(row)

    def decline(self, date: int, human: int) -> str | None:
        row = self.latest(date, human)
        if row is None or row.since is None:
            return "NotFound"
        if row.state != "offered" or not self._is_whole(row):
            told = super().decline(date, human)
            self.offer(date)
            return told
        for one in self._together(row):
            if one.state == "offered":
                self._rest(one)
        self.offer(date)
        self._note("offer declined")
        return None

    def cancel(self, date: int) -> str | None:
        if self.dates[date].cancelled:
            return None
        kept = [row for row in self._live(date) if row.state == "offered"]
        no = super().cancel(date)
        if no is None:
            for row in kept:
                self._ask_anew(row)
            # Whoever waits for the rest may have waited for this week alone.
            self.offer(date)
        return no

    def work(self) -> str | None:
        asked = [row for row in self.rows if row.state in ASKED]
        over = [row for row in asked if row.until is not None and row.until <= self.now]
        for row in over:
            self._rest(row)
            self._note("offer ended")
        if over:
            self.offer(over[0].date)
        for date, there in enumerate(self.dates):
            if self.now >= there.starts_at:
                self._end_waiting(date)
        self.offer(0)
        return None

    def die(self, human: int) -> str | None:
        who = self.humans[human]
        if who.status != "active":
            return None
        who.status = "died"
        self.enrolled.pop(human, None)
        hers = [row for row in self.rows if row.human == human and row.state in LIVE]
        ending = [row for row in hers if self.dates[row.date].ends_at > self.now]
        for row in ending:
            self._end(row, "given_up")
            self._note("place given up")
        if ending:
            self.offer(0)
        self._note("death recorded")
        return None

    def _end_waiting(self, date: int) -> None:
        """Of a course that nobody reached her about, the later weeks are not lost with the first."""
        for row in self._live(date):
            if row.state == "offered":
                self._ask_anew(row)
            if row.state in ASKED:
                self._free_place(row, "expired")
                self._note("waiting ended")

    def offer(self, date: int) -> None:
        """Offer what is free of the course, whole or week by week: always to whoever waits longest next."""
        weeks = [week for week in range(len(self.dates)) if not self._is_over(week)]
        while True:
            for week in weeks:
                self._end_late_chances(week, ROOM)
            alone = [row for week in weeks for row in self.queue(week, ROOM) if self._is_alone(row)]
            helped = [[row] for row in alone if self._may_be_asked(row)]
            whole = [turn for turn in self._turns() if self._could_have_all(turn)]
            if not helped and not whole:
                return
            first = min(helped + whole, key=lambda turn: turn[0].turn)
            if first in helped:
                self._ask(first[0])
            else:
                self._offer_turn(first)

    def _ask_anew(self, row: Place) -> None:
        """What she was asked together with a week that is no more, she is asked anew without it."""
        for one in self._together(row):
            if one.state == "offered" and one is not row:
                one.state, one.until, one.rests = "waiting", None, False

    def _is_alone(self, row: Place) -> bool:
        return self.single_weeks and len(self._waits_with(row)) == 1

    def _could_have_all(self, turn: list[Place]) -> bool:
        """Say whether every week to come has room for somebody, and time enough to ask her."""
        weeks, no = self._to_take()
        human = turn[0].human
        if no or self._not_her(human) or any(row.rests for row in turn):
            return False
        waits = any(row.date in weeks for row in turn)
        return (
            waits
            and self._hold(human, weeks[0]) is not None
            and all(self._has_room(week, human) for week in weeks)
        )

    def _has_room(self, week: int, human: int) -> bool:
        """Say whether she has a place that week or could; what is left to others told late is not hers."""
        hers = self.latest(week, human)
        if hers is not None and hers.state in HELD_TAKING:
            return True
        told = hers is not None and hers.state in LIVE and hers.until is not None
        return self._enough(self.left(week, ROOM) if told else self._free(week, ROOM), 1)

    def _turns(self) -> list[list[Place]]:
        """Return those who wait for all of it, each with her weeks, the best turn first."""
        waiting = [row for row in self.rows if row.state == "waiting"]
        waiting.sort(key=lambda row: (row.rank, self.dates[row.date].starts_at, row.number))
        turns: dict[tuple[int, object], list[Place]] = {}
        for row in waiting:
            turns.setdefault((row.human, row.since), []).append(row)
        return [turn for turn in turns.values() if len(turn) > 1 or not self.single_weeks]

    def _offer_turn(self, turn: list[Place]) -> None:
        weeks, human = self._to_take()[0], turn[0].human
        until = self._hold(human, weeks[0]) if self.humans[human].has_email else None
        for week in weeks:
            row = self.latest(week, human)
            if row is None or row.state not in LIVE:
                row = self._add(week, human, ROOM, "waiting", 1)
            if row.state == "waiting":
                row.rank, row.since = turn[0].rank, turn[0].since
                row.state, row.until, row.offered = "offered", until, row.offered + 1
                self._note("place offered")
        self._say("offered", human)

    def _hold(self, human: int, week: int) -> datetime | None:
        starts_at = self.dates[week].starts_at
        read_at = rules.readable_at(self.now, starts_at)
        return rules.offered_until(read_at, starts_at, self.humans[human].notice_hours)

    def _take_whole(self, row: Place) -> str | None:
        weeks, no = self._to_take()
        return no or self._not_her(row.human) or self._enrol(row.human, weeks)

    def _enrol(self, human: int, weeks: list[int]) -> str | None:
        hers = {week: row for week in weeks if (row := self.latest(week, human)) and row.state in LIVE}
        for week in weeks:
            row = hers.get(week)
            told = row is not None and row.until is not None
            free = self.left(week, ROOM) if told else self._free(week, ROOM)
            if (row is None or row.state == "waiting") and not self._enough(free, 1):
                return "SessionFull"
        if human not in self.enrolled:
            self.enrolments += 1
            self.enrolled[human] = self.enrolments
        for week in weeks:
            row = hers.get(week) or self._add(week, human, ROOM, "booked", 1)
            row.course = self.enrolled[human]
            row.state, row.until = "booked", None
        self._note("course booked")
        self._say("course_booked", human)
        self.offer(weeks[0])
        return None

    def _to_take(self) -> tuple[list[int], str]:
        """Return the weeks that somebody who joins now would have, or why she can't."""
        weeks = [date for date, there in enumerate(self.dates) if not there.cancelled]
        begun = sum(self.dates[week].starts_at <= self.now for week in weeks)
        if begun == len(weeks):
            return [], "BookingClosed"
        return ([], "TooLateToJoin") if begun >= self.join_until_week else (weeks[begun:], "")

    def _not_her(self, human: int) -> str:
        return "" if self.humans[human].status == "active" else "PersonCannotBook"

    def _is_whole(self, row: Place) -> bool:
        return len(self._asked_with(row)) > 1 or not self.single_weeks

    def _is_part(self, human: int) -> bool:
        return not self.single_weeks and human not in self.enrolled

    def _asked_with(self, row: Place) -> list[Place]:
        return [one for one in self._together(row) if one.state in ASKED]

    def _take_what_she_waits_for(self, row: Place, pool: str) -> str | None:
        if self._is_part(row.human) and self._enough(self._free(row.date, pool), row.party):
            return self._shut(row.date, row.human) or "PartOfACourse"
        return super()._take_what_she_waits_for(row, pool)

    def _together(self, row: Place) -> list[Place]:
        if row.since is None:
            return [row]
        return [one for one in self.rows if (one.human, one.since) == (row.human, row.since)]

    def _waits_with(self, row: Place) -> list[Place]:
        return [one for one in self._together(row) if one.state == "waiting"]

    def _turn_left_lately(self, human: int, weeks: list[int]) -> object:
        lately = self.now - rules.BACK_WITHIN
        hers = [row for row in self.rows if row.human == human and row.date in weeks]
        return min((row.rank for row in hers if row.rank and row.left and row.left >= lately), default=None)

    def _rest(self, row: Place) -> None:
        row.state, row.until, row.rests, row.rested = "waiting", None, True, self.now

    def _came_free(self, date: int, pool: str) -> None:
        """Whoever rests is asked again; whoever waits for the whole of it, with all her weeks."""
        for row in self.queue(date, pool):
            for one in self._together(row) if row.rests else ():
                one.rests = False

    def _add(self, date: int, human: int, pool: str, state: str, party: int) -> Place:
        row = super()._add(date, human, pool, state, party)
        row.course = self.enrolled.get(human)
        return row
