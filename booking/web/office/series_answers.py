"""From the form of a series to its plan: what was not said is filled in as usual for the programme."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from secrets import token_hex

from flask_babel import gettext as _

from booking.models.kinds import Access, Audience, Companions, Mode
from booking.queries import office, reports, venues
from booking.refusals import Refusal
from booking.rules.discreet import discreet_name
from booking.rules.programmes import USUAL, Usual, usual_of
from booking.rules.recurrence import Rule, build_rule
from booking.rules.timetable import SeriesPlan
from booking.rules.wordings import current_version
from booking.rules.words import length_words
from booking.services.venues import ACCESS_FACTS, VenueFacts
from booking.web.office.fields import text_of
from booking.web.office.refused import put_beside
from booking.web.office.series_fields import UsualPlacesField
from booking.web.office.series_forms import AUDIENCES, COMPANIONS, NEW_VENUE, SeriesForm
from booking.web.widgets import options

_EVERYWHERE = "UK"
_LAST_MINUTE = time(23, 59)


def fill_choices(form: SeriesForm) -> SeriesForm:
    """Put in what can be chosen today: venues, programmes, hosts, versions of the ground rules."""
    known = venues.all_venues()
    form.venue_names = {str(venue.id): venue.name for venue in known}
    form.venue_nations = {str(venue.id): venue.nation for venue in known}
    form.venue.choices = options(
        [("", _("No venue: online")), *form.venue_names.items(), (NEW_VENUE, _("A new venue"))]
    )
    programmes = {name: name for _key, name in reports.programmes()}
    programmes |= {name: name for name in USUAL}
    form.programme.choices = options([("", _("Choose a programme")), *programmes.items()])
    names = [(str(host.person_id), f"{host.full_name} ({host.known_as})") for host in office.all_hosts()]
    form.hosts.choices = options([("", _("Nobody yet")), *names])
    form.second_host.choices = options([("", _("Nobody")), *names])
    today = current_version("ground_rules")
    versions = dict.fromkeys([today, *filter(None, [text_of(form.ground_rules)])])
    form.ground_rules.choices = options([("", _("Always the newest")), *((one, one) for one in versions)])
    return form


def is_sound(form: SeriesForm) -> bool:
    """Say every fault at once: a rule that makes no sense too, as far as its parts can be read."""
    sound = bool(form.validate())
    parts = (
        form.starts_on,
        form.repeat,
        form.weekdays,
        form.nth,
        form.every,
        form.count,
        form.until,
        form.dates,
    )
    if sound or any(part.errors for part in parts):
        return sound
    try:
        rule_of(form)
    except Refusal as refusal:
        put_beside(form, refusal)
    return False


def plan_of(form: SeriesForm) -> SeriesPlan:
    """Bring the answers into one plan, without a key. Refuses: a rule that makes no sense."""
    usual, mode = usual_of(form.programme.data), form.mode
    return SeriesPlan(
        key="",
        title=text_of(form.title),
        programme=form.programme.data,
        mode=mode.value,
        place=_place(form),
        nation=_nation(form),
        rule=rule_of(form),
        starts_on=_first_date(form),
        start_time=form.start_time.at,
        end_time=form.end_time.data or _usual_end(form, usual),
        places_room=0 if mode is Mode.ONLINE else _places(form.places_room, usual.places_room),
        places_online=0 if mode is Mode.IN_PERSON else _places(form.places_online, usual.places_online),
        audience=form.audience.data or usual.audience,
        companions=form.companions.data or _usual_companions(mode, usual),
        enrol=form.enrol.data,
        movement_check=bool(form.movement_check.data),
        welcome_call=bool(form.welcome_call.data),
        discreet_name=text_of(form.discreet_name),
        description=text_of(form.description),
        meeting_url=text_of(form.meeting_url),
        dial_in=text_of(form.dial_in),
        grant=text_of(form.grant),
        office_notes=text_of(form.office_notes),
        join_until_week=form.join_until_week.number or 1,
        single_weeks=bool(form.single_weeks.data),
        waiting_list=not form.no_waiting_list.data,
        waiting_books=bool(form.waiting_books.data) and not form.no_waiting_list.data,
        opens_days_before=form.opens_days_before.number,
        closes_minutes_before=form.closes_minutes_before.or_none,
        newcomer_places=form.newcomer_places.or_none,
        min_facilitators=1 if form.min_facilitators.number is None else form.min_facilitators.number,
        ground_rules_version=text_of(form.ground_rules),
        suits=tuple(form.suits.data or ()),
    )


def rule_of(form: SeriesForm) -> Rule:
    """Return how it repeats; what was not said follows from the first date."""
    repeat, starts_on = form.repeat.data, form.starts_on.day
    if repeat == "once":
        return build_rule("once")
    if repeat == "dates":
        return build_rule("dates", dates=sorted({starts_on, *form.dates.dates}))
    days = [int(day) for day in form.weekdays.data or ()] or [starts_on.weekday()]
    return build_rule(
        "monthly" if repeat == "monthly" else "weekly",
        days,
        nth=(int(form.nth.data) if form.nth.data else nth_of(starts_on)) if repeat == "monthly" else None,
        every=form.every.number or (2 if repeat == "fortnightly" else 1),
        count=form.count.number,
        until=form.until.data,
    )


def nth_of(on: date) -> int:
    """Say which of its weekdays a date is in its month. Units: 1 to 4, or -1 for the last."""
    nth = (on.day - 1) // 7 + 1
    return nth if nth < 5 else -1


def host_ids(form: SeriesForm) -> list[int]:
    """Return who shall lead it, the first one first."""
    return [int(chosen) for chosen in (form.hosts.data, form.second_host.data) if chosen]


def names_of(person_ids: Sequence[int]) -> list[str]:
    """Return the names that hosts like to be called by, in the order given."""
    names = {host.person_id: host.known_as for host in office.all_hosts()}
    return [names[person_id] for person_id in person_ids if person_id in names]


def key_for(form: SeriesForm, planned: SeriesPlan) -> str:
    """Return a key for what is planned here.

    The same form sent twice has the same key, and so makes one series; gone back to and changed, another.
    """
    token = re.sub(r"[^0-9a-f]", "", str(form.token.data or ""))[:8] or token_hex(4)
    return f"{_slug(discreet_of(form))}-{token}-{sha256(str(planned).encode()).hexdigest()[:6]}"


def discreet_of(form: SeriesForm) -> str:
    """Return the name that a lock screen may show."""
    names = dict(reports.discreet_names())
    return discreet_name(text_of(form.title), text_of(form.discreet_name), names.get(form.programme.data, ""))


def new_venue_facts(form: SeriesForm) -> VenueFacts:
    """Return what was written about a venue that is not there yet."""
    return VenueFacts(
        name=text_of(form.venue_name),
        nation=_nation(form),
        address=text_of(form.venue_address),
        access={fact: Access(form[fact].data) for fact in ACCESS_FACTS},
    )


def usual_words() -> list[tuple[str, list[str]]]:
    """Say for each programme what a series is when nobody says otherwise."""
    return [(programme, _said(usual)) for programme, usual in USUAL.items()]


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("&", " and ")).strip("-")[:50].strip("-") or "sessions"


def _said(usual: Usual) -> list[str]:
    no_limit = _("no limit of places")
    room = _("%(places)s places in a room", places=usual.places_room) if usual.places_room else no_limit
    online = _("%(places)s online", places=usual.places_online) if usual.places_online else ""
    return [
        length_words(usual.minutes),
        ", ".join(filter(None, [room, online])),
        _("For: %(whom)s", whom=AUDIENCES[Audience(usual.audience)]),
        _("Brought along to a room: %(whom)s", whom=COMPANIONS[Companions(usual.companions)]),
    ]


def _place(form: SeriesForm) -> str:
    """Return the name of the venue, which the form has seen to."""
    if form.venue.data == NEW_VENUE:
        return text_of(form.venue_name)
    return form.venue_names.get(form.venue.data, "")


def _nation(form: SeriesForm) -> str:
    if form.nation.data:
        return str(form.nation.data)
    if form.venue.data == NEW_VENUE:
        return str(form.venue_nation.data)
    return form.venue_nations.get(form.venue.data, _EVERYWHERE)


def _first_date(form: SeriesForm) -> date:
    listed = form.dates.dates if form.repeat.data == "dates" else ()
    return min([form.starts_on.day, *listed])


def _usual_end(form: SeriesForm, usual: Usual) -> time:
    """Add the usual length; a session does not go on over midnight."""
    start = datetime.combine(form.starts_on.day, form.start_time.at)
    end = start + timedelta(minutes=usual.minutes)
    return end.time() if end.date() == start.date() else _LAST_MINUTE


def _usual_companions(mode: Mode, usual: Usual) -> str:
    return Companions.NEVER.value if mode is Mode.ONLINE else usual.companions


def _places(field: UsualPlacesField, usual: int | None) -> int | None:
    return usual if field.is_usual else field.places
