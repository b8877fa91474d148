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
