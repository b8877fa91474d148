"""Polite noes about calling dates off, and about the places kept instead."""

from flask_babel import lazy_gettext as _l

from booking.refusals.base import Refusal


class OfferOver(Refusal):
    """The place was answered otherwise, or went back."""

    sentence = _l("This place is not kept any more. Have a look at the other dates.")


class NothingChosen(Refusal):
    """No date was chosen, or none that can still be cancelled or moved."""

    sentence = _l("Choose at least one date that is still to come.")
    field = "dates"


class NothingDiffers(Refusal):
    """Moved to where it is already."""

    sentence = _l("Nothing is different: choose another day, time or venue.")
    field = "starts_on"


class TooManyDates(Refusal):
    """More dates at once than somebody can check."""

    sentence = _l("Choose no more than 60 dates at once.")
    field = "dates"


class CannotUndo(Refusal):
    """What was done stands: somebody knows of it, or it was changed again."""

    sentence = _l("This can't be undone any more.")
