"""The service as it runs for people: a real web server and real workers, in processes of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.support.databases import SECRET_KEY
from tests.support.smtp import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent
ENDS_WITHIN_SECONDS = 10


@dataclass
class Service:
    """Everything that was started together; all of it ends when the `with` block does."""

    base_url: str
    port: int
    environment: dict[str, str]
    logs: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_web(self, workers: int = 1, threads: int = 8) -> subprocess.Popen[bytes]:
        """Start gunicorn and wait until it says that it is ready."""
        command = ["gunicorn", "-k", "gthread", "--no-control-socket", "--log-level", "warning"]
        command += ["--workers", str(workers), "--threads", str(threads), "--graceful-timeout", "3"]
        web = self.start("web", [*command, "--bind", f"127.0.0.1:{self.port}", "wsgi:app"])
        self._wait_until_ready(web)
        return web

    def start_worker(self, **environment: str) -> subprocess.Popen[bytes]:
        return self.start("worker", ["flask", "worker"], **environment)

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a `flask` command to its end: `service.run("worker", "--once")`."""
        return subprocess.run(
            [str(BIN / "flask"), *command],
            cwd=ROOT,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )

    def start(self, name: str, command: list[str], **environment: str) -> subprocess.Popen[bytes]:
        """Start a program of the `.venv` in a group of its own; its words go to `log()`."""
        with (self.logs / f"{name}-{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [str(BIN / command[0]), *command[1:]],
                cwd=ROOT,
                env={**self.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        self.processes.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a process and all that it started as a power cut would: SIGKILL, nothing is tidied up."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self, process: subprocess.Popen[bytes]) -> int:
        """Ask a process to finish and return its status; one that does not is killed, and that is a fault."""
        process.terminate()
        try:
            return process.wait(timeout=ENDS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill(process)
            raise AssertionError(f"did not stop within {ENDS_WITHIN_SECONDS} seconds\n{self.log()}") from None

    def log(self) -> str:
        """What all processes wrote, one after the other."""
        return "\n".join(f"{path.name}\n{path.read_text()}" for path in sorted(self.logs.glob("*.log")))

    def _wait_until_ready(self, web: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until and web.poll() is None:
            try:
                with urlopen(f"{self.base_url}/health/ready", timeout=5):
                    return
            except (URLError, OSError):
                time.sleep(0.1)
        raise AssertionError(f"the web server did not get ready\n{self.log()}")


@contextmanager
def service(database_url: str, folder: Path, **environment: str) -> Iterator[Service]:
    """Prepare a service on a database that is already migrated; `folder` (tmp_path) takes the logs.

    Start what the story needs: `start_web()`, `start_worker()`, as many as it likes.
    """
    port = free_port()
    logs = folder / "logs"
    logs.mkdir(exist_ok=True)
    base_url = f"http://127.0.0.1:{port}"
    chosen = {
        "FLASK_APP": "wsgi",
        "APP_ENV": "development",
        "DATABASE_URL": database_url,
        "SECRET_KEY": SECRET_KEY,
        "BASE_URL": base_url,
        "MAIL_URL": "mailbox://",
        "RATE_LIMITS": "off",
        "LOG_LEVEL": "WARNING",
    }
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TZ")}
    running = Service(base_url, port, {**kept, **chosen, **environment}, logs)
    try:
        yield running
    finally:
        for process in running.processes:
            if process.poll() is None:
                running.kill(process)
