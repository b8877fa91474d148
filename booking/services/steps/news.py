"""News to whoever asked for it, begun and ended inside a caller's transaction that holds her row."""

from datetime import datetime

from sqlalchemy import update

from booking.db import db
from booking.models import Message, Person
from booking.models.kinds import MessageKind, MessageState
from booking.services.steps.letters import not_begun

NOT_WISHED_FOR = "not wished for"


def begin(person: Person) -> None:
    """Let news go to her from now on; the ledger says that she asked for it."""
    person.wants_news = True


def let_go(person: Person, now: datetime) -> None:
    """Send her no more news, and withdraw what waits or is not begun."""
    person.wants_news = False
    db.session.execute(
        update(Message)
        .where(Message.person_id == person.id, Message.kind == MessageKind.NEWS, not_begun())
        .values(state=MessageState.WITHDRAWN, why=NOT_WISHED_FOR, leased_by=None, leased_until=None),
        execution_options={"synchronize_session": False},
    )
