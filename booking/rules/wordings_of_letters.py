"""The words of letters that the office may write anew: which letters, which values, and what is refused."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from booking.rules.discreet import holds_forbidden
from booking.rules.faults import N_, Fault

# What may stand in braces, and what a letter knows it by.
VALUES = {
    "name": "name",
    "day": "day",
    "time": "span",
    "turn": "turn",
    "until_time": "until_time",
    "until_day": "until_day",
    "number": "number",
    "organisation": "organisation_name",
    "phone": "help_phone",
    "email": "help_email",
}
_EVERYWHERE = ("organisation", "phone", "email")
_A_DATE = ("name", "day", "time")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_WEB_ADDRESS = re.compile(r"https?:|www\.", re.IGNORECASE)
_PARAGRAPHS = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Words:
    """What the office may write: the subject, what comes first, and what comes last."""

    subject: str
    opening: str
    closing: str = ""


@dataclass(frozen=True, slots=True)
class Editable:
    """One letter whose words may be written anew.

    `when` says by which facts this one of several openings of its kind is chosen; `names` which values it
    has. Without facts beneath the opening, the closing may stand on a lock screen too.
    """

    kind: str
    variant: str = ""
    when: tuple[tuple[str, bool], ...] = ()
    names: tuple[str, ...] = ()
    has_facts: bool = True

    @property
    def key(self) -> str:
        """Return what this letter is called in an address: "offered", "offered-late"."""
        return f"{self.kind}-{self.variant}" if self.variant else self.kind

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Return every name that may stand in braces."""
        return (*self.names, *_EVERYWHERE)

    def fits(self, context: Mapping[str, object]) -> bool:
        """Say whether a letter with these facts is this one of its kind."""
        return all(bool(context.get(name)) is wanted for name, wanted in self.when)


EDITABLE = (
    Editable("confirm_email", "place", (("is_turn", False), ("facts", True))),
    Editable("confirm_email", "turn", (("is_turn", True),)),
    Editable("confirm_email", "", (("facts", False),), has_facts=False),
    Editable("sign_in", "unknown", (("is_unknown", True),), has_facts=False),
    Editable("sign_in", has_facts=False),
    Editable("booked", names=_A_DATE),
    Editable("provisional", "not_reached", (("not_reached", True),), names=_A_DATE),
    Editable("provisional", names=_A_DATE),
    Editable("waiting", names=(*_A_DATE, "turn")),
    Editable("offered", "late", (("is_late", True),), names=_A_DATE),
    Editable("offered", names=(*_A_DATE, "until_time", "until_day")),
    Editable("given_up", names=_A_DATE),
    Editable("reminder", names=_A_DATE),
    Editable("session_changed", "waits", (("waits", True),), names=_A_DATE),
    Editable("session_changed", names=_A_DATE),
    Editable("session_cancelled", names=_A_DATE),
    Editable("course_booked", "last", (("is_last", True),), names=_A_DATE),
    Editable("course_booked", names=(*_A_DATE, "number")),
    Editable("course_starts", names=_A_DATE),
    Editable("course_left", names=("name",)),
    Editable("change_email", has_facts=False),
    Editable("email_changed", has_facts=False),
    Editable("password_changed", names=("day",), has_facts=False),
    Editable("factor_changed", names=("day",), has_facts=False),
)


def editable(key: str) -> Editable | None:
    """Return the letter that an address names."""
    return next((one for one in EDITABLE if one.key == key), None)


def editable_of(kind: str, context: Mapping[str, object]) -> Editable | None:
    """Return which of its kind a letter with these facts is; some kinds keep the words they have."""
    return next((one for one in EDITABLE if one.kind == kind and one.fits(context)), None)


def check(words: Words, one: Editable) -> None:
    """Let words through that can be sent whatever they are filled with.

    Refuses: as a Fault, a subject of several lines, a placeholder that this letter has no value for or that
    is written wrongly, a web address, and a health word where a lock screen may show it.
    """
    if "\n" in words.subject or "\r" in words.subject:
        raise Fault(N_("Write the subject in one line."), field="subject")
    for field, written in asdict(words).items():
        _check_placeholders(written, one, field)
        if _WEB_ADDRESS.search(written):
            raise Fault(N_("Leave web addresses out: the letter has its own button."), field=field)
        is_shown = field != "closing" or not one.has_facts
        if is_shown and holds_forbidden(written):
            raise Fault(N_("A lock screen may show this. Leave words about health out of it."), field=field)


def filled(written: str, values: Mapping[str, str]) -> str:
    """Put the values in the stead of their placeholders; what has no value leaves nothing behind."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), written)


def paragraphs(written: str) -> list[str]:
    """Part words into their paragraphs, each on one line."""
    return [" ".join(part.split()) for part in _PARAGRAPHS.split(written.strip()) if part.strip()]


def _check_placeholders(written: str, one: Editable, field: str) -> None:
    for name in _PLACEHOLDER.findall(written):
        if name not in one.placeholders:
            raise Fault(N_("{%(name)s} is not known in this letter."), field=field, name=name)
    if "{" in _PLACEHOLDER.sub("", written) or "}" in _PLACEHOLDER.sub("", written):
        raise Fault(N_("Braces go in pairs around a name from the list, as in {day}."), field=field)
