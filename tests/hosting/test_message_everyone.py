"""A host writes once, and each person of her date gets a message of her own."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from booking import clock
from booking.db import db
from booking.messages.letters import Letter, NoLongerTrue, compose_now
from booking.models import Announcement, AuditEntry, Booking, ContactPoint, Message, Person, ScheduledSession
from booking.models.kinds import BookingState, Channel, ContactKind, PersonStatus, SessionState
from booking.queries import announcements as asked
from booking.refusals import (
    AllHaveLeft,
    EnoughForToday,
    MeetingAddressInside,
    NobodyMeetsAnyMore,
    NobodyToWriteTo,
    NotFound,
    SaidJustNow,
)
from booking.rules.announcements import gives_away, names_in, paragraphs
from booking.services import announcements
from tests.hosting.scene import Scene
from tests.support.pages import after, rows, send, words, write

# Pages and words differ by no database.
ONE_IS_ENOUGH = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SAID = "The lift is out of order.\nPlease use the side door.\n\nBring a cushion if you like."


def here(scene: Scene) -> str:
    return f"/host/sessions/{scene.session}/message"


def tell(scene: Scene, said: str = SAID, **facts: Any) -> int:
    """Let Fay write to everybody of her date."""
    found: int = scene.do(announcements.message_everyone, scene.session, said, scene.fay, scene.now, **facts)
    return found


def laid(scene: Scene) -> list[tuple[int, str, str]]:
    """Return for whom messages lie in the tray, by which channel, in which state."""
    found = select(Message.person_id, Message.channel, Message.state).order_by(Message.id)
    return rows(scene.app, found)


def letter(scene: Scene, person_id: int) -> Any:
    """Write the letter that one person is to get."""
    (message_id,) = rows(scene.app, select(Message.id).where(Message.person_id == person_id))
    return scene.do(compose_now, message_id, scene.now)


def change(scene: Scene, row: type[Any], row_id: int, **facts: Any) -> None:
    write(scene.app, db.update(row).where(row.id == row_id).values(facts))


def test_a_host_writes_once_and_each_person_gets_a_message_of_her_own(scene: Scene) -> None:
    tell(scene)

    assert laid(scene) == [(scene.ann, "email", "waiting"), (scene.ben, "email", "waiting")]
    hers, his = letter(scene, scene.ann), letter(scene, scene.ben)
    assert (hers.recipient, his.recipient) == ("ann@example.org", "ben@example.org")
    assert "Fay, who hosts it, writes:" in hers.text
    assert "Please use the side door." in hers.text
    assert "ben" not in (hers.text + hers.html).lower()
    assert hers.reply_to == "help@example.org"


def test_she_writes_looks_and_sends(scene: Scene) -> None:
    fay = scene.as_host()
    looked = send(fay, here(scene), words=SAID, step="look")

    assert "It goes to 2 people." in words(looked)
    assert "Please use the side door." in words(looked)
    assert "Ben" not in words(looked)
    assert laid(scene) == []
    assert "Sent. Each person gets a message of their own" in after(
        fay, send(fay, here(scene), words=SAID, step="send")
    )
    assert len(laid(scene)) == 2


@ONE_IS_ENOUGH
def test_the_page_of_her_date_leads_there(scene: Scene) -> None:
    page = scene.as_host().get(f"/host/sessions/{scene.session}")
    assert "Message everyone" in words(page)
    assert f'href="{here(scene)}"' in page.text


@ONE_IS_ENOUGH
def test_what_she_wrote_is_kept_while_she_looks_and_changes_it(scene: Scene) -> None:
    fay = scene.as_host()
    looked = send(fay, here(scene), words=SAID, step="look")
    assert 'name="words" value="The lift is out of order.\nPlease' in looked.text
    assert "Bring a cushion if you like." in send(fay, here(scene), words=SAID, step="change").text


@ONE_IS_ENOUGH
@pytest.mark.parametrize("said", ["", "  \r\n ", "x" * 3001])
def test_nothing_and_too_much_are_asked_for_again(scene: Scene, said: str) -> None:
    answer = send(scene.as_host(), here(scene), words=said, step="send")

    assert answer.status_code == 422
    assert '<a href="#words">' in answer.text
    assert laid(scene) == []


@ONE_IS_ENOUGH
def test_somebody_who_has_to_be_called_is_a_call_with_the_words(scene: Scene) -> None:
    cat = scene.make.person("Cat", email=None, phone="020 7946 0123")
    scene.make.booking(scene.session, cat)
    looked = send(scene.as_host(), here(scene), words=SAID, step="look")

    assert "It goes to 3 people. 1 of them has to be called: the office does that." in words(looked)
    tell(scene)
    assert (cat, "call", "waiting") in laid(scene)


def test_the_look_counts_as_the_tray_does(scene: Scene) -> None:
    ways: list[dict[str, Any]] = [
        {"channel": Channel.POST},
        {"channel": Channel.TEXT, "phone": "07700 900123"},
        {"channel": Channel.TEXT, "email": None, "phone": "07700 900124"},
        {"status": PersonStatus.PAUSED},
        {"channel": Channel.CALL, "phone": "020 7946 0123"},
    ]
    for number, facts in enumerate(ways):
        scene.make.booking(scene.session, scene.make.person(f"Guest{number}", **facts))
    counted = scene.do(asked.audience, scene.session, False, scene.now)

    tell(scene)
    laid_by = [channel for _person, channel, _state in laid(scene)]
    assert (counted.people, counted.calls, counted.by_post) == (7, 3, 1)
    assert (len(laid_by), laid_by.count("call"), laid_by.count("post")) == (7, 3, 1)
    assert "text" not in laid_by


@ONE_IS_ENOUGH
@pytest.mark.parametrize(
    "status", [PersonStatus.DIED, PersonStatus.CLOSED, PersonStatus.MERGED, PersonStatus.UNPROVEN]
)
def test_nothing_is_laid_for_whoever_must_not_be_written_to(scene: Scene, status: PersonStatus) -> None:
    change(scene, Person, scene.ben, status=status)
    tell(scene)
    assert [person for person, _channel, _state in laid(scene)] == [scene.ann]


def test_those_who_wait_hear_of_it_only_when_that_was_ticked(scene: Scene) -> None:
    change(scene, Booking, scene.bens, state=BookingState.WAITING)
    tell(scene)
    assert [person for person, _channel, _state in laid(scene)] == [scene.ann]
    tell(scene, "Something else.", includes_waiting=True)
    assert [person for person, _channel, _state in laid(scene)] == [scene.ann, scene.ann, scene.ben]
    assert isinstance(letter(scene, scene.ben), Letter)


def test_pressed_twice_it_is_sent_once_and_she_reads_when(scene: Scene) -> None:
    fay = scene.as_host()
    for said in ("Sent. Each person gets", "You sent these words at 1:20pm, and nobody gets them twice."):
        answer = send(fay, here(scene), words=SAID, step="send")
        assert said in after(fay, answer)
    assert len(laid(scene)) == 2
    with pytest.raises(SaidJustNow):
        tell(scene)


def test_the_same_words_reach_those_who_wait_when_that_is_ticked_afterwards(scene: Scene) -> None:
    change(scene, Booking, scene.bens, state=BookingState.WAITING)
    first = tell(scene)
    assert tell(scene, includes_waiting=True) == first
    assert [person for person, _channel, _state in laid(scene)] == [scene.ann, scene.ben]
    for ticked in (True, False):
        with pytest.raises(SaidJustNow):
            tell(scene, includes_waiting=ticked)
    assert rows(scene.app, select(Announcement.people, Announcement.includes_waiting)) == [(2, True)]


@ONE_IS_ENOUGH
def test_after_three_in_a_day_she_is_asked_to_call_and_loses_no_word(
    scene: Scene, clock_at: Callable[[str], datetime]
) -> None:
    for said in ("One.", "Two.", "Three."):
        tell(scene, said)
    answer = send(scene.as_host(), here(scene), words="Four.", step="send")

    assert answer.status_code == 422
    assert "three times within a day" in words(answer)
    assert "Four." in answer.text
    gil = scene.joins("Gil")
    assert scene.do(announcements.message_everyone, scene.session, "Five.", gil, scene.now)


@ONE_IS_ENOUGH
@pytest.mark.parametrize("path", ["message", "message?step=look"])
def test_another_hosts_date_is_not_there(scene: Scene, path: str) -> None:
    gil = scene.as_host(scene.make.facilitator("Gil"))
    assert gil.get(f"/host/sessions/{scene.session}/{path}").status_code == 404
    with pytest.raises(NotFound):
        scene.do(announcements.message_everyone, scene.session, SAID, scene.ann, scene.now)
    assert laid(scene) == []


def test_what_is_cancelled_or_over_is_not_written_about(
    scene: Scene, clock_at: Callable[[str], datetime]
) -> None:
    change(scene, ScheduledSession, scene.session, state=SessionState.CANCELLED)
    with pytest.raises(NobodyMeetsAnyMore):
        tell(scene)
    change(scene, ScheduledSession, scene.session, state=SessionState.PUBLISHED)
    clock_at("2026-11-25T17:00+00:00")
    with pytest.raises(NobodyMeetsAnyMore):
        tell(scene)
    assert "over or does not take place" in words(scene.as_host().get(here(scene)))


@ONE_IS_ENOUGH
def test_a_date_without_anybody_has_nobody_to_write_to(scene: Scene) -> None:
    empty = scene.today()
    with pytest.raises(NobodyToWriteTo):
        scene.do(announcements.message_everyone, empty, SAID, scene.fay, scene.now)
    page = send(scene.as_host(), f"/host/sessions/{empty}/message", words=SAID, step="look")
    assert "Nobody would get it just now" in words(page)
    assert 'value="send"' not in page.text


@ONE_IS_ENOUGH
def test_the_meetings_own_address_stays_out_of_it(scene: Scene) -> None:
    change(scene, ScheduledSession, scene.session, meeting_url="https://meet.example.org/raw-secret")
    said = "Come to MEET.example.org/raw-secret please"
    with pytest.raises(MeetingAddressInside):
        tell(scene, said)
    answer = send(scene.as_host(), here(scene), words=said, step="send")
    assert '<a href="#words">' in answer.text


@ONE_IS_ENOUGH
def test_a_name_from_the_list_is_pointed_out_before_it_is_sent(scene: Scene) -> None:
    said = "Ann can't come today. Your Fay"
    looked = words(send(scene.as_host(), here(scene), words=said, step="look"))
    assert "“Ann” stands in your words and on the list." in looked
    assert "“Fay”" not in looked


@ONE_IS_ENOUGH
@pytest.mark.parametrize(
    ("row", "facts", "why"),
    [
        (Booking, {"state": BookingState.GIVEN_UP}, "no place any more"),
        (Person, {"status": PersonStatus.DIED}, "not to be written to"),
        (ScheduledSession, {"state": SessionState.CANCELLED}, "does not take place"),
        (Announcement, {"words": ""}, "taken back"),
    ],
)
def test_what_is_no_longer_true_as_it_leaves_is_set_aside(
    scene: Scene, row: type[Any], facts: dict[str, Any], why: str
) -> None:
    said = tell(scene)
    ids = {Booking: scene.anns, Person: scene.ann, ScheduledSession: scene.session, Announcement: said}
    change(scene, row, ids[row], **facts)
    assert letter(scene, scene.ann) == NoLongerTrue(why)


@ONE_IS_ENOUGH
def test_neither_subject_nor_the_first_words_hold_what_she_wrote(scene: Scene) -> None:
    change(scene, Person, scene.ann, known_as="")
    tell(scene, "breast cancer")
    hers = letter(scene, scene.ann)
    assert "breast" in hers.text
    assert "breast" not in hers.subject
    assert hers.text.index("breast") > 150
    assert hers.short == ""


@ONE_IS_ENOUGH
def test_far_away_it_waits_for_the_morning_and_near_the_start_it_goes_at_once(
    scene: Scene, clock_at: Callable[[str], datetime]
) -> None:
    night = clock_at("2026-11-24T22:00+00:00")
    tell(scene)
    later = scene.make.session(scene.series, starts_in=timedelta(days=5), led_by=(scene.fay,))
    scene.make.booking(later, scene.ann)
    scene.do(announcements.message_everyone, later, SAID, scene.fay, night)

    due = rows(scene.app, select(Message.due_at).order_by(Message.id))
    assert due == [night, night, datetime.fromisoformat("2026-11-25T08:00+00:00")]


def test_what_has_not_left_is_taken_back_by_whoever_wrote_it(scene: Scene) -> None:
    said, fay = tell(scene), scene.as_host()
    change(scene, Message, 1, state="sent")
    answer = send(fay, f"/host/messages/{said}/take-back", page=here(scene))

    assert "1 message is taken back." in after(fay, answer)
    assert [state for _person, _channel, state in laid(scene)] == ["sent", "withdrawn"]
    with pytest.raises(AllHaveLeft):
        scene.do(announcements.withdraw, said, scene.fay, scene.now)


def test_nobody_takes_back_what_another_host_wrote(scene: Scene) -> None:
    said, gil = tell(scene), scene.as_host(scene.joins("Gil"))
    assert "Take back" not in words(gil.get(here(scene)))
    assert send(gil, f"/host/messages/{said}/take-back", page=here(scene)).status_code == 404
    with pytest.raises(NotFound):
        scene.do(announcements.withdraw, said + 1, scene.fay, scene.now)
    assert [state for _person, _channel, state in laid(scene)] == ["waiting", "waiting"]


@ONE_IS_ENOUGH
def test_the_audit_says_who_wrote_and_none_of_the_words(scene: Scene) -> None:
    said = tell(scene)
    assert ("message to everyone", f"session:{scene.session}", scene.fay) in scene.audited()
    (fields,) = rows(scene.app, select(AuditEntry.fields))
    assert fields == f"announcement:{said}"


def test_a_hundred_people_are_a_hundred_messages_to_one_each(scene: Scene) -> None:
    for number in range(98):
        scene.make.booking(scene.session, scene.make.person(f"Guest{number}"))
    tell(scene)
    to = select(func.count(), func.count(func.distinct(Message.recipient))).select_from(Message)
    assert rows(scene.app, to) == [(100, 100)]
    many = select(Message.recipient).where(Message.recipient.contains(","))
    assert rows(scene.app, many) == []


@ONE_IS_ENOUGH
def test_an_address_that_nobody_has_proven_is_called_instead(scene: Scene) -> None:
    hers = ContactPoint.person_id == scene.ann
    write(scene.app, db.update(ContactPoint).where(hers).values(proven_at=None))
    tell(scene)
    assert (scene.ann, "call", "waiting") in laid(scene)
    assert rows(scene.app, select(ContactPoint.kind).where(hers)) == [ContactKind.EMAIL]


def test_names_are_found_whole_and_addresses_without_their_scheme() -> None:
    assert names_in("Dear Ann, Annie and Jo.", ["Ann", "Jo", "An", "A", ""]) == ["Ann", "Jo"]
    assert gives_away("see Meet.example/x", "https://www.meet.example/x/")
    assert not gives_away("see you", "")
    assert paragraphs("one\ntwo\n\nthree") == [["one", "two"], ["three"]]


def test_a_fourth_message_tomorrow_is_fine(scene: Scene, clock_at: Callable[[str], datetime]) -> None:
    later = scene.make.session(scene.series, starts_in=timedelta(days=5), led_by=(scene.fay,))
    scene.make.booking(later, scene.ann)
    for said in ("One.", "Two.", "Three."):
        scene.do(announcements.message_everyone, later, said, scene.fay, clock.now())
    with pytest.raises(EnoughForToday):
        scene.do(announcements.message_everyone, later, "Four.", scene.fay, clock.now())
    tomorrow = clock_at("2026-11-26T13:21+00:00")
    assert scene.do(announcements.message_everyone, later, "Four.", scene.fay, tomorrow)
