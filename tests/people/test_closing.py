"""Ann closes her account: nothing of her remains anywhere, and last year's numbers stay as they were."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing as closing_file
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock, worker
from booking.db import db
from booking.models import (
    AuditEntry,
    Booking,
    ContactPoint,
    EmailLink,
    Message,
    Person,
    PersonRole,
    ReversibleDeed,
    SessionFacilitator,
    SignIn,
    Task,
)
from booking.models.kinds import (
    Attendance,
    BookingState,
    DeedKind,
    LinkPurpose,
    MessageState,
    PersonStatus,
    Role,
    TaskKind,
)
from booking.queries import reports
from booking.refusals import LastAdmin, NotFound
from booking.services import closing, deaths_reported, people, privacy, reminders
from booking.services.reminders import Wish
from booking.services.steps import emptying, links, traces
from tests.letters.desk import Desk
from tests.people import story
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words
from tests.support.smtp import MailServer, mail_server

A_MINUTE = timedelta(seconds=60)
LINK = re.compile(r"/(?:sign-in|confirm|join|calendar)/\S{20,}")


@pytest.fixture(autouse=True)
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-08-06T12:00+01:00")


def close(app: Flask, person_id: int, actor_id: int | None = None) -> None:
    with app.app_context():
        closing.close_account(person_id, actor_id or person_id, clock.now())


def test_nothing_of_her_remains_in_any_table(app: Flask, make: Builders) -> None:
    ann = story.live(app, make).ann
    before = story.where_found(app)
    assert {"person.full_name", "message.recipient", "mailbox_letter.source", "email_link.next_path"} <= set(
        before
    )
    close(app, ann)
    assert story.where_found(app) == []


def test_nothing_of_her_stands_in_any_log_line_or_leaves_afterwards(app: Flask, make: Builders) -> None:
    with mail_server() as server, story.every_line() as lines:
        Desk(app, make).send_through(server.url)
        ann = story.live(app, make).ann
        sent = len(server.delivered)
        browser = make.sign_in(app.test_client(), ann)
        browser.get(f"/sessions?q={story.CANARY}")
        tokens = _tokens(server)
        for path in tokens:
            browser.get(path)
        send(browser, "/me/close")
        with app.app_context():
            worker.run_once()
    said = lines.getvalue().casefold()
    assert (sent >= 3, len(server.delivered)) == (True, sent)
    assert ("select" in said, "request" in said) == (True, True)
    assert [line for line in said.splitlines() if any(mark in line for mark in story.MARKS)] == []
    assert tokens
    assert [token for token in tokens if token.rpartition("/")[2].casefold() in said] == []
    assert story.where_found(app) == []


def _tokens(server: MailServer) -> set[str]:
    """Return the path of every link that a letter carried."""
    texts = [
        part.get_content() for sent in server.delivered for part in sent.message.walk() if _is_text(part)
    ]
    return {path for said in texts for path in LINK.findall(said)}


def _is_text(part: EmailMessage) -> bool:
    return part.get_content_type() == "text/plain"


CUTS = [
    (emptying, "forget_addresses", "email_link.address"),
    (emptying, "_blank", "person.full_name"),
    (emptying, "_blank_bookings", "queue_move.reason"),
    (emptying, "_settle", "task.words"),
    (emptying, "_delete", "emergency_contact.name"),
    (traces, "_blank_messages", "message.recipient"),
    (traces, "_forget_letters", "mailbox_letter.source"),
    (traces, "_forget_notes", "task.reply_to"),
]


@pytest.mark.parametrize(("room", "step", "left"), CUTS)
def test_the_search_finds_what_a_forgotten_step_would_leave(
    app: Flask, make: Builders, monkeypatch: pytest.MonkeyPatch, room: Any, step: str, left: str
) -> None:
    ann = story.live(app, make).ann
    monkeypatch.setattr(room, step, lambda *arguments: None)
    close(app, ann)
    assert left in story.where_found(app)


def _totals(app: Flask) -> object:
    with app.app_context():
        review = reports.Review(date(2025, 1, 1), date(2026, 8, 6), clock.now())
        return reports.figures(review), reports.by_month(review), reports.by_series(review)


def test_last_years_numbers_stay_as_they_were(app: Flask, make: Builders) -> None:
    ann = story.live(app, make).ann
    before = _totals(app)
    close(app, ann)
    assert _totals(app) == before


def test_her_places_to_come_are_given_up_and_nothing_is_written(app: Flask, make: Builders) -> None:
    lived = story.live(app, make)
    close(app, lived.ann)
    of_soon = select(Booking.state).where(Booking.session_id == lived.soon)
    assert rows(app, of_soon) == [BookingState.GIVEN_UP]
    waiting = select(Message.id).where(Message.state.in_((MessageState.WAITING, MessageState.SENDING)))
    assert rows(app, waiting) == []


def test_what_was_claimed_but_not_begun_is_withdrawn_and_what_began_is_left(
    app: Flask, make: Builders
) -> None:
    desk = Desk(app, make)
    desk.place()
    claimed, begun = (desk.post("booked", key=key) for key in ("claimed", "begun"))
    lease = {
        "state": MessageState.SENDING,
        "leased_by": "w",
        "leased_until": clock.now() + timedelta(seconds=60),
    }
    desk.change(Message, claimed, **lease)
    desk.change(Message, begun, **lease, began_at=clock.now())
    close(app, desk.person_id)
    assert (desk.state_of(claimed), desk.state_of(begun)) == (MessageState.WITHDRAWN, MessageState.SENDING)


def test_ann_closes_her_account_by_herself(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    page = words(make.sign_in(client, ann).get("/me/close"))
    assert "This can't be undone." in page
    assert "Download everything first" in page
    assert "Your account is closed." in after(client, send(client, "/me/close"))
    assert client.get("/me").status_code == 303
    assert rows(app, select(Person.status)) == [PersonStatus.CLOSED]
    assert rows(app, select(SignIn.id).where(SignIn.ended_at.is_(None))) == []
    entry = select(AuditEntry.actor_id, AuditEntry.subject, AuditEntry.fields)
    assert rows(app, entry.where(AuditEntry.action == "account closed")) == [(ann, f"person:{ann}", "")]


def test_looking_at_the_page_closes_nothing(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann")).get("/me/close")
    assert rows(app, select(Person.status)) == [PersonStatus.ACTIVE]


def test_closing_twice_is_closing_once(app: Flask, make: Builders) -> None:
    ann = make.person("Ann")
    for _ in range(2):
        close(app, ann)
    closed = select(AuditEntry.id).where(AuditEntry.action == "account closed")
    assert len(rows(app, closed)) == 1


@pytest.mark.parametrize("status", [PersonStatus.DIED, PersonStatus.MERGED])
def test_a_record_that_does_not_open_is_not_closed(app: Flask, make: Builders, status: PersonStatus) -> None:
    ann = make.person("Ann", status=status)
    with pytest.raises(NotFound):
        close(app, ann)
    assert rows(app, select(Person.known_as)) == ["Ann"]


def test_nobody_is_nobody(app: Flask) -> None:
    with pytest.raises(NotFound):
        close(app, 77)


def test_the_office_closes_it_for_her(app: Flask, make: Builders) -> None:
    ann, ada = make.person("Ann"), make.admin("Ada")
    close(app, ann, ada)
    actor = select(AuditEntry.actor_id).where(AuditEntry.action == "account closed")
    assert rows(app, actor) == [ada]


def test_ben_who_shares_her_address_keeps_everything(app: Flask, make: Builders) -> None:
    ben = make.person("Ben", email="family@example.org")
    ann = story.live(app, make, email="family@example.org").ann
    close(app, ann)
    assert story.where_found(app) == []
    assert rows(app, select(ContactPoint.person_id, ContactPoint.written)) == [(ben, "family@example.org")]
    assert "family@example.org" in rows(app, select(EmailLink.address))


def test_the_last_admin_can_not_leave_the_office_without_a_key(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ada = make.admin("Ada")
    answer = send(make.sign_in(client, ada), "/me/close")
    assert answer.status_code == 422
    assert "Make somebody else an admin first" in words(answer)
    with pytest.raises(LastAdmin):
        close(app, ada)
    make.admin("Amy")
    close(app, ada)
    assert len(rows(app, select(PersonRole.id))) == 1


def test_a_host_who_goes_leads_no_date_to_come(app: Flask, make: Builders) -> None:
    fay = make.facilitator("Fay")
    make.session(led_by=(fay,))
    past = make.session(starts_in=timedelta(days=-3), led_by=(fay,))
    close(app, fay)
    assert rows(app, select(SessionFacilitator.session_id)) == [past]


def test_what_was_merged_into_her_record_goes_with_it(app: Flask, make: Builders) -> None:
    ann, other = make.person("Ann"), make.person("Annie", status=PersonStatus.MERGED)
    with app.app_context():
        db.session.add(
            ReversibleDeed(
                kind=DeedKind.MERGED, person_id=ann, other_person_id=other, done_at=clock.now(), done_by=ann
            )
        )
        db.session.commit()
    close(app, ann)
    statuses = select(Person.full_name, Person.status).order_by(Person.id)
    assert rows(app, statuses) == [("", PersonStatus.CLOSED), ("", PersonStatus.MERGED)]


def test_what_was_to_be_done_about_her_is_off_the_lists(app: Flask, make: Builders) -> None:
    ann = story.live(app, make).ann
    close(app, ann)
    open_ones = select(Task.person_id).where(Task.settled_at.is_(None))
    # The complaint, and the notes about her son.
    assert set(rows(app, open_ones)) == {ann, None}


def test_a_complaint_stays_for_a_human_with_its_day_and_without_its_words(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ann = story.live(app, make).ann
    close(app, ann)
    complaint = select(Task.words, Task.due_on, Task.settled_at).where(Task.kind == TaskKind.COMPLAINT)
    assert rows(app, complaint) == [("", date(2026, 9, 5), None)]
    said = words(make.sign_in(client, make.admin("Ada")).get("/office/tasks"))
    assert "Answer by Saturday 5 September 2026, 30 days left" in said
    assert "Whoever complained has closed the account since" in said


@pytest.mark.parametrize("page", ["/me/close", "/office/people/{ann}/close"])
def test_the_page_says_what_becomes_of_a_complaint(
    app: Flask, client: FlaskClient, make: Builders, page: str
) -> None:
    ann = make.person("Ann", roles=(Role.ADMIN,))
    browser, path = make.sign_in(client, ann), page.format(ann=ann)
    assert "complaint" not in words(browser.get(path))
    with app.app_context():
        privacy.complain(ann, "You wrote twice.", clock.now())
    assert "complaint" in words(browser.get(path))


def test_what_she_wrote_about_her_son_keeps_its_sense_without_her(app: Flask, make: Builders) -> None:
    close(app, story.live(app, make).ann)
    notes = select(Task.words, Task.reply_to).where(Task.kind == TaskKind.DEATH_REPORTED).order_by(Task.id)
    assert rows(app, notes) == [
        ("My son", ""),
        ("My son Kim\nLove, […]", ""),
        ("My son Kim. […] […], <[…]>.", ""),
    ]


def test_a_living_namesake_keeps_her_name_in_a_note(app: Flask, make: Builders) -> None:
    ann = make.person("Ann", full_name="Ann Éxample")
    make.person("Annie", full_name="ANN EXAMPLE")
    with app.app_context():
        deaths_reported.report_death("Ann Example", "on Monday", "Carl", "carl@example.org", clock.now())
    close(app, ann)
    assert rows(app, select(Task.words, Task.reply_to)) == [
        ("Ann Example\non Monday", "Carl, carl@example.org")
    ]


def test_ben_may_still_confirm_the_address_that_ann_leaves(app: Flask, make: Builders) -> None:
    ann, ben = make.person("Ann", email="family@example.org"), make.person("Ben")
    with app.app_context():
        link = links.make(LinkPurpose.CHANGE_EMAIL, "family@example.org", "", clock.now(), ben)
        db.session.commit()
        link_id = link.id
    close(app, ann)
    assert rows(app, select(EmailLink.address).where(EmailLink.id == link_id)) == ["family@example.org"]


@pytest.mark.parametrize("status", [PersonStatus.CLOSED, PersonStatus.DIED, PersonStatus.MERGED])
def test_nothing_is_written_into_a_record_that_is_over(
    app: Flask, make: Builders, status: PersonStatus
) -> None:
    ann = make.person("Ann", status=status)
    with app.app_context():
        for write in (
            lambda: reminders.save(ann, Wish(False, True), clock.now()),
            lambda: people.save_access_needs(ann, "I lip-read.", clock.now()),
            lambda: privacy.complain(ann, "You wrote twice.", clock.now()),
        ):
            with pytest.raises(NotFound):
                write()
    assert rows(app, select(Person.access_needs, Person.remind_two_days)) == [("", True)]
    assert rows(app, select(Task.id)) == rows(app, select(AuditEntry.id)) == []


def test_her_old_links_open_nothing(app: Flask, make: Builders) -> None:
    ann = story.live(app, make).ann
    close(app, ann)
    assert (
        rows(app, select(EmailLink.id).where(EmailLink.expires_at > clock.now(), EmailLink.address != ""))
        == []
    )


@pytest.mark.parametrize(
    "page", ["/host/sessions/{past}", "/host/sessions/{past}/print", "/office/sessions/{past}"]
)
def test_a_register_of_the_past_says_that_the_name_is_removed(app: Flask, make: Builders, page: str) -> None:
    ann, fay = make.person("Ann"), make.person("Fay", roles=(Role.FACILITATOR, Role.ADMIN))
    past = make.session(starts_in=timedelta(hours=-3), led_by=(fay,))
    make.booking(past, ann, attendance=Attendance.CAME)
    close(app, ann)
    browser = make.sign_in(app.test_client(), fay)
    assert "Name removed" in words(browser.get(page.format(past=past)))


def test_the_numbers_behind_a_name_that_is_removed(app: Flask, make: Builders) -> None:
    ann, ada = make.person("Ann"), make.admin("Ada")
    make.booking(make.session(starts_in=timedelta(days=-3)), ann, attendance=Attendance.CAME)
    close(app, ann)
    page = make.sign_in(app.test_client(), ada).get("/office/attendance/rows?counted=attendances")
    assert "Name removed" in words(page)


def test_nothing_of_her_lingers_in_the_file_of_the_database(app: Flask, make: Builders) -> None:
    ann = story.live(app, make).ann
    close(app, ann)
    with app.app_context():
        url = db.engine.url
        if url.get_backend_name() == "sqlite":
            with closing_file(sqlite3.connect(str(url.database))) as file:
                file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            held = Path(str(url.database)).read_bytes().lower()
            assert [mark for mark in story.MARKS if mark.encode() in held] == []
