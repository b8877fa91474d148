"""The edge of the house: what happens to every request before and after its view."""

from flask import Flask
from flask_babel import Babel
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from booking.web import errors, headers, intake, logs, look, static_files, throttle
from booking.web.doors import keep_shut
from config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Put the guards around every request, the outermost first."""
    logs.configure(settings)
    logs.register(app, settings)
    headers.register(app, settings)
    errors.register(app)
    intake.register(app)
    Babel(app, default_domain="messages", locale_selector=_locale)
    look.register(app, settings)
    app.before_request(keep_shut)
    # Token pages send no referrer on purpose; the token in the form is what proves where it came from.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    # A mail program that posts to the address in a letter (RFC 8058) has no page of ours and no cookie.
    CSRFProtect(app).exempt("booking.web.pages.unsubscribing.unsubscribe")
    throttle.register(app, settings)
    static_files.register(app, settings)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        # Flask documents replacing this method; its types call that an assignment.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _locale() -> str:
    """English for now; Welsh is a second answer of this function."""
    return "en_GB"
