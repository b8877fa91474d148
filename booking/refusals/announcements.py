"""Polite noes about what is written once to many."""

from flask_babel import lazy_gettext as _l

from booking.refusals.base import Refusal


class NobodyToWriteTo(Refusal):
    """Nobody is left whom it could be meant for."""

    sentence = _l("There is nobody to write to just now, so nothing was sent.")


class EnoughForToday(Refusal):
    """She has written to the same people several times today."""

    sentence = _l(
        "You have written to everybody of this session three times within a day. "
        "People are tired, so please call the office if there is more to say."
    )


class SaidJustNow(Refusal):
    """These very words went to the same people a moment ago: a button pressed twice sends once."""

    sentence = _l("You sent these words a moment ago, and nobody gets them twice.")


class NewsWentToday(Refusal):
    """News went out within the last day."""

    sentence = _l(
        "News went out within the last day. Please wait until tomorrow, so that nobody is pestered."
    )


class NobodyMeetsAnyMore(Refusal):
    """The session is over, or does not take place: what there is to say is said by other letters."""

    sentence = _l("This session is over or does not take place, so nobody is written to about it.")


class MeetingAddressInside(Refusal):
    """The raw address of the meeting would let anybody in who is shown the letter."""

    sentence = _l(
        "Please leave the meeting's address out: each person has a link of their own, "
        "and it always leads to the right meeting."
    )
    field = "words"


class AllHaveLeft(Refusal):
    """Nothing of it waits any more, so nothing can be taken back."""

    sentence = _l("Every message has left already, so none of them can be taken back.")
