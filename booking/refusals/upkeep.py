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


class AlreadyOnItsWay(Refusal):
    """The letter, or another copy of it, has not left yet."""

    sentence = _l("It is on its way already, so it was not sent again.")


class AskForANewLink(Refusal):
    """A link goes to an address once, and only whoever reads it there asks for another one."""

    sentence = _l("A link is not sent a second time. They can ask for a new one on the sign-in page.")


class TooLateToWithdraw(Refusal):
    """The message has left, or is leaving this moment, or was set aside before."""

    sentence = _l("It can't be withdrawn any more: it has left, or was set aside already.")


class MayNotLeaveWord(Refusal):
    """She has not said that a message may be left with somebody else or on a machine."""

    sentence = _l("They have not said that we may leave word, so please try again later.")


class NotByPost(Refusal):
    """Only a letter on paper can be posted."""

    sentence = _l("This is a call to make, not a letter to post.")


class TryAgainLater(Refusal):
    """The time to try again is no time of the future, or comes when the call is of no use any more."""

    sentence = _l("Choose a time from now on, and before it would be too late.")
    field = "again_at"


class CannotReadBounces(Refusal):
    """What was given is no mailbox."""

    sentence = _l("That is neither an mbox file nor a Maildir folder, or it can't be read.")
