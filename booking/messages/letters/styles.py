"""The styles of a letter's HTML, put on its elements once for each template, not each letter."""

import re
from functools import cache

from css_inline import CSSInliner
from flask import Flask, current_app
from jinja2 import Environment
from jinja2.ext import Extension

from booking.messages.letters.language import translations_now

LAYOUT = "letters/layout.html"
_OWN_KEY = "letters.templates"
_STYLE = re.compile(r"\s*<style>(.*?)</style>", re.DOTALL)
# Attributes hold addresses in Jinja's braces, and never an angle.
_OPENING_TAG = re.compile(r"<(body|div|p|ul|ol|li|a|span)((?:\s[^<>]*)?)>")
_CLASS = re.compile(r'\sclass="([^"]*)"')
_WRITTEN_STYLE = re.compile(r'\sstyle="([^"]*)"')


class StyledOnce(Extension):
    """Writes the layout's style sheet into the elements of each letter's HTML as its template is compiled."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return a template's source with its styles on the elements: mail programs drop sheets."""
        if name is None or not (name.startswith("letters/") and name.endswith(".html")):
            return source
        sheet = _sheet(self.environment)
        return _OPENING_TAG.sub(lambda tag: _styled(tag, sheet), _STYLE.sub("", source))


def templates() -> Environment:
    """Return the present app's templates, those of letters with their styles in place."""
    app: Flask = current_app
    if _OWN_KEY not in app.extensions:
        app.extensions[_OWN_KEY] = _own(app.jinja_env)
    found: Environment = app.extensions[_OWN_KEY]
    return found


def _own(pages: Environment) -> Environment:
    """Make an environment that knows the pages' templates and nothing of requests."""
    own = Environment(
        loader=pages.loader,
        autoescape=pages.autoescape,
        undefined=pages.undefined,
        auto_reload=pages.auto_reload,
        extensions=["jinja2.ext.i18n", StyledOnce],
    )
    # The extension puts this there itself, so the types do not know of it.
    own.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda said: translations_now().ugettext(said),
        ngettext=lambda one, many, count: translations_now().ungettext(one, many, count),
        newstyle=True,
    )
    return own


def _sheet(environment: Environment) -> str:
    assert environment.loader is not None
    layout = environment.loader.get_source(environment, LAYOUT)[0]
    found = _STYLE.search(layout)
    return found[1] if found else ""


def _styled(tag: re.Match[str], sheet: str) -> str:
    name, attributes = tag[1], tag[2]
    named = _CLASS.search(attributes)
    style = _style_of(name, named[1] if named else "", sheet)
    return f'<{name}{attributes} style="{style}">' if style else tag[0]


@cache
def _style_of(name: str, classes: str, sheet: str) -> str:
    """Ask what the whole cascade comes to for one element."""
    element = f'<{name} class="{classes}"></{name}>'
    body = element if name == "body" else f"<body>{element}</body>"
    page = f"<html><head><style>{sheet}</style></head>{body}</html>"
    inlined = CSSInliner(load_remote_stylesheets=False, keep_style_tags=False).inline(page)
    opened = re.search(rf"<{name}\b[^>]*>", inlined)
    written = _WRITTEN_STYLE.search(opened[0]) if opened else None
    return written[1] if written else ""
