"""The service runs in processes of its own, and nothing of it is left when a story ends."""

from pathlib import Path

import pytest

from tests.support.processes import service

pytestmark = pytest.mark.crash


def test_the_web_server_gets_ready_and_ends_when_asked(database_url: str, tmp_path: Path) -> None:
    with service(database_url, tmp_path) as running:
        web = running.start_web()
        assert running.stop(web) == 0


def test_a_killed_process_is_gone(database_url: str, tmp_path: Path) -> None:
    with service(database_url, tmp_path) as running:
        web = running.start_web()
        running.kill(web)
        assert web.returncode == -9
