"""What the page "Support and information" says: the office's own words, or those the service ships with."""

from dataclasses import dataclass

from sqlalchemy import select

from booking.db import db
from booking.models import SupportEntry
from booking.rules.support import DEFAULTS, seen_mark


@dataclass(frozen=True, slots=True)
class Entry:
    """One heading, or one way to help beneath a heading. Before the first edit its id counts the defaults."""

    id: int
    section_id: int | None
    title: str
    words: str
    url: str
    phone: str

    @property
    def number_to_call(self) -> str:
        """Return the number as a phone dials it."""
        return "".join(char for char in self.phone if char in "+0123456789")

    @property
    def mark(self) -> str:
        """Return the mark of what it says."""
        return seen_mark((self.section_id is None, self.title, self.words, self.url, self.phone))


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with everything beneath it."""

    entry: Entry
    ways: tuple[Entry, ...]

    @property
    def is_to_ask_about(self) -> bool:
        """Say whether nobody wrote anything beneath it yet, so that the office is who to ask."""
        return not self.ways and self.entry.words in _SHIPPED_WORDS

    @property
    def mark(self) -> str:
        """Return the mark of the heading and of everything beneath it."""
        return seen_mark((self.entry.mark, *(way.mark for way in self.ways)))


# What stands beneath a heading while the office has written nothing of its own there.
_SHIPPED_WORDS = {"", *(section.words for section in DEFAULTS if not section.ways)}


@dataclass(frozen=True, slots=True)
class SupportPage:
    """The whole page; `is_default` says that nobody has edited it, so that its words are translated."""

    sections: tuple[Section, ...]
    is_default: bool

    @property
    def told(self) -> list[Section]:
        """Return the headings beneath which something stands."""
        return [section for section in self.sections if not section.is_to_ask_about]

    @property
    def to_ask_about(self) -> list[Section]:
        """Return the headings about which the office is who to ask."""
        return [section for section in self.sections if section.is_to_ask_about]

    @property
    def mark(self) -> str:
        """Return the mark of the whole page and its order."""
        return seen_mark([section.mark for section in self.sections])

    def find(self, entry_id: int) -> tuple[Section, Entry] | None:
        """Return an entry with the section it is, or stands in."""
        for section in self.sections:
            for entry in (section.entry, *section.ways):
                if entry.id == entry_id:
                    return section, entry
        return None


def page() -> SupportPage:
    """Return the page as it stands."""
    rows = db.session.scalars(select(SupportEntry).order_by(SupportEntry.position, SupportEntry.id)).all()
    if not rows:
        return default_page()
    entries = [Entry(row.id, row.section_id, row.title, row.words, row.url, row.phone) for row in rows]
    return SupportPage(
        tuple(
            Section(heading, tuple(entry for entry in entries if entry.section_id == heading.id))
            for heading in entries
            if heading.section_id is None
        ),
        is_default=False,
    )


def default_page() -> SupportPage:
    """Return the page as the service ships it; ids count headings and ways in the order of the page."""
    sections, counted = [], 0
    for section in DEFAULTS:
        counted += 1
        heading = Entry(counted, None, section.title, section.words, "", "")
        ways = [
            Entry(counted + number, heading.id, way.title, way.words, "", way.phone)
            for number, way in enumerate(section.ways, start=1)
        ]
        counted += len(ways)
        sections.append(Section(heading, tuple(ways)))
    return SupportPage(tuple(sections), is_default=True)
