"""The mail server of the tests misbehaves exactly as it is told to."""

import smtplib
from collections.abc import Iterator

import pytest

from tests.support import smtp
from tests.support.smtp import Drop, MailServer, Stall, mail_server


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


def send(server: MailServer, to: str = "ann@example.org", timeout: float = 5) -> None:
    with smtplib.SMTP("127.0.0.1", server.port, timeout=timeout) as client:
        client.sendmail("sessions@example.org", [to], b"Subject: Hello\r\n\r\nHello Ann\r\n")


def test_a_letter_is_kept_as_it_came(server: MailServer) -> None:
    send(server)
    letter = server.delivered[0]
    assert (letter.recipients, letter.message["Subject"]) == (("ann@example.org",), "Hello")


@pytest.mark.parametrize("answer", [smtp.TEMPORARY, smtp.REFUSED, smtp.CLOSING])
def test_a_refusal_is_said_once_and_then_the_letter_is_taken(server: MailServer, answer: str) -> None:
    server.answers.append(answer)
    with pytest.raises(smtplib.SMTPDataError, match=answer[4:9]):
        send(server)
    send(server)
    assert (server.attempts, len(server.delivered)) == (2, 1)


def test_an_address_is_refused_before_the_letter(server: MailServer) -> None:
    server.recipients["ben@example.org"] = smtp.REFUSED
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(server, to="ben@example.org")
    assert server.attempts == 0


def test_it_hangs_up_after_taking_the_letter(server: MailServer) -> None:
    server.answers.append(Drop())
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send(server)
    assert len(server.delivered) == 1


def test_it_keeps_the_sender_waiting(server: MailServer) -> None:
    server.answers.append(Stall(seconds=30))
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        send(server, timeout=0.3)
    assert server.delivered == []
