"""Finds every form and every parameter by walking the map of addresses and reading the pages."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

_TYPED = ("text", "email", "tel", "search", "url")
_BUTTONS = ("submit", "button", "image", "reset")


@dataclass
class Form:
    """One form as a page holds it: where it goes, and what it would send as it stands."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    # The fields that somebody types into, passwords and codes left aside: those are never shown again.
    typed: set[str] = field(default_factory=set)

    @property
    def shape(self) -> tuple[Any, ...]:
        """Return what makes two forms the same; which row they are about does not count."""
        path = "/".join("1" if part.isdecimal() else part for part in self.action.split("/"))
        return (self.method, path, *sorted(self.fields))


class _Reader(HTMLParser):
    """Collects the forms of a page, and what its links ask for."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[Form] = []
        self.queries: list[tuple[str, str]] = []
        self._open: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(values.get("method", "get").upper(), values.get("action") or self.path)
            self.forms.append(self._open)
        elif tag == "a":
            address = urlsplit(values.get("href", ""))
            self.queries += [(address.path, name) for name, _ in parse_qsl(address.query, True)]
        elif self._open is not None and values.get("name"):
            self._note(tag, values)
        elif self._open is not None and tag == "option" and self._select:
            chosen = "selected" in values or not self._open.fields[self._select]
            self._open.fields[self._select] = values["value"] if chosen else self._open.fields[self._select]

    def _note(self, tag: str, values: dict[str, str]) -> None:
        assert self._open is not None
        name, value = values["name"], values.get("value", "")
        if tag == "select":
            self._select = name
        if tag == "input" and values.get("type") in ("radio", "checkbox") and "checked" not in values:
            value = self._open.fields.get(name) or value
        if tag == "textarea" or (tag == "input" and values.get("type", "text") in _TYPED):
            self._open.typed |= {name} if values.get("autocomplete") != "one-time-code" else set()
        if tag in ("input", "select", "textarea", "button") and values.get("type") not in _BUTTONS:
            self._open.fields[name] = value
        elif tag == "button":
            self._open.fields.setdefault(name, value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        if tag == "select":
            self._select = ""


@dataclass
class Found:
    """What one person's pages hold."""

    forms: dict[tuple[Any, ...], Form] = field(default_factory=dict)
    queries: set[tuple[str, str]] = field(default_factory=set)
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


def look_around(app: Flask, client: FlaskClient, known: dict[str, str]) -> Found:
    """Open every page as one person, and note the forms and the parameters of links."""
    found = Found()
    for rule, path in addresses(app, "GET", known):
        answer = client.get(path)
        if answer.status_code >= 500:
            found.broken.append(f"GET {rule.rule}: {answer.status}")
        if answer.mimetype != "text/html" or answer.status_code != 200:
            continue
        reader = _Reader(path)
        reader.feed(answer.text)
        found.queries |= {(target, name) for target, name in reader.queries if target.startswith("/")}
        for form in reader.forms:
            found.forms.setdefault(form.shape, form)
    return found
