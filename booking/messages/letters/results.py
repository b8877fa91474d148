"""What composing a message may come to: a letter, nothing any more, or work for the office."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CalendarPart:
    """An iCalendar file as it is put beside a letter's words."""

    content: bytes
    method: str
    file_name: str


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


@dataclass(frozen=True)
class NoLongerTrue:
    """The message is set aside; `why` is a word of our own."""

    why: str


@dataclass(frozen=True)
class ForTheOffice:
    """Still true, but she can't be reached by email any more, or wishes to be called."""

    why: str


Composed = Letter | NoLongerTrue | ForTheOffice
