"""Rows as a file to take away: cells that no spreadsheet runs, and nothing kept by a cache."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from flask import Response

from booking.rules.csv_cells import safe_cell


def csv_file(name: str, headings: Sequence[str], rows: Iterable[Iterable[object]]) -> Response:
    """Answer with a file of these rows."""
    written = StringIO()
    lines = csv.writer(written)
    lines.writerow(headings)
    lines.writerows([_cell(value) for value in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(written.getvalue(), mimetype="text/csv", headers=headers)


def _cell(value: object) -> str:
    return "" if value is None else safe_cell(str(value))
