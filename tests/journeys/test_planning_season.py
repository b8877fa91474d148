"""Planning the sample season from nothing: what it costs somebody in the office, counted and added up."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import ScheduledSession, Series, Venue
from booking.queries.effects import date_mark
from booking.rules.timetable import SeriesPlan
from booking.services import schedule
from tests.journeys.conftest import House
from tests.journeys.season_answers import (
    SEASON,
    Answers,
    Cost,
    answers_to,
    changes_of,
    folds_opened,
    taken_over,
    the_plans,
    unsaid,
)
from tests.support import pages
from tests.support.browser import DESKTOP
from tests.support.builders import Builders

NEW = "/office/schedule/new"
NOW = "2026-11-01T09:00+00:00"
FIFTEEN_MINUTES = 15 * 60
DOCUMENT = Path(__file__).parents[2] / "docs/planning.md"
FACTS = (
    "local_date",
    "start_time",
    "end_time",
    "mode",
    "venue_id",
    "meeting_url",
    "places_room",
    "places_online",
    "state",
    "public_reason",
)
COLUMNS = (
    "programme_id",
    "discreet_name",
    "description",
    "mode",
    "venue_id",
    "nation",
    "rule",
    "starts_on",
    "start_time",
    "end_time",
    "places_room",
    "places_online",
    "audience",
    "companions",
    "enrol",
    "movement_check",
    "welcome_call",
    "meeting_url",
    "grant_tag",
    "waiting_list",
    "state",
)


def the_venues(app: Flask) -> dict[str, tuple[str, str]]:
    found = pages.rows(app, select(Venue.name, Venue.id, Venue.nation).order_by(Venue.id))
    return {name: (str(venue_id), nation) for name, venue_id, nation in found}


def plan_all(app: Flask, desk: FlaskClient) -> Cost:
    """Plan every series of the sheet by the forms, counting what somebody would fill in and press."""
    cost, before, programme = Cost(), dict[str, list[str]](), ""
    cost.press(2)  # Schedule, and Plan sessions.
    for plan in the_plans():
        answers = answers_to(plan, the_venues(app))
        starts_from = taken_over(before) if plan.programme == programme else {}
        put_in(cost, unsaid(answers, starts_from), bool(starts_from))
        look = pages.send(desk, NEW, step="check", token=f"{len(cost.by_name):08x}", **answers)
        assert look.status_code == 200, pages.words(look)
        decided = dict(changes_of(plan, look.text))
        put_in(cost, decided, True)
        saved = pages.send(desk, NEW, step="save", **answers, **decided)
        assert saved.status_code == 303, pages.words(saved)
        cost.press(2)  # Check the dates; Publish, and plan another like it.
        cost.read()
        before, programme = with_its_venue(app, plan, answers), plan.programme
    return cost


def put_in(cost: Cost, said: Answers, is_open: bool) -> None:
    cost.press(folds_opened(list(said), is_open))
    for name, values in said.items():
        cost.fill(name, values)


def with_its_venue(app: Flask, plan: SeriesPlan, answers: Answers) -> Answers:
    return {**answers, "venue": [the_venues(app)[plan.place][0]]} if plan.place else answers


def change_single_dates(app: Flask, desk: FlaskClient) -> Cost:
    """Do what the sheet says of single dates: one is longer, one is elsewhere, one is called off."""
    cost = Cost()
    pages.send(desk, "/office/venues/new", name="Library hall, Glasgow", nation="Scotland")
    elsewhere = the_venues(app)["Library hall, Glasgow"][0]
    for plan in the_plans():
        for change in plan.changes:
            session_id = the_date(app, plan.title, change.on)
            if session_id is None or change.kind not in ("until", "at", "cancel"):
                continue
            said = {"reason": change.reason or ""}
            said |= {"end_time": f"{change.ends:%H:%M}"} if change.ends else {}
            said |= {"venue": elsewhere} if change.place else {}
            press = "cancel" if change.kind == "cancel" else "edit"
            form = said if press == "cancel" else as_it_is(app, session_id) | said
            answer = pages.send(desk, f"/office/sessions/{session_id}/{press}", step="save", **form)
            assert answer.status_code == 303, pages.words(answer)
            # The series, the date, what to do with it, a look at what that does, and yes.
            cost.press(5)
            put_in(cost, {name: [value] for name, value in said.items()}, True)
    return cost


def the_date(app: Flask, title: str, on: date) -> int | None:
    asked = (
        select(ScheduledSession.id)
        .join(Series)
        .where(Series.title == title, ScheduledSession.rule_date == on)
    )
    return next(iter(pages.rows(app, asked)), None)


def mark_of(app: Flask, session_id: int) -> str:
    with app.app_context():
        return date_mark(db.session.get_one(ScheduledSession, session_id))


def as_it_is(app: Flask, session_id: int) -> dict[str, Any]:
    (row,) = pages.rows(app, select(ScheduledSession).where(ScheduledSession.id == session_id))
    return {
        "starts_on": [str(row.local_date.day), str(row.local_date.month), str(row.local_date.year)],
        "start_time": f"{row.start_time:%H:%M}",
        "end_time": f"{row.end_time:%H:%M}",
        "venue": str(row.venue_id or ""),
        "meeting_url": row.meeting_url,
        "places_room": "" if row.places_room is None else str(row.places_room),
        "places_online": "" if row.places_online is None else str(row.places_online),
        "seen": mark_of(app, session_id),
    }


def season_of(app: Flask, keys: set[str] | None = None) -> dict[str, Any]:
    """Return every series by its title, as values, with its dates."""
    found: dict[str, Any] = {}
    for row in pages.rows(app, select(Series).order_by(Series.id)):
        dates = select(ScheduledSession).where(ScheduledSession.series_id == row.id)
        dates = dates.order_by(ScheduledSession.rule_date)
        if keys is None or row.key in keys:
            values = tuple(getattr(row, name) for name in COLUMNS)
            found[row.title] = (
                values,
                [tuple(getattr(each, name) for name in FACTS) for each in pages.rows(app, dates)],
            )
    return found


# Which of the sheet are planned in a real browser, in this order: in a room, online, as a course.
FOUR = ("edinburgh", "leeds", "online-morning", "pilates")


class Hands:
    """Somebody at the office's screen: every field and every press is counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.cost = page, Cost()

    def put(self, said: Answers) -> None:
        for name, values in said.items():
            self._open_what_hides(name)
            self.cost.fill(name, values)
            self._put(name, values)

    def press(self, words: str) -> None:
        self.cost.press()
        self.page.get_by_role("main").get_by_role("button", name=words, exact=True).click()

    def _put(self, name: str, values: list[str]) -> None:
        boxes = self.page.locator(f"[name='{name}']:not([type=hidden])")
        kind = boxes.first.get_attribute("type") or boxes.first.evaluate("box => box.tagName")
        if kind in ("radio", "checkbox"):
            self.page.locator(f"[name='{name}'][value='{values[0] or 'never'}']").check()
        elif kind == "SELECT":
            boxes.select_option(values[0])
        else:
            for number, value in enumerate(values):
                boxes.nth(number).fill(value)

    def _open_what_hides(self, name: str) -> None:
        folded = self.page.locator(f"details:not([open]):has([name='{name}'])").first
        if folded.count():
            folded.locator("summary").first.click()
            self.cost.press()


@pytest.mark.browser
def test_four_typical_series_are_planned_in_the_browser_within_the_count(house: House) -> None:
    plans = {plan.key: plan for plan in the_plans()}
    page = house.visit("Ada", NEW)
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    hands, before, programme = Hands(page), dict[str, list[str]](), ""
    for plan in (plans[key] for key in FOUR):
        hands.cost = Cost()
        answers = answers_to(plan, {})
        if plan.programme != programme:
            page.goto(house.service.base_url + NEW)
            before = {}
        hands.put(unsaid(answers, taken_over(before)))
        hands.press("Check the dates")
        assert page.get_by_role("heading", level=1).inner_text() == "Check the dates", page.content()
        hands.press("Publish, and plan another like it")
        page.get_by_text(f"“{plan.title}” is in the schedule.").wait_for()
        before, programme = {**answers, "venue": ["there"]}, plan.programme
        assert hands.cost.fields <= 14
        assert hands.cost.presses <= 5


@pytest.fixture
def desk(app: Flask, make: Builders, client: FlaskClient, clock_at: Callable[[str], datetime]) -> FlaskClient:
    clock_at(NOW)
    return make.sign_in(client, make.admin())


def test_six_answers_are_six_fields() -> None:
    wanted = {"programme", "title", "venue", "starts_on", "start_time", "repeat"}
    plan = replace(next(plan for plan in the_plans() if plan.key == "leeds"), description="")
    assert set(answers_to(plan, {plan.place: ("1", "England")})) == wanted


def test_the_season_that_was_planned_by_hand_is_the_season_of_the_file(app: Flask, desk: FlaskClient) -> None:
    cost = plan_all(app, desk)
    dates = change_single_dates(app, desk)
    planned = season_of(app)
    text = SEASON.read_text(encoding="utf-8")
    with app.app_context():
        schedule.load_timetable(text, clock.now())
    loaded = season_of(app, {plan.key for plan in the_plans()})
    assert len(planned) == 25
    assert {title: planned[title] for title in loaded} == loaded
    assert cost.seconds + dates.seconds < FIFTEEN_MINUTES
    words = DOCUMENT.read_text(encoding="utf-8")
    assert f"{cost.fields} fields, {cost.presses} presses, {cost.seconds:.0f} seconds" in words
    assert f"{dates.fields} fields, {dates.presses} presses, {dates.seconds:.0f} seconds" in words
