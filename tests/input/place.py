"""A place in which every form of the service stands on some page, for somebody."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking import clock
from booking.db import Base, db, transaction
from booking.messages.letters.links import (
    calendar_url,
    join_url,
    not_today_url,
    offer_url,
    proof_code,
    proof_url,
    unsubscribe_url,
)
from booking.models import (
    Booking,
    Consent,
    EmailLink,
    EmergencyContact,
    EqualityAnswers,
    MailboxLetter,
    Message,
    MovementCheckIn,
    Person,
    Task,
    VenuePhoto,
)
from booking.models.kinds import (
    BookingState,
    CallOutcome,
    Channel,
    Companions,
    ConsentHow,
    ConsentPurpose,
    LinkPurpose,
    MessageKind,
    MessageState,
    Mode,
    Pool,
    SessionState,
    TaskKind,
)
from booking.queries.feeds import token_of
from booking.services import calling_off, cover, deaths, feeds, merging, tasks
from booking.services.steps import links
from tests.input import turns
from tests.support.builders import Builders

# Who looks at the pages. "waiting" is a stranger whose browser waits for a code, "ben" has paused his
# letters, "fay" has an authenticator app and "gil" has none, "before" is Ada who has not shown hers yet.
ROLES = ("stranger", "waiting", "ann", "ben", "fay", "gil", "sal", "before", "ada")
_BROWSERS = {"before": "ada"}
PASSWORD = "seven green teapots dance"

# What a plan of the office holds when nothing in it is wrong.
PLAN = {
    "title": "Tea & A Chat Leeds",
    "programme": "Tea & A Chat",
    "starts_on": ["30", "12", "2026"],
    "start_time": "13:30",
    "end_time": "15:00",
    "repeat": "monthly",
    "nth": "-1",
    "every": "1",
    "nation": "England",
    "venue": "1",
    "places_room": "20",
    "audience": "anyone",
    "second_host": "",
}


@dataclass(frozen=True)
class Step:
    """What somebody sends to get to a page that stands behind a form."""

    role: str
    path: str
    said: dict[str, Any]


@dataclass
class Place:
    """Who and what is there: `known` fills addresses, `also` are further pages of the same kinds."""

    app: Flask
    make: Builders
    people: dict[str, int] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    also: list[str] = field(default_factory=list)
    link: int = 0
    kept: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def is_forgiving(self) -> bool:
        """Say whether the database is SQLite, which keeps nearly everything that it is given."""
        return str(self.app.config["SQLALCHEMY_DATABASE_URI"]).startswith("sqlite")

    def client(self, role: str) -> FlaskClient:
        """Return a fresh browser of one of the roles."""
        client = self.app.test_client()
        if role == "waiting":
            with client.session_transaction() as cookie:
                cookie["sent_to"], cookie["link_id"] = "pair@example.org", self.link
                asked_at, until = clock.now().timestamp(), clock.now() + timedelta(hours=1)
                place = [int(self.known["held"]), self.link, "pair@example.org", asked_at, until.timestamp()]
                cookie["held"] = {self.known["bookings.held session_id"]: place}
        if role in ("stranger", "waiting"):
            return client
        person_id = self.people[_BROWSERS.get(role, role)]
        return self.make.sign_in(client, person_id, second_factor=role != "before")

    def keep(self) -> None:
        """Remember every row, so that all can be put back as it is now."""
        with self.app.app_context(), db.engine.connect() as connection:
            for table in Base.metadata.sorted_tables:
                found = connection.execute(select(table).order_by(*table.primary_key)).mappings()
                self.kept[table.name] = [dict(row) for row in found]

    def put_back(self) -> None:
        """Make everything as it was: somebody may have closed her account, or put two records together."""
        with self.app.app_context(), db.engine.begin() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(table.delete())
            for table in Base.metadata.sorted_tables:
                if self.kept[table.name]:
                    connection.execute(table.insert(), self.kept[table.name])


def make_the_place(app: Flask, make: Builders) -> Place:
    """Fill an empty database with one row of everything that an address may name."""
    place = Place(app, make)
    for add in (
        _people,
        _sessions,
        _bookings,
        turns.office_queue,
        turns.written_to_all,
        turns.office_words,
        _her_words,
        _calls,
        _deeds,
        _tasks,
        _links,
        _called_off,
        _cover,
    ):
        add(place)
    place.keep()
    return place


def _people(place: Place) -> None:
    make, people = place.make, place.people
    people["ann"] = make.person("Ann", phone="020 7946 0123")
    people["ben"] = make.person("Ben", status="paused")
    people |= {"fay": make.facilitator("Fay"), "gil": make.facilitator("Gil")}
    people |= {"sal": make.safeguarding("Sal"), "ada": make.admin("Ada")}
    people |= {name.lower(): make.person(name) for name in ("Dot", "Kim", "Kit")}
    people |= {name: make.person(name.title(), email="pair@example.org") for name in ("pat", "pip")}
    people["nia"] = make.person("Nia", status="unproven")
    people["pia"] = make.person("Pia", status="unproven", email=None, phone="07700 900321")
    make.password(people["ann"], PASSWORD)
    for name in ("fay", "sal", "ada"):
        make.second_factor(people[name])
    place.known["person_id"] = str(people["ann"])
    place.known["office.unpause person_id"] = str(people["ben"])
    place.known["office.undo_died person_id"] = str(people["dot"])
    place.known["office.remove_host person_id"] = str(people["fay"])
    place.known["office.reset_second_factor person_id"] = str(people["fay"])
    paused, host = people["ben"], people["fay"]
    place.also += [f"/office/people/{paused}", f"/office/people/{paused}/pause", f"/office/people/{host}"]
    place.known["office.desk_confirmed person_id"] = str(people["nia"])
    place.also += [f"/office/desk/{people['nia']}"]
    place.also += [f"/office/people/{host}/roles", f"/office/people/{people['dot']}/died"]


def _sessions(place: Place) -> None:
    make, fay, gil = place.make, place.people["fay"], place.people["gil"]
    series = make.series(mode=Mode.HYBRID, key="tea", movement_check=True, companions=Companions.ALWAYS)
    running = make.session(series, starts_in=timedelta(minutes=5), led_by=(fay,))
    coming = make.session(series, starts_in=timedelta(days=10), led_by=(fay,))
    make.session(series, starts_in=timedelta(days=-7), led_by=(fay, gil))
    place.known |= {"session_id": str(running), "key": "tea", "filename": "app.css", "purpose": "photos"}
    # Good Friday: somebody must say whether it stays.
    make.session(series, starts_in=timedelta(days=30))
    draft = make.series("Tea & A Chat Leeds", key="draft", state=SessionState.DRAFT)
    make.session(draft, starts_in=timedelta(days=20), state=SessionState.DRAFT)
    place.known["series_id"] = str(series)
    place.known |= {f"office.{deed} series_id": str(draft) for deed in ("publish_series", "discard_draft")}
    place.also += [f"/office/series/{draft}", f"/office/schedule/new?like={series}"]
    place.known |= {"venue_id": str(make.venue()), "letter": "reminder"}
    _put_up_a_picture(place)
    place.known["listing_id"] = str(make.listing(clock.now().date() + timedelta(days=3)))
    pages = ("bookings.book", "bookings.held", "accounts.held_code", "office.edit_session")
    pages += ("office.cancel_session", "office.move_session")
    place.known |= {f"{page} session_id": str(coming) for page in pages}
    place.also += [
        f"/sessions/{coming}",
        f"/office/sessions/{coming}",
        "/office/attendance/rows?counted=people",
        "/office/schedule/copy?first=2026-03-01&last=2026-06-30&new_first=2026-07-01",
    ]


def _called_off(place: Place) -> None:
    """A date is cancelled, and another place is kept for Ann."""
    make, ann = place.make, place.people["ann"]
    series = make.series("Tea & A Chat Glasgow")
    off = make.session(series, starts_in=timedelta(days=12))
    # Of this one nobody has been told yet, so that it can be undone.
    quiet = make.session(make.series("Tea & A Chat Cardiff"), starts_in=timedelta(days=26))
    make.session(series, starts_in=timedelta(days=40))
    gone = make.booking(off, ann)
    called = make.booking(off, make.person("Una", email=None, phone="07700 900654"))
    with place.app.app_context():
        deed = calling_off.cancel_sessions([off], "", place.people["ada"], clock.now())
        undone = calling_off.cancel_sessions([quiet], "", place.people["ada"], clock.now())
        offered = db.session.scalars(select(Booking).where(Booking.instead_of_id == gone)).one()
        kept = db.session.scalars(select(Booking).where(Booking.instead_of_id == called)).one()
        letter = select(Message).where(Message.season_deed_id == deed, Message.booking_id == gone)
        failed = db.session.scalars(letter).one()
        failed.state, failed.why = MessageState.FAILED, "550"
        db.session.commit()
        place.known |= {
            "deed_id": str(deed),
            "office.undo deed_id": str(undone),
            "bookings.offer token": urlsplit(offer_url(offered)).path.rsplit("/", 1)[1],
            "bookings.answer_offer booking_id": str(offered.id),
            "office.answer_offer booking_id": str(kept.id),
            "office.call_instead message_id": str(failed.id),
        }
        place.also.append(f"/office/told/{undone}")


def _cover(place: Place) -> None:
    """Gil can't host one date, and Fay can't host another."""
    bradford = place.make.series("Tea & A Chat Bradford")
    for days, who, page in ((15, "gil", "hosting.take_cover"), (16, "fay", "hosting.host_after_all")):
        host = place.people[who]
        session = place.make.session(bradford, starts_in=timedelta(days=days), led_by=(host,))
        with place.app.app_context():
            cover.cannot_host(session, host, clock.now())
        place.known[f"{page} session_id"] = str(session)


def _put_up_a_picture(place: Place) -> None:
    facts = {"content": b"jpeg", "digest": "0" * 64, "width": 4, "height": 3, "words": "A green door"}
    with place.app.app_context():
        db.session.add(VenuePhoto(venue_id=int(place.known["venue_id"]), added_at=clock.now(), **facts))
        db.session.commit()


def _bookings(place: Place) -> None:
    make, people, running = place.make, place.people, int(place.known["session_id"])
    coming = int(place.known["bookings.book session_id"])
    place.known["booking_id"] = str(make.booking(running, people["ann"], pool=Pool.ONLINE))
    make.booking(running, people["ben"])
    until = clock.now() + timedelta(hours=20)
    held = make.booking(coming, people["pia"], state=BookingState.HELD, held_until=until)
    place.known["held"] = str(held)
    turns.queue(place)
    turns.stuck(place)
    turns.course(place)


def _her_words(place: Place) -> None:
    """Ann has said something about herself on every page that keeps it."""
    now, ann = clock.now(), {"person_id": place.people["ann"]}
    said = {"wording_version": "2026-11", "how": ConsentHow.WEB, "given_at": now}
    yes = (ConsentPurpose.KEEP_DETAILS, ConsentPurpose.PHOTOS, ConsentPurpose.MOVEMENT)
    with place.app.app_context():
        db.session.add_all(Consent(purpose=purpose, **said, **ann) for purpose in yes)
        db.session.add(EmergencyContact(name="Mia", phone="07700 900789", saved_at=now, **ann))
        db.session.add(EqualityAnswers(age_band="45-54", saved_at=now, **ann))
        db.session.add(MovementCheckIn(flags="", wants_call=True, answered_at=now, **ann))
        letter = {"recipient": "ann@example.org", "subject": "Hello", "text": "Hi", "html": "<p>Hi</p>"}
        db.session.add(MailboxLetter(**letter, source=b"Subject: Hello\n\nHi", sent_at=now))
        db.session.commit()
    place.known["accounts.agreement purpose"] = "ground_rules"
    place.known["letter_id"] = "1"
    # Two parts of Support and information: a heading, and a way to help.
    place.known["entry_id"] = "1"
    place.also += ["/office/support/2", "/office/support/2/remove", "/office/support/5"]


def _calls(place: Place) -> None:
    """One call waits in the office, and one was made this morning."""
    now, facts = clock.now(), {"channel": Channel.CALL, "kind": MessageKind.BOOKED, "schedule_version": 1}
    facts |= {"person_id": place.people["ann"], "booking_id": int(place.known["booking_id"])}
    with place.app.app_context():
        calls = [
            Message(created_at=now, due_at=now, dedupe_key=key, message_id=f"<{key}@example.org>", **facts)
            for key in ("to-make", "made")
        ]
        db.session.add_all(calls)
        db.session.commit()
        waiting, made = (call.id for call in calls)
        tasks.note_call(made, CallOutcome.REACHED, place.people["ada"], now)
    place.known |= {"message_id": str(waiting), "office.reopen_call message_id": str(made)}
    place.also += [f"/office/messages/{made}"]


def _deeds(place: Place) -> None:
    people, now = place.people, clock.now()
    with place.app.app_context():
        deaths.mark_died(people["dot"], people["ada"], now)
        deed = merging.merge(people["kim"], people["kit"], people["ada"], now)
        with transaction():
            db.session.execute(update(Person).where(Person.id == people["ben"]).values(paused_until=None))
    place.known["deed_id"] = str(deed)
    place.also += [f"/office/people/{people['kim']}/merge"]
    place.also += [f"/office/people/{people['ben']}/merge?other={people['pat']}"]


def _tasks(place: Place) -> None:
    people, now, words = place.people, clock.now(), {"words": "Too loud", "reply_to": "Kim"}
    facts: list[tuple[str, TaskKind, dict[str, Any]]] = [
        ("task_id", TaskKind.COMPLAINT, {"person_id": people["ann"], **words}),
        ("newcomer", TaskKind.CALL_NEWCOMER, {"person_id": people["pia"], "booking_id": place.known["held"]}),
        ("welcome", TaskKind.WELCOME_CALL, _welcome_call(place)),
        ("host", TaskKind.SPEAK_WITH_OFFICE, {"person_id": people["ben"], "for_person_id": people["fay"]}),
        ("", TaskKind.CONSENT_WITHDRAWN, {"person_id": people["ben"]}),
        ("", TaskKind.MOVEMENT_CALL, {"person_id": people["ann"]}),
        ("", TaskKind.DEATH_REPORTED, words),
        ("done", TaskKind.COMPLAINT, {"settled_at": now, "settled_by": people["ada"]}),
    ]
    with place.app.app_context():
        for name, kind, about in facts:
            row = Task(kind=kind, created_at=now, **about)
            db.session.add(row)
            db.session.flush()
            place.known[name] = str(row.id)
        db.session.commit()
    for endpoint, name in {
        "office.confirm_newcomer": "newcomer",
        "office.let_newcomer_go": "newcomer",
        "office.reopen_task": "done",
        "office.welcome_call": "welcome",
        "hosting.settle_task": "host",
    }.items():
        place.known[f"{endpoint} task_id"] = place.known[name]


def _welcome_call(place: Place) -> dict[str, Any]:
    """Ann's place of another series waits until the office has called her."""
    make, ann = place.make, place.people["ann"]
    series = make.series("Tea & A Chat Bath", key="bath", welcome_call=True)
    kept = make.booking(
        make.session(series, starts_in=timedelta(days=15)), ann, state=BookingState.PROVISIONAL
    )
    place.also.append("/series/bath")
    return {"person_id": ann, "booking_id": kept, "series_id": series}


def _links(place: Place) -> None:
    """Lay out a link of every kind; behind one of them two people read the same letters."""
    people, now = place.people, clock.now()
    with place.app.app_context():
        confirm = links.make(LinkPurpose.CONFIRM_EMAIL, "nia@example.org", "", now, people["nia"])
        pair = links.make(LinkPurpose.SIGN_IN, "pair@example.org", "/my-sessions", now)
        alone = links.make(LinkPurpose.SIGN_IN, "ann@example.org", "/my-sessions", now)
        change = links.make(LinkPurpose.CHANGE_EMAIL, "ann.new@example.org", "", now, people["ann"])
        db.session.commit()
        booking = db.session.get_one(Booking, int(place.known["booking_id"]))
        urls = {"accounts.confirm": proof_url(confirm), "accounts.sign_in_link": proof_url(pair)}
        urls |= {"accounts.change_email": proof_url(change), "bookings.join": join_url(booking)}
        urls |= {"bookings.cannot_get_in": join_url(booking), "bookings.not_today": not_today_url(booking)}
        urls["pages.unsubscribe"] = unsubscribe_url(db.session.get_one(Person, people["ann"]), "reminders")
        urls["bookings.calendar"] = calendar_url(booking).removesuffix(".ics")
        place.also.append(urlsplit(proof_url(alone)).path)
        place.link = pair.id
        feeds.make_feed(people["ada"], now)
        place.known["office.calendar token"] = token_of(people["ada"]) or ""
    for endpoint, url in urls.items():
        place.known[f"{endpoint} token"] = urlsplit(url).path.rsplit("/", 1)[1]


def second_steps(place: Place) -> list[Step]:
    """Return what leads to the pages that stand behind a form: a choice of two, and a last look."""
    with place.app.app_context():
        code = proof_code(db.session.get_one(EmailLink, place.link))
    return [
        Step("waiting", "/sign-in/sent", {"code": code}),
        Step("ada", "/office/schedule/new", PLAN),
        Step("ada", "/office/schedule/new", PLAN | {"step": "change"}),
        Step(
            "ada",
            f"/office/sessions/{place.known['bookings.book session_id']}/edit",
            {"title": "Tea in the garden"},
        ),
    ]
