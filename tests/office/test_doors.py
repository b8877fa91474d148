"""The office's pages open for the office, and for nobody else."""

from flask.testing import FlaskClient

from tests.office.season import Season
from tests.support.builders import Builders

PAGES = (
    "/office",
    "/office/schedule",
    "/office/schedule/new",
    "/office/sessions/1",
    "/office/sessions/1/edit",
    "/office/sessions/1/cancel",
    "/office/people",
    "/office/people/1",
    "/office/people/new",
    "/office/people/1/details",
    "/office/people/1/close",
    "/office/people/1/agreements",
    "/office/people/1/agreements/photos",
    "/office/tasks",
    "/office/people/1/host",
    "/office/attendance",
    "/office/attendance/rows?counted=people",
)
DEEDS = (
    "/office/calls/1",
    "/office/tasks/1/done",
    "/office/tasks/1/reopen",
    "/office/tasks/1/newcomer",
    "/office/tasks/1/newcomer/let-go",
    "/office/people/new",
    "/office/people/1/details",
    "/office/people/1/close",
    "/office/people/1/agreements/photos",
    "/office/calls/1/reopen",
    "/office/schedule/new",
    "/office/sessions/1/edit",
    "/office/sessions/1/cancel",
    "/office/sessions/1/hosts",
    "/office/sessions/1/hosts/1/remove",
    "/office/people",
    "/office/people/1/host",
    "/office/attendance.csv",
)


def test_the_office_opens_every_page(desk: FlaskClient) -> None:
    assert {path: desk.get(path).status_code for path in PAGES if desk.get(path).status_code >= 400} == {}


def test_a_patient_and_a_host_find_no_such_page(season: Season, make: Builders, client: FlaskClient) -> None:
    for person in (season.ann, make.facilitator()):
        make.sign_in(client, person)
        assert {client.get(path).status_code for path in PAGES} == {404}


def test_a_stranger_is_sent_to_sign_in(season: Season, client: FlaskClient) -> None:
    for path in PAGES:
        answer = client.get(path)
        assert answer.status_code == 303
        assert "/sign-in" in answer.location


def test_a_patient_does_no_deed_of_the_office(season: Season, make: Builders, client: FlaskClient) -> None:
    make.sign_in(client, season.ann)
    client.application.config["WTF_CSRF_ENABLED"] = False
    assert {client.post(path).status_code for path in DEEDS} == {404}


def test_what_is_not_there_is_not_found(desk: FlaskClient) -> None:
    for path in ("/office/sessions/999", "/office/people/999", "/office/people/99999999999999999999"):
        assert desk.get(path).status_code == 404
