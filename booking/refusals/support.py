"""Polite noes about the page "Support and information"."""

from flask_babel import lazy_gettext as _l

from booking.refusals.base import Refusal


class LastHeading(Refusal):
    """The page keeps one heading at least."""

    sentence = _l("The page needs one heading at least. Change this one instead.")


class NothingToOffer(Refusal):
    """A way to help without a link, a number or a word."""

    sentence = _l("Add a link, a phone number or a few words.")
    field = "url"


class PageIsFull(Refusal):
    """Nobody finds anything on a page that is longer."""

    sentence = _l("The page is full. Remove something first.")
