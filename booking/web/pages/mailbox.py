"""The mailbox of development: every letter that would have been sent, to read and to follow."""

from datetime import UTC

from flask import Blueprint, Flask, Response, jsonify, render_template
from flask.typing import ResponseReturnValue

from booking.queries import messages as asked
from booking.rules.wall_time import to_local
from booking.web.doors import Door, opens_for
from config import Settings

blueprint = Blueprint("mailbox", __name__)
# A letter brings its own styles, and nothing that runs or loads.
_LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox allow-popups allow-top-navigation-by-user-activation"
)


def register(app: Flask, settings: Settings) -> None:
    """Open the mailbox in development, wherever letters go; in production it does not exist."""
    if not settings.production:
        app.register_blueprint(blueprint)


@blueprint.get("/mailbox")
@opens_for(Door.ANYONE)
def inbox() -> ResponseReturnValue:
    letters = [(letter, to_local(letter.sent_at)) for letter in asked.letters_in_mailbox()]
    return render_template("mailbox/inbox.html", letters=letters)


@blueprint.get("/mailbox/<int:letter_id>")
@opens_for(Door.ANYONE)
def letter(letter_id: int) -> ResponseReturnValue:
    found = asked.letter_in_mailbox(letter_id)
    headers, _empty, _body = found.source.decode(errors="replace").partition("\r\n\r\n")
    return render_template(
        "mailbox/letter.html",
        letter=found,
        headers=headers.splitlines(),
        paragraphs=[part.splitlines() for part in found.text.split("\n\n")],
    )


@blueprint.get("/mailbox/<int:letter_id>/letter.html")
@opens_for(Door.ANYONE)
def as_it_looks(letter_id: int) -> ResponseReturnValue:
    response = Response(asked.letter_in_mailbox(letter_id).html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _LETTER_POLICY
    return response


@blueprint.get("/mailbox.json")
@opens_for(Door.ANYONE)
def listed() -> ResponseReturnValue:
    letters = asked.letters_in_mailbox(limit=5000)
    return jsonify(
        [
            {
                "id": one.id,
                "to": one.recipient,
                "subject": one.subject,
                "text": one.text,
                "html": one.html,
                "sent_utc": one.sent_at.astimezone(UTC).replace(tzinfo=None).isoformat(),
            }
            for one in letters
        ]
    )
