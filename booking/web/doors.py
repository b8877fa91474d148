"""Doors are shut unless a view says for whom it opens; not yours is 404."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from importlib import import_module
from typing import Any, TypeVar, cast

from flask import Blueprint, Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from booking.web.visitor import Visitor

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
_MARK = "_opens_for"


class Door(StrEnum):
    """For whom a view opens."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    FACILITATOR = "facilitator"
    ADMIN = "admin"
    # What the office and the safeguarding lead both see, and what only the lead does.
    CARE = "care"
    SAFEGUARDING = "safeguarding"


IN_THE_OFFICE = (Door.ADMIN, Door.CARE, Door.SAFEGUARDING)


def opens_for(door: Door) -> Callable[[View], View]:
    """Open a view for these people; everybody else is sent to sign in, or told there is no such page."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            refused = _refusal(door)
            return refused if refused is not None else view(*args, **kwargs)

        setattr(guarded, _MARK, door)
        return cast(View, guarded)

    return mark


def open_room(app: Flask, blueprint: Blueprint, *views: str) -> None:
    """Import the modules whose views stand on a blueprint, which adds their routes, and register it."""
    for name in views:
        import_module(f"{blueprint.import_name}.{name}")
    app.register_blueprint(blueprint)


def door_of(app: Flask, endpoint: str) -> Door | None:
    """Say for whom an endpoint opens; None means that nobody said so."""
    return getattr(app.view_functions.get(endpoint), _MARK, None)


def keep_shut() -> None:
    """Refuse an endpoint that does not say for whom it opens (static files are everybody's)."""
    if request.endpoint is None or request.endpoint == "static":
        return
    if door_of(current_app, request.endpoint) is None:
        abort(404)


def visitor() -> Visitor:
    """Return who is signed in; only views behind a door may ask."""
    if not current_user.is_authenticated:
        abort(404)
    return cast(Visitor, current_user)


def visitor_or_none() -> Visitor | None:
    """Return who is signed in, or None for a stranger."""
    return cast(Visitor, current_user) if current_user.is_authenticated else None


def lets_in(door: Door, here: Visitor) -> bool:
    """Say whether her roles open a door; whether she showed her second factor is asked at the door."""
    return {
        Door.ANYONE: True,
        Door.SIGNED_IN: True,
        Door.FACILITATOR: here.is_facilitator,
        Door.ADMIN: here.is_admin,
        Door.CARE: here.is_admin or here.is_safeguarding,
        Door.SAFEGUARDING: here.is_safeguarding,
    }[door]


def _refusal(door: Door) -> ResponseReturnValue | None:
    if door is Door.ANYONE:
        return None
    if not current_user.is_authenticated:
        return _to_sign_in()
    here = visitor()
    if not lets_in(door, here):
        abort(404)
    return _to_second_factor() if _wants_second_factor(door, here) else None


def _wants_second_factor(door: Door, here: Visitor) -> bool:
    """Ask the office every 10 hours, and a host who chose to have one once in each sign-in."""
    if door in IN_THE_OFFICE:
        return not here.shown_second_factor_of_late
    return door is Door.FACILITATOR and here.has_second_factor and not here.shown_second_factor


def _to_second_factor() -> ResponseReturnValue:
    wanted = request.path if request.method != "POST" else ""
    return redirect(url_for("accounts.second_factor", next=wanted or None), 303)


def _to_sign_in() -> ResponseReturnValue:
    # What a form held is never carried along: a POST comes back to a page she can open.
    wanted = request.path if request.method != "POST" else ""
    return redirect(url_for("accounts.sign_in", next=wanted or None), 303)
