"""The rows of the service and the rules of a single row."""

from booking.models.attendance import AttendanceMark
from booking.models.audit import AuditEntry
from booking.models.bookings import Booking, QueueMove
from booking.models.consent import Consent
from booking.models.courses import Enrolment
from booking.models.deeds import DeedStep, ReversibleDeed
from booking.models.delivery import WorkerBeat
from booking.models.kinds import ConsentHow, ConsentPurpose
from booking.models.listings import Listing, SupportEntry
from booking.models.messages import (
    Announcement,
    Bounce,
    CallNote,
    LetterWording,
    MailboxLetter,
    Message,
    OutgoingStop,
)
from booking.models.movement import MovementCheckIn
from booking.models.people import ContactPoint, EmergencyContact, EqualityAnswers, Person, PersonRole
from booking.models.rota import CoverRequest, SeriesFacilitator, SessionFacilitator
from booking.models.schedule import Programme, ScheduledSession, Series, SeriesChange, SessionVersion
from booking.models.season import CalendarFeed, SeasonDeed, SeasonStep
from booking.models.signin import EmailLink, Password, RecoveryCode, SecondFactor, SignIn
from booking.models.tasks import Task
from booking.models.throttle import ThrottleCount
from booking.models.venues import Venue, VenuePhoto

__all__ = [
    "Announcement",
    "AttendanceMark",
    "AuditEntry",
    "Booking",
    "Bounce",
    "CalendarFeed",
    "CallNote",
    "Consent",
    "ConsentHow",
    "ConsentPurpose",
    "ContactPoint",
    "CoverRequest",
    "DeedStep",
    "EmailLink",
    "EmergencyContact",
    "Enrolment",
    "EqualityAnswers",
    "LetterWording",
    "Listing",
    "MailboxLetter",
    "Message",
    "MovementCheckIn",
    "OutgoingStop",
    "Password",
    "Person",
    "PersonRole",
    "Programme",
    "QueueMove",
    "RecoveryCode",
    "ReversibleDeed",
    "ScheduledSession",
    "SeasonDeed",
    "SeasonStep",
    "SecondFactor",
    "Series",
    "SeriesChange",
    "SeriesFacilitator",
    "SessionFacilitator",
    "SessionVersion",
    "SignIn",
    "SupportEntry",
    "Task",
    "ThrottleCount",
    "Venue",
    "VenuePhoto",
    "WorkerBeat",
]
