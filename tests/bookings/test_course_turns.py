"""Courses when life turns: newcomers first, old pages, and an office that cancels, moves and puts back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import Booking, ScheduledSession
from booking.models.kinds import Attendance, BookingState, MessageKind, Mode, Pool
from booking.queries import tasks
from booking.refusals import BookingClosed, BookingNotOpen, CourseFull, KeptForNewcomers, StaleForm
from booking.services import bookings, calling_off, courses
from booking.services.steps.changing import SessionChange
from tests.bookings.newcomers import RUTH, link
from tests.support.builders import Builders
from tests.support.pages import after, csrf_token, send, words

ClockAt = Callable[[str], datetime]
START = "2026-09-01T10:00+00:00"
STATES = select(Booking.session_id, Booking.state).join(Booking.session)


@pytest.fixture(autouse=True)
def today(clock_at: ClockAt) -> datetime:
    """Ten days before each course here starts."""
    return clock_at(START)


def join(make: Builders, week: int, person_id: int, pool: Pool = Pool.ROOM) -> int:
    return courses.book_course(make.series_of(week), person_id, pool, person_id, clock.now())


def hers(session_id: int, person_id: int) -> Booking:
    mine = select(Booking).where(Booking.session_id == session_id, Booking.person_id == person_id)
    return db.session.scalars(mine.order_by(Booking.id.desc()).limit(1)).one()


def has_come(make: Builders, name: str = "Ann") -> int:
    """Somebody who came to a session a week ago."""
    person = make.person(name)
    make.booking(make.session(starts_in=timedelta(days=-7)), person, attendance=Attendance.CAME)
    return person


def places(person_id: int) -> list[BookingState]:
    asked = STATES.where(Booking.person_id == person_id, Booking.attendance == Attendance.NOT_RECORDED)
    return [
        state for _id, state in db.session.execute(asked.order_by(ScheduledSession.starts_at, Booking.id))
    ]


def test_the_places_of_newcomers_are_theirs_on_a_course_too(app: Flask, make: Builders) -> None:
    weeks, ann, ben = make.course(3, places_room=1, newcomer_places=1), has_come(make), make.person("Ben")
    with app.app_context():
        with pytest.raises(KeptForNewcomers, match="until Wednesday 9 September"):
            join(make, weeks[0], ann)
        assert join(make, weeks[0], ben)
        with pytest.raises(CourseFull):
            join(make, weeks[0], make.person("Bea"))


def test_two_days_before_its_first_week_a_whole_course_is_for_everybody(
    app: Flask, make: Builders, clock_at: ClockAt
) -> None:
    weeks, ann = make.course(3, places_room=1, newcomer_places=1), has_come(make)
    clock_at("2026-09-09T10:00+00:00")
    with app.app_context():
        assert join(make, weeks[0], ann)
        assert len(places(ann)) == 3


def test_a_skipped_week_is_taken_again_without_the_places_of_newcomers(app: Flask, make: Builders) -> None:
    weeks, ann = make.course(3, places_room=2, newcomer_places=1), has_come(make)
    with app.app_context():
        enrolment = join(make, weeks[0], ann)
        bookings.give_up_place(hers(weeks[1], ann).id, ann, clock.now())
        make.booking(weeks[1], has_come(make, "Bea"))
        with pytest.raises(KeptForNewcomers):
            courses.come_to_week(enrolment, weeks[1], ann, clock.now())


def test_a_skipped_week_that_has_closed_is_not_taken_again(
    app: Flask, client: FlaskClient, make: Builders, clock_at: ClockAt
) -> None:
    weeks, ann = make.course(3, closes_minutes_before=60), make.person()
    with app.app_context():
        enrolment = join(make, weeks[0], ann)
        bookings.give_up_place(hers(weeks[0], ann).id, ann, clock.now())
        clock_at("2026-09-11T09:00+00:00")
        with pytest.raises(BookingClosed):
            courses.come_to_week(enrolment, weeks[0], ann, clock.now())
    page = words(make.sign_in(client, ann).get(f"/my-sessions/courses/{enrolment}"))
    assert "Come after all" not in page
    assert "Somebody else has the place" not in page


def test_a_course_opens_once_with_its_first_week(app: Flask, make: Builders, clock_at: ClockAt) -> None:
    weeks = make.course(3, opens_days_before=3, join_until_week=2)
    with app.app_context():
        with pytest.raises(BookingNotOpen, match="Tuesday 8 September 2026 at 8am"):
            join(make, weeks[0], make.person())
        # The second week alone would open on the 15th.
        clock_at("2026-09-12T10:00+00:00")
        ben = make.person("Ben")
        join(make, weeks[0], ben)
        assert len(places(ben)) == 2


def test_a_course_closes_with_its_last_week_to_join(app: Flask, make: Builders, clock_at: ClockAt) -> None:
    weeks = make.course(3, closes_minutes_before=60, join_until_week=2)
    with app.app_context():
        clock_at("2026-09-18T08:59:59+00:00")
        assert join(make, weeks[0], make.person())
        clock_at("2026-09-18T09:00+00:00")
        with pytest.raises(BookingClosed):
            join(make, weeks[0], make.person("Ben"))


def test_the_page_says_for_whom_the_last_places_are(client: FlaskClient, make: Builders) -> None:
    weeks = make.course(3, key="yoga", places_room=1, newcomer_places=1)
    kept = "for people who come for the first time until Wednesday 9 September 2026"
    assert kept in words(client.get("/series/yoga"))
    make.sign_in(client, has_come(make))
    page = words(client.get("/series/yoga"))
    assert kept in page
    assert "Book a place" not in page
    assert client.get(f"/courses/{make.series_of(weeks[0])}/book").location == "/series/yoga"


def test_a_full_week_on_which_she_has_a_place_lets_her_join(client: FlaskClient, make: Builders) -> None:
    weeks, ann = make.course(2, key="yoga", places_room=1), make.person()
    make.booking(weeks[1], ann)
    assert "this course is full" in words(client.get("/series/yoga"))
    make.sign_in(client, ann)
    assert "Book a place" in words(client.get("/series/yoga"))
    answer = send(client, f"/courses/{make.series_of(weeks[0])}/book", pool="room")
    assert "You have a place on every week" in after(client, answer)


def test_an_old_tab_does_not_book_a_course_she_left(app: Flask, client: FlaskClient, make: Builders) -> None:
    weeks, ann = make.course(2), make.person()
    make.sign_in(client, ann)
    book = f"/courses/{make.series_of(weeks[0])}/book"
    assert "Every week" in after(client, send(client, book, pool="room"))
    assert send(client, "/my-sessions/courses/1/leave").status_code == 303
    answer = send(client, book, pool="room", seen="0")
    assert "You left this course in the meantime" in after(client, answer)
    with app.app_context():
        assert places(ann) == [BookingState.GIVEN_UP] * 2


def test_a_double_click_and_the_back_button_book_once(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    weeks, ann = make.course(2), make.person()
    make.sign_in(client, ann)
    book = f"/courses/{make.series_of(weeks[0])}/book"
    form = {"csrf_token": csrf_token(client.get(book)), "pool": "room", "seen": "0"}
    first, second = client.post(book, data=form), client.post(book, data=form)
    assert first.location == second.location == "/my-sessions/courses/1"
    assert client.get(book).location == "/my-sessions/courses/1"
    with app.app_context():
        assert places(ann) == [BookingState.BOOKED] * 2


def test_looking_changes_nothing(app: Flask, client: FlaskClient, make: Builders) -> None:
    weeks, ann = make.course(2), make.person()
    with app.app_context():
        enrolment = join(make, weeks[0], ann)
    make.sign_in(client, ann)
    mine = f"/my-sessions/courses/{enrolment}"
    for path in (mine, f"{mine}/leave", f"{mine}/course.ics", f"/courses/{make.series_of(weeks[0])}/book"):
        assert client.get(path).status_code == client.head(path).status_code
    for deed in (f"{mine}/skip/1", f"{mine}/come/{weeks[0]}"):
        assert client.get(deed).status_code == client.head(deed).status_code == 405
    with app.app_context():
        assert places(ann) == [BookingState.BOOKED] * 2


def test_an_old_page_skips_no_week_she_took_again(app: Flask, client: FlaskClient, make: Builders) -> None:
    weeks, ann = make.course(2), make.person()
    with app.app_context():
        enrolment = join(make, weeks[0], ann)
        skipped = hers(weeks[1], ann).id
        bookings.give_up_place(skipped, ann, clock.now())
        courses.come_to_week(enrolment, weeks[1], ann, clock.now(), seen_booking_id=skipped)
    make.sign_in(client, ann)
    mine = f"/my-sessions/courses/{enrolment}"
    answer = send(client, f"{mine}/skip/{skipped}", page=mine)
    assert "You took that week again in the meantime" in after(client, answer)
    with app.app_context():
        assert hers(weeks[1], ann).state is BookingState.BOOKED


def test_an_old_page_takes_no_week_she_skipped_again(app: Flask, make: Builders) -> None:
    weeks, ann = make.course(2), make.person()
    with app.app_context():
        enrolment = join(make, weeks[0], ann)
        first = hers(weeks[1], ann).id
        bookings.give_up_place(first, ann, clock.now())
        again = courses.come_to_week(enrolment, weeks[1], ann, clock.now(), seen_booking_id=first)
        bookings.give_up_place(again, ann, clock.now())
        with pytest.raises(StaleForm):
            courses.come_to_week(enrolment, weeks[1], ann, clock.now(), seen_booking_id=first)


def test_a_week_that_is_cancelled_and_put_back_is_hers_again(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    weeks, ann, ada = make.course(3), make.person(), make.admin()
    make.session(make.series(), starts_in=timedelta(days=12))
    with app.app_context():
        enrolment = join(make, weeks[0], ann)
        deed = calling_off.cancel_sessions([weeks[0]], "The hall is closed.", ada, clock.now())
        # No other place is kept: she has the other weeks.
        assert places(ann) == [BookingState.CANCELLED] + [BookingState.BOOKED] * 2
    make.sign_in(client, ann)
    mine = f"/my-sessions/courses/{enrolment}"
    assert "The hall is closed. You keep all your other weeks." in words(client.get(mine))
    with app.app_context():
        calling_off.undo(deed, ada, clock.now())
        assert places(ann) == [BookingState.BOOKED] * 3
    assert "You keep all your other weeks" not in words(client.get(mine))


def test_a_week_put_back_is_nobodys_who_left_the_course_meanwhile(app: Flask, make: Builders) -> None:
    weeks, ann, ada = make.course(2), make.person(), make.admin()
    with app.app_context():
        enrolment = join(make, weeks[0], ann)
        deed = calling_off.cancel_sessions([weeks[1]], "", ada, clock.now())
        courses.leave_course(enrolment, ann, clock.now())
        calling_off.undo(deed, ada, clock.now())
        assert places(ann) == [BookingState.GIVEN_UP, BookingState.CANCELLED]


def test_a_week_put_back_belongs_to_the_course_she_joined_anew(app: Flask, make: Builders) -> None:
    weeks, ann, ada = make.course(2), make.person(), make.admin()
    with app.app_context():
        enrolment = join(make, weeks[0], ann)
        deed = calling_off.cancel_sessions([weeks[1]], "", ada, clock.now())
        courses.leave_course(enrolment, ann, clock.now())
        anew = join(make, weeks[0], ann)
        calling_off.undo(deed, ada, clock.now())
        assert hers(weeks[1], ann).enrolment_id == anew


def test_whoever_joined_while_a_week_was_off_gets_it_when_it_is_put_back(app: Flask, make: Builders) -> None:
    weeks, ben, ada = make.course(2), make.person("Ben"), make.admin()
    with app.app_context():
        deed = calling_off.cancel_sessions([weeks[1]], "", ada, clock.now())
        join(make, weeks[0], ben)
        assert courses.give_new_weeks(clock.now()) == 0
        calling_off.undo(deed, ada, clock.now())
        assert courses.give_new_weeks(clock.now()) == 1
        assert places(ben) == [BookingState.BOOKED] * 2


def test_a_single_week_put_back_becomes_part_of_the_course_she_joined_meanwhile(
    app: Flask, make: Builders
) -> None:
    weeks, ann, ada = make.course(2), make.person(), make.admin()
    make.booking(weeks[1], ann)
    with app.app_context():
        deed = calling_off.cancel_sessions([weeks[1]], "", ada, clock.now())
        enrolment = join(make, weeks[0], ann)
        calling_off.undo(deed, ada, clock.now())
        assert courses.give_new_weeks(clock.now()) == 0
        assert hers(weeks[1], ann).enrolment_id == enrolment
        assert places(ann) == [BookingState.BOOKED] * 2


def test_a_week_that_moves_stays_hers_to_skip_and_to_leave(app: Flask, make: Builders) -> None:
    weeks, ann, ada = make.course(3), make.person(), make.admin()
    with app.app_context():
        enrolment = join(make, weeks[0], ann)
        day = db.session.get_one(ScheduledSession, weeks[1]).local_date
        moved = SessionChange(local_date=day + timedelta(days=1))
        calling_off.move_session(weeks[1], moved, ada, clock.now(), 1)
        bookings.give_up_place(hers(weeks[1], ann).id, ann, clock.now())
        assert courses.leave_course(enrolment, ann, clock.now()) == 2
        assert places(ann) == [BookingState.GIVEN_UP] * 3


def test_a_call_about_a_course_says_all_its_dates(app: Flask, make: Builders, clock_at: ClockAt) -> None:
    weeks, ben = make.course(3), make.person("Ben", email=None, phone="07700 900123")
    with app.app_context():
        join(make, weeks[0], ben)
        calling_off.cancel_sessions([weeks[1]], "", make.admin(), clock.now())
        calls = tasks.calls_to_make(datetime(2026, 9, 2, 12, tzinfo=UTC))
        (call,) = [one for one in calls if one.kind is MessageKind.COURSE_BOOKED]
    assert "Friday 11 September" in call.say[1]
    assert "Friday 18 September" not in call.say[1]
    assert "Friday 25 September" in call.say[1]


def test_an_online_course_shows_no_door(client: FlaskClient, make: Builders) -> None:
    make.course(2, key="yoga", mode=Mode.ONLINE)
    assert "door.jpg" not in client.get("/series/yoga").text


def test_somebody_new_comes_back_to_the_course_by_the_letter(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    book = f"/courses/{make.series_of(make.course(2)[0])}/book"
    send(client, "/register", next=book, **{name: RUTH[name] for name in RUTH if name != "pool"})
    assert send(client, link(app)).location == book
    assert "all 2 weeks" in words(client.get(book))
    answer = send(client, book, pool="room", seen="0")
    assert "You have a place on every week" in after(client, answer)
