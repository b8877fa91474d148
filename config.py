"""The environment, read once: everything missing or unsafe is reported together."""

import os
import re
import secrets
import unicodedata
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from environs import Env, EnvError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent
MAIL_SCHEMES = ("mailbox", "smtp", "smtp+starttls", "smtps")
TEXT_SCHEMES = ("console", "none", "https", "http")
_TEXT_SENDER_LENGTH = 11
# What phones show as the sender of a text message: a name of up to eleven signs, or a number.
_TEXT_SENDER = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}|\+?[0-9]{3,15}", re.ASCII)
DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql+psycopg")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class SettingsError(Exception):
    """The environment can't be used; `problems` holds one sentence for each reason."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class Settings:
    """What the service was told from outside; secrets never show in its representation."""

    app_env: str = "development"
    database_url: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    base_url: str = "http://127.0.0.1:8000"
    mail_url: str = field(default="mailbox://", repr=False)
    mail_from: str = "sessions@example.org"
    bounce_address: str = ""
    trusted_hosts: tuple[str, ...] = ()
    trusted_proxies: int = 0
    rate_limit_url: str = field(default="", repr=False)
    rate_limits: bool = True
    text_url: str = field(default="console://", repr=False)
    text_from: str = "Make 2nds"
    organisation_name: str = "Make 2nds Count"
    discreet_sender_name: str = "Make 2nds Count"
    help_phone: str = "0306 999 0123"
    help_email: str = "help@example.org"
    log_level: str = "INFO"
    clock_file: str | None = None

    @property
    def production(self) -> bool:
        """Say whether real people's details are kept here."""
        return self.app_env == "production"

    @property
    def sends_texts(self) -> bool:
        """Say whether anybody sends text messages for this service."""
        return self.text_url not in ("", "none:", "none://")

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """Return every key that may have made a link, the present one first."""
        return (self.secret_key, *self.secret_key_fallbacks)


def read(root: Path = ROOT) -> Settings:
    """Read the environment; in development, make what is missing under `instance/`.

    Refuses: values that are missing, unsafe or unreadable, all of them in one SettingsError.
    """
    env = Env(eager=False)
    settings = _collect(env, root / "instance")
    problems = _unreadable(env) + _unsafe(settings)
    if problems:
        raise SettingsError(problems)
    return settings if settings.secret_key else replace(settings, secret_key=_development_key(root))


def _collect(env: Env, instance: Path) -> Settings:
    host, port = env.str("HOST", "127.0.0.1"), env.str("PORT", "8000")
    app_env = env.str("APP_ENV", "development")
    # Where real people come, a name and a number that were only made up must not stand on the pages.
    real = app_env == "production"
    name = env.str("ORGANISATION_NAME", "").strip() or ("" if real else Settings.organisation_name)
    shown = env.str("DISCREET_SENDER_NAME", "") or name
    return Settings(
        app_env=app_env,
        database_url=_with_driver(env.str("DATABASE_URL", "") or f"sqlite:///{instance}/booking.sqlite3"),
        secret_key=env.str("SECRET_KEY", ""),
        secret_key_fallbacks=tuple(env.list("SECRET_KEY_FALLBACKS", []) or ()),
        base_url=(env.str("BASE_URL", "") or f"http://{host}:{port}").rstrip("/"),
        mail_url=env.str("MAIL_URL", "") or "mailbox://",
        mail_from=env.str("MAIL_FROM", "") or Settings.mail_from,
        bounce_address=env.str("BOUNCE_ADDRESS", "").strip(),
        trusted_hosts=tuple(env.list("TRUSTED_HOSTS", []) or ()),
        trusted_proxies=env.int("TRUSTED_PROXIES", 0) or 0,
        rate_limit_url=env.str("RATE_LIMIT_URL", ""),
        rate_limits=env.bool("RATE_LIMITS", True) is not False,
        # Said to be empty means: none. Not said means: none where real people come, else the console.
        text_url=env.str("TEXT_URL", "" if real else Settings.text_url).strip(),
        text_from=env.str("TEXT_FROM", "").strip() or _short_name(shown),
        organisation_name=name,
        discreet_sender_name=shown,
        help_phone=env.str("HELP_PHONE", "").strip() or ("" if real else Settings.help_phone),
        help_email=env.str("HELP_EMAIL", "").strip() or Settings.help_email,
        log_level=env.str("LOG_LEVEL", "INFO").upper(),
        clock_file=env.str("CLOCK_FILE", "") or None,
    )


def _unreadable(env: Env) -> list[str]:
    """Name the variables that are not of their kind; values are never repeated."""
    try:
        env.seal()
    except EnvError as error:
        named = getattr(error, "error_messages", None) or {}
        return [f"{name} can't be read: it is not of the right kind." for name in named] or [
            "The environment can't be read."
        ]
    return []


def _unsafe(settings: Settings) -> list[str]:
    problems = [*_always(settings)]
    if settings.app_env not in ("development", "production"):
        problems.append("APP_ENV must be development or production.")
    if settings.production:
        problems += _in_production(settings)
    return problems


def _always(settings: Settings) -> list[str]:
    # At the top of this file it would close a circle: the package imports this file before it is whole.
    from booking.rules.discreet import holds_forbidden

    base = _split(settings.base_url)
    checks = [
        (
            not _is_database(settings.database_url),
            "DATABASE_URL must be an SQLite or PostgreSQL address: "
            "sqlite:////path/file or postgresql://user:password@host:port/name.",
        ),
        *_about_mail(settings),
        *_about_texts(settings),
        (
            base.scheme not in ("http", "https") or not base.hostname or not _has_a_good_port(base),
            "BASE_URL must be an http(s) address.",
        ),
        (settings.log_level not in LOG_LEVELS, "LOG_LEVEL must be one of " + ", ".join(LOG_LEVELS) + "."),
        (settings.trusted_proxies < 0, "TRUSTED_PROXIES must be 0 or more."),
        (
            holds_forbidden(settings.discreet_sender_name),
            "The organisation's name holds a word that must not stand on a lock screen: "
            "set DISCREET_SENDER_NAME to a name without it.",
        ),
    ]
    return [sentence for wrong, sentence in checks if wrong]


def _about_mail(settings: Settings) -> list[tuple[bool, str]]:
    mail = _split(settings.mail_url)
    return [
        (
            mail.scheme not in MAIL_SCHEMES,
            "MAIL_URL must begin with " + ", ".join(MAIL_SCHEMES) + " and ://.",
        ),
        (mail.scheme in MAIL_SCHEMES[1:] and not mail.hostname, "MAIL_URL names no mail server."),
        (not _has_a_good_port(mail), "MAIL_URL names a port that is no number from 1 to 65535."),
        (
            bool(settings.bounce_address) and not _is_bounce_address(settings.bounce_address),
            "BOUNCE_ADDRESS must be one email address with at most 31 signs before the @.",
        ),
        (
            not _is_sender(settings.mail_from),
            "MAIL_FROM must be one email address with a whole domain, such as sessions@example.org.",
        ),
    ]


def _about_texts(settings: Settings) -> list[tuple[bool, str]]:
    from booking.rules.discreet import holds_forbidden

    if not settings.sends_texts:
        return []
    url = _split(settings.text_url)
    return [
        (
            url.scheme not in TEXT_SCHEMES,
            "TEXT_URL must begin with https:// or console://, or be empty where no text messages are sent.",
        ),
        (url.scheme in ("http", "https") and not url.hostname, "TEXT_URL names no provider."),
        (not _has_a_good_port(url), "TEXT_URL names a port that is no number from 1 to 65535."),
        (
            not _TEXT_SENDER.fullmatch(settings.text_from),
            "TEXT_FROM must be a name of up to 11 letters, digits and spaces, or a phone number.",
        ),
        (
            holds_forbidden(settings.text_from),
            "TEXT_FROM holds a word that must not stand on a lock screen.",
        ),
    ]


def _short_name(name: str) -> str:
    """Shorten a name to what phones show as the sender of a text message, whole words if possible."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9]+", " ", plain).split()
    short = ""
    for word in words:
        longer = f"{short} {word}".strip()
        if len(longer) > _TEXT_SENDER_LENGTH:
            break
        short = longer
    return short or "".join(words)[:_TEXT_SENDER_LENGTH]


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _has_a_good_port(url: SplitResult) -> bool:
    try:
        return url.port != 0
    except ValueError:
        return False


def _is_sender(text: str) -> bool:
    # Not at the top of this file, for the same reason as above: the envelope's own rule decides.
    from booking.rules.addresses import sender_address

    try:
        return bool(sender_address(text))
    except ValueError:
        return False


def _is_bounce_address(text: str) -> bool:
    from booking.rules.verp import LONGEST_LOCAL_PART

    return _is_sender(text) and len(text.rpartition("@")[0]) <= LONGEST_LOCAL_PART


def _in_production(settings: Settings) -> list[str]:
    checks = [
        (len(settings.secret_key) < 32, "SECRET_KEY is missing or shorter than 32 characters."),
        (
            any(len(key) < 32 for key in settings.secret_key_fallbacks),
            "A key in SECRET_KEY_FALLBACKS is short.",
        ),
        (not settings.base_url.startswith("https://"), "BASE_URL must begin with https://."),
        (settings.mail_url.startswith("mailbox:"), "MAIL_URL is missing: mailbox:// is for development."),
        (settings.mail_from == Settings.mail_from, "MAIL_FROM is missing."),
        (
            settings.sends_texts and not settings.text_url.startswith("https://"),
            "TEXT_URL must begin with https://, or be empty: console:// is for development.",
        ),
        (not settings.trusted_hosts, "TRUSTED_HOSTS is missing: name the hosts this service answers to."),
        (not settings.rate_limits, "RATE_LIMITS can't be off."),
        (settings.clock_file is not None, "CLOCK_FILE can't be used: time is not moved by hand here."),
        (not settings.organisation_name, "ORGANISATION_NAME is missing."),
        (settings.help_phone in ("", Settings.help_phone), "HELP_PHONE is missing."),
        (settings.help_email == Settings.help_email, "HELP_EMAIL is missing."),
    ]
    return [sentence for wrong, sentence in checks if wrong]


def _is_database(url: str) -> bool:
    try:
        return make_url(url).drivername in DRIVERS
    except (ArgumentError, ValueError):
        return False


def _with_driver(url: str) -> str:
    """Let hosts that hand out postgres:// addresses be used as they are."""
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)


def _development_key(root: Path) -> str:
    """Keep one key per checkout, so that a restart signs nobody out; of two made at once, one stays."""
    path = root / "instance" / "secret_key"
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        # Written whole and for this account alone before it gets its name: nobody ever reads half a key.
        draft = path.with_name(f"secret_key-{secrets.token_hex(8)}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="utf-8").strip()
