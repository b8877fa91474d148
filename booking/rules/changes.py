"""The `changes` of a season's file: what is different on single dates of a series, and why."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Literal

from booking.rules.faults import N_, Fault

ChangeKind = Literal["keep", "skip", "move", "cancel", "until", "at"]

_LONGEST_WORDS = 300
_PIECE = re.compile(r"^(\S+)\s+([a-z]+)(?:\s+(.*))?$", re.DOTALL)
_REASON = re.compile(r"\s*:(?:\s+|$)")
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)
_TIME = re.compile(r"^\d{1,2}:\d{2}$", re.ASCII)
# What a backslash keeps from parting a piece stands for itself until the pieces are apart.
_SIGNS = {"\\\\": "\ue000", "\\;": "\ue001", "\\:": "\ue002"}
_ALONE = frozenset({"keep", "skip", "cancel"})


class UnreadableChanges(Fault):
    """A piece of the changes that says nothing we understand, or contradicts another one."""

    field = "changes"


@dataclass(frozen=True, slots=True)
class Change:
    """One date that differs, or that is kept on a day off ("keep", which changes nothing).

    Units: of `moved_to`, `ends` and `place` only the one that its kind needs is set.
    """

    on: date
    kind: ChangeKind
    moved_to: date | None = None
    ends: time | None = None
    place: str | None = None
    reason: str | None = None


def parse_changes(text: str) -> tuple[Change, ...]:
    """Read the changes, in the order of their dates.

    Units: pieces parted by ";": `DATE keep`, `DATE skip`, `DATE cancel`, `DATE move DATE`,
    `DATE until HH:MM`, `DATE at PLACE`, each with an optional public reason after a colon and a space.
    Dates are 2026-12-30.
    Within a place or a reason, `\\;` `\\:` and `\\\\` mean the sign itself.
    Refuses: a piece that says something else, and two pieces that contradict each other, by its words.
    """
    for written, kept in _SIGNS.items():
        text = text.replace(written, kept)
    pieces = [piece.strip() for piece in text.split(";")]
    changes = [_change_of(piece) for piece in pieces if piece]
    _refuse_contradictions(changes)
    return tuple(sorted(changes, key=lambda change: change.on))


def changes_text(changes: Iterable[Change]) -> str:
    """Write changes as `parse_changes` reads them."""
    return "; ".join(_piece_of(change) for change in changes)


def _piece_of(change: Change) -> str:
    until = change.ends and f"{change.ends:%H:%M}"
    what = change.moved_to or until or (change.place and _written(change.place))
    said = " ".join(str(part) for part in (change.on, change.kind, what) if part)
    return f"{said}: {_written(change.reason)}" if change.reason else said


def _written(words: str) -> str:
    for sign in _SIGNS:
        words = words.replace(sign[1], sign)
    return words


def _meant(words: str) -> str:
    for written, kept in _SIGNS.items():
        words = words.replace(kept, written[1])
    return words


def changes_by_date(changes: Iterable[Change]) -> dict[date, Change]:
    """Bring several changes of one date (moved, and longer, and elsewhere) together into one."""
    found: dict[date, Change] = {}
    for change in changes:
        before = found.setdefault(change.on, change)
        found[change.on] = replace(
            before,
            moved_to=before.moved_to or change.moved_to,
            ends=before.ends or change.ends,
            place=before.place or change.place,
            reason=" ".join(dict.fromkeys(filter(None, [before.reason, change.reason]))) or None,
        )
    return found


def _change_of(piece: str) -> Change:
    said, colon, reason = _split_reason(piece)
    if colon and not reason:
        raise _fault(N_("“%(piece)s” gives no reason after its colon."), piece)
    if len(piece) > _LONGEST_WORDS * 2 or len(reason) > _LONGEST_WORDS:
        raise _fault(N_("“%(piece)s” is too long."), piece)
    match = _PIECE.match(said)
    if match is None:
        raise _fault(N_("“%(piece)s” is not a date and what changes on it."), piece)
    on = _date_of(match[1], piece)
    return _kind_of(on, match[2], (match[3] or "").strip(), reason or None, piece)


def _split_reason(piece: str) -> tuple[str, bool, str]:
    # The colon inside "until 15:00" has no space behind it, and so begins no reason.
    said, *reason = _REASON.split(piece, maxsplit=1)
    return said, bool(reason), _meant(reason[0].strip()) if reason else ""


def _kind_of(on: date, kind: str, rest: str, reason: str | None, piece: str) -> Change:
    if kind in _ALONE and rest:
        raise _fault(N_("“%(piece)s” says more than we understand: a reason stands after a colon."), piece)
    match kind:
        case "keep" | "skip" | "cancel":
            return Change(on, kind, reason=reason)
        case "move":
            return Change(on, "move", moved_to=_moved_to(on, rest, piece), reason=reason)
        case "until":
            return Change(on, "until", ends=_time_of(rest, piece), reason=reason)
        case "at" if rest:
            return Change(on, "at", place=_meant(rest), reason=reason)
        case "at":
            raise _fault(N_("“%(piece)s” names no place."), piece)
    raise _fault(N_("“%(piece)s” says neither skip, move, cancel, until nor at."), piece)


def _moved_to(on: date, text: str, piece: str) -> date:
    moved_to = _date_of(text, piece)
    if moved_to == on:
        raise _fault(N_("“%(piece)s” moves to the same date."), piece)
    return moved_to


def _date_of(text: str, piece: str) -> date:
    try:
        if _DATE.match(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise _fault(N_("“%(piece)s” needs a date such as 2026-12-30."), piece)


def _time_of(text: str, piece: str) -> time:
    try:
        if _TIME.match(text):
            hour, minute = text.split(":")
            return time(int(hour), int(minute))
    except ValueError:
        pass
    raise _fault(N_("“%(piece)s” needs a time such as 15:00."), piece)


def _refuse_contradictions(changes: Iterable[Change]) -> None:
    kinds: dict[date, set[ChangeKind]] = {}
    taken: set[date] = set()
    for change in changes:
        before = kinds.setdefault(change.on, set())
        if change.kind in before or before & _ALONE or (before and change.kind in _ALONE):
            raise UnreadableChanges(N_("Two changes of %(date)s contradict each other."), date=change.on)
        if change.moved_to in taken:
            raise UnreadableChanges(N_("Two sessions are moved to %(date)s."), date=change.moved_to)
        before.add(change.kind)
        taken |= {change.moved_to} if change.moved_to else set()


def _fault(template: str, piece: str) -> UnreadableChanges:
    return UnreadableChanges(template, piece=_meant(piece) if len(piece) <= 80 else f"{_meant(piece[:79])}…")
