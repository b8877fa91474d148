"""What composing a message may come to: a letter, nothing any more, or work for the office."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from booking.models.kinds import Channel, MessageKind


@dataclass(frozen=True)
class CalendarPart:
    """An iCalendar file as it is put beside a letter's words."""

    content: bytes
    method: str
    file_name: str


@dataclass(frozen=True)
class Paper:
    """What a letter's words were made of, so that they can stand in a letter with others."""

    kind: MessageKind
    context: dict[str, Any]
    # What the office wrote to stand first and last, in paragraphs; without it the original words stand there.
    opening: Sequence[str] = ()
    closing: Sequence[str] = ()


@dataclass(frozen=True)
class Aside:
    """What becomes of a message that had joined a letter and does not stand in it."""

    message_id: int
    composed: "Composed | Unwritable"


@dataclass(frozen=True)
class Letter:
    """Everything a channel needs to hand one message to one person."""

    recipient: str
    subject: str
    text: str
    html: str
    message_id: str
    calendar: CalendarPart | None = None
    # The version of the session that these words tell, noted when they were handed over.
    told_version: int | None = None
    # The words of a text message: discreet throughout, with one address of ours at most.
    short: str = ""
    # Where one click stops what this letter is one of; only on reminders and news.
    unsubscribe_url: str = ""
    # Where an answer to it goes; empty means the help address.
    reply_to: str = ""
    paper: Paper | None = field(default=None, compare=False, repr=False)
    # A second file, where some events of a letter with several parts are new and some are off.
    more_calendars: tuple[CalendarPart, ...] = ()
    # Messages that had joined this letter and are to be settled before it leaves.
    aside: tuple[Aside, ...] = ()


@dataclass(frozen=True)
class NoLongerTrue:
    """The message is set aside; `why` is a word of our own."""

    why: str


@dataclass(frozen=True)
class ForTheOffice:
    """Still true, but she can't be reached by email any more, or wishes to be called."""

    why: str


@dataclass(frozen=True)
class ByAnotherChannel:
    """Still true, but she is reached by another channel of ours by now: a text message, or email again."""

    channel: Channel
    why: str


@dataclass(frozen=True)
class Unwritable:
    """One part of a letter could not be written: it is parked and named, and the others go."""

    fault: str


Composed = Letter | NoLongerTrue | ForTheOffice | ByAnotherChannel
