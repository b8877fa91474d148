"""Many people at a real web server in the same moment, each with her own cookie."""

import html
import http.client
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from flask import Flask

from tests.support.builders import Builders

Result = TypeVar("Result")
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """What the server said; status 0 means that it said nothing."""

    status: int
    location: str
    text: str


@dataclass
class Browser:
    """One person's browser, as far as a booking needs one."""

    port: int
    cookie: str
    token: str = ""

    def get(self, path: str) -> Answer:
        """Open a page and remember the token of its form."""
        answer = self._ask("GET", path, None)
        found = _TOKEN.search(answer.text)
        self.token = html.unescape(found[1]) if found else ""
        return answer

    def post(self, path: str, **fields: str) -> Answer:
        """Send the form of the page that was opened last."""
        return self._ask("POST", path, urlencode({"csrf_token": self.token, **fields}))

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie" and value.startswith("booking="):
                    self.cookie = value.partition(";")[0]
            return Answer(answer.status, answer.headers.get("Location", ""), answer.read().decode())
        except (OSError, http.client.HTTPException) as fault:
            return Answer(0, "", repr(fault))
        finally:
            connection.close()


def browser_of(app: Flask, make: Builders, person_id: int, port: int) -> Browser:
    """Return a browser in which this person is signed in; the server has to know the tests' key."""
    client = make.sign_in(app.test_client(), person_id)
    cookie = client.get_cookie("booking")
    assert cookie is not None
    return Browser(port, f"booking={cookie.value}")


def at_once(deeds: Sequence[Callable[[], Result]]) -> tuple[list[Result], float]:
    """Do all deeds in the same moment. Units: the results in order, and seconds until all are done."""
    results: list[Result | None] = [None] * len(deeds)
    line = threading.Barrier(len(deeds) + 1)

    def do(number: int, deed: Callable[[], Result]) -> None:
        line.wait()
        results[number] = deed()

    threads = [threading.Thread(target=do, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    line.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    return [result for result in results if result is not None], time.perf_counter() - started
