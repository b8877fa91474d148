"""What the mailbox of development keeps beside letters: text messages."""

from sqlalchemy import insert

from booking.db import db, transaction
from booking.messages.envelope import TextMessage
from booking.models import MailboxLetter


def keep_text(text: TextMessage) -> None:
    """Keep a text message where development reads its mail."""
    # Its reference stands where a letter's Message-ID stands, so that both are found, and forgotten, alike.
    source = (
        f"Message-ID: {text.reference}\r\nFrom: {text.sender}\r\nTo: {text.recipient}\r\n\r\n{text.words}"
    )
    row = {
        "recipient": text.recipient,
        "subject": "Text message",
        "text": text.words,
        "html": "",
        "source": source.encode(),
        "sent_at": text.written_at,
    }
    with transaction():
        db.session.execute(insert(MailboxLetter).values(row))
