"""The peer-support session booking service, put together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_migrate import Migrate
from sqlalchemy.engine import make_url

if TYPE_CHECKING:
    from config import Settings

ROOT = Path(__file__).resolve().parent.parent


def create_app(settings: Settings) -> Flask:
    """Put the house together from the ground up."""
    # Not before it is asked for: config reads one of our rules, and reading it must not build the house.
    from booking import cli, clock, web

    app = Flask("booking", root_path=str(ROOT / "booking"), template_folder=str(ROOT / "templates"))
    app.extensions["booking.settings"] = settings
    app.config.from_mapping(_flask_config(settings))
    clock.read_from_file(settings.clock_file)
    _open_database(app, settings)
    web.register(app, settings)
    cli.register(app)
    return app


def _open_database(app: Flask, settings: Settings) -> None:
    from booking.db import db, prepare_engine

    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        _make_folder(Path(url.database).parent)
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"))
    with app.app_context():
        prepare_engine(db.engine)


def _make_folder(folder: Path) -> None:
    from config import SettingsError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise SettingsError([f"DATABASE_URL: {folder} can't be made ({fault.strerror})."]) from None


def _flask_config(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_key_fallbacks),
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        # The pool is at least as large as the threads of one web process; parameters never reach a log.
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "hide_parameters": True,
            "pool_pre_ping": settings.database_url.startswith("postgresql"),
            **_pool(settings.database_url),
        },
        "SESSION_COOKIE_NAME": "__Host-booking" if settings.production else "booking",
        "SESSION_COOKIE_SECURE": settings.production,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "PERMANENT_SESSION_LIFETIME": 30 * 24 * 3600,
        # Lifetimes are counted from signing in; refreshing the cookie at each answer would hide that.
        "SESSION_REFRESH_EACH_REQUEST": False,
        # A slow typist must not lose her words to a timer.
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": 1024 * 1024,
        "TRUSTED_HOSTS": list(settings.trusted_hosts) or None,
        "BABEL_DEFAULT_LOCALE": "en_GB",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
        "TEMPLATES_AUTO_RELOAD": False,
    }


def _pool(database_url: str) -> dict[str, int]:
    memory = database_url in ("sqlite://", "sqlite:///:memory:")
    return {} if memory else {"pool_size": 20, "max_overflow": 20, "pool_timeout": 30}
