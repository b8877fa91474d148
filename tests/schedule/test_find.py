"""Finding a session: by day, by filter, page by page, and nothing that is not hers to see."""

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, inspect, update

from booking.db import db
from booking.models import Programme, ScheduledSession, Series
from booking.models.kinds import Audience, BookingState, Mode, SessionState
from tests.support.builders import Builders
from tests.support.pages import words, write

_TITLE = re.compile(r'card__title"><a [^>]*>([^<]+)</a>')
_LATER = re.compile(r'href="([^"]+)" rel="next"')
_EARLIER = re.compile(r'href="([^"]+)" rel="prev"')


def titles(client: FlaskClient, path: str = "/sessions") -> list[str]:
    """The titles of the cards of a page, in order."""
    page = client.get(path)
    assert page.status_code == 200
    return [html.unescape(title) for title in _TITLE.findall(page.text)]


def turned(client: FlaskClient, path: str, way: re.Pattern[str]) -> Iterator[str]:
    """Turn pages one way until there are no more."""
    seen = {path}
    while found := way.search(client.get(path).text):
        path = html.unescape(found[1])
        assert path not in seen, "these pages go round in a circle"
        seen.add(path)
        yield path


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Write down every SQL statement."""
    said: list[str] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    yield said


def test_days_have_their_words_and_cards_their_facts(client: FlaskClient, make: Builders) -> None:
    make.session(
        starts_in=timedelta(hours=3, minutes=30), led_by=(make.facilitator("Fay"), make.facilitator("Gil"))
    )
    make.session(make.series("Tea & A Chat Leeds"), starts_in=timedelta(days=1))
    page = words(client.get("/sessions"))
    assert "Today Sunday 22 November 1:30pm 1 hour" in page
    assert "In person · Friends' Meeting House Hosted by Fay and Gil 20 places left" in page
    assert "Tomorrow Monday 23 November" in page


def test_a_day_of_next_year_says_its_year(client: FlaskClient, make: Builders) -> None:
    make.session(on=date(2027, 1, 27))
    assert "Wednesday 27 January 2027" in words(client.get("/sessions"))


def test_an_empty_list_says_so_kindly(client: FlaskClient) -> None:
    assert "Nothing is planned for these days yet." in words(client.get("/sessions"))
    assert "No sessions fit that" in words(client.get("/sessions?q=nothing+fits"))


@pytest.mark.parametrize(
    ("facts", "said", "button"),
    [
        ({"places_room": 1}, "Full", "Join the waiting list"),
        ({"state": SessionState.CANCELLED, "public_reason": "snow"}, "Snow. Cancelled", "See other dates"),
        ({"places_room": None}, "Friends' Meeting House Book a place", "Book a place"),
        ({"places_online": 5}, "Room full", "Book a place"),
        ({"places_room": 3}, "2 places left", "Book a place"),
        ({"places_room": 2}, "1 place left", "Book a place"),
    ],
)
def test_a_card_says_how_a_date_stands(
    client: FlaskClient, make: Builders, facts: dict[str, object], said: str, button: str
) -> None:
    chat = make.session(on=date(2026, 11, 25), **({"places_room": 1} | facts))
    make.booking(chat, make.person("Ann"))
    page = words(client.get("/sessions"))
    assert said in page
    assert button in page


def test_a_place_that_was_given_up_is_free_again(client: FlaskClient, make: Builders) -> None:
    chat = make.session(on=date(2026, 11, 25), places_room=1)
    make.booking(chat, make.person("Ann"), state=BookingState.GIVEN_UP)
    assert "1 place left" in words(client.get("/sessions"))


def test_ann_sees_her_own_place_and_ben_does_not(app: Flask, make: Builders) -> None:
    chat, ann, ben = make.session(on=date(2026, 11, 25)), make.person("Ann"), make.person("Ben")
    make.booking(chat, ann)
    pages = {who: words(make.sign_in(app.test_client(), who).get("/sessions")) for who in (ann, ben)}
    assert "You have a place View my place" in pages[ann]
    assert "You have a place" not in pages[ben]


def test_a_call_that_comes_first_is_said_beside_the_button(client: FlaskClient, make: Builders) -> None:
    make.session(make.series(welcome_call=True), on=date(2026, 11, 25))
    page = words(client.get("/sessions"))
    assert "the office calls you to say hello" in page
    assert "Book a place" in page


def test_drafts_and_what_is_over_are_not_listed(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.session(make.series("Over"), starts_in=timedelta(hours=-2))
    make.session(make.series("Running"), starts_in=timedelta(minutes=-10))
    make.session(make.series("Draft date"), state=SessionState.DRAFT)
    make.session(make.series("Draft series", state=SessionState.DRAFT))
    assert titles(client) == ["Running"]


def test_only_hosts_see_what_is_for_hosts(app: Flask, client: FlaskClient, make: Builders) -> None:
    programme = make.programme("Hosts only")
    make.session(make.series("Host catch-up", audience=Audience.FACILITATORS, programme_id=programme))
    fay = make.sign_in(app.test_client(), make.facilitator("Fay"))
    ann = make.sign_in(app.test_client(), make.person("Ann"))
    assert titles(fay) == ["Host catch-up"]
    for reader in (client, ann):
        assert titles(reader) == []
        assert "Hosts only" not in reader.get("/sessions").text


@pytest.fixture
def mixed(app: Flask, make: Builders) -> None:
    """A season with one of each kind."""
    wellbeing = make.programme("Wellbeing classes", key="wellbeing")
    glasgow = make.venue("Arts centre, Glasgow", nation="Scotland")
    on = date(2026, 11, 25)
    make.session(make.series("Leeds"), on=on)
    make.session(make.series("Yoga", mode=Mode.ONLINE, programme_id=wellbeing, nation="UK"), on=on)
    make.session(make.series("Speaker", mode=Mode.HYBRID, venue_id=glasgow, nation="Scotland"), on=on)
    for each, start in ((2, time(9)), (3, time(17))):
        write(app, update(ScheduledSession).where(ScheduledSession.id == each).values(start_time=start))
    write(app, update(Programme).where(Programme.name == "Tea & A Chat").values(key="tea-and-a-chat"))
    write(app, update(Series).where(Series.title == "Yoga").values(description="On a 100% soft chair"))


@pytest.mark.usefixtures("mixed")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("programme=wellbeing", {"Yoga"}),
        ("programme=tea-and-a-chat", {"Leeds", "Speaker"}),
        ("format=online", {"Yoga", "Speaker"}),
        ("format=in-person", {"Leeds", "Speaker"}),
        ("format=in+person", {"Leeds", "Speaker"}),
        ("nation=scotland", {"Speaker"}),
        ("nation=northern-ireland", set()),
        ("time=morning", {"Yoga"}),
        ("time=afternoon", {"Leeds"}),
        ("time=after-5pm", {"Speaker"}),
        ("q=glasgow", {"Speaker"}),
        ("q=SOFT+chair", {"Yoga"}),
        ("q=soft+leeds", set()),
        ("q=100%25", {"Yoga"}),
        ("q=%25%25", set()),
        ("q=_", set()),
        ("programme=wellbeing&format=online&time=morning&q=yoga", {"Yoga"}),
    ],
)
def test_filters_find_what_fits(client: FlaskClient, asked: str, found: set[str]) -> None:
    assert set(titles(client, f"/sessions?{asked}")) == found


@pytest.mark.usefixtures("mixed")
@pytest.mark.parametrize(
    "nonsense",
    [
        "programme=nothing",
        "programme=%3Cscript%3E",
        "programme=" + "x" * 9000,
        "programme=%F0%9F%8D%B5",
        "format=by+post",
        "nation=atlantis",
        "time=midnight",
        "from=yesterday",
        "from=2026-02-30",
        "from=0001-01-01",
        "from=99999-01-01",
        "before=never",
        "skip=-1",
        "skip=99999999999999999999",
        "from=2026-11-22&skip=abc",
        "q=+++",
        "unknown=1",
        "from=2020-01-01",
    ],
)
def test_wrong_filters_are_kindly_not_minded(client: FlaskClient, nonsense: str) -> None:
    assert set(titles(client, f"/sessions?{nonsense}")) == {"Leeds", "Yoga", "Speaker"}


@pytest.mark.parametrize(
    "typed", ["x" * 10_000, "%F0%9F%8D%B5", "%E2%80%AEabc", "<b>&\"'", "a%0D%0Ab", "%ff%fe", "'; DROP TABLE"]
)
def test_anything_typed_into_the_search_is_only_words(client: FlaskClient, typed: str) -> None:
    page = client.get(f"/sessions?q={typed}")
    assert page.status_code == 200
    assert "<b>&" not in page.text


@pytest.fixture
def many(app: Flask, make: Builders) -> Callable[[int, int], None]:
    """Fill the coming days: so many dates a day, on so many days."""

    def fill(days: int, a_day: int) -> None:
        first = make.session(make.series(), on=date(2026, 11, 23), own_title="2026-11-23 000")
        with app.app_context():
            like = db.session.get_one(ScheduledSession, first)
            for number in range(1, days * a_day):
                db.session.add(copied(like, number, *divmod(number, a_day)))
            db.session.commit()

    return fill


def copied(like: ScheduledSession, number: int, day: int, nth: int) -> ScheduledSession:
    """Return the same session some days later; a series has each rule date once, so those run ahead."""
    names = [column.key for column in inspect(ScheduledSession).columns if column.key != "id"]
    facts = {name: getattr(like, name) for name in names}
    later = timedelta(days=day)
    facts |= {name: facts[name] + later for name in ("local_date", "starts_at", "ends_at")}
    facts |= {"uid": f"{like.uid}-{number}", "rule_date": like.rule_date + timedelta(days=number)}
    return ScheduledSession(**facts | {"own_title": f"{facts['local_date']} {nth:03}"})


@pytest.mark.parametrize(("days", "a_day"), [(30, 3), (3, 18), (2, 95)])
def test_turning_pages_shows_every_date_once_in_order(
    client: FlaskClient, many: Callable[[int, int], None], days: int, a_day: int
) -> None:
    many(days, a_day)
    shown = titles(client)
    for path in turned(client, "/sessions", _LATER):
        shown += titles(client, path)
    assert len(shown) == days * a_day
    assert shown == sorted(shown)


def test_turning_back_leads_to_the_beginning(client: FlaskClient, many: Callable[[int, int], None]) -> None:
    many(30, 3)
    *_others, last = turned(client, "/sessions", _LATER)
    shown = titles(client, last)
    for path in turned(client, last, _EARLIER):
        shown = titles(client, path) + shown
    assert len(shown) == 90
    assert shown == sorted(shown)


def test_later_and_earlier_say_which_days_in_words(
    client: FlaskClient, many: Callable[[int, int], None]
) -> None:
    many(30, 3)
    first = client.get("/sessions?format=in-person")
    assert "Later dates: from Sunday 29 November" in words(first)
    assert "Earlier dates" not in words(first)
    later = html.unescape(_LATER.findall(first.text)[0])
    assert "format=in-person" in later
    assert "Earlier dates" in words(client.get(later))


def test_the_list_asks_the_same_number_of_questions_however_long_it_is(
    app: Flask, many: Callable[[int, int], None], make: Builders
) -> None:
    ann = make.sign_in(app.test_client(), make.facilitator("Ann"))
    many(1, 2)
    with counted(app) as few:
        ann.get("/sessions")
    asked_with_two = len(few)
    many(20, 4)
    few.clear()
    ann.get("/sessions")
    assert len(few) == asked_with_two <= 6
