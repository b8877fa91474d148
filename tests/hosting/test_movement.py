"""What a tutor keeps in mind stands on the list of her movement class, and nowhere else."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from booking import clock
from booking.db import db
from booking.models import MovementCheckIn, Person
from booking.models.kinds import PersonStatus, Role
from tests.hosting.scene import Scene
from tests.support.pages import words, write

SAID = ("Seated options", "No floor work", "Protect spine and hips", "Arm care", "Balance")
ALL = "seated,no_floor,spine_hips,arm_care,balance"


def answer(scene: Scene, person_id: int, flags: str = ALL, at: datetime | None = None) -> None:
    with scene.app.app_context():
        values = {"flags": flags, "wants_call": True, "answered_at": at or clock.now()}
        db.session.add(MovementCheckIn(person_id=person_id, **values))
        db.session.commit()


@pytest.fixture
def yoga(scene: Scene) -> int:
    """Fay teaches a movement class tomorrow; Ann has a place in it, and answered."""
    series = scene.make.series("Chair yoga", movement_check=True)
    yoga = scene.make.session(series, starts_in=timedelta(days=1), led_by=(scene.fay,))
    scene.make.booking(yoga, scene.ann)
    answer(scene, scene.ann)
    return yoga


def roster(scene: Scene, session: int, host: int | None = None) -> str:
    return words(scene.as_host(host).get(f"/host/sessions/{session}"))


def test_the_tutor_of_the_class_sees_what_to_keep_in_mind(scene: Scene, yoga: int) -> None:
    page = roster(scene, yoga)
    assert " ".join(SAID) in page
    assert "call" not in page.replace("Call", "").split("Who is coming")[1].split("Show")[0]


def test_another_session_shows_nothing_of_it(scene: Scene, yoga: int) -> None:
    scene.make.booking(scene.today("Tea"), scene.ann)
    page = roster(scene, scene.session)
    assert not any(word in page for word in (*SAID, "check-in"))


@pytest.mark.parametrize("roles", [(Role.FACILITATOR,), (Role.ADMIN,), (Role.SAFEGUARDING,), ()])
def test_nobody_else_opens_the_list(scene: Scene, yoga: int, roles: tuple[Role, ...]) -> None:
    other = scene.as_host(scene.make.person("Gil", roles=roles))
    assert other.get(f"/host/sessions/{yoga}").status_code == 404


def test_an_admin_never_sees_flags(scene: Scene, yoga: int) -> None:
    ada = scene.as_host(scene.make.admin("Ada"))
    pages = [ada.get(path).text for path in (f"/office/people/{scene.ann}", f"/office/sessions/{yoga}")]
    assert [word for word in SAID for page in pages if word in page] == []


def test_paper_and_the_page_of_walk_ins_hold_no_flags(scene: Scene, yoga: int) -> None:
    fay = scene.as_host()
    pages = [fay.get(f"/host/sessions/{yoga}/{more}").text for more in ("print", "walk-in")]
    assert [word for word in (*SAID, "check-in") for page in pages if word in page] == []


def test_an_old_answer_is_not_shown_as_true(scene: Scene, yoga: int) -> None:
    write(scene.app, update(MovementCheckIn).values(answered_at=clock.now() - timedelta(days=190)))
    page = roster(scene, yoga)
    assert "Check-in asked again" in page
    assert not any(word in page for word in SAID)


def test_who_was_not_asked_yet_is_told_from_who_needs_nothing(scene: Scene, yoga: int) -> None:
    scene.make.booking(yoga, scene.ben)
    assert roster(scene, yoga).count("No check-in yet") == 1
    answer(scene, scene.ben, flags="")
    assert "No check-in yet" not in roster(scene, yoga)


def test_the_latest_answer_counts(scene: Scene, yoga: int) -> None:
    answer(scene, scene.ann, flags="balance")
    page = roster(scene, yoga)
    assert "Balance" in page
    assert "Arm care" not in page


def test_when_the_day_is_over_so_is_the_need_to_know(scene: Scene, yoga: int) -> None:
    later = clock.now() + timedelta(days=2)
    clock.set_source(lambda: later)
    page = roster(scene, yoga)
    assert "Ann" in page
    assert not any(word in page for word in SAID)


@pytest.mark.parametrize("status", [PersonStatus.DIED, PersonStatus.CLOSED])
def test_of_a_record_that_is_shut_nothing_is_kept_in_mind(
    scene: Scene, yoga: int, status: PersonStatus
) -> None:
    write(scene.app, update(Person).where(Person.id == scene.ann).values(status=status))
    assert not any(word in roster(scene, yoga) for word in SAID)
