"""Polite noes about taking and giving up a place."""

from flask_babel import lazy_gettext as _l

from booking.refusals.base import Refusal


class SessionFull(Refusal):
    """Nobody else fits into this pool."""

    sentence = _l("Sorry, the last place has been taken. Have a look at the other dates.")


class NoRoomForTwo(SessionFull):
    """A place is left, and she would bring somebody."""

    sentence = _l(
        "There is one place left here, so there is no room for somebody with you. "
        "Book it for yourself, or have a look at the other dates."
    )


class NoPlaceForAnother(SessionFull):
    """She has a place, and would like to bring somebody, but nothing is left."""

    sentence = _l("There is no place left for somebody with you just now. Your own place stays yours.")


class KeptForNewcomers(SessionFull):
    """Until two days before, some places are for people who have never come."""

    def __init__(self, day: str) -> None:
        super().__init__(
            _l(
                "The places left are kept for people who come for the first time until %(day)s. "
                "After that they are for everybody, so do look again.",
                day=day,
            )
        )


class SessionCancelled(Refusal):
    """The session does not take place."""

    sentence = _l("This session has been cancelled, so it can't be booked.")


class BookingClosed(Refusal):
    """The session has started, is over, or is not published."""

    sentence = _l("Booking for this session has closed.")


class BookingNotOpen(BookingClosed):
    """The series says on which morning booking opens."""

    def __init__(self, day: str, time: str) -> None:
        super().__init__(_l("Booking for this session opens on %(day)s at %(time)s.", day=day, time=time))


class ForPatientsOnly(Refusal):
    """The series is for people who live with the illness themselves."""

    sentence = _l(
        "This group is for people who live with secondary breast cancer themselves. "
        "There are other sessions that welcome friends and family."
    )


class NoSuchPool(Refusal):
    """The session has no room, or no online side."""

    sentence = _l("Choose one of the ways to join.")
    field = "pool"


class PersonCannotBook(Refusal):
    """The record is closed, merged, or belongs to somebody who has died."""

    sentence = _l("This record can't book. Please call the office.")


class CapacityBelowBookings(Refusal):
    """More people are booked than the smaller room would hold."""

    sentence = _l("More people than that are already booked. Cancel or move them first.")

    @classmethod
    def on(cls, day: str, taken: int, field: str) -> "CapacityBelowBookings":
        """Name the date, and how many places are taken there. Units: places, not bookings."""
        said = _l(
            "On %(day)s %(taken)s places are taken, more than that. Cancel or move somebody first.",
            day=day,
            taken=taken,
        )
        return cls(said, field=field)


class NobodyAlong(Refusal):
    """The series is for her alone, or somebody may come with her the first time only."""

    sentence = _l("At this session nobody else can come with you. You are welcome by yourself.")
    field = "companion_name"


class NothingToSwitch(Refusal):
    """The place is not hers, the session is over, or the register says she came."""

    sentence = _l("This can't be changed any more. If something is wrong, call us and we put it right.")


class YouWereThere(Refusal):
    """The register says she came: there is no place left to give up."""

    sentence = _l("The register says that you came, so there is no place to give up.")


class TooLateToSay(Refusal):
    """The date began more than half an hour ago."""

    sentence = _l("The session is well under way, so there is nothing left for you to do. That's fine.")


class DoorShut(Refusal):
    """The meeting is not open, or the place does not lead there any more."""

    sentence = _l("The door is not open just now.")


class ManyWait(Refusal):
    """Half the places wait for people who have not confirmed yet: the rest is for those we can reach."""

    sentence = _l(
        "Just now many places at this session wait to be confirmed. If you have been here before, "
        "sign in and book. If you are new, call us and we book it for you, or try again in an hour."
    )
