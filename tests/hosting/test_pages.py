"""The pages of a host, as she uses them."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking import clock
from booking.models.kinds import Attendance, Mode, Role, SessionState
from tests.hosting.scene import Scene
from tests.support.pages import after, send, words

CANARIES = ("Canary-Surname", "canary@example.org", "07700 900999")


def at(scene: Scene, more: str = "") -> str:
    return f"/host/sessions/{scene.session}{more}"


def tap(
    client: FlaskClient, scene: Scene, mark: str, booking: int | None = None, **more: Any
) -> TestResponse:
    path = at(scene, f"/bookings/{booking or scene.anns}")
    return send(client, path, page=at(scene), mark=mark, **more)


def test_a_host_sees_her_sessions(scene: Scene) -> None:
    page = scene.as_host().get("/host")

    assert page.status_code == 200
    assert "Today Wednesday 25 November" in words(page)
    assert "1:30pm Tea & A Chat Manchester Friends' Meeting House 2 people 2 first timers" in words(page)


def test_an_empty_list_of_sessions_says_so(scene: Scene) -> None:
    assert "No dates ahead yet" in words(scene.as_host(scene.make.facilitator("Gil")).get("/host"))


def test_a_tutor_teaches(scene: Scene) -> None:
    gil = scene.make.facilitator("Gil")
    classes = scene.make.programme("Wellbeing classes", facilitator_word="tutor")
    scene.make.session(scene.make.series("Yoga", programme_id=classes), led_by=(gil,))

    assert "Sessions you teach" in words(scene.as_host(gil).get("/host"))


def test_an_unfinished_register_is_mentioned_gently(scene: Scene) -> None:
    past = scene.make.session(scene.series, starts_in=timedelta(days=-7), led_by=(scene.fay,))
    scene.make.booking(past, scene.ann)

    page = words(scene.as_host().get("/host"))

    assert "When you have a minute" in page
    assert "1 person is not recorded yet" in page


def test_before_the_register_opens_she_sees_who_is_coming(scene: Scene) -> None:
    early = clock.now() - timedelta(hours=1)
    clock.set_source(lambda: early)
    page = scene.as_host().get(at(scene))

    assert "Who is coming" in words(page)
    assert "The register opens today at 1pm" in words(page)
    assert "The rest came" not in page.text
    assert 'name="mark"' not in page.text


def test_one_tap_marks_somebody_and_returns_to_her_name(scene: Scene) -> None:
    fay = scene.as_host()
    answer = tap(fay, scene, "came")

    assert (answer.status_code, answer.location) == (303, f"{at(scene)}#booking-{scene.anns}")
    page = after(fay, answer)
    assert "Who came" in page
    assert "1 came 1 not recorded" in page
    assert "Ann: Came" in page
    assert scene.says(scene.anns) == "came"


def test_not_recorded_is_said_beside_a_name_and_stands_out_when_all_is_over(scene: Scene) -> None:
    during = scene.as_host().get(at(scene)).text
    tomorrow = clock.now() + timedelta(days=1)
    clock.set_source(lambda: tomorrow)
    afterwards = scene.as_host().get(at(scene)).text

    assert during.count('<p class="govuk-visually-hidden">Not recorded</p>') == 2
    assert afterwards.count('<span class="pill pill--grey">Not recorded</span>') == 2


def test_undo_takes_the_tap_back(scene: Scene) -> None:
    fay = scene.as_host()
    tap(fay, scene, "came")

    assert "2 not recorded" in after(fay, tap(fay, scene, "undo", seen="came"))
    tap(fay, scene, "undo", seen="came")
    assert scene.says(scene.anns) == "not_recorded"


def test_the_rest_came(scene: Scene) -> None:
    fay = scene.as_host()
    tap(fay, scene, "did_not_come")
    page = after(fay, send(fay, at(scene, "/rest-came"), page=at(scene)))

    assert "1 more person came." in page
    assert "1 came 1 didn't come" in page
    assert "The rest came" not in page


def test_an_online_session_is_joined_not_come_to(scene: Scene) -> None:
    online = scene.today("Chat online", mode=Mode.ONLINE)
    scene.make.booking(online, scene.ann)
    page = scene.as_host().get(f"/host/sessions/{online}")

    assert "Joined online Came for part Didn't come" in words(page)
    assert 'href="https://meet.example.org/raw-secret"' in page.text


def test_a_meeting_address_that_is_no_web_address_is_no_link(scene: Scene) -> None:
    online = scene.today("Chat online", mode=Mode.ONLINE, meeting_url="javascript:alert(1)")

    assert "javascript:alert" not in scene.as_host().get(f"/host/sessions/{online}").text


@pytest.mark.parametrize("roles", [(Role.FACILITATOR,), (Role.ADMIN,), (Role.FACILITATOR, Role.ADMIN), ()])
def test_everybody_else_finds_no_such_page(scene: Scene, roles: tuple[Role, ...]) -> None:
    other = scene.as_host(scene.make.person("Gil", roles=roles))
    for more in ("", "/print", "/walk-in"):
        assert other.get(at(scene, more)).status_code == 404
    for more in (f"/bookings/{scene.anns}", "/rest-came", "/walk-in"):
        answer = send(other, at(scene, more), page="/my-sessions", mark="came", way="unnamed")
        assert answer.status_code == 404
    assert scene.says(scene.anns) == "not_recorded"


def test_a_stranger_is_asked_to_sign_in(scene: Scene) -> None:
    answer = scene.app.test_client().get(at(scene))

    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")


def test_a_mark_needs_the_pages_own_form(scene: Scene) -> None:
    answer = scene.as_host().post(at(scene, f"/bookings/{scene.anns}"), data={"mark": "came"})

    assert answer.status_code == 400
    assert scene.says(scene.anns) == "not_recorded"


@pytest.mark.parametrize(
    "mark", ["", "no-show", "walked_in", "not_recorded", "💜" * 10_000, "<b>", "came\r\n"]
)
def test_another_word_is_answered_kindly(scene: Scene, mark: str) -> None:
    fay = scene.as_host()

    assert "Choose one of the buttons beside the name." in after(fay, tap(fay, scene, mark))
    assert scene.says(scene.anns) == "not_recorded"


@pytest.mark.parametrize("bad", ["0", "-1", "2147483647", "2147483648", "9" * 400, "x", "%00", "1.5"])
def test_ids_that_nobody_has_are_not_found(scene: Scene, bad: str) -> None:
    fay = scene.as_host()
    for path in (f"/host/sessions/{bad}", f"/host/sessions/{bad}/print", f"/host/sessions/{bad}/walk-in"):
        assert fay.get(path).status_code in (400, 404)
    answer = send(fay, at(scene, f"/bookings/{bad}"), page=at(scene), mark="came")
    assert answer.status_code in (400, 404)


def test_nul_and_odd_shapes_are_refused_not_stumbled_over(scene: Scene) -> None:
    fay = scene.as_host()

    assert tap(fay, scene, "came\0").status_code == 400
    assert tap(fay, scene, "undo", seen="\ud7ff" * 9_000).status_code == 303
    assert fay.post(at(scene, "/walk-in"), json={"way": "unnamed"}).status_code == 400


def test_surname_email_and_phone_never_reach_a_hosts_page(scene: Scene) -> None:
    surname, email, phone = CANARIES
    cat = scene.make.person("Cat", full_name=f"Cat {surname}", email=email, phone=phone)
    past = scene.make.session(scene.series, starts_in=timedelta(days=-7), led_by=(scene.fay,))
    scene.make.booking(past, cat, attendance=Attendance.CAME)
    fay = scene.as_host()
    pages = [fay.get(path).text for path in ("/host", at(scene), at(scene, "/walk-in"))]
    scene.make.booking(scene.session, cat)
    pages += [fay.get(path).text for path in (at(scene), at(scene, "/print"))]

    assert [canary for canary in CANARIES for page in pages if canary in page] == []
    assert sum("Cat" in page for page in pages) == 3


def test_html_in_names_and_needs_stays_words(scene: Scene) -> None:
    nasty = '<script>alert("x")</script>'
    scene.make.booking(scene.session, scene.make.person(nasty, access_needs=nasty, email=None))
    fay = scene.as_host()
    send(fay, at(scene, "/walk-in"), way="named", first_name=nasty)

    for more in ("", "/print"):
        page = fay.get(at(scene, more)).text
        assert nasty not in page
        assert "&lt;script&gt;alert(&#34;x&#34;)" in page


def test_paper_holds_discreet_words_names_and_boxes(scene: Scene) -> None:
    grim = scene.make.series("Secondary breast cancer support", discreet_name="Tea & A Chat")
    session = scene.make.session(grim, led_by=(scene.fay,))
    scene.make.booking(session, scene.make.person("Cat", access_needs="Wheelchair"))
    page = words(scene.as_host().get(f"/host/sessions/{session}/print"))

    assert "Shred me" in page
    assert "Cat" in page
    assert not any(word in page for word in ("cancer", "Wheelchair", "First time"))


def test_a_cancelled_session_shows_no_register(scene: Scene) -> None:
    off = scene.today(state=SessionState.CANCELLED)
    fay = scene.as_host()
    page = fay.get(f"/host/sessions/{off}")

    assert "This session was cancelled" in words(page)
    assert "Add someone who walked in" not in page.text
    sent = send(fay, f"/host/sessions/{off}/walk-in", page="/host", way="unnamed")
    assert "This session was cancelled" in after(fay, sent)
