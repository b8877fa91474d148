"""How often the same person or network may press the same button; only what is posted is counted."""

import hashlib
import hmac
import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from limits import parse
from limits.errors import ConfigurationError
from limits.storage import Storage
from werkzeug.exceptions import TooManyRequests

from booking import clock
from booking.queries import throttle as counts
from booking.rules.addresses import email_key
from booking.services import throttle as counting
from booking.settings import settings
from booking.web.doors import visitor_or_none
from config import Settings, SettingsError

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
OWN_STORAGE = "booking+sql://"
_LIMITER = "booking.limiter"


class SqlStorage(Storage):
    """Keeps the counts in the application's own database: exactly N, however many processes count."""

    STORAGE_SCHEME = ["booking+sql"]

    @property
    def base_exceptions(self) -> type[Exception]:
        return Exception

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, and return how often it has been by now."""
        return counting.count_try(_sealed(key), expiry, amount, clock.now())

    def get(self, key: str) -> int:
        """Return how often it has been."""
        return counts.tries(_sealed(key), clock.now())

    def get_expiry(self, key: str) -> float:
        """Return when counting starts anew. Units: seconds since 1970."""
        now = clock.now()
        return (counts.ends_at(_sealed(key), now) or now).timestamp()

    def check(self) -> bool:
        """Say yes: a database that is away answers with a page of its own."""
        return True

    def reset(self) -> int:
        """Forget every count."""
        return counting.forget_all()

    def clear(self, key: str) -> None:
        """Forget one count."""
        counting.forget(_sealed(key))


def register(app: Flask, settings: Settings) -> None:
    """Choose where the counts are kept."""
    limiter = Limiter(
        _network, storage_uri=settings.rate_limit_url or OWN_STORAGE, enabled=settings.rate_limits
    )
    try:
        limiter.init_app(app)
    except ConfigurationError:
        raise SettingsError(["RATE_LIMIT_URL names no kind of storage that is known here."]) from None
    app.extensions[_LIMITER] = limiter


def throttled(rule: str, by: str = "address") -> Callable[[View], View]:
    """Let a form be sent only so often: `throttled("10 per hour", by="visitor")`.

    `by` is "address" (the network), "visitor" (who is signed in), "sign-in" (this one sign-in), "factor"
    (tries of a second factor) or "form:<field>" (what was typed, from this network: nobody can lock somebody
    else out from elsewhere; of "form:email|phone" the first that was typed). It stands beneath `opens_for`.
    """
    limit = parse(rule)

    def wrap(view: View) -> View:
        @wraps(view)
        def counted(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            limiter = current_app.extensions[_LIMITER]
            if request.method == "POST" and limiter.enabled:
                marks = (str(request.endpoint), by, _mark(by))
                if not limiter.limiter.hit(limit, *marks):
                    raise TooManyRequests(retry_after=_seconds_left(limiter, limit, marks))
            return view(*args, **kwargs)

        return cast(View, counted)

    return wrap


def _seconds_left(limiter: Limiter, limit: Any, marks: tuple[str, ...]) -> int:
    ends = limiter.limiter.get_window_stats(limit, *marks).reset_time
    return max(1, round(ends - clock.now().timestamp()))


def _mark(by: str) -> str:
    if by == "visitor":
        visitor = visitor_or_none()
        return f"person {visitor.person_id}" if visitor else _network()
    if by in ("sign-in", "factor"):
        return _mark_of_sign_in(by)
    if by.startswith("form:"):
        fields = by.removeprefix("form:").split("|")
        typed = next((said for said in map(request.form.get, fields) if said), "")
        return f"{email_key(typed)} {_network()}"
    return _network()


def _mark_of_sign_in(by: str) -> str:
    """Count a factor's wrong tries on the person; a sign-in that showed it before is counted by itself.

    So a thief of a mailbox gets few tries however many networks and sign-ins she has, and her tries
    never shut out whoever is in already.
    """
    here = visitor_or_none()
    if here is None:
        return _network()
    apart = by == "sign-in" or here.shown_second_factor
    return f"sign-in {here.sign_in_public_id}" if apart else f"person {here.person_id}"


def _network() -> str:
    """Return the caller's address, of an IPv6 one the half that belongs to a household."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _sealed(key: str) -> str:
    """Return what stands in the table: a keyed hash, from which no address can be read or guessed."""
    return hmac.new(settings().secret_key.encode(), key.encode(), hashlib.sha256).hexdigest()
