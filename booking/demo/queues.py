"""Waiting lists, a place on offer, companions and a welcome call to make: the weeks ahead as they are."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from booking.demo.meetings import Meeting, Visit
from booking.demo.people import Guest
from booking.models.kinds import BookingState, Companions, Pool
from booking.rules.waiting import offered_until

# How many wait for the first full date of these that is not too near.
_WAIT = {"newcastle": 3, "online-evening": 2, "men": 1}
# Whoever signs in as Ann finds that she waits, as Ben a place kept for him.
ANN_WAITS, BEN_IS_ASKED = "online-evening", "men"
ANN_BRINGS_SOMEBODY = "manchester"
# In the small circle one person waits for the office's call.
TO_BE_CALLED = "newly-diagnosed"
_COMPANIONS = ("Joe", "Nell", "Sam", "Priya", "Dafydd", "Wren")
_WITH_COMPANION = 0.12
# Nearer dates would be offered, read and over while somebody looks at the season.
_NOT_BEFORE = timedelta(days=3)


def bring_companions(meeting: Meeting, ann: Guest, rng: Random) -> None:
    """Let some come with somebody, where a series allows that always and a place is left."""
    if Companions(meeting.occasion.plan.companions) is not Companions.ALWAYS:
        return
    for visit in meeting.visits:
        hers = visit.guest is ann and meeting.occasion.plan.key == ANN_BRINGS_SOMEBODY
        with_somebody = hers or rng.random() < _WITH_COMPANION
        if with_somebody and visit.state is BookingState.BOOKED and meeting.free(visit.pool) > 0:
            visit.companion_name = rng.choice(_COMPANIONS)


def may_queue(meeting: Meeting, morning: datetime) -> bool:
    """Say whether people wait for this date: it is full, and far enough away to look at."""
    occasion = meeting.occasion
    is_far = occasion.starts_at - morning >= _NOT_BEFORE
    return occasion.plan.key in _WAIT and is_far and meeting.free(_pool(meeting)) == 0


def queue(meeting: Meeting, able: Sequence[Guest], cast: Sequence[Guest], morning: datetime) -> list[Visit]:
    """Return who waits for a full date, first come first; Ben is asked about a place that has come free."""
    key, pool = meeting.occasion.plan.key, _pool(meeting)
    ann, ben = cast[0], cast[1]
    waiting = [guest for guest in able if guest.is_reached_by_email][: _WAIT[key]]
    if key == ANN_WAITS:
        waiting.insert(1, ann)
    since = [morning - timedelta(days=9 - turn, hours=7) for turn in range(len(waiting))]
    queued = [_wait(guest, pool, at) for guest, at in zip(waiting, since, strict=True)]
    if key == BEN_IS_ASKED:
        queued.append(_asked(meeting, ben, pool, morning))
    return queued


def _wait(guest: Guest, pool: Pool, at: datetime) -> Visit:
    return Visit(
        guest, pool, BookingState.WAITING, at, at, waits_since=at, tells_late=guest.remind_that_morning
    )


def _asked(meeting: Meeting, guest: Guest, pool: Pool, morning: datetime) -> Visit:
    """Let somebody give her place up, and it is kept for whoever waited longest."""
    gone = next(visit for visit in reversed(meeting.visits) if visit.state is BookingState.BOOKED)
    gone.state, gone.state_at = BookingState.GIVEN_UP, morning
    asked = _wait(guest, pool, morning - timedelta(days=12, hours=7))
    asked.state, asked.state_at, asked.times_offered = BookingState.OFFERED, morning, 1
    asked.held_until = offered_until(morning, meeting.occasion.starts_at, 0)
    return asked


def _pool(meeting: Meeting) -> Pool:
    return Pool.ROOM if meeting.occasion.place else Pool.ONLINE
