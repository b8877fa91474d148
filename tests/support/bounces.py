"""Reports of mail servers about letters that came back, as they are written all over the world."""

HARD, SOFT = "5.1.1", "4.2.2"


def report(
    message_id: str,
    *,
    to: str = "office@example.org",
    address: str = "ann@example.org",
    status: str = HARD,
    action: str = "failed",
    returned: str = "message/rfc822",
    group: str = "",
) -> bytes:
    """Write one report about one letter; `returned` is how the letter itself is brought back."""
    fields = group or f"Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\n"
    return f"""Return-Path: <>
From: Mail Delivery System <mailer-daemon@mx.example.net>
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain

This is the mail system. Your message could not be delivered to {address}.
--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

{fields}
--cut
Content-Type: {returned}

Message-ID: {message_id}
Subject: Wellbeing session
From: office@example.org

Hello
--cut--
""".encode()


def mbox(*letters: bytes) -> bytes:
    """Put letters into one mbox file."""
    return b"".join(b"From MAILER-DAEMON Sun Nov 22 12:00:00 2026\n" + one + b"\n" for one in letters)
