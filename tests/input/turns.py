"""Turns on a waiting list, weeks of a course, and what was written to all, for every address there is."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from booking import clock
from booking.db import db
from booking.models import Announcement, LetterWording, Message
from booking.models.kinds import BookingState, Channel, MessageKind, Pool

if TYPE_CHECKING:
    from tests.input.place import Place


def written_to_all(place: "Place") -> None:
    """Fay wrote to everybody of her date, and the office sent news: some of it has not left yet."""
    now, session_id = clock.now(), int(place.known["session_id"])
    written = (("hosting.", "fay", session_id), ("office.", "ada", None))
    with place.app.app_context():
        for room, author, about in written:
            said: dict[str, Any] = {"session_id": about, "author_id": place.people[author], "created_at": now}
            one = Announcement(words="The side door is open.", heading="", people=1, **said)
            db.session.add(one)
            db.session.flush()
            place.known[f"{room}take_message_back announcement_id"] = str(one.id)
            key, due_at = f"to-all-{one.id}", now + timedelta(days=1)
            kind = MessageKind.ANNOUNCEMENT if about else MessageKind.NEWS
            facts = {"kind": kind, "channel": Channel.EMAIL, "message_id": f"<{key}@example.org>"}
            facts |= {"person_id": place.people["ann"], "announcement_id": one.id, "dedupe_key": key}
            db.session.add(Message(created_at=now, due_at=due_at, **facts))
        db.session.commit()


def office_words(place: "Place") -> None:
    """Ada wrote the words of reminders twice, so that the first ones can count again."""
    with place.app.app_context():
        for version in (1, 2):
            words = {"subject": f"Soon: {{name}} ({version})", "opening": "See you on {day}."}
            saved: dict[str, Any] = {"wording_version": version, "saved_at": clock.now()}
            saved |= {"kind": MessageKind.REMINDER, "saved_by": place.people["ada"]}
            db.session.add(LetterWording(**words, **saved))
        db.session.commit()


def queue(place: "Place") -> None:
    """Ann waits for a full session; another full one is for anybody to wait for."""
    make, series = place.make, place.make.series("Full tea", places_room=1)
    full, another = make.session(series), make.session(series, starts_in=timedelta(days=20))
    for session_id in (full, another):
        make.booking(session_id, place.people["ben"])
    since: dict[str, Any] = {"waits_since": clock.now(), "queue_at": clock.now()}
    waits = str(make.booking(full, place.people["ann"], state=BookingState.WAITING, **since))
    place.known["bookings.join_waiting_list session_id"] = str(another)
    place.known["bookings.change_wait booking_id"] = waits
    place.known["bookings.leave_waiting_list booking_id"] = waits


def stuck(place: "Place") -> None:
    """Somebody else than Ann said that she can't get into Fay's meeting: Ann can still say so herself."""
    place.make.booking(
        int(place.known["session_id"]), place.make.person("Zoe"), pool=Pool.ONLINE, stuck_at=clock.now()
    )


def course(place: "Place") -> None:
    """Ann is on a course of which she skipped the second week; another one is for anybody to book."""
    make, ann = place.make, place.people["ann"]
    weeks = make.course(3, key="course")
    enrolment = make.enrolment(make.series_of(weeks[0]), ann)
    states = (BookingState.BOOKED, BookingState.GIVEN_UP, BookingState.BOOKED)
    hers = [
        make.booking(week, ann, state=state, enrolment_id=enrolment)
        for week, state in zip(weeks, states, strict=True)
    ]
    place.known["enrolment_id"] = str(enrolment)
    place.known["bookings.skip_week booking_id"] = str(hers[0])
    place.known["bookings.come_after_all session_id"] = str(weeks[1])
    place.known["bookings.course series_id"] = str(make.series_of(make.course(2)[0]))
    full = make.course(2, key="full-course", places_room=1)
    for week in full:
        make.booking(week, place.people["ben"])
    place.known["bookings.wait_for_course series_id"] = str(make.series_of(full[0]))
    place.also += ["/series/course", "/series/full-course"]


def office_queue(place: "Place") -> None:
    """Two wait for York, where the only place is taken: the second may be moved up."""
    make, since = place.make, clock.now() - timedelta(days=1)
    york = make.session(make.series("Tea & A Chat York"), starts_in=timedelta(days=9), places_room=1)
    make.booking(york, make.person("Val"))
    facts = {"state": BookingState.WAITING, "waits_since": since, "queue_at": since}
    first, _second = (make.booking(york, make.person(name), **facts) for name in ("Wyn", "Xia"))
    place.known |= {"office.waiting session_id": str(york), "office.take_off booking_id": str(first)}
    place.also += ["/office/demand/rows?counted=still_waits&weekday=4&hour=12"]
