"""The waiting list of one date: who is next, who was moved up and why, and taking somebody off."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired

from booking import clock
from booking.models.kinds import BookingState
from booking.queries import office, queues
from booking.queries.queues import Waiter
from booking.refusals import NotFound
from booking.services import waiting as deeds
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint, said
from booking.web.office.fields import text_of
from booking.web.office.waiting_words import notes_of, standing_of
from booking.web.validators import line
from booking.web.widgets import GovSelect, GovTextInput, options


class MoveUpForm(FlaskForm):
    """Whom to put first, and why."""

    who = SelectField(
        _l("Who"), validators=[InputRequired(_l("Choose who is to be first"))], widget=GovSelect()
    )
    reason = StringField(
        _l("Why"),
        description=_l("It stands here for good, and she can read it in what we keep about her."),
        validators=[line(300, _l("Say why: the reason is kept beside the waiting list"))],
        widget=GovTextInput("off"),
    )
    # Who can be chosen: the number of the booking, and the name she likes.
    names: list[tuple[str, str]]


@blueprint.route("/office/sessions/<int:session_id>/waiting", methods=["GET", "POST"], endpoint="waiting")
@opens_for(Door.ADMIN)
def waiting_list(session_id: int) -> ResponseReturnValue:
    """Show who waits for a date in their turn, and put somebody first, with a reason."""
    queue = queues.queue_of(session_id)
    form = _form(queue)
    if request.method != "POST":
        form.who.data = request.args.get("who", "")
        return _page(session_id, queue, form, 200)
    if not form.validate():
        return _page(session_id, queue, form, 422)
    name = dict(form.names)[form.who.data]
    try:
        deeds.move_up(int(form.who.data), text_of(form.reason), visitor().person_id, clock.now())
    except NotFound:
        flash(_("%(name)s does not wait any more.", name=name), "notice")
    else:
        flash(_("%(name)s is first on the list now.", name=name), "success")
    return redirect(url_for("office.waiting", session_id=session_id), 303)


@blueprint.post("/office/waiting/<int:booking_id>/off")
@opens_for(Door.ADMIN)
def take_off(booking_id: int) -> ResponseReturnValue:
    """Take somebody off a waiting list who asked for it; a place that she has by now stays hers."""
    session_id, waiter = queues.one_waiter(booking_id)
    if waiter is None:
        flash(_("This person does not wait any more."), "notice")
    else:
        deeds.leave_waiting_list(booking_id, waiter.person_id, clock.now(), visitor().person_id)
        flash(_("%(name)s is off the waiting list.", name=waiter.known_as), "success")
    return redirect(url_for("office.waiting", session_id=session_id), 303)


def _form(queue: list[Waiter]) -> MoveUpForm:
    """Offer those who could be moved: whoever waits and has somebody before her."""
    form, seen = MoveUpForm(), set()
    form.names = []
    for one in queue:
        if one.pool in seen and one.state is BookingState.WAITING:
            form.names.append((str(one.booking_id), one.known_as))
        if one.state is BookingState.WAITING:
            seen.add(one.pool)
    shown = {str(one.booking_id): f"{one.full_name} ({said.POOLS[one.pool]})" for one in queue}
    form.who.choices = options([("", _("Choose a person")), *((key, shown[key]) for key, _n in form.names)])
    return form


def _page(session_id: int, queue: list[Waiter], form: MoveUpForm, status: int) -> ResponseReturnValue:
    now = clock.now()
    planned = office.one_session(session_id)
    pools = [(pool, [one for one in queue if one.pool is pool]) for pool in planned.session.pools]
    return render_template(
        "office/waiting.html",
        form=form,
        planned=planned,
        scheduled=planned.session,
        pools=pools,
        movable={booking_id for booking_id, _name in form.names},
        moves=queues.moves_of(session_id),
        free={pool for pool in planned.session.pools if queues.is_anybodys(planned.session, pool, now)},
        notes_of=notes_of,
        standing_of=standing_of,
        said=said,
        now=now,
    ), status
