"""Every page there is, and who opens it: `""` is a stranger, words in braces come from the scene."""

from flask import Flask

# Answers that are no pages: for calendars, programs and machines, and a letter inside its page.
NO_PAGES = {
    "bookings.calendar",
    "mailbox.as_it_looks",
    "mailbox.listed",
    "pages.live",
    "pages.ready",
    "pages.robots",
    "schedule.calendar",
    "schedule.listing",
    "static",
}
# Pages that say that something is not there; every other answers 200.
NOT_THERE = {
    "/no-such-page": 404,
    "/confirm/a-link-of-last-year": 410,
    "/change-email/a-link-of-last-year": 410,
    "/join/a-link-of-last-year": 404,
    "{nothing_to_join}": 410,
}
STRANGER = [
    "/",
    "/help",
    "/privacy",
    "/sessions",
    "/sessions?q=nothing-of-that-name",
    "/sessions/{soon}",
    "/sessions/{full}",
    "/sessions/{cancelled}",
    "/sessions/{past}",
    "/sessions/{course}",
    "/series/manchester",
    "/sessions/{later}/book",
    "/sessions/{free}/held",
    "/register",
    "/register/sent",
    "/sign-in",
    "/sign-in/sent",
    "/sign-out",
    "{confirm}",
    "{shared}",
    "{alone}",
    "/confirm/a-link-of-last-year",
    "/change-email/a-link-of-last-year",
    "/join/a-link-of-last-year",
    "/mailbox",
    "/mailbox/{letter}",
    "/no-such-page",
]
ANN = [
    "/my-sessions",
    "/my-sessions/{anns}/give-up",
    "/sessions",
    "/sessions/{soon}",
    "/sessions/{later}/book",
    "/sessions/{free}/book",
    "/me",
    "/me/reminders",
    "/me/access-needs",
    "/me/name",
    "/me/contacts",
    "/me/reach",
    "/me/where",
    "/me/emergency-contact",
    "/me/photos",
    "/me/equality",
    "/me/pause",
    "/me/agreements",
    "/me/agreements/photos",
    "/me/agreements/ground_rules",
    "/me/agreements/keep_details/withdraw",
    "{change_email}",
    "/me/download",
    "/me/close",
    "/me/complain",
    "/sign-out",
    "{join}",
    "{nothing_to_join}",
]
FAY = [
    "/host",
    "/host/sessions/{soon}",
    "/host/sessions/{past}",
    "/host/sessions/{later}",
    "/host/sessions/{soon}/walk-in",
    "/host/sessions/{soon}/print",
]
ADA = [
    "/office",
    "/office/schedule",
    "/office/schedule/new",
    "/office/sessions/{soon}",
    "/office/sessions/{later}/edit",
    "/office/sessions/{later}/cancel",
    "/office/people",
    "/office/people/{Gwen}",
    "/office/people/{Gwen}/host",
    "/office/people/{Ann}/died",
    "/office/people/{Gwen}/pause",
    "/office/people/{Fay}",
    "/office/attendance",
    "/office/attendance/rows?counted=attendances",
]
PAGES = [
    *[("", path) for path in STRANGER],
    *[("Ann", path) for path in ANN],
    ("Ben", "/my-sessions"),
    *[("Fay", path) for path in FAY],
    *[("Ada", path) for path in ADA],
]
IN_THE_DARK = [
    ("", "/sessions"),
    ("", "/sessions/{full}"),
    ("", "/register"),
    ("", "/mailbox/{letter}"),
    ("Ann", "/my-sessions"),
    ("Ann", "/me"),
    ("Fay", "/host/sessions/{soon}"),
    ("Ada", "/office"),
    ("Ada", "/office/sessions/{later}/edit"),
    ("Ada", "/office/attendance"),
]


def endpoints_with_pages(app: Flask) -> set[str]:
    """Name every endpoint that answers GET with a page."""
    opened = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())}
    return opened - NO_PAGES
