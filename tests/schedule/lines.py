"""Lines of a season's file, written with keyword arguments."""

import csv
import io

_MANCHESTER = {
    "key": "manchester",
    "name": "Tea & A Chat Manchester",
    "programme": "Tea & A Chat",
    "mode": "in person",
    "place": "Friends' Meeting House, Manchester",
    "nation": "England",
    "rrule": "FREQ=MONTHLY;BYDAY=-1WE",
    "dtstart": "2026-01-28",
    "start": "13:30",
    "end": "17:00",
    "places_room": "24",
    "places_online": "",
    "audience": "anyone",
    "companions": "always",
    "enrol": "each",
    "movement_check": "no",
}
_ONLINE = {"mode": "online", "place": "", "nation": "UK", "places_room": "", "places_online": "20"}


def line(**cells: str) -> dict[str, str]:
    """One row: Tea & A Chat Manchester, except for what is named."""
    return _MANCHESTER | cells


def online(**cells: str) -> dict[str, str]:
    """One row of something online."""
    return _MANCHESTER | _ONLINE | cells


def season(*rows: dict[str, str]) -> str:
    """The text of a file with these rows."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
