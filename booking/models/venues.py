"""Where people meet, with the facts somebody needs who is not steady on her feet."""

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base
from booking.models.columns import one_of, words
from booking.models.kinds import Access


class Venue(Base):
    """A room, a hall, a café."""

    __tablename__ = "venue"
    __table_args__ = (
        UniqueConstraint("name"),
        *(
            one_of(fact, Access)
            for fact in ("step_free", "hearing_loop", "parking", "toilets", "quiet_corner")
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(Text, default="")
    nation: Mapped[str] = mapped_column(String(30))
    directions: Mapped[str] = mapped_column(Text, default="")
    step_free: Mapped[Access] = mapped_column(words(Access), default=Access.NOT_KNOWN)
    hearing_loop: Mapped[Access] = mapped_column(words(Access), default=Access.NOT_KNOWN)
    parking: Mapped[Access] = mapped_column(words(Access), default=Access.NOT_KNOWN)
    toilets: Mapped[Access] = mapped_column(words(Access), default=Access.NOT_KNOWN)
    quiet_corner: Mapped[Access] = mapped_column(words(Access), default=Access.NOT_KNOWN)
