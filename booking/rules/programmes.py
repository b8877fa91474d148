"""How the programmes that the charity runs are shown, where a name alone does not say it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownProgramme:
    """How a programme is shown: its key, its name on a lock screen, its colour, its word for who leads."""

    key: str
    discreet_name: str
    tone: str
    facilitator_word: str


HOSTS_ONLY = "Hosts only"
KNOWN = {
    "Tea & A Chat": KnownProgramme("tea-and-a-chat", "Tea & A Chat", "tea", "host"),
    "Wellbeing classes": KnownProgramme("wellbeing", "Wellbeing session", "class", "tutor"),
    HOSTS_ONLY: KnownProgramme("hosts-only", "Hosts only", "plum", "host"),
}


@dataclass(frozen=True, slots=True)
class Usual:
    """What a new series of a programme is, unless its planner says otherwise.

    Units: places None = no limit; audience and companions as rows hold them.
    """

    minutes: int
    places_room: int | None
    places_online: int | None
    audience: str
    # Somebody who comes along to a room; online nobody does unless the planner says so.
    companions: str


USUAL = {
    "Tea & A Chat": Usual(120, 16, 20, "patients", "first_visit"),
    "Wellbeing classes": Usual(60, 12, 20, "patients", "never"),
    HOSTS_ONLY: Usual(60, None, None, "facilitators", "never"),
}


def usual_of(programme: str) -> Usual:
    """Return what is usual in a programme; one that nobody has described yet gets modest values."""
    return USUAL.get(programme, Usual(60, 16, 20, "anyone", "never"))
