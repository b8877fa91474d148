"""Each person's own rhythm: days and hours she chose, one place apart, and London time all year."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.messages.letters import Letter, NoLongerTrue
from booking.models import Booking, Message, Person, ScheduledSession
from booking.models.kinds import BookingState, Channel, MessageKind, MessageState
from booking.refusals import NotAReminderTime, NotFound
from booking.rules.reminders import Rhythm
from booking.services import messages, reminders
from booking.services.reminders import Wish
from tests.letters.desk import Desk

At = Callable[[str], datetime]
REMINDER = "booking:1:reminder:two_days:v1"


@pytest.fixture
def booked(desk: Desk) -> Desk:
    """Ann has a place on Wednesday 26 August 2026 at 1:30pm."""
    desk.place()
    return desk


def laid_out(desk: Desk) -> list[str]:
    """Lay out what is due, and say which reminders are there by now."""
    with desk.app.app_context():
        messages.lay_out_reminders(clock.now())
        keys = db.session.scalars(select(Message.dedupe_key).order_by(Message.id)).all()
    return [key.split(":", 3)[3] for key in keys]


def choose(desk: Desk, wish: Wish) -> None:
    with desk.app.app_context():
        reminders.save(desk.person_id, wish, clock.now())


def choose_here(desk: Desk, wish: tuple[bool, bool] | None) -> None:
    with desk.app.app_context():
        reminders.choose_for_place(desk.booking_id, desk.person_id, wish, clock.now())


@pytest.mark.parametrize(
    ("rhythm", "before", "due"),
    [
        (Rhythm(1, 19), "2026-08-25T18:59:59+01:00", "2026-08-25T19:00+01:00"),
        (Rhythm(5, 8), "2026-08-21T07:59:59+01:00", "2026-08-21T08:00+01:00"),
    ],
)
def test_earlier_or_later_as_she_asked(
    booked: Desk, clock_at: At, rhythm: Rhythm, before: str, due: str
) -> None:
    choose(booked, Wish(True, False, rhythm))
    clock_at(before)
    assert laid_out(booked) == []
    clock_at(due)
    assert laid_out(booked) == ["two_days:v1"]
    assert laid_out(booked) == ["two_days:v1"]


@pytest.mark.parametrize(("hour", "due"), [(11, "2026-08-26T11:00+01:00"), (13, "2026-08-26T08:00+01:00")])
def test_the_reminder_of_the_day_comes_in_time(booked: Desk, clock_at: At, hour: int, due: str) -> None:
    """Half an hour before the start would be no help, so hers comes at 8am instead."""
    choose(booked, Wish(False, True, Rhythm(morning_hour=hour)))
    clock_at((datetime.fromisoformat(due) - timedelta(seconds=1)).isoformat())
    assert laid_out(booked) == []
    clock_at(due)
    assert laid_out(booked) == ["that_morning:v1"]


def test_everybody_is_reminded_in_her_own_rhythm_of_the_same_session(booked: Desk, clock_at: At) -> None:
    early = booked.make.person("Ben", remind_days_before=5)
    booked.make.booking(booked.session_id, early)
    clock_at("2026-08-21T10:00+01:00")
    assert len(laid_out(booked)) == 1
    clock_at("2026-08-24T10:00+01:00")
    assert len(laid_out(booked)) == 2


@pytest.mark.parametrize(
    ("always", "here", "laid"),
    [
        (Wish(False, False), (True, False), ["two_days:v1"]),
        (Wish(True, False), (False, False), []),
        (Wish(True, False), (False, True), ["that_morning:v1"]),
        (Wish(False, False), None, []),
    ],
)
def test_one_place_may_differ(
    booked: Desk, clock_at: At, always: Wish, here: tuple[bool, bool] | None, laid: list[str]
) -> None:
    choose(booked, always)
    choose_here(booked, here)
    clock_at("2026-08-24T10:00+01:00")
    laid_out(booked)
    clock_at("2026-08-26T08:00+01:00")
    assert laid_out(booked) == laid


def test_her_other_places_stay_as_they_are(booked: Desk, clock_at: At) -> None:
    other = booked.make.session(booked.make.series("Yoga"), on=date(2026, 8, 26))
    booked.make.booking(other, booked.person_id)
    choose_here(booked, (False, False))
    clock_at("2026-08-24T10:00+01:00")
    assert len(laid_out(booked)) == 1


def test_a_place_of_somebody_else_or_given_up_is_not_chosen_for(booked: Desk) -> None:
    stranger = booked.make.person("Ben")
    with booked.app.app_context(), pytest.raises(NotFound):
        reminders.choose_for_place(booked.booking_id, stranger, (True, True), clock.now())
    booked.change(Booking, booked.booking_id, state=BookingState.GIVEN_UP)
    with booked.app.app_context(), pytest.raises(NotFound):
        reminders.choose_for_place(booked.booking_id, booked.person_id, (True, True), clock.now())


@pytest.mark.parametrize(
    "rhythm", [Rhythm(0), Rhythm(15), Rhythm(2, 7), Rhythm(2, 20), Rhythm(morning_hour=20)]
)
def test_no_rhythm_wakes_anybody(booked: Desk, rhythm: Rhythm) -> None:
    with booked.app.app_context(), pytest.raises(NotAReminderTime):
        reminders.save(booked.person_id, Wish(True, True, rhythm), clock.now())


@pytest.mark.parametrize("chosen", ["for all", "for this place"])
def test_a_reminder_that_waits_follows_her_wish_and_comes_back(
    booked: Desk, clock_at: At, chosen: str
) -> None:
    clock_at("2026-08-24T10:00+01:00")
    message = booked.post(
        MessageKind.REMINDER, key=REMINDER, useless_at=datetime(2026, 8, 26, 12, 30, tzinfo=UTC)
    )
    for wish, state in (((False, False), MessageState.WITHDRAWN), ((True, False), MessageState.WAITING)):
        if chosen == "for all":
            choose(booked, Wish(*wish))
        else:
            choose_here(booked, wish)
        assert booked.state_of(message) == state
    assert isinstance(booked.compose(message), Letter)


def test_a_place_with_its_own_no_is_asked_once_more_before_the_letter_leaves(
    booked: Desk, clock_at: At
) -> None:
    clock_at("2026-08-24T10:00+01:00")
    message = booked.post(MessageKind.REMINDER, key=REMINDER)
    booked.change(Booking, booked.booking_id, remind_two_days=False)
    assert booked.compose(message) == NoLongerTrue("not wished for")


def test_a_letter_that_left_is_not_called_back(booked: Desk, clock_at: At) -> None:
    clock_at("2026-08-24T10:00+01:00")
    message = booked.post(MessageKind.REMINDER, key=REMINDER)
    now = clock.now()
    booked.change(Message, message, state=MessageState.SENDING, leased_by="w", leased_until=now, began_at=now)
    choose(booked, Wish(False, False))
    assert booked.state_of(message) == MessageState.SENDING


@pytest.mark.parametrize("rhythm", [Rhythm(2, 10), Rhythm(1, 19), Rhythm(7, 8)])
def test_whoever_books_late_gets_no_stale_reminder(booked: Desk, clock_at: At, rhythm: Rhythm) -> None:
    late = datetime(2026, 8, 26, tzinfo=UTC) - timedelta(days=rhythm.days_before)
    clock_at((late + timedelta(hours=rhythm.hour, minutes=5)).isoformat())
    choose(booked, Wish(True, False, rhythm))
    booked.change(Booking, booked.booking_id, state_at=clock.now())
    assert laid_out(booked) == []


def test_a_mail_server_that_was_away_for_a_day_keeps_nobody_from_her_reminder(
    booked: Desk, clock_at: At
) -> None:
    clock_at("2026-08-24T10:00+01:00")
    message = booked.post(MessageKind.REMINDER, key=REMINDER)
    clock_at("2026-08-26T13:29+01:00")
    assert isinstance(booked.compose(message), Letter)
    clock_at("2026-08-26T13:30+01:00")
    assert booked.compose(message) == NoLongerTrue("too late")


@pytest.mark.parametrize(
    ("late", "laid"),
    [
        ("2026-08-25T16:30+01:00", ["two_days:v1"]),
        ("2026-08-26T09:00+01:00", ["that_morning:v1"]),
        ("2026-08-26T13:30+01:00", []),
    ],
)
def test_a_worker_that_was_down_reminds_her_once(
    booked: Desk, clock_at: At, late: str, laid: list[str]
) -> None:
    choose(booked, Wish(True, True))
    clock_at(late)
    assert laid_out(booked) == laid


def test_where_the_one_of_the_day_goes_an_older_one_need_not(booked: Desk, clock_at: At) -> None:
    choose(booked, Wish(True, True))
    clock_at("2026-08-24T10:00+01:00")
    laid_out(booked)
    clock_at("2026-08-26T08:00+01:00")
    assert laid_out(booked) == ["two_days:v1", "that_morning:v1"]
    assert booked.compose(1) == NoLongerTrue("reminded that morning")
    assert isinstance(booked.compose(2), Letter)


def test_a_change_after_her_reminder_reminds_nobody_a_second_time(booked: Desk, clock_at: At) -> None:
    clock_at("2026-08-24T10:00+01:00")
    assert laid_out(booked) == ["two_days:v1"]
    booked.change(Message, 1, state=MessageState.SENT)
    booked.change(ScheduledSession, booked.session_id, schedule_version=2)
    clock_at("2026-08-25T16:30+01:00")
    assert laid_out(booked) == ["two_days:v1"]


def test_asking_for_five_days_with_three_left_reminds_her_now(booked: Desk, clock_at: At) -> None:
    clock_at("2026-08-23T12:00+01:00")
    choose(booked, Wish(True, False, Rhythm(5)))
    assert laid_out(booked) == ["two_days:v1"]


# One database is enough for what the wall clock says.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "on", ["2026-10-24", "2026-10-25", "2026-10-27", "2027-03-27", "2027-03-28", "2027-03-30"]
)
@pytest.mark.parametrize("rhythm", [Rhythm(2, 10, 8), Rhythm(3, 8, 9)])
def test_hers_is_the_clock_on_the_wall_on_both_sides_of_a_change(
    desk: Desk, clock_at: At, on: str, rhythm: Rhythm
) -> None:
    day = date.fromisoformat(on)
    session = desk.make.session(desk.make.series(), on=day)
    desk.person_id = desk.make.person()
    desk.make.booking(session, desk.person_id)
    choose(desk, Wish(True, True, rhythm))
    before = local(day - timedelta(days=rhythm.days_before), rhythm.hour)
    for due, there in ((before, 1), (local(day, rhythm.morning_hour), 2)):
        clock_at((due - timedelta(seconds=1)).isoformat())
        assert len(laid_out(desk)) == there - 1
        clock_at(due.isoformat())
        assert len(laid_out(desk)) == there


def local(day: date, hour: int) -> datetime:
    """Return the instant at which a clock in London shows this hour, found without the service's own sum."""
    summer = (date(2026, 3, 29) <= day < date(2026, 10, 25)) or day >= date(2027, 3, 28)
    return datetime.combine(day, time(hour), UTC) - timedelta(hours=summer)


@pytest.mark.parametrize("channel", [Channel.CALL, Channel.POST])
def test_whoever_is_called_or_written_to_by_post_is_reminded_as_well(
    desk: Desk, clock_at: At, channel: Channel
) -> None:
    desk.place()
    phoned = desk.make.person("Ben", phone="07700 900123", channel=channel)
    desk.make.booking(desk.session_id, phoned)
    clock_at("2026-08-24T10:00+01:00")
    laid_out(desk)
    with desk.app.app_context():
        asked = select(Message.channel).where(Message.person_id == phoned)
        assert db.session.scalars(asked).all() == [channel]


def test_only_a_reminder_can_be_stopped_by_one_click(booked: Desk, clock_at: At) -> None:
    clock_at("2026-08-24T10:00+01:00")
    reminder, booked_letter = (
        booked.letter(MessageKind.REMINDER, key=REMINDER),
        booked.letter(MessageKind.BOOKED),
    )
    with booked.app.app_context():
        nonce = db.session.get_one(Person, booked.person_id).mail_nonce
    assert "/unsubscribe/" in reminder.unsubscribe_url
    assert nonce not in reminder.unsubscribe_url
    assert booked_letter.unsubscribe_url == ""
