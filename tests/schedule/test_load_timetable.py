"""Loading a season: once, twice, changed, and never by halves."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking.models import (
    AuditEntry,
    Booking,
    Message,
    PersonRole,
    Programme,
    ScheduledSession,
    Series,
    SessionFacilitator,
    SessionVersion,
    Venue,
)
from booking.models.kinds import Access, BookingState, MessageKind, Pool, Role, SessionState
from booking.services import schedule
from booking.services.schedule import LoadReport, TimetableRefused
from tests.schedule.lines import line, online, season
from tests.support.builders import Builders
from tests.support.pages import rows

Load = Callable[..., LoadReport]
SAMPLE = Path(__file__).parents[2] / "booking" / "demo" / "season.csv"
DATES = select(ScheduledSession.local_date).order_by(ScheduledSession.starts_at)
WEEKLY = {"rrule": "FREQ=WEEKLY;BYDAY=MO", "dtstart": "2026-01-05"}


def test_a_season_is_laid_out_for_26_weeks_from_today(app: Flask, load: Load) -> None:
    report = load(season(line()))
    assert (report.series_added, report.dates_added) == (1, 6)
    assert rows(app, DATES)[0] == date(2026, 11, 25)
    assert rows(app, DATES)[-1] == date(2027, 4, 28)


def test_loading_it_again_changes_nothing(app: Flask, load: Load) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    load(text)
    dates = select(ScheduledSession.id, ScheduledSession.changed_at, ScheduledSession.uid)
    before = rows(app, dates.order_by(ScheduledSession.id))
    again = load(text)
    assert again == LoadReport(series_same=25)
    assert rows(app, dates.order_by(ScheduledSession.id)) == before


def test_one_bad_row_keeps_the_whole_file_out(app: Flask, load: Load) -> None:
    with pytest.raises(TimetableRefused) as refused:
        load(season(line(key="a"), line(key="b", start="x"), line(key="c", hosts="nobody@example.org")))
    assert [problem.line for problem in refused.value.problems] == [3, 4]
    assert rows(app, select(Series.id)) == rows(app, DATES) == rows(app, select(Programme.id)) == []


def test_no_limit_of_places_is_kept_as_no_limit(app: Flask, load: Load) -> None:
    load(season(line(places_room="", rrule="", dtstart="2026-12-01")))
    asked = select(ScheduledSession.places_room, ScheduledSession.places_online)
    assert rows(app, asked) == [(None, 0)]


def test_every_date_has_its_first_version_and_a_uid_of_its_own(app: Flask, load: Load) -> None:
    load(season(line()))
    assert rows(app, select(func.count(SessionVersion.id))) == rows(
        app, select(func.count(ScheduledSession.id))
    )
    uids = rows(app, select(ScheduledSession.uid))
    assert len(set(uids)) == len(uids) == 6


def test_half_past_one_stays_half_past_one_across_both_clock_changes(app: Flask, load: Load) -> None:
    load(season(line(**WEEKLY)), at=datetime(2026, 10, 18, 10, tzinfo=UTC))
    asked = select(ScheduledSession.local_date, ScheduledSession.start_time, ScheduledSession.starts_at)
    found = {row.local_date: (row.start_time, row.starts_at.hour) for row in rows(app, asked)}
    assert found[date(2026, 10, 19)] == (time(13, 30), 12)
    assert found[date(2026, 10, 26)] == (time(13, 30), 13)
    assert found[date(2027, 3, 22)] == (time(13, 30), 13)
    assert found[date(2027, 3, 29)] == (time(13, 30), 12)


def test_a_series_at_an_hour_the_clocks_skip_is_refused_by_line(app: Flask, load: Load) -> None:
    with pytest.raises(TimetableRefused, match="Line|Timetable") as refused:
        load(season(line(rrule="FREQ=WEEKLY;BYDAY=SU", dtstart="2026-01-04", start="01:30", end="03:00")))
    assert "Line 2: The clocks go forward" in str(refused.value)
    assert rows(app, select(Series.id)) == []


def test_a_date_at_an_hour_the_clocks_skip_does_not_keep_the_others_from_being_filled(
    app: Flask, load: Load
) -> None:
    text = season(line(rrule="FREQ=WEEKLY;BYDAY=SU", dtstart="2026-01-04", start="01:30", end="03:00"))
    load(text, at=datetime(2026, 4, 5, 10, tzinfo=UTC))
    with app.app_context():
        assert schedule.fill_horizon(datetime(2026, 10, 18, 10, tzinfo=UTC)) > 20
    assert date(2027, 3, 28) not in rows(app, DATES)
    assert date(2027, 4, 4) in rows(app, DATES)


def test_last_and_fourth_wednesday_are_two_different_days(app: Flask, load: Load) -> None:
    load(season(line(key="last"), line(key="fourth", name="Fourth", rrule="FREQ=MONTHLY;BYDAY=4WE")))
    named = select(Series.key).join(ScheduledSession).where(ScheduledSession.local_date == date(2027, 3, 31))
    assert rows(app, named) == ["last"]


def test_carlisle_rests_at_christmas_and_comes_a_week_before_good_friday(app: Flask, load: Load) -> None:
    load(SAMPLE.read_text(encoding="utf-8"))
    carlisle = DATES.join(Series).where(Series.key == "carlisle")
    dates = rows(app, carlisle)
    assert date(2026, 12, 25) not in dates
    assert date(2027, 3, 26) not in dates
    assert date(2027, 3, 19) in dates


def test_single_dates_differ_as_the_season_says(app: Flask, load: Load) -> None:
    load(SAMPLE.read_text(encoding="utf-8"))
    asked = (
        select(Series.key, ScheduledSession.end_time, Venue.name, ScheduledSession.state)
        .select_from(ScheduledSession)
        .join(ScheduledSession.series)
        .outerjoin(ScheduledSession.venue)
        .where(ScheduledSession.public_reason != "")
    )
    found = {row.key: row for row in rows(app, asked)}
    assert found["leeds"].end_time == time(15)
    assert found["tai-chi"].name == "Library hall, Glasgow"
    assert found["online-morning"].state is SessionState.CANCELLED


def test_nothing_is_known_of_a_new_venue_and_it_is_made_once(app: Flask, load: Load) -> None:
    load(season(line(key="a"), line(key="b", **WEEKLY)))
    asked = select(Venue.name, Venue.nation, Venue.step_free, Venue.quiet_corner)
    name = "Friends' Meeting House, Manchester"
    assert rows(app, asked) == [(name, "England", Access.NOT_KNOWN, Access.NOT_KNOWN)]


def test_programmes_bring_their_colour_and_their_word_for_who_leads(app: Flask, load: Load) -> None:
    load(SAMPLE.read_text(encoding="utf-8"))
    asked = select(Programme.name, Programme.tone, Programme.facilitator_word, Programme.discreet_name)
    assert set(rows(app, asked)) == {
        ("Tea & A Chat", "tea", "host", "Tea & A Chat"),
        ("Wellbeing classes", "class", "tutor", "Wellbeing session"),
        ("Hosts only", "plum", "host", "Hosts only"),
    }


def test_a_title_with_a_health_word_gets_a_discreet_name(app: Flask, load: Load) -> None:
    load(season(line(name="Men living with secondary breast cancer")))
    assert rows(app, select(Series.discreet_name)) == ["Tea & A Chat"]


def test_a_host_is_found_by_address_or_name_and_gets_the_role(app: Flask, load: Load, make: Builders) -> None:
    fay, gil = make.person("Fay"), make.facilitator("Gil")
    load(season(line(hosts="FAY@example.org; gil example")))
    per_session = select(SessionFacilitator.person_id).distinct().order_by(SessionFacilitator.person_id)
    assert rows(app, per_session) == [fay, gil]
    given = select(PersonRole.person_id).where(PersonRole.role == Role.FACILITATOR)
    assert sorted(rows(app, given)) == [fay, gil]
    assert (f"person:{fay}", "role given") in rows(app, select(AuditEntry.subject, AuditEntry.action))


def test_a_host_who_could_be_two_people_is_refused(load: Load, make: Builders) -> None:
    make.person("Fay"), make.person("Fay", email="other@example.org")
    with pytest.raises(TimetableRefused) as refused:
        load(season(line(hosts="Fay")))
    assert "Line 2: hosts: “Fay” fits 2 people." in str(refused.value)


def test_a_blank_cell_leaves_the_hosts_that_the_office_gave(app: Flask, load: Load, make: Builders) -> None:
    make.facilitator("Fay")
    load(season(line(hosts="Fay")))
    assert load(season(line(hosts=""))).series_changed == 0
    assert len(rows(app, select(SessionFacilitator.id))) == 6


def test_another_host_in_the_file_takes_over_the_dates_to_come(
    app: Flask, load: Load, make: Builders
) -> None:
    gil = (make.facilitator("Fay"), make.facilitator("Gil"))[1]
    load(season(line(hosts="Fay")))
    load(season(line(hosts="Gil")))
    assert set(rows(app, select(SessionFacilitator.person_id))) == {gil}


def booked(app: Flask, make: Builders, on: date = date(2026, 12, 30)) -> int:
    """Book Ann's place on one date of the season."""
    (session_id,) = rows(app, select(ScheduledSession.id).where(ScheduledSession.local_date == on))
    return make.booking(session_id, make.person("Ann"), pool=Pool.ROOM)


def test_a_changed_row_changes_dates_to_come_and_tells_who_is_booked(
    app: Flask, load: Load, make: Builders
) -> None:
    load(season(line()))
    booking = booked(app, make)
    report = load(season(line(start="14:00")))
    assert (report.series_changed, report.dates_changed) == (1, 6)
    assert set(rows(app, select(ScheduledSession.start_time))) == {time(14)}
    key = f"booking:{booking}:session_changed:v2"
    assert rows(app, select(Message.dedupe_key, Message.kind)) == [(key, MessageKind.SESSION_CHANGED)]


def test_a_date_changed_by_hand_keeps_its_own_time(app: Flask, load: Load) -> None:
    load(season(line()))
    change = schedule.SessionChange(start_time=time(12))
    with app.app_context():
        (first, *_rest) = rows(app, select(ScheduledSession.id).order_by(ScheduledSession.starts_at))
        schedule.change_session(first, change, None, datetime(2026, 11, 22, 10, tzinfo=UTC), 1)
    load(season(line(start="14:00")))
    times = select(ScheduledSession.start_time).order_by(ScheduledSession.starts_at)
    assert rows(app, times) == [time(12)] + [time(14)] * 5


def test_a_skip_that_comes_later_cancels_a_date_with_bookings(app: Flask, load: Load, make: Builders) -> None:
    load(season(line()))
    booking = booked(app, make)
    load(season(line(changes="2026-12-30 skip: We are back in January")))
    state = select(ScheduledSession.state, ScheduledSession.public_reason)
    assert (SessionState.CANCELLED, "We are back in January") in rows(app, state)
    assert rows(app, select(Booking.state)) == [BookingState.CANCELLED]
    assert rows(app, select(Message.dedupe_key)) == [f"booking:{booking}:session_cancelled:v1"]


def test_a_skip_takes_away_a_date_that_nobody_booked(app: Flask, load: Load) -> None:
    load(season(line()))
    assert load(season(line(changes="2026-12-30 skip"))).dates_removed == 1
    assert date(2026, 12, 30) not in rows(app, DATES)


def test_a_new_rule_never_deletes_a_date_with_bookings(app: Flask, load: Load, make: Builders) -> None:
    load(season(line()))
    booked(app, make)
    report = load(season(line(rrule="FREQ=MONTHLY;BYDAY=1MO")))
    assert report.kept == (("manchester", date(2026, 12, 30)),)
    assert date(2026, 12, 30) in rows(app, DATES)
    assert rows(app, select(Booking.state)) == [BookingState.BOOKED]


def test_a_smaller_room_than_is_booked_is_refused_by_line(app: Flask, load: Load, make: Builders) -> None:
    load(season(line()))
    (session_id,) = rows(
        app, select(ScheduledSession.id).where(ScheduledSession.local_date == date(2026, 12, 30))
    )
    for name in ("Ann", "Ben"):
        make.booking(session_id, make.person(name), pool=Pool.ROOM)
    with pytest.raises(TimetableRefused) as refused:
        load(season(line(places_room="1")))
    assert "places are taken, more than that" in str(refused.value)
    assert set(rows(app, select(ScheduledSession.places_room))) == {24}


def test_a_cancelled_date_is_not_put_on_again_by_a_file(app: Flask, load: Load, now: datetime) -> None:
    load(season(line()))
    with app.app_context():
        schedule.cancel_session(1, "", None, now)
    load(season(line(start="14:00")))
    assert rows(app, select(ScheduledSession.state).where(ScheduledSession.id == 1)) == [
        SessionState.CANCELLED
    ]


def test_the_worker_fills_the_horizon_once(app: Flask, load: Load, now: datetime) -> None:
    load(season(line(**WEEKLY)))
    later = now + timedelta(weeks=3)
    with app.app_context():
        assert [schedule.fill_horizon(at) for at in (now, later, later)] == [0, 3, 0]


def test_a_course_has_as_many_dates_as_its_rule_says(app: Flask, load: Load) -> None:
    load(season(online(rrule="FREQ=WEEKLY;BYDAY=WE;COUNT=6", dtstart="2026-11-04")))
    assert rows(app, DATES) == [date(2026, 11, 25), date(2026, 12, 2), date(2026, 12, 9)]


def test_notes_are_for_the_office_and_evidence_is_forgotten(app: Flask, load: Load) -> None:
    load(season(line(notes="Host has a bad knee", evidence="documented")))
    assert rows(app, select(Series.office_notes, Series.description)) == [("Host has a bad knee", "")]


def test_a_date_that_waited_for_a_decision_waits_no_more_once_its_rule_has_it_again(
    app: Flask, load: Load, make: Builders
) -> None:
    load(season(line()))
    asked = select(ScheduledSession).where(ScheduledSession.rule_date == date(2026, 12, 30))
    make.booking(rows(app, asked)[0].id, make.person())
    report = load(season(line(rrule="FREQ=MONTHLY;BYDAY=-1TH")))
    assert report.kept == (("manchester", date(2026, 12, 30)),)
    assert rows(app, asked)[0].differs
    assert load(season(line())).kept == ()
    assert not rows(app, asked)[0].differs
