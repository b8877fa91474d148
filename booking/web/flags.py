"""The words for what a tutor keeps in mind, the same for herself, her tutor and the safeguarding lead."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from booking.models.kinds import Flag

FLAGS = {
    Flag.SEATED: _l("Seated options"),
    Flag.NO_FLOOR: _l("No floor work"),
    Flag.SPINE_HIPS: _l("Protect spine and hips"),
    Flag.ARM_CARE: _l("Arm care"),
    Flag.BALANCE: _l("Balance"),
}


def said(flags: Iterable[Flag]) -> list[str]:
    """Say each flag in words."""
    return [str(FLAGS[flag]) for flag in flags]
