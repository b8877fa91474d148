"""Stylesheet, script and fonts: served before the application wakes, kept by browsers for a year."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask
from whitenoise import WhiteNoise

from config import Settings

_YEAR_SECONDS = 365 * 24 * 3600


def register(app: Flask, settings: Settings) -> None:
    """Serve `booking/static/` and give each address the mark of its content."""
    folder = Path(app.static_folder or "static")
    # Flask documents replacing this method; its types call that an assignment.
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(folder),
        prefix="static/",
        autorefresh=not settings.production,
        # In development a change shows at once; elsewhere a changed file has a new address.
        max_age=_YEAR_SECONDS if settings.production else 0,
        allow_all_origins=False,
        add_headers_function=_dress,
    )

    @app.url_defaults
    def mark(endpoint: str, values: dict[str, Any]) -> None:
        # Fonts are named by the stylesheet, which can't add a mark: the preloaded address must be the same.
        name = values.get("filename", "")
        if endpoint == "static" and not name.startswith("fonts/"):
            values.setdefault("v", mark_of(folder / name))


def mark_of(path: Path) -> str | None:
    """Return a few characters that change when the file does; nothing for a file that is not there."""
    try:
        return _digest(path, path.stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=200)
def _digest(path: Path, _changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _dress(headers: Any, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
