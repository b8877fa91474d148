"""What only the safeguarding lead sees of a person."""

from flask import render_template
from flask.typing import ResponseReturnValue

from booking import clock
from booking.queries import care as asked
from booking.web import flags
from booking.web.doors import Door, opens_for
from booking.web.office import blueprint, said


@blueprint.get("/office/people/<int:person_id>/care")
@opens_for(Door.SAFEGUARDING)
def care(person_id: int) -> ResponseReturnValue:
    """Show what helps when somebody is unwell, and what her tutors keep in mind."""
    found = asked.about(person_id, clock.now())
    return render_template("office/care.html", found=found, in_words=flags.said, said=said)
