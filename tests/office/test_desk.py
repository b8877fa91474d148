"""The booking desk: somebody is on the phone, and Ada does what she asks for."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.db import db, transaction
from booking.models import Person
from booking.models.kinds import BookingState, Channel, Companions, Mode, Pool
from booking.queries.upkeep import problems
from booking.services.holds import release_holds
from booking.services.steps.holds import confirm_held
from booking.services.steps.locks import lock_people
from tests.office.desk_talk import change, kept, last_deed, letters, places, take
from tests.office.season import NOW, Season
from tests.support.builders import Builders


@pytest.fixture
def desk(app: Flask, desk: FlaskClient, make: Builders) -> FlaskClient:
    # The token of a form is proven elsewhere.
    app.config["WTF_CSRF_ENABLED"] = False
    # The season counted its rows by itself.
    make._numbers = count(100)
    return desk


def test_one_who_fits_alone_is_on_the_line_at_once(desk: FlaskClient, season: Season) -> None:
    answer = desk.post("/office/desk", data={"words": "ben"})
    assert answer.headers["Location"].endswith(f"/office/desk/{season.ben}")


def test_several_who_fit_are_told_apart(desk: FlaskClient, make: Builders) -> None:
    make.person("Bena", phone="07700 900123")
    answer = desk.post("/office/desk", data={"words": "ben"}, follow_redirects=True)
    assert "2 people found" in answer.text
    assert "…0123" in answer.text


def test_nobody_of_that_name_is_added_with_what_was_typed(desk: FlaskClient) -> None:
    answer = desk.post("/office/desk", data={"words": "Zoe Quill"}, follow_redirects=True)
    assert "Nobody found" in answer.text
    assert 'value="Zoe Quill"' in desk.get("/office/people/new?desk=1").text


def test_whoever_is_added_from_the_desk_is_on_the_line(desk: FlaskClient) -> None:
    said = {"full_name": "Zoe Quill", "phone": "07700 900456", "channel": "call", "who": "patient"}
    answer = desk.post("/office/people/new?desk=1", data={**said, "agrees": "y"})
    assert "/office/desk/" in answer.headers["Location"]


def test_the_next_dates_can_be_read_out(desk: FlaskClient, season: Season, make: Builders) -> None:
    make.session(season.tea, starts_in=timedelta(days=1))
    page = desk.get(f"/office/desk/{season.ann}").text
    assert "Tomorrow, Monday 23 November at" in page
    assert "in the room" in page
    assert "Friends&#39; Meeting House, Mount Street" in page
    assert "20 places left" in page


def test_her_own_dates_and_what_is_not_for_her_are_not_read_out(
    desk: FlaskClient, season: Season, make: Builders
) -> None:
    friend = make.person("Kit", who="with_someone")
    patients = make.session(make.series("Just for us", key="us", audience="patients"))
    assert f"date-{patients}-room" in desk.get(f"/office/desk/{season.ann}").text
    assert f"date-{patients}-room" not in desk.get(f"/office/desk/{friend}").text
    taken = kept(make.app, season.anns_coming).session_id
    assert f"date-{taken}-room" not in desk.get(f"/office/desk/{season.ann}").text


def test_ada_books_for_ben_and_the_audit_says_so(
    desk: FlaskClient, season: Season, make: Builders, app: Flask
) -> None:
    later = make.session(season.tea)
    answer = take(desk, season.ben, later)
    assert "Ben has a place" in answer.text
    assert "An email is on its way." in answer.text
    assert places(app, season.ben)[-1][1:] == ("booked", "room")
    assert last_deed(app) == (season.ada, "place booked")


def test_pressing_twice_books_one_place(
    desk: FlaskClient, season: Season, make: Builders, app: Flask
) -> None:
    later = make.session(season.tea)
    before = len(places(app, season.ben))
    assert [take(desk, season.ben, later).status_code for _ in range(2)] == [200, 200]
    assert len(places(app, season.ben)) == before + 1


def test_no_date_chosen_loses_nothing_typed(desk: FlaskClient, season: Season, make: Builders) -> None:
    make.session(make.series("Tea for two", key="two", companions=Companions.ALWAYS))
    answer = desk.post(f"/office/desk/{season.ben}", data={"companion": "Kim", "deed": "book"})
    assert answer.status_code == 422
    assert "Choose one of the dates" in answer.text
    assert 'value="Kim"' in answer.text


def test_a_full_date_is_refused_kindly_and_waited_for(
    desk: FlaskClient, season: Season, make: Builders, app: Flask
) -> None:
    full = make.session(season.tea, places_room=1)
    make.booking(full, make.person("Cat"))
    assert "Full: they can wait for a place" in desk.get(f"/office/desk/{season.ben}").text
    assert take(desk, season.ben, full).status_code == 422
    assert "Ben is on the waiting list" in take(desk, season.ben, full, "wait").text
    assert places(app, season.ben)[-1][1] == "waiting"
    assert "Waits, and is next." in desk.get(f"/office/desk/{season.ben}").text


def test_whoever_is_called_has_just_been_told(
    desk: FlaskClient, make: Builders, app: Flask, season: Season
) -> None:
    gwen = make.person("Gwen", email=None, phone="07700 900777")
    answer = take(desk, gwen, make.session(season.tea))
    assert "You have just told them, so nobody has to call." in answer.text
    assert letters(app, gwen) == [("booked", "call", "sent")]


def test_a_companion_is_counted_and_taken_off_again(
    desk: FlaskClient, make: Builders, app: Flask, season: Season
) -> None:
    both = make.session(make.series("Tea for two", key="two", companions=Companions.ALWAYS))
    take(desk, season.ben, both, companion="Kim")
    booking = places(app, season.ben)[-1][0]
    assert kept(app, booking).party_size == 2
    assert "Kim does not come" in desk.get(f"/office/desk/{season.ben}").text
    change(desk, season.ben, booking, "companion", companion="")
    assert kept(app, booking).party_size == 1


def test_a_place_is_changed_and_given_up_on_the_phone(
    desk: FlaskClient, make: Builders, app: Flask, season: Season
) -> None:
    hybrid = make.session(make.series("Both ways", key="both", mode=Mode.HYBRID))
    booking = make.booking(hybrid, season.ben, pool=Pool.ROOM)
    assert "has a place" in change(desk, season.ben, booking, "switch").text
    assert kept(app, booking).pool is Pool.ONLINE
    answer = change(desk, season.ben, booking, "give_up")
    assert "That&#39;s fine" in answer.text
    assert last_deed(app) == (season.ada, "place given up")
    assert change(desk, season.ben, booking, "give_up").status_code == 200


def test_anothers_place_is_not_hers_to_change(desk: FlaskClient, app: Flask, season: Season) -> None:
    assert change(desk, season.ben, season.anns_coming, "give_up").status_code == 404
    assert kept(app, season.anns_coming).state is BookingState.BOOKED


def test_an_unknown_deed_changes_nothing(desk: FlaskClient, app: Flask, season: Season) -> None:
    assert change(desk, season.ann, season.anns_coming, "burn").status_code == 400
    assert desk.post(f"/office/desk/{season.ann}", data={"choice": "date-99999-room"}).status_code == 404


def test_the_ground_rules_are_a_spoken_yes(
    desk: FlaskClient, make: Builders, app: Flask, season: Season
) -> None:
    later = make.session(season.tea)
    assert "The ground rules, to read out" in desk.get(f"/office/desk/{season.ben}").text
    take(desk, season.ben, later, rules="y")
    page = desk.get(f"/office/people/{season.ben}").text
    assert "The ground rules" in page
    assert "written down by Ada" in page
    assert "The ground rules, to read out" not in desk.get(f"/office/desk/{season.ben}").text


def test_how_she_is_told_is_chosen_on_the_phone(desk: FlaskClient, make: Builders, app: Flask) -> None:
    kim = make.person("Kim", phone="07700 900888")
    there = f"/office/desk/{kim}/channel"
    answer = desk.post(there, data={"channel": "call"}, follow_redirects=True)
    assert "Kim is told this way now: Phone call." in answer.text
    assert desk.post(there, data={"channel": "post"}).status_code == 400
    assert last_deed(app)[1] == "details changed"


def test_somebody_who_never_answered_her_letter_is_heard(
    desk: FlaskClient, make: Builders, app: Flask, season: Season
) -> None:
    later = make.session(season.tea)
    nia = make.person("Nia", status="unproven", phone="07700 900321")
    held = make.booking(later, nia, state=BookingState.HELD, held_until=datetime.fromisoformat(NOW))
    assert "never answered the letter" in desk.get(f"/office/desk/{nia}").text
    desk.post(f"/office/desk/{nia}/confirmed")
    assert kept(app, held).state is BookingState.BOOKED
    assert "Find a date" in desk.get(f"/office/desk/{nia}").text


def test_nobody_books_for_somebody_who_has_died(desk: FlaskClient, make: Builders) -> None:
    assert desk.get(f"/office/desk/{make.person('Dot', status='died')}").status_code == 404


def test_a_course_is_booked_as_a_whole(desk: FlaskClient, make: Builders, app: Flask, season: Season) -> None:
    weeks = make.course(3, key="course")
    course = make.series_of(weeks[0])
    said = {"choice": f"course-{course}-room", "deed": "book"}
    answer = desk.post(f"/office/desk/{season.ben}", data=said, follow_redirects=True)
    assert "Ben is on the course" in answer.text
    assert [state for _id, state, _pool in places(app, season.ben)][-3:] == ["booked"] * 3


def test_only_ways_that_we_know_are_offered(desk: FlaskClient, season: Season, make: Builders) -> None:
    assert "Tell them this way" not in desk.get(f"/office/desk/{season.ann}").text
    page = desk.get(f"/office/desk/{make.person('Kim', phone='07700 900888')}").text
    assert f'value="{Channel.EMAIL}"' in page
    assert f'value="{Channel.CALL}"' in page
    assert f'value="{Channel.POST}"' not in page


def test_a_held_place_is_booked_or_let_go(
    desk: FlaskClient, make: Builders, app: Flask, season: Season
) -> None:
    first, second = make.session(season.tea), make.session(season.yoga)
    take(desk, season.ben, first, "hold")
    held = places(app, season.ben)[-1][0]
    assert "Ben Example" in desk.get("/office/desk").text
    assert "Ben has a place" in change(desk, season.ben, held, "book").text
    assert letters(app, season.ben) == [("booked", "email", "waiting")]
    take(desk, season.ben, second, "hold")
    change(desk, season.ben, places(app, season.ben)[-1][0], "let_go")
    assert places(app, season.ben)[-1][1] == "expired"
    assert last_deed(app) == (season.ada, "hold ended")


def test_signing_in_does_not_take_what_is_held_while_she_talks(
    desk: FlaskClient, make: Builders, app: Flask, season: Season
) -> None:
    take(desk, season.ben, make.session(season.tea), "hold")
    with app.app_context(), transaction():
        lock_people([season.ben])
        ben = db.session.get_one(Person, season.ben)
        assert confirm_held(ben, season.ben, datetime.fromisoformat(NOW)) == ()
    assert places(app, season.ben)[-1][1] == "held"


def test_a_held_place_is_offered_to_whoever_waits_once_it_is_let_go(
    desk: FlaskClient, make: Builders, app: Flask, season: Season
) -> None:
    last = make.session(season.tea, places_room=1)
    take(desk, season.ben, last, "hold")
    take(desk, season.ann, last, "wait")
    change(desk, season.ben, places(app, season.ben)[-1][0], "let_go")
    assert places(app, season.ann)[-1][1] == "offered"
    assert "Ann has a place" in change(desk, season.ann, places(app, season.ann)[-1][0], "book").text


def test_whoever_waits_leaves_the_list_or_lets_an_offer_pass(
    desk: FlaskClient, make: Builders, app: Flask, season: Season
) -> None:
    last = make.session(season.tea, places_room=1)
    take(desk, season.ben, last)
    take(desk, season.ann, last, "wait")
    hers = places(app, season.ann)[-1][0]
    change(desk, season.ben, places(app, season.ben)[-1][0], "give_up")
    change(desk, season.ann, hers, "decline")
    assert places(app, season.ann)[-1][1] == "waiting"
    change(desk, season.ann, hers, "leave")
    assert places(app, season.ann)[-1][1] == "given_up"


def test_a_welcome_call_is_this_talk(desk: FlaskClient, make: Builders, app: Flask, season: Season) -> None:
    series = make.series("Welcome first", key="welcome", welcome_call=True)
    first, second = make.session(series), make.session(series, starts_in=timedelta(days=20))
    assert "until the welcome call" in take(desk, season.ben, first).text
    assert places(app, season.ben)[-1][1] == "provisional"
    assert "Ann has a place" in take(desk, season.ann, second, had_call="y").text


def test_a_place_is_held_while_they_talk_and_then_goes(
    desk: FlaskClient, make: Builders, app: Flask, season: Season, clock_at: Callable[[str], datetime]
) -> None:
    last = make.session(season.tea, places_room=1)
    assert "Held for Ben until 12:15pm" in take(desk, season.ben, last, "hold").text
    with app.app_context():
        assert problems() == []
        assert release_holds(datetime.fromisoformat(NOW)) == 0
        assert release_holds(clock_at("2026-11-22T12:15+00:00")) == 1
    assert places(app, season.ben)[-1][1] == "expired"
    assert letters(app, season.ben) == []
