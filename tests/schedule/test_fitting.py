"""Is this group for me: the page, and that nothing of the answers stays anywhere."""

import json
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.db import db
from booking.models.kinds import Audience, Mode, SessionState
from booking.web import logs
from tests.house.rows import everything
from tests.support.builders import Builders
from tests.support.databases import settings_for_tests
from tests.support.pages import send, words

PAGE = "/sessions/for-me"
ANYTHING = {"situation": "either", "wish": "either", "where": "either"}
ON = date(2026, 11, 25)


@pytest.fixture
def season(make: Builders) -> None:
    """A tea for patients, a circle for those newly told, and a class for everybody."""
    classes = make.programme("Wellbeing classes", facilitator_word="tutor", tone="class")
    make.session(make.series("Tea Leeds", audience=Audience.PATIENTS), on=ON)
    make.session(make.series("Wednesday circle", mode=Mode.ONLINE, suits="newly_told"), on=ON)
    make.session(make.series("Singing", mode=Mode.ONLINE, programme_id=classes), on=ON)


@pytest.fixture
def as_in_production(app: Flask) -> Iterator[None]:
    logs.configure(settings_for_tests("sqlite://", app_env="production", log_level="INFO"))
    yield
    logs.configure(settings_for_tests("sqlite://"))


def parts(client: FlaskClient, **said: str) -> tuple[str, str]:
    """What fits, and what does not, as the page says it."""
    page = words(send(client, PAGE, **(ANYTHING | said)))
    fits, _, others = page.partition("why ")
    return fits, others


@pytest.mark.usefixtures("season")
def test_somebody_newly_told_finds_the_circle_made_for_her(client: FlaskClient) -> None:
    fits, others = parts(client, situation="newly_told", where="home")
    assert "Wednesday circle Made for people who have been told recently." in fits
    assert "Next: Wednesday 25 November, 1:30pm" in fits
    assert "Tea Leeds It meets in a room: Friends' Meeting House." in others


@pytest.mark.usefixtures("season")
def test_a_friend_hears_kindly_which_groups_are_not_for_her(client: FlaskClient) -> None:
    fits, others = parts(client, situation="supporting")
    assert "Singing Family and friends are welcome here." in fits
    assert "Tea Leeds For people who live with secondary breast cancer themselves." in others
    assert "Wednesday circle Made for people who have been told recently." in others


@pytest.mark.usefixtures("season")
def test_whoever_wants_something_to_do_finds_the_class(client: FlaskClient) -> None:
    fits, others = parts(client, wish="doing")
    assert "Singing Something to do from home" in fits
    assert "Tea Leeds It is for company and talking" in others


def test_what_nobody_may_come_to_is_not_shown(client: FlaskClient, make: Builders) -> None:
    make.session(make.series("Host catch-up", audience=Audience.FACILITATORS))
    make.session(make.series("Draft", state=SessionState.DRAFT), state=SessionState.DRAFT)
    make.session(make.series("Called off"), state=SessionState.CANCELLED)
    make.session(make.series("Over"), starts_in=timedelta(days=-1))
    make.series("Without dates")
    page = words(send(client, PAGE, **ANYTHING))
    assert "Nothing fits all three answers just now" in page
    assert not [title for title in ("Host", "Draft", "Called", "Over", "Without") if title in page]


@pytest.mark.usefixtures("season")
@pytest.mark.parametrize("said", [{}, {"wish": "nonsense", "where": "٣"}])
def test_a_question_left_open_rules_nothing_out(client: FlaskClient, said: dict[str, str]) -> None:
    answer = send(client, PAGE, **said)
    assert answer.status_code == 200
    assert "There is a problem" not in words(answer)
    assert "3 groups and classes." in words(answer)


@pytest.mark.usefixtures("season")
def test_the_circle_made_for_her_stands_first_and_one_for_some_people_last(
    client: FlaskClient, make: Builders
) -> None:
    early = ON - timedelta(days=1)
    about = "An hour for men, every other month. A good deal of laughter."
    men = make.series("Evening company", mode=Mode.ONLINE, description=about, audience=Audience.PATIENTS)
    make.session(men, on=early)
    make.session(make.series("Tea from home", mode=Mode.ONLINE, audience=Audience.PATIENTS), on=early)
    fits, _ = parts(client, situation="newly_told", wish="company", where="home")
    assert fits.index("Wednesday circle") < fits.index("Tea from home") < fits.index("Evening company")
    assert "Evening company An hour for men, every other month. Online" in fits
    assert "laughter" not in fits


def test_a_group_for_some_people_without_a_description_is_not_said_to_be_for_everybody(
    client: FlaskClient, make: Builders
) -> None:
    make.session(make.series("Men living with secondary breast cancer", mode=Mode.ONLINE, description=""))
    fits, _ = parts(client, wish="company")
    assert "its name says for whom" in fits
    assert "Company from home" not in fits


@pytest.mark.usefixtures("season", "as_in_production")
def test_the_answers_are_nowhere_but_on_the_page(
    app: Flask, client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    client.get(PAGE)
    with app.app_context():
        before = everything(db.session.connection())
    answer = send(client, PAGE, situation="newly_told", wish="company", where="home")
    with app.app_context():
        assert everything(db.session.connection()) == before
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    assert {json.loads(line)["route"] for line in said} == {PAGE}
    assert not [word for word in ("newly", "company", "home") if word in " ".join(said)]
    assert (answer.status_code, answer.headers.get("Set-Cookie")) == (200, None)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("season")
def test_answers_in_the_address_are_not_read(client: FlaskClient) -> None:
    page = words(client.get(f"{PAGE}?situation=newly_told&wish=company&where=home"))
    assert "Three questions, and you can leave any of them open." in page
    assert "Wednesday circle" not in page
