"""What web servers and the flask command open: the application, or one plain line per reason."""

import sys
from typing import NoReturn

import click
from flask import Flask

from booking import cli, create_app
from config import SettingsError, read

# A web server's own word for "this can't start": gunicorn then stops instead of trying for ever.
CANNOT_START = 3


def open_the_house() -> Flask:
    """Return the application; for a web server also look whether its database can be worked with."""
    cli.speak_plainly()
    try:
        opened = create_app(read())
    except SettingsError as error:
        stop(*error.problems)
    unready = None if in_command() else cli.why_not_ready(opened)
    return stop(unready) if unready else opened


def in_command() -> bool:
    """Say whether this is a `flask` command, which may well be the one that prepares the database."""
    return click.get_current_context(silent=True) is not None


def stop(*reasons: str) -> NoReturn:
    """End with a line for each reason."""
    print(*reasons, sep="\n", file=sys.stderr)
    sys.exit(1 if in_command() else CANNOT_START)


app = open_the_house()
