"""A host is asked to speak with the office about a series, and never told why on a page."""

import pytest
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import AuditEntry, Task
from booking.models.kinds import TaskKind
from config import Settings
from tests.hosting.scene import Scene
from tests.support.pages import after, rows, send, words

SETTLED = select(Task.id, Task.settled_by)


@pytest.fixture
def talk(scene: Scene) -> int:
    """The office would like to speak with Fay; it is about Ann."""
    with scene.app.app_context():
        task = Task(
            kind=TaskKind.SPEAK_WITH_OFFICE,
            person_id=scene.ann,
            for_person_id=scene.fay,
            series_id=scene.series,
            created_at=clock.now(),
        )
        db.session.add(task)
        db.session.commit()
        return task.id


def test_fay_is_asked_to_speak_with_the_office(scene: Scene, talk: int) -> None:
    page = words(scene.as_host().get("/host"))
    assert "Please speak with the office about Tea & A Chat Manchester." in page
    assert Settings.help_phone in page
    assert "Ann" not in page
    assert "died" not in page


def test_once_she_has_spoken_it_is_gone(scene: Scene, talk: int) -> None:
    fay = scene.as_host()
    for _ in range(2):
        page = after(fay, send(fay, f"/host/tasks/{talk}", page="/host"))
        assert "Thank you for speaking with the office." in page
        assert "Please speak" not in page
    assert rows(scene.app, SETTLED) == [(talk, scene.fay)]
    assert rows(scene.app, select(AuditEntry.action)) == ["task settled"]


def test_another_hosts_talk_is_not_hers(scene: Scene, talk: int) -> None:
    gil = scene.as_host(scene.make.facilitator("Gil"))
    assert "Please speak" not in words(gil.get("/host"))
    assert send(gil, f"/host/tasks/{talk}", page="/my-sessions").status_code == 404
    assert send(gil, f"/host/tasks/{talk + 99}", page="/my-sessions").status_code == 404
    assert rows(scene.app, SETTLED) == [(talk, None)]


def test_a_task_of_the_office_is_no_hosts(scene: Scene) -> None:
    with scene.app.app_context():
        task = Task(kind=TaskKind.MOVEMENT_CALL, person_id=scene.ann, created_at=clock.now())
        db.session.add(task)
        db.session.commit()
        task_id = task.id
    assert send(scene.as_host(), f"/host/tasks/{task_id}", page="/host").status_code == 404
