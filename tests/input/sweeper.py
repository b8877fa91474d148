"""One person who sends nonsense, and the list of what the service could not bear."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from booking.web.doors import Door, door_of
from tests.input.nasty import FEW, VALUES
from tests.input.place import ROLES, Place
from tests.input.walk import Form, Found, addresses, look_around, stands

# Behind which doors each of them looks; what stands behind a door is the same for everybody who passes it.
DOORS = {
    "stranger": {Door.ANYONE},
    "ann": {Door.ANYONE, Door.SIGNED_IN},
    "fay": {Door.FACILITATOR},
    "sal": {Door.CARE, Door.SAFEGUARDING},
    "ada": {Door.ADMIN, Door.CARE},
}
_LONG = 10


@dataclass
class Firsts:
    """Who is the first to find each kind of form and to see each page: the others need not send it again."""

    forms: dict[tuple[str, ...], str] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)

    def look(self, place: Place) -> None:
        """Walk through all pages as everybody; both databases show the same forms."""
        for role in ROLES:
            found = look_around(place, role)
            for shape in found.forms:
                self.forms.setdefault(shape, role)
            for endpoint in found.opened:
                self.pages.setdefault(endpoint, role)


class Sweep:
    """Sends as one of the roles, and keeps account."""

    def __init__(self, place: Place, role: str, firsts: Firsts) -> None:
        self.place, self.role, self.firsts = place, role, firsts
        self.faults: list[str] = []
        self.asked = 0

    def client(self) -> FlaskClient:
        return self.place.client(self.role)

    def look_around(self) -> Found:
        found = look_around(self.place, self.role)
        self.faults += found.broken
        return found

    def forms(self, found: Found) -> list[Form]:
        """Return the forms that nobody before her sends, the longest first."""
        mine = [form for shape, form in found.forms.items() if self.firsts.forms[shape] == self.role]
        return sorted((form for form in mine if form.method == "POST"), key=lambda form: -len(form.fields))

    def addresses(self, method: str) -> Iterator[tuple[Rule, str]]:
        """Yield the addresses behind her doors."""
        for rule, path in addresses(self.place.app, method, self.place.known):
            if door_of(self.place.app, rule.endpoint) in DOORS[self.role]:
                yield rule, path

    def at(self, form: Form) -> FlaskClient:
        """Return a browser that has a form before it; what a press before has ended is put back."""
        client = self.client()
        if not stands(self.place, client, form):
            self.place.put_back()
            client = self.client()
            if not stands(self.place, client, form):
                self.faults.append(f"{form.page} no longer holds {form.shape}")
        return client

    def ask(
        self, client: FlaskClient, method: str, path: str, what: str = "", **sent: object
    ) -> TestResponse | None:
        """Send one thing; a fault is noted with the words that bring it back."""
        self.asked += 1
        try:
            answer = client.open(path, method=method, **sent)  # type: ignore[arg-type]
        except Exception as fault:
            self.faults.append(f"{method} {path[:80]} {what[:80]}: {type(fault).__name__} {str(fault)[:150]}")
            return None
        if answer.status_code >= 500:
            self.faults.append(f"{method} {path[:80]} {what[:80]}: {answer.status}")
        return answer

    def fill_in(self, form: Form) -> None:
        """Send a form in every wrong way there is; whoever is thrown out comes back to it as it was."""
        client = self.at(form)
        for what, sent in variants(form):
            answer = self.ask(client, "POST", form.action, what, data=sent)
            if answer is None or answer.status_code in (404, 410) or "/sign-in" in (answer.location or ""):
                self.place.put_back()
                client = self.client()


def variants(form: Form) -> Iterator[tuple[str, MultiDict[str, str]]]:
    """Yield the form with one field wrong, missing or said twice."""
    # On a long form each field takes its turn with a third of the values, so that all of them are said there.
    step = 3 if len(form.fields) > _LONG else 1
    for place, (name, value) in enumerate(form.fields.items()):
        yield f"{name} missing", form.said(**{name: []})
        yield f"{name} twice", form.said(**{name: [*value, "x"]})
        # What nobody types into is a choice, or a secret whose test costs a hash.
        for wrong in (VALUES if name in form.typed else FEW)[place % step :: step]:
            yield f"{name}={wrong!r}", form.said(**{name: encodable(wrong)})
    yield "nothing at all", MultiDict()
    yield "fields nobody asked for", MultiDict([("id", "1"), ("person_id", "1"), ("\0", "\0")])


def encodable(value: str) -> str:
    """Half a surrogate can't be sent as UTF-8; what arrives is what a server makes of its bytes."""
    return value.encode(errors="replace").decode()
