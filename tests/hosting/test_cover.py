"""I can't host: one tap, no reason, and somebody else steps in with one tap."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from booking.db import db, transaction
from booking.messages.letters import NoLongerTrue, compose_now
from booking.models import (
    AuditEntry,
    CoverRequest,
    Message,
    PersonRole,
    ScheduledSession,
    SessionFacilitator,
    Task,
)
from booking.models.kinds import MessageKind, MessageState, Role, SessionState, TaskKind
from booking.refusals import CoverTaken, InThePast, NotFound, SessionCancelled
from booking.services import cover, host_letters, rota
from booking.services.steps.host_letters import forget_date
from tests.hosting.scene import Scene
from tests.support.pages import after, rows, send, words, write

OPEN_TASKS = select(Task.session_id).where(Task.kind == TaskKind.COVER_WANTED, Task.settled_at.is_(None))
LETTERS = (
    select(Message.person_id, Message.state)
    .where(Message.kind == MessageKind.COVER_WANTED)
    .order_by(Message.id)
)


@pytest.fixture
def gil(scene: Scene) -> int:
    """Gil hosts elsewhere."""
    return scene.make.facilitator("Gil")


def leads(scene: Scene) -> list[int]:
    asked = select(SessionFacilitator.person_id).where(SessionFacilitator.session_id == scene.session)
    return rows(scene.app, asked.order_by(SessionFacilitator.id))


def press(scene: Scene, who: int, deed: str, page: str = "/host") -> str:
    browser = scene.as_host(who)
    return after(browser, send(browser, f"/host/sessions/{scene.session}/{deed}", page=page))


def test_fay_cannot_host_and_nobody_asks_why(scene: Scene, gil: int) -> None:
    page = scene.as_host().get(f"/host/sessions/{scene.session}")
    assert "I can't host One tap, and you don't have to say why." in words(page)
    said = press(scene, scene.fay, "cannot-host")
    assert "Thank you for telling us." in said
    assert "We look for somebody to lead Tea & A Chat Manchester" in said
    assert (leads(scene), rows(scene.app, OPEN_TASKS)) == ([], [scene.session])
    assert scene.as_host().get(f"/host/sessions/{scene.session}").status_code == 404


def test_gil_sees_that_cover_is_wanted_and_steps_in_with_one_tap(scene: Scene, gil: int) -> None:
    scene.do(cover.cannot_host, scene.session, scene.fay, scene.now)
    page = words(scene.as_host(gil).get("/host"))
    assert "Cover wanted" in page
    assert "Ann" not in page
    assert "Here is who is coming." in press(scene, gil, "cover")
    assert (leads(scene), rows(scene.app, OPEN_TASKS)) == ([gil], [])
    assert "Cover wanted" not in words(scene.as_host(gil).get("/host"))
    assert "We look for somebody" not in words(scene.as_host().get("/host"))


def test_twice_is_once(scene: Scene, gil: int) -> None:
    for _ in range(2):
        scene.do(cover.cannot_host, scene.session, scene.fay, scene.now)
    for _ in range(2):
        scene.do(cover.take_cover, scene.session, gil, scene.now)
    assert leads(scene) == [gil]
    assert len(rows(scene.app, select(CoverRequest.id))) == 1
    actions = rows(scene.app, select(AuditEntry.action).order_by(AuditEntry.id))
    assert actions == ["cover asked for", "cover taken"]


def test_fay_takes_it_back_with_one_tap(scene: Scene) -> None:
    scene.do(cover.cannot_host, scene.session, scene.fay, scene.now)
    assert "It is yours again." in press(scene, scene.fay, "host-after-all")
    assert (leads(scene), rows(scene.app, OPEN_TASKS)) == ([scene.fay], [])
    scene.do(cover.host_after_all, scene.session, scene.fay, scene.now)
    assert leads(scene) == [scene.fay]


def test_what_somebody_took_is_not_taken_back(scene: Scene, gil: int) -> None:
    scene.do(cover.cannot_host, scene.session, scene.fay, scene.now)
    scene.do(cover.take_cover, scene.session, gil, scene.now)
    with pytest.raises(CoverTaken):
        scene.do(cover.host_after_all, scene.session, scene.fay, scene.now)
    sue = scene.make.facilitator("Sue")
    assert "Somebody else leads this session now." in press(scene, sue, "cover")
    assert leads(scene) == [gil]


def test_who_leads_it_with_her_is_told_until_somebody_steps_in(scene: Scene, gil: int) -> None:
    sue = scene.joins("Sue")
    scene.do(cover.cannot_host, scene.session, scene.fay, scene.now)
    assert rows(scene.app, LETTERS) == [(sue, MessageState.WAITING)]
    scene.do(cover.take_cover, scene.session, gil, scene.now)
    assert rows(scene.app, LETTERS) == [(sue, MessageState.WITHDRAWN)]


def test_whoever_asked_and_whoever_was_told_hear_who_hosts_it_now(scene: Scene, gil: int) -> None:
    sue, late = scene.joins("Sue"), scene.joins("Lou")
    scene.do(cover.cannot_host, scene.session, scene.fay, scene.now)
    write(scene.app, update(Message).where(Message.person_id == sue).values(state=MessageState.SENT))
    scene.do(cover.take_cover, scene.session, gil, scene.now)
    asked = select(Message.id, Message.person_id).where(Message.kind == MessageKind.ROTA_CHANGED)
    told = rows(scene.app, asked.order_by(Message.id))
    assert [person for _id, person in told] == [scene.fay, sue]
    assert late not in dict(told).values()
    letter = scene.do(compose_now, told[0][0], scene.now)
    assert "Gil hosts Tea & A Chat Manchester on Wednesday 25 November 2026" in letter.text
    scene.do(rota.remove_facilitator, scene.session, gil, scene.make.admin(), scene.now)
    assert scene.do(compose_now, told[0][0], scene.now) == NoLongerTrue("nothing differs")


def test_who_hosts_it_after_all_tells_only_those_who_knew(scene: Scene) -> None:
    sue = scene.joins("Sue")
    scene.do(cover.cannot_host, scene.session, scene.fay, scene.now)
    write(scene.app, update(Message).where(Message.person_id == sue).values(state=MessageState.SENT))
    scene.do(cover.host_after_all, scene.session, scene.fay, scene.now)
    asked = select(Message.person_id).where(Message.kind == MessageKind.ROTA_CHANGED)
    assert rows(scene.app, asked) == [sue]


def test_only_a_host_of_that_programme_steps_in_at_a_class(scene: Scene, gil: int) -> None:
    classes = scene.make.programme("Wellbeing classes", facilitator_word="tutor")
    yoga = scene.make.series("Yoga", programme_id=classes)
    session = scene.make.session(yoga, led_by=(scene.fay,))
    scene.do(cover.cannot_host, session, scene.fay, scene.now)
    assert "Cover wanted" not in words(scene.as_host(gil).get("/host"))
    with pytest.raises(NotFound):
        scene.do(cover.take_cover, session, gil, scene.now)
    scene.make.session(yoga, starts_in=timedelta(days=-30), led_by=(gil,))
    scene.do(cover.take_cover, session, gil, scene.now)
    assert rows(scene.app, OPEN_TASKS) == []


def test_what_is_not_hers_is_not_there(scene: Scene, gil: int) -> None:
    for deed in (cover.cannot_host, cover.host_after_all, cover.take_cover):
        for session in (scene.session, scene.session + 99):
            with pytest.raises(NotFound):
                scene.do(deed, session, gil, scene.now)
    browser = scene.as_host(scene.ann)
    assert browser.post(f"/host/sessions/{scene.session}/cover").status_code in (400, 404)
    assert leads(scene) == [scene.fay]


def test_who_gave_the_role_back_does_not_step_in(scene: Scene, gil: int) -> None:
    scene.do(cover.cannot_host, scene.session, scene.fay, scene.now)
    write(scene.app, PersonRole.__table__.delete().where(PersonRole.role == Role.FACILITATOR))  # type: ignore[attr-defined]
    for deed, who in ((cover.take_cover, gil), (cover.host_after_all, scene.fay)):
        with pytest.raises(NotFound):
            scene.do(deed, scene.session, who, scene.now)


@pytest.mark.parametrize(("state", "refusal"), [("cancelled", SessionCancelled), ("over", InThePast)])
def test_a_date_that_is_off_or_over_wants_nobody(
    scene: Scene, gil: int, state: str, refusal: type[Exception], clock_at: Callable[[datetime], datetime]
) -> None:
    scene.do(cover.cannot_host, scene.session, scene.fay, scene.now)
    if state == "cancelled":
        write(scene.app, update(ScheduledSession).values(state=SessionState.CANCELLED))
    else:
        clock_at(scene.now + timedelta(days=1))
    assert "Cover wanted" not in words(scene.as_host(gil).get("/host"))
    with pytest.raises(refusal):
        scene.do(cover.take_cover, scene.session, gil, scene.now)
    scene.do(host_letters.lay_out, scene.now)
    assert rows(scene.app, OPEN_TASKS) == []


def test_the_office_finds_somebody_and_has_nothing_left_to_do(scene: Scene, gil: int) -> None:
    ada = scene.make.admin()
    scene.do(cover.cannot_host, scene.session, scene.fay, scene.now)
    page = words(scene.as_host(ada).get("/office/tasks"))
    assert "Cover wanted: Tea & A Chat Manchester, Wednesday 25 November 2026" in page
    assert "Fay can't host it. Nobody leads it now." in page
    scene.do(rota.add_facilitator, scene.session, gil, ada, scene.now)
    assert rows(scene.app, OPEN_TASKS) == []
    assert rows(scene.app, select(CoverRequest.covered_by)) == [gil]


def test_two_who_cannot_host_want_two(scene: Scene, gil: int) -> None:
    sue = scene.joins("Sue")
    for who in (scene.fay, sue):
        scene.do(cover.cannot_host, scene.session, who, scene.now)
    assert rows(scene.app, OPEN_TASKS) == [scene.session]
    scene.do(cover.take_cover, scene.session, gil, scene.now)
    assert (leads(scene), rows(scene.app, OPEN_TASKS)) == ([gil], [scene.session])
    scene.do(cover.host_after_all, scene.session, sue, scene.now)
    assert (leads(scene), rows(scene.app, OPEN_TASKS)) == ([gil, sue], [])


def test_the_roster_opens_for_whoever_stepped_in_and_for_nobody_else(scene: Scene, gil: int) -> None:
    scene.do(cover.cannot_host, scene.session, scene.fay, scene.now)
    path = f"/host/sessions/{scene.session}"
    assert scene.as_host(gil).get(path).status_code == 404
    scene.do(cover.take_cover, scene.session, gil, scene.now)
    assert scene.as_host(gil).get(path).status_code == 200


def test_a_date_that_is_taken_away_takes_its_wish_for_cover_along(scene: Scene) -> None:
    scene.joins("Sue")
    scene.do(cover.cannot_host, scene.session, scene.fay, scene.now)
    with scene.app.app_context(), transaction():
        forget_date(db.session.get_one(ScheduledSession, scene.session), scene.now, scene.now)
    assert rows(scene.app, select(CoverRequest.id)) == rows(scene.app, OPEN_TASKS) == []
    told = select(Message.session_id, Message.state).where(Message.kind == MessageKind.COVER_WANTED)
    assert rows(scene.app, told) == [(None, MessageState.WITHDRAWN)]
