"""Many letters to send, workers that die while sending them, and what became of the letters."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from booking import clock
from booking.db import db, transaction
from booking.messages import outbox
from booking.models import Booking, Message, Person
from booking.models.kinds import MessageKind, MessageState
from tests.crash import driver
from tests.crash.driver import Orders
from tests.support.builders import Builders
from tests.support.forks import ForkServerProcess, processes
from tests.support.smtp import MailServer, mail_server

LEASE_SECONDS = 2.0


@dataclass
class Story:
    """One crash story on one database, with one mail server."""

    app: Flask
    database_url: str
    server: MailServer
    running: list[ForkServerProcess] = field(default_factory=list)
    kills: int = 0
    # Kills that hit a worker with letters in its hands; the others died while starting or looking around.
    in_the_middle: int = 0

    def start(self, **orders: Any) -> ForkServerProcess:
        told = Orders(self.database_url, self.server.url, LEASE_SECONDS, **orders)
        process = processes.Process(target=driver.work, args=(told,), daemon=True)
        process.start()
        self.running.append(process)
        return process

    def dies_at(self, point: str, passing: int, within_seconds: float = 8, **orders: Any) -> None:
        """Let a worker die at a point of its own choosing; one that finds no work is killed in its sleep."""
        process = self.start(dies_at=point, dies_on_passing=passing, **orders)
        process.join(within_seconds)
        self.kill(process)

    def kill(self, process: ForkServerProcess) -> None:
        process.kill()
        process.join()
        self.kills += 1
        self.in_the_middle += self._held_letters(process.pid)

    def finish(self, workers: int = 1, within_seconds: float = 40, **orders: Any) -> None:
        """Let healthy workers do the rest, and stop them kindly."""
        last = [self.start(**orders) for _each in range(workers)]
        until = time.monotonic() + within_seconds
        while self.unsent() and time.monotonic() < until:
            time.sleep(0.1)
        for process in last:
            process.terminate()
            process.join(10)
            assert process.exitcode == 0

    def unsent(self) -> int:
        with self.app.app_context():
            waiting = select(func.count()).select_from(Message).where(Message.state != MessageState.SENT)
            return db.session.scalar(waiting) or 0

    def _held_letters(self, pid: int | None) -> bool:
        with self.app.app_context():
            hers = select(Message.id).where(Message.leased_by.contains(f"-{pid}-"))
            return db.session.scalars(hers).first() is not None

    def faults(self) -> list[str]:
        return faults(self.app, self.server, self.kills)


def faults(app: Flask, server: MailServer, kills: int) -> list[str]:
    """Name everything that must never happen: a lost letter, too many copies, a copy not recognisable."""
    with app.app_context():
        known = dict(db.session.execute(select(Message.message_id, Message.recipient)).all())
    copies = Counter(str(one.message["Message-ID"]) for one in server.delivered)
    found = [f"lost: {address}" for identity, address in known.items() if identity not in copies]
    found += [f"unknown: {identity}" for identity in copies if identity not in known]
    doubled = duplicates(server)
    if doubled > kills:
        found.append(f"doubled: {doubled} copies for {kills} kills")
    wrong = [
        one for one in server.delivered if one.recipients != (known.get(str(one.message["Message-ID"])),)
    ]
    return found + [f"misdirected: {one.recipients}" for one in wrong]


def duplicates(server: MailServer) -> int:
    """Count the letters that a mail server was given more than once, each time again."""
    return len(server.delivered) - len({str(one.message["Message-ID"]) for one in server.delivered})


@contextmanager
def story(app: Flask, database_url: str, letters: int) -> Iterator[Story]:
    """Lay out so many letters, and end every worker when the story ends."""
    lay_out(app, letters)
    with mail_server() as server:
        told = Story(app, database_url, server)
        try:
            yield told
        finally:
            for process in told.running:
                if process.is_alive():
                    process.kill()
                process.join()


def lay_out(app: Flask, letters: int) -> None:
    """Give as many people a place, each with a confirmation that waits."""
    confirm(app, give_places(app, letters))


def give_places(app: Flask, people: int) -> list[tuple[int, int]]:
    """Give so many people a place, and return who has which booking."""
    make = Builders(app)
    # Further away than the clock of any worker that dies here is ever moved.
    session_id = make.session(starts_in=timedelta(days=90))
    cast = [make.person(f"Ann{number}") for number in range(people)]
    return [(person_id, make.booking(session_id, person_id)) for person_id in cast]


def confirm(app: Flask, places: list[tuple[int, int]], time: int = 1) -> None:
    """Lay a confirmation of each place into the tray, for the n-th time."""
    with app.app_context(), transaction():
        for person_id, booking_id in places:
            outbox.post(
                MessageKind.BOOKED,
                person=db.session.get_one(Person, person_id),
                booking=db.session.get_one(Booking, booking_id),
                now=clock.now(),
                key=f"booking:{booking_id}:booked:{time}",
                schedule_version=1,
            )


def kill_at_chosen_points(told: Story, kills: int, chance: random.Random) -> None:
    """Kill workers at each dangerous point in turn, on its first to third passing."""
    for number in range(kills):
        told.dies_at(driver.POINTS[number % len(driver.POINTS)], chance.randint(1, 3))


def kill_at_random(told: Story, kills: int, chance: random.Random) -> None:
    """Kill two workers that work at the same time, each at a moment that nobody chose."""
    for _pair in range(kills // 2):
        pair = [told.start(), told.start()]
        for process in pair:
            time.sleep(chance.uniform(0.2, 0.9))
            told.kill(process)
