"""The page on which a host adds somebody who walked in."""

from datetime import timedelta

import pytest

from booking import clock
from booking.models.kinds import Attendance
from tests.hosting.scene import Scene
from tests.support.pages import after, send, words


def here(scene: Scene) -> str:
    return f"/host/sessions/{scene.session}/walk-in"


def test_a_name_is_added(scene: Scene) -> None:
    fay = scene.as_host()
    page = after(fay, send(fay, here(scene), way="named", first_name=" Jo "))

    assert "They are on the list." in page
    assert "1 walked in 2 not recorded" in page
    assert "Jo Walked in" in page


def test_one_more_person_is_added(scene: Scene) -> None:
    fay = scene.as_host()

    assert "One more person Walked in" in after(fay, send(fay, here(scene), way="unnamed"))


def test_a_familiar_face_is_chosen_from_the_list(scene: Scene) -> None:
    cat = scene.make.person("Cat")
    past = scene.make.session(scene.series, starts_in=timedelta(days=-7), led_by=(scene.fay,))
    for person_id in (cat, scene.ann):
        scene.make.booking(past, person_id, attendance=Attendance.CAME)
    fay = scene.as_host()

    assert "Choose a name Cat Add this person" in words(fay.get(here(scene)))
    assert "Cat Walked in" in after(fay, send(fay, here(scene), way="familiar", person=str(cat)))


@pytest.mark.parametrize("person", ["", "x", "-1", "9" * 300, "1", "١"])
def test_only_faces_on_the_list_can_be_chosen(scene: Scene, person: str) -> None:
    past = scene.make.session(scene.series, starts_in=timedelta(days=-7), led_by=(scene.fay,))
    scene.make.booking(past, scene.make.person("Cat"), attendance=Attendance.CAME)
    answer = send(scene.as_host(), here(scene), way="familiar", person=person)

    assert answer.status_code == 200
    assert "Choose a name from the list." in words(answer)
    assert '<a href="#person">' in answer.text


@pytest.mark.parametrize("name", ["", "  \r\n ", "J" * 101, "💜" * 10_000])
def test_a_name_that_no_list_could_hold_is_asked_for_again(scene: Scene, name: str) -> None:
    answer = send(scene.as_host(), here(scene), way="named", first_name=name)

    assert answer.status_code == 200
    assert '<a href="#first_name">' in answer.text
    assert 'aria-invalid="true"' in answer.text


@pytest.mark.parametrize("name", ["José", "O'Neill", "شيماء", "👩🏽‍🦰", "=1+1", "Jo\u202eevil", "J" * 100])
def test_names_of_all_kinds_are_welcome(scene: Scene, name: str) -> None:
    fay = scene.as_host()

    assert name.replace("\u202e", "") in after(fay, send(fay, here(scene), way="named", first_name=name))


def test_another_way_adds_nobody(scene: Scene) -> None:
    fay = scene.as_host()
    answer = send(fay, here(scene), way="other", first_name="Jo", person=str(scene.ann))

    assert "Write a first name, or choose One more person." in after(fay, answer)


def test_the_page_waits_for_the_register(scene: Scene) -> None:
    fay = scene.as_host()
    early = clock.now() - timedelta(hours=1)
    clock.set_source(lambda: early)

    assert "The register opens today at 1pm" in after(fay, fay.get(here(scene)))
    sent = send(fay, here(scene), page="/host", way="unnamed")
    assert "The register opens 30 minutes before the start." in after(fay, sent)


@pytest.mark.parametrize("fields", [{"way": "named", "first_name": "Jo"}, {"way": "unnamed"}])
def test_the_same_form_sent_twice_adds_one_person(scene: Scene, fields: dict[str, str]) -> None:
    fay = scene.as_host()
    token = fay.get(here(scene)).text.split('name="token" value="')[1].split('"')[0]
    send(fay, here(scene), token=token, **fields)

    assert "1 walked in" in after(fay, send(fay, here(scene), token=token, **fields))
    assert "2 walked in" in after(fay, send(fay, here(scene), **fields))


@pytest.mark.parametrize("token", ["x", "9" * 300, "ا" * 22])
def test_a_token_that_is_none_of_ours_still_adds(scene: Scene, token: str) -> None:
    fay = scene.as_host()
    send(fay, here(scene), way="unnamed", token=token)

    assert "2 walked in" in after(fay, send(fay, here(scene), way="unnamed", token=token))
