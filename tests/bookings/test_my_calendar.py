"""Her own calendar: what stands in it, what never does, and an address that is hers alone."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select, update

from booking import clock
from booking.models import AuditEntry, Booking, CalendarFeed, Person, ScheduledSession, Task
from booking.models.kinds import BookingState, FeedKind, Mode, PersonStatus, Pool, SessionState
from booking.services import bookings, course_waiting, courses, deaths, feeds, offers, welcome_calls
from booking.services.welcome_calls import Went
from tests.support import pages
from tests.support.builders import Builders

PAGE = "/my-sessions/calendar"
Event = dict[str, str]


@pytest.fixture
def ann(make: Builders, client: FlaskClient) -> int:
    """Ann is signed in and has made her address."""
    ann = make.person("Ann")
    make.sign_in(client, ann)
    pages.send(client, PAGE, deed="make")
    return ann


def path_of(client: FlaskClient) -> str:
    found = re.search(r'value="\w+://[^/]+([^"]+)" readonly', client.get(PAGE).text)
    assert found is not None
    return found[1]


def events(app: Flask, client: FlaskClient) -> list[Event]:
    calendar = Calendar.from_ical(app.test_client().get(path_of(client)).data)
    return [{name: str(value) for name, value in event.items()} for event in calendar.walk("VEVENT")]


def only(app: Flask, client: FlaskClient) -> Event:
    [event] = events(app, client)
    return event


def test_a_calendar_reads_her_places_without_signing_in(
    app: Flask, make: Builders, client: FlaskClient, ann: int
) -> None:
    make.booking(make.session(make.series("Singing for breath")), ann)
    make.booking(make.session(), make.person("Ben"))
    event = only(app, client)
    assert event["SUMMARY"] == "Singing for breath"
    assert event["STATUS"] == "CONFIRMED"
    answer = app.test_client().get(path_of(client))
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("text/calendar", "no-store")


def test_it_is_discreet_until_she_wants_the_full_names(
    app: Flask, make: Builders, client: FlaskClient, ann: int
) -> None:
    series = make.series("Breast cancer café", venue_id=make.venue("Cancer Centre"))
    make.booking(make.session(series), ann)
    assert "ancer" not in app.test_client().get(path_of(client)).text.replace("\r\n ", "")
    pages.send(client, PAGE, deed="plain")
    assert only(app, client)["SUMMARY"] == "Breast cancer café"
    assert only(app, client)["LOCATION"].startswith("Cancer Centre")
    pages.send(client, PAGE, deed="discreet")
    assert "ancer" not in app.test_client().get(path_of(client)).text.replace("\r\n ", "")


def test_one_session_for_her_calendar_follows_the_same_wish(
    app: Flask, make: Builders, client: FlaskClient, ann: int
) -> None:
    make.booking(make.session(make.series("Breast cancer café")), ann)
    link = re.search(r'href="(/calendar/[^"]+)"', client.get("/my-sessions").text)
    assert link is not None
    assert "Breast" not in app.test_client().get(link[1]).text
    pages.send(client, PAGE, deed="plain")
    assert "SUMMARY:Breast cancer café" in app.test_client().get(link[1]).text


def test_nobody_is_named_and_no_meeting_opens(
    app: Flask, make: Builders, client: FlaskClient, ann: int
) -> None:
    series = make.series(mode=Mode.HYBRID)
    scheduled = make.session(series, led_by=(make.facilitator("Fayette"),))
    make.booking(scheduled, ann, pool=Pool.ONLINE, party_size=2, companion_name="Dorothea")
    make.booking(scheduled, make.person("Benedict"))
    text = app.test_client().get(path_of(client)).text.replace("\r\n ", "")
    for secret in ("Ann", "ann@", "Fayette", "Dorothea", "Benedict", "meet.example", "raw-secret"):
        assert secret not in text
    assert "/join/" in text
    assert "ATTENDEE" not in text
    assert "ORGANIZER" not in text


@pytest.mark.parametrize("state", [BookingState.WAITING, BookingState.OFFERED, BookingState.HELD])
def test_what_is_not_hers_yet_is_not_in_her_calendar(
    app: Flask, make: Builders, client: FlaskClient, ann: int, state: BookingState
) -> None:
    soon = clock.now() + timedelta(hours=5)
    make.booking(make.session(), ann, state=state, held_until=soon, waits_since=clock.now())
    assert events(app, client) == []
    assert "Add to my calendar" not in pages.words(client.get("/my-sessions"))


def test_a_place_that_waits_for_our_call_says_that_it_is_not_sure(
    app: Flask, make: Builders, client: FlaskClient, ann: int
) -> None:
    make.booking(make.session(), ann, state=BookingState.PROVISIONAL)
    event = only(app, client)
    assert (event["STATUS"], event["SUMMARY"]) == ("TENTATIVE", "Not sure yet: Tea & A Chat Manchester")
    assert "call you before it is sure" in event["DESCRIPTION"]


def test_a_cancelled_session_stays_and_says_so(
    app: Flask, make: Builders, client: FlaskClient, ann: int
) -> None:
    scheduled = make.session()
    make.booking(scheduled, ann)
    before = only(app, client)
    off = {"state": SessionState.CANCELLED, "changed_at": clock.now()}
    pages.write(app, update(ScheduledSession).values(off))
    after = only(app, client)
    assert (after["STATUS"], after["UID"]) == ("CANCELLED", before["UID"])
    assert after["SUMMARY"] == "Cancelled: Tea & A Chat Manchester"
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])


def test_a_session_that_moved_keeps_its_uid_and_rises(
    app: Flask, make: Builders, client: FlaskClient, ann: int
) -> None:
    make.booking(make.session(), ann)
    before = only(app, client)
    pages.write(app, update(ScheduledSession).values(schedule_version=2))
    after = only(app, client)
    assert (after["UID"], after["STATUS"]) == (before["UID"], "CONFIRMED")
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])


def test_given_up_and_booked_again_never_falls(
    app: Flask, make: Builders, client: FlaskClient, ann: int
) -> None:
    scheduled, seen = make.session(), []

    def book() -> int:
        return bookings.book_place(scheduled, ann, Pool.ROOM, ann, clock.now())

    for deed in (book, lambda: bookings.give_up_place(seen[0][0], ann, clock.now()), book):
        with app.app_context():
            seen.append((deed(), only(app, client)))
    titles, numbers = [said["SUMMARY"] for _, said in seen], [int(said["SEQUENCE"]) for _, said in seen]
    assert titles[1] == f"Not going: {titles[0]}"
    assert titles[2] == titles[0]
    assert numbers == sorted(set(numbers))


def test_a_place_that_is_put_back_is_newer_than_the_news_that_it_was_gone(
    app: Flask, make: Builders, client: FlaskClient, ann: int
) -> None:
    make.booking(make.session(), ann)
    ada = make.admin()
    with app.app_context():
        deaths.mark_died(ann, ada, clock.now())
    [lost] = pages.rows(app, select(Booking.revision))
    with app.app_context():
        deaths.undo_death(ann, ada, clock.now())
    assert pages.rows(app, select(Booking.revision)) == [lost + 1]


def test_what_she_only_waited_for_leaves_no_trace(
    app: Flask, make: Builders, client: FlaskClient, ann: int
) -> None:
    make.booking(make.session(), ann, state=BookingState.GIVEN_UP, waits_since=clock.now())
    assert events(app, client) == []


def test_a_place_that_was_kept_until_a_call_is_shown_as_off_when_nobody_reached_her(
    app: Flask, make: Builders, client: FlaskClient, ann: int
) -> None:
    session, ada = make.session(make.series(welcome_call=True)), make.admin()
    with app.app_context():
        bookings.book_place(session, ann, Pool.ROOM, ann, clock.now())
    before = only(app, client)
    [task] = pages.rows(app, select(Task.id))
    with app.app_context():
        welcome_calls.settle_call(task, Went.NOT_REACHED, ada, clock.now())
    after = only(app, client)
    assert (after["STATUS"], after["UID"]) == ("CANCELLED", before["UID"])
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])


def test_a_week_of_a_course_from_its_list_is_shown_as_off_when_she_skips_it(
    app: Flask, make: Builders, client: FlaskClient, ann: int
) -> None:
    weeks, ben, now = make.course(2, places_room=1), make.person("Ben"), clock.now()
    series = make.series_of(weeks[0])
    with app.app_context():
        bens = courses.book_course(series, ben, Pool.ROOM, ben, now)
        first = course_waiting.wait_for_course(series, ann, Pool.ROOM, ann, now)
        courses.leave_course(bens, ben, now)
        offers.accept_offer(first, now)
    assert [event["STATUS"] for event in events(app, client)] == ["CONFIRMED", "CONFIRMED"]
    with app.app_context():
        bookings.give_up_place(first, ann, now)
    assert [event["STATUS"] for event in events(app, client)] == ["CANCELLED", "CONFIRMED"]


def test_a_place_that_was_only_held_leaves_no_trace(
    app: Flask, make: Builders, client: FlaskClient, ann: int
) -> None:
    make.booking(make.session(), ann, state=BookingState.EXPIRED)
    assert events(app, client) == []


def test_what_is_known_already_is_not_sent_again(
    app: Flask, make: Builders, client: FlaskClient, ann: int, clock_at: Callable[[datetime], datetime]
) -> None:
    make.booking(make.session(), ann)
    reader, path = app.test_client(), path_of(client)
    tag = reader.get(path).headers["ETag"]
    clock_at(clock.now() + timedelta(hours=4))
    again = reader.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    make.booking(make.session(starts_in=timedelta(days=3)), ann)
    assert reader.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_a_new_address_ends_the_old_one(app: Flask, client: FlaskClient, ann: int) -> None:
    old = path_of(client)
    pages.send(client, PAGE, deed="make")
    assert app.test_client().get(old).status_code == 404
    assert app.test_client().get(path_of(client)).status_code == 200


def test_switched_off_twice_is_switched_off_once(app: Flask, client: FlaskClient, ann: int) -> None:
    old = path_of(client)
    for _ in range(2):
        assert "Switched off" in pages.after(client, pages.send(client, PAGE, deed="end"))
    assert app.test_client().get(old).status_code == 404
    noted = pages.rows(app, select(AuditEntry.action).where(AuditEntry.action.contains("calendar")))
    assert noted == ["calendar address made", "calendar address switched off"]


def test_the_addresses_of_office_and_person_live_side_by_side(app: Flask, make: Builders) -> None:
    ada = make.admin()
    with app.app_context():
        feeds.make_feed(ada, clock.now(), FeedKind.OFFICE)
        feeds.make_feed(ada, clock.now(), FeedKind.PERSON)
        feeds.end_feed(ada, clock.now(), FeedKind.OFFICE)
    live = pages.rows(app, select(CalendarFeed.kind).where(CalendarFeed.revoked_at.is_(None)))
    assert live == [FeedKind.PERSON]


@pytest.mark.parametrize(
    ("status", "answers"),
    [(each, 200 if each in (PersonStatus.ACTIVE, PersonStatus.PAUSED) else 404) for each in PersonStatus],
)
def test_it_ends_with_her_record_and_not_with_a_pause(
    app: Flask, client: FlaskClient, ann: int, status: PersonStatus, answers: int
) -> None:
    path = path_of(client)
    pages.write(app, update(Person).where(Person.id == ann).values(status=status))
    assert app.test_client().get(path).status_code == answers


@pytest.mark.parametrize("deed", ["", "nonsense"])
def test_a_deed_that_is_none_changes_nothing(app: Flask, client: FlaskClient, ann: int, deed: str) -> None:
    before = path_of(client)
    assert pages.send(client, PAGE, deed=deed).status_code == 400
    assert path_of(client) == before


def test_a_stranger_is_asked_to_sign_in_and_a_guess_opens_nothing(app: Flask, client: FlaskClient) -> None:
    assert client.get(PAGE).status_code == 303
    for guess in ("x", "1." + "A" * 27, "zzzzzz." + "A" * 27):
        assert client.get(f"/calendar/{guess}.ics").status_code == 404


def test_the_offices_address_is_not_hers(app: Flask, client: FlaskClient, ann: int) -> None:
    token = path_of(client).rsplit("/", 1)[1]
    assert app.test_client().get(f"/office/calendar/{token}").status_code == 404
