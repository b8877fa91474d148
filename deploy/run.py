"""Starts web and worker together for `make run`, says when they are ready, and ends them kindly.

It reads the Procfile, so that a deployment and a newcomer's machine start the same two programs. A general
process runner would start them too, but could neither prepare the database first, nor say when the pages
answer, nor end with the statuses that `make run` promises.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from sqlalchemy import create_engine, text

import config

ROOT = Path(__file__).resolve().parent.parent
UNDER_MAKE = "--under-make" in sys.argv
READY_WITHIN_SECONDS = 60
ENDS_WITHIN_SECONDS = 8
WORDS = """
Ready: {base_url}

Who can sign in:  ann@example.org, ben@example.org (patients), fay@example.org, gil@example.org (hosts)
                  and ada@example.org (the office)
There is no password: ask for a link at {base_url}/sign-in; it lands in {base_url}/mailbox
The office also asks ada for 6 digits. Scan the square on her page with an authenticator app on your phone,
or let a second terminal say them{as_here}:
    {say_code}
Press Ctrl-C to stop.
"""
SAY_CODE = f"cd {ROOT} && .venv/bin/flask --app wsgi one-time-code ada@example.org"
# Without these a command in another terminal would look at another database, another key or another time.
SHARED_WITH_COMMANDS = ("DATABASE_URL", "SECRET_KEY", "CLOCK_FILE")
READY_ALONE = """
Ready: {base_url}
Press Ctrl-C to stop.
"""


class CannotRun(Exception):
    """A sentence for the person at the keyboard."""


class AskedToStop(Exception):
    """Somebody pressed Ctrl-C, closed the window or ended this process."""


def main() -> int:
    """Run until somebody asks to stop, or until web or worker ends by itself; say with which status."""
    host, port = os.environ.setdefault("HOST", "127.0.0.1"), os.environ.setdefault("PORT", "8000")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    os.environ["FLASK_APP"] = "wsgi"
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask_to_stop)
    try:
        with holding_the_terminal():
            refuse_a_busy_port(host, port)
            settings = config.read()
            prepare(settings)
            supervise(settings, host, port)
    except config.SettingsError as refused:
        print(*refused.problems, sep="\n", file=sys.stderr)
        return 1
    except CannotRun as reason:
        print(reason, file=sys.stderr)
        return 1
    except AskedToStop:
        print("Stopped.")
    return 0


def ask_to_stop(number: int, frame: FrameType | None) -> None:
    raise AskedToStop


@contextlib.contextmanager
def holding_the_terminal() -> Iterator[None]:
    """Let Ctrl-C reach this process alone: make, which waits above, would answer it with an error."""
    ours = sys.stdin.isatty() and os.tcgetpgrp(0) == os.getpgrp() != os.getpid()
    if not ours:
        yield
        return
    before = os.getpgrp()
    # Without the first, giving the terminal back from the background would stop this process; without the
    # second, a Ctrl-Z would, where no shell can see it.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpgrp())
    try:
        yield
    finally:
        os.tcsetpgrp(0, before)


def refuse_a_busy_port(host: str, port: str) -> None:
    """Look before anything is prepared, so that the answer comes at once."""
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise CannotRun(f"PORT must be a number from 1 to 65535, not {port!r}.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as fault:
        raise CannotRun(
            f"Port {port} on {host} can't be used ({fault.strerror}). "
            f"Choose another: make run PORT={int(port) + 1 if int(port) < 65535 else 8000}"
        ) from None


def prepare(settings: config.Settings) -> None:
    """Bring the tables up to date and, where nobody is known yet, move the sample season in."""
    print("Preparing the database …", flush=True)
    upgrade = subprocess.run(
        ["flask", "db", "upgrade"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if upgrade.returncode != 0:
        said = [line for line in upgrade.stderr.splitlines() if not line.startswith("INFO ")]
        raise CannotRun("\n".join(said).strip() or "The database could not be prepared.")
    if settings.production or not nobody_is_known(settings.database_url):
        return
    print("Moving the sample season in …", flush=True)
    if subprocess.run(["flask", "demo"], cwd=ROOT, check=False).returncode != 0:
        raise CannotRun("The sample season could not be loaded; the lines above say why.")


def nobody_is_known(database_url: str) -> bool:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        person = connection.execute(text("SELECT id FROM v_person LIMIT 1")).first()
    engine.dispose()
    return person is None


def supervise(settings: config.Settings, host: str, port: str) -> None:
    """Keep web and worker running together: when one ends, so does the other."""
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name in ("web", "worker"):
            running[name] = start(name)
        wait_until_ready(running, settings.base_url, host, port)
        print(words_of(settings), flush=True)
        make = os.getppid()
        while not (UNDER_MAKE and os.getppid() != make):
            refuse_a_death(running)
            time.sleep(0.5)
    finally:
        end(running)


def words_of(settings: config.Settings) -> str:
    """Say where the service is and, with the sample people, how each of them gets in."""
    if settings.production:
        return READY_ALONE.format(base_url=settings.base_url)
    given = [name for name in SHARED_WITH_COMMANDS if os.environ.get(name)]
    as_here = f" (set {' and '.join(given)} there as you did here)" if given else ""
    return WORDS.format(base_url=settings.base_url, say_code=SAY_CODE, as_here=as_here)


def start(name: str) -> subprocess.Popen[bytes]:
    """Start one line of the Procfile in a group of its own, so that it stops when told to and not before."""
    for line in (ROOT / "Procfile").read_text().splitlines():
        if line.startswith(f"{name}:"):
            command = line.partition(":")[2].strip()
            return subprocess.Popen(["sh", "-c", f"exec {command}"], cwd=ROOT, process_group=0)
    raise CannotRun(f"The Procfile names no {name}.")


def wait_until_ready(
    running: dict[str, subprocess.Popen[bytes]], base_url: str, host: str, port: str
) -> None:
    near = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)
    question = Request(f"http://{near}:{port}/health/ready", headers={"Host": urlsplit(base_url).netloc})
    until = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < until:
        refuse_a_death(running)
        with contextlib.suppress(URLError, OSError), urlopen(question, timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.2)
    raise CannotRun(f"The service did not get ready within {READY_WITHIN_SECONDS} seconds.")


def refuse_a_death(running: dict[str, subprocess.Popen[bytes]]) -> None:
    for name, process in running.items():
        if process.poll() is not None:
            raise CannotRun(f"The {name} ended by itself (status {process.returncode}); stopping.")


def end(running: dict[str, subprocess.Popen[bytes]]) -> None:
    """Ask everybody to finish; whoever has not after some seconds is ended with all that he started."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for process in running.values():
        if process.poll() is None:
            process.terminate()
    until = time.monotonic() + ENDS_WITHIN_SECONDS
    for process in running.values():
        try:
            process.wait(timeout=max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def leave(status: int) -> None:
    """End with this status, and under make let make end with it too.

    GNU make answers a failure with a line of its own and always with status 2; a SIGQUIT ends it without a
    word and with status 1. The pause lets the signal arrive while make still waits for this process.
    """
    if status and UNDER_MAKE:
        os.kill(os.getppid(), signal.SIGQUIT)
        time.sleep(0.2)
        sys.exit(0)
    sys.exit(status)


if __name__ == "__main__":
    leave(main())
