"""Polite noes about letters and calls, and about looking after the service."""

from flask_babel import lazy_gettext as _l

from booking.refusals.base import Refusal


class NothingToSend(Refusal):
    """The letter would no longer be true."""

    sentence = _l("This letter would no longer be true, so it can't be sent again.")


class CannotCopy(Refusal):
    """A copy can't be made or brought back, for the reason in its sentence."""


class CallAlreadyNoted(Refusal):
    """Somebody else noted how this call went, or it is no longer needed."""

    sentence = _l("This call is off the list already: somebody noted it, or it is no longer needed.")


class TaskSettled(Refusal):
    """Somebody else took this task off the list a moment ago."""

    sentence = _l("This is done already: somebody took it off the list.")


class CallNotSettledToday(Refusal):
    """Only a call that the office took off its list today goes back on it."""

    sentence = _l("This call can't be put back: it is on the list already, or was settled on another day.")


class TaskNotSettledToday(Refusal):
    """Only a task that came off the list today goes back on it."""

    sentence = _l("This can't be put back: it is on the list already, or was done on another day.")


class NotInProduction(Refusal):
    """Sample people must never stand among real ones."""

    sentence = _l("The sample season is for trying things out: it can't be moved into production.")


class NotEmpty(Refusal):
    """Somebody or something is kept here already."""

    sentence = _l("The database is not empty, so the sample season was not moved in.")
