"""The movement check-in: short questions, never a refusal, and her tutor alone keeps them in mind."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking import clock
from booking.models import AuditEntry, Booking, Consent, MovementCheckIn, Task
from booking.models.kinds import ConsentPurpose, PersonStatus, TaskKind
from booking.refusals import ConsentNeeded, NotFound
from booking.services import consent, movement
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words, write

HERE = "/me/movement"
KEPT = select(MovementCheckIn.person_id, MovementCheckIn.flags, MovementCheckIn.wants_call)
CALLS = select(Task.kind, Task.person_id, Task.words, Task.settled_by).order_by(Task.id)
LEDGER = select(Consent.purpose, Consent.withdrawn_at.is_(None)).order_by(Consent.id)
CALL = TaskKind.MOVEMENT_CALL


@pytest.fixture
def ann(make: Builders) -> int:
    return make.person("Ann")


@pytest.fixture
def her(client: FlaskClient, make: Builders, ann: int) -> FlaskClient:
    """Ann, signed in."""
    return make.sign_in(client, ann)


def test_ann_answers_and_only_flags_are_kept(app: Flask, her: FlaskClient, ann: int) -> None:
    answer = send(her, HERE, stay_seated="yes", floor="no", arm="no", agrees="y")
    assert "Thank you. Your answers are saved." in after(her, answer)
    assert rows(app, KEPT) == [(ann, "seated,no_floor", False)]
    assert rows(app, LEDGER) == [(ConsentPurpose.MOVEMENT, True)]
    assert rows(app, CALLS) == []


def test_every_question_may_be_skipped(app: Flask, her: FlaskClient, ann: int) -> None:
    assert send(her, HERE, agrees="y").status_code == 303
    assert rows(app, KEPT) == [(ann, "", False)]
    assert "nothing that the tutors of your movement classes need" in words(her.get(HERE))


def test_without_her_consent_nothing_is_kept_and_nothing_is_lost(app: Flask, her: FlaskClient) -> None:
    answer = send(her, HERE, floor="no")
    assert answer.status_code == 422
    assert "Tick the box if you agree" in words(answer)
    assert 'value="no" checked' in answer.text
    assert rows(app, KEPT) == []
    assert rows(app, LEDGER) == []


@pytest.mark.parametrize("wrong", ["maybe", "YES", "💜" * 5_000, "<b>"])
def test_an_answer_that_is_none_is_said_at_the_question(app: Flask, her: FlaskClient, wrong: str) -> None:
    assert send(her, HERE, floor=wrong, agrees="y").status_code == 422
    assert rows(app, KEPT) == []


def test_new_pain_asks_for_one_call_and_refuses_nothing(app: Flask, her: FlaskClient, ann: int) -> None:
    for _ in range(2):
        said = after(her, send(her, HERE, talk_first="yes", agrees="y"))
        assert "We will call you" in said
        assert "You can come all the same." in said
    assert rows(app, CALLS) == [(CALL, ann, "", None)]
    assert rows(app, KEPT) == [(ann, "", True)]


def test_after_the_call_a_new_pain_asks_for_another(app: Flask, her: FlaskClient, make: Builders) -> None:
    send(her, HERE, talk_first="yes", agrees="y")
    write(app, update(Task).values(settled_at=clock.now(), settled_by=make.admin("Ada")))
    send(her, HERE, talk_first="yes")
    assert len(rows(app, CALLS)) == 2


def test_she_corrects_what_she_said_and_is_not_asked_to_agree_twice(
    app: Flask, her: FlaskClient, ann: int
) -> None:
    send(her, HERE, arm="yes", agrees="y")
    page = her.get(HERE)
    assert "Arm care" in words(page)
    assert "I agree that you keep" not in page.text
    send(her, HERE, arm="no", unsteady="yes")
    assert rows(app, KEPT) == [(ann, "balance", False)]
    assert len(rows(app, LEDGER)) == 1


def test_she_deletes_what_she_said_and_the_call_with_it(app: Flask, her: FlaskClient, ann: int) -> None:
    send(her, HERE, arm="yes", talk_first="yes", agrees="y")
    for _ in range(2):
        assert "Your answers are deleted." in after(her, send(her, f"{HERE}/delete", page=HERE))
    assert rows(app, KEPT) == []
    assert rows(app, CALLS) == [(CALL, ann, "", ann)]
    assert rows(app, LEDGER) == [(ConsentPurpose.MOVEMENT, False)]


def test_the_audit_says_that_she_answered_and_never_what(app: Flask, her: FlaskClient, ann: int) -> None:
    send(her, HERE, arm="yes", talk_first="yes", agrees="y")
    noted = rows(app, select(AuditEntry.action, AuditEntry.fields).order_by(AuditEntry.id))
    assert noted == [("agreed", "movement 2026-11"), ("movement check-in saved", "")]


def test_her_answers_are_nobody_elses(app: Flask, her: FlaskClient, make: Builders, ann: int) -> None:
    ben = make.person("Ben")
    send(her, HERE, arm="yes", agrees="y", person_id=str(ben), person=str(ben))
    assert rows(app, KEPT) == [(ann, "arm_care", False)]
    bens = make.sign_in(app.test_client(), ben)
    assert "Arm care" not in words(bens.get(HERE))
    send(bens, f"{HERE}/delete", page=HERE)
    assert rows(app, KEPT) == [(ann, "arm_care", False)]


def test_a_stranger_is_sent_to_sign_in(app: Flask, client: FlaskClient) -> None:
    assert client.get(HERE).location == f"/sign-in?next={HERE}"
    assert send(client, HERE, page="/sign-in", agrees="y").status_code == 303
    assert rows(app, KEPT) == []


@pytest.mark.parametrize("status", [PersonStatus.DIED, PersonStatus.CLOSED, PersonStatus.MERGED])
def test_a_record_that_does_not_open_keeps_nothing_new(
    app: Flask, make: Builders, status: PersonStatus
) -> None:
    ann = make.person("Ann", status=status)
    with app.app_context(), pytest.raises(NotFound):
        movement.check_in(ann, {"talk_first": "yes"}, True, clock.now())
    assert rows(app, KEPT) + rows(app, CALLS) + rows(app, LEDGER) == []


def test_a_yes_taken_back_meanwhile_is_asked_for_again(app: Flask, her: FlaskClient, ann: int) -> None:
    send(her, HERE, arm="yes", agrees="y")
    with app.app_context():
        consent.withdraw(ann, ConsentPurpose.MOVEMENT, clock.now())
        with pytest.raises(ConsentNeeded):
            movement.check_in(ann, {"arm": "yes"}, False, clock.now())
    assert "I agree that you keep" in her.get(HERE).text
    assert rows(app, KEPT) == []


# Booking a movement class ------------------------------------------------------------------------


@pytest.fixture
def yoga(make: Builders) -> int:
    return make.session(make.series("Chair yoga", movement_check=True), starts_in=timedelta(days=3))


def book(client: FlaskClient, session_id: int) -> str:
    answer = send(client, f"/sessions/{session_id}/book", pool="room", seen="0")
    return str(answer.location)


def test_ann_books_first_and_is_asked_afterwards(app: Flask, her: FlaskClient, yoga: int) -> None:
    asked = book(her, yoga)
    assert asked == "/me/movement?next=/my-sessions"
    page = her.get(asked)
    assert "You have a place." in words(page)
    assert 'href="/my-sessions"' in page.text
    assert len(rows(app, select(Booking.id))) == 1


def test_answering_leads_her_back(her: FlaskClient, yoga: int) -> None:
    answer = send(her, book(her, yoga), floor="no", agrees="y", next="/my-sessions")
    assert answer.location == "/my-sessions"


@pytest.mark.parametrize("path", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_nobody_is_led_out_of_the_service(her: FlaskClient, path: str) -> None:
    answer = send(her, HERE, agrees="y", next=path)
    assert answer.location == "/me#movement"
    assert path not in her.get(f"{HERE}?next={path}").text


def test_while_it_is_missing_my_sessions_says_so_gently(her: FlaskClient, make: Builders, yoga: int) -> None:
    book(her, yoga)
    assert "Your tutor would like to offer what suits you." in words(her.get("/my-sessions"))
    send(her, HERE, agrees="y")
    assert "Your tutor would like" not in words(her.get("/my-sessions"))


def test_other_sessions_ask_nothing(her: FlaskClient, make: Builders, yoga: int) -> None:
    book(her, yoga)
    assert book(her, make.session()) == "/my-sessions"


def test_who_answered_of_late_is_not_asked_again(her: FlaskClient, make: Builders, yoga: int) -> None:
    send(her, HERE, agrees="y")
    assert book(her, yoga) == "/my-sessions"


def test_after_six_months_she_is_asked_again(
    her: FlaskClient, make: Builders, yoga: int, clock_at: Callable[[datetime], datetime]
) -> None:
    send(her, HERE, arm="yes", agrees="y")
    clock_at(clock.now() + timedelta(days=190))
    make.sign_in(her, 1)
    later = make.session(make.series("Pilates", movement_check=True), starts_in=timedelta(days=3))
    assert book(her, later).startswith(HERE)
    page = words(her.get(HERE))
    assert "so we ask you again" in page
    assert "Arm care" not in page


def test_who_gave_her_place_up_is_asked_nothing(app: Flask, her: FlaskClient, yoga: int) -> None:
    book(her, yoga)
    (booking,) = rows(app, select(Booking.id))
    send(her, f"/my-sessions/{booking}/give-up")
    assert "Your tutor would like" not in words(her.get("/my-sessions"))
