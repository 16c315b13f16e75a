"""What README's commands talk to that cannot be had in a test: a model hub, a language model, HLS.

All on loopback, over real HTTP.
"""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

COMMIT = "0" * 39 + "1"


class _Handler(BaseHTTPRequestHandler):
    repositories: ClassVar[Mapping[str, Path]]
    """Hub name → folder."""
    files: ClassVar[Path]
    """Served under /files/."""
    asked: ClassVar[list[str]]
    """Transcripts that the language model was given."""

    def do_HEAD(self) -> None:
        """Answer as to GET, without the body."""
        self.do_GET()

    def do_GET(self) -> None:
        """Answer the hub's API, or with a file."""
        parts = self.path.strip("/").split("/")
        if parts[0] == "files":
            self._file(self.files / parts[1])
        elif parts[:2] == ["api", "models"]:
            self._repository("/".join(parts[2:4]))
        else:
            # ORG/NAME/resolve/COMMIT/FILE
            folder = self.repositories.get("/".join(parts[:2]))
            self._file(folder / parts[4] if folder and len(parts) == 5 else Path("/none"))

    def do_POST(self) -> None:
        """Answer a chat: the first product on sale."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = json.loads(body["messages"][-1]["content"])
        self.asked.append(asked["transcript"])
        title = asked["on_sale"]["1"]
        answer = json.dumps({"product": title, "number": 1, "attributes": []})
        self._json({"choices": [{"message": {"role": "assistant", "content": answer}}]})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base's name
        """Say nothing."""

    def _repository(self, name: str) -> None:
        folder = self.repositories.get(name)
        if folder is None:
            self._send(404, b"", {})
            return
        siblings = [{"rfilename": path.name} for path in sorted(folder.iterdir())]
        self._json({"id": name, "sha": COMMIT, "siblings": siblings, "private": False})

    def _json(self, value: object) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _file(self, path: Path) -> None:
        if not path.is_file():
            self._send(404, b"", {})
            return
        content = path.read_bytes()
        etag = f'"{hashlib.sha256(content).hexdigest()}"'
        self._send(200, content, {"ETag": etag, "X-Repo-Commit": COMMIT})

    def _send(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


@contextmanager
def doubles(repositories: Mapping[str, Path], files: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve repositories as a hub does, files under `/files/`, and a chat under `/v1`.

    Yields the root of the server, and the list of transcripts that the chat was given.
    """
    asked: list[str] = []
    members = {"repositories": repositories, "files": files, "asked": asked}
    handler = type("Handler", (_Handler,), members)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
