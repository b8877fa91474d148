"""What those who lead hear from us, when, and that nobody who comes is named."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import delete

from booking import clock, worker
from booking.db import db
from booking.messages.letters import Letter, NoLongerTrue, compose_now, words_now
from booking.models import Booking, Person, PersonRole
from booking.models.kinds import (
    Attendance,
    Channel,
    MessageKind,
    MessageState,
    PersonStatus,
    Role,
    TaskKind,
)
from booking.rules.discreet import holds_forbidden
from booking.services import calling_off, cover, rota
from tests.letters.hosting import DAY_BEFORE_AT_4, MORNING_AFTER, SUNDAY_AT_5, WEDNESDAY, Hosting
from tests.letters.test_letters import same, words_of
from tests.support.builders import Builders

NASTY = "Men living with secondary breast cancer"
HOST_KINDS = (
    MessageKind.ROTA,
    MessageKind.TOMORROW,
    MessageKind.REGISTER_REMINDER,
    MessageKind.COVER_WANTED,
    MessageKind.ROTA_CHANGED,
)


@pytest.fixture
def hosting(app: Flask, make: Builders, clock_at: Callable[[str], datetime]) -> Hosting:
    return Hosting(app, make, clock_at, "Tea & A Chat Manchester")


@pytest.mark.parametrize("kind", [*HOST_KINDS, MessageKind.DIGEST])
def test_each_letter_to_hosts_says_what_its_golden_file_says(hosting: Hosting, kind: MessageKind) -> None:
    letter = hosting.bring_about(kind)
    same(f"{kind}.txt", f"Subject: {letter.subject}\n\n{letter.text}")
    same(f"{kind}.html", letter.html)
    if letter.short:
        same(f"{kind}.short.txt", letter.short + "\n")
    assert bool(letter.short) is (kind is not MessageKind.DIGEST)


@pytest.mark.parametrize("kind", HOST_KINDS)
def test_nobody_who_comes_is_named_in_a_letter_to_a_host(hosting: Hosting, kind: MessageKind) -> None:
    letter = hosting.bring_about(kind)
    said = f"{letter.subject} {letter.text} {unescape(letter.html)} {letter.short}"
    for secret in ("Ann", "Ben", "chair", "ann@example.org", "raw-secret"):
        assert secret not in said


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", [*HOST_KINDS, MessageKind.DIGEST])
def test_no_lock_screen_of_a_host_shows_a_health_word(
    app: Flask, make: Builders, clock_at: Callable[[str], datetime], kind: MessageKind
) -> None:
    letter = Hosting(app, make, clock_at, NASTY).bring_about(kind)
    assert not holds_forbidden(letter.subject)
    assert not holds_forbidden(letter.text[:150])
    assert not holds_forbidden(letter.short)
    if kind in HOST_KINDS:
        assert letter.text.count(NASTY) == letter.html.count(NASTY) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", [*HOST_KINDS, MessageKind.DIGEST])
def test_html_and_text_say_the_same_with_one_button(hosting: Hosting, kind: MessageKind) -> None:
    letter = hosting.bring_about(kind)
    said = [word.rstrip(":") for word in letter.text.split() if not word.startswith(("http", "-"))]
    assert said == [word.rstrip(":") for word in words_of(letter.html)]
    assert letter.html.count('class="button"') == 1
    hrefs = re.findall(r'href="([^"]+)"', letter.html)
    assert len(hrefs) == len(set(hrefs))


def test_the_rota_goes_on_sunday_at_five_once(hosting: Hosting) -> None:
    hosting.at("2026-08-23T16:59+01:00")
    assert hosting.round() == 0
    hosting.at(SUNDAY_AT_5)
    assert [hosting.round() for _ in range(2)] == [1, 0]
    (row,) = hosting.rows(MessageKind.ROTA)
    assert (row.person_id, row.about_on) == (hosting.fay, date(2026, 8, 24))
    assert row.due_at == datetime.fromisoformat(SUNDAY_AT_5)


def test_a_worker_that_was_down_sends_no_stale_letter(hosting: Hosting) -> None:
    for late in ("2026-08-26T20:00+01:00", "2026-08-27T20:30+01:00", "2026-09-26T10:00+01:00"):
        hosting.at(late)
        assert hosting.round() == 0


def test_after_a_weekend_without_a_server_the_week_is_still_told(hosting: Hosting) -> None:
    hosting.at("2026-08-24T20:30+01:00")
    assert [hosting.round() for _ in range(2)] == [2, 0]
    told = [hosting.rows(kind)[0] for kind in (MessageKind.ROTA, MessageKind.DIGEST)]
    assert {row.due_at for row in told} == {datetime.fromisoformat("2026-08-25T08:00+01:00")}
    until = ["2026-08-26T20:00+01:00", "2026-08-25T20:00+01:00"]
    assert [row.useless_at for row in told] == [datetime.fromisoformat(each) for each in until]


@pytest.mark.parametrize(
    ("late", "kinds"),
    [
        ("2026-08-25T19:59+01:00", {MessageKind.ROTA, MessageKind.DIGEST}),
        ("2026-08-26T11:00+01:00", {MessageKind.ROTA}),
        ("2026-08-26T13:30+01:00", set()),
    ],
)
def test_the_rota_helps_until_wednesday_and_the_digest_until_tuesday(
    hosting: Hosting, late: str, kinds: set[MessageKind]
) -> None:
    hosting.at(late)
    hosting.round()
    assert {kind for kind in (MessageKind.ROTA, MessageKind.DIGEST) if hosting.rows(kind)} == kinds


def test_whoever_leads_a_date_only_since_monday_gets_no_rota_of_that_week(hosting: Hosting) -> None:
    hosting.at("2026-08-25T10:00+01:00")
    later = hosting.make.session(hosting.series, on=WEDNESDAY + timedelta(days=1), led_by=(hosting.gil,))
    assert later
    hosting.round()
    assert [row.person_id for row in hosting.rows(MessageKind.ROTA)] == [hosting.fay]


def test_what_was_missed_at_night_waits_for_the_morning(hosting: Hosting) -> None:
    hosting.at("2026-08-23T22:00+01:00")
    assert hosting.round() == 1
    assert hosting.rows(MessageKind.ROTA)[0].due_at == datetime.fromisoformat("2026-08-24T08:00+01:00")


@pytest.mark.parametrize(
    ("sunday", "at"), [("2027-03-28", "2027-03-28T17:00+01:00"), ("2026-10-25", "2026-10-25T17:00+00:00")]
)
def test_sunday_at_five_is_the_wall_clocks_on_both_clock_changes(
    hosting: Hosting, sunday: str, at: str
) -> None:
    monday = date.fromisoformat(sunday) + timedelta(days=1)
    hosting.make.session(hosting.series, on=monday, led_by=(hosting.gil,))
    for minutes, laid in ((1, []), (0, [hosting.gil])):
        hosting.at(datetime.fromisoformat(at) - timedelta(minutes=minutes))
        hosting.round()
        assert [row.person_id for row in hosting.rows(MessageKind.ROTA)] == laid


def test_a_host_of_nothing_and_a_paused_one_hear_nothing(hosting: Hosting) -> None:
    hosting.change(Person, hosting.fay, status=PersonStatus.PAUSED)
    for at in (SUNDAY_AT_5, DAY_BEFORE_AT_4, MORNING_AFTER):
        hosting.at(at)
        hosting.round()
    assert not [kind for kind in HOST_KINDS if hosting.rows(kind)]


def test_a_letter_whose_date_was_given_away_is_set_aside(hosting: Hosting) -> None:
    hosting.at(DAY_BEFORE_AT_4)
    hosting.round()
    hosting.do(cover.cannot_host, hosting.session, hosting.fay)
    assert hosting.composed(MessageKind.TOMORROW) == NoLongerTrue("leads nothing")


def test_whoever_steps_in_that_evening_learns_the_numbers(hosting: Hosting) -> None:
    hosting.at(DAY_BEFORE_AT_4)
    hosting.round()
    hosting.do(cover.cannot_host, hosting.session, hosting.fay)
    hosting.at("2026-08-25T18:00+01:00")
    hosting.do(cover.take_cover, hosting.session, hosting.gil)
    assert hosting.round() == 1
    assert "2 people, 2 for the first time" in hosting.letter(MessageKind.TOMORROW).text


def test_two_dates_of_a_day_are_one_letter(hosting: Hosting) -> None:
    second = hosting.make.session(
        hosting.make.series("Yoga", start_time=time(18), end_time=time(19)),
        on=WEDNESDAY,
        led_by=(hosting.fay,),
    )
    hosting.at(DAY_BEFORE_AT_4)
    hosting.round()
    assert len(hosting.rows(MessageKind.TOMORROW)) == 1
    letter = hosting.letter(MessageKind.TOMORROW)
    assert letter.subject == "Tomorrow: 2 sessions"
    assert f"http://localhost/host/sessions/{second}" in letter.text
    assert "6pm to 7pm: Yoga, Friends' Meeting House, Mount Street: nobody has booked yet" in letter.text


def test_a_register_that_was_taken_asks_nobody(hosting: Hosting) -> None:
    for booking in (hosting.anns, hosting.bens):
        hosting.change(Booking, booking, attendance=Attendance.CAME)
    hosting.at(MORNING_AFTER)
    assert hosting.round() == 0


def test_a_register_taken_meanwhile_sets_its_letter_aside(hosting: Hosting) -> None:
    hosting.at(MORNING_AFTER)
    assert hosting.round() == 1
    for booking in (hosting.anns, hosting.bens):
        hosting.change(Booking, booking, attendance=Attendance.DID_NOT_COME)
    assert hosting.composed(MessageKind.REGISTER_REMINDER) == NoLongerTrue("registers are complete")


def test_after_three_days_the_office_is_asked_once_until_the_register_is_taken(hosting: Hosting) -> None:
    hosting.at("2026-08-28T10:00+01:00")
    hosting.round()
    assert hosting.tasks(TaskKind.REGISTER_MISSING) == []
    hosting.at("2026-08-29T10:00+01:00")
    for _ in range(2):
        hosting.round()
    assert hosting.tasks(TaskKind.REGISTER_MISSING) == [False]
    for booking in (hosting.anns, hosting.bens):
        hosting.change(Booking, booking, attendance=Attendance.CAME)
    hosting.round()
    assert hosting.tasks(TaskKind.REGISTER_MISSING) == [True]


def test_a_date_moved_twice_is_told_once_from_what_she_knew(hosting: Hosting) -> None:
    hosting.at("2026-08-20T10:30+01:00")
    hosting.move(start_time=time(14, 30))
    hosting.at("2026-08-20T10:31+01:00")
    hosting.move(start_time=time(15))
    first, second = hosting.rows(MessageKind.ROTA_CHANGED)
    with hosting.app.app_context():
        assert compose_now(first.id, clock.now()) == NoLongerTrue("nothing differs")
    said = hosting.letter(MessageKind.ROTA_CHANGED).text
    assert "1:30pm to 5pm, now Wednesday 26 August 2026, 3pm to 5pm" in said


def test_a_date_moved_back_tells_nothing(hosting: Hosting) -> None:
    for minute, start in ((30, time(14, 30)), (31, time(13, 30))):
        hosting.at(f"2026-08-20T10:{minute}+01:00")
        hosting.move(start_time=start)
    assert hosting.composed(MessageKind.ROTA_CHANGED) == NoLongerTrue("nothing differs")


def test_several_dates_called_off_at_once_are_one_letter(hosting: Hosting) -> None:
    others = [
        hosting.make.session(hosting.series, on=WEDNESDAY + timedelta(days=7 * week), led_by=(hosting.fay,))
        for week in (1, 2)
    ]
    hosting.at("2026-08-20T10:30+01:00")
    ids = [hosting.session, *others]
    deed = hosting.do(lambda now: calling_off.cancel_sessions(ids, "", hosting.ada, now))
    letter = hosting.letter(MessageKind.ROTA_CHANGED)
    assert letter.subject == "Changed: 3 of your dates"
    assert letter.text.count("is cancelled.") == 3
    hosting.do(lambda now: calling_off.undo(deed, hosting.ada, now))
    assert [row.state for row in hosting.rows(MessageKind.ROTA_CHANGED)] == [MessageState.WITHDRAWN]


def test_what_the_office_gives_and_takes_is_told(hosting: Hosting) -> None:
    hosting.do(_give, hosting)
    assert (
        "You now lead Tea & A Chat Manchester on Wednesday 26 August 2026"
        in hosting.letter(MessageKind.ROTA_CHANGED).text
    )
    hosting.at("2026-08-10T10:31+01:00")
    hosting.do(_take, hosting, hosting.fay)
    row = hosting.rows(MessageKind.ROTA_CHANGED)[-1]
    assert row.person_id == hosting.fay
    assert "You no longer lead" in hosting.letter(MessageKind.ROTA_CHANGED).text


def test_what_is_given_and_taken_before_anybody_heard_is_told_to_nobody(hosting: Hosting) -> None:
    hosting.do(_give, hosting)
    hosting.at("2026-08-10T10:31+01:00")
    hosting.do(_take, hosting, hosting.gil)
    assert [row.state for row in hosting.rows(MessageKind.ROTA_CHANGED)] == [MessageState.WITHDRAWN]


def test_a_whole_series_that_is_taken_is_told_though_one_date_was_given_a_moment_ago(
    hosting: Hosting,
) -> None:
    hosting.make.session(hosting.series, on=WEDNESDAY + timedelta(days=28), led_by=(hosting.gil,))
    hosting.do(_give, hosting)
    hosting.at("2026-08-10T10:31+01:00")
    hosting.do(_take, hosting, hosting.gil, later_too=True)
    with hosting.app.app_context():
        assert compose_now(hosting.rows(MessageKind.ROTA_CHANGED)[0].id, clock.now()) == NoLongerTrue(
            "nothing differs"
        )
    said = hosting.letter(MessageKind.ROTA_CHANGED).text
    assert "You no longer lead Tea & A Chat Manchester on Wednesday 23 September 2026" in said


def test_a_paused_host_is_called_about_a_change_and_nothing_else(hosting: Hosting) -> None:
    hosting.change(Person, hosting.fay, status=PersonStatus.PAUSED)
    hosting.at("2026-08-20T10:30+01:00")
    hosting.move(start_time=time(15))
    assert [row.channel for row in hosting.rows(MessageKind.ROTA_CHANGED)] == [Channel.CALL]


def test_a_change_near_the_start_does_not_wait_for_the_morning(hosting: Hosting) -> None:
    night = hosting.at("2026-08-25T23:00+01:00")
    hosting.move(start_time=time(15))
    assert hosting.rows(MessageKind.ROTA_CHANGED)[0].due_at == night


def test_a_host_who_wishes_for_calls_or_post_is_called(hosting: Hosting) -> None:
    hosting.change(Person, hosting.fay, channel=Channel.POST)
    hosting.at(SUNDAY_AT_5)
    hosting.round()
    assert hosting.rows(MessageKind.ROTA)[0].channel is Channel.CALL
    with hosting.app.app_context():
        words = words_now(hosting.rows(MessageKind.ROTA)[0].id, clock.now())
    assert isinstance(words, Letter)


def test_the_digest_goes_to_the_office_alone_in_numbers(hosting: Hosting) -> None:
    letter = hosting.bring_about(MessageKind.DIGEST)
    assert [row.person_id for row in hosting.rows(MessageKind.DIGEST)] == [hosting.ada]
    assert "Registers not complete: 1" in letter.text
    assert "Ann" not in letter.text
    assert "Fay" not in letter.text


def test_whoever_left_the_office_gets_no_digest(hosting: Hosting) -> None:
    hosting.bring_about(MessageKind.DIGEST)
    with hosting.app.app_context():
        db.session.execute(delete(PersonRole).where(PersonRole.role == Role.ADMIN))
        db.session.commit()
    assert hosting.composed(MessageKind.DIGEST) == NoLongerTrue("not in the office any more")


def test_the_worker_lays_it_out_and_sends_it(hosting: Hosting) -> None:
    hosting.at(SUNDAY_AT_5)
    with hosting.app.app_context():
        worker.run_once()
    assert [row.state for row in hosting.rows(MessageKind.ROTA)] == [MessageState.SENT]


def _give(hosting: Hosting, now: datetime) -> None:
    rota.add_facilitator(hosting.session, hosting.gil, hosting.ada, now)


def _take(hosting: Hosting, person_id: int, now: datetime, *, later_too: bool = False) -> None:
    rota.remove_facilitator(hosting.session, person_id, hosting.ada, now, later_too=later_too)
