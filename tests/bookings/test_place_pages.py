"""The pages on which a place is changed: the other pool, who comes along, several dates, and a call first."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.models import Booking
from booking.models.kinds import BookingState, Companions, Mode, Pool
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words

PARTY = select(Booking.companion_name, Booking.party_size)
MINE = select(Booking.pool, Booking.state)


@pytest.fixture(autouse=True)
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-08-03T12:00+01:00")


@pytest.fixture
def ann(client: FlaskClient, make: Builders) -> int:
    ann = make.person("Ann")
    make.sign_in(client, ann)
    return ann


def switch(client: FlaskClient, booking: int, seen: int = 0) -> str:
    path = f"/my-sessions/{booking}/switch"
    return after(client, send(client, path, page="/my-sessions", seen=str(seen)))


def test_ann_comes_online_instead_with_one_tap(
    app: Flask, client: FlaskClient, make: Builders, ann: int
) -> None:
    booking = make.booking(make.session(make.series(mode=Mode.HYBRID)), ann)
    assert "Come online instead" in words(client.get("/my-sessions"))
    page = switch(client, booking)
    assert "You come online now." in page
    assert "Come to the room instead" in page
    assert rows(app, MINE) == [(Pool.ONLINE, BookingState.BOOKED)]


def test_whoever_comes_with_ann_comes_online_too(client: FlaskClient, make: Builders, ann: int) -> None:
    booking = make.booking(
        make.session(make.series(mode=Mode.HYBRID)), ann, companion_name="Jo", party_size=2
    )
    assert "the link is on this page. Jo joins online with you." in switch(client, booking)
    assert "Jo comes to the room with you." in switch(client, booking, 1)


def test_a_full_pool_is_not_offered_and_says_so_to_an_old_page(
    client: FlaskClient, make: Builders, ann: int
) -> None:
    chat = make.session(make.series(mode=Mode.HYBRID, places_online=1))
    booking = make.booking(chat, ann)
    make.booking(chat, make.person("Ben"), pool=Pool.ONLINE)
    assert "Come online instead" not in words(client.get("/my-sessions"))
    assert "the last online place has been taken" in switch(client, booking)


def test_what_is_not_anns_is_not_there(client: FlaskClient, make: Builders, ann: int) -> None:
    bens = make.booking(make.session(make.series(mode=Mode.HYBRID)), make.person("Ben"))
    for page in ("switch", "companion"):
        path = f"/my-sessions/{bens}/{page}"
        assert send(client, path, page="/my-sessions", companion_name="Jo").status_code == 404


def test_ann_books_for_two(app: Flask, client: FlaskClient, make: Builders, ann: int) -> None:
    chat = make.session(make.series(companions=Companions.ALWAYS))
    path = f"/sessions/{chat}/book"
    assert "Is somebody coming with you?" in words(client.get(path))
    page = after(client, send(client, path, pool="room", seen="0", companion_name="Jo"))
    assert "You have a place, and so has Jo." in page
    assert "Jo comes with you" in page
    assert rows(app, PARTY) == [("Jo", 2)]


def test_where_one_place_is_left_her_words_stay(client: FlaskClient, make: Builders, ann: int) -> None:
    chat = make.session(make.series(companions=Companions.ALWAYS, places_room=1))
    answer = send(client, f"/sessions/{chat}/book", pool="room", seen="0", companion_name="Jo")
    assert answer.status_code == 422
    assert "There is one place left here" in words(answer)
    assert 'value="Jo"' in answer.text


def test_somebody_new_brings_somebody_the_first_time(app: Flask, client: FlaskClient, make: Builders) -> None:
    chat = make.session(make.series(companions=Companions.FIRST_VISIT))
    new = {"full_name": "Ruth Example", "email": "ruth@example.net", "who": "patient", "agrees": "y"}
    answer = send(client, f"/sessions/{chat}/book", pool="room", companion_name="Jo", **new)
    assert answer.status_code == 303
    assert rows(app, PARTY) == [("Jo", 2)]


def test_jo_is_brought_later_and_cannot_come_after_all(
    app: Flask, client: FlaskClient, make: Builders, ann: int
) -> None:
    booking = make.booking(make.session(make.series(companions=Companions.ALWAYS)), ann)
    path = f"/my-sessions/{booking}/companion"
    assert "Jo comes with you, and has a place." in after(client, send(client, path, companion_name="Jo"))
    assert rows(app, PARTY) == [("Jo", 2)]
    assert "Only Jo can't come" in words(client.get(f"/my-sessions/{booking}/give-up"))
    assert "Your own place stays yours." in after(client, send(client, path, alone="yes"))
    assert rows(app, PARTY) == [("", 1)]


def test_a_companion_has_a_name(client: FlaskClient, make: Builders, ann: int) -> None:
    booking = make.booking(make.session(make.series(companions=Companions.ALWAYS)), ann)
    answer = send(client, f"/my-sessions/{booking}/companion", companion_name=" ")
    assert answer.status_code == 422
    assert "Enter the first name of whoever comes with you" in words(answer)


def test_a_full_room_says_so_and_keeps_the_name(client: FlaskClient, make: Builders, ann: int) -> None:
    booking = make.booking(make.session(make.series(companions=Companions.ALWAYS, places_room=1)), ann)
    answer = send(client, f"/my-sessions/{booking}/companion", companion_name="Jo")
    assert answer.status_code == 422
    assert "Your own place stays yours." in words(answer)
    assert 'value="Jo"' in answer.text


def test_where_nobody_is_brought_there_is_no_such_link(client: FlaskClient, make: Builders, ann: int) -> None:
    booking = make.booking(make.session(), ann)
    assert "Bring somebody" not in words(client.get("/my-sessions"))
    answer = client.get(f"/my-sessions/{booking}/companion")
    assert "can't be changed any more" in after(client, answer)


def test_hosts_see_who_comes_with_whom(client: FlaskClient, make: Builders) -> None:
    fay = make.facilitator()
    chat = make.session(make.series(), led_by=(fay,))
    make.booking(chat, make.person("Ann"), party_size=2, companion_name="Jo")
    make.sign_in(client, fay)
    assert "Ann + Jo" in words(client.get(f"/host/sessions/{chat}"))
    assert "Ann + Jo" in words(client.get(f"/host/sessions/{chat}/print"))


def dates(make: Builders, many: int = 3, **facts: object) -> tuple[int, list[int]]:
    series = make.series(key="tea", **facts)
    return series, [make.session(series, starts_in=timedelta(days=10 + 7 * week)) for week in range(many)]


def test_ann_books_two_dates_of_three(app: Flask, client: FlaskClient, make: Builders, ann: int) -> None:
    series, (first, second, _third) = dates(make)
    path = f"/series/{series}/book"
    assert "Book several dates at once" in words(client.get("/series/tea"))
    page = after(client, send(client, path, dates=[f"{first}.0", f"{second}.0"], pool="room"))
    assert "You have 2 places: Thursday 13 August 2026; Thursday 20 August 2026." in page
    assert rows(app, select(Booking.session_id).order_by(Booking.id)) == [first, second]


def test_each_box_says_where_with_whom_and_what_is_left(
    client: FlaskClient, make: Builders, ann: int
) -> None:
    series = make.series(places_room=2)
    make.session(series, starts_in=timedelta(days=10), led_by=(make.facilitator("Fay"),))
    page = words(client.get(f"/series/{series}/book"))
    assert "Friends' Meeting House, with Fay, 2 places left" in page


def test_a_date_lost_by_a_moment_is_said_with_what_to_do(
    app: Flask, client: FlaskClient, make: Builders, ann: int
) -> None:
    series, (first, second, _third) = dates(make, places_room=1)
    make.booking(second, make.person("Ben"))
    answer = send(client, f"/series/{series}/book", dates=[f"{first}.0", f"{second}.0"], pool="room")
    page = after(client, answer)
    assert "You have a place: Thursday 13 August 2026." in page
    assert "Thursday 20 August 2026: Sorry, the last place has been taken." in page
    assert "Thursday 20 August 2026 , Friends' Meeting House. Full: join the waiting list" in page


@pytest.mark.parametrize("typed", [[], ["999.0"], ["x"], ["1.1.1", "'"]])
def test_without_a_date_nothing_is_booked(
    app: Flask, client: FlaskClient, make: Builders, ann: int, typed: list[str]
) -> None:
    make.session()
    series, _dates = dates(make)
    answer = send(client, f"/series/{series}/book", dates=typed, pool="room")
    assert answer.status_code == 422
    assert rows(app, MINE) == []


def test_of_two_pools_none_is_chosen_for_her(client: FlaskClient, make: Builders, ann: int) -> None:
    series, (first, *_rest) = dates(make, mode=Mode.HYBRID)
    answer = send(client, f"/series/{series}/book", dates=[f"{first}.0"])
    assert answer.status_code == 422
    assert "Choose how you will join" in words(answer)


def test_an_overlap_is_told_and_left_to_her(client: FlaskClient, make: Builders, ann: int) -> None:
    series, (first, *_rest) = dates(make)
    make.booking(make.session(make.series("Chair yoga"), starts_in=timedelta(days=10)), ann)
    page = words(client.get(f"/series/{series}/book"))
    assert "at the same time as Chair yoga of yours: you can keep both" in page
    page = after(client, send(client, f"/series/{series}/book", dates=[f"{first}.0"], pool="room"))
    assert "You have a place: Thursday 13 August 2026." in page


def test_a_course_and_what_is_hidden_have_no_such_page(client: FlaskClient, make: Builders, ann: int) -> None:
    course = make.series_of(make.course(2)[0])
    for series in (course, 999):
        assert client.get(f"/series/{series}/book").status_code == 404
