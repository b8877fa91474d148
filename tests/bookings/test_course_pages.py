"""The pages of a course: the course itself, its two screens, her weeks, and My sessions."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking import clock
from booking.db import db
from booking.models import Enrolment, Series
from booking.models.kinds import Audience, EnrolmentState, Mode, Pool, Who
from booking.services import courses
from tests.support.builders import Builders


@pytest.fixture
def make(app: Flask) -> Builders:
    app.config["WTF_CSRF_ENABLED"] = False
    return Builders(app)


def test_a_course_is_booked_in_two_screens(app: Flask, client: FlaskClient, make: Builders) -> None:
    weeks, ann = make.course(3, key="yoga"), make.person()
    book = f"/courses/{make.series_of(weeks[0])}/book"
    make.sign_in(client, ann)
    assert book in client.get("/series/yoga").text
    page = client.get(book)
    assert "all 3 weeks" in page.text
    answer = client.post(book, data={"pool": "room", "seen": "0"})
    assert answer.status_code == 303
    assert client.get(answer.location).text.count("Skip this week") == 3


def test_somebody_not_signed_in_comes_back_to_the_course(client: FlaskClient, make: Builders) -> None:
    book = f"/courses/{make.series_of(make.course(2)[0])}/book"
    page = client.get(book).text
    assert f"/register?next={book}" in page
    assert f"/sign-in?next={book}" in page
    assert client.post(book, data={"pool": "room"}).location.endswith(f"/sign-in?next={book}")


def test_a_hybrid_course_asks_how_she_joins(client: FlaskClient, make: Builders) -> None:
    weeks = make.course(2, mode=Mode.HYBRID)
    book = f"/courses/{make.series_of(weeks[0])}/book"
    make.sign_in(client, make.person())
    assert "How will you join?" in client.get(book).text
    answer = client.post(book, data={"seen": "0"})
    assert answer.status_code == 422
    assert "Choose how you will join" in answer.text


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"first_in": timedelta(days=-8)}, "too late to join"),
        ({"first_in": timedelta(days=-60)}, "This course is over"),
        ({"places_room": 0, "places_online": 0, "mode": Mode.IN_PERSON}, "this course is full"),
        ({"opens_days_before": 1}, "Booking opens on"),
    ],
)
def test_a_course_that_cannot_be_booked_says_why(
    client: FlaskClient, make: Builders, facts: dict[str, object], says: str
) -> None:
    weeks = make.course(3, key="yoga", **facts)  # type: ignore[arg-type]
    assert says in client.get("/series/yoga").text
    answer = client.get(f"/courses/{make.series_of(weeks[0])}/book")
    assert answer.location == "/series/yoga"


def test_a_full_course_names_another_that_has_room(client: FlaskClient, make: Builders) -> None:
    full = make.course(2, key="full", places_room=1)
    make.booking(full[0], make.person("Ben"))
    make.course(2, key="art", title="Art for everyone")
    assert "Art for everyone" in client.get("/series/full").text


def test_a_friend_is_told_kindly_that_a_course_is_for_patients(client: FlaskClient, make: Builders) -> None:
    weeks = make.course(2, key="yoga", audience=Audience.PATIENTS)
    make.sign_in(client, make.person("Ben", who=Who.WITH_SOMEONE))
    assert "welcome friends and family" in client.get("/series/yoga").text
    answer = client.post(f"/courses/{make.series_of(weeks[0])}/book", data={"pool": "room"})
    assert answer.location == "/series/yoga"


def test_an_overlap_is_told_and_left_to_her(client: FlaskClient, make: Builders) -> None:
    weeks, ann = make.course(2), make.person()
    other = make.session(make.series("Tea in Leeds"), starts_in=timedelta(days=10))
    make.booking(other, ann)
    make.sign_in(client, ann)
    book = f"/courses/{make.series_of(weeks[0])}/book"
    assert "overlaps with another place of yours: Tea in Leeds" in client.get(book).text
    assert client.post(book, data={"pool": "room", "seen": "0"}).status_code == 303


def on_course(app: Flask, make: Builders, person_id: int) -> tuple[list[int], int]:
    weeks = make.course(3)
    series = make.series_of(weeks[0])
    with app.app_context():
        return weeks, courses.book_course(series, person_id, Pool.ROOM, person_id, clock.now())


def test_a_week_is_skipped_and_taken_again(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann = make.person()
    weeks, enrolment = on_course(app, make, ann)
    make.sign_in(client, ann)
    page = f"/my-sessions/courses/{enrolment}"
    answer = client.post(f"{page}/skip/2", follow_redirects=True)
    assert "You keep all the others" in answer.text
    assert "Come after all" in answer.text
    answer = client.post(f"{page}/come/{weeks[1]}", follow_redirects=True)
    assert answer.text.count("Skip this week") == 3


def test_a_course_is_left_in_two_taps(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann = make.person()
    _weeks, enrolment = on_course(app, make, ann)
    make.sign_in(client, ann)
    leave = f"/my-sessions/courses/{enrolment}/leave"
    assert "you don't have to say why" in client.get(leave).text.replace("&#39;", "'")
    assert "3 weeks are free again" in client.post(leave, follow_redirects=True).text
    assert client.post(leave).status_code == 303
    with app.app_context():
        assert db.session.get_one(Enrolment, enrolment).state is EnrolmentState.LEFT


@pytest.mark.parametrize("deed", ["", "/leave", "/course.ics"])
def test_somebody_elses_course_is_not_there(
    app: Flask, client: FlaskClient, make: Builders, deed: str
) -> None:
    _weeks, enrolment = on_course(app, make, make.person())
    make.sign_in(client, make.person("Ben"))
    assert client.get(f"/my-sessions/courses/{enrolment}{deed}").status_code == 404


def test_my_sessions_shows_a_course_as_one(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann = make.person()
    on_course(app, make, ann)
    make.booking(make.session(starts_in=timedelta(days=1)), ann)
    page = make.sign_in(client, ann).get("/my-sessions").text
    assert page.count("Gentle yoga</a>") == 1
    assert "2 more weeks after this one" in page


def test_the_list_and_a_week_lead_to_the_course(client: FlaskClient, make: Builders) -> None:
    weeks = make.course(6, key="yoga", first_in=timedelta(days=3))
    page = client.get("/sessions").text
    assert "Course of 6 weeks" in page
    assert "/series/yoga" in page
    assert "/series/yoga" in client.get(f"/sessions/{weeks[1]}").text
    assert client.get(f"/sessions/{weeks[1]}/book").location == "/series/yoga"


def test_a_skipped_place_is_listed_as_one_week_of_a_course(client: FlaskClient, make: Builders) -> None:
    weeks = make.course(2, single_weeks=True, places_room=1, first_in=timedelta(days=3))
    make.booking(weeks[0], make.person())
    page = client.get("/sessions").text
    assert "Week 2 of 2 of a course" in page
    assert f"/sessions/{weeks[1]}/book" in page
    assert f"/sessions/{weeks[0]}/book" not in page


def test_one_week_offers_the_whole_course_first(client: FlaskClient, make: Builders) -> None:
    weeks = make.course(6, single_weeks=True, first_in=timedelta(days=3))
    page = client.get(f"/sessions/{weeks[0]}").text
    whole = f'href="/courses/{make.series_of(weeks[0])}/book"'
    assert "Week 1 of 6 of a course" in page
    assert page.index(whole) < page.index(f'href="/sessions/{weeks[0]}/book"')
    assert page.index("Book the whole course") < page.index("Just this week")
    check = client.get(f"/sessions/{weeks[0]}/book").text
    assert all(said in check for said in ("Week 1 of 6 of a course", "this week only", whole))


def test_one_week_stands_alone_where_the_whole_course_can_no_longer_be_booked(
    client: FlaskClient, make: Builders
) -> None:
    weeks = make.course(3, single_weeks=True, places_room=1, first_in=timedelta(days=3))
    make.booking(weeks[1], make.person())
    page = client.get(f"/sessions/{weeks[0]}").text
    assert "Book just this week" in page
    assert "Book the whole course" not in page
    check = client.get(f"/sessions/{weeks[0]}/book").text
    assert "this week only" in check
    assert "Book the whole course" not in check


def test_whoever_has_the_course_is_not_offered_it_again(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ann = make.person()
    weeks, _enrolment = on_course(app, make, ann)
    with app.app_context():
        db.session.get_one(Series, make.series_of(weeks[0])).single_weeks = True
        db.session.commit()
    page = make.sign_in(client, ann).get(f"/sessions/{weeks[0]}").text
    assert "View my place" in page
    assert "Book the whole course" not in page


def test_a_date_that_is_no_week_says_nothing_of_a_course(client: FlaskClient, make: Builders) -> None:
    tea = make.session()
    for page in (f"/sessions/{tea}", f"/sessions/{tea}/book"):
        assert "week only" not in client.get(page).text
        assert "of a course" not in client.get(page).text
