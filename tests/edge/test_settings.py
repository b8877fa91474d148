"""Whoever sets the service up is told everything that is wrong at once, and no letter pays for it."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import config
from booking import cli, clock, create_app
from tests.support.processes import service

OURS = ("APP_ENV", "DATABASE_URL", "SECRET_KEY", "BASE_URL", "MAIL_URL", "MAIL_FROM", "TRUSTED_HOSTS")
OURS += ("ORGANISATION_NAME", "HELP_PHONE", "HELP_EMAIL", "TRUSTED_PROXIES", "RATE_LIMITS", "CLOCK_FILE")
MAY_BE_EMPTY = ("BOUNCE_ADDRESS", "TEXT_URL", "TEXT_FROM")


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*OURS, *MAY_BE_EMPTY):
        monkeypatch.delenv(name, raising=False)


def problems(monkeypatch: pytest.MonkeyPatch, folder: Path, **environment: str) -> list[str]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(config.SettingsError) as refused:
        config.read(folder)
    return refused.value.problems


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAIL_FROM", "noreply@localhost"),
        ("MAIL_FROM", "ada@example.org, ben@example.org"),
        ("MAIL_FROM", "jürgen@example.org"),
        ("BOUNCE_ADDRESS", "bounces"),
        ("BOUNCE_ADDRESS", "a-bounce-address-that-is-too-long@example.org"),
        ("TEXT_URL", "ftp://texts.example.org"),
        ("TEXT_URL", "https://"),
        ("TEXT_URL", "https://texts.example.org:abc"),
        ("TEXT_FROM", "A name that is long"),
        ("TEXT_FROM", "Cancer tea"),
        ("MAIL_URL", "smtp://mail.example.org:abc"),
        ("MAIL_URL", "smtp://mail.example.org:99999"),
        ("MAIL_URL", "smtp://[mail"),
        ("DATABASE_URL", "postgresql://h:port/x"),
        ("DATABASE_URL", "postgresql+psycopg2://h/x"),
        ("DATABASE_URL", "mysql://h/x"),
    ],
)
def test_what_can_never_work_is_refused_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
) -> None:
    (said,) = problems(monkeypatch, tmp_path, **{name: value})
    assert said.startswith(name)
    assert value not in said


def test_a_value_of_the_wrong_kind_hides_no_other_problem(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wrong = {"TRUSTED_PROXIES": "two", "MAIL_FROM": "ada", "RATE_LIMITS": "perhaps"}
    said = problems(monkeypatch, tmp_path, APP_ENV="production", **wrong)
    named = {sentence.split()[0] for sentence in said}
    assert named >= set(OURS) - {"APP_ENV", "DATABASE_URL", "CLOCK_FILE"}
    assert "RATE_LIMITS can't be off." not in said


IN_PRODUCTION = {
    "APP_ENV": "production",
    "SECRET_KEY": "k" * 40,
    "BASE_URL": "https://sessions.example.org",
    "MAIL_URL": "smtps://user:password@mail.example.org",
    "MAIL_FROM": "sessions@charity.example.org",
    "TRUSTED_HOSTS": "sessions.example.org",
    "ORGANISATION_NAME": "A Charity",
    "HELP_PHONE": "0113 496 0123",
    "HELP_EMAIL": "help@charity.example.org",
}


def test_with_everything_set_production_starts_and_answers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str
) -> None:
    for name, value in (IN_PRODUCTION | {"DATABASE_URL": database_url}).items():
        monkeypatch.setenv(name, value)
    visitor = create_app(config.read(tmp_path)).test_client()
    answer = visitor.get("/health/live", base_url=IN_PRODUCTION["BASE_URL"])
    assert answer.status_code == 200
    assert visitor.get("/office", base_url=IN_PRODUCTION["BASE_URL"]).status_code == 303


@pytest.mark.parametrize("name", [name for name in IN_PRODUCTION if name != "APP_ENV"])
def test_production_does_not_start_with_one_thing_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (said,) = problems(monkeypatch, tmp_path, **IN_PRODUCTION | {name: ""})
    assert name in said


@pytest.mark.parametrize("url", ["console://", "http://texts.example.org/send"])
def test_production_sends_no_text_message_to_nobody_or_in_the_open(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str
) -> None:
    (said,) = problems(monkeypatch, tmp_path, **IN_PRODUCTION | {"TEXT_URL": url})
    assert said.startswith("TEXT_URL must begin with https://")


@pytest.mark.parametrize(
    ("environment", "sends"),
    [
        ({}, True),
        ({"TEXT_URL": ""}, False),
        ({"TEXT_URL": "none:"}, False),
        (IN_PRODUCTION, False),
        (IN_PRODUCTION | {"TEXT_URL": "https://us:token@texts.example.org/send"}, True),
    ],
)
def test_text_messages_are_sent_where_somebody_is_named_who_sends_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environment: dict[str, str], sends: bool
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    told = config.read(tmp_path)
    assert told.sends_texts is sends
    assert "token" not in repr(told)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Make 2nds Count", "Make 2nds"),
        ("Elusen Tŷ Gobaith", "Elusen Ty"),
        ("Supercalifragilistic", "Supercalifr"),
    ],
)
def test_a_phone_shows_a_short_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, shown: str
) -> None:
    monkeypatch.setenv("ORGANISATION_NAME", name)
    assert config.read(tmp_path).text_from == shown


def test_two_processes_that_start_at_once_share_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as starting:
        keys = set(starting.map(lambda _: config.read(tmp_path).secret_key, range(8)))
    (kept,) = (tmp_path / "instance").iterdir()
    assert keys == {kept.read_text()}
    assert stat.S_IMODE(os.stat(kept).st_mode) == 0o600


@pytest.mark.parametrize("words", [b"soon", b"\xff\xfe", b"+999999999999d", b"0001-01-01T00:00:00+14:00"])
def test_a_clock_nobody_can_read_is_said_in_one_line(tmp_path: Path, words: bytes) -> None:
    path = tmp_path / "clock"
    path.write_bytes(words)
    clock.read_from_file(str(path))
    try:
        with pytest.raises(clock.UnreadableClock) as fault:
            clock.now()
    finally:
        clock.read_from_file(None)
    assert str(cli.plain_words(fault.value)).startswith("CLOCK_FILE ")


@pytest.mark.parametrize("command", [("worker",), ("worker", "--once"), ("make-admin", "ada@example.org")])
def test_a_command_with_such_a_clock_leaves_no_trace(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "clock").write_text("soon")
    with service("sqlite://", tmp_path, CLOCK_FILE=str(tmp_path / "clock")) as stopped:
        done = stopped.run(*command)
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["CLOCK_FILE holds 'soon', not an instant or an offset."]
