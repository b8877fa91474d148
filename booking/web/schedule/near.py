"""Sessions near somebody: what she types or her phone says is posted, used once, and kept nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import make_response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import StopValidation

from booking import clock
from booking.queries import near as asked
from booking.queries import schedule
from booking.queries.schedule import Card
from booking.rules import distance, places_uk
from booking.rules.distance import Position
from booking.rules.faults import Fault
from booking.rules.places_uk import LONGEST_NAME, Place
from booking.web.doors import Door, opens_for
from booking.web.schedule import asking, blueprint, words
from booking.web.throttle import throttled
from booking.web.validators import line
from booking.web.widgets import GovTextInput

_FIRST_SHOWN, _FURTHER_SHOWN, _MOST_SHOWN = 5, 10, 200
# Beside a place that was plainly meant; what is near comes first.
_OTHERS_SHOWN = 2


class NearForm(FlaskForm):
    """Where she is: a town that she types, or what her phone says when she offers it."""

    town = StringField(
        _l("Town, city or village"),
        description=_l("Such as Leeds, or Newport, Wales"),
        validators=[line(LONGEST_NAME)],
        widget=GovTextInput("off"),
    )
    latitude = HiddenField()
    longitude = HiddenField()
    programme = HiddenField()
    most = HiddenField()

    @property
    def by_phone(self) -> bool:
        """Say whether her phone told where she is."""
        return bool(self.latitude.data or self.longitude.data)

    def validate_latitude(self, field: HiddenField) -> None:
        """Refuse what no phone says. The reason stands beside the town: she can type that instead."""
        try:
            if self.by_phone:
                distance.position(self.latitude.data or "", self.longitude.data or "")
        except Fault:
            raise StopValidation(
                _("We could not read where your phone says you are. Please type a town instead.")
            ) from None

    def validate_town(self, field: StringField) -> None:
        """Refuse nothing at all, and a postcode."""
        if self.by_phone:
            return
        if not field.data:
            raise StopValidation(_("Enter a town, a city or a village"))
        if places_uk.is_postcode(field.data):
            raise StopValidation(_("We can't look up postcodes. Enter a town, a city or a village instead."))


@dataclass(frozen=True, slots=True)
class Here:
    """Where she is, and how the page calls it."""

    position: Position
    name: str


@blueprint.route("/sessions/near", methods=["GET", "POST"])
@opens_for(Door.ANYONE)
@throttled("300 per hour")
def near() -> ResponseReturnValue:
    """Ask where she is, and show what is near."""
    form = NearForm()
    if not form.validate_on_submit():
        return _page(form, 422 if form.errors else 200)
    if form.by_phone:
        found = distance.position(form.latitude.data or "", form.longitude.data or "")
        return _answer(form, Here(found, _("where you are"))) if found is not None else _page(form, 200)
    meant = asked.find_place(form.town.data or "")
    choices = _labels(meant.others)
    if meant.place is not None:
        here = Here((meant.place.latitude, meant.place.longitude), places_uk.label(meant.place))
        return _answer(form, here, is_guessed=meant.is_guessed, choices=choices[:_OTHERS_SHOWN])
    return _page(
        form,
        200,
        choices=choices,
        is_unknown=not choices,
        online=[] if choices else _shown(asked.online(asking.viewer(), clock.now(), ""), clock.now()),
    )


def _answer(form: NearForm, here: Here, **meant: object) -> ResponseReturnValue:
    now, viewer, most = clock.now(), asking.viewer(), _number(form.most.data)
    programmes = {found.key: found.name for found in schedule.programmes(viewer)}
    programme = form.programme.data if form.programme.data in programmes else ""
    around = asked.around(here.position, viewer, now, most, programme or "")
    found = [(venue, _how_far(venue.distance), _shown(venue.cards, now)) for venue in around.venues]
    where = {name: form[name].data for name in ("latitude", "longitude") if form.by_phone}
    return _page(
        form,
        200,
        here=here,
        found=found,
        further=around.further,
        online=_shown(around.online, now),
        where=where or {"town": here.name},
        programmes=programmes,
        programme=programme,
        most=most,
        next_most=min(_MOST_SHOWN, most + _FURTHER_SHOWN),
        **meant,
    )


def _shown(cards: Sequence[Card], now: datetime) -> list[words.Shown]:
    return [words.shown(card, words.phase_of(card, now)) for card in cards]


def _how_far(miles: float | None) -> str:
    return distance.distance_words(miles) if miles is not None else _("we don't know how far")


def _labels(places: Sequence[Place]) -> list[str]:
    return list(dict.fromkeys(places_uk.label(place) for place in places))


def _number(written: str | None) -> int:
    usable = (written or "").isascii() and (written or "").isdigit() and len(written or "") <= 4
    return max(_FIRST_SHOWN, min(int(written or 0), _MOST_SHOWN)) if usable else _FIRST_SHOWN


def _page(form: NearForm, status: int, **facts: object) -> ResponseReturnValue:
    page = make_response(render_template("schedule/near.html", form=form, **facts), status)
    # This page alone may ask the phone, and only after she pressed the button.
    page.headers["Permissions-Policy"] = (
        "camera=(), microphone=(), geolocation=(self), payment=(), usb=(), browsing-topics=()"
    )
    return page
