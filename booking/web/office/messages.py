"""Messages: every one that left, waits or failed, with its words, and the switch that stops them all."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.messages import letters
from booking.models.kinds import Channel, MessageKind, MessageState
from booking.queries import directory, tasks
from booking.queries import outgoing as asked
from booking.queries.outgoing import Look
from booking.services import outgoing as deeds
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint, outgoing_words, said, searches
from booking.web.office.fields import text_of
from booking.web.office.message_forms import FindMessagesForm
from booking.web.office.refused import as_notice

AT_ONCE = 40


@blueprint.route("/office/messages", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def messages() -> ResponseReturnValue:
    """Show how messages go out, and look for some of them."""
    if searches.is_begun_anew():
        searches.forget()
        return redirect(url_for("office.messages"), 303)
    form = FindMessagesForm(data=_shown())
    if form.validate_on_submit():
        # The results are a page of their own, so that Back and a reload show them again.
        searches.remember(text_of(form.words))
        return redirect(url_for("office.messages", **_chosen(form)), 303)
    now, look = clock.now(), _look(_shown())
    rows = asked.found(look)
    page = render_template(
        "office/messages.html",
        form=form,
        rows=rows[: asked.PAGE],
        older=_older(rows),
        looked=look != Look(),
        only=_only(),
        figures=asked.figures(now),
        stop=asked.stop_today(),
        said=said,
        why=outgoing_words.why,
    )
    return page, 422 if form.errors else 200


@blueprint.get("/office/messages/<int:message_id>")
@opens_for(Door.ADMIN)
def message(message_id: int) -> ResponseReturnValue:
    """Show one message: what became of it, and its words as today's rows give them."""
    now, found = clock.now(), asked.one_message(message_id)
    words = outgoing_words.words_today(found, lambda: letters.words_now(message_id, now), now)
    # Writing the words has let go of what was read before.
    found = asked.one_message(message_id)
    return render_template(
        "office/message.html",
        found=found,
        row=found.row,
        words=words,
        stopped=asked.stop_today() is not None,
        said=said,
        why=outgoing_words.why,
        now=now,
    )


@blueprint.post("/office/messages/<int:message_id>/again")
@opens_for(Door.ADMIN)
def send_again(message_id: int) -> ResponseReturnValue:
    """Lay a message into the tray anew, and show the new one."""
    shown = message_id
    with as_notice():
        shown = deeds.send_again(message_id, visitor().person_id, clock.now())
        flash(_("It is laid out anew. It goes the way they are reached today."), "success")
    return redirect(url_for("office.message", message_id=shown), 303)


@blueprint.post("/office/messages/<int:message_id>/withdraw")
@opens_for(Door.ADMIN)
def withdraw_message(message_id: int) -> ResponseReturnValue:
    """Set aside a message that has not left."""
    with as_notice():
        deeds.withdraw(message_id, visitor().person_id, clock.now())
        flash(_("Withdrawn: it does not leave."), "success")
    return redirect(url_for("office.message", message_id=message_id), 303)


@blueprint.post("/office/messages/outgoing")
@opens_for(Door.ADMIN)
def switch_outgoing() -> ResponseReturnValue:
    """Let nothing leave until somebody resumes, or let messages leave again: one switch."""
    by, now, to = visitor().person_id, clock.now(), request.form.get("to", "")
    if to not in ("stop", "resume"):
        abort(400)
    if to == "stop":
        deeds.stop_outgoing(by, now)
        flash(_("Nothing leaves now. Messages wait until you let them go again."), "success")
    else:
        deeds.resume_outgoing(by, now)
        flash(_("Messages go out again. What is no longer true is set aside."), "success")
    return redirect(url_for("office.messages"), 303)


@blueprint.get("/office/messages/post")
@opens_for(Door.ADMIN)
def letters_to_post() -> ResponseReturnValue:
    """Show the letters on paper, one a page, each with its address and the button that says it is posted."""
    now = clock.now()
    due = asked.letters_to_post(now, AT_ONCE + 1)
    written = [(one, _on_paper(one.message_id)) for one in due[:AT_ONCE]]
    people = [one.person_id for one in due]
    return render_template(
        "office/letters_to_post.html",
        papers=[(one, words) for one, words in written if words],
        unwritten=[one for one, words in written if not words],
        addresses=tasks.postal_addresses_of(people),
        phones=tasks.phones_of(people),
        has_more=len(due) > AT_ONCE,
        said=said,
        now=now,
    )


def _on_paper(message_id: int) -> outgoing_words.Paragraphs:
    return outgoing_words.on_paper(lambda: letters.words_now(message_id, clock.now()))


def _shown() -> dict[str, Any]:
    """Read what the address of the page looks for; what is no such thing is not looked for."""
    shown: dict[str, Any] = {"words": searches.looked_for()}
    for name, kinds in (("kind", MessageKind), ("state", MessageState), ("channel", Channel)):
        sent = request.args.get(name, "")
        shown[name] = sent if sent in set(kinds) else ""
    return shown


def _chosen(form: FindMessagesForm) -> dict[str, Any]:
    chosen = {name: text_of(form[name]) for name in ("kind", "state", "channel")}
    chosen = {name: value for name, value in chosen.items() if value}
    return chosen | ({"found": 1} if form.words.data else {})


def _look(shown: dict[str, Any]) -> Look:
    people: tuple[int, ...] | None = None
    if shown["words"]:
        people = tuple(one.person_id for one in directory.find(shown["words"]).found)
    elif (only := _number("person")) is not None:
        people = (only,)
    return Look(
        person_ids=people,
        kind=MessageKind(shown["kind"]) if shown["kind"] else None,
        state=MessageState(shown["state"]) if shown["state"] else None,
        channel=Channel(shown["channel"]) if shown["channel"] else None,
        before=_number("before"),
        failing_at=clock.now() if request.args.get("failing") == "1" else None,
        too_late=request.args.get("late") == "1",
    )


def _only() -> tuple[int, str] | None:
    """Name the one person whose messages the page shows."""
    person_id = _number("person")
    if person_id is None or searches.looked_for():
        return None
    return person_id, asked.names_of([person_id]).get(person_id, "")


def _older(rows: list[asked.Listed]) -> str | None:
    """Return the address of the older ones, where there are some."""
    if len(rows) <= asked.PAGE:
        return None
    kept = {name: value for name, value in request.args.items() if name in _KEPT}
    values: dict[str, Any] = {**kept, "before": rows[asked.PAGE - 1].message_id}
    return url_for("office.messages", **values)


_KEPT = ("kind", "state", "channel", "found", "person", "failing", "late")


def _number(name: str) -> int | None:
    sent = request.args.get(name, "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None
