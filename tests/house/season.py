"""A small season with everybody in it, for walks through every page."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.messages.letters.links import (
    calendar_url,
    join_url,
    not_today_url,
    offer_url,
    proof_url,
    unsubscribe_url,
)
from booking.models import Announcement, Booking, CalendarFeed, EmailLink, MailboxLetter, Person, Task
from booking.models.kinds import Companions, FeedKind, LinkPurpose, Mode, Pool, Role, TaskKind
from booking.queries import feeds
from booking.services.steps import links
from tests.house import rows
from tests.support.builders import Builders

# What each page with a token is called, and whose token opens it.
TOKENS = {
    "accounts.change_email": "change_email",
    "accounts.confirm": "confirm_email",
    "accounts.sign_in_link": "sign_in",
    "bookings.cannot_get_in": "join",
    "bookings.join": "join",
    "bookings.not_today": "not_today",
    "bookings.calendar": "calendar",
    "bookings.offer": "offer",
    "office.calendar": "office_calendar",
    "pages.unsubscribe": "unsubscribe",
}


ADA_BEFORE = "Ada without her second factor"


@dataclass
class Season:
    """The people by name, and the tokens by what they open. Every row a page asks for has the id 1."""

    people: dict[str, int]
    tokens: dict[str, str]
    # A course with a week to come; nobody but Ann is on one.
    course: int


def season(app: Flask) -> Season:
    """Fay leads a session in ten minutes, Ann has a place in it, and no table is empty.

    Gil leads another one, in which Ben has a place: what is theirs is never Fay's or Ann's.
    """
    make = Builders(app)
    people = {
        "Ann": make.person("Ann"),
        "Ben": make.person("Ben"),
        "Fay": make.facilitator("Fay"),
        "Gil": make.facilitator("Gil"),
        "Ada": make.admin("Ada"),
        "Sal": make.person("Sal", roles=(Role.SAFEGUARDING,)),
    }
    series = make.series(mode=Mode.HYBRID, key="1", companions=Companions.ALWAYS)
    soon = make.session(series, starts_in=timedelta(minutes=10), led_by=(people["Fay"],))
    make.booking(soon, people["Ann"], pool=Pool.ONLINE)
    other = make.session(series, starts_in=timedelta(days=3), led_by=(people["Gil"],))
    make.booking(other, people["Ben"], pool=Pool.ONLINE)
    course = make.series_of(make.course(2)[0])
    with app.app_context():
        db.session.add(_letter())
        db.session.add(_talk(people["Fay"], series))
        facts = {"words": "The side door is open.", "people": 1, "created_at": clock.now()}
        db.session.add(Announcement(session_id=soon, author_id=people["Fay"], **facts))
        db.session.flush()
        db.session.add(_talk(people["Gil"], series))
        tokens = _tokens(app, people["Ann"]) | {"office_calendar": _feed(people["Ada"])}
        db.session.commit()
        with db.engine.begin() as connection:
            rows.fill(connection)
    return Season(people, tokens, course)


def visitors(app: Flask, there: Season) -> dict[str, FlaskClient]:
    """Return a browser for a stranger, for each of the people, and for Ada before her second factor."""
    make = Builders(app)
    clients = {name: make.sign_in(app.test_client(), id) for name, id in there.people.items()}
    before = make.sign_in(app.test_client(), there.people["Ada"], second_factor=False)
    return {"stranger": app.test_client(), ADA_BEFORE: before} | clients


def path_of(app: Flask, rule_endpoint: str, arguments: set[str], there: Season) -> str:
    """Build the address of a page, with the id 1 and the right token."""
    values: dict[str, object] = dict.fromkeys(arguments, 1)
    if rule_endpoint in TOKENS:
        values["token"] = there.tokens[TOKENS[rule_endpoint]]
    if rule_endpoint == "bookings.course":
        values["series_id"] = there.course
    if "letter" in arguments:
        values["letter"] = "reminder"
    if "purpose" in arguments:
        values["purpose"] = "photos"
    if "filename" in arguments:
        values["filename"] = "favicon.svg"
    adapter = app.url_map.bind("localhost")
    return adapter.build(rule_endpoint, values)


def _talk(host: int, series_id: int) -> Task:
    kind = TaskKind.SPEAK_WITH_OFFICE
    return Task(kind=kind, for_person_id=host, series_id=series_id, created_at=clock.now())


def _letter() -> MailboxLetter:
    words = {"recipient": "ann@example.org", "subject": "Hello", "text": "Hello", "html": "<p>Hello</p>"}
    return MailboxLetter(**words, source=b"Subject: Hello\n\nHello", sent_at=clock.now())


def _feed(ada: int) -> str:
    feed = CalendarFeed(person_id=ada, kind=FeedKind.OFFICE, nonce="feed", created_at=clock.now())
    db.session.add(feed)
    db.session.flush()
    return feeds.token_of(ada) or ""


def _tokens(app: Flask, ann: int) -> dict[str, str]:
    made: dict[str, EmailLink] = {
        purpose.value: links.make(purpose, "ann@example.org", "/my-sessions", clock.now(), ann)
        for purpose in LinkPurpose
    }
    booking = db.session.scalars(select(Booking).order_by(Booking.id)).first()
    assert booking is not None
    urls = {name: proof_url(link) for name, link in made.items()}
    urls |= {
        "join": join_url(booking),
        "not_today": not_today_url(booking),
        "offer": offer_url(booking),
        "calendar": calendar_url(booking).removesuffix(".ics"),
        "unsubscribe": unsubscribe_url(db.session.get_one(Person, ann), "reminders"),
    }
    return {name: urlsplit(url).path.rsplit("/", 1)[1] for name, url in urls.items()}
