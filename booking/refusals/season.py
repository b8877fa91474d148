"""Polite noes about planning the season and marking its registers."""

from flask_babel import lazy_gettext as _l

from booking.refusals.base import Refusal


class NotALaterTime(Refusal):
    """The end of a session is not after its start."""

    sentence = _l("The end must be after the start.")
    field = "end_time"


class InThePast(Refusal):
    """Sessions are planned for days to come."""

    sentence = _l("Choose a date that is still to come.")
    field = "date"


class PlaceMissing(Refusal):
    """A session in a room needs a venue; one online needs its meeting address when it is published."""

    sentence = _l("Choose a venue.")
    field = "venue"


class StaleForm(Refusal):
    """Somebody else changed the same thing in the meantime."""

    sentence = _l("Somebody changed this while you had the page open. Check it and save again.")


class RegisterNotOpen(Refusal):
    """The register opens 30 minutes before the start."""

    sentence = _l("The register opens 30 minutes before the start.")


class AlreadyOnTheRegister(Refusal):
    """The person who walked in is already on the list."""

    sentence = _l("This person is already on the list.")
    field = "person"


class UnknownMark(Refusal):
    """A word that no register holds."""

    sentence = _l("Choose one of the buttons beside the name.")


class NoLongerExpected(Refusal):
    """The place was given up while the host had the register open."""

    sentence = _l(
        "That place was given up a moment ago. If they did come, add them as someone who walked in."
    )


class WalkInNeedsAName(Refusal):
    """Neither a person, nor a first name, nor "one more person"."""

    sentence = _l("Write a first name, or choose One more person.")
    field = "first_name"


class NotOnTheDay(Refusal):
    """Contact details are shown to a host on the day of the session, and on no other."""

    sentence = _l("Contact details can be shown on the day of the session only. The office can help.")


class NothingToShow(Refusal):
    """There are no contact details that a host may see, whatever the reason."""

    sentence = _l("There are no contact details to show here. The office can help.")
