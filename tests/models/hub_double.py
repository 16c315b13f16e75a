"""A model hub on loopback: the part of its API that `huggingface_hub` needs to pull and to push.

Repositories have commits; small files come inside a commit, safetensors go through LFS, each
object by a PUT of its own. Xet storage, which the real hub may choose instead, is not spoken.
"""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Files = dict[str, bytes]


@dataclass
class Repository:
    """Commits, the last one being `main`."""

    private: bool = False
    commits: dict[str, Files] = field(default_factory=dict)

    def commit(self, files: Files) -> str:
        """Add a commit of exactly these files; return its hash."""
        told = [name.encode() + hashlib.sha1(data).digest() for name, data in files.items()]  # noqa: S324  as git
        name = hashlib.sha1(b"".join([str(len(self.commits)).encode(), *sorted(told)])).hexdigest()  # noqa: S324
        self.commits[name] = dict(files)
        return name

    def find(self, revision: str) -> str | None:
        """Return the commit of a revision."""
        if revision == "main" and self.commits:
            return list(self.commits)[-1]
        return revision if revision in self.commits else None


@dataclass
class Hub:
    """What lies on it, and what was asked of it."""

    url: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    """LFS objects by SHA-256."""
    asked: list[str] = field(default_factory=list)
    """`METHOD path`, without queries."""
    keeps: set[str] = field(default_factory=set)
    """Names of files whose bytes are refused."""
    refuses: bool = False
    """Whether every request is answered 403."""

    def put(self, name: str, files: Files) -> str:
        """Add a commit to a repository; return its hash."""
        return self.repositories.setdefault(name, Repository()).commit(files)

    def fetched(self) -> list[str]:
        """Names of files whose bytes were asked for."""
        return [one.rsplit("/", 1)[1] for one in self.asked if one.startswith("GET /org/")]


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        path = self.path.partition("?")[0]
        self.hub.asked.append(f"{self.command} {path}")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = path.strip("/").split("/")
        if self.hub.refuses:
            self._send(403, b"not for you")
        elif self.command == "PUT":
            self.hub.objects[parts[-1]] = body
            self._send(200, b"")
        elif self.command == "POST":
            self._post(parts, body)
        elif parts[:2] == ["api", "models"]:
            self._info("/".join(parts[2:4]), parts[5] if len(parts) > 5 else "main")
        else:
            self._file("/".join(parts[:2]), parts[3], "/".join(parts[4:]))

    def _info(self, name: str, revision: str) -> None:
        found = self.hub.repositories.get(name)
        if found is None:
            self._send(404, b"", {"X-Error-Code": "RepoNotFound"})
            return
        commit = found.find(revision)
        if commit is None and found.commits:
            self._send(404, b"", {"X-Error-Code": "RevisionNotFound"})
            return
        files = found.commits[commit] if commit else {}
        siblings = [{"rfilename": name} for name in sorted(files)]
        told = {"id": name, "sha": commit or "0" * 40, "private": found.private}
        self._json({**told, "siblings": siblings})

    def _file(self, name: str, revision: str, path: str) -> None:
        found = self.hub.repositories[name]
        commit = found.find(revision)
        content = found.commits[commit].get(path) if commit else None
        if content is None:
            self._send(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        if path in self.hub.keeps and self.command == "GET":
            self._send(403, b"not this one")
            return
        etag = f'"{hashlib.sha256(content).hexdigest()}"'
        self._send(200, content, {"ETag": etag, "X-Repo-Commit": str(commit)})

    def _post(self, parts: list[str], body: bytes) -> None:
        if parts == ["api", "repos", "create"]:
            self._create(json.loads(body))
        elif parts == ["api", "validate-yaml"]:
            self._json({"errors": [], "warnings": []})
        elif parts[-3:] == ["lfs", "objects", "batch"]:
            self._batch(json.loads(body))
        elif parts[4] == "preupload":
            files = [
                {
                    "path": one["path"],
                    "uploadMode": "lfs" if one["path"].endswith(".safetensors") else "regular",
                    "shouldIgnore": False,
                }
                for one in json.loads(body)["files"]
            ]
            self._json({"files": files})
        else:
            self._commit("/".join(parts[2:4]), [json.loads(one) for one in body.splitlines()])

    def _create(self, asked: dict[str, Any]) -> None:
        name = f"{asked['organization']}/{asked['name']}"
        known = name in self.hub.repositories
        made = Repository(bool(asked.get("private")) or asked.get("visibility") == "private")
        self.hub.repositories.setdefault(name, made)
        self._json({"url": f"{self.hub.url}/{name}"}, 409 if known else 200)

    def _batch(self, asked: dict[str, Any]) -> None:
        objects = [
            {**one, "actions": {"upload": {"href": f"{self.hub.url}/lfs/{one['oid']}"}}}
            for one in asked["objects"]
        ]
        self._json({"transfer": "basic", "objects": objects})

    def _commit(self, name: str, lines: list[dict[str, Any]]) -> None:
        repository = self.hub.repositories[name]
        last = repository.find("main")
        files = dict(repository.commits[last]) if last else {}
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.hub.objects[value["oid"]]
        commit = repository.commit(files)
        url = f"{self.hub.url}/{name}/commit/{commit}"
        self._json({"commitUrl": url, "commitOid": commit, "success": True})

    def _json(self, value: object, status: int = 200) -> None:
        self._send(status, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, content: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


@contextmanager
def hub() -> Iterator[Hub]:
    """Serve an empty hub."""
    made = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": made}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
