"""Finds every form and every parameter by walking the map of addresses and reading the pages."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.input.place import Place, second_steps

_TYPED = ("text", "email", "tel", "search", "url")
_SAYS_WHAT_NEXT = ("csrf_token", "token", "step")
_BUTTONS = ("submit", "button", "image", "reset")


@dataclass
class Form:
    """One form as a page holds it: where it goes, and what it would send as it stands."""

    method: str
    action: str
    # The page it stands on, and what was sent to get there.
    page: str
    sent: dict[str, Any]
    fields: dict[str, list[str]] = field(default_factory=dict)
    # The fields that somebody types into, passwords and codes left aside: those are never shown again.
    typed: set[str] = field(default_factory=set)
    # The fields that offer choices, and those that carry an answer from the page before.
    chosen: set[str] = field(default_factory=set)
    endpoint: str = ""

    @property
    def shape(self) -> tuple[str, ...]:
        """Return what makes two forms the same; which row they are about does not count."""
        return (self.method, self.endpoint, *sorted(self.fields))

    def said(self, **changed: Any) -> MultiDict[str, str]:
        """Return what the form sends, with some fields changed."""
        return MultiDict(self.fields | changed)


class _Reader(HTMLParser):
    """Collects the forms of a page, and what its links ask for."""

    def __init__(self, path: str, sent: dict[str, Any]) -> None:
        super().__init__()
        self.path, self.sent = path, sent
        self.forms: list[Form] = []
        self.queries: list[tuple[str, str, str]] = []
        self._open: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = values.get("action") or self.path
            self._open = Form(values.get("method", "get").upper(), action, self.path, self.sent)
            self.forms.append(self._open)
        elif tag == "a":
            address = urlsplit(values.get("href", ""))
            self.queries += [(address.path, *asked) for asked in parse_qsl(address.query, True)]
        elif self._open is not None and values.get("name"):
            self._note(self._open, tag, values)
        elif self._open is not None and tag == "option" and self._select:
            self._choose(self._open.fields, values)

    def _choose(self, fields: dict[str, list[str]], option: dict[str, str]) -> None:
        """Take what is chosen, or else the first that says something."""
        if "selected" in option or not any(fields[self._select]):
            fields[self._select] = [option["value"]]

    def _note(self, form: Form, tag: str, values: dict[str, str]) -> None:
        name, value, kind = values["name"], values.get("value", ""), values.get("type", "text")
        before = form.fields.get(name, [])
        if tag == "select":
            self._select, form.fields[name] = name, []
            form.chosen.add(name)
        elif kind in ("radio", "checkbox"):
            form.fields[name] = [value] if "checked" in values or not before else before
            form.chosen.add(name)
        elif tag == "button":
            form.fields.setdefault(name, [value])
        elif kind not in _BUTTONS:
            form.fields[name] = [*before, value]
            if kind == "hidden" and self.sent and name not in _SAYS_WHAT_NEXT:
                form.chosen.add(name)
        if (tag == "textarea" or (tag == "input" and kind in _TYPED)) and not _is_secret(values):
            form.typed.add(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        if tag == "select":
            self._select = ""


class _Complaints(HTMLParser):
    """Collects where the links within a page lead, and the fields that stand there."""

    def __init__(self) -> None:
        super().__init__()
        self.led_to: set[str] = set()
        self.names: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and values.get("href", "").startswith("#"):
            self.led_to.add(values["href"][1:])
        elif values.get("id") and values.get("name"):
            self.names[values["id"]] = values["name"]


@dataclass
class Found:
    """What one person's pages hold."""

    forms: dict[tuple[str, ...], Form] = field(default_factory=dict)
    # What links ask of a page: its names, each with a value that is right.
    queries: dict[str, dict[str, str]] = field(default_factory=dict)
    # The endpoints whose page she saw.
    opened: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)


def addresses(app: Flask, method: str, known: dict[str, str]) -> Iterator[tuple[Rule, str]]:
    """Yield every address that answers to a method, its parameters filled with rows that are there."""
    for rule in sorted(app.url_map.iter_rules(), key=str):
        if method in (rule.methods or ()) and rule.endpoint != "static":
            yield rule, filled(rule, known)


def filled(rule: Rule, known: dict[str, str], **wrong: str) -> str:
    """Write a rule as a path; a parameter that nobody knows is the row with the id 1."""
    values = {name: known.get(f"{rule.endpoint} {name}", known.get(name, "1")) for name in rule.arguments}
    path = str(rule.rule)
    for name, value in (values | wrong).items():
        for written in (f"<int:{name}>", f"<path:{name}>", f"<{name}>"):
            path = path.replace(written, wrong.get(name) or quote(value))
    return path


def complained_of(page: str) -> set[str]:
    """Return the names of the fields to which the summary of errors leads."""
    reader = _Complaints()
    reader.feed(page)
    return {name for at, name in reader.names.items() if at in reader.led_to}


def look_around(place: Place, role: str) -> Found:
    """Open every page as one person, and note the forms and the parameters of links."""
    found, client = Found(), place.client(role)
    pages = {path: rule.endpoint for rule, path in addresses(place.app, "GET", place.known)}
    for path in [*pages, *place.also]:
        _read(place, client.get(path), found, path, {})
    for step in second_steps(place):
        if step.role == role:
            sent, further = as_sent(client, step.path, step.said), Found()
            _read(place, client.post(step.path, data=sent), further, step.path, step.said)
            # The same form filled in gets further than the blank one.
            for form in further.forms.values():
                said = {name: step.said[name] for name in step.said.keys() & form.fields.keys() - {"step"}}
                form.fields |= {name: [v] if isinstance(v, str) else v for name, v in said.items()}
            found.forms |= further.forms
            found.opened |= further.opened
            found.broken += further.broken
    return found


def as_sent(client: FlaskClient, path: str, said: dict[str, Any]) -> MultiDict[str, str]:
    """Fill in the longest form of a page that goes back to it; what is not said stays as it stands."""
    reader = _Reader(path, {})
    reader.feed(client.get(path).text)
    forms = [form for form in reader.forms if form.method == "POST" and form.action == path]
    return max(forms, key=lambda form: len(form.fields)).said(**said)


def stands(place: Place, client: FlaskClient, form: Form) -> bool:
    """Say whether a form is still where it was found."""
    if form.sent:
        answer = client.post(form.page, data=as_sent(client, form.page, form.sent))
    else:
        answer = client.get(form.page)
    found = Found()
    _read(place, answer, found, form.page, form.sent)
    return form.shape in found.forms


def endpoint_of(app: Flask, method: str, path: str) -> str:
    """Say which view answers at an address; nothing where there is none."""
    try:
        endpoint, _ = app.url_map.bind("localhost").match(unquote(urlsplit(path).path), method=method)
    except HTTPException:
        return ""
    return str(endpoint)


def _read(place: Place, answer: TestResponse, found: Found, path: str, sent: dict[str, Any]) -> None:
    asked = endpoint_of(place.app, answer.request.method, path)
    if answer.status_code >= 500:
        found.broken.append(f"{answer.request.method} {path}: {answer.status}")
    if answer.status_code != 200:
        return
    found.opened.add(asked)
    if answer.mimetype != "text/html":
        return
    reader = _Reader(path, sent)
    reader.feed(answer.text)
    for target, name, value in reader.queries:
        found.queries.setdefault(target, {})[name] = value
    for form in reader.forms:
        form.endpoint = endpoint_of(place.app, form.method, form.action)
        found.forms.setdefault(form.shape, form)


def _is_secret(values: dict[str, str]) -> bool:
    return values.get("autocomplete") == "one-time-code"
