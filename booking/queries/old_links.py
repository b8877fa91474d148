"""Links that no longer work: where they would have led, so that a new one leads there too."""

from sqlalchemy import select

from booking.db import db
from booking.models import EmailLink
from booking.models.kinds import LinkPurpose
from booking.rules.tokens import row_id_of, token_fits
from booking.settings import settings


def led_to(token: str, purpose: LinkPurpose) -> str:
    """Return the path that a link which was ours would have gone on to; for any other token nothing."""
    row_id = row_id_of(token)
    link = db.session.scalar(select(EmailLink).where(EmailLink.id == row_id)) if row_id is not None else None
    if link is None or not token_fits(settings().secret_keys, purpose.value, link.id, link.nonce, token):
        return ""
    return link.next_path
