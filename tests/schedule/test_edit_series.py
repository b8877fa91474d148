"""Changing a whole series: people keep their places, dates keep what they changed for themselves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from booking.db import db
from booking.models import AuditEntry, Booking, Message, ScheduledSession, Series, SessionFacilitator, Venue
from booking.models.kinds import BookingState, Channel, MessageKind, Mode, Pool, SessionState
from booking.queries.effects import Effect, effect_of, seen_mark
from booking.refusals import (
    CapacityBelowBookings,
    InThePast,
    MoreThanTheVenueHolds,
    NotAHost,
    NotFound,
    Refusal,
    StaleForm,
)
from booking.rules.changes import Change
from booking.rules.edits import SeriesEdit, SessionChange
from booking.rules.recurrence import parse_rule
from booking.rules.timetable import SeriesPlan
from booking.services import schedule
from booking.services import series as deeds
from tests.support.builders import Builders
from tests.support.pages import rows, write

# Wednesdays from 2 December 2026 to 6 January 2027.
PLAN = SeriesPlan(
    key="",
    title="Tea in York",
    programme="Tea & A Chat",
    mode="in_person",
    place="Studio, York",
    nation="England",
    rule=parse_rule("FREQ=WEEKLY;BYDAY=WE;COUNT=6"),
    starts_on=date(2026, 12, 2),
    start_time=time(13, 30),
    end_time=time(15),
    places_room=8,
)
WEDNESDAYS = [date(2026, 12, day) for day in (2, 9, 16, 23, 30)] + [date(2027, 1, 6)]
THURSDAYS = [date(2026, 12, day) for day in (3, 10, 17, 24, 31)] + [date(2027, 1, 7)]
DATES = select(ScheduledSession.local_date).order_by(ScheduledSession.local_date)
STARTS = select(ScheduledSession.start_time).order_by(ScheduledSession.local_date)
DIFFER = select(ScheduledSession.local_date).where(ScheduledSession.differs)
TOLD = select(Message.booking_id).where(Message.kind == MessageKind.SESSION_CHANGED)
ON_THURSDAYS = SeriesEdit(rule=parse_rule("FREQ=WEEKLY;BYDAY=TH;COUNT=6"))
AT_TWO = SeriesEdit(start_time=time(14))


@pytest.fixture
def tea(app: Flask, now: datetime) -> int:
    with app.app_context():
        return schedule.create_series(PLAN, None, now)


@pytest.fixture
def edit(app: Flask, now: datetime, tea: int) -> Callable[..., Effect]:
    """Change the series as Ada does who has just opened the page; the preview must say what happens."""

    def edited(
        what: SeriesEdit, since: date | None = None, seen: str | None = None, actor: int | None = None
    ) -> Effect:
        with app.app_context():
            mark = seen_mark(db.session.get_one(Series, tea)) if seen is None else seen
            foreseen = effect_of(tea, what, since, now)
            db.session.rollback()
            done = deeds.change_series(tea, what, since, actor, now, mark)
            assert done == foreseen
            return done

    return edited


def on(app: Flask, day: date) -> int:
    """Return the id of the date on a day."""
    found: list[int] = rows(app, select(ScheduledSession.id).where(ScheduledSession.local_date == day))
    return found[0]


def change(app: Flask, day: date, now: datetime, **what: Any) -> None:
    with app.app_context():
        version = db.session.scalar(
            select(ScheduledSession.schedule_version).where(ScheduledSession.local_date == day)
        )
        schedule.change_session(on(app, day), SessionChange(**what), None, now, version or 0)


def cancel(app: Flask, day: date, now: datetime) -> None:
    with app.app_context():
        schedule.cancel_session(on(app, day), "Snow", None, now)


def test_all_coming_dates_take_a_new_time_and_everybody_is_told_once(
    app: Flask, make: Builders, edit: Callable[..., Effect]
) -> None:
    ann, ben = make.person("Ann"), make.person("Ben", email=None, phone="01904 123456")
    booked = [make.booking(on(app, day), ann) for day in WEDNESDAYS[:2]]
    booked.append(make.booking(on(app, WEDNESDAYS[1]), ben))
    done = edit(AT_TWO)
    assert (done.dates, done.people, done.bookings) == (6, 2, 3)
    assert done.told == {Channel.EMAIL: 2, Channel.CALL: 1}
    assert rows(app, STARTS) == [time(14)] * 6
    assert sorted(rows(app, TOLD)) == sorted(booked)
    assert rows(app, DIFFER) == []


def test_this_and_later_leaves_earlier_dates_as_they_are_and_unmarked(
    app: Flask, edit: Callable[..., Effect], now: datetime
) -> None:
    edit(AT_TWO, WEDNESDAYS[3])
    assert rows(app, STARTS) == [time(13, 30)] * 3 + [time(14)] * 3
    assert rows(app, DIFFER) == []
    assert rows(app, select(Series.holds_from)) == [WEDNESDAYS[3]]
    with app.app_context():
        assert schedule.fill_horizon(now) == 0


def test_a_new_title_from_one_date_on_leaves_the_earlier_dates_their_name(
    app: Flask, edit: Callable[..., Effect]
) -> None:
    before = rows(app, select(Series.title))
    done = edit(SeriesEdit(title="Coffee"), WEDNESDAYS[3])
    own = select(ScheduledSession.own_title).order_by(ScheduledSession.rule_date)
    assert done.dates == 3
    assert rows(app, own) == before * 3 + [""] * 3
    assert rows(app, DIFFER) == []


def test_a_date_keeps_what_it_changed_for_itself_and_takes_the_rest(
    app: Flask, edit: Callable[..., Effect], now: datetime
) -> None:
    change(app, WEDNESDAYS[1], now, start_time=time(10))
    done = edit(SeriesEdit(start_time=time(14), places_room=12))
    assert done.stays_as_is == ((WEDNESDAYS[1], ("start_time",)),)
    facts = select(ScheduledSession.start_time, ScheduledSession.places_room, ScheduledSession.own_facts)
    assert rows(app, facts.where(ScheduledSession.id == on(app, WEDNESDAYS[1]))) == [
        (time(10), 12, "start_time")
    ]


def test_a_fact_brought_back_is_not_its_own_any_more(app: Flask, tea: int, now: datetime) -> None:
    change(app, WEDNESDAYS[1], now, start_time=time(10))
    assert rows(app, DIFFER) == [WEDNESDAYS[1]]
    change(app, WEDNESDAYS[1], now, start_time=time(13, 30))
    assert rows(app, DIFFER) == []


def test_another_weekday_moves_each_date_with_its_people(
    app: Flask, make: Builders, edit: Callable[..., Effect], now: datetime
) -> None:
    ids = [on(app, day) for day in WEDNESDAYS]
    booking = make.booking(ids[2], make.person("Ann"))
    done = edit(ON_THURSDAYS)
    assert done.moves == tuple(zip(WEDNESDAYS, THURSDAYS, strict=True))
    assert (done.added, done.removed) == ((), ())
    assert [on(app, day) for day in THURSDAYS] == ids
    assert rows(app, TOLD) == [booking]
    with app.app_context():
        assert schedule.fill_horizon(now) == 0


def test_from_a_date_on_another_weekday_earlier_dates_stay(
    app: Flask, edit: Callable[..., Effect], now: datetime
) -> None:
    edit(ON_THURSDAYS, WEDNESDAYS[2])
    assert rows(app, DATES) == WEDNESDAYS[:2] + THURSDAYS[2:]
    with app.app_context():
        assert schedule.fill_horizon(now) == 0


def test_an_earlier_weekday_moves_the_first_date_too(app: Flask, edit: Callable[..., Effect]) -> None:
    edit(SeriesEdit(rule=parse_rule("FREQ=WEEKLY;BYDAY=MO;COUNT=6")))
    assert [day.weekday() for day in rows(app, DATES)] == [0] * 6


def test_what_was_cancelled_takes_its_slot_along(
    app: Flask, edit: Callable[..., Effect], now: datetime
) -> None:
    cancel(app, WEDNESDAYS[2], now)
    edit(ON_THURSDAYS)
    assert THURSDAYS[2] not in rows(app, DATES)
    states = select(ScheduledSession.state).where(ScheduledSession.local_date == WEDNESDAYS[2])
    assert rows(app, states) == [SessionState.CANCELLED]
    with app.app_context():
        assert schedule.fill_horizon(now) == 0


def test_what_was_left_out_stays_left_out_on_the_new_day(
    app: Flask, edit: Callable[..., Effect], now: datetime
) -> None:
    edit(SeriesEdit(changes=(Change(WEDNESDAYS[3], "skip", reason="Christmas"),)))
    assert rows(app, DATES) == WEDNESDAYS[:3] + WEDNESDAYS[4:]
    edit(ON_THURSDAYS)
    assert rows(app, DATES) == THURSDAYS[:3] + THURSDAYS[4:]


def test_a_booked_date_without_a_partner_stays_for_the_office_to_decide(
    app: Flask, make: Builders, edit: Callable[..., Effect], now: datetime
) -> None:
    booking = make.booking(on(app, WEDNESDAYS[5]), make.person("Ann"))
    make.booking(on(app, WEDNESDAYS[4]), make.person("Ben"), state=BookingState.GIVEN_UP)
    done = edit(SeriesEdit(rule=parse_rule("FREQ=WEEKLY;BYDAY=WE;COUNT=3")))
    assert done.leaves_booked == ((WEDNESDAYS[5], 1),)
    assert done.removed == (WEDNESDAYS[3], WEDNESDAYS[4])
    assert rows(app, DATES) == WEDNESDAYS[:3] + WEDNESDAYS[4:]
    assert rows(app, DIFFER) == [WEDNESDAYS[5]]
    assert rows(app, select(Booking.state).where(Booking.id == booking)) == [BookingState.BOOKED]


def test_a_date_put_on_its_own_day_stays_there(
    app: Flask, edit: Callable[..., Effect], now: datetime
) -> None:
    friday = date(2026, 12, 18)
    change(app, WEDNESDAYS[2], now, local_date=friday)
    edit(ON_THURSDAYS)
    assert rows(app, DATES) == sorted([*THURSDAYS[:2], friday, *THURSDAYS[3:]])
    edit(SeriesEdit(rule=parse_rule("FREQ=WEEKLY;BYDAY=TH;COUNT=1")))
    assert rows(app, DATES) == [THURSDAYS[0], friday]


def test_fewer_places_than_are_booked_are_refused_with_dates_and_counts(
    app: Flask, make: Builders, now: datetime, tea: int
) -> None:
    for name in ("Ann", "Ben"):
        make.booking(on(app, WEDNESDAYS[1]), make.person(name))
    with app.app_context():
        fewer, mark = SeriesEdit(places_room=1), seen_mark(db.session.get_one(Series, tea))
        assert effect_of(tea, fewer, None, now).too_few == ((WEDNESDAYS[1], Pool.ROOM, 2),)
        with pytest.raises(CapacityBelowBookings) as refused:
            deeds.change_series(tea, fewer, None, None, now, mark)
    assert "Wednesday 9 December 2026 (2)" in str(refused.value)
    assert "Ann" not in str(refused.value)
    assert rows(app, select(Series.places_room)) == [8]


def test_more_places_than_the_venue_holds_are_refused(
    app: Flask, edit: Callable[..., Effect], now: datetime
) -> None:
    write(app, update(Venue).values(capacity=10))
    edit(SeriesEdit(places_room=10))
    for places in (11, None):
        with pytest.raises(MoreThanTheVenueHolds):
            edit(SeriesEdit(places_room=places))
        with pytest.raises(MoreThanTheVenueHolds):
            change(app, WEDNESDAYS[0], now, places_room=places)


@pytest.mark.parametrize(
    ("what", "since"),
    [
        (SeriesEdit(end_time=time(13)), None),
        (SeriesEdit(start_time=time(16)), None),
        (SeriesEdit(discreet_name="Oncology"), None),
        (SeriesEdit(title=""), None),
        (SeriesEdit(places_room=0), None),
        (SeriesEdit(venue_id=None), None),
        (SeriesEdit(venue_id=2**40), None),
        (SeriesEdit(meeting_url="javascript:alert(1)"), None),
        (SeriesEdit(nation="France"), None),
        (SeriesEdit(audience="nobody"), None),
        (SeriesEdit(min_facilitators=-1), None),
        (SeriesEdit(starts_on=date(9999, 1, 1)), None),
        (SeriesEdit(programme="Hosts only"), None),
        (SeriesEdit(changes=(Change(WEDNESDAYS[0], "at", place="Nowhere"),)), None),
        (AT_TWO, date(2026, 12, 3)),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_half_saved(
    app: Flask, edit: Callable[..., Effect], what: SeriesEdit, since: date | None
) -> None:
    with pytest.raises(Refusal):
        edit(what, since)
    assert rows(app, STARTS) == [time(13, 30)] * 6


def test_an_own_end_before_the_new_start_names_the_date(
    app: Flask, edit: Callable[..., Effect], now: datetime
) -> None:
    change(app, WEDNESDAYS[1], now, end_time=time(14))
    with pytest.raises(Refusal, match="Wednesday 9 December 2026"):
        edit(SeriesEdit(start_time=time(14, 15), end_time=time(16)))


def test_going_online_takes_the_venue_from_every_date(app: Flask, edit: Callable[..., Effect]) -> None:
    edit(SeriesEdit(mode="online", places_online=20, meeting_url="https://meet.example.org/tea"))
    facts = select(ScheduledSession.mode, ScheduledSession.venue_id, ScheduledSession.places_room).distinct()
    assert rows(app, facts) == [(Mode.ONLINE, None, 0)]


def test_other_hosts_lead_all_dates_but_those_with_hosts_of_their_own(
    app: Flask, make: Builders, edit: Callable[..., Effect], now: datetime
) -> None:
    fay, gil = make.facilitator("Fay"), make.facilitator("Gil")
    change(app, WEDNESDAYS[1], now, host_ids=(gil,))
    done = edit(SeriesEdit(host_ids=(fay,)))
    assert done.stays_as_is == ((WEDNESDAYS[1], ("hosts",)),)
    led = select(SessionFacilitator.person_id).join(
        ScheduledSession, ScheduledSession.id == SessionFacilitator.session_id
    )
    assert rows(app, led.order_by(ScheduledSession.local_date)) == [fay, gil, fay, fay, fay, fay]


def test_somebody_who_hosts_nothing_does_not_lead(make: Builders, edit: Callable[..., Effect]) -> None:
    with pytest.raises(NotAHost):
        edit(SeriesEdit(host_ids=(make.person("Ann"),)))


def test_words_alone_are_nobodys_news(app: Flask, make: Builders, edit: Callable[..., Effect]) -> None:
    make.booking(on(app, WEDNESDAYS[0]), make.person("Ann"))
    done = edit(SeriesEdit(title="Tea by the river"))
    assert (done.dates, done.told) == (6, {})
    assert rows(app, select(Series.title, Series.discreet_name)) == [("Tea by the river", "Tea by the river")]
    assert rows(app, TOLD) == []


def test_a_stale_form_changes_nothing_and_twice_is_stale(app: Flask, edit: Callable[..., Effect]) -> None:
    with pytest.raises(StaleForm):
        edit(AT_TWO, seen="from yesterday")
    assert rows(app, STARTS) == [time(13, 30)] * 6


def test_a_series_that_is_not_there_is_not_changed(app: Flask, now: datetime) -> None:
    with app.app_context(), pytest.raises(NotFound):
        deeds.change_series(999, AT_TWO, None, None, now, "")


def test_who_changed_it_stands_in_the_audit_without_values(
    app: Flask, make: Builders, edit: Callable[..., Effect], tea: int
) -> None:
    ada = make.admin()
    edit(SeriesEdit(title="Tea with a secret"), actor=ada)
    asked = select(AuditEntry.actor_id, AuditEntry.subject, AuditEntry.fields)
    found = rows(app, asked.where(AuditEntry.action == "series changed"))
    assert found == [(ada, f"series:{tea}", "discreet_name, title")]


def test_wall_time_stays_when_a_series_goes_on_over_the_clock_change(
    app: Flask, edit: Callable[..., Effect]
) -> None:
    edit(SeriesEdit(rule=parse_rule("FREQ=WEEKLY;BYDAY=WE"), start_time=time(10)))
    starts = rows(app, select(ScheduledSession.starts_at).order_by(ScheduledSession.local_date))
    assert {at.hour for at in starts if at.date() < date(2027, 3, 28)} == {10}
    assert {at.hour for at in starts if at.date() > date(2027, 3, 28)} == {9}


def test_a_draft_is_planned_published_and_thrown_away(app: Flask, now: datetime) -> None:
    states = select(ScheduledSession.state).distinct()
    with app.app_context():
        drafted = [schedule.create_series(replace(PLAN, state="draft"), None, now) for _ in range(2)]
    assert rows(app, states) == [SessionState.DRAFT]
    with app.app_context():
        deeds.discard_draft(drafted[0], None, now)
        for _ in range(2):
            deeds.publish_series(drafted[1], None, now)
        with pytest.raises(Refusal):
            deeds.discard_draft(drafted[1], None, now)
    assert rows(app, states) == [SessionState.PUBLISHED]
    assert rows(app, select(Series.id)) == [drafted[1]]


def test_a_draft_whose_dates_are_over_is_not_published(app: Flask, now: datetime) -> None:
    with app.app_context():
        drafted = schedule.create_series(replace(PLAN, state="draft"), None, now)
        with pytest.raises(InThePast):
            deeds.publish_series(drafted, None, now.replace(year=2027, month=2))


def test_a_series_ends_and_what_nobody_booked_goes(app: Flask, tea: int, now: datetime) -> None:
    with app.app_context():
        done = deeds.end_series(tea, WEDNESDAYS[3], None, now)
    assert done.removed == tuple(WEDNESDAYS[4:])
    assert rows(app, DATES) == WEDNESDAYS[:4]


def test_a_series_does_not_end_over_the_heads_of_people(
    app: Flask, make: Builders, tea: int, now: datetime
) -> None:
    make.booking(on(app, WEDNESDAYS[5]), make.person("Ann"))
    with app.app_context(), pytest.raises(Refusal, match="Wednesday 6 January 2027"):
        deeds.end_series(tea, WEDNESDAYS[3], None, now)
    assert rows(app, DATES) == WEDNESDAYS


def test_a_course_has_all_its_weeks_at_once(app: Flask, now: datetime) -> None:
    weeks = parse_rule("FREQ=WEEKLY;BYDAY=WE;COUNT=60")
    with app.app_context():
        schedule.create_series(replace(PLAN, rule=weeks, enrol="course"), None, now)
    assert len(rows(app, DATES)) == 60
