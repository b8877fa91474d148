"""Who is on the other side of the request, as every view may know her."""

from dataclasses import dataclass

from flask_login import UserMixin


@dataclass(frozen=True)
class Visitor(UserMixin):
    """A signed-in person: her id, the name she likes, and what her roles open."""

    person_id: int
    known_as: str
    is_facilitator: bool
    is_admin: bool
    is_safeguarding: bool
    # Whether she has an authenticator app, and showed its code in this sign-in: ever, and of late.
    has_second_factor: bool
    shown_second_factor: bool
    shown_second_factor_of_late: bool
    sign_in_public_id: str

    def get_id(self) -> str:
        """Return the id of the sign-in record: the cookie names the record, never the person."""
        return self.sign_in_public_id
