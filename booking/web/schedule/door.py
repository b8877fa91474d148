"""The picture of a venue's door, for whoever looks for it on the day."""

from flask import make_response, request
from flask.typing import ResponseReturnValue

from booking.queries import venues
from booking.web.doors import Door, opens_for, visitor_or_none
from booking.web.schedule import blueprint

_KEEP_FOR_SECONDS = 3600


@blueprint.get("/venues/<int:venue_id>/door.jpg")
@opens_for(Door.ANYONE)
def door(venue_id: int) -> ResponseReturnValue:
    """Send the picture, once for each version of it."""
    here = visitor_or_none()
    photo = venues.photo(
        venue_id,
        in_the_office=here is not None and here.is_admin,
        is_facilitator=here is not None and here.is_facilitator,
    )
    answer = make_response(photo.content)
    answer.mimetype = "image/jpeg"
    answer.set_etag(photo.digest)
    answer.last_modified = photo.added_at
    answer.cache_control.public = True
    answer.cache_control.max_age = _KEEP_FOR_SECONDS
    return answer.make_conditional(request)
