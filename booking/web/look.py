"""What every template knows: GOV.UK's parts, the words for dates, who is here and who can help."""

from typing import Any

from flask import Flask, g, request, session
from flask_babel import gettext as _
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader

from booking import clock
from booking.queries.outgoing import Going, how_it_goes
from booking.web import leaving, words
from booking.web.doors import visitor_or_none
from booking.web.headers import is_private, is_token_page
from booking.web.visitor import Visitor
from config import Settings

Item = dict[str, Any]


def register(app: Flask, settings: Settings) -> None:
    """Give templates their loaders, filters and context."""
    parts = {name: PackageLoader(name) for name in ("govuk_frontend_jinja", "govuk_frontend_wtf")}
    own = [app.jinja_loader] if app.jinja_loader else []
    app.jinja_loader = ChoiceLoader([*own, PrefixLoader(dict(parts))])
    WTFormsHelpers(app)
    words.register(app)
    leaving.register(app)
    app.context_processor(lambda: page_context(settings))


def page_context(settings: Settings) -> dict[str, Any]:
    """Return what the layout needs, also on an error page with the database away."""
    visitor = present_visitor()
    return {
        "organisation_name": settings.organisation_name,
        "help_phone": settings.help_phone,
        "help_email": settings.help_email,
        # Behind a link of a letter there is one thing to do; without JavaScript a menu would stand before it.
        "nav_items": [] if is_token_page() else nav_items(visitor, request.path),
        "signed_in": visitor is not None,
        "going": _going(visitor),
        "private": is_private(),
        "privacy_url": "/privacy",
        "support_url": "/support",
        "lang": "en-GB",
    }


def present_visitor() -> Visitor | None:
    """Say who is here without asking the database when it is known to be away, or for a stranger."""
    if g.get("database_is_away") or "_user_id" not in session:
        return None
    return visitor_or_none()


def _going(visitor: Visitor | None) -> Going | None:
    """Say on the office's pages whether messages go out: nobody should find out by a silent telephone.

    Each field of a form is a template of its own and comes here: the page asks once for all of them.
    """
    in_office = f"{request.path}/".startswith("/office/")
    if not in_office or visitor is None or not visitor.is_admin or is_token_page():
        return None
    if "going" not in g:
        g.going = how_it_goes(clock.now())
    going: Going = g.going
    return going


def nav_items(visitor: Visitor | None, path: str) -> list[Item]:
    """Return the menu: what this person can open, and nothing else; inside the office, its own."""
    in_office = f"{path}/".startswith("/office/")
    if visitor is not None and in_office and (visitor.is_admin or visitor.is_safeguarding):
        return office_items(path, visitor)
    entries = [(_("Find a session"), "/sessions")]
    if visitor is None:
        entries += [(_("Sign in"), "/sign-in"), (_("Register"), "/register")]
    else:
        entries += [(_("My sessions"), "/my-sessions"), (_("My details"), "/me")]
        entries += [(_("Hosting"), "/host")] if visitor.is_facilitator else []
        entries += [(_("Office"), "/office")] if visitor.is_admin else []
        # The safeguarding lead who is not in the office opens its pages about people, and no other.
        cares = visitor.is_safeguarding and not visitor.is_admin
        entries += [(_("People"), "/office/people")] if cares else []
    if visitor is None or not (visitor.is_facilitator or visitor.is_admin or visitor.is_safeguarding):
        entries.append((_("Help"), "/help"))
    return [_item(text, href, path) for text, href in entries]


def office_items(path: str, visitor: Visitor) -> list[Item]:
    """Return the menu of the office, and the way back to one's own sessions."""
    if not visitor.is_admin:
        return [
            _item(_("People"), "/office/people", path),
            _item(_("My sessions"), "/my-sessions", path),
        ]
    entries = [(_("Booking desk"), "/office/desk"), (_("Schedule"), "/office/schedule")]
    entries.append((_("People"), "/office/people"))
    entries += [(_("Attendance"), "/office/attendance"), (_("Messages"), "/office/messages")]
    entries.append((_("My sessions"), "/my-sessions"))
    # One date has its own address, and belongs to the schedule; who waits in vain belongs to attendance.
    there = path.replace("/office/sessions/", "/office/schedule/", 1)
    there = there.replace("/office/demand", "/office/attendance", 1)
    # The wording of letters, and news, are about messages.
    for page in ("/office/letters", "/office/news"):
        there = f"/office/messages/{page}" if f"{there}/".startswith(f"{page}/") else there
    here = path == "/office"
    today = {"text": _("Today"), "href": "/office", "current": here, "active": False}
    return [today, *(_item(text, href, there) for text, href in entries)]


def _item(text: str, href: str, path: str) -> Item:
    here = path == href
    return {"text": text, "href": href, "current": here, "active": not here and path.startswith(f"{href}/")}
