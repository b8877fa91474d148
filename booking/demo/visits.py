"""Who books, gives up, comes and does not come: a year of registers, and the weeks ahead."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from random import Random

from booking.demo import queues
from booking.demo.meetings import Mark, Meeting, Visit
from booking.demo.people import Guest
from booking.demo.season import YEAR, Occasion
from booking.models.kinds import (
    LIVE,
    Attendance,
    Audience,
    BookingState,
    PersonStatus,
    Pool,
    Role,
    Who,
)
from booking.rules.timetable import SeriesPlan
from booking.rules.wall_time import to_instant

# Shares of the places that were booked, and of those that were kept.
GIVEN_UP, DID_NOT_COME, NOT_MARKED = 0.185, 0.155, 0.02
_REGISTER_NOT_TAKEN, _CALLED_OFF, _NEWCOMERS, _WEEK_SKIPPED = 0.03, 0.02, 0.058, 0.1
_WITH_WALK_IN, _CORRECTED, _PARTLY = 0.3, 0.03, 0.07
_USUAL_SHARE, _USUAL_WITHOUT_LIMIT, _USUAL_MOST = 0.65, 8, 30
# What is left free on the next two dates of these, so that full and nearly full can be seen.
_FREE: dict[str, int] = {"newcastle": 0, "online-evening": 0, "men": 0, "edinburgh": 1, "cardiff": 2}
# So that whoever signs in as Ann finds a course, too.
_ANNS_COURSE = "art"
_ANN, _BEN = (
    ("manchester", "online-morning", "singing", "manchester"),
    ("leeds", "online-evening", "ask-the-expert", "leeds"),
)
_HOLIDAYS = {(12, 25), (12, 26), (1, 1)}
_HOLIDAY = "It is a public holiday."
_OFF = ("The host was unwell and nobody could cover.", "The room was flooded.", "Trains were cancelled.")


class Year:
    """Everybody's comings and goings around one day, drawn from a seed for each date."""

    def __init__(self, guests: Sequence[Guest], today: date, seed: int) -> None:
        self.guests, self.today, self.seed = guests, today, seed
        self.morning = to_instant(today, time(0))
        self.owed = 0.0
        self.asked: dict[str, int] = {}
        self.courses: dict[str, list[tuple[Guest, datetime]]] = {}
        self.queued: set[str] = set()

    def meet(self, occasion: Occasion) -> Meeting:
        """Say who booked one date and what became of it; dates come in the order of time."""
        rng = Random(f"{self.seed}/{occasion.plan.key}/{occasion.rule_date}")
        leaders = [guest for guest in self.guests if occasion.plan.key in guest.leads]
        meeting, on = Meeting(occasion, leaders), occasion.local_date
        if occasion.is_cancelled:
            meeting.called_off_at, meeting.reason = self.morning - timedelta(weeks=8), occasion.reason
        elif on < self.today and (on.month, on.day) in _HOLIDAYS:
            meeting.called_off_at, meeting.reason = occasion.starts_at - timedelta(weeks=6), _HOLIDAY
        elif on < self.today:
            self._has_been(meeting, rng)
        elif occasion.plan.enrol == "course":
            self._enrol(meeting, rng)
        else:
            self._is_to_come(meeting, rng)
        return meeting

    # What has been ------------------------------------------------------------------------------

    def _has_been(self, meeting: Meeting, rng: Random) -> None:
        occasion = meeting.occasion
        self._book_all(meeting, self._who_comes(occasion, self._size(occasion, rng), rng), rng)
        self._book_cast(meeting, rng)
        if rng.random() < _CALLED_OFF:
            _call_off(meeting, rng)
        elif rng.random() > _REGISTER_NOT_TAKEN:
            for visit in meeting.visits:
                _mark(visit, occasion, rng)
            if rng.random() < (_WITH_WALK_IN if occasion.place else _WITH_WALK_IN / 6):
                self._walk_in(meeting, rng)

    def _size(self, occasion: Occasion, rng: Random) -> int:
        """Say how many book a date that has been; in the first weeks hardly anybody knew of it."""
        weeks = (occasion.local_date - (self.today - YEAR)).days / 7
        known = min(1.0, 0.4 + weeks / 12)
        return max(2, round(_usual(occasion.plan) * known * rng.uniform(0.7, 1.3)))

    def _who_comes(self, occasion: Occasion, size: int, rng: Random) -> list[Guest]:
        """Choose some who are new and, for the rest, the keen among those who know the way."""
        able = [guest for guest in self.guests if _may_come(guest, occasion) and _likes(guest, occasion)]
        new = [guest for guest in able if not guest.has_booked]
        known = [guest for guest in able if guest.has_booked]
        self.owed += size * _NEWCOMERS
        # A group that hardly anybody knows yet fills with newcomers, or it would never begin.
        count = max(int(self.owed), min(3, size - len(known)), 0)
        chosen = rng.sample(new, min(count, len(new)))
        self.owed -= min(len(chosen), int(self.owed))
        return [*chosen, *_keenest(known, size - len(chosen), rng)]

    def _walk_in(self, meeting: Meeting, rng: Random) -> None:
        occasion = meeting.occasion
        pool = Pool.ROOM if occasion.place else Pool.ONLINE
        if meeting.free(pool) < 1:
            return
        at = occasion.starts_at + timedelta(minutes=rng.randint(3, 14))
        visit = Visit(None, pool, BookingState.BOOKED, at, at, attendance=Attendance.WALKED_IN)
        visit.marks.append(Mark(Attendance.NOT_RECORDED, Attendance.WALKED_IN, at))
        known = [guest for guest in self.guests if guest.has_booked and _may_come(guest, occasion)]
        known = [guest for guest in known if _likes(guest, occasion) and not meeting.has(guest)]
        kind = rng.random()
        if kind < 0.4 and known:
            visit.guest = rng.choice(known)
        elif kind < 0.75:
            visit.walk_in_name = rng.choice(("Maureen", "Tess", "Bob", "Noreen", "Zeynep"))
        meeting.visits.append(visit)

    # What is to come ----------------------------------------------------------------------------

    def _is_to_come(self, meeting: Meeting, rng: Random) -> None:
        occasion = meeting.occasion
        number = self.asked[occasion.plan.key] = self.asked.get(occasion.plan.key, 0) + 1
        self._book_cast(meeting, rng, number)
        weeks = (occasion.local_date - self.today).days / 7
        known = max(0.25 if number == 1 else 0.0, 0.9 - weeks / 10)
        size = round(_usual(occasion.plan) * known * rng.uniform(0.7, 1.2))
        able = [guest for guest in self.guests if self._may_plan(guest, meeting)]
        likely = [guest for guest in able if _likes(guest, occasion) and guest.has_booked]
        self._book_all(meeting, _keenest(likely, size, rng), rng)
        if number <= 2 and occasion.plan.key in _FREE:
            rest = [guest for guest in able if not meeting.has(guest)]
            self._fill_up(meeting, rng.sample(rest, len(rest)), rng)
            self._let_others_wait(meeting, [guest for guest in rest if not meeting.has(guest)], rng)
        if number <= 3:
            queues.bring_companions(meeting, self.guests[0], rng)

    def _may_plan(self, guest: Guest, meeting: Meeting) -> bool:
        occasion = meeting.occasion
        soon = (occasion.local_date - self.today).days <= 3
        # A call about tomorrow would stand on the office's list before anybody has sat down.
        reached = guest.is_reached_by_email or not soon
        named = guest in self.guests[:5]
        return reached and not named and not meeting.has(guest) and _may_come(guest, occasion)

    def _fill_up(self, meeting: Meeting, guests: Iterable[Guest], rng: Random) -> None:
        left = _FREE[meeting.occasion.plan.key]
        pool = Pool.ROOM if meeting.occasion.place else Pool.ONLINE
        for guest in guests:
            if meeting.free(pool) <= left:
                return
            meeting.visits.append(self._booked_or_not(guest, pool, meeting.occasion, rng))

    def _let_others_wait(self, meeting: Meeting, rest: Sequence[Guest], rng: Random) -> None:
        """Let people wait for the first date of a series that is full and not too near."""
        key = meeting.occasion.plan.key
        if key not in self.queued and queues.may_queue(meeting, self.morning):
            self.queued.add(key)
            able = rng.sample(rest, len(rest))
            meeting.visits += queues.queue(meeting, able, self.guests[:2], self.morning)

    def _book_cast(self, meeting: Meeting, rng: Random, number: int = 0) -> None:
        """Let Ann and Ben have places, so that whoever signs in as them finds something."""
        key = meeting.occasion.plan.key
        for guest, keys in ((self.guests[0], _ANN), (self.guests[1], _BEN)):
            if key in keys and number <= keys.count(key) and not meeting.has(guest):
                pool = Pool.ROOM if meeting.occasion.place else Pool.ONLINE
                if meeting.free(pool) > 0:
                    meeting.visits.append(self._booked(guest, pool, meeting.occasion, rng))

    def _enrol(self, meeting: Meeting, rng: Random) -> None:
        """Book a course: whoever has a place on its first date has one on every date."""
        key = meeting.occasion.plan.key
        if key not in self.courses:
            able = [guest for guest in self.guests if self._may_plan(guest, meeting)]
            likely = [guest for guest in able if _likes(guest, meeting.occasion)]
            chosen = _keenest(likely, _usual(meeting.occasion.plan), rng)
            if key == _ANNS_COURSE:
                chosen = [self.guests[0], *chosen]
            self.courses[key] = [(guest, self._some_time_ago(rng)) for guest in chosen]
        pool = Pool.ROOM if meeting.occasion.place else Pool.ONLINE
        for guest, at in self.courses[key]:
            guest.has_booked = True
            visit = Visit(guest, pool, BookingState.BOOKED, at, at)
            if rng.random() < _WEEK_SKIPPED:
                visit.state, visit.state_at = BookingState.GIVEN_UP, self.morning - timedelta(hours=2)
            elif guest is self.courses[key][-1][0] and key == queues.TO_BE_CALLED:
                visit.state = BookingState.PROVISIONAL
            meeting.visits.append(visit)

    # Booking ------------------------------------------------------------------------------------

    def _book_all(self, meeting: Meeting, guests: Iterable[Guest], rng: Random) -> None:
        for guest in guests:
            pool = _pool_for(guest, meeting.occasion)
            if not meeting.has(guest) and meeting.free(pool) > 0:
                meeting.visits.append(self._booked_or_not(guest, pool, meeting.occasion, rng))

    def _booked_or_not(self, guest: Guest, pool: Pool, occasion: Occasion, rng: Random) -> Visit:
        """Book, and give the place up again as often as people do."""
        visit = self._booked(guest, pool, occasion, rng)
        if rng.random() < GIVEN_UP:
            latest = min(occasion.starts_at, self.morning)
            visit.state = BookingState.GIVEN_UP
            visit.state_at = visit.created_at + (latest - visit.created_at) * rng.uniform(0.2, 1.0)
        return visit

    def _booked(self, guest: Guest, pool: Pool, occasion: Occasion, rng: Random) -> Visit:
        guest.has_booked = True
        at = min(occasion.starts_at, self.morning) - timedelta(minutes=rng.randint(90, 24 * 60 * 24))
        return Visit(guest, pool, BookingState.BOOKED, at, at)

    def _some_time_ago(self, rng: Random) -> datetime:
        return self.morning - timedelta(minutes=rng.randint(600, 24 * 60 * 20))


def _usual(plan: SeriesPlan) -> int:
    """Return how many book a date as a rule."""
    places = [places for places in (plan.places_room, plan.places_online) if places != 0]
    if None in places:
        return _USUAL_WITHOUT_LIMIT
    return min(_USUAL_MOST, round(sum(filter(None, places)) * _USUAL_SHARE))


def _may_come(guest: Guest, occasion: Occasion) -> bool:
    """Say whether a date is meant for somebody who could still come to it."""
    plan = occasion.plan
    if guest.until is not None and occasion.local_date >= guest.until:
        return False
    if plan.key in guest.leads or (plan.key == "men" and not guest.is_man):
        return False
    if plan.audience == Audience.FACILITATORS:
        return Role.FACILITATOR in guest.roles
    return plan.audience == Audience.ANYONE or guest.who is Who.PATIENT


def _likes(guest: Guest, occasion: Occasion) -> bool:
    return occasion.plan.key in guest.likes and guest.status is not PersonStatus.UNPROVEN


def _pool_for(guest: Guest, occasion: Occasion) -> Pool:
    if occasion.plan.mode == "hybrid":
        return Pool.ROOM if guest.home in ("edinburgh", "glasgow") else Pool.ONLINE
    return Pool.ONLINE if occasion.plan.mode == "online" else Pool.ROOM


def _keenest(guests: Sequence[Guest], count: int, rng: Random) -> list[Guest]:
    """Draw people, the keen ones more often than others, nobody twice."""
    drawn = sorted(guests, key=_weighing(rng), reverse=True)
    return drawn[: max(0, count)]


def _weighing(rng: Random) -> Callable[[Guest], float]:
    # Efraimidis and Spirakis: u ** (1 / weight) sorts a weighted draw without putting anybody back.
    return lambda guest: rng.random() ** (1 / guest.keenness)


def _call_off(meeting: Meeting, rng: Random) -> None:
    at = meeting.occasion.starts_at - timedelta(hours=rng.randint(20, 60))
    meeting.called_off_at, meeting.reason = at, rng.choice(_OFF)
    # Whoever would have booked or given up later never did.
    meeting.visits = [visit for visit in meeting.visits if visit.created_at < at]
    for visit in meeting.visits:
        if visit.state in LIVE or visit.state_at > at:
            visit.state, visit.state_at = BookingState.CANCELLED, at


def _mark(visit: Visit, occasion: Occasion, rng: Random) -> None:
    """Write on the register what became of a place that was kept; some marks were wrong at first."""
    if visit.state is not BookingState.BOOKED or rng.random() < NOT_MARKED:
        return
    came = Attendance.JOINED_ONLINE if visit.pool is Pool.ONLINE else Attendance.CAME
    came = Attendance.PART if rng.random() < _PARTLY else came
    final = Attendance.DID_NOT_COME if rng.random() < DID_NOT_COME else came
    at = occasion.starts_at + timedelta(minutes=rng.randint(2, 40), seconds=rng.randint(0, 59))
    said = Attendance.NOT_RECORDED
    if rng.random() < _CORRECTED:
        wrong = came if final is Attendance.DID_NOT_COME else Attendance.DID_NOT_COME
        visit.marks.append(Mark(said, wrong, at))
        said, at = wrong, at + timedelta(seconds=45)
    visit.marks.append(Mark(said, final, at))
    visit.attendance = final
