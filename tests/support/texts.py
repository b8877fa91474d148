"""A real provider of text messages on loopback that answers as a test tells it to, and remembers."""

import json
import ssl
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Provider:
    """`answers` are used up one a request, then `otherwise`: a status, or None to hang up without one."""

    port: int
    answers: deque[int | None] = field(default_factory=deque)
    otherwise: int | None = 202
    # Said yes to or not: the bodies, and the headers that came with them.
    asked: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    accepted: list[dict[str, str]] = field(default_factory=list)
    silent_until: threading.Event | None = None

    @property
    def url(self) -> str:
        return f"http://us:secret%21@127.0.0.1:{self.port}/v1/texts?account=7"


@contextmanager
def provider(certificate: Path | None = None) -> Iterator[Provider]:
    """Run a provider until the block ends; with a certificate its line is protected by it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    # Who does not trust it hangs up in the middle; that is the test, and not for the server to report.
    server.handle_error = lambda *_asked: None  # type: ignore[method-assign]
    if certificate is not None:
        protected = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        protected.load_cert_chain(certificate)
        server.socket = protected.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    running = Provider(server.server_address[1])
    server.RequestHandlerClass = _answering(running)
    server.daemon_threads = True
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02))
    thread.start()
    try:
        yield running
    finally:
        if running.silent_until is not None:
            running.silent_until.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _answering(running: Provider) -> type[BaseHTTPRequestHandler]:
    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            running.asked.append(said)
            running.headers.append({**dict(self.headers), "path": self.path})
            if running.silent_until is not None:
                running.silent_until.wait(10)
            status = running.answers.popleft() if running.answers else running.otherwise
            if status is None:
                return
            if 200 <= status < 300:
                running.accepted.append(said)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"http://127.0.0.1:{running.port}/elsewhere")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_words: Any) -> None:
            """Say nothing: the test asks what happened."""

    return Answers
