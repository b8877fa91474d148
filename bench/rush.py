"""Many people want the same twenty places in the same moment, through the real web server."""

from collections import Counter
from functools import partial
from pathlib import Path

from sqlalchemy import func, select

from booking import create_app
from booking.db import db
from booking.models import Booking
from booking.models.kinds import LIVE
from tests.support.builders import Builders
from tests.support.crowd import Answer, Browser, at_once, browser_of
from tests.support.databases import settings_for_tests
from tests.support.pages import rows
from tests.support.processes import service

CROWDS = (50, 200)
PLACES = 20
# As the Procfile starts it, unless the environment says otherwise.
WORKERS, THREADS = 2, 8


def run(database_url: str, folder: Path, people: int) -> list[str]:
    """Let them all press at once, print how long it took, and return what went wrong."""
    app = create_app(settings_for_tests(database_url))
    make = Builders(app)
    chat = make.session(places_room=PLACES)
    path = f"/sessions/{chat}/book"
    with service(database_url, folder) as running:
        running.start_web(workers=WORKERS, threads=THREADS)
        crowd = [
            browser_of(app, make, make.person(f"Person{number}"), running.port) for number in range(people)
        ]
        for browser in crowd:
            browser.get(path)
        press = [partial(Browser.post, browser, path, pool="room", seen="0") for browser in crowd]
        answers, seconds = at_once(press)
    taken = rows(app, select(func.count()).where(Booking.state.in_(LIVE)))[0]
    with app.app_context():
        db.engine.dispose()
    print(
        f"  {people:5} people, {PLACES} places: {taken} booked, all answered in {seconds:.2f} s", flush=True
    )
    return _broken(answers, taken, people, chat)


def _broken(answers: list[Answer], taken: int, people: int, chat: int) -> list[str]:
    places = Counter((answer.status, answer.location) for answer in answers)
    wanted = {(303, "/my-sessions"): PLACES, (303, f"/sessions/{chat}"): people - PLACES}
    problems = [] if taken == PLACES else [f"{taken} places were taken of {PLACES}"]
    return problems + ([] if places == wanted else [f"{people} people were answered {dict(places)}"])
