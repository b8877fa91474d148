"""What others run, as everybody finds it: beside ours, on its own page, and clearly somebody else's."""

import html
import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

from booking.models.kinds import ListingKind, SessionState
from tests.schedule.test_find import _LATER, turned
from tests.support.builders import Builders
from tests.support.pages import words

ELSEWHERE = "/sessions/elsewhere"
ON = date(2026, 11, 25)


def test_a_retreat_stands_on_its_day_and_is_clearly_theirs(client: FlaskClient, make: Builders) -> None:
    make.session(make.series("Tea Leeds"), on=ON)
    make.listing(ON, ends_on=date(2026, 11, 27), when_words="from 3pm", place="Lakeside House")
    page = client.get("/sessions")
    assert "Run by Lakeside Friends · not booked here" in words(page)
    assert "Wednesday 25 November to Friday 27 November 2026, from 3pm Lakeside House, England" in words(page)
    assert page.text.count("day-heading") == 1
    (link,) = re.findall(r'<a [^>]*href="https://lakeside[^>]*>', page.text)
    assert 'rel="noopener noreferrer external"' in link


@pytest.mark.parametrize("path", ["/sessions", ELSEWHERE])
def test_what_is_hidden_or_over_is_shown_to_nobody(client: FlaskClient, make: Builders, path: str) -> None:
    make.listing(ON, "Hidden", state=SessionState.DRAFT)
    make.listing(date(2026, 11, 20), "Over")
    page = words(client.get(path))
    assert "Hidden" not in page
    assert "Over" not in page


def test_what_runs_for_months_stays_on_its_page_until_it_ends(client: FlaskClient, make: Builders) -> None:
    facts = {"kind": ListingKind.OTHER_GROUP, "nation": "UK", "when_words": "every first Monday"}
    make.listing(date(2026, 9, 1), "Monday group", ends_on=date(2027, 6, 30), **facts)
    make.listing(date(2027, 1, 9), "January walk", kind=ListingKind.EVENT)
    page = words(client.get(ELSEWHERE))
    assert re.search(
        r"November 2026 Another charity's group Monday group .* January 2027 Event January walk", page
    )
    assert "Tuesday 1 September 2026 to Wednesday 30 June 2027, every first Monday" in page
    assert "Walks, rest and good food." in page


def test_no_listing_says_so_kindly(client: FlaskClient) -> None:
    assert "Nothing is listed at the moment" in words(client.get(ELSEWHERE))


def test_a_listing_fits_by_nation_and_words_and_has_no_format(client: FlaskClient, make: Builders) -> None:
    make.listing(ON, nation="Wales")
    asked = ("nation=wales", "q=lake", "nation=wales&q=quiet", "nation=england", "q=yoga", "format=online")
    found = [path for path in asked if "A quiet weekend" in client.get(f"/sessions?{path}").text]
    assert found == ["nation=wales", "q=lake", "nation=wales&q=quiet"]


def test_each_listing_stands_on_exactly_one_page(client: FlaskClient, make: Builders) -> None:
    series = make.series("Tea")
    for day in range(50):
        make.session(series, on=ON + timedelta(days=day))
        make.listing(ON + timedelta(days=day), f"Walk number {day:02}")
    make.listing(ON + timedelta(days=90), "The very last")
    paths = ["/sessions", *turned(client, "/sessions", _LATER)]
    found = [
        name
        for path in paths
        for name in re.findall(r">(Walk number \d\d|The very last)<", client.get(path).text)
    ]
    assert found == [*(f"Walk number {day:02}" for day in range(50)), "The very last"]


def test_what_the_office_wrote_is_never_markup(client: FlaskClient, make: Builders) -> None:
    nasty = "<script>alert(1)</script>"
    make.listing(ON, nasty, run_by=nasty, place=nasty, when_words=nasty, description=nasty)
    for path in ("/sessions", ELSEWHERE, "/sessions/month"):
        assert nasty not in client.get(path).text
        assert nasty in html.unescape(client.get(path).text)
