"""People, series, sessions and bookings for tests, made with keyword arguments and kept as ids."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from booking import clock
from booking.db import db
from booking.models import (
    Booking,
    ContactPoint,
    Enrolment,
    Listing,
    Password,
    Person,
    PersonRole,
    Programme,
    RecoveryCode,
    ScheduledSession,
    SecondFactor,
    Series,
    SessionFacilitator,
    SessionVersion,
    SignIn,
    Venue,
)
from booking.models.kinds import (
    Channel,
    ContactKind,
    Enrol,
    ListingKind,
    Mode,
    PersonStatus,
    Pool,
    Role,
    Who,
)
from booking.rules import one_time
from booking.rules.passwords import hashed
from booking.rules.tokens import new_nonce
from booking.rules.wall_time import to_instant
from booking.settings import settings


class Builders:
    """Each method adds one thing with sensible defaults and returns its id."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._numbers = count(1)

    def person(
        self,
        known_as: str = "Ann",
        *,
        email: str | None = "",
        phone: str | None = None,
        roles: tuple[Role, ...] = (),
        **facts: Any,
    ) -> int:
        """Add a person with a proven address (`known_as`@example.org unless told)."""
        address = f"{known_as.lower()}@example.org" if email == "" else email
        values: dict[str, Any] = {
            "full_name": f"{known_as} Example",
            "status": PersonStatus.ACTIVE,
            "who": Who.PATIENT,
            "channel": Channel.EMAIL if address else Channel.CALL,
            "created_at": clock.now(),
        }
        with self.app.app_context():
            person = Person(known_as=known_as, **(values | facts))
            db.session.add(person)
            db.session.flush()
            for kind, written in ((ContactKind.EMAIL, address), (ContactKind.PHONE, phone)):
                if written:
                    db.session.add(_contact(person.id, kind, written))
            for role in roles:
                db.session.add(PersonRole(person_id=person.id, role=role, given_at=clock.now()))
            return _kept(person)

    def facilitator(self, known_as: str = "Fay", **facts: Any) -> int:
        """Add a person who hosts."""
        return self.person(known_as, roles=(Role.FACILITATOR,), **facts)

    def admin(self, known_as: str = "Ada", **facts: Any) -> int:
        """Add somebody from the office."""
        return self.person(known_as, roles=(Role.ADMIN,), **facts)

    def safeguarding(self, known_as: str = "Sal", **facts: Any) -> int:
        """Add the safeguarding lead."""
        return self.person(known_as, roles=(Role.SAFEGUARDING,), **facts)

    def programme(self, name: str = "Tea & A Chat", **facts: Any) -> int:
        """Return the programme of this name, added if it is new."""
        with self.app.app_context():
            found = db.session.scalar(db.select(Programme.id).where(Programme.name == name))
            if found is not None:
                return found
            values = {"key": f"programme-{next(self._numbers)}", "discreet_name": name, "tone": "tea"}
            programme = Programme(name=name, **(values | facts))
            db.session.add(programme)
            return _kept(programme)

    def venue(self, name: str = "Friends' Meeting House", **facts: Any) -> int:
        """Return the venue of this name, added if it is new."""
        with self.app.app_context():
            found = db.session.scalar(db.select(Venue.id).where(Venue.name == name))
            if found is not None:
                return found
            venue = Venue(name=name, **({"nation": "England", "address": "Mount Street"} | facts))
            db.session.add(venue)
            return _kept(venue)

    def series(
        self, title: str = "Tea & A Chat Manchester", *, mode: Mode = Mode.IN_PERSON, **facts: Any
    ) -> int:
        """Add a series; its dates are added one by one with `session`."""
        values: dict[str, Any] = {
            "key": f"series-{next(self._numbers)}",
            "discreet_name": title,
            "nation": "England",
            "rule": "FREQ=MONTHLY;BYDAY=-1WE",
            "starts_on": date(2026, 1, 28),
            "start_time": time(13, 30),
            "end_time": time(17),
            "created_at": clock.now(),
            "meeting_url": "" if mode is Mode.IN_PERSON else "https://meet.example.org/raw-secret",
            "places_room": 0 if mode is Mode.ONLINE else 20,
            "places_online": 0 if mode is Mode.IN_PERSON else 20,
        }
        values["programme_id"] = facts.pop("programme_id", None) or self.programme()
        values["venue_id"] = None if mode is Mode.ONLINE else facts.pop("venue_id", None) or self.venue()
        with self.app.app_context():
            series = Series(title=title, mode=mode, **(values | facts))
            db.session.add(series)
            return _kept(series)

    def session(
        self,
        series_id: int | None = None,
        *,
        starts_in: timedelta = timedelta(days=10),
        on: date | None = None,
        led_by: tuple[int, ...] = (),
        **facts: Any,
    ) -> int:
        """Add one date, at the series' wall time `on` that day or about `starts_in` from now."""
        series_id = series_id or self.series()
        with self.app.app_context():
            series = db.session.get_one(Series, series_id)
            values = _when(series, on, starts_in) | {
                name: getattr(series, name)
                for name in ("mode", "venue_id", "meeting_url", "places_room", "places_online")
            }
            values["uid"] = f"session-{next(self._numbers)}@example.org"
            values |= {"changed_at": clock.now(), "created_at": clock.now()}
            scheduled = ScheduledSession(series_id=series_id, **(values | facts))
            db.session.add(scheduled)
            db.session.flush()
            _note_version(scheduled)
            for person_id in led_by:
                db.session.add(
                    SessionFacilitator(session_id=scheduled.id, person_id=person_id, added_at=clock.now())
                )
            return _kept(scheduled)

    def listing(self, on: date, title: str = "A quiet weekend by the lake", **facts: Any) -> int:
        """Add something that somebody else runs, on one day unless told."""
        values: dict[str, Any] = {
            "kind": ListingKind.RETREAT,
            "run_by": "Lakeside Friends",
            "nation": "England",
            "url": "https://lakeside.example.org/quiet-weekend",
            "description": "Walks, rest and good food.",
            "starts_on": on,
            "ends_on": on,
            "created_at": clock.now(),
            "changed_at": clock.now(),
        }
        with self.app.app_context():
            listing = Listing(title=title, **(values | facts))
            db.session.add(listing)
            return _kept(listing)

    def booking(
        self, session_id: int, person_id: int | None, *, pool: Pool | None = None, **facts: Any
    ) -> int:
        """Add a booking as a row, past every rule of the service."""
        with self.app.app_context():
            scheduled = db.session.get_one(ScheduledSession, session_id)
            values = {"created_at": clock.now(), "state_at": clock.now(), "nonce": f"n{next(self._numbers)}"}
            booking = Booking(
                session_id=session_id,
                person_id=person_id,
                pool=pool or scheduled.pools[0],
                **(values | facts),
            )
            db.session.add(booking)
            return _kept(booking)

    def course(self, weeks: int = 4, *, first_in: timedelta = timedelta(days=10), **facts: Any) -> list[int]:
        """Add a course with its weekly dates, and return them in order."""
        series = self.series(facts.pop("title", "Gentle yoga"), **({"enrol": Enrol.COURSE} | facts))
        return [self.session(series, starts_in=first_in + timedelta(weeks=week)) for week in range(weeks)]

    def series_of(self, session_id: int) -> int:
        """Return the series of a date."""
        with self.app.app_context():
            return db.session.get_one(ScheduledSession, session_id).series_id

    def enrolment(self, series_id: int, person_id: int, **facts: Any) -> int:
        """Make a series a course, and put somebody on it; her weeks are bookings that name it."""
        with self.app.app_context():
            db.session.get_one(Series, series_id).enrol = Enrol.COURSE
            now = clock.now()
            values = {"created_at": now, "state_at": now, "nonce": f"e{next(self._numbers)}"}
            enrolment = Enrolment(series_id=series_id, person_id=person_id, **(values | facts))
            db.session.add(enrolment)
            return _kept(enrolment)

    def password(self, person_id: int, password: str) -> int:
        """Give a person a password, past every rule."""
        with self.app.app_context():
            kept = Password(person_id=person_id, hashed=hashed(password), set_at=clock.now())
            db.session.add(kept)
            return _kept(kept)

    def sign_in(self, client: FlaskClient, person_id: int, *, second_factor: bool = True) -> FlaskClient:
        """Sign a person in on this client, as the emailed link and, unless told, the second factor would."""
        public_id = f"sign-in-{next(self._numbers)}"
        with self.app.app_context():
            record = SignIn(
                public_id=public_id,
                person_id=person_id,
                created_at=clock.now(),
                second_factor_at=clock.now() if second_factor else None,
                expires_at=clock.now() + timedelta(days=30),
            )
            db.session.add(record)
            db.session.commit()
        with client.session_transaction() as cookie:
            cookie["_user_id"] = public_id
            cookie["_fresh"] = True
        return client

    def second_factor(self, person_id: int, *, confirmed: bool = True, codes: int = 10) -> list[str]:
        """Give a person an authenticator app, and return her recovery codes."""
        with self.app.app_context():
            now = clock.now()
            facts = {"person_id": person_id, "created_at": now}
            at = now if confirmed else None
            db.session.add(SecondFactor(nonce=new_nonce(), confirmed_at=at, **facts))
            rows = [RecoveryCode(nonce=new_nonce(), **facts) for _ in range(codes if confirmed else 0)]
            db.session.add_all(rows)
            db.session.commit()
            return [one_time.recovery_code(settings().secret_key, row.id, row.nonce) for row in rows]

    def code(self, person_id: int, *, steps: int = 0) -> str:
        """Read the six digits that her app shows now, or some half minutes from now."""
        with self.app.app_context():
            nonce = db.session.scalar(
                db.select(SecondFactor.nonce).where(SecondFactor.person_id == person_id)
            )
            assert nonce is not None, "she has no app"
            key = one_time.setup_key(settings().secret_key, person_id, nonce)
            return one_time.code_at(key, one_time.step_at(clock.now()) + steps)


def _contact(person_id: int, kind: ContactKind, written: str) -> ContactPoint:
    return ContactPoint(
        person_id=person_id,
        kind=kind,
        written=written,
        key=written.casefold(),
        proven_at=clock.now(),
        created_at=clock.now(),
    )


def _when(series: Series, on: date | None, starts_in: timedelta) -> dict[str, Any]:
    """Work out wall time and instants; `starts_in` sets the minute itself."""
    if on is not None:
        start, end = series.start_time, series.end_time
        starts_at = to_instant(on, start, "Europe/London")
        ends_at = to_instant(on, end, "Europe/London")
        return _facts_of(on, start, end, starts_at, ends_at)
    from booking.rules.wall_time import to_local

    starts_at = (clock.now() + starts_in).astimezone(UTC).replace(second=0, microsecond=0)
    ends_at = starts_at + timedelta(minutes=60)
    local, local_end = to_local(starts_at, "Europe/London"), to_local(ends_at, "Europe/London")
    return _facts_of(local.date(), local.time(), local_end.time(), starts_at, ends_at)


def _facts_of(on: date, start: time, end: time, starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    return {
        "rule_date": on,
        "local_date": on,
        "start_time": start,
        "end_time": end,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }


def _note_version(scheduled: ScheduledSession) -> None:
    db.session.add(
        SessionVersion(
            session_id=scheduled.id,
            schedule_version=scheduled.schedule_version or 1,
            local_date=scheduled.local_date,
            start_time=scheduled.start_time,
            end_time=scheduled.end_time,
            mode=scheduled.mode,
            venue_id=scheduled.venue_id,
            meeting_url=scheduled.meeting_url,
            made_at=clock.now(),
        )
    )


def _kept(row: Any) -> int:
    db.session.flush()
    row_id: int = row.id
    db.session.commit()
    return row_id
