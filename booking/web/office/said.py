"""The words in which the office's pages say what rows hold."""

from collections.abc import Mapping
from datetime import date, time, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from booking import clock
from booking.models.kinds import (
    Attendance,
    BookingState,
    CallOutcome,
    Channel,
    ConsentHow,
    ConsentPurpose,
    MessageKind,
    MessageState,
    PersonStatus,
    Pool,
    Role,
    TaskKind,
    Who,
)
from booking.queries.tasks import CallToMake
from booking.refusals import TryAgainLater
from booking.rules.wall_time import to_instant, to_local
from booking.rules.words import day_words, time_words

KINDS = {
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
    MessageKind.ANNOUNCEMENT: _l("Message to everyone"),
    MessageKind.NEWS: _l("News"),
    MessageKind.ROTA: _l("Rota for the week"),
    MessageKind.ROTA_CHANGED: _l("Rota changed"),
    MessageKind.TOMORROW: _l("Tomorrow's numbers"),
    MessageKind.REGISTER_REMINDER: _l("Register reminder"),
    MessageKind.COVER_WANTED: _l("Cover wanted"),
    MessageKind.DIGEST: _l("Monday digest"),
}
OUTCOMES = {
    CallOutcome.REACHED: _l("Reached"),
    CallOutcome.LEFT_WORD: _l("Left word"),
    CallOutcome.NO_ANSWER: _l("No answer, try again"),
    CallOutcome.NOT_NEEDED: _l("No longer needed"),
    CallOutcome.TRY_AGAIN: _l("Try again at another time"),
    CallOutcome.POSTED: _l("Posted"),
}
# Beside yes and no, how a call about a place that came free can end.
UNANSWERED = {
    CallOutcome.REACHED: _l("Would like to think about it"),
    CallOutcome.LEFT_WORD: _l("Left word"),
    CallOutcome.NO_ANSWER: _l("No answer, try again"),
}
_ON_PAPER = (CallOutcome.POSTED, CallOutcome.REACHED, CallOutcome.NOT_NEEDED)
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
    BookingState.EXPIRED: _l("Ended without a place"),
}
POOLS = {Pool.ROOM: _l("In the room"), Pool.ONLINE: _l("Online")}
STATUSES = {
    PersonStatus.UNPROVEN: _l("Not confirmed yet"),
    PersonStatus.ACTIVE: _l("Active"),
    PersonStatus.PAUSED: _l("Paused"),
    PersonStatus.DIED: _l("Died"),
    PersonStatus.CLOSED: _l("Closed"),
    PersonStatus.MERGED: _l("Merged into another record"),
}
ROLES = {
    Role.FACILITATOR: _l("Host"),
    Role.ADMIN: _l("Office"),
    Role.SAFEGUARDING: _l("Safeguarding lead"),
}
CHANNELS = {
    Channel.EMAIL: _l("Email"),
    Channel.TEXT: _l("Text message"),
    Channel.CALL: _l("Phone call"),
    Channel.POST: _l("Post"),
}
TASKS = {
    TaskKind.CALL_NEWCOMER: _l("Somebody new to call"),
    TaskKind.CONSENT_WITHDRAWN: _l("No longer agrees that we keep the details"),
    TaskKind.MOVEMENT_CALL: _l("A call about movement classes"),
    TaskKind.DEATH_REPORTED: _l("Somebody wrote that a person has died"),
    TaskKind.COMPLAINT: _l("A complaint about data use"),
    TaskKind.SPEAK_WITH_OFFICE: _l("A host to speak with"),
    TaskKind.SERIES_ENDS: _l("A series that ends soon"),
    TaskKind.WELCOME_CALL: _l("A welcome call"),
    TaskKind.LETTERS_BOUNCE: _l("Letters come back"),
    TaskKind.REGISTER_MISSING: _l("A register that nobody took"),
    TaskKind.COVER_WANTED: _l("Cover wanted"),
}
PURPOSES = {
    ConsentPurpose.KEEP_DETAILS: _l("Keeping the details"),
    ConsentPurpose.GROUND_RULES: _l("The ground rules"),
    ConsentPurpose.PHOTOS: _l("Photos"),
    ConsentPurpose.MOVEMENT: _l("The movement check-in"),
    ConsentPurpose.EQUALITY: _l("The equality questions"),
    ConsentPurpose.NEWS: _l("News of new sessions"),
}
HOW_AGREED = {ConsentHow.WEB: _l("on the website"), ConsentHow.SPOKEN: _l("by word of mouth")}
WHO = {
    Who.PATIENT: _l("Lives with secondary breast cancer"),
    Who.WITH_SOMEONE: _l("Is here with someone"),
    Who.OTHER: _l("Other"),
}


def outcomes_of(call: CallToMake) -> dict[CallOutcome, object]:
    """Return how this call can end: word is left only where she allows it, and only paper is posted."""
    if call.channel is Channel.POST:
        return {outcome: OUTCOMES[outcome] for outcome in _ON_PAPER}
    apart = {CallOutcome.TRY_AGAIN, CallOutcome.POSTED}
    if not call.may_leave_word:
        apart.add(CallOutcome.LEFT_WORD)
    ends = UNANSWERED if call.kind is MessageKind.OFFERED else OUTCOMES
    return {outcome: words for outcome, words in ends.items() if outcome not in apart}


def times_to_try_again(call: CallToMake, chosen: str = "") -> list[tuple[str, list[tuple[str, str]]]]:
    """Return, day by day, the hours at which this call may be tried again: a week at most, while it helps.

    `chosen` was refused a moment ago; it stays on the list, so that nobody wonders what was chosen.
    """
    now = clock.now()
    today = to_local(now).date()
    days = []
    for day in (today + timedelta(days=ahead) for ahead in range(7)):
        hours = [(_value(day, hour), hour, to_instant(day, time(hour))) for hour in range(8, 20)]
        fit = [
            (value, time_words(time(hour)))
            for value, hour, at in hours
            if value == chosen or (at > now and (call.of_use_until is None or at < call.of_use_until))
        ]
        days.append((_near(day, today), fit))
    return [(words, hours) for words, hours in days if hours]


def too_late_to_try() -> str:
    """Say, beside the choice, why a time to try again was refused."""
    return str(TryAgainLater.sentence).removesuffix(".")


def _value(day: date, hour: int) -> str:
    return f"{day.isoformat()}T{hour:02}"


def _near(day: date, today: date) -> str:
    near = {today: _("Today"), today + timedelta(days=1): _("Tomorrow")}
    return str(near.get(day) or day_words(day))


def said_reach(told: Mapping[Channel, int]) -> str:
    """Say how many people hear of something, by which way, and what the office has to do itself."""
    emails, calls, posts = told.get(Channel.EMAIL, 0), told.get(Channel.CALL, 0), told.get(Channel.POST, 0)
    by_each = [
        (emails, ngettext("%(num)s by email", "%(num)s by email", emails)),
        (calls, ngettext("%(num)s to call", "%(num)s to call", calls)),
        (posts, ngettext("%(num)s by post", "%(num)s by post", posts)),
    ]
    ways = ", ".join(words for number, words in by_each if number)
    if not ways:
        return str(_("Nobody has to be told."))
    if not calls + posts:
        return str(_("%(ways)s.", ways=ways))
    yours = ngettext("you find it on Today", "you find them on Today", calls + posts)
    if calls and not posts:
        yours = ngettext("you find the call on Today", "you find the calls on Today", calls)
    return str(_("%(ways)s: %(yours)s.", ways=ways, yours=yours))
