"""The letters that carry what somebody wrote to many, each to one person and out of a lock screen's sight."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.messages.letters import links
from booking.messages.letters.facts import SessionFacts, booking_today, facts_of
from booking.messages.letters.render import greeting_name, letter_for, written
from booking.messages.letters.results import Composed, NoLongerTrue
from booking.models import (
    Announcement,
    Booking,
    Message,
    Person,
    PersonRole,
    ScheduledSession,
    Series,
    SessionFacilitator,
)
from booking.models.kinds import MessageKind, Pool, Role, SessionState
from booking.queries.announcements import AND_WAITING, EXPECTED, wants_news
from booking.refusals import NotFound
from booking.rules.addresses import one_line
from booking.rules.announcements import paragraphs
from booking.rules.discreet import holds_forbidden
from booking.settings import settings


@dataclass(frozen=True)
class Look:
    """A letter as it will be read, before it is anybody's: no name, and none of its links."""

    subject: str
    text: str


def announcement(message: Message, now: datetime) -> Composed:
    """Hand on what a host or the office wrote to everybody of a date, with the facts of that date."""
    booking = booking_today(message.booking_id) if message.booking_id else None
    said = _said(message)
    if booking is None or booking.person is None or said is None:
        return NoLongerTrue("no booking")
    why = _untrue(said, booking, now)
    if why:
        return NoLongerTrue(why)
    facts = facts_of(booking, ways=booking.state in EXPECTED)
    context = {**_about(said.words, said.author_id, booking.session, facts), **_button(booking)}
    context["greeting"] = greeting_name(booking.person)
    return letter_for(message, context, reply_to=settings().help_email)


def news(message: Message, now: datetime) -> Composed:
    """Bring news to somebody who asked for it, with the one tap that stops it."""
    person = db.session.get(Person, message.person_id) if message.person_id is not None else None
    said = _said(message)
    if person is None or said is None:
        return NoLongerTrue("nobody to read it")
    if not said.words or said.withdrawn_at is not None:
        return NoLongerTrue("taken back")
    if db.session.scalar(select(Person.id).where(Person.id == person.id, wants_news())) is None:
        return NoLongerTrue("not asked for any more")
    context = {**_news(said.heading, said.words), "greeting": greeting_name(person)}
    stop = links.unsubscribe_url(person, "news")
    return letter_for(message, context, unsubscribe_url=stop, reply_to=settings().help_email)


def look_at_announcement(session_id: int, words: str, author_id: int) -> Look:
    """Write such a letter for nobody, so that its author sees it before it is sent.

    Refuses: a date that is not there.
    """
    scheduled = db.session.scalar(
        select(ScheduledSession)
        .where(ScheduledSession.id == session_id)
        .options(
            joinedload(ScheduledSession.series).joinedload(Series.programme),
            joinedload(ScheduledSession.venue),
        )
    )
    if scheduled is None:
        raise NotFound
    # It is nobody's and never added, so it is forgotten with this request.
    nobodys = Booking(session=scheduled, pool=scheduled.pools[0] if scheduled.pools else Pool.ROOM)
    context = _about(words, author_id, scheduled, facts_of(nobodys, ways=False))
    subject, text, _html = written(MessageKind.ANNOUNCEMENT, context)
    return Look(subject, text)


def look_at_news(heading: str, words: str) -> Look:
    """Write such a letter for nobody, so that its author sees it before it is sent."""
    where = _("an address of their own, for each person")
    context = {**_news(heading, words), "button_url": links.sessions_url(), "unsubscribe_url": where}
    subject, text, _html = written(MessageKind.NEWS, context)
    return Look(subject, text)


def _said(message: Message) -> Announcement | None:
    return db.session.get(Announcement, message.announcement_id) if message.announcement_id else None


def _untrue(said: Announcement, booking: Booking, now: datetime) -> str:
    if not said.words or said.withdrawn_at is not None:
        return "taken back"
    if booking.state not in (AND_WAITING if said.includes_waiting else EXPECTED):
        return "no place any more"
    if booking.session.state is not SessionState.PUBLISHED:
        return "does not take place"
    return "over" if booking.session.ends_at <= now else ""


def _about(words: str, author_id: int, scheduled: ScheduledSession, facts: SessionFacts) -> dict[str, Any]:
    return {
        "name": facts.name,
        "day": facts.day,
        "span": facts.span,
        "facts": facts.rows,
        "in_full": facts.in_full,
        "who_writes": _who_writes(author_id, scheduled),
        "paragraphs": paragraphs(words),
    }


def _news(heading: str, words: str) -> dict[str, Any]:
    return {
        "heading": one_line(heading),
        "paragraphs": paragraphs(words),
        "button_words": _("Find a session"),
        "button_url": links.sessions_url(),
    }


def _button(booking: Booking) -> dict[str, Any]:
    if booking.pool is Pool.ONLINE and booking.state in EXPECTED:
        return {"button_words": _("Join online"), "button_url": links.join_url(booking)}
    return {"button_words": _("My sessions"), "button_url": links.my_sessions_url()}


def _who_writes(author_id: int, scheduled: ScheduledSession) -> str:
    """Name whoever leads the date and wrote this; of the office, and of who leads it no more, no name."""
    teaches = scheduled.series.programme.facilitator_word == "tutor"
    leads = select(SessionFacilitator.id).where(
        SessionFacilitator.session_id == scheduled.id, SessionFacilitator.person_id == Person.id
    )
    named = select(Person.known_as).where(Person.id == author_id, leads.exists(), policy.still_leads())
    name = one_line(db.session.scalar(named) or "")
    if name and not holds_forbidden(name):
        if teaches:
            return str(_("%(name)s, who teaches it, writes:", name=name))
        return str(_("%(name)s, who hosts it, writes:", name=name))
    admin = select(PersonRole.id).where(PersonRole.person_id == author_id, PersonRole.role == Role.ADMIN)
    if not name and db.session.scalar(admin.limit(1)) is not None:
        return str(_("Our office writes:"))
    return str(_("Your tutor writes:") if teaches else _("Your host writes:"))
