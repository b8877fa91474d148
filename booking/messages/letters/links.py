"""The addresses that stand in letters: each opens a page, none of them says anything about health."""

from booking.models import Booking, EmailLink, Person
from booking.models.kinds import LinkPurpose
from booking.queries.unsubscribing import STOPS, Stoppable
from booking.rules.tokens import make_code, make_token
from booking.settings import settings

JOIN = "join"
CALENDAR = "calendar"
OFFER = "offer"
NOT_TODAY = "not today"
# What a letter for nobody is written with: it is no row, so such a link leads to a page of ours.
NOBODYS = 0
_PAGES = {
    LinkPurpose.CONFIRM_EMAIL: "/confirm/",
    LinkPurpose.SIGN_IN: "/sign-in/",
    LinkPurpose.CHANGE_EMAIL: "/change-email/",
}


def proof_url(link: EmailLink) -> str:
    """Return the address of the page whose button proves the email address."""
    return _address(_PAGES[link.purpose] + _token(link.purpose.value, link.id, link.nonce))


def proof_code(link: EmailLink) -> str:
    """Return the code that may be typed instead, where the letter was asked for: "123 456"."""
    code = make_code(settings().secret_key, link.purpose.value, link.id, link.nonce)
    return f"{code[:3]} {code[3:]}"


def join_url(booking: Booking) -> str:
    """Return our own address that leads to the online meeting as it is at that moment."""
    if booking.id == NOBODYS:
        return my_sessions_url()
    return _address("/join/" + _token(JOIN, booking.id, booking.nonce))


def calendar_url(booking: Booking) -> str:
    """Return the address of the calendar file of a booking."""
    return _address("/calendar/" + _token(CALENDAR, booking.id, booking.nonce) + ".ics")


def offer_url(booking: Booking) -> str:
    """Return the address of the page that answers a place kept for her."""
    return _address("/offers/" + _token(OFFER, booking.id, booking.nonce))


def not_today_url(booking: Booking) -> str:
    """Return the address of the page that gives a place back without signing in."""
    return _address("/not-today/" + _token(NOT_TODAY, booking.id, booking.nonce))


def unsubscribe_url(person: Person, what: Stoppable) -> str:
    """Return the address of the page that stops reminders or news; posting to it does so at once."""
    return _address("/unsubscribe/" + _token(STOPS[what], person.id, person.mail_nonce))


def session_url(session_id: int) -> str:
    """Return the address of a session's public page."""
    return _address(f"/sessions/{session_id}")


def sessions_url() -> str:
    """Return the address of the public list."""
    return _address("/sessions")


def my_sessions_url() -> str:
    """Return the address of the page on which a place is given up."""
    return _address("/my-sessions")


def details_url() -> str:
    """Return the address of the page on which somebody chooses what reaches her, when and how."""
    return _address("/me")


def my_course_url(enrolment_id: int) -> str:
    """Return the address of the page of a course that somebody is on."""
    if enrolment_id == NOBODYS:
        return my_sessions_url()
    return _address(f"/my-sessions/courses/{enrolment_id}")


def host_url() -> str:
    """Return the address of a host's own dates."""
    return _address("/host")


def roster_url(session_id: int) -> str:
    """Return the address of the list of one date, for whoever leads it."""
    return _address(f"/host/sessions/{session_id}")


def office_url(part: str = "") -> str:
    """Return the address of a page of the office, or of a part of Today such as "#calls"."""
    return _address("/office" + part)


def sign_in_url() -> str:
    """Return the address of the page that sends a link."""
    return _address("/sign-in")


def register_url() -> str:
    """Return the address of the page for somebody new."""
    return _address("/register")


def _token(purpose: str, row_id: int, nonce: str) -> str:
    return make_token(settings().secret_key, purpose, row_id, nonce)


def _address(path: str) -> str:
    return settings().base_url + path
