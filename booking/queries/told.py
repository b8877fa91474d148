"""Who has not been told yet of a cancelling or a moving, by which channel, and whether it can be undone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.models import (
    Booking,
    CallNote,
    Message,
    Person,
    ScheduledSession,
    SeasonDeed,
    SeasonStep,
    Series,
)
from booking.models.kinds import (
    LIVE,
    BookingState,
    CallOutcome,
    Channel,
    MessageKind,
    MessageState,
    SeasonDeedKind,
    SessionState,
)
from booking.queries import tasks
from booking.queries.messages import is_overtaken
from booking.queries.tasks import CallToMake
from booking.refusals import CannotUndo, NotFound, Refusal

_ON_ITS_WAY = (MessageState.WAITING, MessageState.SENDING)
_NEWS = (MessageKind.SESSION_CHANGED, MessageKind.SESSION_CANCELLED)
MOST_SHOWN = 60


@dataclass
class Heard:
    """How many people one channel has told, how many it still will, and for how many it failed."""

    told: int = 0
    waiting: int = 0
    failed: int = 0


@dataclass(frozen=True)
class FailedLetter:
    """A letter that the mail server refused: whom it was for, and its answer."""

    message_id: int
    person_id: int | None
    known_as: str
    why: str


@dataclass
class Told:
    """Where the telling stands. Units: people times dates; `total` are those not told yet."""

    by_channel: dict[Channel, Heard] = field(default_factory=dict)
    calls: list[CallToMake] = field(default_factory=list)
    failed: list[FailedLetter] = field(default_factory=list)
    too_late: int = 0
    first_due_at: datetime | None = None

    @property
    def total(self) -> int:
        """Return how many have not been told yet."""
        return sum(each.waiting + each.failed for each in self.by_channel.values())

    @property
    def told(self) -> int:
        """Return how many have been told."""
        return sum(each.told for each in self.by_channel.values())


@dataclass(frozen=True)
class Deed:
    """A cancelling or moving with the dates it was about, as they are now."""

    deed: SeasonDeed
    dates: tuple[ScheduledSession, ...]


@dataclass(frozen=True)
class Untold:
    """One line of Today: a deed of which somebody has not been told yet."""

    deed_id: int
    kind: SeasonDeedKind
    title: str
    dates: int
    people: int


def not_told(deed_id: int, now: datetime) -> Told:
    """Say who has not been told of a deed yet; nobody is counted who must not be written to."""
    return _told(Message.season_deed_id == deed_id, now)


def not_told_of_session(session_id: int, now: datetime) -> Told:
    """Say who has not been told yet what became of one date, whatever deed it was."""
    about = Message.booking_id.in_(select(Booking.id).where(Booking.session_id == session_id))
    return _told(and_(about, Message.kind.in_(_NEWS)), now)


def one_deed(deed_id: int) -> Deed:
    """Return a deed with its dates. Refuses: one that does not exist."""
    deed = db.session.get(SeasonDeed, deed_id) if 0 < deed_id < 2**31 else None
    if deed is None:
        raise NotFound
    return Deed(deed, tuple(_dates_of(deed_id)))


def untold(now: datetime) -> list[Untold]:
    """Return the deeds of which somebody has not been told yet, the latest first."""
    people = func.count(Message.id)
    dates = func.count(func.distinct(Booking.session_id))
    rows = db.session.execute(
        _messages(SeasonDeed.id, SeasonDeed.kind, people, dates)
        .join(SeasonDeed, SeasonDeed.id == Message.season_deed_id)
        .where(_open(now))
        .group_by(SeasonDeed.id, SeasonDeed.kind)
        .order_by(SeasonDeed.id.desc())
        .limit(MOST_SHOWN)
    ).all()
    titles = _titles([row[0] for row in rows])
    return [
        Untold(deed_id, kind, titles.get(deed_id, ""), dates, people) for deed_id, kind, people, dates in rows
    ]


def deeds_about(session_id: int) -> Sequence[SeasonDeed]:
    """Return what was done to one date, the latest first."""
    return db.session.scalars(
        select(SeasonDeed)
        .join(SeasonStep, SeasonStep.deed_id == SeasonDeed.id)
        .where(SeasonStep.row_kind == "session", SeasonStep.row_id == session_id)
        .distinct()
        .order_by(SeasonDeed.id.desc())
        .limit(5)
    ).all()


def changed_series(deed_id: int) -> dict[int, str]:
    """Return the series, with their titles, whose change as a whole this deed came of, if it did."""
    rows = db.session.execute(
        select(Series.id, Series.title)
        .join(SeasonStep, and_(SeasonStep.row_id == Series.id, SeasonStep.row_kind == "series"))
        .where(SeasonStep.deed_id == deed_id)
        .order_by(Series.id)
    )
    return {row.id: row.title for row in rows}


def why_it_stands(deed: SeasonDeed, now: datetime) -> Refusal | None:
    """Say why a deed can't be undone any more; nothing while it can."""
    if deed.undone_at is not None:
        return CannotUndo(_l("This has been undone already."))
    if changed_series(deed.id):
        return CannotUndo(_l("This changed a whole series, so it can't be undone here."))
    if _exists(Message.season_deed_id == deed.id, has_begun()):
        return CannotUndo(_l("This can't be undone any more: somebody has been told."))
    dates, was, undone = _dates_of(deed.id), _versions_before(deed.id), _undone_since(deed.id)
    if any(_is_overtaken(one, deed, was, undone.get(one.id, (0, deed.done_at))) for one in dates):
        return CannotUndo(_l("This can't be undone any more: a date has been changed again since."))
    if _is_too_late(deed, dates, now):
        return CannotUndo(_l("This can't be undone any more: the time it was is over."))
    return _known_otherwise(deed)


def _told(which: ColumnElement[bool], now: datetime) -> Told:
    found = Told()
    is_open, missed = _open(now), _missed(now)
    what = case(
        (Message.state == MessageState.SENT, "told"),
        (and_(is_open, Message.state == MessageState.FAILED), "failed"),
        (is_open, "waiting"),
        (missed, "too late"),
        else_="",
    ).label("what")
    # The label is grouped by its place: PostgreSQL sees two copies of the case as two.
    inner = _messages(Message.id, Message.channel, Message.due_at, what).where(which).subquery()
    rows = db.session.execute(
        select(inner.c.channel, inner.c.what, func.count(), func.min(inner.c.due_at))
        .group_by(inner.c.channel, inner.c.what)
        .order_by(inner.c.channel, inner.c.what)
    )
    for channel, word, people, due_at in rows:
        if word == "too late":
            found.too_late += people
        elif word:
            setattr(found.by_channel.setdefault(channel, Heard()), word, people)
        if word == "waiting" and (found.first_due_at is None or due_at < found.first_due_at):
            found.first_due_at = due_at
    found.failed = _failed(which, now)
    found.calls = tasks.calls_to_make(now, which)
    return found


def _messages(*columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .select_from(Message)
        .join(Booking, Booking.id == Message.booking_id)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .outerjoin(Person, Person.id == Booking.person_id)
    )


def _open(now: datetime) -> ColumnElement[bool]:
    """Return the condition, over `_messages`, that somebody still has to be told."""
    unsaid = Message.state.in_((*_ON_ITS_WAY, MessageState.FAILED))
    return and_(unsaid, ~func.coalesce(is_overtaken(now), False))


def _missed(now: datetime) -> ColumnElement[bool]:
    """Return the condition, over `_messages`, that somebody was not told before it was over."""
    unsaid = or_(
        Message.state.in_((*_ON_ITS_WAY, MessageState.FAILED)),
        and_(Message.state == MessageState.WITHDRAWN, Message.why.in_(("overtaken", "too late", "over"))),
    )
    still_off = and_(
        Message.kind == MessageKind.SESSION_CANCELLED, ScheduledSession.state == SessionState.CANCELLED
    )
    never_heard = and_(
        Message.kind == MessageKind.SESSION_CHANGED,
        Message.schedule_version == ScheduledSession.schedule_version,
        Booking.state == BookingState.BOOKED,
        Booking.told_version < ScheduledSession.schedule_version,
    )
    return and_(unsaid, Message.useless_at <= now, or_(still_off, never_heard))


def _failed(which: ColumnElement[bool], now: datetime) -> list[FailedLetter]:
    rows = db.session.execute(
        _messages(Message.id, Person.id, Person.known_as, Message.why)
        .where(which, Message.state == MessageState.FAILED, _open(now))
        .order_by(Message.id)
        .limit(MOST_SHOWN)
    )
    return [FailedLetter(message_id, person_id, name or "", why) for message_id, person_id, name, why in rows]


def _dates_of(deed_id: int) -> Sequence[ScheduledSession]:
    about = select(SeasonStep.row_id).where(SeasonStep.deed_id == deed_id, SeasonStep.row_kind == "session")
    return db.session.scalars(
        select(ScheduledSession)
        .where(ScheduledSession.id.in_(about))
        .options(joinedload(ScheduledSession.series), joinedload(ScheduledSession.venue))
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
        .execution_options(populate_existing=True)
    ).all()


def _titles(deed_ids: Collection[int]) -> dict[int, str]:
    """Return the title of the first date of each deed."""
    rows = db.session.execute(
        select(SeasonStep.deed_id, ScheduledSession)
        .join(ScheduledSession, ScheduledSession.id == SeasonStep.row_id)
        .where(SeasonStep.deed_id.in_(deed_ids), SeasonStep.row_kind == "session")
        .options(joinedload(ScheduledSession.series))
        .order_by(ScheduledSession.starts_at.desc(), ScheduledSession.id.desc())
    ).all()
    return {deed_id: scheduled.title for deed_id, scheduled in rows}


def has_begun() -> ColumnElement[bool]:
    """Return the condition that somebody may have read it: a letter that failed may lie in her post, too."""
    tried = and_(
        Message.channel.in_((Channel.EMAIL, Channel.TEXT)),
        Message.state == MessageState.WAITING,
        Message.attempts > 0,
    )
    leaving = and_(
        Message.state == MessageState.SENDING, or_(Message.began_at.is_not(None), Message.attempts > 1)
    )
    withdrawn_late = and_(Message.state == MessageState.WITHDRAWN, Message.began_at.is_not(None))
    over = Message.state.in_((MessageState.SENT, MessageState.FAILED))
    return or_(over, leaving, tried, withdrawn_late, _was_said_in_a_call())


def _was_said_in_a_call() -> ColumnElement[bool]:
    """Say whether a call told her, or left word, even where it stands on the list again."""
    said = and_(
        CallNote.message_id == Message.id,
        CallNote.outcome.in_((CallOutcome.REACHED, CallOutcome.LEFT_WORD, CallOutcome.POSTED)),
    )
    return select(CallNote.id).where(said).correlate(Message).exists()


def _is_overtaken(
    scheduled: ScheduledSession, deed: SeasonDeed, was: Mapping[int, int], undone: tuple[int, datetime]
) -> bool:
    """Say whether a date is not any more what the deed made of it, but for what was undone since."""
    if deed.kind is SeasonDeedKind.CANCELLED:
        return scheduled.state is not SessionState.CANCELLED or scheduled.cancelled_at != deed.done_at
    rises, changed_at = undone
    known = was.get(scheduled.id)
    moved_on = known is not None and scheduled.schedule_version != known + 1 + rises
    return moved_on or scheduled.state is not SessionState.PUBLISHED or scheduled.changed_at != changed_at


def _undone_since(deed_id: int) -> dict[int, tuple[int, datetime]]:
    """Return, by date, how far later deeds that were undone raised its version, and the last undoing."""
    rises = case((SeasonStep.field == "schedule_version", 2), (SeasonStep.field == "state", 1), else_=0)
    rows = db.session.execute(
        select(SeasonStep.row_id, func.sum(rises), func.max(SeasonDeed.undone_at))
        .join(SeasonDeed, SeasonDeed.id == SeasonStep.deed_id)
        .where(SeasonStep.row_kind == "session", SeasonDeed.id > deed_id, SeasonDeed.undone_at.is_not(None))
        .group_by(SeasonStep.row_id)
        .order_by(SeasonStep.row_id)
    )
    return {session_id: (int(risen), undone_at) for session_id, risen, undone_at in rows}


def _versions_before(deed_id: int) -> dict[int, int]:
    steps = select(SeasonStep.row_id, SeasonStep.was).where(
        SeasonStep.deed_id == deed_id,
        SeasonStep.row_kind == "session",
        SeasonStep.field == "schedule_version",
    )
    return {session_id: int(was) for session_id, was in db.session.execute(steps)}


def _is_too_late(deed: SeasonDeed, dates: Sequence[ScheduledSession], now: datetime) -> bool:
    """Say whether a date that is put back would have begun already."""
    was = db.session.scalars(
        select(SeasonStep.was).where(
            SeasonStep.deed_id == deed.id, SeasonStep.row_kind == "session", SeasonStep.field == "starts_at"
        )
    )
    return any(one.starts_at <= now for one in dates) or any(
        datetime.fromisoformat(each) <= now for each in was
    )


def _known_otherwise(deed: SeasonDeed) -> Refusal | None:
    """Say that somebody knows without a letter: she answered an offer, or booked the date as it is now."""
    gone = select(SeasonStep.row_id).where(SeasonStep.deed_id == deed.id, SeasonStep.row_kind == "booking")
    # A place that went because its record ended was answered by nobody.
    answered = select(Booking.id).where(
        or_(Booking.instead_of_id.in_(gone), Booking.instead_of_id.in_(_kept_instead(gone))),
        Booking.person_id.in_(select(Person.id).where(Person.status.in_(policy.LIVING))),
        Booking.state.not_in((BookingState.OFFERED, BookingState.EXPIRED, BookingState.CANCELLED)),
    )
    if db.session.scalar(answered.limit(1)) is not None:
        return CannotUndo(_l("This can't be undone any more: somebody has answered the place we kept."))
    if deed.kind is SeasonDeedKind.MOVED and _knows_the_new_time(deed):
        return CannotUndo(_l("This can't be undone any more: somebody knows the new time."))
    return None


def _knows_the_new_time(deed: SeasonDeed) -> bool:
    moved = select(SeasonStep.row_id).where(SeasonStep.deed_id == deed.id, SeasonStep.row_kind == "session")
    booked = (
        select(Booking.id)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .where(
            ScheduledSession.id.in_(moved),
            or_(
                Booking.told_version >= ScheduledSession.schedule_version,
                Booking.created_at > deed.done_at,
            ),
            # Somebody new whose place is held, or kept, has read the new time on the page, too.
            Booking.state.in_(LIVE),
        )
    )
    if db.session.scalar(booked.limit(1)) is not None:
        return True
    about = Message.booking_id.in_(select(Booking.id).where(Booking.session_id.in_(moved)))
    # A letter that waited already may say the new time, too: it is written as it leaves.
    since = or_(Message.created_at >= deed.done_at, Message.began_at >= deed.done_at)
    return _exists(about, since, has_begun())


def _kept_instead(gone: Select[int]) -> Select[int]:
    return select(Booking.id).where(Booking.instead_of_id.in_(gone))


def _exists(*conditions: ColumnElement[bool]) -> bool:
    return db.session.scalar(select(Message.id).where(*conditions).limit(1)) is not None
