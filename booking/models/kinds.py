"""The words that rows may hold, as the reporting views and reports name them."""

from enum import StrEnum


class PersonStatus(StrEnum):
    """What the service may do with a person's record."""

    UNPROVEN = "unproven"
    ACTIVE = "active"
    PAUSED = "paused"
    DIED = "died"
    CLOSED = "closed"
    MERGED = "merged"


class Who(StrEnum):
    """Why somebody comes: the one thing asked about her situation."""

    PATIENT = "patient"
    WITH_SOMEONE = "with_someone"
    OTHER = "other"


class Role(StrEnum):
    """What a person may do besides coming to sessions; roles add up."""

    FACILITATOR = "facilitator"
    ADMIN = "admin"
    SAFEGUARDING = "safeguarding"


class Channel(StrEnum):
    """How a message reaches somebody; call and post are work for the office."""

    EMAIL = "email"
    TEXT = "text"
    CALL = "call"
    POST = "post"


class ContactKind(StrEnum):
    """What a contact point is."""

    EMAIL = "email"
    PHONE = "phone"
    POST = "post"


class SessionState(StrEnum):
    """Whether a session or a series stands in the public list."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class Mode(StrEnum):
    """How people meet."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    HYBRID = "hybrid"


class Pool(StrEnum):
    """The two kinds of places a session may have."""

    ROOM = "room"
    ONLINE = "online"


class Audience(StrEnum):
    """For whom a series is."""

    ANYONE = "anyone"
    PATIENTS = "patients"
    FACILITATORS = "facilitators"


class Companions(StrEnum):
    """Whether somebody may be brought along."""

    NEVER = "never"
    FIRST_VISIT = "first_visit"
    ALWAYS = "always"


class Enrol(StrEnum):
    """Whether dates are booked one by one or as a course."""

    EACH = "each"
    COURSE = "course"


class EnrolmentState(StrEnum):
    """Whether somebody is on a course: its weeks are bookings of hers."""

    ENROLLED = "enrolled"
    LEFT = "left"


class Situation(StrEnum):
    """For whom a series is especially good; asked on a page, never kept about anybody."""

    NEWLY_TOLD = "newly_told"
    IN_TREATMENT = "in_treatment"
    LIVING = "living"
    SUPPORTING = "supporting"


class ListingKind(StrEnum):
    """What somebody else runs and we only point to."""

    RETREAT = "retreat"
    OTHER_GROUP = "other_group"
    EVENT = "event"


class Access(StrEnum):
    """An access fact of a venue: not knowing is an honest answer."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not_known"


class BookingState(StrEnum):
    """Where a booking stands; the first five are live."""

    HELD = "held"
    PROVISIONAL = "provisional"
    BOOKED = "booked"
    WAITING = "waiting"
    OFFERED = "offered"
    GIVEN_UP = "given_up"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


TAKING = (BookingState.HELD, BookingState.PROVISIONAL, BookingState.BOOKED, BookingState.OFFERED)
LIVE = (*TAKING, BookingState.WAITING)
ENDED = (BookingState.GIVEN_UP, BookingState.CANCELLED, BookingState.EXPIRED)
# Taken for the time being: somebody has to answer.
KEPT = (BookingState.HELD, BookingState.OFFERED)


class Attendance(StrEnum):
    """What the register says; "not recorded" is its own state, never "didn't come"."""

    NOT_RECORDED = "not_recorded"
    CAME = "came"
    JOINED_ONLINE = "joined_online"
    PART = "part"
    WALKED_IN = "walked_in"
    DID_NOT_COME = "did_not_come"


ATTENDED = (Attendance.CAME, Attendance.JOINED_ONLINE, Attendance.PART, Attendance.WALKED_IN)


class MessageKind(StrEnum):
    """What a message says."""

    CONFIRM_EMAIL = "confirm_email"
    SIGN_IN = "sign_in"
    BOOKED = "booked"
    GIVEN_UP = "given_up"
    REMINDER = "reminder"
    SESSION_CHANGED = "session_changed"
    SESSION_CANCELLED = "session_cancelled"
    CHANGE_EMAIL = "change_email"
    EMAIL_CHANGED = "email_changed"
    PASSWORD_CHANGED = "password_changed"
    FACTOR_CHANGED = "factor_changed"
    COURSE_BOOKED = "course_booked"
    COURSE_STARTS = "course_starts"
    COURSE_LEFT = "course_left"
    WAITING = "waiting"
    OFFERED = "offered"
    PROVISIONAL = "provisional"
    # What a host or the office wrote to everybody of one session, and news for whoever asked for it.
    ANNOUNCEMENT = "announcement"
    NEWS = "news"
    # For hosts and tutors.
    ROTA = "rota"
    ROTA_CHANGED = "rota_changed"
    TOMORROW = "tomorrow"
    REGISTER_REMINDER = "register_reminder"
    COVER_WANTED = "cover_wanted"
    # For the office.
    DIGEST = "digest"


class MessageState(StrEnum):
    """Where a message stands on its way."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class CallOutcome(StrEnum):
    """How a call to make ended."""

    REACHED = "reached"
    LEFT_WORD = "left_word"
    NO_ANSWER = "no_answer"
    NOT_NEEDED = "not_needed"
    # She can be reached later, at a time that somebody noted.
    TRY_AGAIN = "try_again"
    # A printed letter was put into the post.
    POSTED = "posted"


class LinkPurpose(StrEnum):
    """What pressing the button behind an emailed link does; a link of one purpose fits no other."""

    CONFIRM_EMAIL = "confirm_email"
    SIGN_IN = "sign_in"
    CHANGE_EMAIL = "change_email"


class SignInHow(StrEnum):
    """How somebody showed who she is."""

    LINK = "link"
    CODE = "code"
    PASSWORD = "password"


class ConsentPurpose(StrEnum):
    """What somebody agreed to."""

    KEEP_DETAILS = "keep_details"
    GROUND_RULES = "ground_rules"
    PHOTOS = "photos"
    MOVEMENT = "movement"
    EQUALITY = "equality"
    NEWS = "news"


class ConsentHow(StrEnum):
    """How somebody said yes."""

    WEB = "web"
    SPOKEN = "spoken"


class TaskKind(StrEnum):
    """What a human in the office, or a host, is asked to do."""

    CALL_NEWCOMER = "call_newcomer"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    MOVEMENT_CALL = "movement_call"
    DEATH_REPORTED = "death_reported"
    COMPLAINT = "complaint"
    SPEAK_WITH_OFFICE = "speak_with_office"
    SERIES_ENDS = "series_ends"
    WELCOME_CALL = "welcome_call"
    LETTERS_BOUNCE = "letters_bounce"
    REGISTER_MISSING = "register_missing"
    COVER_WANTED = "cover_wanted"


class DeedKind(StrEnum):
    """What the office can take back for 30 days."""

    DIED = "died"
    MERGED = "merged"


class SeasonDeedKind(StrEnum):
    """What the office did to one or several dates, and can take back until the first letter has left."""

    CANCELLED = "cancelled"
    MOVED = "moved"


class FeedKind(StrEnum):
    """Whose calendar a feed holds."""

    OFFICE = "office"
    PERSON = "person"


class Flag(StrEnum):
    """What a tutor keeps in mind for somebody in a movement class."""

    SEATED = "seated"
    NO_FLOOR = "no_floor"
    SPINE_HIPS = "spine_hips"
    ARM_CARE = "arm_care"
    BALANCE = "balance"
