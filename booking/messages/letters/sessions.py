"""The letters about a booking, each from today's rows or not at all."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.messages.letters import links
from booking.messages.letters import waiting as queue
from booking.messages.letters.dates import day_words, span_words
from booking.messages.letters.facts import (
    SessionFacts,
    booking_today,
    discreet_place,
    facts_of,
    place_words,
    when_it_is,
    when_it_was,
)
from booking.messages.letters.invitations import invitation
from booking.messages.letters.nearby import kept_place, other_dates
from booking.messages.letters.render import greeting_name, letter_for
from booking.messages.letters.results import Composed, NoLongerTrue
from booking.messages.letters.swapped import place_taken
from booking.messages.reach import may_hear
from booking.models import Booking, Message, ScheduledSession, SessionVersion
from booking.models.kinds import BookingState, MessageKind, Pool, SessionState
from booking.queries.messages import HEARS_OF_A_CHANGE, NOT_REACHED, is_told, nothing_differs
from booking.queries.reminders import is_reminded_that_morning, kind_of, wants
from booking.rules.addresses import one_line
from booking.rules.discreet import holds_forbidden
from booking.rules.reminders import reminder_is_useful

Context = dict[str, Any]


def booked(message: Message, now: datetime) -> Composed:
    """Confirm a place, with the event for her calendar."""
    return _compose(message, now, _calendar_link)


def provisional(message: Message, now: datetime) -> Composed:
    """Say that her place is kept until the office has called her, or is free again: nobody reached her."""
    was_reached = not message.dedupe_key.endswith(NOT_REACHED)
    return _compose(message, now, _my_sessions if was_reached else _not_reached, has_event=False)


def waiting(message: Message, now: datetime) -> Composed:
    """Say that she is on the waiting list, and what happens next."""
    return _compose(message, now, queue.turn, has_event=False)


def offered(message: Message, now: datetime) -> Composed:
    """Say that a place came free for her, until when it is hers to take, and where she answers."""
    return _compose(message, now, queue.answer, has_event=False)


def given_up(message: Message, now: datetime) -> Composed:
    """Say that her place is given up, and take the event out of her calendar."""
    return _compose(message, now, _what_she_has_instead, ways=False)


def reminder(message: Message, now: datetime) -> Composed:
    """Remind her, if she still wants it and it still helps."""
    return _compose(message, now, _calendar_and_not_today, has_event=False)


def session_changed(message: Message, now: datetime) -> Composed:
    """Say what it was and what it is now."""
    return _compose(message, now, _was_and_now)


def session_cancelled(message: Message, now: datetime) -> Composed:
    """Say that a session does not take place, and which others are near."""
    return _compose(message, now, _reason_and_others, ways=False)


def why_untrue(message: Message, booking: Booking, now: datetime) -> str:
    """Say why a message about a booking is no longer true, by any channel; nothing when it is."""
    person = booking.person
    if person is None or not may_hear(person, message.kind, now):
        return "not to be written to"
    return _UNTRUE[message.kind](message, booking, now)


def _compose(
    message: Message,
    now: datetime,
    more: Callable[[Booking, datetime], Context],
    *,
    ways: bool = True,
    has_event: bool = True,
) -> Composed:
    booking = booking_today(message.booking_id) if message.booking_id else None
    if booking is None or booking.person is None:
        return NoLongerTrue("no booking")
    why = why_untrue(message, booking, now)
    if why:
        return NoLongerTrue(why)
    context = {**_common(booking, facts_of(booking, ways=ways)), **more(booking, now)}
    part = invitation(booking) if has_event and _is_in_her_calendar(booking) else None
    is_reminder = message.kind is MessageKind.REMINDER
    return letter_for(
        message,
        context,
        calendar=part,
        told_version=booking.session.schedule_version,
        unsubscribe_url=links.unsubscribe_url(booking.person, "reminders") if is_reminder else "",
    )


def _common(booking: Booking, facts: SessionFacts) -> Context:
    online = booking.pool is Pool.ONLINE
    return {
        "greeting": greeting_name(booking.person),
        "name": facts.name,
        "day": facts.day,
        "span": facts.span,
        "facts": facts.rows,
        "in_full": facts.in_full,
        "companion": one_line(booking.companion_name),
        "is_course": booking.enrolment_id is not None,
        "button_words": _("Join online") if online else _("My sessions"),
        "button_url": links.join_url(booking) if online else links.my_sessions_url(),
    }


def _booked_is_untrue(message: Message, booking: Booking, now: datetime) -> str:
    """Judge a confirmation; one that waited while the session changed says what is true as it leaves."""
    return _not_standing(booking, now)


def _given_up_is_untrue(message: Message, booking: Booking, now: datetime) -> str:
    if booking.state is not BookingState.GIVEN_UP:
        return "not given up"
    return "over" if booking.session.ends_at <= now else ""


def _reminder_is_untrue(message: Message, booking: Booking, now: datetime) -> str:
    person, scheduled = booking.person, booking.session
    off = _not_standing(booking, now) or _overtaken(message, booking)
    if off:
        return off
    if person is None or not wants(booking, person, kind_of(message.dedupe_key)):
        return "not wished for"
    if not reminder_is_useful(message.due_at, scheduled.starts_at, booking.state_at, now):
        return "too late"
    return "reminded that morning" if is_reminded_that_morning(message) else ""


def _change_is_untrue(message: Message, booking: Booking, now: datetime) -> str:
    """Judge the news of a change: who waits plans her day by it, too."""
    off = _not_standing(booking, now, HEARS_OF_A_CHANGE) or _overtaken(message, booking)
    if off:
        return off
    told, same = db.session.execute(
        select(is_told(), nothing_differs())
        .select_from(Message)
        .join(Booking, Booking.id == Message.booking_id)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .where(Message.id == message.id)
    ).one()
    return "told already" if told else "nothing differs from what she was told" if same else ""


def _cancellation_is_untrue(message: Message, booking: Booking, now: datetime) -> str:
    if booking.session.state is not SessionState.CANCELLED:
        return "not cancelled"
    if booking.state not in (BookingState.CANCELLED, BookingState.BOOKED):
        return "no place any more"
    return "over" if booking.session.ends_at <= now else ""


def _waiting_is_untrue(message: Message, booking: Booking, now: datetime) -> str:
    if booking.state is not BookingState.WAITING:
        return "waits no more"
    return "" if booking.session.state is SessionState.PUBLISHED else "does not take place"


def _offer_is_untrue(message: Message, booking: Booking, now: datetime) -> str:
    """Judge the news of a free place: it must be the last one she was told of, and still be kept."""
    if booking.state not in (BookingState.OFFERED, BookingState.WAITING):
        return "answered"
    if not message.dedupe_key.endswith(f":{booking.times_offered}"):
        return "overtaken"
    if booking.held_until is None:
        return "" if booking.state is BookingState.OFFERED else "not kept any more"
    return "" if now < booking.held_until else "not kept any more"


def _provisional_is_untrue(message: Message, booking: Booking, now: datetime) -> str:
    if message.dedupe_key.endswith(NOT_REACHED):
        return "" if booking.state is BookingState.EXPIRED else "called already"
    if booking.state is not BookingState.PROVISIONAL:
        return "called already"
    return "" if booking.session.state is SessionState.PUBLISHED else "does not take place"


def _not_standing(
    booking: Booking, now: datetime, states: Collection[BookingState] = (BookingState.BOOKED,)
) -> str:
    if booking.state not in states:
        return "no place any more"
    if booking.session.state is not SessionState.PUBLISHED:
        return "does not take place"
    return "over" if booking.session.ends_at <= now else ""


def _is_in_her_calendar(booking: Booking) -> bool:
    """Say whether there is an event of hers to bring or to take out: who only waited has none."""
    if booking.state in (BookingState.WAITING, BookingState.OFFERED, BookingState.PROVISIONAL):
        return False
    was_told = select(Message.id).where(
        Message.booking_id == booking.id, Message.kind.in_((MessageKind.BOOKED, MessageKind.COURSE_BOOKED))
    )
    return not booking.is_from_queue or booking.is_live or db.session.scalar(was_told.limit(1)) is not None


def _overtaken(message: Message, booking: Booking) -> str:
    return "" if message.schedule_version == booking.session.schedule_version else "overtaken"


def _calendar_link(booking: Booking, now: datetime) -> Context:
    return {"calendar_url": links.calendar_url(booking)}


def _calendar_and_not_today(booking: Booking, now: datetime) -> Context:
    ways = {**_calendar_link(booking, now), "not_today_url": links.not_today_url(booking)}
    return {**ways, "short_place": discreet_place(booking.session.venue, booking.pool)}


def _what_she_has_instead(booking: Booking, now: datetime) -> Context:
    return {**_other_sessions(booking, now), **place_taken(booking)}


def _my_sessions(booking: Booking, now: datetime) -> Context:
    return {"button_words": _("My sessions"), "button_url": links.my_sessions_url()}


def _not_reached(booking: Booking, now: datetime) -> Context:
    return {**_other_sessions(booking, now), "not_reached": True}


def _other_sessions(booking: Booking, now: datetime) -> Context:
    return {"button_words": _("Find a session"), "button_url": links.sessions_url()}


def _reason_and_others(booking: Booking, now: datetime) -> Context:
    person = booking.person
    others = other_dates(booking.session, booking.pool, person, now) if person is not None else []
    reason = one_line(booking.session.public_reason)
    context = {**_other_sessions(booking, now), "others": others, "reason": reason}
    context["known_as_of"] = _as_she_knew_it(booking)
    context |= _other_weeks(booking, now)
    kept = kept_place(booking, now)
    if kept is None:
        return context
    button = {"button_words": _("See the place and answer"), "button_url": kept.url}
    return {**context, **button, "kept": kept}


def _other_weeks(booking: Booking, now: datetime) -> Context:
    """Say how many other weeks of a course stay hers: one that is off takes nothing else from her."""
    if booking.enrolment_id is None:
        return {}
    stands = (Booking.state == BookingState.BOOKED, ScheduledSession.state == SessionState.PUBLISHED)
    others = (Booking.enrolment_id == booking.enrolment_id, Booking.id != booking.id)
    asked = select(func.count()).select_from(Booking).join(Booking.session)
    left = db.session.scalar(asked.where(*others, *stands, ScheduledSession.ends_at > now))
    if not left:
        return {}
    button = {"button_words": _("My course"), "button_url": links.my_course_url(booking.enrolment_id)}
    return {**button, "weeks_left": left}


def _as_she_knew_it(booking: Booking) -> str:
    """Return the time she last heard, where the date was moved since and cancelled before she was told."""
    was = db.session.scalar(
        select(SessionVersion).where(
            SessionVersion.session_id == booking.session_id,
            SessionVersion.schedule_version == booking.told_version,
        )
    )
    return when_it_was(was) if was is not None and when_it_was(was) != when_it_is(booking.session) else ""


def _was_and_now(booking: Booking, now: datetime) -> Context:
    """Say only what differs, against what she was last told."""
    scheduled = booking.session
    was = db.session.scalar(
        select(SessionVersion)
        .where(
            SessionVersion.session_id == scheduled.id,
            SessionVersion.schedule_version == booking.told_version,
        )
        .options(joinedload(SessionVersion.venue))
    )
    reason = one_line(scheduled.public_reason)
    # The reason stands so near the top that a lock screen may show it: one that says too much moves down.
    return {
        "changes": _changes(was, booking) if was is not None else [],
        "another_day": was is not None and was.local_date != scheduled.local_date,
        "waits": booking.state in (BookingState.WAITING, BookingState.OFFERED),
        "late_reason" if holds_forbidden(reason) else "reason": reason,
        "calendar_url": links.calendar_url(booking) if _is_in_her_calendar(booking) else "",
    }


def _changes(was: SessionVersion, booking: Booking) -> list[str]:
    scheduled = booking.session
    said = []
    if when_it_was(was) != when_it_is(scheduled):
        said.append(_time_changed(was, scheduled))
    then, today = _places(was, booking)
    if then != today:
        said.append(str(_("Where: was %(was)s, now %(today)s.", was=then, today=today)))
    return said


def _time_changed(was: SessionVersion, scheduled: ScheduledSession) -> str:
    """Say the old time and the new one; a day that stays is said once."""
    if was.local_date != scheduled.local_date:
        then, today = when_it_was(was), when_it_is(scheduled)
        return str(_("When: was %(was)s, now %(today)s.", was=then, today=today))
    day, then = day_words(scheduled.local_date), span_words(was.start_time, was.end_time)
    today = span_words(scheduled.start_time, scheduled.end_time)
    return str(_("When: %(day)s, was %(was)s, now %(today)s.", day=day, was=then, today=today))


def _places(was: SessionVersion, booking: Booking) -> tuple[str, str]:
    """Say where it was and where it is; an address that says too much stands at the end of the letter."""
    then, today = place_words(was.venue, booking.pool), place_words(booking.session.venue, booking.pool)
    if then == today or not (holds_forbidden(then) or holds_forbidden(today)):
        return then, today
    return _("another place"), _("a new place")


_UNTRUE: dict[MessageKind, Callable[[Message, Booking, datetime], str]] = {
    MessageKind.BOOKED: _booked_is_untrue,
    MessageKind.GIVEN_UP: _given_up_is_untrue,
    MessageKind.REMINDER: _reminder_is_untrue,
    MessageKind.SESSION_CHANGED: _change_is_untrue,
    MessageKind.SESSION_CANCELLED: _cancellation_is_untrue,
    MessageKind.WAITING: _waiting_is_untrue,
    MessageKind.OFFERED: _offer_is_untrue,
    MessageKind.PROVISIONAL: _provisional_is_untrue,
}
