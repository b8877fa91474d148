"""What every answer says to the browser about safety and caching."""

import base64
import hashlib
import re
from collections.abc import Callable

from flask import Flask, Response, request, session

from config import Settings

TOKEN_PATHS = (
    "/confirm/",
    "/sign-in/",
    "/change-email/",
    "/join/",
    "/offers/",
    "/not-today/",
    "/unsubscribe/",
    "/calendar/",
    "/office/calendar/",
)
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
_YEAR = "max-age=31536000; includeSubDomains"


def register(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer that the application gives."""
    app.after_request(_dress(content_security_policy(app), settings.production))


def content_security_policy(app: Flask) -> str:
    """Say what a page may load: its own files, and the one inline script the layout holds, by its hash."""
    hashes = " ".join(script_hash(script) for script in _INLINE.findall(_layout(app)))
    return (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def script_hash(script: str) -> str:
    """Return how a policy names an inline script."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def is_token_page() -> bool:
    """Say whether the address of this page holds a secret."""
    return request.path.startswith(TOKEN_PATHS)


def is_private() -> bool:
    """Say whether this answer is for one person's eyes: signed in, behind a link, or after a form."""
    # Asking the cookie instead of the database: an answer must be dressed also when the database is away.
    known = "_user_id" in session or "sent_to" in session
    return known or is_token_page() or request.method not in ("GET", "HEAD", "OPTIONS")


def _layout(app: Flask) -> str:
    loader = app.jinja_loader
    if loader is None:
        raise RuntimeError("there are no templates")
    return loader.get_source(app.jinja_env, "base.html")[0]


def _dress(policy: str, production: bool) -> Callable[[Response], Response]:
    def dress(response: Response) -> Response:
        for name, value in _ALWAYS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Referrer-Policy", "no-referrer" if is_token_page() else "same-origin")
        if production:
            response.headers["Strict-Transport-Security"] = _YEAR
        _say_who_may_keep_it(response)
        return response

    return dress


def _say_who_may_keep_it(response: Response) -> None:
    if is_private():
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    elif response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.vary.add("Cookie")
