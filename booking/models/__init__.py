"""The rows of the service and the rules of a single row."""

from booking.models.attendance import AttendanceMark
from booking.models.audit import AuditEntry
from booking.models.bookings import Booking
from booking.models.consent import Consent, ConsentHow, ConsentPurpose
from booking.models.delivery import WorkerBeat
from booking.models.messages import CallNote, MailboxLetter, Message
from booking.models.people import ContactPoint, Person, PersonRole
from booking.models.rota import SeriesFacilitator, SessionFacilitator
from booking.models.schedule import Programme, ScheduledSession, Series, SeriesChange, SessionVersion
from booking.models.signin import EmailLink, SignIn
from booking.models.throttle import ThrottleCount
from booking.models.venues import Venue

__all__ = [
    "AttendanceMark",
    "AuditEntry",
    "Booking",
    "CallNote",
    "Consent",
    "ConsentHow",
    "ConsentPurpose",
    "ContactPoint",
    "EmailLink",
    "MailboxLetter",
    "Message",
    "Person",
    "PersonRole",
    "Programme",
    "ScheduledSession",
    "Series",
    "SeriesChange",
    "SeriesFacilitator",
    "SessionFacilitator",
    "SessionVersion",
    "SignIn",
    "ThrottleCount",
    "Venue",
    "WorkerBeat",
]
