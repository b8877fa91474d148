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


class MoreThanTheVenueHolds(Refusal):
    """More places in the room than people may be in the venue."""

    field = "places_room"

    def __init__(self, most: int, when: str = "") -> None:
        sentence = _l("This venue holds %(most)s people: choose no more places in the room.", most=most)
        if when:
            sentence = _l("On %(when)s the venue holds %(most)s people only.", when=when, most=most)
        super().__init__(sentence)


class StillBooked(Refusal):
    """Dates that would fall away have people booked: the office cancels each, so that they are told."""

    def __init__(self, when: str) -> None:
        super().__init__(
            _l("People are booked on these dates: %(when)s. Cancel the dates first.", when=when),
            field="last_on",
        )


class NotADraft(Refusal):
    """Published already, or booked: it is cancelled or ended, never thrown away."""

    sentence = _l("This is no draft any more that nobody has booked, so it can't be thrown away.")


class VenueNameTaken(Refusal):
    """Two venues of one name would be one and the same in every list."""

    sentence = _l("There is a venue of that name already. Add the town, or part of the address, to the name.")
    field = "name"


class SmallerThanPlanned(Refusal):
    """Sessions to come at a venue offer, or have booked, more places than it would hold."""

    field = "capacity"

    def __init__(self, days: str, more: int) -> None:
        named = _l("There are more places on %(days)s. Change those dates first.", days=days)
        many = _l(
            "There are more places on %(days)s, and on %(more)s other dates. Change those dates first.",
            days=days,
            more=more,
        )
        super().__init__(many if more else named)


class CoverTaken(Refusal):
    """Somebody else was first, or has stepped in already."""

    sentence = _l("Somebody else leads this session now. Thank you all the same.")
