"""Whether letters leave at present, for every sentence that would promise one."""

from flask import Flask

from booking.queries import outgoing


def register(app: Flask) -> None:
    """Let templates ask: `{% if letters_are_stopped() %}`."""
    app.add_template_global(letters_are_stopped)


def letters_are_stopped() -> bool:
    """Say whether the office lets nothing leave: then nobody may be told to look for a letter."""
    return outgoing.stop_today() is not None
