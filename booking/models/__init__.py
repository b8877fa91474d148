"""The rows of the service and the rules of a single row."""

from booking.models.attendance import AttendanceMark
from booking.models.audit import AuditEntry
from booking.models.bookings import Booking
from booking.models.consent import Consent
from booking.models.deeds import DeedStep, ReversibleDeed
from booking.models.delivery import WorkerBeat
from booking.models.kinds import ConsentHow, ConsentPurpose
from booking.models.messages import CallNote, MailboxLetter, Message
from booking.models.movement import MovementCheckIn
from booking.models.people import ContactPoint, EmergencyContact, EqualityAnswers, Person, PersonRole
from booking.models.rota import SeriesFacilitator, SessionFacilitator
from booking.models.schedule import Programme, ScheduledSession, Series, SeriesChange, SessionVersion
from booking.models.signin import EmailLink, Password, RecoveryCode, SecondFactor, SignIn
from booking.models.tasks import Task
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
    "DeedStep",
    "EmailLink",
    "EmergencyContact",
    "EqualityAnswers",
    "MailboxLetter",
    "Message",
    "MovementCheckIn",
    "Password",
    "Person",
    "PersonRole",
    "Programme",
    "RecoveryCode",
    "ReversibleDeed",
    "ScheduledSession",
    "SecondFactor",
    "Series",
    "SeriesChange",
    "SeriesFacilitator",
    "SessionFacilitator",
    "SessionVersion",
    "SignIn",
    "Task",
    "ThrottleCount",
    "Venue",
    "WorkerBeat",
]
