"""Hosts say who came."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from booking.db import db
from booking.models import Message
from booking.models.kinds import Attendance, BookingState, Mode, Pool, Role, SessionState
from booking.refusals import (
    AlreadyOnTheRegister,
    NoLongerExpected,
    NotFound,
    RegisterNotOpen,
    SessionCancelled,
    UnknownMark,
)
from booking.services import attendance
from tests.hosting.scene import Scene


@pytest.mark.parametrize("said", ["came", "part", "joined_online", "did_not_come"])
def test_a_host_marks_somebody(scene: Scene, said: str) -> None:
    at = scene.do(attendance.mark, scene.anns, said, scene.fay, scene.now)

    assert at == scene.session
    assert scene.says(scene.anns) == said
    assert scene.history(scene.anns) == [("not_recorded", said)]
    assert scene.audited() == [("attendance marked", f"booking:{scene.anns}", scene.fay)]


def test_the_same_mark_twice_is_one(scene: Scene) -> None:
    for _ in range(2):
        scene.do(attendance.mark, scene.anns, "came", scene.fay, scene.now)

    assert scene.history(scene.anns) == [("not_recorded", "came")]
    assert len(scene.audited()) == 1


def test_not_coming_tells_nobody(scene: Scene) -> None:
    scene.do(attendance.mark, scene.anns, "did_not_come", scene.fay, scene.now)

    assert scene.do(lambda: db.session.scalar(select(func.count(Message.id)))) == 0


@pytest.mark.parametrize("roles", [(Role.FACILITATOR,), (Role.ADMIN,), ()])
def test_nobody_else_marks_her_register(scene: Scene, roles: tuple[Role, ...]) -> None:
    gil = scene.make.person("Gil", roles=roles)
    for deed, args in [
        (attendance.mark, (scene.anns, "came")),
        (attendance.undo, (scene.anns,)),
        (attendance.rest_came, (scene.session,)),
        (attendance.add_walk_in, (scene.session,)),
    ]:
        with pytest.raises(NotFound):
            scene.do(deed, *args, gil, scene.now)
    assert scene.says(scene.anns) == "not_recorded"
    assert scene.audited() == []


def test_a_patient_does_not_mark_herself(scene: Scene) -> None:
    with pytest.raises(NotFound):
        scene.do(attendance.mark, scene.anns, "came", scene.ann, scene.now)


def test_a_host_of_another_date_of_the_series_is_somebody_else(scene: Scene) -> None:
    gil = scene.make.facilitator("Gil")
    scene.make.session(scene.series, starts_in=timedelta(days=-7), led_by=(gil,))

    with pytest.raises(NotFound):
        scene.do(attendance.mark, scene.anns, "came", gil, scene.now)


def test_the_register_opens_thirty_minutes_before_the_start(scene: Scene) -> None:
    start = scene.now + timedelta(minutes=10)
    with pytest.raises(RegisterNotOpen):
        scene.do(attendance.mark, scene.anns, "came", scene.fay, start - timedelta(minutes=30, seconds=1))
    scene.do(attendance.mark, scene.anns, "came", scene.fay, start - timedelta(minutes=30))
    scene.do(attendance.mark, scene.bens, "came", scene.fay, start + timedelta(days=40))

    assert scene.says(scene.anns) == scene.says(scene.bens) == "came"


def test_a_cancelled_session_has_no_register(scene: Scene) -> None:
    off = scene.today(state=SessionState.CANCELLED)
    hers = scene.make.booking(off, scene.ann, state=BookingState.CANCELLED)

    with pytest.raises(SessionCancelled):
        scene.do(attendance.mark, hers, "came", scene.fay, scene.now)
    with pytest.raises(SessionCancelled):
        scene.do(attendance.rest_came, off, scene.fay, scene.now)


def test_a_draft_is_not_found(scene: Scene) -> None:
    draft = scene.today(state=SessionState.DRAFT)
    with pytest.raises(NotFound):
        scene.do(attendance.rest_came, draft, scene.fay, scene.now)


@pytest.mark.parametrize("said", ["", "walked_in", "not_recorded", "no-show", "came ", "\0", "💜" * 5000])
def test_a_register_holds_no_other_words(scene: Scene, said: str) -> None:
    with pytest.raises(UnknownMark):
        scene.do(attendance.mark, scene.anns, said, scene.fay, scene.now)


@pytest.mark.parametrize("nobodys", [0, -1, 2**31 - 1])
def test_a_booking_that_does_not_exist_is_not_found(scene: Scene, nobodys: int) -> None:
    with pytest.raises(NotFound):
        scene.do(attendance.mark, nobodys, "came", scene.fay, scene.now)


def test_a_place_given_up_meanwhile_takes_no_mark(scene: Scene) -> None:
    gone = scene.make.booking(scene.session, scene.make.person("Cat"), state=BookingState.GIVEN_UP)

    with pytest.raises(NoLongerExpected):
        scene.do(attendance.mark, gone, "did_not_come", scene.fay, scene.now)
    assert scene.says(gone) == "not_recorded"


def test_undo_goes_back_step_by_step_and_keeps_the_history(scene: Scene) -> None:
    for said in ("came", "did_not_come"):
        scene.do(attendance.mark, scene.anns, said, scene.fay, scene.now)
    said = [(scene.do(attendance.undo, scene.anns, scene.fay, scene.now), scene.says(scene.anns))[1]]
    said += [(scene.do(attendance.undo, scene.anns, scene.fay, scene.now), scene.says(scene.anns))[1]]

    assert said == ["came", "not_recorded"]
    assert scene.history(scene.anns) == [
        ("not_recorded", "came"),
        ("came", "did_not_come"),
        ("did_not_come", "came"),
        ("came", "not_recorded"),
    ]


def test_undo_with_nothing_to_undo_changes_nothing(scene: Scene) -> None:
    scene.do(attendance.undo, scene.anns, scene.fay, scene.now)

    assert scene.history(scene.anns) == []
    assert scene.audited() == []


def test_undo_pressed_twice_or_on_an_old_page_undoes_nobody_elses_mark(scene: Scene) -> None:
    for said in ("came", "did_not_come"):
        scene.do(attendance.mark, scene.anns, said, scene.fay, scene.now)
    for _ in range(2):
        scene.do(attendance.undo, scene.anns, scene.fay, scene.now, seen="did_not_come")

    assert scene.says(scene.anns) == "came"


def test_the_rest_came_leaves_every_mark_as_it_was(scene: Scene) -> None:
    scene.do(attendance.mark, scene.anns, "did_not_come", scene.fay, scene.now)
    scene.make.booking(scene.session, scene.make.person("Cat"), state=BookingState.GIVEN_UP)

    assert scene.do(attendance.rest_came, scene.session, scene.fay, scene.now) == 1
    assert scene.do(attendance.rest_came, scene.session, scene.fay, scene.now) == 0
    assert (scene.says(scene.anns), scene.says(scene.bens)) == ("did_not_come", "came")


def test_the_rest_of_the_online_side_joined_online(scene: Scene) -> None:
    today = scene.today("Writing", mode=Mode.HYBRID)
    anns = scene.make.booking(today, scene.ann, pool=Pool.ONLINE)
    bens = scene.make.booking(today, scene.ben, pool=Pool.ROOM)

    scene.do(attendance.rest_came, today, scene.fay, scene.now)

    assert (scene.says(anns), scene.says(bens)) == ("joined_online", "came")


def test_somebody_who_walked_in_is_marked_already(scene: Scene) -> None:
    jo = scene.do(attendance.add_walk_in, scene.session, scene.fay, scene.now, first_name="Jo")

    with pytest.raises(AlreadyOnTheRegister):
        scene.do(attendance.mark, jo, Attendance.DID_NOT_COME.value, scene.fay, scene.now)
