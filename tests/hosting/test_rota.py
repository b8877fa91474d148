"""What a host reads about her sessions."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from booking.db import db
from booking.models.kinds import Attendance, BookingState, Mode, Pool, SessionState
from booking.queries import rota
from booking.queries.rota import HostedSession, RosterRow
from booking.refusals import NotFound
from tests.hosting.scene import Scene


def listed(scene: Scene, session: int | None = None) -> list[RosterRow]:
    rows: list[RosterRow] = scene.do(rota.roster, session or scene.session, scene.fay, scene.now).rows
    return rows


def ids(hosted: list[HostedSession]) -> list[int]:
    return [each.scheduled.id for each in hosted]


def queries(scene: Scene, ask: object, *args: object) -> int:
    asked: list[str] = []
    with scene.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note := lambda *call: asked.append(call[2]))
    scene.do(ask, *args)  # type: ignore[arg-type]
    event.remove(engine, "before_cursor_execute", note)
    return len(asked)


def test_her_dates_come_next_first(scene: Scene) -> None:
    later = scene.make.session(scene.series, starts_in=timedelta(days=35), led_by=(scene.fay,))
    sooner = scene.make.session(scene.series, starts_in=timedelta(days=7), led_by=(scene.fay,))
    scene.make.session(scene.series, starts_in=timedelta(days=14), led_by=(scene.make.facilitator("Gil"),))
    scene.make.session(
        scene.series, starts_in=timedelta(days=8), led_by=(scene.fay,), state=SessionState.DRAFT
    )

    assert ids(scene.do(rota.my_sessions, scene.fay, scene.now).coming) == [scene.session, sooner, later]


def test_an_unfinished_register_stands_apart_for_four_weeks(scene: Scene) -> None:
    past = [
        scene.make.session(scene.series, starts_in=timedelta(days=-days), led_by=(scene.fay,))
        for days in (7, 14, 35)
    ]
    scene.make.booking(past[0], scene.ann)
    scene.make.booking(past[1], scene.ann, attendance=Attendance.CAME)
    scene.make.booking(past[2], scene.ann)

    hosted = scene.do(rota.my_sessions, scene.fay, scene.now)

    assert (ids(hosted.to_record), ids(hosted.lately)) == ([past[0]], [past[1]])
    assert hosted.to_record[0].not_recorded == 1


def test_a_date_knows_how_many_come_and_how_many_are_new(scene: Scene) -> None:
    past = scene.make.session(scene.series, starts_in=timedelta(days=-7))
    scene.make.booking(past, scene.ann, attendance=Attendance.PART)
    scene.make.booking(past, scene.ben, attendance=Attendance.DID_NOT_COME)
    scene.make.booking(scene.session, scene.make.person("Cat"), state=BookingState.GIVEN_UP)

    [today] = scene.do(rota.my_sessions, scene.fay, scene.now).coming

    assert (today.expected, today.not_recorded, today.first_timers) == (2, 2, 1)


def test_whoever_comes_along_is_counted_for_the_host(scene: Scene) -> None:
    cat = scene.make.person("Cat")
    scene.make.booking(scene.session, cat, party_size=2, companion_name="Sam")

    [today] = scene.do(rota.my_sessions, scene.fay, scene.now).coming
    roster = scene.do(rota.roster, scene.session, scene.fay, scene.now)

    assert (today.expected, today.not_recorded) == (4, 3)
    assert (len(roster.rows), sum(roster.count_in(pool) for pool in Pool)) == (3, 4)


def test_only_a_host_of_that_date_reads_its_list(scene: Scene) -> None:
    gil, ada = scene.make.facilitator("Gil"), scene.make.admin("Ada")
    scene.make.session(scene.series, starts_in=timedelta(days=7), led_by=(gil,))

    for person_id in (gil, ada, scene.ann):
        with pytest.raises(NotFound):
            scene.do(rota.roster, scene.session, person_id, scene.now)
    with pytest.raises(NotFound):
        scene.do(rota.roster, 2**31 - 1, scene.fay, scene.now)


def test_the_list_keeps_its_order_by_the_names_people_like(scene: Scene) -> None:
    for name, full_name in (("zoë", "Zoë Z"), ("Éilis", "Éilis Kelly"), ("ann", "Ann O'Neill")):
        scene.make.booking(scene.session, scene.make.person(name, full_name=full_name))
    scene.make.booking(scene.session, None, walk_in_name="Abe", attendance=Attendance.WALKED_IN)

    assert [row.name for row in listed(scene)] == ["Ann E.", "ann O.", "Ben", "Éilis", "zoë", "Abe"]


def test_a_place_given_up_is_not_on_the_list(scene: Scene) -> None:
    for n, state in enumerate(BookingState):
        scene.make.booking(scene.session, scene.make.person(f"{state}{n}"), state=state)

    assert [row.name for row in listed(scene)] == ["Ann", "Ben", "booked2", "provisional1"]


def test_whoever_came_anywhere_before_is_not_new(scene: Scene) -> None:
    elsewhere = scene.make.session(scene.make.series("Yoga"), starts_in=timedelta(days=-100))
    scene.make.booking(elsewhere, scene.ann, attendance=Attendance.JOINED_ONLINE)
    scene.make.booking(elsewhere, scene.ben, attendance=Attendance.NOT_RECORDED)
    later = scene.make.session(scene.series, starts_in=timedelta(days=7))
    scene.make.booking(later, scene.ben, attendance=Attendance.CAME)

    [anns, bens] = listed(scene)

    assert (anns.is_first_time, anns.months_away) == (False, 3)
    assert (bens.is_first_time, bens.months_away) == (True, 0)


def test_a_host_knows_access_needs_and_pools(scene: Scene) -> None:
    hybrid = scene.today("Writing", mode=Mode.HYBRID)
    cat = scene.make.person("Cat", access_needs="Lip-reads")
    scene.make.booking(hybrid, cat, pool=Pool.ONLINE)

    [row] = listed(scene, hybrid)

    assert (row.access_needs, row.pool) == ("Lip-reads", Pool.ONLINE)


def test_a_longer_list_asks_the_database_no_more_often(scene: Scene) -> None:
    asks = [(rota.roster, scene.session, scene.fay, scene.now), (rota.my_sessions, scene.fay, scene.now)]
    few = [queries(scene, *ask) for ask in asks]
    for n in range(25):
        scene.make.booking(scene.session, scene.make.person(f"P{n}"))
        scene.make.session(scene.series, starts_in=timedelta(days=7 * (n + 1)), led_by=(scene.fay,))

    assert [queries(scene, *ask) for ask in asks] == few
    assert max(few) <= 4
