"""What hosts hear of changed dates: the newest truth, each change once, and only of dates that are hers."""

import threading
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock, worker
from booking.db import db, transaction
from booking.messages.letters import Letter, NoLongerTrue, compose_now
from booking.models import MailboxLetter, Message, ScheduledSession
from booking.models.kinds import MessageKind, MessageState, SessionState
from booking.rules.edits import SessionChange
from booking.rules.recurrence import parse_rule
from booking.rules.timetable import SeriesPlan
from booking.services import calling_off, delivery, outgoing, rota, schedule
from booking.services import series as series_deeds
from booking.services.steps import calling_off as steps
from tests.letters.hosting import DAY_BEFORE_AT_4, MORNING_AFTER, SUNDAY_AT_5, WEDNESDAY, Hosting
from tests.support.builders import Builders

CHANGED = MessageKind.ROTA_CHANGED
PLAN = SeriesPlan(
    key="",
    title="Tea in York",
    programme="Tea & A Chat",
    mode="in_person",
    place="Studio, York",
    nation="England",
    rule=parse_rule("FREQ=WEEKLY;BYDAY=WE;COUNT=4"),
    starts_on=date(2026, 9, 2),
    start_time=time(13, 30),
    end_time=time(15),
    places_room=8,
)


@pytest.fixture
def hosting(app: Flask, make: Builders, clock_at: Callable[[str], datetime]) -> Hosting:
    found = Hosting(app, make, clock_at, "Tea & A Chat Manchester")
    clock_at("2026-08-20T10:30+01:00")
    return found


def later(hosting: Hosting, weeks: int, *led_by: int) -> int:
    return hosting.make.session(hosting.series, on=WEDNESDAY + timedelta(days=7 * weeks), led_by=led_by)


def move(hosting: Hosting, session_id: int, start: time) -> None:
    with hosting.app.app_context():
        seen = db.session.get_one(ScheduledSession, session_id).schedule_version
        change = SessionChange(start_time=start)
        calling_off.move_session(session_id, change, hosting.ada, clock.now(), seen)


def work(hosting: Hosting) -> list[str]:
    """Let the worker do a round; return all that Fay and Gil have been sent so far."""
    with hosting.app.app_context():
        worker.run_once()
        asked = select(MailboxLetter.text).order_by(MailboxLetter.id)
        hosts = MailboxLetter.recipient.like("fay%") | MailboxLetter.recipient.like("gil%")
        return list(db.session.scalars(asked.where(hosts)))


def words(hosting: Hosting, message: Message) -> str:
    with hosting.app.app_context():
        composed = compose_now(message.id, clock.now())
    assert isinstance(composed, Letter), composed
    return composed.text


def test_whoever_was_just_given_a_date_never_hears_its_old_time_alone(hosting: Hosting) -> None:
    """The letter that gives her the date begins between the look of a move and its commit."""
    hosting.do(lambda now: rota.add_facilitator(hosting.session, hosting.gil, hosting.ada, now))
    with hosting.app.app_context():
        (given,) = delivery.claim("worker", clock.now())
    has_moved = threading.Event()
    mover = threading.Thread(target=move_slowly, args=[hosting, has_moved])
    mover.start()
    assert has_moved.wait(10)
    with hosting.app.app_context():
        assert delivery.begins(given, "worker", clock.now())
        composed = compose_now(given, clock.now())
    mover.join(10)
    assert isinstance(composed, Letter)
    assert "2:30pm to 5pm" in composed.text


def move_slowly(hosting: Hosting, has_moved: threading.Event) -> None:
    """Move the date as the office does, but for a while before the commit."""
    with hosting.app.app_context(), transaction():
        steps.move_dates({hosting.session: SessionChange(start_time=time(14, 30))}, hosting.ada, clock.now())
        has_moved.set()
        threading.Event().wait(0.5)


def test_what_is_moved_before_she_hears_of_it_is_one_letter(hosting: Hosting) -> None:
    hosting.do(lambda now: rota.add_facilitator(hosting.session, hosting.gil, hosting.ada, now))
    hosting.move(start_time=time(14, 30))
    (said,) = [text for text in work(hosting) if text.startswith("Hello Gil")]
    assert "You now lead Tea & A Chat Manchester on Wednesday 26 August 2026, 2:30pm to 5pm." in said


def test_two_deeds_of_one_instant_are_two_letters(hosting: Hosting) -> None:
    second = later(hosting, 1, hosting.fay)
    hosting.move(start_time=time(14, 30))
    assert len(work(hosting)) == 1
    move(hosting, second, time(14, 45))
    _first, said = work(hosting)
    assert "now Wednesday 2 September 2026, 2:45pm to 5pm" in said
    assert "26 August" not in said


def test_a_date_moved_twice_in_one_instant_is_told_twice_from_what_she_knew(hosting: Hosting) -> None:
    for start in (time(14, 30), time(15)):
        hosting.move(start_time=start)
        said = work(hosting)
    assert len(said) == 2
    assert "Was Wednesday 26 August 2026, 2:30pm to 5pm, now Wednesday 26 August 2026, 3pm to 5pm." in said[1]


def test_dates_moved_together_are_one_letter_that_names_only_hers(hosting: Hosting) -> None:
    ids = [hosting.session, later(hosting, 1, hosting.fay), later(hosting, 2, hosting.gil)]
    shift = calling_off.Shift(start_time=time(14, 30))
    hosting.do(lambda now: calling_off.move_sessions(dict.fromkeys(ids, 1), shift, "", hosting.ada, now))
    rows = {row.person_id: words(hosting, row) for row in hosting.rows(CHANGED)}
    assert rows[hosting.fay].count("now Wednesday") == 2
    assert "Was Wednesday 9 September 2026" in rows[hosting.gil]


def test_after_a_whole_series_is_taken_only_her_own_dates_are_named(hosting: Hosting) -> None:
    first, _fays, third = (
        later(hosting, 1, hosting.gil),
        later(hosting, 2, hosting.fay),
        later(hosting, 3, hosting.gil),
    )
    assert third
    hosting.do(lambda now: rota.remove_facilitator(first, hosting.gil, hosting.ada, now, later_too=True))
    said = words(hosting, hosting.rows(CHANGED)[-1])
    assert said.count("You no longer lead") == 2
    assert "9 September" not in said


def test_the_offices_copy_says_what_the_letter_said(hosting: Hosting) -> None:
    hosting.move(start_time=time(14, 30))
    (said,) = work(hosting)
    hosting.at("2026-08-21T10:30+01:00")
    (first,) = hosting.rows(CHANGED)
    hosting.do(lambda now: outgoing.send_again(first.id, hosting.ada, now))
    assert work(hosting) == [said, said]


@pytest.fixture
def york(hosting: Hosting) -> list[int]:
    """A series of four Wednesdays that Gil leads, as he has long known."""
    with hosting.app.app_context():
        series_id = schedule.create_series(PLAN, None, clock.now())
        hers = ScheduledSession.series_id == series_id
        ids = list(db.session.scalars(select(ScheduledSession.id).where(hers).order_by(ScheduledSession.id)))
        for each in db.session.scalars(select(ScheduledSession).where(hers)):
            each.state = SessionState.PUBLISHED
        db.session.commit()
    hosting.do(lambda now: rota.add_facilitator(ids[0], hosting.gil, hosting.ada, now, later_too=True))
    return ids


def end_on(hosting: Hosting, session_id: int, last_on: date) -> None:
    with hosting.app.app_context():
        series_id = db.session.get_one(ScheduledSession, session_id).series_id
        series_deeds.end_series(series_id, last_on, hosting.ada, clock.now())


def test_whoever_was_to_lead_dates_that_are_not_planned_any_more_is_told_once(
    hosting: Hosting, york: list[int]
) -> None:
    work(hosting)
    end_on(hosting, york[0], date(2026, 9, 9))
    _given, said = work(hosting)
    assert "2 of your dates have changed." in said
    for day in ("16", "23"):
        assert f"Tea in York on Wednesday {day} September 2026 is no longer planned." in said
    end_on(hosting, york[0], date(2026, 9, 2))
    assert "Tea in York on Wednesday 9 September 2026 is no longer planned." in work(hosting)[-1]
    hosting.at("2026-08-21T10:30+01:00")
    assert len(work(hosting)) == 3


def test_a_letter_about_a_day_that_is_over_or_hers_again_is_not_sent(
    hosting: Hosting, york: list[int]
) -> None:
    work(hosting)
    end_on(hosting, york[0], date(2026, 9, 16))
    letter = hosting.rows(CHANGED)[-1]
    assert "Wednesday 23 September 2026 is no longer planned" in words(hosting, letter)
    again = hosting.make.session(_series_of(hosting, york[0]), on=date(2026, 9, 23), led_by=(hosting.gil,))
    with hosting.app.app_context():
        assert compose_now(letter.id, clock.now()) == NoLongerTrue("nothing differs")
    hosting.do(lambda now: rota.remove_facilitator(again, hosting.gil, hosting.ada, now))
    hosting.at("2026-09-24T10:30+01:00")
    with hosting.app.app_context():
        assert compose_now(letter.id, clock.now()) == NoLongerTrue("nothing differs")


def test_of_dates_given_and_gone_before_she_heard_only_those_that_stand_are_told(
    hosting: Hosting, york: list[int]
) -> None:
    end_on(hosting, york[0], date(2026, 9, 9))
    (said,) = work(hosting)
    assert said.count("You now lead Tea in York") == 2
    assert "no longer planned" not in said


@pytest.mark.parametrize("days", [8, 40])
def test_no_letter_about_the_past_goes_after_an_outage_or_a_jump_of_the_clock(
    hosting: Hosting, days: int
) -> None:
    """What was laid and could not leave, and what nobody was there to lay: both are over."""
    last_weeks = hosting.make.session(hosting.series, on=WEDNESDAY - timedelta(days=1), led_by=(hosting.gil,))
    hosting.make.booking(last_weeks, hosting.ann)
    for at in (SUNDAY_AT_5, "2026-08-24T08:00+01:00", DAY_BEFORE_AT_4, MORNING_AFTER):
        hosting.at(at)
        hosting.round()
    laid = {kind: len(hosting.rows(kind)) for kind in _OF_A_DAY}
    assert all(laid.values())
    hosting.at(datetime.fromisoformat(MORNING_AFTER) + timedelta(days=days))
    with hosting.app.app_context():
        worker.run_once()
    old = [row for kind in _OF_A_DAY for row in hosting.rows(kind) if _is_old(row)]
    assert len(old) == sum(laid.values())
    assert MessageState.SENT not in {row.state for row in old}


@pytest.mark.parametrize("days", [8, 40])
def test_what_nobody_was_there_to_lay_is_not_laid_afterwards(hosting: Hosting, days: int) -> None:
    hosting.at("2026-08-22T10:30+01:00")
    hosting.round()
    hosting.at(datetime.fromisoformat(MORNING_AFTER) + timedelta(days=days))
    with hosting.app.app_context():
        worker.run_once()
    assert not [row for kind in _OF_A_DAY for row in hosting.rows(kind) if _is_old(row)]


_OF_A_DAY = (MessageKind.ROTA, MessageKind.TOMORROW, MessageKind.REGISTER_REMINDER, MessageKind.DIGEST)


def _is_old(row: Message) -> bool:
    return row.about_on is not None and row.about_on < date(2026, 8, 30)


def _series_of(hosting: Hosting, session_id: int) -> int:
    with hosting.app.app_context():
        return db.session.get_one(ScheduledSession, session_id).series_id
