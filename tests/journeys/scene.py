"""A small season in which every kind of page has something to show: the day is 4 March 2026, noon."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import BrowserContext
from sqlalchemy import select

from booking import clock, create_app
from booking.db import db
from booking.messages.letters.links import (
    calendar_url,
    join_url,
    not_today_url,
    offer_url,
    proof_url,
    unsubscribe_url,
)
from booking.models import (
    Announcement,
    AuditEntry,
    Booking,
    Consent,
    EmergencyContact,
    EqualityAnswers,
    MailboxLetter,
    Message,
    MovementCheckIn,
    Person,
    QueueMove,
    Task,
)
from booking.models.kinds import (
    Access,
    Attendance,
    Audience,
    BookingState,
    Channel,
    Companions,
    ConsentHow,
    ConsentPurpose,
    Enrol,
    Flag,
    LinkPurpose,
    MessageKind,
    MessageState,
    Mode,
    Pool,
    Role,
    SessionState,
    TaskKind,
)
from booking.rules.wordings import current_version
from booking.services import calling_off, cover
from booking.services.steps import links
from tests.support.builders import Builders
from tests.support.databases import settings_for_tests

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
LONG = (
    "Carrie-Anne Featherstonehaugh-Llanfairpwllgwyngyll prefers a chair near the door, lip-reads, "
    "and would like somebody to meet her at the tram"
)


@dataclass
class Scene:
    """Who and what is there, by name: people and rows as ids, `keys` as words, links as paths."""

    app: Flask
    make: Builders
    ids: dict[str, int] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)

    def path(self, pattern: str) -> str:
        """Put ids and links into a pattern such as `/sessions/{soon}` or `{confirm}`."""
        return pattern.format(**(self.paths | {name: str(number) for name, number in self.ids.items()}))

    def sign_in(self, browser: BrowserContext, name: str, base_url: str) -> None:
        """Sign somebody in on a browser, as the emailed link would; "" is nobody."""
        if not name:
            return
        client = self.make.sign_in(self.app.test_client(), self.ids[name])
        with client.session_transaction() as cookie:
            signer = SecureCookieSessionInterface().get_signing_serializer(self.app)
            assert signer is not None
            value = str(signer.dumps(dict(cookie)))
        browser.add_cookies([{"name": "booking", "value": value, "url": base_url}])


@contextmanager
def at_noon() -> Iterator[None]:
    """Hold this process's clock at noon."""
    clock.set_source(lambda: NOON)
    try:
        yield
    finally:
        clock.set_source(None)


def set_the_scene(database_url: str) -> Scene:
    """Fill an empty database."""
    app = create_app(settings_for_tests(database_url))
    app.testing = True
    scene = Scene(app, Builders(app))
    for add in (
        _people,
        _her_words,
        _tea,
        _classes,
        _guests,
        _office_queue,
        _care,
        _to_do,
        _links,
        _letters,
        _called_off,
        _written_to_all,
        _cover,
    ):
        add(scene)
    return scene


def _people(scene: Scene) -> None:
    make, ids = scene.make, scene.ids
    ids["Ann"] = make.person("Ann", full_name="Ann O'Neill", phone="07700 900123", access_needs="Lip-reads")
    ids["Ben"] = make.person("Ben", email="shared@example.org", full_name="Ben Müller")
    ids["Bea"] = make.person("Bea", email="shared@example.org", access_needs=LONG)
    ids["Fay"], ids["Ada"] = make.facilitator("Fay"), make.admin("Ada")
    ids["Sal"] = make.person("Sal", roles=(Role.SAFEGUARDING,))
    # Fay may have an authenticator app, and has none yet.
    for name in ("Ada", "Sal"):
        make.second_factor(ids[name])
    ids["Gwen"] = make.person("Gwen", email=None, phone="07700 900456", full_name="Gwenllïan Ŵyn")
    ids["hall"] = make.venue("Friends' Meeting House", step_free=Access.YES, parking=Access.NO)


def _her_words(scene: Scene) -> None:
    """Ann has said a little about herself, and agreed to two things."""
    ann: dict[str, Any] = {"person_id": scene.ids["Ann"]}
    with scene.app.app_context():
        for purpose in (ConsentPurpose.KEEP_DETAILS, ConsentPurpose.PHOTOS):
            said = {"wording_version": current_version(purpose), "how": ConsentHow.WEB, "given_at": NOON}
            db.session.add(Consent(purpose=purpose, **said, **ann))
        whom = {"name": "Máire O'Neill", "phone": "07700 900789", "saved_at": NOON}
        db.session.add(EmergencyContact(**whom, **ann))
        db.session.add(EqualityAnswers(age_band="45-54", saved_at=NOON, **ann))
        db.session.commit()


def _tea(scene: Scene) -> None:
    make, ids = scene.make, scene.ids
    words = "Come and go as you like.\n\nThere is cake, and nobody has to talk."
    tea = make.series(key="manchester", description=words, mode=Mode.HYBRID, companions=Companions.ALWAYS)
    make.programme("Wellbeing classes", key="wellbeing", tone="class", facilitator_word="tutor")
    ids["tea"] = tea
    ids["soon"] = make.session(tea, starts_in=timedelta(minutes=10), led_by=(ids["Fay"],))
    ids["later"] = make.session(tea, starts_in=timedelta(days=28), led_by=(ids["Fay"],))
    ids["past"] = make.session(tea, starts_in=timedelta(days=-7), led_by=(ids["Fay"],))
    off: dict[str, Any] = {
        "state": SessionState.CANCELLED,
        "public_reason": "The host is unwell, and nobody could cover.",
    }
    ids["cancelled"] = make.session(tea, starts_in=timedelta(days=1), cancelled_at=NOON, **off)


def _classes(scene: Scene) -> None:
    make, ids = scene.make, scene.ids
    classes: dict[str, Any] = {"programme_id": make.programme("Wellbeing classes"), "mode": Mode.ONLINE}
    yoga = make.series("Chair yoga", key="yoga", audience=Audience.PATIENTS, places_online=1, **classes)
    ids["full"] = make.session(yoga, starts_in=timedelta(days=3))
    ids["free"] = make.session(yoga, starts_in=timedelta(days=2), led_by=(ids["Fay"],))
    moving = make.series("Gentle yoga", key="moving", movement_check=True, **classes)
    ids["yoga"] = make.session(moving, starts_in=timedelta(hours=2), led_by=(ids["Fay"],))
    art = make.series("Art for everyone", key="art", enrol=Enrol.COURSE, **classes)
    ids["art"] = art
    ids["course"] = make.session(art, starts_in=timedelta(days=5))
    make.session(art, starts_in=timedelta(days=12))
    ids["retreat"] = make.listing(NOON.date() + timedelta(days=4), place="Lakeside House, Windermere")


def _guests(scene: Scene) -> None:
    make, ids = scene.make, scene.ids
    ids["anns"] = make.booking(ids["soon"], ids["Ann"], pool=Pool.ONLINE)
    ids["anns_later"] = make.booking(ids["later"], ids["Ann"])
    _course(scene)
    make.booking(ids["full"], ids["Ada"])
    _queue(scene)
    make.booking(ids["soon"], ids["Bea"])
    for name in ("Bea", "Ben"):
        ids[f"{name}s_yoga"] = make.booking(ids["yoga"], ids[name])
    gwens = make.booking(ids["soon"], ids["Gwen"], attendance=Attendance.CAME)
    make.booking(ids["past"], ids["Ann"], attendance=Attendance.CAME)
    make.booking(ids["past"], ids["Ben"])
    make.booking(ids["past"], None, walk_in_name="Kim", attendance=Attendance.WALKED_IN)
    ids["gwens_past"] = make.booking(ids["past"], ids["Gwen"], state=BookingState.GIVEN_UP)
    _message(scene, "call", booking_id=gwens, person_id=ids["Gwen"], channel=Channel.CALL)
    failed = {"state": MessageState.FAILED, "attempts": 3, "why": "550 no such mailbox"}
    _message(scene, "failed", booking_id=ids["anns"], person_id=ids["Ann"], channel=Channel.EMAIL, **failed)
    paper = {"booking_id": ids["anns_later"], "person_id": ids["Ann"], "channel": Channel.POST}
    _message(scene, "paper", **paper)


def _office_queue(scene: Scene) -> None:
    """Three wait for gentle yoga: one is asked, one was moved up, and one waited last week in vain."""
    make, ids = scene.make, scene.ids
    few: dict[str, Any] = {"places_online": 2, "starts_in": timedelta(days=9)}
    ids["waited_for"] = make.session(make.series_of(ids["yoga"]), uid="waited-for", **few)
    make.booking(ids["waited_for"], ids["Fay"])
    facts = {
        "Bea": {"state": BookingState.OFFERED, "held_until": NOON + timedelta(hours=24), "times_offered": 1},
        "Gwen": {"state": BookingState.WAITING, "tells_late": True},
        "Ben": {"state": BookingState.WAITING, "rests": True, "times_offered": 1},
    }
    for minutes, (name, said) in enumerate(facts.items()):
        since = NOON - timedelta(days=2, minutes=-minutes)
        waits = {"waits_since": since, "queue_at": since, **said}
        gwens = make.booking(ids["waited_for"], ids[name], **waits)
        if name == "Gwen":
            moved = {"booking_id": gwens, "moved_by": ids["Ada"], "moved_at": NOON, "was_at": since}
    past = {"state": BookingState.EXPIRED, "waits_since": NOON - timedelta(days=9)}
    make.booking(ids["past"], ids["Bea"], **past)
    with scene.app.app_context():
        db.session.add(QueueMove(reason="It is her last week before the operation.", **moved))
        db.session.commit()


def _queue(scene: Scene) -> None:
    """Ann waits for a full class, and a place of another one is kept for Bea, who waited for it."""
    make, ids = scene.make, scene.ids
    since: dict[str, Any] = {"waits_since": NOON, "queue_at": NOON, "pool": Pool.ONLINE}
    ids["anns_turn"] = make.booking(ids["full"], ids["Ann"], state=BookingState.WAITING, **since)
    evening = make.series("Chair yoga in the evening", mode=Mode.ONLINE, places_online=1)
    kept = make.session(evening, starts_in=timedelta(days=9))
    until = NOON + timedelta(days=1)
    ids["beas_offer"] = make.booking(
        kept, ids["Bea"], state=BookingState.OFFERED, held_until=until, times_offered=1, **since
    )


def _course(scene: Scene) -> None:
    """Ann is on a course of three weeks, and skips the second."""
    make, ids = scene.make, scene.ids
    weeks = make.course(3, title="Writing for pleasure", key="writing", first_in=timedelta(days=6))
    ids["anns_course"] = make.enrolment(make.series_of(weeks[0]), ids["Ann"])
    for week, state in zip(
        weeks, (BookingState.BOOKED, BookingState.GIVEN_UP, BookingState.BOOKED), strict=True
    ):
        make.booking(week, ids["Ann"], state=state, enrolment_id=ids["anns_course"])


def _care(scene: Scene) -> None:
    """Bea answered about moving, Fay looked at how to reach Ann, and the office would speak with Fay."""
    ids, all_flags = scene.ids, ",".join(Flag)
    looked = {"action": "contact details revealed", "subject": f"person:{ids['Ann']}"}
    with scene.app.app_context():
        db.session.add_all(
            [
                MovementCheckIn(person_id=ids["Bea"], flags=all_flags, wants_call=True, answered_at=NOON),
                AuditEntry(at=NOON, actor_id=ids["Fay"], fields=f"session:{ids['past']}", **looked),
                Task(kind=TaskKind.SPEAK_WITH_OFFICE, for_person_id=ids["Fay"], created_at=NOON),
            ]
        )
        db.session.commit()


def _message(scene: Scene, key: str, **facts: object) -> None:
    values: dict[str, Any] = {
        "kind": MessageKind.BOOKED,
        "dedupe_key": key,
        "message_id": f"<{key}@example.org>",
    }
    with scene.app.app_context():
        values |= {"created_at": NOON, "due_at": NOON, "schedule_version": 1}
        made = Message(**(values | facts))
        db.session.add(made)
        db.session.commit()
        scene.ids[f"message_{key}"] = made.id


def _to_do(scene: Scene) -> None:
    """Every kind of task waits in the office, and one was done this morning."""
    make, ids = scene.make, scene.ids
    pia = make.person("Pia", status="unproven", email=None, phone="07700 900321")
    until = NOON + timedelta(hours=24)
    held = make.booking(ids["later"], pia, state=BookingState.HELD, held_until=until)
    bath = make.series("Tea & A Chat Bath", key="bath", welcome_call=True)
    new_date = make.session(bath, starts_in=timedelta(days=15))
    kept = make.booking(
        new_date, ids["Ann"], state=BookingState.PROVISIONAL, party_size=2, companion_name="Jo"
    )
    facts: dict[TaskKind, dict[str, Any]] = {
        TaskKind.CALL_NEWCOMER: {"person_id": pia, "booking_id": held},
        TaskKind.WELCOME_CALL: {"person_id": ids["Ann"], "booking_id": kept, "series_id": bath},
        TaskKind.CONSENT_WITHDRAWN: {"person_id": ids["Bea"]},
        TaskKind.MOVEMENT_CALL: {"person_id": ids["Ann"]},
        TaskKind.DEATH_REPORTED: {"words": f"Mair Example\n{LONG}", "reply_to": "Kim, 07700 900654"},
        TaskKind.COMPLAINT: {"person_id": ids["Ben"], "words": LONG, "due_on": date(2026, 3, 2)},
        TaskKind.SPEAK_WITH_OFFICE: {"person_id": ids["Ben"], "for_person_id": ids["Fay"]},
    }
    with scene.app.app_context():
        for kind, about in facts.items():
            db.session.add(Task(kind=kind, created_at=NOON, **about))
        done = {"settled_at": NOON, "settled_by": ids["Ada"], "words": "Answered by phone."}
        db.session.add(Task(kind=TaskKind.COMPLAINT, created_at=NOON - timedelta(days=3), **done))
        db.session.commit()


def _links(scene: Scene) -> None:
    """Make one link of each kind; an address that two people share asks who is reading."""
    make, ids = scene.make, scene.ids
    newcomer = make.person("Nia", status="unproven", email="nia@example.org")
    with scene.app.app_context():
        confirm = links.make(LinkPurpose.CONFIRM_EMAIL, "nia@example.org", "/my-sessions", NOON, newcomer)
        shared = links.make(LinkPurpose.SIGN_IN, "shared@example.org", "/my-sessions", NOON)
        alone = links.make(LinkPurpose.SIGN_IN, "ann@example.org", "/my-sessions", NOON)
        change = links.make(LinkPurpose.CHANGE_EMAIL, "ann.oneill@example.org", "", NOON, ids["Ann"])
        db.session.commit()
        anns, later = (db.session.get_one(Booking, ids[name]) for name in ("anns", "anns_later"))
        urls = {"confirm": proof_url(confirm), "shared": proof_url(shared), "alone": proof_url(alone)}
        urls |= {"change_email": proof_url(change)}
        gone, early = (db.session.get_one(Booking, ids[name]) for name in ("gwens_past", "Bens_yoga"))
        urls |= {"not_today": not_today_url(later), "not_today_given": not_today_url(gone)}
        urls |= {"offered_from_list": offer_url(db.session.get_one(Booking, ids["beas_offer"]))}
        urls |= {"join_early": join_url(early)}
        urls |= _stops(ids)
        urls |= {"join": join_url(anns), "nothing_to_join": join_url(later), "ics": calendar_url(anns)}
    scene.paths |= {name: urlsplit(url).path for name, url in urls.items()}


def _stops(ids: dict[str, int]) -> dict[str, str]:
    """Return the links that stop reminders and news; Bea wants no news, so hers has nothing left to stop."""
    ann, bea = (db.session.get_one(Person, ids[name]) for name in ("Ann", "Bea"))
    ann.wants_news = True
    db.session.commit()
    urls = {"stop_reminders": unsubscribe_url(ann, "reminders"), "stop_news": unsubscribe_url(ann, "news")}
    return urls | {"stopped": unsubscribe_url(bea, "news")}


def _written_to_all(scene: Scene) -> None:
    """Fay wrote to everybody of a date, and the office sent news; some of it has not left yet."""
    ids, words = scene.ids, "The lift is out of order.\n\nPlease use the side door."
    for session_id, author, heading in ((ids["soon"], ids["Fay"], ""), (None, ids["Ada"], "A choir")):
        with scene.app.app_context():
            said: dict[str, Any] = {"session_id": session_id, "author_id": author, "heading": heading}
            one = Announcement(words=words, people=3, created_at=NOON, **said)
            db.session.add(one)
            db.session.commit()
            kind = MessageKind.ANNOUNCEMENT if session_id else MessageKind.NEWS
            to_go = {"announcement_id": one.id, "due_at": NOON + timedelta(days=1), "kind": kind}
        _message(scene, f"to-all-{kind}", person_id=ids["Ann"], channel=Channel.EMAIL, **to_go)


def _called_off(scene: Scene) -> None:
    """A date in Glasgow is cancelled: Ann is kept another place, and Gwen waits for her call."""
    make, ids = scene.make, scene.ids
    glasgow = make.series("Tea & A Chat Glasgow")
    off = make.session(glasgow, starts_in=timedelta(days=12), led_by=(ids["Fay"],))
    make.session(glasgow, starts_in=timedelta(days=40))
    for name in ("Ann", "Gwen"):
        make.booking(off, ids[name])
    with scene.app.app_context():
        ids["deed"] = calling_off.cancel_sessions([off], "The room can't be used that day", ids["Ada"], NOON)
        offered = select(Booking).where(Booking.instead_of_id.is_not(None), Booking.person_id == ids["Ann"])
        scene.paths["offer"] = urlsplit(offer_url(db.session.scalars(offered).one())).path


def _cover(scene: Scene) -> None:
    """Gil can't host in Leeds, and Fay can't host there the week after; a register was never taken."""
    make, ids = scene.make, scene.ids
    leeds, gil = make.series("Tea & A Chat Leeds"), make.facilitator("Gil")
    for days, host in ((16, gil), (23, ids["Fay"])):
        session = make.session(leeds, starts_in=timedelta(days=days), led_by=(host,))
        with scene.app.app_context():
            cover.cannot_host(session, host, NOON)
    with scene.app.app_context():
        missing = {"session_id": ids["past"], "created_at": NOON}
        db.session.add(Task(kind=TaskKind.REGISTER_MISSING, **missing))
        db.session.commit()


def _letters(scene: Scene) -> None:
    long_address = f"a-very-long-address-of-{'somebody-' * 6}indeed@example.org"
    words = {
        "subject": "Your place",
        "text": "Hello Ann,\n\nhttp://127.0.0.1/my-sessions",
        "html": "<p>Hi</p>",
    }
    with scene.app.app_context():
        letter = MailboxLetter(recipient=long_address, source=b"Subject: Hi\n\nHi", sent_at=NOON, **words)
        db.session.add(letter)
        db.session.commit()
        scene.ids["letter"] = letter.id
