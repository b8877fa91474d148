"""Makes `.venv` hold exactly what one requirements file pins, so that `make` needs nothing but Python itself.

It stands in deploy/ beside run.py because both serve whoever starts the service, and neither is part of it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".installed.json"
UNFINISHED = VENV / ".unfinished"
# The development pins contain the others, so that whoever has run the tests need not install again to run.
CONTAINS = {"requirements-dev.txt": ["requirements-dev.txt", "requirements.txt"]}


class CannotInstall(Exception):
    """A sentence for the person at the keyboard."""


def main(requirements: str) -> None:
    """Bring `.venv` up to date with the file, or do nothing, quickly, when it is."""
    with only_one_at_a_time():
        if installed().get(requirements) == digest(requirements) and python_version():
            return
        if not usable():
            create()
        install(requirements)


@contextlib.contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Two makes in two windows of a fresh clone would otherwise write into each other's half."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another make that is installing …")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def digest(requirements: str) -> str:
    return hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()


def installed() -> dict[str, str]:
    if UNFINISHED.exists():
        return {}
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def python_version() -> tuple[int, ...]:
    """Which Python stands in `.venv`; nothing when none there can be started."""
    report = "import sys; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run([PYTHON, "-c", report], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ()
    return tuple(int(part) for part in answer.stdout.split())


def usable() -> bool:
    """Whether packages can be put into the `.venv` that stands there, whoever made it."""
    if not VENV.exists():
        return False
    if UNFINISHED.exists():
        say("The last installation was interrupted; making .venv anew.")
        return False
    if python_version() < (3, 11):
        say(".venv holds no Python 3.11 or newer; making it anew.")
        return False
    pip = subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False)
    return bool(shutil.which("uv")) or pip.returncode == 0


def create() -> None:
    base = getattr(sys, "_base_executable", None) or sys.executable
    version = ".".join(map(str, sys.version_info[:2]))
    say(f"Making .venv with Python {version} …")
    if uv := shutil.which("uv"):
        command = [uv, "venv", "--quiet", "--clear", "--no-python-downloads", "--python", base, str(VENV)]
    else:
        missing = [part for part in ("venv", "ensurepip") if importlib.util.find_spec(part) is None]
        if missing:
            raise CannotInstall(
                f"Python {version} here comes without {' and '.join(missing)}. On Debian or Ubuntu: "
                f"apt install python{version}-venv. Or install uv. Then run make again."
            )
        command = [base, "-m", "venv", "--clear", str(VENV)]
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise CannotInstall(f"The virtual environment could not be made: {' '.join(command)}")


def install(requirements: str) -> None:
    """Install the pins; whatever else somebody put into a `.venv` of her own stays there."""
    pins = len(re.findall(r"(?m)^[A-Za-z0-9]", (ROOT / requirements).read_text()))
    say(f"Installing {pins} packages from {requirements} …")
    STAMP.unlink(missing_ok=True)
    UNFINISHED.touch()
    ended_well = install_with_uv(requirements) if shutil.which("uv") else install_with_pip(requirements, pins)
    # Only a killed installer leaves packages in halves; one that gave up has put back what was there.
    UNFINISHED.unlink()
    if not ended_well:
        raise CannotInstall(f"{requirements} could not be installed; the lines above say why.")
    STAMP.write_text(json.dumps({name: digest(name) for name in CONTAINS.get(requirements, [requirements])}))


def install_with_uv(requirements: str) -> bool:
    command = ["uv", "pip", "install", "--python", str(PYTHON), "--require-hashes", "-r", requirements]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def install_with_pip(requirements: str, pins: int) -> bool:
    """Count what pip says it looks at, because its own hundreds of lines would hide the one that matters."""
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes"]
    process = subprocess.Popen(
        [*command, "-r", requirements],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said, seen = [], 0
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if line.startswith(("Collecting", "Processing", "Requirement already satisfied")):
            seen += 1
            show(f"  {seen} of {pins} packages", milestone=seen % 10 == 0)
        elif line.startswith("Installing collected"):
            show("  all fetched, now unpacking …")
    show("  done" if process.wait() == 0 else "  failed", last=True)
    if process.returncode != 0:
        print("".join(said[-15:]), file=sys.stderr)
    return process.returncode == 0


def show(words: str, *, last: bool = False, milestone: bool = True) -> None:
    """Move one line along on a terminal; in a log, where lines stay, print only the milestones."""
    if sys.stdout.isatty():
        print(f"\r{words:<40}", end="\n" if last else "", flush=True)
    elif milestone:
        say(words)


def say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except CannotInstall as reason:
        sys.exit(str(reason))
    except KeyboardInterrupt:
        sys.exit("Interrupted; the next make carries on from here.")
