"""The words in which the office's pages say what rows hold."""

from flask_babel import lazy_gettext as _l

from booking.models.kinds import (
    Attendance,
    BookingState,
    CallOutcome,
    Channel,
    MessageKind,
    MessageState,
    PersonStatus,
    Pool,
    Role,
)

KINDS = {
    MessageKind.CONFIRM_EMAIL: _l("Confirm your email"),
    MessageKind.SIGN_IN: _l("Sign-in link"),
    MessageKind.BOOKED: _l("Booked"),
    MessageKind.GIVEN_UP: _l("Place given up"),
    MessageKind.REMINDER: _l("Reminder"),
    MessageKind.SESSION_CHANGED: _l("Session changed"),
    MessageKind.SESSION_CANCELLED: _l("Session cancelled"),
}
OUTCOMES = {
    CallOutcome.REACHED: _l("Reached"),
    CallOutcome.LEFT_WORD: _l("Left word"),
    CallOutcome.NO_ANSWER: _l("No answer, try again"),
    CallOutcome.NOT_NEEDED: _l("No longer needed"),
}
STATES = {
    MessageState.WAITING: _l("Waiting"),
    MessageState.SENDING: _l("Being sent"),
    MessageState.SENT: _l("Sent"),
    MessageState.FAILED: _l("Failed"),
    MessageState.WITHDRAWN: _l("Set aside"),
}
MARKS = {
    Attendance.NOT_RECORDED: _l("Not recorded"),
    Attendance.CAME: _l("Came"),
    Attendance.JOINED_ONLINE: _l("Joined online"),
    Attendance.PART: _l("Came for part"),
    Attendance.WALKED_IN: _l("Walked in"),
    Attendance.DID_NOT_COME: _l("Didn't come"),
}
BOOKINGS = {
    BookingState.HELD: _l("Held until confirmed"),
    BookingState.PROVISIONAL: _l("Waits for a call"),
    BookingState.BOOKED: _l("Has a place"),
    BookingState.WAITING: _l("On the waiting list"),
    BookingState.OFFERED: _l("Has an offer"),
    BookingState.GIVEN_UP: _l("Gave up the place"),
    BookingState.CANCELLED: _l("Cancelled"),
    BookingState.EXPIRED: _l("Not confirmed in time"),
}
POOLS = {Pool.ROOM: _l("In the room"), Pool.ONLINE: _l("Online")}
STATUSES = {
    PersonStatus.UNPROVEN: _l("Email not confirmed yet"),
    PersonStatus.ACTIVE: _l("Active"),
    PersonStatus.PAUSED: _l("Paused"),
    PersonStatus.DIED: _l("Died"),
    PersonStatus.CLOSED: _l("Closed"),
    PersonStatus.MERGED: _l("Merged into another record"),
}
ROLES = {Role.FACILITATOR: _l("Host"), Role.ADMIN: _l("Office")}
CHANNELS = {
    Channel.EMAIL: _l("Email"),
    Channel.TEXT: _l("Text message"),
    Channel.CALL: _l("Phone call"),
    Channel.POST: _l("Post"),
}
