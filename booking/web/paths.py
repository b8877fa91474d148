"""Where to go next: only ever a path of this service."""

import re

_LOCAL = re.compile(r"/(?![/\\])[\w\-./?=&%+~]*", re.ASCII)


def local_path(wanted: str | None) -> str:
    """Return the path if it leads inside this service, else nothing: no open redirect, no long strings."""
    path = (wanted or "")[:200]
    return path if _LOCAL.fullmatch(path) else ""
