"""Hosts add those who walked in."""

from datetime import timedelta

import pytest

from booking.db import db
from booking.models import Booking
from booking.models.kinds import Attendance, BookingState, PersonStatus, SessionState
from booking.queries import rota
from booking.refusals import (
    AlreadyOnTheRegister,
    NotFound,
    RegisterNotOpen,
    SessionCancelled,
    WalkInNeedsAName,
)
from booking.rules.addresses import TooLong
from booking.services import attendance
from tests.hosting.scene import Scene


def add(scene: Scene, **who: object) -> int:
    booking_id: int = scene.do(attendance.add_walk_in, scene.session, scene.fay, scene.now, **who)
    return booking_id


def met_before(scene: Scene, known_as: str = "Cat", *, days_ago: int = 28, **facts: object) -> int:
    """Add somebody who was on Fay's register of this series."""
    cat = scene.make.person(known_as, **facts)
    past = scene.make.session(scene.series, starts_in=timedelta(days=-days_ago), led_by=(scene.fay,))
    scene.make.booking(past, cat, attendance=Attendance.CAME)
    return cat


def faces(scene: Scene) -> list[str]:
    found = scene.do(rota.familiar_faces, scene.session, scene.fay, scene.now)
    return [face.name for face in found]


def test_a_first_name_is_enough(scene: Scene) -> None:
    jo = add(scene, first_name="  Jo\u202e\n ")

    row = scene.do(lambda: db.session.get_one(Booking, jo))
    assert (row.walk_in_name, row.person_id, row.party_size) == ("Jo", None, 1)
    assert (scene.state(jo), scene.says(jo)) == ("booked", "walked_in")
    assert scene.history(jo) == [("not_recorded", "walked_in")]
    assert scene.audited() == [("walk-in added", f"booking:{jo}", scene.fay)]


def test_one_more_person_needs_no_name(scene: Scene) -> None:
    assert [scene.says(add(scene, one_more=True)) for _ in range(2)] == ["walked_in", "walked_in"]


@pytest.mark.parametrize("nothing", ["", "   ", "\u200b\ufeff"])
def test_no_name_at_all_is_asked_for_again(scene: Scene, nothing: str) -> None:
    with pytest.raises(WalkInNeedsAName):
        add(scene, first_name=nothing)


def test_a_very_long_name_is_refused(scene: Scene) -> None:
    with pytest.raises(TooLong):
        add(scene, first_name="J" * 10_000)


def test_a_full_room_still_takes_whoever_stands_in_it(scene: Scene) -> None:
    small = scene.today(places_room=1)
    scene.make.booking(small, scene.ann)

    walked_in = scene.do(attendance.add_walk_in, small, scene.fay, scene.now, one_more=True)

    assert scene.says(walked_in) == "walked_in"


def test_a_familiar_face_walks_in(scene: Scene) -> None:
    cat = met_before(scene)

    row = scene.do(db.session.get_one, Booking, add(scene, person_id=cat))

    assert (row.person_id, row.attendance, row.walk_in_name) == (cat, Attendance.WALKED_IN, "")


def test_the_same_person_walks_in_once(scene: Scene) -> None:
    cat = met_before(scene)
    add(scene, person_id=cat)

    with pytest.raises(AlreadyOnTheRegister):
        add(scene, person_id=cat)


def test_somebody_who_has_a_place_is_simply_marked(scene: Scene) -> None:
    assert add(scene, person_id=scene.ann) == scene.anns
    assert scene.says(scene.anns) == "came"
    with pytest.raises(AlreadyOnTheRegister):
        add(scene, person_id=scene.ann)


def test_somebody_who_waited_for_a_place_is_marked_on_her_own_booking(scene: Scene) -> None:
    cat = met_before(scene)
    hers = scene.make.booking(scene.session, cat, state=BookingState.WAITING)

    assert add(scene, person_id=cat) == hers
    assert (scene.state(hers), scene.says(hers)) == ("booked", "came")


def test_somebody_who_gave_up_her_place_and_came_walks_in(scene: Scene) -> None:
    cat = met_before(scene)
    given_up = scene.make.booking(scene.session, cat, state=BookingState.GIVEN_UP)

    assert add(scene, person_id=cat) != given_up
    assert scene.state(given_up) == "given_up"


@pytest.mark.parametrize("nobodys", [0, -1, 2**31 - 1])
def test_an_unknown_person_is_not_found(scene: Scene, nobodys: int) -> None:
    with pytest.raises(NotFound):
        add(scene, person_id=nobodys)


def test_a_host_finds_only_people_she_met_at_this_series(scene: Scene) -> None:
    gil = scene.make.facilitator("Gil")
    elsewhere = scene.make.session(
        scene.make.series("Yoga"), starts_in=timedelta(days=-3), led_by=(scene.fay,)
    )
    gils = scene.make.session(scene.series, starts_in=timedelta(days=-3, hours=-24), led_by=(gil,))
    for session, name in ((elsewhere, "Dee"), (gils, "Eve")):
        scene.make.booking(session, scene.make.person(name), attendance=Attendance.CAME)
    stranger = scene.make.person("Flo")
    met_before(scene)

    assert faces(scene) == ["Cat"]
    with pytest.raises(NotFound):
        add(scene, person_id=stranger)


def test_faces_fade_after_a_year_and_with_a_closed_record(scene: Scene) -> None:
    met_before(scene, "Old", days_ago=366)
    met_before(scene, "Closed", days_ago=21, status=PersonStatus.CLOSED)
    met_before(scene, "Dead", days_ago=14, status=PersonStatus.DIED)

    assert faces(scene) == []


def test_somebody_who_gave_up_last_time_was_never_on_the_register(scene: Scene) -> None:
    past = scene.make.session(scene.series, starts_in=timedelta(days=-7), led_by=(scene.fay,))
    scene.make.booking(past, scene.make.person("Cat"), state=BookingState.GIVEN_UP)

    assert faces(scene) == []


def test_undoing_a_walk_in_takes_it_off_the_list(scene: Scene) -> None:
    cat = met_before(scene)
    walked_in = [add(scene, first_name="Jo"), add(scene, one_more=True), add(scene, person_id=cat)]
    for booking_id in walked_in:
        scene.do(attendance.undo, booking_id, scene.fay, scene.now)

    assert {scene.says(each) for each in walked_in} == {"not_recorded"}
    assert {scene.state(each) for each in walked_in} == {"cancelled"}
    listed = scene.do(rota.roster, scene.session, scene.fay, scene.now).rows
    assert [row.name for row in listed] == ["Ann", "Ben"]
    assert scene.says(add(scene, person_id=cat)) == "walked_in"


def test_nobody_walks_in_before_the_register_opens_or_when_it_is_cancelled(scene: Scene) -> None:
    early = scene.now - timedelta(hours=1)
    with pytest.raises(RegisterNotOpen):
        scene.do(attendance.add_walk_in, scene.session, scene.fay, early, one_more=True)
    off = scene.today(state=SessionState.CANCELLED)
    with pytest.raises(SessionCancelled):
        scene.do(attendance.add_walk_in, off, scene.fay, scene.now, one_more=True)
