"""The words in which somebody reads everything that is kept about her."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from booking import clock
from booking.models.kinds import BookingState, Flag
from booking.queries.privacy import Rows
from booking.rules.wall_time import to_local
from booking.rules.words import day_words, time_words
from booking.web.accounts.kept_words import KEPT
from booking.web.flags import said as said_flags

_STATE = _l("State")
PARTS = {
    "you": _l("About you"),
    "contacts": _l("How we reach you"),
    "emergency_contact": _l("Your emergency contact"),
    "equality": _l("Your answers to the equality questions"),
    "movement": _l("Your movement check-ins"),
    "agreements": _l("What you agreed to"),
    "bookings": _l("Your bookings"),
    "courses": _l("Your courses"),
    "moved_up": _l("When we moved you up a waiting list"),
    "register": _l("What hosts noted at sessions"),
    "messages": _l("Our messages to you"),
    "calls": _l("Our calls to you"),
    "bounces": _l("Our letters that came back"),
    "sign_ins": _l("When you signed in"),
    "links": _l("Links we emailed to you"),
    "password": _l("Your password"),
    "second_factor": _l("Your authenticator app"),
    "recovery_codes": _l("Your recovery codes"),
    "tasks": _l("What we were asked to do"),
    "roles": _l("What you do here"),
    "sessions_led": _l("Sessions you lead or led"),
    "series_led": _l("Groups you lead"),
    "cover": _l("When you asked for cover"),
    "written": _l("What you wrote to everybody"),
    "calendars": _l("Calendar addresses you made"),
    "merges": _l("Changes to your whole record"),
    "changes": _l("Who looked at or changed your details"),
    "deeds": _l("What you did here"),
}
FACTS = {
    "code": _l("What the mail server answered"),
    "try_again_at": _l("To be called again on"),
    "access_needs": _l("What helps you take part"),
    "action": _l("What"),
    "added_at": _l("Since"),
    "address": _l("Sent to"),
    "age_band": _l("Age"),
    "answered_at": _l("Answered on"),
    "asked_at": _l("Asked on"),
    "at": _l("On"),
    "attendance": _l("The register says"),
    "by": _l("By"),
    "channel": _l("How we reach you"),
    "code_tries": _l("Wrong tries of the code"),
    "companion_name": _l("First name of whoever comes with you"),
    "confirmed_at": _l("Confirmed on"),
    "covered_at": _l("Somebody stepped in on"),
    "created_at": _l("Written down on"),
    "disability": _l("Disability"),
    "done_at": _l("Done on"),
    "due_at": _l("To be sent on"),
    "due_on": _l("We answer by"),
    "ended_at": _l("Ended on"),
    "ethnicity": _l("Ethnic group"),
    "expires_at": _l("Until"),
    "fields": _l("About"),
    "flags": _l("For your tutor to keep in mind"),
    "full_name": _l("Full name"),
    "gender": _l("Gender"),
    "given_at": _l("Given on"),
    "heading": _l("Heading"),
    "held_until": _l("Place held until"),
    "how": _l("How"),
    "includes_waiting": _l("Also to those on the waiting list"),
    "is_preferred": _l("Used first"),
    "joined_at": _l("Pressed join on"),
    "kind": _l("Kind"),
    "known_as": _l("The name you like"),
    "language": _l("Language of your letters"),
    "marked_at": _l("Noted on"),
    "may_leave_word": _l("We may leave word when we call"),
    "morning_hour": _l("Time of the reminder on the day"),
    "moved_at": _l("Moved up on"),
    "name": _l("Name"),
    "nation": _l("Nation"),
    "next_path": _l("Page to go on to"),
    "notice_hours": _l("Hours you need to know before"),
    "noted_at": _l("Noted on"),
    "orientation": _l("Sexual orientation"),
    "outcome": _l("How it went"),
    "party_size": _l("People, you included"),
    "paused_until": _l("No messages until"),
    "people": _l("How many people it went to"),
    "phone": _l("Phone"),
    "plain_titles": _l("Plain titles in your calendar"),
    "pool": _l("Where"),
    "proven_at": _l("Confirmed on"),
    "purpose": _l("For"),
    "reason": _l("Why"),
    "recipient": _l("Sent to"),
    "region": _l("Town or area"),
    "remind_days_before": _l("How many days before"),
    "remind_hour": _l("Time of the reminder before the day"),
    "remind_that_morning": _l("Reminder on the day"),
    "remind_two_days": _l("Reminder before the day"),
    "reply_to": _l("How to answer you"),
    "revoked_at": _l("Switched off on"),
    "role": _l("Role"),
    "saved_at": _l("Saved on"),
    "second_factor_at": _l("Authenticator app used on"),
    "sent_at": _l("Sent on"),
    "series": _l("Group"),
    "session": _l("Session"),
    "set_at": _l("Set on"),
    "settled_at": _l("Done on"),
    "starts_at": _l("When"),
    "state": _STATE,
    "state_at": _l("Last changed on"),
    "status": _l("State of your record"),
    "stuck_at": _l("Said that you can't get in on"),
    "tells_late": _l("Told of places in the last hours"),
    "times_offered": _l("Times a place was offered"),
    "undone_at": _l("Taken back on"),
    "used_at": _l("Used on"),
    "waits_since": _l("On the waiting list since"),
    "walk_in_name": _l("Name written down by a host"),
    "wants_call": _l("A call before the class"),
    "wants_news": _l("News of new sessions"),
    "was": _l("The register said before"),
    "who": _l("Who you are"),
    "withdrawn_at": _l("Taken back on"),
    "wording_version": _l("Wording of"),
    "words": _l("What you wrote"),
    "written": _l("Address or number"),
}
_BY = {"you": _l("you"), "office": _l("the office or a host"), "service": _l("the service itself")}


@dataclass(frozen=True)
class Part:
    """One part of the page: its title, and for each row the facts that are there."""

    title: object
    entries: list[list[tuple[object, str]]]


def parts_of(everything: dict[str, Rows]) -> tuple[list[Part], list[object]]:
    """Put everything into words; the second list names the parts of which nothing is kept."""
    there = [Part(PARTS[name], [_entry(row) for row in rows]) for name, rows in everything.items() if rows]
    return there, [PARTS[name] for name, rows in everything.items() if not rows]


def _entry(row: dict[str, Any]) -> list[tuple[object, str]]:
    facts = [(FACTS[name], _said(name, value)) for name, value in row.items() if value not in (None, "")]
    had = (_STATE, _("You had a place"))
    return [had if fact[0] is _STATE and _is_over(row) else fact for fact in facts]


def _is_over(row: dict[str, Any]) -> bool:
    """Say whether a row is a place at a session that has begun."""
    return row.get("state") is BookingState.BOOKED and row["starts_at"] <= clock.now()


def _said(name: str, value: Any) -> str:
    if name == "flags":
        return ", ".join(said_flags(flag for flag in Flag if flag.value in value.split(",")))
    if name == "by":
        return str(_BY[value])
    if name in ("remind_hour", "morning_hour"):
        return time_words(time(value))
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if isinstance(value, datetime):
        local = to_local(value)
        return f"{day_words(local.date())}, {time_words(local.time())}"
    if isinstance(value, date):
        return day_words(value)
    return str(KEPT.get(type(value), {}).get(value, value))
