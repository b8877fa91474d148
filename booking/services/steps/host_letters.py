"""Telling those who lead what became of their dates, inside the caller's transaction."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from booking import policy
from booking.db import db
from booking.messages import outbox
from booking.messages.reach import Way, contacts_of_all, may_hear, way_to
from booking.models import CoverRequest, Message, Person, ScheduledSession, SessionFacilitator, Task
from booking.models.kinds import Channel, MessageKind, MessageState, SessionState
from booking.queries.host_changes import dates_named
from booking.rules.host_keys import CHANGED, COVERED, GIVEN, GONE, TAKEN, keys_of, named
from booking.services.steps.letters import not_begun

_QUIETLY = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class _News:
    """What one person is told of some dates: the part of the key before them, and the facts of the row."""

    person_id: int
    stem: str
    dates: Collection[int]
    about: dict[str, Any]


def by_voice(way: Way) -> Way:
    """Call whoever wishes for post: what a host has to know does not wait for the postman."""
    return replace(way, channel=Channel.CALL) if way.channel is Channel.POST else way


def tell_leaders(
    changed: Iterable[tuple[ScheduledSession, datetime]], now: datetime, deed_id: int | None = None
) -> None:
    """Lay one letter for each person who leads one of these dates; with each, when it is to be told.

    What became of the dates is read when the letter is written. Further dates of the same deed join a letter
    that has not begun. Whoever was just given a date hears of it as it is now, and nothing else: that letter
    is held here, so that it is not written before this change is there to be read.
    """
    told = {scheduled.id: due_at for scheduled, due_at in changed if _is_news(scheduled, now)}
    hers = _who_hears(told)
    news = []
    for person_id, dates in hers.items():
        first = min(dates, key=lambda one: told[one])
        about = {"session_id": first, "due_at": told[first], "season_deed_id": deed_id}
        stem = f"host:{person_id}{CHANGED}{now.isoformat()}:{deed_id or ''}:"
        news.append(_News(person_id, stem, dates, about))
    _lay_or_join(news, now)


def tell_given(person_id: int, dates: Collection[ScheduledSession], now: datetime, due_at: datetime) -> None:
    """Tell somebody that the office gave her these dates, unless it just took back what it took."""
    _tell_of_leading(GIVEN, person_id, dates, now, due_at)


def tell_taken(person_id: int, dates: Collection[ScheduledSession], now: datetime, due_at: datetime) -> None:
    """Tell somebody that she no longer leads these dates, unless she never heard that she should."""
    _tell_of_leading(TAKEN, person_id, dates, now, due_at)


def withdraw_about(session_id: int, kind: MessageKind, why: str) -> None:
    """Set aside what still waits to be said about a date, and what is claimed but not begun."""
    db.session.execute(
        update(Message)
        .where(Message.session_id == session_id, Message.kind == kind, not_begun())
        .values(state=MessageState.WITHDRAWN, why=why, leased_by=None, leased_until=None),
        execution_options=_QUIETLY,
    )


def tell_of_cover(
    scheduled: ScheduledSession, request_id: int, person_ids: Collection[int], now: datetime, due_at: datetime
) -> None:
    """Tell those who lead a date that somebody who was to lead it with them can't."""
    about = {"session_id": scheduled.id, "due_at": due_at, "useless_at": scheduled.starts_at}
    letters = [(who, f"host:{who}:cover:{request_id}", about) for who in person_ids]
    _lay(MessageKind.COVER_WANTED, letters, now)


def tell_of_host(
    scheduled: ScheduledSession, request: CoverRequest, host_id: int, now: datetime, due_at: datetime
) -> None:
    """Tell whoever asked for cover, and who was told so already, that somebody hosts the date now.

    Whose letter had not left hears nothing of either.
    """
    told = select(Message.person_id).where(
        Message.kind == MessageKind.COVER_WANTED,
        Message.dedupe_key.endswith(f":cover:{request.id}"),
        Message.state.in_((MessageState.SENDING, MessageState.SENT)),
    )
    hearing = {request.person_id, *db.session.scalars(told)} - {host_id, None}
    about = {"session_id": scheduled.id, "due_at": due_at, "useless_at": scheduled.ends_at}
    letters = [(who, f"host:{who}{COVERED}{request.id}", about) for who in sorted(filter(None, hearing))]
    _lay(MessageKind.ROTA_CHANGED, letters if _is_news(scheduled, now) else [], now)


def _tell_of_leading(
    change: str, person_id: int, dates: Collection[ScheduledSession], now: datetime, due_at: datetime
) -> None:
    news = sorted((one for one in dates if _is_news(one, now)), key=lambda one: (one.starts_at, one.id))
    if not news or (len(news) == 1 and _never_mind(change, person_id, news[0].id)):
        return
    first, later_too = news[0], len(news) > 1
    row = {
        "session_id": first.id,
        "about_on": first.local_date if later_too else None,
        "due_at": due_at,
        "useless_at": None if later_too else first.ends_at,
    }
    stem = f"host:{person_id}{change}{first.id}:{now.isoformat()}:"
    keys = _new_keys(_News(person_id, stem, [one.id for one in news], row))
    _lay(MessageKind.ROTA_CHANGED, [(person_id, key, row) for key in keys], now)


def _never_mind(change: str, person_id: int, session_id: int) -> bool:
    """Set aside what waits and says the opposite of one date: who never heard needs not hear it undone.

    A letter about several dates is left to be judged when it is written: it may say more than the opposite.
    """
    opposite = TAKEN if change == GIVEN else GIVEN
    gone = db.session.scalars(
        update(Message)
        .where(
            Message.person_id == person_id,
            Message.kind == MessageKind.ROTA_CHANGED,
            Message.session_id == session_id,
            Message.about_on.is_(None),
            Message.dedupe_key.contains(opposite),
            not_begun(),
        )
        .values(state=MessageState.WITHDRAWN, why="undone", leased_by=None, leased_until=None)
        .returning(Message.id),
        execution_options=_QUIETLY,
    )
    return bool(gone.all())


def _who_hears(session_ids: Collection[int]) -> dict[int, list[int]]:
    """Return who leads these dates, and which each is to be told of."""
    rows = select(SessionFacilitator.person_id, SessionFacilitator.session_id).where(
        SessionFacilitator.session_id.in_(session_ids)
    )
    leads = db.session.execute(rows.order_by(SessionFacilitator.id)).all() if session_ids else []
    hears_anyway = _about_to_hear({row.person_id for row in leads})
    hers: dict[int, list[int]] = {}
    for person_id, session_id in leads:
        if (person_id, session_id) not in hears_anyway:
            hers.setdefault(person_id, []).append(session_id)
    return hers


def _about_to_hear(person_ids: Collection[int]) -> set[tuple[int, int]]:
    """Return who was just given which date, and hold those letters: none begins before this is committed."""
    given = (
        select(Message)
        .where(
            Message.person_id.in_(person_ids),
            Message.kind == MessageKind.ROTA_CHANGED,
            Message.dedupe_key.contains(GIVEN),
            not_begun(),
        )
        .order_by(Message.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    letters = db.session.scalars(given).all() if person_ids else []
    return {(one.person_id or 0, date) for one in letters for date in dates_named(one)}


def forget_date(scheduled: ScheduledSession, now: datetime, due_at: datetime) -> None:
    """Let nothing name a date that is taken away, because nobody ever booked it, and tell who was to lead it.

    Those who lead it are still there to be read.
    """
    if scheduled.state is SessionState.PUBLISHED and scheduled.ends_at > now:
        _tell_of_gone(scheduled, now, due_at)
    db.session.execute(delete(CoverRequest).where(CoverRequest.session_id == scheduled.id))
    db.session.execute(delete(Task).where(Task.session_id == scheduled.id), execution_options=_QUIETLY)
    about = Message.session_id == scheduled.id
    waiting = db.session.execute(select(Message.id, Message.dedupe_key).where(about, not_begun())).all()
    # A letter that names other dates, too, is still to be read.
    only = [row.id for row in waiting if not set(named(row.dedupe_key)) - {scheduled.id}]
    db.session.execute(
        update(Message)
        .where(Message.id.in_(only), not_begun())
        .values(state=MessageState.WITHDRAWN, why="removed", leased_by=None, leased_until=None),
        execution_options=_QUIETLY,
    )
    db.session.execute(update(Message).where(about).values(session_id=None), execution_options=_QUIETLY)


def _tell_of_gone(scheduled: ScheduledSession, now: datetime, due_at: datetime) -> None:
    """Tell who leads a date that it is not planned any more: the letter carries the day itself."""
    day = scheduled.local_date
    news = [
        _News(
            person_id,
            f"host:{person_id}{GONE}{scheduled.series_id}:{now.isoformat()}:",
            [day.toordinal()],
            {"session_id": None, "about_on": day, "due_at": due_at, "season_deed_id": None},
        )
        for person_id in _who_hears([scheduled.id])
    ]
    _lay_or_join(news, now)


def _lay_or_join(news: Sequence[_News], now: datetime) -> None:
    """Lay letters about dates; those of the same deed that have not begun take these dates in."""
    new = [(one.person_id, key, one.about) for one in news if not _joins(one) for key in _new_keys(one)]
    _lay(MessageKind.ROTA_CHANGED, new, now)


def _joins(news: _News) -> bool:
    """Put dates into the letter of the same deed, and say whether there is one that has not begun."""
    same = Message.dedupe_key.startswith(news.stem, autoescape=True)
    asked = select(Message.id, Message.dedupe_key, Message.due_at).where(
        Message.person_id == news.person_id, same, not_begun()
    )
    letter = db.session.execute(asked.order_by(Message.id.desc()).limit(1).with_for_update()).one_or_none()
    if letter is None:
        return False
    stem, dates = letter.dedupe_key.partition("#")[0], {*named(letter.dedupe_key), *news.dates}
    key, *too_long = keys_of(stem, dates)
    if too_long:
        return False
    facts = {"dedupe_key": key}
    if news.about["due_at"] < letter.due_at:
        facts |= {name: news.about[name] for name in ("due_at", "session_id") if name in news.about}
    db.session.execute(
        update(Message).where(Message.id == letter.id).values(facts), execution_options=_QUIETLY
    )
    return True


def _new_keys(news: _News) -> list[str]:
    """Return keys that no letter has yet: where the clock stands still, two deeds are of one instant."""
    same = Message.dedupe_key.startswith(news.stem, autoescape=True)
    asked = select(func.count()).where(Message.person_id == news.person_id, same)
    return keys_of(f"{news.stem}{db.session.scalar(asked)}", news.dates)


def _is_news(scheduled: ScheduledSession, now: datetime) -> bool:
    return scheduled.state is not SessionState.DRAFT and scheduled.ends_at > now


def _lay(kind: MessageKind, letters: Sequence[tuple[int, str, dict[str, Any]]], now: datetime) -> None:
    """Lay these letters, each with its person and key, for whoever still leads and may be told."""
    asked = select(Person).where(Person.id.in_({person_id for person_id, _key, _about in letters}))
    found = db.session.scalars(asked.where(policy.still_leads()).order_by(Person.id)).all() if letters else ()
    people = {one.id: one for one in found if may_hear(one, kind, now)}
    contacts = contacts_of_all(people) if people else {}
    rows = []
    for person_id, key, about in letters:
        person = people.get(person_id)
        if person is None:
            continue
        way = by_voice(way_to(person, contacts.get(person.id, []), kind, now))
        row = outbox.draft(kind, way, key=key, now=now, person_id=person.id)
        # One statement takes them all, so each names the same columns.
        rows.append(row | {"about_on": None} | about)
    outbox.lay(rows)
