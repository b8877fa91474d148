"""Keeps a server only as long as the test run that asked for it, also when that run is killed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from types import FrameType


def main(owner: int, folder: str, user: str, command: list[str]) -> None:
    """Run the command until somebody ends this process or the owner is gone; then leave nothing behind."""
    signal.signal(signal.SIGTERM, _leave)
    server = subprocess.Popen(command, user=user or None, cwd="/")
    try:
        while server.poll() is None and _alive(owner):
            time.sleep(0.5)
        if not _alive(owner):
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait()


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:])
