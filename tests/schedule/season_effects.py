"""What a deed made of rows and messages, compared with what was said beforehand and what must hold."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from booking.models.kinds import BookingState, MessageKind, SessionState
from booking.queries import told
from booking.queries.effects import Effect
from booking.refusals import CapacityBelowBookings, Refusal
from booking.rules.wall_time import to_instant
from booking.services.schedule import LoadReport
from tests.schedule.season_case import SHOWN, Facts, Season, Seen, days_of

Check = Callable[[Seen, Seen], None]
# These leave every booking as it is, and everything of its own to each date.
GENTLE = ("edit", "except", "load", "publish", "fill", "wait", "deliver", "end")
# These leave every booking as it is.
KIND_TO_BOOKINGS = (*GENTLE, "change", "move")
_WORDS = ("title", "description")
_ON_THE_LIST = (BookingState.WAITING, BookingState.OFFERED)
_PUT_BACK = (*SHOWN, "state", "starts_at", "ends_at")


def tried(deed: Callable[[], Any]) -> Any:
    """Return what comes of it; a polite no is an answer, too."""
    try:
        return deed()
    except Refusal as no:
        return no


def nothing_to_add(_before: Seen, _after: Seen) -> None:
    """All that has to hold is what always has to."""


def as_foreseen(foreseen: Effect | Refusal, done: Effect | Refusal | None) -> Check:
    """Compare a preview with what really stands there afterwards, rows and messages."""

    def check(before: Seen, after: Seen) -> None:
        if isinstance(done, Refusal):
            assert before == after, "refused, and yet something changed"
            too_few = isinstance(foreseen, Effect) and bool(foreseen.too_few)
            assert isinstance(done, CapacityBelowBookings) if too_few else type(foreseen) is type(done), done
            return
        assert isinstance(foreseen, Effect), f"refused beforehand only: {foreseen}"
        assert done in (None, foreseen), "done otherwise than foreseen"
        _same_dates(foreseen, before, after)
        _same_people(foreseen, before, after)

    return check


def _same_dates(effect: Effect, before: Seen, after: Seen) -> None:
    old, new = before.dates.keys(), after.dates.keys()
    off = (old - new) | (after.cancelled & old) - before.cancelled
    assert days_of(after, set(new - old)) == sorted(effect.added), "other dates were added"
    assert days_of(before, set(off)) == sorted(effect.removed), "other dates went"
    moves = [(before.dates[one]["local_date"], after.dates[one]["local_date"]) for one in old & new]
    assert sorted(pair for pair in moves if pair[0] != pair[1]) == sorted(effect.moves), "other dates moved"
    undecided = {one for one in old & new if _waits(after, one) and not _waits(before, one)}
    left = Counter((before.dates[one]["local_date"], len(before.live(one))) for one in undecided)
    assert left <= Counter(effect.leaves_booked), "a date waits for a decision that nobody announced"
    kept = {on for on, _facts in effect.stays_as_is}
    assert kept <= {before.dates[one]["local_date"] for one in old & new}, "a date that stays is gone"


def _same_people(effect: Effect, before: Seen, after: Seen) -> None:
    assert after.laid_since(before) == Counter(effect.told), "others are told than was said"
    changed = {one for one in before.dates.keys() & after.dates.keys() if _differs(before, after, one)}
    assert effect.dates == len(changed), "another number of dates changed"
    live = [booking for one in changed for booking in before.live(one)]
    assert effect.bookings == len(live)
    assert effect.people == len({booking["person_id"] for booking in live})


def _differs(before: Seen, after: Seen, one: str) -> bool:
    """Say whether a date that takes place looks otherwise to whoever comes or hosts."""
    was, now = before.dates[one], after.dates[one]
    if was["state"] is SessionState.CANCELLED or now["state"] is SessionState.CANCELLED or _waits(after, one):
        return False
    shown = any(was[name] != now[name] for name in (*SHOWN, "hosts"))
    return shown or any(_says(before, one, name) != _says(after, one, name) for name in _WORDS)


def _says(seen: Seen, one: str, name: str) -> str:
    return str(seen.dates[one][f"own_{name}"] or seen.series[name])


def _waits(seen: Seen, one: str) -> bool:
    row = seen.dates[one]
    own = row["own_facts"] or row["own_title"] or row["own_description"]
    return bool(row["differs"] and not own)


def as_reported(foreseen: Any, done: LoadReport | Refusal) -> Check:
    """Compare what the rehearsal of a file said with what its loading did."""

    def check(before: Seen, after: Seen) -> None:
        if isinstance(done, Refusal):
            assert type(foreseen) is type(done)
            assert before == after
            return
        old, new = before.dates.keys(), after.dates.keys()
        assert foreseen.report == done
        assert done.dates_added == len(new - old)
        assert done.dates_removed == len(old - new)
        assert done.dates_cancelled == len((after.cancelled & old) - before.cancelled)
        people = {(row["channel"], row["person_id"]) for one, row in after.messages.items()}
        people -= {(row["channel"], row["person_id"]) for row in before.messages.values()}
        assert sum(foreseen.told.values()) >= len(people)
        laid = after.laid_since(before)
        assert set(foreseen.told) == set(laid), "others are told than was said"

    return check


def as_counted(deed_id: int | Refusal | None, season: Season) -> Check:
    """Compare what the page counts as not told yet with the messages that lie there."""

    def check(before: Seen, after: Seen) -> None:
        if isinstance(deed_id, Refusal):
            assert before == after, "refused, and yet something changed"
        elif deed_id is not None and after.laid_since(before):
            waiting = {
                channel: each.waiting
                for channel, each in told.not_told(deed_id, season.now).by_channel.items()
                if each.waiting
            }
            queue = {one for one, row in after.bookings.items() if _is_on_the_list(row)}
            assert Counter(waiting) >= after.laid_since(before, without=queue)

    return check


def put_back(made: Seen, was: Seen, done: Refusal | None) -> Check:
    """Compare dates and bookings after an undoing with what they were before the deed."""

    def check(before: Seen, after: Seen) -> None:
        if done is not None:
            assert before == after, "refused, and yet something changed"
            return
        touched = set()
        for one in made.dates.keys() & was.dates.keys():
            # What the series has said since of other facts stands, and decides what is the date's own.
            names = [name for name in _PUT_BACK if made.dates[one][name] != was.dates[one][name]]
            touched |= {one} if names else set()
            back = all(after.dates[one][name] == was.dates[one][name] for name in names)
            assert back, "not put back"
        ids = {was.dates[one]["id"] for one in touched}
        for one, row in was.bookings.items():
            if row["session_id"] in ids and made.bookings[one] == before.bookings[one]:
                assert _is_as_it_was(row, after.bookings[one]), "a place was not put back"

    return check


def _is_as_it_was(was: Facts, now: Facts) -> bool:
    """Say whether a booking is what it was; whoever waits may have been asked, and waits again after that."""
    return was["state"] is now["state"] or (_is_on_the_list(was) and _is_on_the_list(now))


def _is_on_the_list(booking: Facts) -> bool:
    return booking["waits_since"] is not None and booking["state"] in _ON_THE_LIST


def hold(deed: str, before: Seen, after: Seen) -> None:
    """Look at everything that must be as it was, whatever was done."""
    for booking_id, row in before.bookings.items():
        assert booking_id in after.bookings, "a booking is gone"
        if deed in KIND_TO_BOOKINGS:
            assert _is_as_it_was(row, after.bookings[booking_id]), "a booking was ended"
    if deed != "undo":
        assert before.cancelled <= after.cancelled, "what was called off came back"
    if deed in GENTLE:
        _own_stays(before, after, is_exception=deed in ("except", "end"))
    _told_once(before, after)
    for row in after.dates.values():
        assert row["starts_at"] == to_instant(row["local_date"], row["start_time"]), "wall time moved"
        assert row["ends_at"] == to_instant(row["local_date"], row["end_time"]), "wall time moved"


def _own_stays(before: Seen, after: Seen, *, is_exception: bool) -> None:
    for one, row in before.dates.items():
        own = [*row["own_facts"].split(), *(f"own_{word}" for word in _WORDS if row[f"own_{word}"])]
        if one not in after.dates:
            # Only who leaves a date out by name takes away what somebody has put on it.
            assert is_exception or not own, "a date with facts of its own is gone"
            continue
        assert all(after.dates[one][name] == row[name] for name in own), "an own fact is gone"


def _told_once(before: Seen, after: Seen) -> None:
    new = [row for one, row in after.messages.items() if one not in before.messages]
    news = Counter((row["booking_id"], row["kind"] is MessageKind.SESSION_CHANGED) for row in new)
    assert all(many == 1 for many in news.values()), "told twice of one change"
