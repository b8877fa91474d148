"""The form that checks a booking before it is made."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SubmitField

from booking.models.kinds import Pool
from booking.web.widgets import GovRadioInput, GovSubmitInput

POOLS = {Pool.ROOM: _l("In the room"), Pool.ONLINE: _l("Online")}


class PlaceForm(FlaskForm):
    """Room or online, and which of her bookings the page knew of."""

    pool = RadioField(
        _l("How will you join?"),
        validate_choice=False,
        widget=GovRadioInput(),
        render_kw={"class": "stacked"},
    )
    seen = HiddenField()
    submit = SubmitField(_l("Confirm my place"), widget=GovSubmitInput())

    def chosen_pool(self) -> Pool | None:
        """Return the pool that was chosen, or None for anything else."""
        return Pool(self.pool.data) if self.pool.data in list(Pool) else None

    def seen_booking_id(self) -> int | None:
        """Return the booking the page knew of, or None when the form does not say."""
        typed = self.seen.data or ""
        return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else None
