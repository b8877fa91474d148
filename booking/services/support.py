"""The page "Support and information": the office puts headings and ways to help on it, in its own order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update

from booking.db import db, transaction
from booking.models import SupportEntry
from booking.queries import support as asked
from booking.queries.support import Entry, Section, SupportPage
from booking.refusals import LastHeading, NotFound, NothingToOffer, PageIsFull, StaleForm
from booking.rules.addresses import clean_line, clean_text
from booking.rules.faults import N_, Fault
from booking.rules.support import (
    LONGEST_TITLE,
    LONGEST_WORDS,
    MOST_ENTRIES,
    clean_number,
    clean_url,
    moved,
)
from booking.services.steps.audit import note
from booking.services.steps.generate import take_the_season


@dataclass(frozen=True, slots=True)
class SupportWords:
    """What an entry says; a heading has neither link nor number."""

    title: str
    words: str = ""
    url: str = ""
    phone: str = ""


def add_heading(said: SupportWords, actor_id: int, now: datetime) -> int:
    """Add a heading at the end of the page and return its id.

    Refuses: no title, a text that is too long, and a page that is full.
    """
    words = _clean(said)
    with transaction():
        _hold(None, now)
        return _added(None, words, actor_id, now)


def add_way(section_id: int, said: SupportWords, seen: str, actor_id: int, now: datetime) -> int:
    """Add a way to help at the end of a heading and return its id.

    Units: `seen` is the mark of the heading.
    Refuses: a heading that is not there or was changed in the meantime, no title, nothing to open, call or
    read, and a page that is full.
    """
    words = _offering(_clean(said))
    with transaction():
        section, entry = _hold(section_id, now)
        if entry is not section.entry:
            raise NotFound
        if entry.mark != seen:
            raise StaleForm
        return _added(section.entry.id, words, actor_id, now)


def change_entry(entry_id: int, said: SupportWords, seen: str, actor_id: int, now: datetime) -> None:
    """Change a heading or a way to help. Units: `seen` is the mark of what the form was opened with.

    Refuses: what was changed in the meantime or is not there, and as `add_way`.
    """
    words = _clean(said)
    with transaction():
        section, entry = _hold(entry_id, now)
        if entry.mark != seen:
            raise StaleForm
        is_heading = entry is section.entry
        if not is_heading:
            _offering(words)
        values = {"title": words.title, "words": words.words, "changed_at": now}
        if not is_heading:
            values |= {"url": words.url, "phone": words.phone}
        db.session.execute(update(SupportEntry).where(SupportEntry.id == entry.id).values(values))
        note(now, actor_id, "support page changed", f"support:{entry.id}", *sorted(values))


def move_entry(entry_id: int, up: bool, seen: str, actor_id: int, now: datetime) -> None:
    """Move a heading among headings, or a way among those of its heading, by one place.

    Units: `seen` is the mark of the whole page; at the end of its row it stays where it is.
    Refuses: a page that was changed in the meantime, and what is not there.
    """
    with transaction():
        take_the_season()
        if asked.page().mark != seen:
            raise StaleForm
        section, entry = _hold(entry_id, now)
        beside = section.ways
        if entry is section.entry:
            beside = tuple(other.entry for other in asked.page().sections)
        order = moved([other.id for other in beside], entry.id, up)
        _put_in_order(order)
        note(now, actor_id, "support page changed", f"support:{entry.id}", "position")


def remove_entry(entry_id: int, seen: str, actor_id: int, now: datetime) -> None:
    """Take a way to help off the page, or a heading with everything beneath it.

    Units: `seen` is the mark of what the check showed.
    Refuses: what was changed in the meantime or is not there, and the last heading.
    """
    with transaction():
        section, entry = _hold(entry_id, now)
        is_heading = entry is section.entry
        if (section.mark if is_heading else entry.mark) != seen:
            raise StaleForm
        if is_heading and len(asked.page().sections) == 1:
            raise LastHeading
        beneath = SupportEntry.section_id == entry.id
        for which in (beneath, SupportEntry.id == entry.id):
            db.session.execute(delete(SupportEntry).where(which))
        note(now, actor_id, "support page changed", f"support:{entry.id}", "removed")


def _clean(said: SupportWords) -> SupportWords:
    title = clean_line(said.title, LONGEST_TITLE)
    if not title:
        raise Fault(N_("Enter a title"), field="title")
    words = clean_text(said.words, LONGEST_WORDS)
    return SupportWords(title, words, clean_url(said.url), clean_number(said.phone))


def _offering(words: SupportWords) -> SupportWords:
    if not (words.url or words.phone or words.words):
        raise NothingToOffer
    return words


def _hold(entry_id: int | None, now: datetime) -> tuple[Section, Entry]:
    """Hold the page and find an entry on it; whoever edits first lays the defaults into the table."""
    take_the_season()
    page = asked.page()
    ids: dict[int, int] = {}
    if page.is_default:
        ids = _lay(page, now)
        page = asked.page()
    if entry_id is None:
        return page.sections[0], page.sections[0].entry
    found = page.find(ids.get(entry_id, 0) if ids else entry_id)
    if found is None:
        raise NotFound
    return found


def _lay(page: SupportPage, now: datetime) -> dict[int, int]:
    """Write the defaults down, and return which row each of their numbers became."""
    ids: dict[int, int] = {}
    for place, section in enumerate(page.sections, start=1):
        ids[section.entry.id] = _written(section.entry, None, place, now)
        for number, way in enumerate(section.ways, start=1):
            ids[way.id] = _written(way, ids[section.entry.id], number, now)
    return ids


def _written(entry: Entry, section_id: int | None, position: int, now: datetime) -> int:
    words = {"title": entry.title, "words": entry.words, "url": entry.url, "phone": entry.phone}
    row = SupportEntry(section_id=section_id, position=position, changed_at=now, **words)
    db.session.add(row)
    db.session.flush()
    return row.id


def _added(section_id: int | None, said: SupportWords, actor_id: int, now: datetime) -> int:
    if (db.session.scalar(select(func.count()).select_from(SupportEntry)) or 0) >= MOST_ENTRIES:
        raise PageIsFull
    beside = (
        SupportEntry.section_id.is_(None) if section_id is None else SupportEntry.section_id == section_id
    )
    last = db.session.scalar(select(func.max(SupportEntry.position)).where(beside)) or 0
    entry = Entry(0, section_id, said.title, said.words, said.url, said.phone)
    row_id = _written(entry, section_id, last + 1, now)
    note(now, actor_id, "support page changed", f"support:{row_id}", "added")
    return row_id


def _put_in_order(ids: Sequence[int]) -> None:
    for position, row_id in enumerate(ids, start=1):
        db.session.execute(update(SupportEntry).where(SupportEntry.id == row_id).values(position=position))
