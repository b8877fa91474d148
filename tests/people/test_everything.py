"""No table is forgotten in what somebody may download: each column about a person is there, or says why."""

import json
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Column

from booking.db import Base
from booking.models import LetterWording, kinds
from booking.queries.privacy import PARTS
from booking.web.accounts import rights_words
from booking.web.accounts.kept_words import KEPT
from tests.people import story
from tests.support.builders import Builders
from tests.support.pages import send, words

# Which part of the file a table stands in; its columns have there the name they have here.
STANDS_IN = {
    "person": "you",
    "contact_point": "contacts",
    "emergency_contact": "emergency_contact",
    "equality_answers": "equality",
    "movement_check_in": "movement",
    "consent": "agreements",
    "booking": "bookings",
    "enrolment": "courses",
    "queue_move": "moved_up",
    "attendance_mark": "register",
    "message": "messages",
    "call_note": "calls",
    "bounce": "bounces",
    "sign_in": "sign_ins",
    "email_link": "links",
    "password": "password",
    "second_factor": "second_factor",
    "recovery_code": "recovery_codes",
    "task": "tasks",
    "person_role": "roles",
    "session_facilitator": "sessions_led",
    "series_facilitator": "series_led",
    "cover_request": "cover",
    "announcement": "written",
    "calendar_feed": "calendars",
    "reversible_deed": "merges",
    "audit_entry": "changes",
}
SAID_OTHERWISE = {
    "booking.session_id": "its session's title and time are there",
    "attendance_mark.booking_id": "its session's title and time are there",
    "cover_request.session_id": "its session's title and time are there",
    "cover_request.covered_by": "whoever stepped in finds the session among those she leads",
    "announcement.session_id": "its session's title and time are there",
    "announcement.author_id": "it is she who wrote it",
    "session_facilitator.session_id": "its session's title and time are there",
    "series_facilitator.series_id": "its series' title is there",
    "call_note.message_id": "the message's kind is there",
    "bounce.message_id": "the message's kind is there",
    "booking.enrolment_id": "the courses stand in a part of their own",
    "booking.queue_at": "the day she joined is there, and each time the office moved her up",
    "booking.swap_for_id": "the place she keeps meanwhile stands among her bookings",
    "queue_move.booking_id": "its session's title and time are there",
    "enrolment.series_id": "its course's title is there",
    "enrolment.made_by": "said as: you, the office or the service",
    "booking.booked_by": "said as: you, the office or the service",
    "attendance_mark.marked_by": "said as: you or a host",
    "audit_entry.actor_id": "said as: you, the office or the service; what she did herself stands in deeds",
    "audit_entry.subject": "it is her own record",
}
OTHER_PEOPLE = {
    "consent.recorded_by",
    "call_note.noted_by",
    "queue_move.moved_by",
    "person_role.given_by",
    "reversible_deed.done_by",
    "reversible_deed.undone_by",
    "reversible_deed.other_person_id",
    "task.for_person_id",
    "task.settled_by",
    "task.booking_id",
    "task.series_id",
    "task.session_id",
}
# A copy of a key would open something; the days on which it was made and used are there.
SECRETS = {
    "person.mail_nonce",
    "booking.nonce",
    "enrolment.nonce",
    "calendar_feed.nonce",
    "email_link.nonce",
    "second_factor.nonce",
    "recovery_code.nonce",
    "password.hashed",
    "sign_in.public_id",
}
# What the office did to dates is about the season; that she did it stands among her own deeds.
OF_THE_SEASON = {
    f"season_deed.{name}" for name in ("kind", "reason", "done_at", "done_by", "undone_at", "undone_by")
}
# What the office did about all messages; that she did it stands among her own deeds.
OF_ALL_MESSAGES = {
    f"outgoing_stop.{name}" for name in ("stopped_at", "stopped_by", "resumed_at", "resumed_by")
} | {f"letter_wording.{column.name}" for column in LetterWording.__table__.columns if column.name != "id"}
MACHINERY = {
    "person.search_key",
    "person.turns",
    "contact_point.key",
    "email_link.address_key",
    "booking.told_version",
    "booking.rests",
    "booking.revision",
    "queue_move.was_at",
    "booking.instead_of_id",
    "second_factor.last_step",
    "message.dedupe_key",
    "message.booking_id",
    "message.link_id",
    "message.season_deed_id",
    "message.schedule_version",
    "message.attempts",
    "message.useless_at",
    "message.leased_by",
    "message.leased_until",
    "message.began_at",
    "message.why",
    "message.message_id",
    "message.session_id",
    "message.about_on",
    "message.announcement_id",
    "message.joined_to_id",
    "message.again_of_id",
    "bounce.address_key",
}


@pytest.fixture(autouse=True)
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-08-06T12:00+01:00")


def _touching() -> list[Column[object]]:
    """Return every column of the person, and of every table that names one."""
    person = Base.metadata.tables["person"]
    tables = [
        table
        for table in Base.metadata.sorted_tables
        if table is person or any(key.column.table is person for key in table.foreign_keys)
    ]
    return [column for table in tables for column in table.columns if not column.primary_key]


def _is_there(column: Column[object], columns: dict[str, list[str]]) -> bool:
    name = f"{column.table.name}.{column.name}"
    elsewhere = SAID_OTHERWISE.keys() | OTHER_PEOPLE | SECRETS | OF_THE_SEASON | OF_ALL_MESSAGES | MACHINERY
    if column.name == "person_id" or name in elsewhere:
        return True
    return column.name in columns.get(STANDS_IN.get(column.table.name, ""), [])


def _columns() -> dict[str, list[str]]:
    return {name: [column.name for column in ask([1]).selected_columns] for name, ask in PARTS.items()}


def test_every_column_that_touches_a_person_is_in_the_file_or_says_why() -> None:
    columns = _columns()
    assert [str(column) for column in _touching() if not _is_there(column, columns)] == []


def test_a_table_of_tomorrow_would_be_missed() -> None:
    assert not _is_there(_touching()[0], {})


def test_no_reason_is_stale() -> None:
    known = {str(column) for column in _touching()}
    assert (SAID_OTHERWISE.keys() | OTHER_PEOPLE | SECRETS | OF_THE_SEASON | MACHINERY) - known == set()


def test_every_part_and_every_fact_has_its_words() -> None:
    assert rights_words.PARTS.keys() == PARTS.keys()
    assert {name for names in _columns().values() for name in names} == rights_words.FACTS.keys()


@pytest.mark.parametrize("kind", list(KEPT))
def test_every_word_that_a_row_may_hold_is_said(kind: type[StrEnum]) -> None:
    assert set(KEPT[kind]) == set(kind)
    assert kind.__name__ in vars(kinds)


def test_her_story_stands_whole_in_the_file_and_on_the_page(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    browser = make.sign_in(client, story.live(app, make).ann)
    kept = json.loads(send(browser, "/me/download").data)["everything_about_you"]
    empty = {name for name, entries in kept.items() if not entries}
    of_others = {
        "register",
        "calls",
        "bounces",
        "roles",
        "courses",
        "sessions_led",
        "series_led",
        "cover",
        "written",
        "calendars",
        "merges",
    }
    assert empty == of_others
    page = words(browser.get("/me/download"))
    assert all(str(rights_words.PARTS[name]) in page for name in kept)
    for fact in (f"{story.CANARY} needs", story.PHONE, f"{story.CANARY} is not content", "Seated options"):
        assert fact in json.dumps(kept, ensure_ascii=False) + page


def test_no_key_stands_in_the_file(app: Flask, client: FlaskClient, make: Builders) -> None:
    browser = make.sign_in(client, story.live(app, make).ann)
    assert "nonce" not in send(browser, "/me/download").text
    assert f"hash {story.CANARY}" not in send(browser, "/me/download").text
