"""The places of a course as they should be: every week taken, waited for, offered and left together."""

from dataclasses import dataclass, field

from booking.rules import waiting as rules
from tests.model.model import Places
from tests.model.rows import HELD_TAKING, LIVE, Place

ROOM = "room"
ASKED = ("waiting", "offered")


@dataclass
class Course(Places):
    """One course: its dates are weeks in order, each with one pool; a week can also be booked by itself."""

    join_until_week: int = 2
    # Who is on it: the number of each enrolment that stands.
    enrolled: dict[int, int] = field(default_factory=dict)
    enrolments: int = 0

    def copy(self) -> "Course":
        """Return another that goes its own way."""
        other = super().copy()
        facts = (other.humans, other.dates, other.now, other.rows, other.noted, other.said)
        return Course(*facts, self.join_until_week, dict(self.enrolled), self.enrolments)

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
        self._offer_course()
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
        self._offer_at([row.date for row in later])
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
        self._offer_course()
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
        if latest is not None and latest.state == "offered" and len(self._together(latest)) > 1:
            return self._take_whole(latest)
        return super().book(date, human, pool, party)

    def give_up(self, date: int, human: int) -> str | None:
        row = self.latest(date, human)
        if row is None:
            return "NotFound"
        if row.state not in LIVE:
            return None
        for one in self._together(row) if row.state in ASKED else [row]:
            if one.state in ASKED or one is row:
                self._free_place(one, "given_up")
        if self.now < self.dates[date].ends_at:
            self._say("given_up", human)
        self._note("place given up")
        return None

    def leave(self, date: int, human: int) -> str | None:
        row = self.latest(date, human)
        if row is None:
            return "NotFound"
        for one in self._together(row) if row.state in ASKED else []:
            if one.state in ASKED:
                self._free_place(one, "given_up")
                self._note("waiting list left")
        return None

    def accept(self, date: int, human: int) -> str | None:
        row = self.latest(date, human)
        if row is None or row.since is None:
            return "NotFound"
        if len(self._together(row)) == 1:
            return self._accept(row)
        return self._take_whole(row) if row.state in ASKED else None

    def decline(self, date: int, human: int) -> str | None:
        row = self.latest(date, human)
        if row is None or row.since is None:
            return "NotFound"
        turn = self._together(row)
        if len(turn) == 1 or row.state != "offered":
            return super().decline(date, human)
        for one in turn:
            if one.state == "offered":
                self._rest(one)
        self._offer_at([one.date for one in turn])
        self._note("offer declined")
        return None

    def cancel(self, date: int) -> str | None:
        if self.dates[date].cancelled:
            return None
        no = super().cancel(date)
        if no is None:
            # Whoever waits for the rest may have waited for this week alone.
            self._offer_at(list(range(len(self.dates))))
        return no

    def work(self) -> str | None:
        over = [
            row for row in self.rows if row.state in ASKED and row.until is not None and row.until <= self.now
        ]
        for row in over:
            self._rest(row)
            self._note("offer ended")
        self._offer_at([row.date for row in over])
        for date, there in enumerate(self.dates):
            if self.now >= there.starts_at:
                self._end_waiting(date)
        self._offer_at(list(range(len(self.dates))))
        self._offer_course()
        return None

    def offer(self, date: int) -> None:
        """Offer what is free at a date, and the whole course to whoever waits for it, first come first."""
        self._offer_at([date])

    def alone(self, date: int, pool: str) -> list[Place]:
        return [row for row in self.queue(date, pool) if len(self._waits_with(row)) == 1]

    def _offer_at(self, dates: list[int]) -> None:
        waited_for = [date for date in sorted(set(dates)) if self.queue(date, ROOM)]
        if waited_for:
            self._offer_course(in_turn=True)
        for date in waited_for:
            super().offer(date)
        if waited_for:
            self._offer_course()

    def _offer_course(self, in_turn: bool = False) -> None:
        weeks, no = self._to_take()
        if no:
            return
        while (asked := self._next_turn(weeks)) is not None:
            turn, hers = asked
            if in_turn and not self._is_before_all(turn[0], hers):
                return
            self._offer_turn(turn, hers, weeks[0])

    def _next_turn(self, weeks: list[int]) -> tuple[list[Place], list[Place | int]] | None:
        """Return who waits longest of those for whom every week has room, and what she is to be offered."""
        for turn in self._turns():
            human = turn[0].human
            if any(row.rests for row in turn) or self._not_her(human) or self._hold(human, weeks[0]) is None:
                continue
            hers = {week: row for week in weeks if (row := self.latest(week, human)) and row.state in LIVE}
            wanted = [week for week in weeks if week not in hers or hers[week].state not in HELD_TAKING]
            waits: list[Place | int] = [hers[week] for week in wanted if week in hers]
            if waits and all(self._has_room(week, hers.get(week)) for week in wanted):
                return turn, [*waits, *(week for week in wanted if week not in hers)]
        return None

    def _has_room(self, week: int, hers: Place | None) -> bool:
        """What is left to others, who were told of it late, is not hers."""
        told = hers is not None and hers.until is not None
        return self._enough(self.left(week, ROOM) if told else self._free(week, ROOM), 1)

    def _turns(self) -> list[list[Place]]:
        waiting = [row for row in self.rows if row.state == "waiting"]
        waiting.sort(key=lambda row: (row.rank, self.dates[row.date].starts_at, row.number))
        turns: dict[tuple[int, object], list[Place]] = {}
        for row in waiting:
            turns.setdefault((row.human, row.since), []).append(row)
        return [turn for turn in turns.values() if len(turn) > 1]

    def _is_before_all(self, first: Place, hers: list[Place | int]) -> bool:
        """Say whether nobody who would be asked about one of these weeks alone waits longer."""
        weeks = [one if isinstance(one, int) else one.date for one in hers]
        return all(self._would_be_asked(week, first) for week in weeks)

    def _would_be_asked(self, week: int, first: Place) -> bool:
        trial = self.copy()
        trial.noted.clear()
        before = {row.number: row.offered for row in trial.rows}
        Places.offer(trial, week)
        asked = [row for row in trial.rows if row.offered != before[row.number]]
        return all(row.turn > first.turn for row in asked)

    def _offer_turn(self, turn: list[Place], hers: list[Place | int], week: int) -> None:
        who, until = self.humans[turn[0].human], self._hold(turn[0].human, week)
        rows = [
            self._add(one, turn[0].human, ROOM, "waiting", 1) if isinstance(one, int) else one for one in hers
        ]
        for row in rows:
            row.rank, row.since = rows[0].rank, rows[0].since
            row.state, row.until, row.offered = "offered", until if who.has_email else None, row.offered + 1
            self._note("place offered")
        self._say("offered", turn[0].human)

    def _hold(self, human: int, week: int) -> object:
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
        self.enrolments += 1
        self.enrolled[human] = self.enrolments
        for week in weeks:
            row = hers.get(week) or self._add(week, human, ROOM, "booked", 1)
            row.course = self.enrolments
            row.state, row.until = "booked", None
        self._note("course booked")
        self._say("course_booked", human)
        self._offer_at(weeks)
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
