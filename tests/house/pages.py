"""Every template compiles, is used, and bears the name of the endpoint that shows it."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, meta

from tests.house.sources import ROOT, Module

# Templates that are another answer of an endpoint than its usual page, and of which one.
OTHER_ANSWERS = {
    "accounts/code_choice.html": "accounts.sign_in_sent",
    "accounts/code_entry.html": "accounts.sign_in_sent",
    "accounts/link_gone.html": "accounts.confirm",
    "accounts/second_factor_kept.html": "accounts.second_factor_setup",
    "accounts/who_are_you.html": "accounts.sign_in_link",
    "bookings/held_waiting.html": "bookings.held",
    "bookings/join_gone.html": "bookings.join",
    "bookings/not_today_gone.html": "bookings.not_today",
    "bookings/offer_gone.html": "bookings.offer",
    "bookings/offer_not_hers.html": "bookings.offer",
    "pages/unsubscribe_gone.html": "pages.unsubscribe",
    "office/call_off_how.html": "office.call_off",
    "office/edit_check.html": "office.edit_session",
    "office/edit_series_check.html": "office.edit_series",
    "office/import_check.html": "office.import_timetable",
    "office/plan_check.html": "office.plan",
    "office/role_check.html": "office.roles",
    "schedule/course.html": "schedule.series",
}
_ROOMS_WITHOUT_ENDPOINTS = ("components", "errors", "letters")
# A kind that may go by text message has `text.txt` as well.
_PARTS = ("subject.txt", "body.txt", "body.html")
_LETTER = re.compile(r"letters/(\w+)/(subject\.txt|body\.txt|body\.html|text\.txt)")
_STYLE = re.compile(r"\sstyle\s*=|<style\b", re.IGNORECASE)


def templates(folder: Path = ROOT / "templates") -> dict[str, str]:
    """Return the source of every template by its name."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in found}


def compile_problems(environment: Environment, sources: Mapping[str, str]) -> list[str]:
    """Name the templates that can't be compiled, or that include or extend one that is not there."""
    found = []
    for name, source in sources.items():
        try:
            environment.compile(source, name)
        except TemplateSyntaxError as fault:
            found.append(f"{name}:{fault.lineno} {fault.message}")
            continue
        lost = [
            other for other in _referred(environment, source) if not _is_there(other, environment, sources)
        ]
        found += [f"{name} refers to {other}, which is not there" for other in lost]
    return found


def unused(
    environment: Environment, sources: Mapping[str, str], modules: Sequence[Module], kinds: Iterable[str]
) -> list[str]:
    """Name the templates that neither the code nor another template mentions."""
    mentioned = {words for module in modules for words in _strings(module)}
    for source in sources.values():
        mentioned.update(_referred(environment, source))
    letters = {f"letters/{kind}/{part}" for kind in kinds for part in (*_PARTS, "text.txt")}
    # A wording that anybody agreed to stays, so that she can read it again: test_wordings.py counts them.
    return [name for name in sources if name not in mentioned | letters and not name.startswith("wordings/")]


def missing(sources: Mapping[str, str], modules: Sequence[Module], kinds: Iterable[str]) -> list[str]:
    """Name the templates that the code mentions, or a letter needs, and that are not there."""
    mentioned = {words for module in modules for words in _strings(module) if words.endswith(".html")}
    own = {
        words
        for words in mentioned
        if words[0] != "/" and "/" in words and " " not in words and "{" not in words
    }
    letters = {f"letters/{kind}/{part}" for kind in kinds for part in _PARTS}
    return sorted((own | letters) - set(sources))


def misnamed(sources: Mapping[str, str], endpoints: Iterable[str], others: Mapping[str, str]) -> list[str]:
    """Name the pages that no endpoint bears the name of, and the stale exceptions."""
    known, found = set(endpoints), []
    for name in sources:
        room, _, page = name.partition("/")
        if not page or "/" in page or room in _ROOMS_WITHOUT_ENDPOINTS or page.startswith("_"):
            continue
        if others.get(name, f"{room}.{page.removesuffix('.html')}") not in known:
            found.append(f"{name} mirrors no endpoint")
    return found + [f"{name} is no template" for name in others if name not in sources]


def styled(sources: Mapping[str, str]) -> list[str]:
    """Name the pages with style in them, which the policy of headers forbids; letters carry their own."""
    pages = {name: source for name, source in sources.items() if not name.startswith("letters/")}
    return [name for name, source in pages.items() if _STYLE.search(source)]


def _referred(environment: Environment, source: str) -> Iterator[str]:
    yield from (name for name in meta.find_referenced_templates(environment.parse(source)) if name)


def _is_there(name: str, environment: Environment, sources: Mapping[str, str]) -> bool:
    return name in sources or name.startswith("govuk_frontend_") and name in environment.list_templates()


def _strings(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
