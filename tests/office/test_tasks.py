"""The office's list: what each task asks, its clock, and taking it off once."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update

from booking import clock
from booking.models import AuditEntry, Booking, ContactPoint, Person, SeriesFacilitator, Task
from booking.models.kinds import BookingState, PersonStatus, TaskKind
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders


def ask(app: Flask, kind: TaskKind, person_id: int | None = None, **facts: Any) -> int:
    values = {"kind": kind, "person_id": person_id, "created_at": clock.now(), "words": "", "reply_to": ""}
    pages.write(app, insert(Task).values(**values | facts))
    return int(pages.rows(app, select(Task.id))[-1])


def settled(app: Flask, task_id: int) -> bool:
    return pages.rows(app, select(Task.settled_at.is_not(None)).where(Task.id == task_id)) == [True]


def test_nothing_to_do_is_said_calmly(desk: FlaskClient, season: Season) -> None:
    assert "Nothing to do Nobody waits for an answer" in pages.words(desk.get("/office/tasks"))
    assert "To do" not in pages.words(desk.get("/office"))


@pytest.mark.parametrize(
    ("due", "said"),
    [
        (date(2026, 12, 22), "Answer by Tuesday 22 December 2026, 30 days left"),
        (date(2026, 11, 23), "Answer by Monday 23 November 2026, 1 day left"),
        (date(2026, 11, 22), "Answer by Sunday 22 November 2026, which is today"),
        (date(2026, 11, 20), "late Answer by Friday 20 November 2026, 2 days late"),
    ],
)
def test_a_complaint_has_its_clock(
    app: Flask, desk: FlaskClient, season: Season, due: date, said: str
) -> None:
    ask(app, TaskKind.COMPLAINT, season.ann, words="Why do you\nkeep this?", due_on=due)
    for page in ("/office", "/office/tasks", f"/office/people/{season.ann}"):
        assert said in pages.words(desk.get(page))
    assert "Why do you keep this?" in pages.words(desk.get("/office/tasks"))


@pytest.mark.parametrize("kind", ["MOVEMENT_CALL", "DEATH_REPORTED", "COMPLAINT", "SPEAK_WITH_OFFICE"])
def test_a_task_is_done_and_put_back_the_same_day(
    app: Flask, desk: FlaskClient, season: Season, kind: str
) -> None:
    task = ask(app, TaskKind[kind], season.ann)
    done = pages.send(desk, f"/office/tasks/{task}/done", page="/office/tasks")
    assert "Done today" in pages.after(desk, done)
    assert settled(app, task)
    back = pages.send(desk, f"/office/tasks/{task}/reopen", page="/office/tasks")
    assert "Back on the list." in pages.after(desk, back)
    assert not settled(app, task)
    assert pages.rows(app, select(AuditEntry.action))[-2:] == ["task settled", "task put back"]


def test_of_two_who_settle_the_same_the_second_is_told(app: Flask, desk: FlaskClient, season: Season) -> None:
    task = ask(app, TaskKind.COMPLAINT)
    for said in ("Done, and off the list.", "This is done already"):
        answer = pages.send(desk, f"/office/tasks/{task}/done", page="/office/people")
        assert said in pages.after(desk, answer)


def test_what_was_done_yesterday_stays_done(app: Flask, desk: FlaskClient, season: Season) -> None:
    task = ask(app, TaskKind.COMPLAINT, settled_at=clock.now() - timedelta(days=1))
    assert "Done today" not in pages.words(desk.get("/office/tasks"))
    answer = pages.send(desk, f"/office/tasks/{task}/reopen", page="/office/people")
    assert "can't be put back" in pages.after(desk, answer)
    assert settled(app, task)


@pytest.mark.parametrize("kind", [TaskKind.CALL_NEWCOMER, TaskKind.CONSENT_WITHDRAWN, TaskKind.WELCOME_CALL])
def test_what_ends_with_a_deed_is_not_simply_done(
    app: Flask, desk: FlaskClient, season: Season, kind: TaskKind
) -> None:
    task = ask(app, kind, season.ann)
    assert pages.send(desk, f"/office/tasks/{task}/done", page="/office/people").status_code == 404
    assert not settled(app, task)


def test_what_is_no_task_is_not_found(app: Flask, desk: FlaskClient, season: Season) -> None:
    for path in ("done", "reopen", "newcomer", "newcomer/let-go"):
        assert pages.send(desk, f"/office/tasks/999/{path}", page="/office/people").status_code == 404
    complaint = ask(app, TaskKind.COMPLAINT, season.ann)
    path = f"/office/tasks/{complaint}/newcomer"
    assert pages.send(desk, path, page="/office/people").status_code == 404


@pytest.fixture
def newcomer(app: Flask, make: Builders, season: Season) -> tuple[int, int, int]:
    """Nia gave a phone only; her place waits until tomorrow."""
    nia = make.person("Nia", email=None, phone="07700 900888", status=PersonStatus.UNPROVEN)
    pages.write(app, update(ContactPoint).where(ContactPoint.person_id == nia).values(proven_at=None))
    until = clock.now() + timedelta(hours=24)
    session = make.session(season.tea, on=date(2026, 12, 9))
    booking = make.booking(session, nia, state=BookingState.HELD, held_until=until)
    return nia, booking, ask(app, TaskKind.CALL_NEWCOMER, nia, booking_id=booking)


def test_a_newcomer_is_called_while_her_place_is_held(
    desk: FlaskClient, newcomer: tuple[int, int, int]
) -> None:
    page = desk.get("/office")
    said = pages.words(page)
    assert 'href="tel:07700900888"' in page.text
    assert "Tea & A Chat Manchester, Wednesday 9 December 2026, 1:30pm" in said
    assert "The place is held until midday on Monday 23 November 2026." in said


def test_she_wants_it_and_it_is_hers(app: Flask, desk: FlaskClient, newcomer: tuple[int, int, int]) -> None:
    nia, booking, task = newcomer
    answer = pages.send(desk, f"/office/tasks/{task}/newcomer", page="/office")
    assert "The place is theirs." in pages.after(desk, answer)
    assert pages.rows(app, select(Booking.state).where(Booking.id == booking)) == [BookingState.BOOKED]
    assert pages.rows(app, select(Person.status).where(Person.id == nia)) == [PersonStatus.ACTIVE]
    again = pages.send(desk, f"/office/tasks/{task}/newcomer", page="/office/people")
    assert "This is done already" in pages.after(desk, again)


def test_she_does_not_want_it_and_it_is_free(
    app: Flask, desk: FlaskClient, newcomer: tuple[int, int, int]
) -> None:
    _nia, booking, task = newcomer
    answer = pages.send(desk, f"/office/tasks/{task}/newcomer/let-go", page="/office")
    assert "The place is free again." in pages.after(desk, answer)
    assert pages.rows(app, select(Booking.state).where(Booking.id == booking)) == [BookingState.EXPIRED]
    assert settled(app, task)


@pytest.fixture
def turn(make: Builders, season: Season, newcomer: tuple[int, int, int]) -> int:
    """Nia would like to wait for another date, which is full."""
    full = make.session(season.tea, on=date(2026, 12, 16), places_room=1)
    make.booking(full, season.ben)
    since = {"waits_since": clock.now(), "queue_at": clock.now()}
    return make.booking(full, newcomer[0], state=BookingState.WAITING, **since)


def test_a_turn_on_a_waiting_list_stands_on_the_card_too(
    app: Flask, desk: FlaskClient, newcomer: tuple[int, int, int], turn: int
) -> None:
    _nia, booking, task = newcomer
    said = pages.words(desk.get("/office/tasks"))
    assert "Nia asked for 2 dates and gave a phone number only." in said
    assert "Tea & A Chat Manchester, Wednesday 16 December 2026" in said
    assert "This is a turn on the waiting list." in said
    ticked = {"asked": "each", "place": [str(turn)]}
    answer = pages.send(desk, f"/office/tasks/{task}/newcomer", page="/office", **ticked)
    page = pages.after(desk, answer)
    assert "They are on the waiting list, and their turn counts from when they asked." in page
    assert "The place is theirs" not in page
    assert states(app, booking, turn) == [BookingState.GIVEN_UP, BookingState.WAITING]


def test_a_turn_alone_is_asked_about_by_itself(
    app: Flask, desk: FlaskClient, newcomer: tuple[int, int, int], turn: int
) -> None:
    _nia, booking, task = newcomer
    pages.write(app, update(Booking).where(Booking.id == booking).values(state=BookingState.GIVEN_UP))
    said = pages.words(desk.get("/office/tasks"))
    assert "Nia would like to wait for a place and gave a phone number only." in said
    assert "Wants to wait: confirm it" in said
    pages.send(desk, f"/office/tasks/{task}/newcomer", page="/office")
    assert states(app, turn) == [BookingState.WAITING]


def test_a_turn_that_she_does_not_want_any_more_ends(
    app: Flask, desk: FlaskClient, newcomer: tuple[int, int, int], turn: int
) -> None:
    _nia, booking, task = newcomer
    answer = pages.send(desk, f"/office/tasks/{task}/newcomer/let-go", page="/office")
    assert "The place is free again." in pages.after(desk, answer)
    assert states(app, booking, turn) == [BookingState.EXPIRED, BookingState.GIVEN_UP]


def test_somebody_new_who_booked_nothing_is_asked_about_her_number(
    app: Flask, desk: FlaskClient, season: Season, make: Builders
) -> None:
    nia = make.person("Nia", email=None, phone="07700 900888", status=PersonStatus.UNPROVEN)
    task = ask(app, TaskKind.CALL_NEWCOMER, nia)
    said = pages.words(desk.get("/office/tasks"))
    assert "Nia wants to come to us, and gave a phone number only." in said
    assert "Confirmed by phone" in said
    assert "Does not want to be kept" in said
    assert "place" not in said.split("Nia wants")[1]
    answer = pages.send(desk, f"/office/tasks/{task}/newcomer", page="/office/tasks")
    assert "The number is confirmed, and they are known to us now." in pages.after(desk, answer)
    assert pages.rows(app, select(Person.status).where(Person.id == nia)) == [PersonStatus.ACTIVE]


def test_somebody_new_who_does_not_want_to_be_kept_is_off_the_list(
    app: Flask, desk: FlaskClient, season: Season, make: Builders
) -> None:
    nia = make.person("Nia", email=None, phone="07700 900888", status=PersonStatus.UNPROVEN)
    task = ask(app, TaskKind.CALL_NEWCOMER, nia)
    answer = pages.send(desk, f"/office/tasks/{task}/newcomer/let-go", page="/office/tasks")
    assert "Off the list. A record that nobody confirms is removed" in pages.after(desk, answer)
    assert settled(app, task)


@pytest.fixture
def second(make: Builders, season: Season, newcomer: tuple[int, int, int]) -> int:
    """Nia asked for a second place, a week later."""
    until = clock.now() + timedelta(hours=24)
    session = make.session(season.tea, on=date(2026, 12, 16))
    return make.booking(session, newcomer[0], state=BookingState.HELD, held_until=until)


def states(app: Flask, *bookings: int) -> list[BookingState]:
    asked = select(Booking.state).where(Booking.id.in_(bookings)).order_by(Booking.id)
    return pages.rows(app, asked)


def test_of_two_places_she_may_want_one(
    app: Flask, desk: FlaskClient, newcomer: tuple[int, int, int], second: int
) -> None:
    _nia, booking, task = newcomer
    page = desk.get("/office/tasks")
    for day in ("9 December", "16 December"):
        assert f"Tea & A Chat Manchester, Wednesday {day} 2026, 1:30pm" in pages.words(page)
    assert page.text.count("checked>") == 2
    ticked = {"asked": "each", "place": [str(second), "☕", "9" * 30]}
    answer = pages.send(desk, f"/office/tasks/{task}/newcomer", page="/office", **ticked)
    assert "The place is theirs." in pages.after(desk, answer)
    assert states(app, booking, second) == [BookingState.GIVEN_UP, BookingState.BOOKED]


@pytest.mark.parametrize("over", [False, True])
def test_of_two_places_she_may_want_neither_and_be_known(
    app: Flask, desk: FlaskClient, newcomer: tuple[int, int, int], second: int, over: bool
) -> None:
    nia, booking, task = newcomer
    if over:
        ended = {"state": BookingState.EXPIRED, "held_until": None}
        pages.write(app, update(Booking).where(Booking.id == second).values(**ended))
    answer = pages.send(desk, f"/office/tasks/{task}/newcomer", page="/office", asked="each")
    assert "they are known to us now" in pages.after(desk, answer)
    assert states(app, booking, second) == [BookingState.GIVEN_UP] * 2
    assert pages.rows(app, select(Person.status).where(Person.id == nia)) == [PersonStatus.ACTIVE]


def test_both_places_are_hers_or_both_are_free(
    app: Flask, desk: FlaskClient, newcomer: tuple[int, int, int], second: int
) -> None:
    _nia, booking, task = newcomer
    answer = pages.send(desk, f"/office/tasks/{task}/newcomer/let-go", page="/office")
    assert "The 2 places are free again." in pages.after(desk, answer)
    assert states(app, booking, second) == [BookingState.EXPIRED] * 2


def test_the_place_that_is_held_shortest_comes_first(
    app: Flask, desk: FlaskClient, season: Season, newcomer: tuple[int, int, int]
) -> None:
    ask(app, TaskKind.COMPLAINT, season.ann, due_on=date(2026, 11, 1))
    said = pages.words(desk.get("/office"))
    assert said.index("Somebody new to call: Nia") < said.index("A complaint about data use: Ann")


@pytest.mark.parametrize(
    ("reply_to", "link"),
    [
        ("Kim, 07700 900654", 'href="tel:07700900654">07700 900654</a>'),
        ("Kim, kim@example.org", 'href="mailto:kim@example.org">kim@example.org</a>'),
        ("k?bcc=a@example.org", 'href="mailto:k%3Fbcc%3Da@example.org">'),
        ("Kim, next door", "Reply to: Kim, next door"),
        ("javascript:alert(1)", "Reply to: javascript:alert(1)"),
    ],
)
def test_who_wrote_is_called_or_written_to(
    app: Flask, desk: FlaskClient, season: Season, reply_to: str, link: str
) -> None:
    ask(app, TaskKind.DEATH_REPORTED, words="Ann Example\nShe liked tulips.", reply_to=reply_to)
    page = desk.get("/office/tasks")
    assert link in page.text if link.startswith("href") else link in pages.words(page)


def test_the_name_that_was_written_is_looked_for(app: Flask, desk: FlaskClient, season: Season) -> None:
    ask(app, TaskKind.DEATH_REPORTED, words="Ann Example\nShe liked tulips.")
    page = desk.get("/office/tasks").text
    assert 'action="/office/people"' in page
    assert 'name="words" value="Ann Example"' in page


def test_an_email_stands_where_there_is_no_phone(app: Flask, desk: FlaskClient, season: Season) -> None:
    ask(app, TaskKind.COMPLAINT, season.ann)
    assert 'href="mailto:ann@example.org"' in desk.get("/office/tasks").text


def test_what_a_mistaken_death_settled_is_nobodys_deed(
    app: Flask, desk: FlaskClient, season: Season, make: Builders
) -> None:
    lead = insert(SeriesFacilitator).values(series_id=season.tea, person_id=make.facilitator())
    pages.write(app, lead)
    ask(app, TaskKind.MOVEMENT_CALL, season.ann)
    died = f"/office/people/{season.ann}/died"
    pages.send(desk, died)
    assert "Done today" not in pages.words(desk.get("/office/tasks"))
    assert "Ann Example" in pages.words(desk.get("/office/tasks"))
    undone = pages.send(desk, f"{died}/undo", page=died)
    assert undone.location == f"/office/people/{season.ann}"
    assert "Taken back." in pages.after(desk, undone)
    assert "Done today" not in pages.words(desk.get("/office/tasks"))


def test_which_host_has_not_spoken_yet_is_named(
    app: Flask, desk: FlaskClient, season: Season, make: Builders
) -> None:
    ask(app, TaskKind.SPEAK_WITH_OFFICE, season.ben, for_person_id=make.facilitator(), series_id=season.tea)
    said = pages.words(desk.get("/office/tasks"))
    assert "Speak with Fay about Tea & A Chat Manchester: Ben Example has died" in said
    assert "Fay has not spoken with us yet, and does not know yet what it is about." in said
    page = desk.get("/office/tasks").text
    assert "fay@example.org" in page
    assert "ben@example.org" not in page


def test_today_shows_eight_and_leads_to_the_rest(app: Flask, desk: FlaskClient, season: Season) -> None:
    for _number in range(9):
        ask(app, TaskKind.COMPLAINT)
    page = desk.get("/office").text
    assert page.count('id="task-') == 8
    assert "All 9 things to do" in page
