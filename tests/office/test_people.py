"""People: found by a piece of what is known, made hosts, and given dates to lead."""

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.models import AuditEntry, PersonRole, SeriesFacilitator, SessionFacilitator
from booking.models.kinds import PersonStatus, Role
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders


@pytest.fixture
def eilis(make: Builders, season: Season) -> int:
    return make.person("Éilis", full_name="Éilis O'Neill", email="eo@example.org", phone="+44 7700 900123")


@pytest.mark.parametrize(
    "words", ["Éilis", "éilis", "o'neill", "EO@example", "07700 900", "7700900123", "(07700) 900-123"]
)
def test_somebody_is_found_by_a_piece(desk: FlaskClient, eilis: int, words: str) -> None:
    page = pages.look_for(desk, words)
    assert "1 person found" in pages.words(page)
    assert f'href="/office/people/{eilis}"' in page.text


@pytest.mark.parametrize("words", ["%", "_", "=1+1", "<script>", "☕", "99999999999999999999", "\u202eAnn"])
def test_odd_words_find_nobody_and_break_nothing(desk: FlaskClient, eilis: int, words: str) -> None:
    page = pages.look_for(desk, words)
    assert page.status_code == 200
    assert "<script>" not in page.text.split("<main")[1]


def test_nothing_and_too_much_are_said_at_the_field(desk: FlaskClient) -> None:
    assert "Enter a part of a name" in pages.words(pages.send(desk, "/office/people", words=" "))
    assert "There is a problem" in pages.words(pages.send(desk, "/office/people", words="x" * 10_000))


def test_a_name_in_the_address_is_not_looked_for(desk: FlaskClient, eilis: int) -> None:
    assert "Éilis" not in pages.words(desk.get("/office/people?words=Éilis"))


def test_back_after_a_search_shows_what_was_found_and_no_name_in_the_address(
    desk: FlaskClient, eilis: int
) -> None:
    answer = pages.send(desk, "/office/people", words="Éilis")
    assert (answer.status_code, answer.location) == (303, "/office/people?found=1")
    for _look in range(2):
        assert "1 person found" in pages.words(desk.get(answer.location))
    assert 'value="Éilis"' in desk.get(answer.location).text
    assert "Hosts and the office" in pages.words(desk.get("/office/people"))


def test_what_one_looked_for_is_not_seen_in_another_browser(
    app: Flask, desk: FlaskClient, make: Builders, season: Season, eilis: int
) -> None:
    found = pages.send(desk, "/office/people", words="Éilis").location
    other = make.sign_in(app.test_client(), make.admin("Gil"))
    assert "Éilis" not in pages.words(other.get(found))
    pages.send(desk, "/sign-out", page="/office/people")
    make.sign_in(desk, season.ada)
    assert "Éilis" not in pages.words(desk.get(found))


def test_looking_for_somebody_else_begins_anew(desk: FlaskClient, eilis: int, season: Season) -> None:
    for path in ("/office/people", f"/office/people/{season.ann}/merge"):
        assert "Look for somebody else" in pages.words(pages.look_for(desk, "Éilis", path))
        anew = pages.send(desk, path, anew="1")
        assert anew.location == path
        assert "O'Neill" not in pages.words(desk.get(f"{path}?found=1"))


def test_a_patient_becomes_a_host_once(app: Flask, desk: FlaskClient, season: Season) -> None:
    for _press in range(2):
        answer = pages.send(desk, f"/office/people/{season.ann}/host", page="/office/people")
        assert "Ann can host sessions now." in pages.after(desk, answer)
    held = select(PersonRole.role).where(PersonRole.person_id == season.ann)
    assert pages.rows(app, held) == [Role.FACILITATOR]
    noted = select(AuditEntry.actor_id).where(AuditEntry.action == "role given")
    assert pages.rows(app, noted) == [season.ada]


def test_what_a_host_may_see_is_read_before_somebody_becomes_one(
    app: Flask, desk: FlaskClient, season: Season
) -> None:
    her_page = desk.get(f"/office/people/{season.ann}").text
    assert f'href="/office/people/{season.ann}/roles"' in her_page
    assert f'"/office/people/{season.ann}/host"' not in her_page
    assert f'href="/office/people/{season.ann}/host"' in desk.get(f"/office/people/{season.ann}/roles").text
    said = pages.words(desk.get(f"/office/people/{season.ann}/host"))
    assert "sees who is coming" in said
    assert "each look is noted" in said
    assert pages.rows(app, select(PersonRole.id).where(PersonRole.person_id == season.ann)) == []


def test_a_cancelled_date_offers_nobody_to_lead_it(desk: FlaskClient, make: Builders, season: Season) -> None:
    off = make.session(season.tea, on=date(2026, 12, 2))
    make.facilitator("Gil")
    assert "Add host" in add(desk, off, make.facilitator(), "this")
    pages.send(desk, f"/office/sessions/{off}/cancel")
    said = pages.words(desk.get(f"/office/sessions/{off}"))
    assert "Fay" in said
    assert "Remove from" not in said
    assert "Add host" not in said


def test_somebody_who_has_died_is_not_made_a_host(desk: FlaskClient, make: Builders) -> None:
    dee = make.person("Dee", status=PersonStatus.DIED)
    assert "Make host" not in pages.words(desk.get(f"/office/people/{dee}"))
    assert pages.send(desk, f"/office/people/{dee}/host", page="/office/people").status_code == 404


def test_her_page_shows_her_bookings(desk: FlaskClient, season: Season) -> None:
    said = pages.words(desk.get(f"/office/people/{season.ann}"))
    assert "Wednesday 28 October 2026 Tea & A Chat Manchester In the room Had a place Came" in said
    assert "Wednesday 25 November 2026 Tea & A Chat Manchester In the room Has a place –" in said


@pytest.fixture
def dates(make: Builders, season: Season) -> list[int]:
    return [make.session(season.tea, on=date(2026, 12, day)) for day in (2, 9, 16)]


def led(app: Flask, person_id: int) -> list[int]:
    asked = select(SessionFacilitator.session_id).where(SessionFacilitator.person_id == person_id)
    return sorted(pages.rows(app, asked))


def add(desk: FlaskClient, session_id: int, person_id: int, which: str) -> str:
    page = f"/office/sessions/{session_id}"
    answer = pages.send(desk, f"{page}/hosts", page=page, person=str(person_id), which=which)
    return pages.after(desk, answer) if answer.status_code == 303 else pages.words(answer)


def test_a_host_leads_one_date(app: Flask, desk: FlaskClient, make: Builders, dates: list[int]) -> None:
    fay = make.facilitator()
    assert "Led by Fay" in add(desk, dates[1], fay, "this")
    assert led(app, fay) == [dates[1]]
    assert pages.rows(app, select(SeriesFacilitator.id)) == []


def test_a_host_leads_all_later_dates_too(
    app: Flask, desk: FlaskClient, make: Builders, season: Season, dates: list[int]
) -> None:
    fay = make.facilitator()
    add(desk, dates[1], fay, "later")
    assert led(app, fay) == dates[1:]
    assert pages.rows(app, select(SeriesFacilitator.series_id)) == [season.tea]


def test_a_host_is_taken_off_again(app: Flask, desk: FlaskClient, make: Builders, dates: list[int]) -> None:
    fay = make.facilitator()
    add(desk, dates[0], fay, "later")
    path = f"/office/sessions/{dates[1]}/hosts/{fay}/remove"
    for _press in range(2):
        pages.send(desk, path, page=f"/office/sessions/{dates[1]}", which="this")
    assert dates[1] not in led(app, fay)
    pages.send(desk, path, page=f"/office/sessions/{dates[1]}", which="later")
    assert dates[2] not in led(app, fay)
    assert dates[0] in led(app, fay)
    assert pages.rows(app, select(SeriesFacilitator.id)) == []


def test_somebody_who_is_no_host_is_not_given_a_date(
    app: Flask, desk: FlaskClient, season: Season, dates: list[int]
) -> None:
    for person in (str(season.ann), "", "999", "x", "9" * 40):
        said = add(desk, dates[0], person, "this")  # type: ignore[arg-type]
        assert "There is a problem" in said
    assert led(app, season.ann) == []
