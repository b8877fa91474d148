"""A mail scanner that opens links in a real browser, its scripts running or not, presses nothing."""

import pytest
from sqlalchemy import select

from booking.db import Base, db
from tests.journeys.conftest import House

pytestmark = pytest.mark.browser
# Every link of a letter that acts by a button, and needs no signing in.
LINKS = (
    *("confirm", "shared", "alone", "change_email", "offer", "offered_from_list", "not_today", "join"),
    *("stop_reminders", "stop_news"),
)


def everything(house: House) -> list[object]:
    with house.scene.app.app_context():
        tables = Base.metadata.sorted_tables
        return [db.session.execute(select(each).order_by(*each.primary_key)).all() for each in tables]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_browser_that_opens_every_link_ten_times_changes_nothing(house: House, scripts: bool) -> None:
    before, first = everything(house), {}
    for _turn in range(10):
        for link in LINKS:
            page = house.visit("", f"{{{link}}}", java_script_enabled=scripts)
            seen = (house.status, page.locator("main").inner_text())
            assert first.setdefault(link, seen) == seen
    assert everything(house) == before
    assert {status for status, _words in first.values()} == {200}
