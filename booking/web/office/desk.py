"""The booking desk: somebody is on the phone, and everything she asks for is done from here by keyboard."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.models.kinds import BookingState, CallOutcome, Channel, ConsentPurpose, ContactKind, Mode
from booking.queries import desk as asked
from booking.queries import directory, records, waiting, welcoming
from booking.queries.directory import Search
from booking.queries.records import Known
from booking.refusals import NotFound, PartOfACourse, Refusal, TaskSettled
from booking.rules.addresses import may_be_mobile
from booking.rules.nations import NATIONS
from booking.rules.wall_time import to_local
from booking.rules.wordings import current_version, template_of
from booking.services import bookings, consent, contacts, courses, offers, swaps, tasks, welcome_calls
from booking.services import desk as deeds
from booking.services import waiting as lists
from booking.services.welcome_calls import Went
from booking.settings import settings
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint, desk_words, refused, said, searches
from booking.web.office.desk_choices import DateForm
from booking.web.office.fields import text_of
from booking.web.office.forms import FindPeopleForm

if TYPE_CHECKING:
    from booking.models import Booking

_MOST_SKIPPED = 300
# Before the id of the place that she gives up for the chosen date.
_CHANGE = "change-"
_RULES = ConsentPurpose.GROUND_RULES


@blueprint.route("/office/desk", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def desk() -> ResponseReturnValue:
    """Look for whoever is on the phone; one who fits alone is taken at once."""
    words, now = searches.looked_for(), clock.now()
    form = FindPeopleForm(data={"words": words})
    if form.validate_on_submit():
        return _looked(text_of(form.words))
    page = render_template(
        "office/desk.html",
        form=form,
        looked=bool(words),
        search=directory.find(words) if words else Search(()),
        most=directory.MOST_FOUND,
        held=asked.held_now(now),
        today=to_local(now).date(),
        say=desk_words,
        said=said,
    )
    return page, 422 if form.errors else 200


@blueprint.route("/office/desk/<int:person_id>", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def desk_for(person_id: int) -> ResponseReturnValue:
    """Read the next dates out to somebody; book one, hold it while talking, or let her wait for it."""
    known, now, form = _on_the_phone(person_id), clock.now(), DateForm()
    if form.validate_on_submit() and _took(form, person_id, known.person.known_as, now):
        return _back(person_id)
    page = render_template("office/desk_for.html", **_facts(person_id, form, now))
    return page, 422 if form.errors else 200


@blueprint.post("/office/desk/<int:person_id>/bookings/<int:booking_id>")
@opens_for(Door.ADMIN)
def desk_change(person_id: int, booking_id: int) -> ResponseReturnValue:
    """Change or end one place of hers, as she says."""
    known, now = _on_the_phone(person_id), clock.now()
    name, booking = known.person.known_as, asked.place_of(booking_id, person_id)
    if booking is None:
        raise NotFound
    with refused.as_notice():
        _change(booking, person_id, request.form.get("deed", ""), now)
        _say_done(person_id, booking_id, name, now)
    return _back(person_id)


@blueprint.post("/office/desk/<int:person_id>/channel")
@opens_for(Door.ADMIN)
def desk_channel(person_id: int) -> ResponseReturnValue:
    """Choose how she is told from now on."""
    known, wanted = _on_the_phone(person_id), request.form.get("channel", "")
    if wanted not in {channel.value for channel in _ways(known)}:
        abort(400)
    with refused.as_notice():
        contacts.choose_channel(person_id, Channel(wanted), clock.now(), visitor().person_id)
        way = str(said.CHANNELS[Channel(wanted)])
        flash(_("%(name)s is told this way now: %(way)s.", name=known.person.known_as, way=way), "success")
    return _back(person_id)


@blueprint.post("/office/desk/<int:person_id>/confirmed")
@opens_for(Door.ADMIN)
def desk_confirmed(person_id: int) -> ResponseReturnValue:
    """Note that somebody who never answered her letter is on the phone herself."""
    known = _on_the_phone(person_id)
    kept = deeds.confirm_by_phone(person_id, visitor().person_id, clock.now())
    for one in kept:
        if one.why_not is not None:
            flash(_("A place could not be kept: %(why)s", why=refused.said(one.why_not)), "notice")
    flash(_("%(name)s is known to us now.", name=known.person.known_as), "success")
    return _back(person_id)


def _looked(words: str) -> ResponseReturnValue:
    found = directory.find(words)
    # The words are kept for the page of results, and for the form that adds somebody of that name.
    searches.remember(words)
    if len(found.found) == 1 and not found.is_nearly:
        return redirect(url_for("office.desk_for", person_id=found.found[0].person_id), 303)
    return redirect(url_for("office.desk", found=1), 303)


def _on_the_phone(person_id: int) -> Known:
    known = records.known(person_id)
    if not known.may_have_roles:
        abort(404)
    return known


def _back(person_id: int) -> ResponseReturnValue:
    return redirect(url_for("office.desk_for", person_id=person_id), 303)


def _wanted() -> asked.Wanted:
    """Return which dates the address asks for; what it can't mean is left out."""
    series, way, skip, nation = (request.args.get(name, "") for name in ("series", "way", "skip", "nation"))
    return asked.Wanted(
        series_id=_number(series) or None,
        mode=Mode(way) if way in (Mode.IN_PERSON, Mode.ONLINE) else None,
        nation=nation if nation in NATIONS else "",
        skip=min(_number(skip), _MOST_SKIPPED),
    )


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 9 else 0


def _facts(person_id: int, form: DateForm, now: datetime) -> dict[str, Any]:
    """Read everything that the page shows, also after a refusal, when what was read before is old."""
    known, wanted = records.known(person_id), _wanted()
    hers = asked.places_of(person_id, now)
    is_confirmed = asked.is_confirmed(known)
    dates = asked.next_dates(known, wanted, now)
    asks_for_more = bool(request.args) and not form.errors
    form.offer(desk_words.choices(dates, hers, now), focus=asks_for_more)
    agreed = records.standing(person_id).get(_RULES) == current_version(_RULES)
    return {
        "known": known,
        "form": form,
        "dates": dates,
        "wanted": wanted,
        "series": asked.series_for(known, now) if is_confirmed else {},
        "nations": {nation: nation for nation in NATIONS},
        "is_confirmed": is_confirmed,
        "hers": hers,
        "turns": {one.id: waiting.turn_of(one, now) for one in hers if one.state is BookingState.WAITING},
        "rules": None if agreed else template_of(_RULES, current_version(_RULES)),
        "ways": _ways(known),
        "read_out": asked.READ_OUT,
        "now": now,
        "today": to_local(now).date(),
        "say": desk_words,
        "said": said,
    }


def _ways(known: Known) -> list[Channel]:
    """Return by which ways she could be told, as far as we know them."""
    kinds = {
        Channel.EMAIL: ContactKind.EMAIL,
        Channel.CALL: ContactKind.PHONE,
        Channel.POST: ContactKind.POST,
    }
    there = [channel for channel, kind in kinds.items() if known.written(kind)]
    phones = known.written(ContactKind.PHONE)
    # The service asks for the number that is used first, and refuses a landline.
    if settings().sends_texts and phones and may_be_mobile(phones[0].written):
        there.insert(0, Channel.TEXT)
    return there


def _took(form: DateForm, person_id: int, name: str, now: datetime) -> bool:
    """Do what the button says for the chosen date, and say whether it was done."""
    try:
        if form.rules.data:
            consent.record_spoken(person_id, _RULES, visitor().person_id, now)
        booking_id = _take(form, person_id, now)
    except NotFound:
        raise
    except Refusal as refusal:
        if (refusal.field or "") not in form:
            # What speaks against it is about the date that was chosen: the error leads back to the dates.
            refusal.field = "choice"
        refused.put_beside(form, refusal)
        return False
    _say_done(person_id, booking_id, name, now)
    return True


def _take(form: DateForm, person_id: int, now: datetime) -> int | None:
    """Book, hold, wait or change to it; return the booking, or None for a course, which is several."""
    is_course, number, pool = form.chosen()
    actor_id, companion = visitor().person_id, text_of(form.companion)
    deed = request.form.get("deed", "book")
    if deed.startswith(_CHANGE):
        if is_course:
            raise PartOfACourse
        return swaps.change_date(_number(deed.removeprefix(_CHANGE)), person_id, number, pool, now, actor_id)
    if is_course:
        courses.book_course(number, person_id, pool, actor_id, now)
        return None
    if deed == "hold":
        return deeds.hold_place(number, person_id, pool, actor_id, now, companion_name=companion)
    if deed == "wait":
        return lists.join_waiting_list(
            number,
            person_id,
            pool,
            actor_id,
            now,
            party_size=2 if companion else 1,
            companion_name=companion,
            tells_late=bool(form.tells_late.data),
        )
    had_call = bool(form.had_call.data)
    return bookings.book_place(
        number, person_id, pool, actor_id, now, companion_name=companion, had_call=had_call
    )


def _change(booking: Booking, person_id: int, deed: str, now: datetime) -> None:
    booking_id, actor_id = booking.id, visitor().person_id
    match deed:
        case "book":
            bookings.book_place(booking.session_id, person_id, booking.pool, actor_id, now)
        case "let_go":
            deeds.let_go(booking_id, person_id, actor_id, now)
        case "give_up":
            bookings.give_up_place(booking_id, person_id, now, actor_id)
        case "leave":
            lists.leave_waiting_list(booking_id, person_id, now, actor_id)
        case "decline":
            offers.decline_offer(booking_id, now, actor_id)
        case "welcomed":
            call = welcoming.open_call(person_id, booking.session.series_id)
            if call is None:
                raise TaskSettled
            welcome_calls.settle_call(call, Went.WELCOME, actor_id, now)
        case "switch":
            bookings.switch_pool(booking_id, person_id, now, actor_id)
        case "companion":
            name = request.form.get("companion", "")
            bookings.change_companion(booking_id, person_id, now, name, actor_id)
        case _:
            abort(400)


def _say_done(person_id: int, booking_id: int | None, name: str, now: datetime) -> None:
    """Say what stands now and how she hears of it; what she has just heard is no call to make any more."""
    told = asked.told_now(person_id, now)
    for message_id, channel in told:
        if channel is Channel.CALL:
            with refused.as_notice():
                tasks.note_call(message_id, CallOutcome.REACHED, visitor().person_id, now)
    booking = asked.place_of(booking_id, person_id) if booking_id is not None else None
    today = to_local(now).date()
    done = (
        desk_words.done_words(name, booking, today)
        if booking is not None
        else _("%(name)s is on the course, with a place on every week.", name=name)
    )
    ways = desk_words.told_words(channel for _message_id, channel in told)
    flash(f"{done} {ways}".strip(), "success")
