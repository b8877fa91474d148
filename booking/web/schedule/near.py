"""Sessions near somebody: what she types or her phone says is posted, used once, and kept nowhere."""

from dataclasses import dataclass

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
    places = [] if form.by_phone else asked.find_place(form.town.data or "")
    here = _here(form, places)
    if here is not None:
        return _answer(form, here)
    if not places_uk.places_named(form.town.data or ""):
        said = _("We don't know a place of that name.")
        tried = _("Did you mean one of these?") if places else _("Try a larger town nearby.")
        form.town.errors = [f"{said} {tried}"]
    return _page(form, 422 if form.errors else 200, choices=_labels(places))


def _here(form: NearForm, places: list[Place]) -> Here | None:
    """Return where she is, if it is sure: a place that is only nearly called so is not."""
    if form.by_phone:
        found = distance.position(form.latitude.data or "", form.longitude.data or "")
        return Here(found, _("where you are")) if found is not None else None
    if len(places) == 1 and places_uk.places_named(form.town.data or ""):
        return Here((places[0].latitude, places[0].longitude), places_uk.label(places[0]))
    return None


def _answer(form: NearForm, here: Here) -> ResponseReturnValue:
    now, viewer, most = clock.now(), asking.viewer(), _number(form.most.data)
    programmes = {found.key: found.name for found in schedule.programmes(viewer)}
    programme = form.programme.data if form.programme.data in programmes else ""
    around = asked.around(here.position, viewer, now, most, programme or "")
    found = [
        (
            venue,
            _how_far(venue.distance),
            [words.shown(card, words.phase_of(card, now)) for card in venue.cards],
        )
        for venue in around.venues
    ]
    where = {name: form[name].data for name in ("latitude", "longitude") if form.by_phone}
    return _page(
        form,
        200,
        here=here,
        found=found,
        further=around.further,
        online=[words.shown(card, words.phase_of(card, now)) for card in around.online],
        where=where or {"town": here.name},
        programmes=programmes,
        programme=programme,
        most=most,
        next_most=min(_MOST_SHOWN, most + _FURTHER_SHOWN),
    )


def _how_far(miles: float | None) -> str:
    return distance.distance_words(miles) if miles is not None else _("we don't know how far")


def _labels(places: list[Place]) -> list[str]:
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
