"""The equality questions: why is said first, each may be skipped, and all of it can be deleted."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from booking import clock
from booking.models import Consent, EqualityAnswers
from booking.models.kinds import ConsentPurpose
from booking.rules import equality
from booking.services import consent
from booking.web.accounts.details_forms import EqualityForm
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words

KEPT = select(EqualityAnswers.person_id, EqualityAnswers.age_band, EqualityAnswers.ethnicity)
LIVE = select(func.count()).where(Consent.purpose == ConsentPurpose.EQUALITY, Consent.withdrawn_at.is_(None))
SKIPPED = dict.fromkeys(equality.ANSWERS, "")
SOME = SKIPPED | {"age_band": "45-54"}
PAGE = "/me/equality"


def test_the_page_says_why_and_chooses_nothing_for_her(client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    page = client.get(PAGE)
    assert "help us to see whether our sessions reach everybody" in words(page)
    assert words(page).count("Prefer not to say") == len(equality.ANSWERS)
    assert page.text.count(" checked") == len(equality.ANSWERS)


def test_the_form_offers_every_answer_there_is(app: Flask) -> None:
    with app.test_request_context("/"):
        form = EqualityForm()
        for name, answers in equality.ANSWERS.items():
            assert tuple(choice.value for choice in form[name].choices) == (*answers, "")


def test_some_answers_are_kept_with_her_consent(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    make.sign_in(client, ann)
    assert "You answered them" in after(client, send(client, PAGE, **SOME, agrees="y"))
    assert (rows(app, KEPT), rows(app, LIVE)) == ([(ann, "45-54", "")], [1])


def test_without_her_consent_nothing_is_kept_or_lost(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    answer = send(client, PAGE, **SOME)
    assert (answer.status_code, "Tick the box if you agree" in words(answer)) == (422, True)
    assert 'value="45-54" checked' in answer.text
    assert (rows(app, KEPT), rows(app, LIVE)) == ([], [0])


def test_the_tick_is_asked_for_once(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    make.sign_in(client, ann)
    send(client, PAGE, **SOME, agrees="y")
    assert "I agree that you keep" not in words(client.get(PAGE))
    assert send(client, PAGE, **SKIPPED | {"ethnicity": "mixed"}).status_code == 303
    assert rows(app, KEPT) == [(ann, "", "mixed")]


def test_skipping_all_of_it_keeps_nothing(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    assert send(client, PAGE, **SKIPPED).status_code == 303
    send(client, PAGE, **SOME, agrees="y")
    send(client, PAGE, **SKIPPED)
    assert (rows(app, KEPT), rows(app, LIVE)) == ([], [0])


def test_one_button_deletes_anns_answers_and_not_bens(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ann, ben = make.person("Ann"), make.person("Ben")
    other = make.sign_in(app.test_client(), ben)
    for browser in (make.sign_in(client, ann), other):
        send(browser, PAGE, **SOME, agrees="y", person_id=str(ann))
    for _ in range(2):
        assert "deleted" in after(client, send(client, "/me/equality/delete", page=PAGE))
    assert (rows(app, KEPT), rows(app, LIVE)) == ([(ben, "45-54", "")], [1])


def test_taking_the_consent_back_deletes_the_answers(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    send(make.sign_in(client, ann), PAGE, **SOME, agrees="y")
    with app.app_context():
        consent.withdraw_spoken(ann, ConsentPurpose.EQUALITY, make.admin("Ada"), clock.now())
    assert rows(app, KEPT) == []


def test_an_answer_that_is_none_is_refused(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    assert send(client, PAGE, **SOME | {"gender": "a diagnosis"}, agrees="y").status_code == 422
    assert rows(app, KEPT) == []
