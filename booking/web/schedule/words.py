"""What the cards and pages say of a date: its state in words, and the one thing to do next."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from booking.models.kinds import BookingState, Mode, Pool, SessionState
from booking.queries.schedule import Card
from booking.rules.booking_window import newcomers_until
from booking.rules.wall_time import to_local
from booking.rules.words import day_words, length_words, time_words
from booking.settings import settings


class Phase(StrEnum):
    """Where a date stands in time."""

    NOT_OPEN = "not_open"
    TO_COME = "to_come"
    CLOSED = "closed"
    STARTED = "started"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Act:
    """The one button of a card."""

    text: str
    href: str
    kind: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a date stands for who looks at it. Units: `tone` as tags.html knows it."""

    name: str
    text: str
    tone: str = "grey"
    tick: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A card, ready to be laid out."""

    card: Card
    href: str
    time: str
    length: str
    lines: tuple[str, ...]
    standing: Standing
    act: Act | None
    said_after: str


def phase_of(card: Card, now: datetime) -> Phase:
    """Say whether booking a date has not opened yet, is possible, has closed, or the date itself came."""
    if card.ends_at <= now:
        return Phase.OVER
    if card.starts_at <= now:
        return Phase.STARTED
    if card.opens_at is not None and now < card.opens_at:
        return Phase.NOT_OPEN
    return Phase.CLOSED if card.closes_at <= now else Phase.TO_COME


def shown(card: Card, phase: Phase) -> Shown:
    """Say everything that a list shows of one date."""
    standing = standing_of(card, phase)
    said = (where_words(card), led_words(card), course_words(card), _differs(card), _more(card, standing))
    return Shown(
        card=card,
        href=url_for("schedule.session", session_id=card.id),
        time=time_words(card.start_time),
        length=length_words(card.minutes),
        lines=tuple(filter(None, said)),
        standing=standing,
        act=act_of(card, standing),
        said_after=f"{card.title}, {day_words(card.local_date)}",
    )


def standing_of(card: Card, phase: Phase) -> Standing:
    """Say how a date stands: cancelled, hers, over, full, or open."""
    if card.state is SessionState.CANCELLED:
        return Standing("cancelled", _("Cancelled"), "red")
    if card.mine is BookingState.PROVISIONAL:
        return Standing("mine", _("Kept until our call"), "amber")
    if card.mine is BookingState.BOOKED:
        return Standing("mine", _("You have a place"), "green", tick=True)
    if phase is Phase.OVER:
        return Standing("over", _("Over"))
    if phase is Phase.STARTED:
        return Standing("started", _("Started"))
    if card.mine is BookingState.OFFERED:
        return Standing("offered", _("Kept for you"), "amber")
    if card.mine is BookingState.WAITING:
        return Standing("waiting", _("On the waiting list"), "amber")
    if card.as_a_course:
        said = ngettext("Course of %(num)s week", "Course of %(num)s weeks", card.weeks or 0)
        return Standing("course", said)
    if phase is Phase.NOT_OPEN:
        return Standing("not_open", _("Not open yet"))
    if phase is Phase.CLOSED:
        return Standing("closed", _("Booking has closed"))
    if card.is_full and card.only_newcomers:
        return Standing("kept", _("Kept for newcomers"), "amber")
    if card.is_full:
        return Standing("full", _("Full"), "amber")
    return Standing("open", places_words(card))


def act_of(card: Card, standing: Standing) -> Act | None:
    """Return the one thing to do next, or nothing."""
    page = url_for("schedule.session", session_id=card.id)
    match standing.name:
        case "mine":
            return Act(_("View my place"), url_for("bookings.mine"), "quiet")
        case "open":
            return Act(_("Book a place"), url_for("bookings.book", session_id=card.id), "primary")
        case "course":
            course = url_for("schedule.series", key=card.series_key)
            return Act(_("See the course"), course, "secondary")
        case "offered":
            return Act(_("Answer on My sessions"), url_for("bookings.mine"), "primary")
        case "waiting":
            return Act(_("See where I stand"), url_for("bookings.mine"), "quiet")
        case "full" | "kept" if may_wait(card):
            return Act(
                _("Join the waiting list"),
                url_for("bookings.join_waiting_list", session_id=card.id),
                "secondary",
            )
        case "full" | "kept" | "cancelled":
            return Act(_("See other dates"), page, "secondary")
    return None


def may_wait(card: Card) -> bool:
    """Say whether somebody can put herself on a waiting list for this date alone."""
    return card.waiting_list and not card.as_a_course


def full_pools(card: Card) -> tuple[Pool, ...]:
    """Return the ways of joining that are full while another is not: one may wait for these."""
    full = tuple(pool for pool in card.pools if card.free(pool) == 0)
    return full if may_wait(card) and len(full) < len(card.pools) else ()


def places_words(card: Card) -> str:
    """Say how many places are left: "9 places left", "3 places in the room, 12 online"."""
    if len(card.pools) == 2:
        return f"{_room_words(card)}, {_online_words(card)}"
    free = card.free(card.pools[0]) if card.pools else 0
    return "" if free is None else str(ngettext("%(num)s place left", "%(num)s places left", free))


def where_words(card: Card) -> str:
    """Say where it is: "In person · Church hall, Cardiff", "Online"."""
    if card.mode is Mode.ONLINE:
        return str(_("Online"))
    how = _("In person or online") if card.mode is Mode.HYBRID else _("In person")
    return f"{how} · {card.venue}" if card.venue else how


def led_words(card: Card) -> str:
    """Say who leads it: "Hosted by Anne and Sam", "With Priya"; nothing while nobody does."""
    if not card.led_by:
        return ""
    names = names_words(card.led_by)
    said = _("Hosted by %(names)s", names=names) if is_hosted(card) else _("With %(names)s", names=names)
    return str(said)


def names_words(names: tuple[str, ...]) -> str:
    """List names as people say them: "Anne, Sam and Jo"."""
    if len(names) < 2:
        return "".join(names)
    return str(_("%(names)s and %(last)s", names=", ".join(names[:-1]), last=names[-1]))


def sentence(words: str) -> str:
    """Return what somebody wrote as a reason as a sentence: a capital first, a full stop last."""
    written = words.strip()
    ended = written if written.endswith((".", "!", "?")) else f"{written}."
    return f"{ended[:1].upper()}{ended[1:]}" if written else ""


def opening_words(opens_at: datetime) -> str:
    """Say on which morning booking opens."""
    local = to_local(opens_at)
    return str(
        _(
            "Booking opens on %(day)s at %(time)s.",
            day=day_words(local.date()),
            time=time_words(local.time()),
        )
    )


def newcomers_words(card: Card) -> str:
    """Say kindly for whom the last places are, and until when."""
    until = newcomers_until(card.starts_at, card.starts_on, card.start_time)
    return kept_words(until, in_the_room=len(card.pools) == 2)


def kept_words(until: datetime, *, in_the_room: bool) -> str:
    """Say that the last places, of the room or at all, are kept for newcomers until then."""
    day = day_words(to_local(until).date())
    if in_the_room:
        said = _(
            "The places left in the room are kept for people who come for the first time until %(day)s. "
            "After that they are for everybody.",
            day=day,
        )
    else:
        said = _(
            "The places left are kept for people who come for the first time until %(day)s. "
            "After that they are for everybody.",
            day=day,
        )
    return str(said)


def is_hosted(card: Card) -> bool:
    """Say whether its leader is called a host; otherwise she is a tutor."""
    return card.facilitator_word == "host"


def course_words(card: Card) -> str:
    """Say which week of its course a date is; of the first one how many there are."""
    # A week that is cancelled has no number among those that take place.
    if not card.is_course or not card.week or card.starts_on is None or card.state is SessionState.CANCELLED:
        return ""
    if card.single_weeks:
        return str(_("Week %(week)s of %(weeks)s of a course", week=card.week, weeks=card.weeks))
    if card.week == 1:
        return str(_("The first week. One booking gives you a place on all of them."))
    began = day_words(card.starts_on)
    return str(_("Week %(week)s of %(weeks)s, from %(day)s", week=card.week, weeks=card.weeks, day=began))


def _differs(card: Card) -> str:
    """Say why a date that takes place is not as usual; why one was cancelled stands beside that word."""
    if not card.public_reason or card.state is SessionState.CANCELLED:
        return ""
    return str(_("This date is different. %(reason)s", reason=sentence(card.public_reason)))


def _more(card: Card, standing: Standing) -> str:
    if standing.name == "cancelled":
        return sentence(card.public_reason)
    if standing.name == "not_open":
        return opening_words(card.opens_at) if card.opens_at is not None else ""
    if standing.name == "closed":
        return str(_("Call us on %(phone)s if you would still like to come.", phone=settings().help_phone))
    if standing.name in ("open", "kept") and card.only_newcomers:
        return newcomers_words(card)
    if standing.name == "open" and card.by_office:
        return str(_("Before you come for the first time, the office calls you to say hello."))
    return ""


def _room_words(card: Card) -> str:
    free = card.free(Pool.ROOM)
    if free is None:
        return str(_("Places in the room"))
    if free == 0:
        return str(_("Room full"))
    return str(ngettext("%(num)s place in the room", "%(num)s places in the room", free))


def _online_words(card: Card) -> str:
    free = card.free(Pool.ONLINE)
    if free is None:
        return str(_("places online"))
    return str(_("%(num)s online", num=free) if free else _("online full"))
