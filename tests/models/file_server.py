"""A loopback web server that serves bytes, and misbehaves on request."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class FileServer:
    """What is served, what was asked for."""

    url: str = ""
    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Path → content type and body."""
    moved: dict[str, str] = field(default_factory=dict)
    """Path → URL to redirect to."""
    break_after: dict[str, list[int]] = field(default_factory=dict)
    """Path → after how many bytes the next answers break off, one entry each."""
    failures: dict[str, list[int]] = field(default_factory=dict)
    """Path → status codes of the next answers."""
    ignores_range: bool = False
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Path and headers of every request, header names in small letters."""

    def put(self, path: str, body: bytes, kind: str = "application/octet-stream") -> str:
        self.pages[path] = (kind, body)
        return self.url + path

    def count(self, path: str) -> int:
        return sum(asked == path for asked, _ in self.seen)


def _handler(server: FileServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            if codes := server.failures.get(self.path):
                self.send_error(codes.pop(0))
            elif self.path in server.moved:
                self.send_response(302)
                self.send_header("Location", server.moved[self.path])
                self.end_headers()
            elif self.path in server.pages:
                self._send(*server.pages[self.path])
            else:
                self.send_error(404)

        def _send(self, kind: str, body: bytes) -> None:
            wanted = self.headers.get("Range")
            start = 0
            if wanted and not server.ignores_range:
                start = int(wanted.removeprefix("bytes=").rstrip("-"))
            self.send_response(206 if start else 200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            breaks = server.break_after.get(self.path)
            self.wfile.write(body[start : start + breaks.pop(0)] if breaks else body[start:])

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def serving() -> Iterator[FileServer]:
    server = FileServer()
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
