"""schema.org's Event in the pages: the same facts as the page says, and no way out of its block."""

import html
import json
import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.models.kinds import Audience, Enrol, Mode, SessionState
from tests.support.builders import Builders

ON = date(2026, 11, 25)
_DATA = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def marked(client: FlaskClient, path: str) -> Any:
    """The facts that a page holds for machines."""
    (found,) = _DATA.findall(client.get(path).text)
    return json.loads(found)


def test_a_session_page_tells_what_when_and_where(client: FlaskClient, make: Builders) -> None:
    chat = make.session(on=ON)
    found = marked(client, f"/sessions/{chat}")
    assert (found["@context"], found["@type"]) == ("https://schema.org", "Event")
    assert found["name"] == "Tea & A Chat Manchester"
    assert (found["startDate"], found["endDate"]) == (
        "2026-11-25T13:30:00+00:00",
        "2026-11-25T17:00:00+00:00",
    )
    assert found["location"]["name"] == "Friends' Meeting House"
    assert found["isAccessibleForFree"] is True
    assert found["offers"]["availability"] == "https://schema.org/InStock"
    assert found["url"] == f"http://localhost/sessions/{chat}"


@pytest.mark.parametrize(
    ("facts", "name", "said"),
    [
        ({"state": SessionState.CANCELLED}, "eventStatus", "https://schema.org/EventCancelled"),
        ({"mode": Mode.ONLINE}, "eventAttendanceMode", "https://schema.org/OnlineEventAttendanceMode"),
        ({"mode": Mode.HYBRID}, "eventAttendanceMode", "https://schema.org/MixedEventAttendanceMode"),
    ],
)
def test_a_date_says_how_it_stands(
    client: FlaskClient, make: Builders, facts: dict[str, Any], name: str, said: str
) -> None:
    chat = make.session(on=ON, **facts)
    assert marked(client, f"/sessions/{chat}")[name] == said


def test_a_full_one_is_sold_out_and_the_raw_link_is_nowhere(client: FlaskClient, make: Builders) -> None:
    chat = make.session(make.series(mode=Mode.ONLINE, places_online=1), on=ON)
    make.booking(chat, make.person("Ann"))
    found = marked(client, f"/sessions/{chat}")
    assert found["offers"]["availability"] == "https://schema.org/SoldOut"
    assert found["location"] == {"@type": "VirtualLocation", "url": f"http://localhost/sessions/{chat}"}
    assert "Ann" not in str(found)


def test_a_series_tells_its_next_dates(client: FlaskClient, make: Builders) -> None:
    tea = make.series(key="tea")
    dates = [make.session(tea, on=date(2026, 11, day)) for day in (25, 26)]
    found = marked(client, "/series/tea")
    assert (found["@type"], found["url"]) == ("EventSeries", "http://localhost/series/tea")
    assert [each["url"] for each in found["subEvent"]] == [f"http://localhost/sessions/{id}" for id in dates]


def test_a_course_tells_its_weeks(client: FlaskClient, make: Builders) -> None:
    art = make.series("Art", key="art", enrol=Enrol.COURSE)
    make.session(art, on=ON)
    found = marked(client, "/series/art")
    assert (found["@type"], len(found["subEvent"])) == ("EventSeries", 1)


def test_hosts_own_sessions_are_told_to_no_machine(app: Flask, make: Builders) -> None:
    own = make.session(make.series("Host catch-up", key="own", audience=Audience.FACILITATORS), on=ON)
    fay = make.sign_in(app.test_client(), make.facilitator("Fay"))
    assert [_DATA.findall(fay.get(path).text) for path in (f"/sessions/{own}", "/series/own")] == [[], []]


def test_nobodys_words_end_the_block(client: FlaskClient, make: Builders) -> None:
    nasty = "</script><script>alert(1)</script><!--"
    chat = make.session(make.series(nasty, description=nasty), on=ON)
    page = client.get(f"/sessions/{chat}").text
    assert nasty not in page
    assert json.loads(_DATA.findall(page)[0])["name"] == nasty
    assert nasty in html.unescape(page)
