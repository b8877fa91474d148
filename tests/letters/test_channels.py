"""A provider of text messages spoken to over a real connection: yes, no, later, and nothing at all."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from booking.messages.channels import Accepted, Outcome, Permanent, Temporary, open_channel, open_text_channel
from booking.messages.channels.http_text import HttpTextChannel
from booking.messages.envelope import TextMessage
from config import Settings
from tests.support import smtp
from tests.support.texts import Provider, provider

TEXT = TextMessage(
    "Make 2nds", "+447700900123", "Tomorrow, 1:30pm", "<m.0f@localhost>", datetime(2026, 8, 1, tzinfo=UTC)
)


@pytest.fixture
def there() -> Iterator[Provider]:
    with provider() as running:
        yield running


def given_to(url: str, seconds: float = 5.0) -> Outcome:
    way = HttpTextChannel(url, seconds)
    try:
        return way.ready() or way.deliver(TEXT)
    finally:
        way.close()


def test_a_text_message_is_one_request_that_says_who_we_are(there: Provider) -> None:
    assert given_to(there.url) == Accepted()
    (headers,) = there.headers
    said = {"to": "+447700900123", "text": "Tomorrow, 1:30pm", "from": "Make 2nds"}
    assert there.asked == [said | {"reference": "<m.0f@localhost>"}]
    assert headers["path"] == "/v1/texts?account=7"
    assert headers["Authorization"] == "Basic dXM6c2VjcmV0IQ=="
    assert headers["Idempotency-Key"] == "<m.0f@localhost>"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Accepted()),
        (400, Permanent("400")),
        (403, Permanent("403")),
        (422, Permanent("422")),
        (408, Temporary("408")),
        (425, Temporary("425")),
        (500, Temporary("500")),
        (502, Temporary("502")),
        # About us, or about everybody: the next message would fare alike, and none is wrong.
        (401, Temporary("401", is_away=True)),
        (429, Temporary("429", is_away=True)),
        (503, Temporary("503", is_away=True)),
    ],
)
def test_the_status_decides(there: Provider, status: int, outcome: Outcome) -> None:
    there.answers.append(status)
    assert given_to(there.url) == outcome


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_nobody_is_followed_elsewhere_with_a_token(there: Provider, status: int) -> None:
    there.answers.append(status)
    assert given_to(there.url) == Temporary(str(status), is_away=True)
    assert len(there.asked) == 1


def test_a_provider_that_hangs_up_is_tried_again_later(there: Provider) -> None:
    there.answers.append(None)
    assert given_to(there.url) == Temporary("RemoteDisconnected")


def test_a_silent_provider_is_not_waited_for_for_ever(there: Provider) -> None:
    there.silent_until = threading.Event()
    assert given_to(there.url, 0.2) == Temporary("TimeoutError")


def test_a_line_can_be_cut_by_whoever_stops_the_worker(there: Provider) -> None:
    there.silent_until = threading.Event()
    way = HttpTextChannel(there.url, 9)
    assert way.ready() is None
    threading.Timer(0.2, way.hang_up).start()
    assert isinstance(way.deliver(TEXT), Temporary)


def test_a_provider_that_is_away_is_said_before_any_words_are_made() -> None:
    assert given_to(f"http://127.0.0.1:{smtp.free_port()}/") == Temporary(
        "ConnectionRefusedError", is_away=True
    )


def test_no_proxy_reads_what_is_said(there: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{smtp.free_port()}")
    assert given_to(there.url) == Accepted()


@pytest.mark.parametrize("url", ["mailbox://", "console://"])
def test_what_only_development_reads_is_refused_in_production(url: str) -> None:
    told = Settings(app_env="production", mail_url=url, text_url=url)
    opened = open_channel if url == "mailbox://" else open_text_channel
    with pytest.raises(RuntimeError):
        opened(told, lambda _kept: None)


def test_a_line_that_is_not_protected_as_promised_is_none(there: Provider) -> None:
    assert given_to(there.url.replace("http:", "https:")) == Temporary("SSLError", is_away=True)


def test_nobody_is_told_anything_who_can_not_show_who_they_are() -> None:
    somebody_else = Path(smtp.__file__).with_name("somebody_elses_certificate.pem")
    with provider(somebody_else) as running:
        outcome = given_to(running.url.replace("http:", "https:"))
    assert outcome == Temporary("SSLCertVerificationError", is_away=True)
    assert running.asked == []
