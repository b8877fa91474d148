"""Both weeks in which the clocks change, and a clock that jumps: nobody is flooded, nobody is told twice."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import Booking, MailboxLetter, Message, ScheduledSession
from booking.models.kinds import MessageKind, MessageState
from booking.rules.wall_time import to_instant, to_local
from booking.services import messages
from tests.letters.desk import Desk
from tests.letters.in_tray import Tray
from tests.support.smtp import TEMPORARY, MailServer, mail_server

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
At = Callable[[datetime], datetime]
FIRST = date(2026, 9, 2)
TEN = time(10)


@pytest.fixture
def server(desk: Desk) -> Iterator[MailServer]:
    with mail_server() as running:
        desk.send_through(running.url)
        yield running


def sessions_on(desk: Desk, days: list[date], people: int = 1, **facts: bool) -> None:
    """Let so many people have a place on each of these days, since long before."""
    series = desk.make.series("Singing")
    cast = [desk.make.person(f"Ann{number}", **facts) for number in range(people)]
    for on in days:
        session_id = desk.make.session(series, on=on)
        for person_id in cast:
            long_ago = to_instant(days[0] - 20 * DAY, TEN, "Europe/London")
            desk.make.booking(session_id, person_id, created_at=long_ago, state_at=long_ago)


@pytest.mark.parametrize("sunday", [date(2026, 10, 25), date(2027, 3, 28)], ids=["back", "forward"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_in_the_week_of_a_clock_change_everybody_is_reminded_once_at_her_hour(
    desk: Desk, sunday: date, clock_at: At
) -> None:
    days = [sunday + number * DAY for number in range(-2, 4)]
    sessions_on(desk, days, remind_that_morning=True)
    now = to_instant(days[0] - 3 * DAY, TEN, "Europe/London")
    with desk.app.app_context():
        while to_local(now).date() <= days[-1]:
            messages.lay_out_reminders(clock_at(now))
            now += HOUR
    asked = (
        select(Message.due_at, Message.created_at, ScheduledSession.local_date)
        .join(Booking, Booking.id == Message.booking_id)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
    )
    with desk.app.app_context():
        found = [(to_local(due), made == due, on) for due, made, on in db.session.execute(asked)]
    assert all(at_once for _due, at_once, _on in found)
    assert Counter((due.time(), on - due.date()) for due, _at_once, on in found) == {
        (TEN, 2 * DAY): len(days),
        (time(8), timedelta(0)): len(days),
    }


def test_a_clock_that_jumps_forty_days_ahead_sends_nothing_of_what_it_skipped(
    desk: Desk, clock_at: At
) -> None:
    sessions_on(desk, [FIRST + week * 7 * DAY for week in range(8)], people=5)
    tray = Tray(desk.app, desk.make)
    monday = clock_at(to_instant(FIRST - 2 * DAY, TEN, "Europe/London"))
    tray.deliver()
    counts = [handed_over(desk)]
    for jump in (40 * DAY, 40 * DAY - 2 * HOUR, 42 * DAY, 42 * DAY - 2 * HOUR, 42 * DAY, timedelta(0)):
        clock_at(monday + jump)
        tray.deliver()
        counts.append(handed_over(desk))
    # Saturday has no reminders; the Monday two days before the seventh week has its own, once.
    assert counts == [5, 5, 5, 10, 10, 10, 10]


def test_after_forty_days_only_whoever_has_a_session_near_is_reminded_late(desk: Desk, clock_at: At) -> None:
    sessions_on(desk, [FIRST + week * 7 * DAY for week in range(8)], people=2)
    clock_at(to_instant(FIRST - 2 * DAY, TEN, "Europe/London") + 43 * DAY)
    tray = Tray(desk.app, desk.make)
    tray.deliver()
    tray.deliver()
    assert handed_over(desk) == 2


def test_a_clock_that_jumps_two_hours_back_sends_nothing_twice(desk: Desk, clock_at: At) -> None:
    sessions_on(desk, [FIRST], people=5)
    tray = Tray(desk.app, desk.make)
    ten = to_instant(FIRST - 2 * DAY, TEN, "Europe/London")
    for moved in (ten, ten - 2 * HOUR, ten - HOUR, ten, ten + HOUR):
        clock_at(moved)
        tray.deliver()
    assert handed_over(desk) == 5


def test_what_rests_until_a_future_that_is_none_any_more_goes_all_the_same(
    desk: Desk, server: MailServer, clock_at: At
) -> None:
    tray = Tray(desk.app, desk.make)
    now = clock.now()
    tray.lay(MessageKind.BOOKED, "Ann", desk.make.session(starts_in=90 * DAY))
    server.otherwise = TEMPORARY
    clock_at(now + 3 * DAY)
    tray.deliver()
    server.otherwise = "250 fine"
    for minutes in range(0, 20, 4):
        clock_at(now + timedelta(minutes=minutes))
        tray.deliver()
    assert len(server.delivered) == 1


def test_after_forty_days_a_reminder_that_waited_is_set_aside(desk: Desk, clock_at: At) -> None:
    sessions_on(desk, [FIRST], people=3)
    ten = clock_at(to_instant(FIRST - 2 * DAY, TEN, "Europe/London"))
    with desk.app.app_context():
        assert messages.lay_out_reminders(ten) == 3
    clock_at(ten + 40 * DAY)
    Tray(desk.app, desk.make).deliver()
    assert handed_over(desk) == 0
    with desk.app.app_context():
        assert set(db.session.scalars(select(Message.state))) == {MessageState.WITHDRAWN}


def handed_over(desk: Desk) -> int:
    with desk.app.app_context():
        return len(list(db.session.scalars(select(MailboxLetter.id))))
