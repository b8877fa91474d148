"""Whatever is sent to whichever address, by whomever: a clear page or a field error, never a fault.

Nine kinds of visitors send well over 1,000 wrong things on SQLite and three times as many on PostgreSQL.
"""

import html
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from booking.web.office import planning
from tests.input.nasty import BODIES, FEW, PATHS, VALUES
from tests.input.place import ROLES, Place, make_the_place
from tests.input.sweeper import DOORS, Firsts, Sweep, encodable
from tests.input.walk import Found, addresses, filled, look_around
from tests.support.builders import Builders

NOON = "2026-03-04T12:00+00:00"
ANYWHERE = ("page", "next", "from", "to", "q", "series", "programme", "nation", "mode", "after")
# Where much is sent at once: to strangers' forms, to one of hers, and to one of the office's.
MUCH = {
    "accounts.register",
    "accounts.sign_in",
    "pages.someone_has_died",
    "accounts.access_needs",
    "office.plan",
}
# The forms of the office are a third of all, so three tests share them.
SHARES = [(role, 0, 1) for role in ROLES if role != "ada"] + [("ada", share, 3) for share in range(3)]
# A look at contact details answers its button alone; a GET leads back to the list.
NEVER_A_PAGE = {"hosting.reveal"}
# The first look at who finds what is kept for all tests of this process.
FIRSTS = Firsts()


@pytest.fixture
def place(app: Flask, make: Builders, clock_at: Callable[[datetime | str], datetime]) -> Place:
    # The token of a form is proven elsewhere; without it every value gets as far as the view.
    app.config["WTF_CSRF_ENABLED"] = False
    clock_at(NOON)
    return make_the_place(app, make)


@pytest.fixture
def sweep_of(place: Place) -> Callable[[str], Sweep]:
    if not FIRSTS.forms:
        FIRSTS.look(place)
    return lambda role: Sweep(place, role, FIRSTS)


def test_every_form_and_every_page_is_found_by_somebody(app: Flask, place: Place) -> None:
    seen = {role: look_around(place, role) for role in ROLES}
    sent = {shape[1] for found in seen.values() for shape in found.forms if shape[0] == "POST"}
    opened = {endpoint for found in seen.values() for endpoint in found.opened}
    assert [found.broken for found in seen.values() if found.broken] == []
    assert {rule.endpoint for rule, _ in addresses(app, "POST", place.known)} - sent == set()
    assert {rule.endpoint for rule, _ in addresses(app, "GET", place.known)} - opened == NEVER_A_PAGE


@pytest.mark.parametrize("role", DOORS)
def test_every_parameter_of_every_address(sweep_of: Callable[[str], Sweep], role: str) -> None:
    sweep = sweep_of(role)
    client = sweep.client()
    for method in ("GET", "POST"):
        for rule, _ in sweep.addresses(method):
            for name in rule.arguments:
                for wrong in PATHS:
                    sweep.ask(client, method, filled(rule, sweep.place.known, **{name: wrong}))
    assert sweep.asked >= {"sal": 30}.get(role, 150)
    assert sweep.faults == []


@pytest.mark.parametrize("role", ROLES)
def test_every_question_of_every_page(sweep_of: Callable[[str], Sweep], role: str) -> None:
    sweep = sweep_of(role)
    found, client = sweep.look_around(), sweep.client()
    for path, right in sorted(questions(sweep, found).items()):
        sweep.ask(client, "GET", f"{path}?%FF=%FE&a=%00&=&&===")
        for value in sweep.values if right else FEW:
            # A page that asks nothing is asked the usual questions all at once.
            for asked in [{name} for name in sorted(right)] or [ANYWHERE]:
                said = right | dict.fromkeys(asked, encodable(value))
                sweep.ask(client, "GET", path, f"{sorted(asked)}={value!r}", query_string=said)
    assert sweep.asked >= {"stranger": 200, "ann": 100, "fay": 30, "ada": 200}.get(role, 0)
    assert sweep.faults == []


@pytest.mark.parametrize(("role", "share", "shares"), SHARES)
def test_every_field_of_every_form(
    sweep_of: Callable[[str], Sweep], role: str, share: int, shares: int
) -> None:
    sweep = sweep_of(role)
    for form in sweep.forms(sweep.look_around())[share::shares]:
        sweep.fill_in(form)
    assert sweep.asked >= {"stranger": 200, "ann": 200, "fay": 50, "ada": 200}.get(role, 0)
    assert sweep.faults == []


@pytest.mark.soak
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_field_with_every_value(sweep_of: Callable[[str], Sweep], role: str) -> None:
    sweep = sweep_of(role)
    sweep.values = VALUES
    for form in sweep.forms(sweep.look_around()):
        sweep.fill_in(form)
    assert sweep.faults == []


def test_a_fault_behind_one_box_is_found_though_all_boxes_say_the_same(
    sweep_of: Callable[[str], Sweep], monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep, whole = sweep_of("ada"), planning.plan_of

    def stumbles(form: planning.SeriesForm) -> planning.SeriesPlan:
        if form.title.data == "=1+1":
            raise ValueError("over the title")
        return whole(form)

    monkeypatch.setattr(planning, "plan_of", stumbles)
    form = next(form for form in sweep.forms(sweep.look_around()) if form.endpoint == "office.plan")
    said = {name: ["=1+1"] for name in ("start_time", "title", "places_room")}
    sweep.say_together(form, "=1+1", said)
    assert [fault.rpartition(": ")[2] for fault in sweep.faults] == ["ValueError over the title"]
    assert sweep.asked == 2


@pytest.mark.parametrize("role", DOORS)
def test_every_kind_of_body_at_every_address(sweep_of: Callable[[str], Sweep], role: str) -> None:
    sweep = sweep_of(role)
    for rule, path in sweep.addresses("POST"):
        client = sweep.client()
        for kind, body in BODIES:
            sweep.ask(client, "POST", path, f"{kind} {body[:40]!r}", data=body, content_type=kind)
        sweep.ask(client, "POST", path, "many fields", data=MultiDict([("a", "b")] * 2_000))
        if rule.endpoint in MUCH:
            sweep.ask(client, "POST", path, "two megabytes", data=b"a=" + b"b" * 2_000_000)
    assert sweep.faults == []


@pytest.mark.parametrize("role", ROLES)
def test_nothing_that_was_typed_is_lost(sweep_of: Callable[[str], Sweep], role: str) -> None:
    sweep, lost = sweep_of(role), []
    for form in sweep.forms(sweep.look_around()):
        # None of these is an address, a number or a day; the long ones are longer than any field takes.
        short = {name: f"what {name} says" for name in form.typed}
        for said in (short, {name: f"{words} {'x' * 5_000}" for name, words in short.items()}):
            for others in ({name: [] for name in form.fields}, {}) if sweep.place.is_forgiving else ({},):
                answer = sweep.at(form).post(form.action, data=form.said(**(others | said)))
                page = html.unescape(answer.text) if answer.status_code in (200, 422) else None
                lost += [f"{form.action} loses {name}" for name in said if page and said[name] not in page]
    assert lost == []


def questions(sweep: Sweep, found: Found) -> dict[str, dict[str, str]]:
    """Say what each page answers that she sees first: what its forms and links ask, with an answer."""
    app, asked = sweep.place.app, dict[str, dict[str, str]]()
    for rule, path in addresses(app, "GET", sweep.place.known):
        if sweep.firsts.pages.get(rule.endpoint) == sweep.role:
            asked[path] = found.queries.get(path, {})
    for form in found.forms.values():
        if form.method == "GET" and form.action in asked:
            asked[form.action] |= {name: value[0] for name, value in form.fields.items()}
    return asked
