"""Whatever is sent to whichever address, by whomever: a clear page or a field error, never a fault.

Four kinds of visitors send well over 2,000 wrong things on each database: the bounds below add up to 8,800.
"""

import html
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from booking.models import Booking, EmailLink, Message, Series
from booking.models.kinds import MessageKind, Mode
from booking.rules.tokens import make_token
from tests.accounts.test_register import ANN
from tests.input.nasty import BODIES, PATHS, VALUES
from tests.input.walk import Form, Found, addresses, filled, look_around
from tests.support.builders import Builders
from tests.support.databases import SECRET_KEY
from tests.support.pages import rows, send

ROLES = ["stranger", "ann", "fay", "ada"]
ANYWHERE = ("page", "next", "from", "to", "q", "series", "programme", "nation", "mode", "after")


@pytest.fixture
def known(app: Flask, make: Builders) -> dict[str, str]:
    """One row of everything that an address may name, so that the walk gets behind every door."""
    ann, fay = make.person("Ann", email=None, phone="020 7946 0123"), make.facilitator("Fay")
    make.admin("Ada")
    series = make.series(mode=Mode.HYBRID)
    running = make.session(series, starts_in=timedelta(minutes=5), led_by=(fay,))
    make.session(series, starts_in=timedelta(days=10), led_by=(fay,))
    booking = make.booking(running, ann)
    send(make.sign_in(app.test_client(), ann), f"/sessions/{running + 1}/book", pool="room", seen="0")
    send(app.test_client(), "/register", **ANN)
    send(app.test_client(), "/sign-in", email="fay@example.org")
    call = rows(app, select(Message.id).where(Message.kind == MessageKind.BOOKED))
    known = {"session_id": str(running), "booking_id": str(booking), "person_id": str(fay)}
    known |= {"key": rows(app, select(Series.key))[0], "message_id": str(call[0]), "filename": "app.css"}
    return known | {"bookings.book session_id": str(running + 1)} | tokens(app, booking)


def tokens(app: Flask, booking: int) -> dict[str, str]:
    confirm, sign_in = rows(app, select(EmailLink.id, EmailLink.nonce).order_by(EmailLink.id))
    (nonce,) = rows(app, select(Booking.nonce).where(Booking.id == booking))
    return {
        "accounts.confirm token": make_token(SECRET_KEY, "confirm_email", *confirm),
        "accounts.sign_in_link token": make_token(SECRET_KEY, "sign_in", *sign_in),
        "bookings.join token": make_token(SECRET_KEY, "join", booking, nonce),
        "bookings.calendar token": make_token(SECRET_KEY, "calendar", booking, nonce),
    }


@pytest.fixture(params=ROLES)
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sweep(app: Flask, make: Builders, known: dict[str, str], role: str) -> "Sweep":
    # The token of a form is proven elsewhere; without it every value gets as far as the view.
    app.config["WTF_CSRF_ENABLED"] = False
    return Sweep(app, make, role, known)


class Sweep:
    """One person who sends nonsense, and the list of what the service could not bear."""

    def __init__(self, app: Flask, make: Builders, role: str, known: dict[str, str]) -> None:
        self.app, self.make, self.role, self.known = app, make, role, known
        self.people = {"ann": 1, "fay": 2, "ada": 3}
        self.faults: list[str] = []
        self.asked = 0

    def client(self) -> FlaskClient:
        client = self.app.test_client()
        return client if self.role == "stranger" else self.make.sign_in(client, self.people[self.role])

    def look_around(self) -> Found:
        found = look_around(self.app, self.client(), self.known)
        self.faults += found.broken
        return found

    def ask(self, client: FlaskClient, method: str, path: str, what: str = "", **sent: object) -> None:
        """Send one thing; a fault is noted with the words that bring it back."""
        self.asked += 1
        try:
            answer: TestResponse = client.open(path, method=method, **sent)  # type: ignore[arg-type]
            if answer.status_code >= 500:
                self.faults.append(f"{method} {path[:80]} {what[:80]}: {answer.status}")
        except Exception as fault:
            self.faults.append(f"{method} {path[:80]} {what[:80]}: {type(fault).__name__} {str(fault)[:150]}")


def test_every_parameter_of_every_address(app: Flask, sweep: Sweep, known: dict[str, str]) -> None:
    client = sweep.client()
    for method in ("GET", "POST"):
        for rule, _ in addresses(app, method, known):
            for name in rule.arguments:
                for wrong in PATHS:
                    sweep.ask(client, method, filled(rule, known, **{name: wrong}))
    assert sweep.asked > 1_000
    assert sweep.faults == []


def test_every_question_of_every_page(app: Flask, sweep: Sweep, known: dict[str, str]) -> None:
    found, client = sweep.look_around(), sweep.client()
    for path, names in sorted(questions(app, known, found).items()):
        sweep.ask(client, "GET", f"{path}?%FF=%FE&a=%00&=&&===")
        if client.get(path).status_code != 200:
            continue
        for value in VALUES:
            # A page that asks nothing is asked the usual questions all at once.
            for asked in [{name} for name in sorted(names)] or [ANYWHERE]:
                said = dict.fromkeys(asked, encodable(value))
                sweep.ask(client, "GET", path, f"{sorted(asked)}={value!r}", query_string=said)
    assert sweep.asked > 600
    assert sweep.faults == []


def test_every_field_of_every_form(sweep: Sweep) -> None:
    forms = [form for form in sweep.look_around().forms.values() if form.method == "POST"]
    # Whole forms first: a press on a mere button may end what the others are about.
    for form in sorted(forms, key=lambda form: -len(form.fields)):
        client = sweep.client()
        for what, sent in variants(form):
            sweep.ask(client, "POST", form.action, what, data=sent)
    assert sweep.asked > 600
    assert sweep.faults == []


def test_every_kind_of_body_at_every_address(app: Flask, sweep: Sweep, known: dict[str, str]) -> None:
    for _, path in addresses(app, "POST", known):
        client = sweep.client()
        for kind, body in BODIES:
            sweep.ask(client, "POST", path, f"{kind} {body[:40]!r}", data=body, content_type=kind)
        sweep.ask(client, "POST", path, "two megabytes", data=b"a=" + b"b" * 2_000_000)
        sweep.ask(client, "POST", path, "many fields", data=MultiDict([("a", "b")] * 2_000))
    assert sweep.faults == []


def test_nothing_that_was_typed_is_lost(sweep: Sweep) -> None:
    forms = [form for form in sweep.look_around().forms.values() if form.method == "POST" and form.typed]
    refused, lost = 0, []
    for form in forms:
        # None of these is an address, a number or a day, and nothing is chosen where one has to choose.
        said = {name: f"what {name} says" for name in form.typed}
        answer = sweep.client().post(form.action, data=said)
        if answer.status_code in (200, 422):
            refused += 1
            page = html.unescape(answer.text)
            lost += [f"{form.action} loses {name}" for name, words in said.items() if words not in page]
    assert refused > (2 if sweep.role == "fay" else 3)
    assert lost == []


def questions(app: Flask, known: dict[str, str], found: Found) -> dict[str, set[str]]:
    """Say which questions each page answers: those its forms and links ask, and the usual ones."""
    asked: dict[str, set[str]] = {path: set() for _, path in addresses(app, "GET", known)}
    for path, name in found.queries:
        asked.setdefault(path, set()).add(name)
    for form in found.forms.values():
        if form.method == "GET":
            asked.setdefault(form.action, set()).update(form.fields)
    return asked


def variants(form: Form) -> Iterator[tuple[str, MultiDict[str, str]]]:
    """Yield the form with one field wrong, missing or said twice."""
    for name, value in form.fields.items():
        if name == "csrf_token":
            continue
        others = [(other, said) for other, said in form.fields.items() if other != name]
        yield f"{name} missing", MultiDict(others)
        yield f"{name} twice", MultiDict([*others, (name, value), (name, "x")])
        for wrong in VALUES:
            yield f"{name}={wrong!r}", MultiDict([*others, (name, encodable(wrong))])
    yield "nothing at all", MultiDict()
    yield "fields nobody asked for", MultiDict([("id", "1"), ("person_id", "1"), ("\0", "\0")])


def encodable(value: str) -> str:
    """Half a surrogate can't be sent as UTF-8; what arrives is what a server makes of its bytes."""
    return value.encode(errors="replace").decode()
