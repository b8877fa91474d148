"""Two hosts take the same register at once."""

import time
from collections.abc import Callable, Iterator
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from sqlalchemy import event

from booking.db import db
from booking.services import attendance
from tests.hosting.scene import Scene

pytestmark = pytest.mark.race


def at_once(*deeds: Callable[[], Any]) -> None:
    """Do all of this in the same moment; a fault in one is a fault of the test."""
    gate, faults = Barrier(len(deeds)), []

    def run(deed: Callable[[], Any]) -> None:
        gate.wait()
        try:
            deed()
        except Exception as fault:
            faults.append(fault)

    threads = [Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


@pytest.fixture
def slow_rest(scene: Scene) -> Iterator[Event]:
    """Hold "the rest came" between reading the list and writing; the event says that it has read."""
    has_read = Event()

    def wait(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if "FROM booking" in statement and "booking.attendance = " in statement and not has_read.is_set():
            has_read.set()
            time.sleep(0.6)

    with scene.app.app_context():
        engine = db.engine
    event.listen(engine, "after_cursor_execute", wait)
    yield has_read
    event.remove(engine, "after_cursor_execute", wait)


def rest_and_absent(scene: Scene, has_read: Event) -> None:
    """One host says that the rest came while the other has just heard that Ann will not."""
    gil = scene.joins("Gil")

    def absent() -> None:
        assert has_read.wait(10)
        scene.do(attendance.mark, scene.anns, "did_not_come", gil, scene.now)

    at_once(lambda: scene.do(attendance.rest_came, scene.session, scene.fay, scene.now), absent)


def test_no_mark_is_lost_when_the_rest_came_at_the_same_moment(scene: Scene, slow_rest: Event) -> None:
    rest_and_absent(scene, slow_rest)

    assert scene.says(scene.anns) == "did_not_come"
    assert scene.history(scene.anns) == [("not_recorded", "came"), ("came", "did_not_come")]
    assert scene.says(scene.bens) == "came"


def test_without_the_lock_a_mark_is_lost(
    scene: Scene, slow_rest: Event, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.setattr(attendance, "lock_sessions", lambda ids: None)

    rest_and_absent(scene, slow_rest)

    # SQLite lets one writer in at a time (BEGIN IMMEDIATE): there the transaction itself is the lock.
    kept = "did_not_come" if database_url.startswith("sqlite") else "came"
    assert scene.says(scene.anns) == kept


def test_two_hosts_mark_different_people_and_lose_nobody(scene: Scene) -> None:
    gil = scene.joins("Gil")
    bookings = [scene.make.booking(scene.session, scene.make.person(f"P{n}")) for n in range(12)]

    def mark(host: int, mine: list[int]) -> Callable[[], None]:
        return lambda: [scene.do(attendance.mark, each, "came", host, scene.now) for each in mine] and None

    at_once(mark(scene.fay, bookings[::2]), mark(gil, bookings[1::2]))

    assert {scene.says(each) for each in bookings} == {"came"}
    assert len(scene.audited()) == 12


def test_two_hosts_on_one_name_leave_an_unbroken_history(scene: Scene) -> None:
    gil, said = scene.joins("Gil"), ("came", "did_not_come", "part")

    def mark(host: int) -> Callable[[], None]:
        return lambda: (
            [scene.do(attendance.mark, scene.anns, word, host, scene.now) for word in said] and None
        )

    at_once(mark(scene.fay), mark(gil))

    history = scene.history(scene.anns)
    assert [was for was, _ in history] == ["not_recorded", *(now for _, now in history)][:-1]
    assert scene.says(scene.anns) == history[-1][1]


def test_both_press_the_rest_came_and_everybody_is_marked_once(scene: Scene) -> None:
    gil = scene.joins("Gil")

    at_once(
        *(
            lambda host=host: scene.do(attendance.rest_came, scene.session, host, scene.now)
            for host in (scene.fay, gil)
        )
    )

    assert scene.history(scene.anns) == scene.history(scene.bens) == [("not_recorded", "came")]


def test_both_add_the_same_familiar_face(scene: Scene) -> None:
    gil, answers = scene.joins("Gil"), []

    def add(host: int) -> Callable[[], None]:
        def deed() -> None:
            try:
                answers.append(
                    scene.do(attendance.add_walk_in, scene.session, host, scene.now, person_id=scene.ann)
                )
            except attendance.AlreadyOnTheRegister:
                answers.append("already")

        return deed

    at_once(add(scene.fay), add(gil))

    assert sorted(map(str, answers)) == sorted([str(scene.anns), "already"])
