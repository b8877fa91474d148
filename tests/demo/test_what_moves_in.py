"""The sample season is a charity's year: its numbers, its people, and nothing that the doctor would name."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from booking.db import Base, db
from booking.demo.fill import Filled
from booking.queries import upkeep
from booking.rules.wordings import current_version
from booking.services import messages, schedule
from tests.demo.conftest import NOW

# One process fills each database once; elsewhere every process would do it again.
pytestmark = pytest.mark.xdist_group("demo")
FIRST_TIMES = """
    SELECT count(*), count(DISTINCT CASE WHEN s.starts_utc = f.first_utc THEN b.person_id END)
      FROM v_booking b JOIN v_session s ON s.id = b.session_id
      LEFT JOIN (SELECT b.person_id, min(s.starts_utc) AS first_utc
                   FROM v_booking b JOIN v_session s ON s.id = b.session_id
                  WHERE b.attendance IN ('came', 'joined_online', 'part', 'walked_in')
                  GROUP BY b.person_id) f ON f.person_id = b.person_id
     WHERE b.attendance IN ('came', 'joined_online', 'part', 'walked_in')"""
TAKEN = """
    SELECT s.id FROM v_session s JOIN v_booking b ON b.session_id = s.id
     WHERE b.pool = '{pool}' AND b.state IN ('held', 'provisional', 'booked', 'offered')
     GROUP BY s.id, s.places_{pool} HAVING sum(b.party_size) > s.places_{pool}"""
UPCOMING = """
    SELECT s.series_key FROM v_booking b JOIN v_session s ON s.id = b.session_id
      JOIN v_person p ON p.id = b.person_id
     WHERE p.email = :email AND b.state = 'booked' AND s.starts_utc > :now ORDER BY s.starts_utc"""


def rows(app: Flask, sql: str, **values: Any) -> list[Any]:
    with app.app_context():
        return list(db.session.execute(text(sql), values))


def everything(app: Flask) -> dict[str, list[tuple[object, ...]]]:
    with app.app_context():
        return {
            table.name: [tuple(row) for row in db.session.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
        }


def count(app: Flask, table: str, condition: str = "1 = 1") -> int:
    return int(rows(app, f"SELECT count(*) FROM {table} WHERE {condition}")[0][0])


def past(condition: str) -> str:
    started = f"SELECT id FROM v_session WHERE starts_utc < '{NOW:%Y-%m-%d}'"
    return f"session_id IN ({started}) AND {condition}"


def test_about_four_hundred_people_and_what_is_said_is_there(season: Flask, filled: Filled) -> None:
    assert 380 <= filled.people == count(season, "v_person") <= 420
    assert filled.sessions == count(season, "v_session")
    assert filled.bookings == count(season, "v_booking")


@pytest.mark.parametrize(
    ("email", "is_host", "is_admin", "who"),
    [
        ("ann@example.org", False, False, "patient"),
        ("ben@example.org", False, False, "patient"),
        ("fay@example.org", True, False, "patient"),
        ("gil@example.org", True, False, "patient"),
        ("ada@example.org", False, True, "other"),
    ],
)
def test_the_people_of_the_contract(
    season: Flask, email: str, is_host: bool, is_admin: bool, who: str
) -> None:
    found = rows(
        season,
        "SELECT v.status, is_facilitator, is_admin, who FROM v_person v JOIN person p ON p.id = v.id"
        " WHERE email = :email",
        email=email,
    )
    assert [tuple(row) for row in found] == [("active", is_host, is_admin, who)]


def test_about_eighteen_in_a_hundred_give_up(season: Flask) -> None:
    booked = count(season, "v_booking", past("attendance <> 'walked_in'"))
    given_up = count(season, "v_booking", past("state = 'given_up'"))
    assert 0.16 <= given_up / booked <= 0.20


def test_of_those_who_kept_their_place_some_did_not_come(season: Flask) -> None:
    missed = count(season, "v_booking", "attendance = 'did_not_come'")
    came = count(season, "v_booking", "attendance IN ('came', 'joined_online', 'part')")
    assert 0.12 <= missed / (missed + came) <= 0.20


def test_about_one_in_ten_comes_for_the_first_time_all_year_long(season: Flask) -> None:
    [(came, first)] = rows(season, FIRST_TIMES)
    [(lately, first_lately)] = rows(season, f"{FIRST_TIMES} AND s.starts_utc >= '2026-09-01'")
    assert 0.08 <= first / came <= 0.12
    assert 0.04 <= first_lately / lately <= 0.12


def test_a_register_knows_every_answer(season: Flask) -> None:
    kept = past("state = 'booked'")
    seen = {row[0] for row in rows(season, f"SELECT attendance FROM v_booking WHERE {kept}")}
    assert seen == {"not_recorded", "came", "joined_online", "part", "walked_in", "did_not_come"}
    assert count(season, "v_booking", "attendance = 'walked_in' AND person_id IS NULL") > 0
    assert count(season, "v_booking", "attendance = 'walked_in' AND person_id IS NOT NULL") > 0
    assert count(season, "booking", "walk_in_name <> ''") > 0
    assert count(season, "v_session", f"state = 'cancelled' AND starts_utc < '{NOW:%Y-%m-%d}'") > 0


def test_nothing_is_oversold_though_some_sessions_are_full(season: Flask) -> None:
    assert rows(season, TAKEN.format(pool="room")) == []
    assert rows(season, TAKEN.format(pool="online")) == []
    full = TAKEN.replace("> s.places", "= s.places").format(pool="room")
    assert len(rows(season, f"{full} AND min(s.starts_utc) > :now", now=NOW.replace(tzinfo=None))) > 0


def test_ann_and_ben_have_something_to_come_to(season: Flask) -> None:
    now = NOW.replace(tzinfo=None)
    ann = [row[0] for row in rows(season, UPCOMING, email="ann@example.org", now=now)]
    ben = [row[0] for row in rows(season, UPCOMING, email="ben@example.org", now=now)]
    assert ann[0] == "manchester"
    assert {"singing", "online-morning"} <= set(ann)
    assert len(ben) >= 2
    assert "manchester" not in ben


def test_fay_leads_manchester_and_everything_is_led_by_somebody(season: Flask) -> None:
    led = rows(
        season,
        "SELECT count(*), count(f.id) FROM v_session s LEFT JOIN session_facilitator f ON f.session_id = s.id"
        " AND f.person_id = (SELECT id FROM v_person WHERE email = 'fay@example.org')"
        " WHERE s.series_key = 'manchester'",
    )
    assert led[0][0] == led[0][1] > 12
    assert count(season, "v_session", "id NOT IN (SELECT session_id FROM session_facilitator)") == 0


def test_ann_waits_behind_somebody_and_ben_is_kept_a_place(season: Flask) -> None:
    queue = rows(
        season,
        "SELECT v.email FROM booking b JOIN v_person v ON v.id = b.person_id JOIN v_session s"
        " ON s.id = b.session_id WHERE b.state = 'waiting' AND s.series_key = 'online-evening'"
        " ORDER BY b.queue_at",
    )
    assert [row[0] for row in queue].index("ann@example.org") == 1
    asked = rows(season, "SELECT person_id, held_until, times_offered FROM booking WHERE state = 'offered'")
    ben = rows(season, "SELECT id FROM v_person WHERE email = 'ben@example.org'")
    assert [(row[0], row[2]) for row in asked] == [(ben[0][0], 1)]
    assert str(asked[0][1]) > f"{NOW:%Y-%m-%d %H:%M}"


def test_people_wait_only_where_it_is_full_and_some_bring_somebody(season: Flask) -> None:
    waited = "SELECT session_id FROM v_booking WHERE state = 'waiting'"
    full = TAKEN.replace("> s.places", "= s.places")
    full_ids = {row[0] for pool in ("room", "online") for row in rows(season, full.format(pool=pool))}
    assert {row[0] for row in rows(season, waited)} <= full_ids
    assert len({row[0] for row in rows(season, waited)}) == 3
    assert count(season, "booking", "companion_name <> '' AND party_size = 2") > 3
    assert count(season, "booking", "(companion_name <> '') <> (party_size = 2)") == 0


def test_one_person_of_the_small_circle_waits_for_a_call(season: Flask) -> None:
    kept = "SELECT DISTINCT person_id FROM booking WHERE state = 'provisional'"
    calls = rows(season, "SELECT person_id FROM task WHERE kind = 'welcome_call' AND settled_at IS NULL")
    assert [row[0] for row in calls] == [row[0] for row in rows(season, kept)]
    assert len(calls) == 1


def test_names_and_lives_are_as_various_as_people(season: Flask) -> None:
    names = " ".join(row[0] for row in rows(season, "SELECT full_name || ' ' || known_as FROM person"))
    assert all(sign in names for sign in ("'", "ŵ", "ŷ", "í", "ش", "🌻"))
    statuses = {row[0] for row in rows(season, "SELECT status FROM v_person")}
    assert statuses == {"active", "died", "paused", "unproven"}
    assert 15 <= count(season, "v_person", "email IS NULL") <= 40
    living = "SELECT email FROM v_person WHERE status = 'active' AND email IS NOT NULL"
    assert len(rows(season, f"{living} GROUP BY email HAVING count(*) > 1")) >= 5


def test_everybody_agreed_to_the_wording_of_today(season: Flask) -> None:
    kept = f"purpose = 'keep_details' AND wording_version = '{current_version('keep_details')}'"
    assert count(season, "consent", kept) == count(season, "v_person")


def test_whoever_died_or_never_proved_an_address_has_no_place_to_come_to(season: Flask) -> None:
    live = (
        "state = 'booked' AND session_id IN (SELECT id FROM v_session WHERE starts_utc > '2026-11-24 08:30')"
    )
    gone = "person_id IN (SELECT id FROM v_person WHERE status IN ('died', 'unproven'))"
    assert count(season, "v_booking", f"{live} AND {gone}") == 0


def test_nothing_happened_before_its_time_or_after_now(season: Flask) -> None:
    now = f"'{NOW:%Y-%m-%d %H:%M}'"
    assert count(season, "booking", f"created_at > {now} OR state_at > {now} OR state_at < created_at") == 0
    assert count(season, "attendance_mark", f"marked_at > {now}") == 0
    assert count(season, "audit_entry", f"at > {now}") == 0
    early = "booking b JOIN person p ON p.id = b.person_id"
    assert count(season, early, "p.created_at > b.created_at") == 0


def test_the_doctor_has_nothing_to_say(season: Flask) -> None:
    with season.app_context():
        assert upkeep.problems() == []


def test_nobody_is_written_to_and_no_date_is_missing(season: Flask) -> None:
    with season.app_context():
        assert messages.lay_out_reminders(NOW) == 0
        assert schedule.fill_horizon(NOW) == 0
    assert count(season, "v_message", "state <> 'sent' OR kind <> 'reminder' OR sent_utc IS NULL") == 0
    assert count(season, "v_message") > 0


def test_progress_ends_where_it_said_it_would(season: Flask) -> None:
    told = season.extensions["tests.told"]
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    assert told[-2][1] <= 1.05 * told[-1][1]


def test_the_command_on_the_same_day_brings_the_same_rows(season: Flask, commanded: Flask) -> None:
    assert everything(season) == everything(commanded)


def test_the_command_says_what_it_brought_and_refuses_the_second_time(commanded: Flask) -> None:
    first, second = commanded.extensions["tests.runs"]
    assert (first.returncode, second.returncode) == (0, 1)
    assert first.stdout.startswith("400 people, ")
    assert first.stdout.endswith("All is well.\n")
    assert "rows/s" in first.stderr
    assert second.stderr == "The database is not empty, so the sample season was not moved in.\n"
    assert second.stdout == ""
