"""What the words of our rows mean to the person they are about."""

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l

from booking.models.kinds import (
    Attendance,
    BookingState,
    CallOutcome,
    Channel,
    ConsentHow,
    ConsentPurpose,
    ContactKind,
    DeedKind,
    EnrolmentState,
    FeedKind,
    LinkPurpose,
    MessageKind,
    MessageState,
    PersonStatus,
    Pool,
    Role,
    SignInHow,
    TaskKind,
    Who,
)
from booking.web.newcomer import WHO

KEPT: dict[type[StrEnum], dict[Any, object]] = {
    Who: WHO,
    PersonStatus: {
        PersonStatus.UNPROVEN: _l("Not confirmed yet"),
        PersonStatus.ACTIVE: _l("Open"),
        PersonStatus.PAUSED: _l("Paused: we write nothing by ourselves"),
        PersonStatus.DIED: _l("Died"),
        PersonStatus.CLOSED: _l("Closed"),
        PersonStatus.MERGED: _l("Part of your record"),
    },
    Channel: {
        Channel.EMAIL: _l("Email"),
        Channel.TEXT: _l("Text message"),
        Channel.CALL: _l("Phone call"),
        Channel.POST: _l("Post"),
    },
    ContactKind: {
        ContactKind.EMAIL: _l("Email"),
        ContactKind.PHONE: _l("Phone"),
        ContactKind.POST: _l("Post"),
    },
    ConsentPurpose: {
        ConsentPurpose.KEEP_DETAILS: _l("Keeping your details"),
        ConsentPurpose.GROUND_RULES: _l("The ground rules"),
        ConsentPurpose.PHOTOS: _l("Photos"),
        ConsentPurpose.MOVEMENT: _l("The movement check-in"),
        ConsentPurpose.EQUALITY: _l("The equality questions"),
    },
    ConsentHow: {ConsentHow.WEB: _l("on these pages"), ConsentHow.SPOKEN: _l("by word of mouth")},
    Pool: {Pool.ROOM: _l("In the room"), Pool.ONLINE: _l("Online")},
    BookingState: {
        BookingState.HELD: _l("Held for you"),
        BookingState.PROVISIONAL: _l("Waits for our call"),
        BookingState.BOOKED: _l("You have a place"),
        BookingState.WAITING: _l("On the waiting list"),
        BookingState.OFFERED: _l("Offered to you"),
        BookingState.GIVEN_UP: _l("Given up"),
        BookingState.CANCELLED: _l("Cancelled"),
        BookingState.EXPIRED: _l("Ended without a place"),
    },
    EnrolmentState: {
        EnrolmentState.ENROLLED: _l("On the course"),
        EnrolmentState.LEFT: _l("Left the course"),
    },
    Attendance: {
        Attendance.NOT_RECORDED: _l("Not recorded"),
        Attendance.CAME: _l("Came"),
        Attendance.JOINED_ONLINE: _l("Joined online"),
        Attendance.PART: _l("Came for part"),
        Attendance.WALKED_IN: _l("Walked in"),
        Attendance.DID_NOT_COME: _l("Didn't come"),
    },
    MessageKind: {
        MessageKind.CONFIRM_EMAIL: _l("Confirm your email"),
        MessageKind.SIGN_IN: _l("Sign-in link"),
        MessageKind.BOOKED: _l("Booked"),
        MessageKind.GIVEN_UP: _l("Place given up"),
        MessageKind.REMINDER: _l("Reminder"),
        MessageKind.SESSION_CHANGED: _l("Session changed"),
        MessageKind.SESSION_CANCELLED: _l("Session cancelled"),
        MessageKind.CHANGE_EMAIL: _l("Confirm a new email address"),
        MessageKind.EMAIL_CHANGED: _l("Email address changed"),
        MessageKind.PASSWORD_CHANGED: _l("Password changed"),
        MessageKind.FACTOR_CHANGED: _l("Second step changed"),
        MessageKind.COURSE_BOOKED: _l("Course booked"),
        MessageKind.COURSE_STARTS: _l("Course starts"),
        MessageKind.COURSE_LEFT: _l("Course left"),
        MessageKind.WAITING: _l("On the waiting list"),
        MessageKind.OFFERED: _l("A place for you"),
        MessageKind.PROVISIONAL: _l("Place kept until a call"),
    },
    MessageState: {
        MessageState.WAITING: _l("Waiting"),
        MessageState.SENDING: _l("Being sent"),
        MessageState.SENT: _l("Sent"),
        MessageState.FAILED: _l("Could not be sent"),
        MessageState.WITHDRAWN: _l("Not needed any more"),
    },
    CallOutcome: {
        CallOutcome.REACHED: _l("We spoke with you"),
        CallOutcome.LEFT_WORD: _l("We left word"),
        CallOutcome.NO_ANSWER: _l("We did not reach you"),
        CallOutcome.NOT_NEEDED: _l("Not needed any more"),
    },
    LinkPurpose: {
        LinkPurpose.CONFIRM_EMAIL: _l("Confirming your email address"),
        LinkPurpose.SIGN_IN: _l("Signing in"),
        LinkPurpose.CHANGE_EMAIL: _l("Changing your email address"),
    },
    SignInHow: {
        SignInHow.LINK: _l("with a link by email"),
        SignInHow.CODE: _l("with a code by email"),
        SignInHow.PASSWORD: _l("with your password"),
    },
    TaskKind: {
        TaskKind.CALL_NEWCOMER: _l("To call you, because you were new"),
        TaskKind.CONSENT_WITHDRAWN: _l("To call you, because you no longer agree that we keep your details"),
        TaskKind.MOVEMENT_CALL: _l("To talk with you before a movement class"),
        TaskKind.DEATH_REPORTED: _l("A report that somebody has died"),
        TaskKind.COMPLAINT: _l("To answer your complaint"),
        TaskKind.SPEAK_WITH_OFFICE: _l("For you: to speak with the office"),
        TaskKind.SERIES_ENDS: _l("A series that ends soon"),
        TaskKind.WELCOME_CALL: _l("A welcome call"),
    },
    Role: {
        Role.FACILITATOR: _l("Host"),
        Role.ADMIN: _l("Office"),
        Role.SAFEGUARDING: _l("Safeguarding lead"),
    },
    FeedKind: {
        FeedKind.OFFICE: _l("The season, for the office"),
        FeedKind.PERSON: _l("Your own sessions"),
    },
    DeedKind: {
        DeedKind.DIED: _l("Recorded as having died"),
        DeedKind.MERGED: _l("Two records made into one"),
    },
}
