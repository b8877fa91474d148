"""One person who sends nonsense, and the list of what the service could not bear."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from booking.web.doors import Door, door_of
from tests.input.nasty import FEW, VALUES
from tests.input.place import ROLES, Place
from tests.input.walk import Form, Found, addresses, complained_of, look_around, stands

# Behind which doors each of them looks; what stands behind a door is the same for everybody who passes it.
DOORS = {
    "stranger": {Door.ANYONE},
    "ann": {Door.ANYONE, Door.SIGNED_IN},
    "fay": {Door.FACILITATOR},
    "sal": {Door.CARE, Door.SAFEGUARDING},
    "ada": {Door.ADMIN, Door.CARE},
}
# A form of more fields says each wrong thing in many of them at once, because each of its answers is long.
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
        self.browser = place.client(role)
        # PostgreSQL refuses what SQLite takes without a word, so there everything is said each time; SQLite
        # hears all of it in `make soak`.
        self.values = FEW if place.is_forgiving else VALUES

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
        """Send a form in every wrong way there is."""
        self.browser = self.at(form)
        for what, wrong in packs(form, self.values) if len(form.fields) > _LONG else ():
            self.say_together(form, what, wrong)
        for what, sent in variants(form, self.values):
            self.say(form, what, sent)

    def say(self, form: Form, what: str, sent: MultiDict[str, str]) -> TestResponse | None:
        """Send a form once; whoever is thrown out comes back to it as it was."""
        answer = self.ask(self.browser, "POST", form.action, what, data=sent)
        if answer is None or answer.status_code in (404, 410) or "/sign-in" in (answer.location or ""):
            self.place.put_back()
            self.browser = self.client()
        return answer

    def say_together(self, form: Form, what: str, wrong: dict[str, list[str]]) -> None:
        """Say one wrong thing in many fields, and again without those refused, until the rest is taken.

        So each field is either refused by name or taken in a form in which nothing else is refused.
        """
        complaints: set[str] = set()
        while wrong:
            answer = self.say(form, f"{what} in {sorted(wrong)}", form.said(**wrong))
            if answer is None or answer.status_code < 400:
                return
            complaints = complained_of(answer.text)
            if not wrong.keys() & complaints:
                break
            wrong = {name: value for name, value in wrong.items() if name not in complaints}
        if wrong and not self.is_stopped_anyway(form, complaints):
            # Nobody said which of them it was.
            for name, value in wrong.items():
                self.say(form, f"{what} in {name}", form.said(**{name: value}))

    def is_stopped_anyway(self, form: Form, complaints: set[str]) -> bool:
        """Say whether a form is refused for no more than as it stands: one by one would get no further."""
        answer = self.say(form, "as it stands", form.said())
        return bool(complaints) and answer is not None and complaints <= complained_of(answer.text)


def variants(form: Form, typed: Sequence[str]) -> Iterator[tuple[str, MultiDict[str, str]]]:
    """Yield the form with one field wrong, missing or said twice; what a long form says together is left."""
    long = len(form.fields) > _LONG
    # There each of the rest takes its turn with a third of the values.
    step = 3 if long else 1
    for place, (name, value) in enumerate(form.fields.items()):
        if long and name in form.typed | form.chosen:
            continue
        yield f"{name} missing", form.said(**{name: []})
        yield f"{name} twice", form.said(**{name: [*value, "x"]})
        # What nobody types into is a choice, or a secret whose test costs a hash.
        for wrong in (typed if name in form.typed else FEW)[place % step :: step]:
            yield f"{name}={wrong!r}", form.said(**{name: encodable(wrong)})
    yield "nothing at all", MultiDict()
    yield "fields nobody asked for", MultiDict([("id", "1"), ("person_id", "1"), ("\0", "\0")])


def packs(form: Form, typed: Sequence[str]) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Yield each wrong thing with the fields that can say it at once: what is typed, and what is chosen.

    Buttons and what says which step comes next are never among them: they decide what becomes of the rest.
    """
    for names, values in ((form.typed, typed), (form.chosen - form.typed, FEW)):
        fields = {name: form.fields[name] for name in sorted(names)}
        yield "missing", {name: [] for name in fields}
        yield "twice", {name: [*value, "x"] for name, value in fields.items()}
        for wrong in values:
            yield repr(wrong), {name: [encodable(wrong)] for name in fields}


def encodable(value: str) -> str:
    """Half a surrogate can't be sent as UTF-8; what arrives is what a server makes of its bytes."""
    return value.encode(errors="replace").decode()
