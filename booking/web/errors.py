"""Every page for when something does not work: what happened, kindly, and what to do now."""

from typing import Any

from flask import Flask, Response, g, make_response, render_template
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, SecurityError

from booking.refusals import NotFound, Refusal
from booking.web import logs

Words = tuple[Any, Any]
_SORRY = _l("Sorry, that did not work")
PAGES: dict[int, Words] = {
    400: (
        _l("Sorry, we could not read that"),
        _l("Please go back and try again. If it happens again, call or email us and we will do it with you."),
    ),
    403: (
        _l("Sorry, this page is not open to you"),
        _l("If you think it should be, call or email us and we will look into it together."),
    ),
    404: (
        _l("We could not find that page"),
        _l(
            "It may have moved, or the address may not be quite right. "
            "The list of sessions is a good place to start."
        ),
    ),
    405: (_SORRY, _l("Please go back and use the button on the page.")),
    409: (_SORRY, _l("Please go back and try again.")),
    413: (
        _l("Sorry, that is too much at once"),
        _l("Please go back and send a shorter text or a smaller file."),
    ),
    429: (
        _l("Please wait a little"),
        _l(
            "This was tried many times in a short while, so we paused it to keep everybody safe. "
            "Please try again in an hour, or call us and we will do it for you now."
        ),
    ),
    500: (
        _l("Sorry, something went wrong"),
        _l("It is our fault, not yours. Please try again in a few minutes, or call us and we will help."),
    ),
    503: (
        _l("Sorry, we are not available for a moment"),
        _l("Please try again in a few minutes. If it can't wait, call us and we will help."),
    ),
}
_STALE: Words = (
    _l("Please send that again"),
    _l(
        "This page was open for a long time, or your browser did not keep our cookie, so nothing was saved. "
        "Go back, reload the page and send it once more."
    ),
)
_DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)


def register(app: Flask) -> None:
    """Answer every fault and every uncaught no with a page."""
    app.register_error_handler(HTTPException, _for_http)
    app.register_error_handler(SecurityError, _for_unknown_host)
    app.register_error_handler(CSRFError, lambda error: _page(400, _STALE))
    app.register_error_handler(Refusal, _for_refusal)
    app.register_error_handler(DataError, lambda error: _page(400, PAGES[400]))
    for fault in _DATABASE_AWAY:
        app.register_error_handler(fault, _for_absent_database)


def _for_http(error: HTTPException) -> HTTPException | Response:
    code = error.code or 500
    if error.response is not None or code < 400:
        return error
    if code == 500:
        # Whatever went wrong may go wrong again while the page asks who is here.
        g.database_is_away = True
    words = PAGES.get(code) or PAGES[500 if code >= 500 else 400]
    response = _page(code, words)
    for name in ("Allow", "Retry-After"):
        for value in [value for key, value in error.get_headers() if key == name]:
            response.headers[name] = value
    return response


def _for_unknown_host(error: SecurityError) -> Response:
    # No address of ours can be built for a host that is not ours, so this one page has no layout.
    return Response("This service does not answer to that address.\n", 400, mimetype="text/plain")


def _for_refusal(error: Refusal) -> Response:
    if isinstance(error, NotFound):
        return _page(404, PAGES[404])
    return _page(409, (_SORRY, error.sentence))


def _for_absent_database(error: Exception) -> Response:
    g.database_is_away = True
    logs.note_absent_database(error)
    response = _page(503, PAGES[503])
    response.headers["Retry-After"] = "60"
    return response


def _page(code: int, words: Words) -> Response:
    title, sentence = words
    return make_response(render_template("errors/error.html", title=title, sentence=sentence), code)
