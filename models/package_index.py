"""Finds and downloads a package wheel from whatever index this machine's pip is set to use.

In: a wheel's project, version, file name and hash. Out: the file. The index is the user's choice,
a mirror as a rule behind a company's wall, so its address is asked of pip and stands nowhere here.
The direct way (the index's simple API, PEP 503 and 691) is resumed and shows progress; where it
does not work (a keyring, a folder of wheels, an index without that page), pip downloads the file.
"""

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

from models.errors import LiveShelfError, TransientError, WeightsError
from models.fetch import (
    FetchOptions,
    OnBytes,
    Response,
    download,
    opened,
    request_for,
    sha256_of,
    without_login,
)
from models.weight_entry import Wheel

_ACCEPT = (
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, "
    "text/html;q=0.1"
)
_PAGE_LIMIT_BYTES = 64 << 20
_PIP_TIMEOUT_S = 900


def _pip(*arguments: str, timeout_s: float = 60) -> str:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        message = f"pip {arguments[0]} gave no answer within {timeout_s:.0f} s"
        raise TransientError(message) from error
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["(it said nothing)"]
        message = f"pip {arguments[0]} failed: {lines[-1]}"
        raise WeightsError(message)
    return done.stdout


def parse_pip_config(text: str) -> dict[str, str]:
    """Return pip's settings that matter here from the output of `pip config list`.

    A variable (`:env:`) beats a command's section, which beats `global`.
    """
    settings: dict[str, tuple[int, str]] = {}
    rank = {"global": 0, "install": 1, "download": 2, ":env:": 3}
    for line in text.splitlines():
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        if section in rank and rank[section] >= settings.get(key, (-1, ""))[0]:
            settings[key] = (rank[section], str(ast.literal_eval(value)))
    return {key: value for key, (_, value) in settings.items()}


def default_index(help_text: str) -> str | None:
    """Return the index that pip uses when nobody sets one, from its own help text."""
    found = re.search(r"--index-url.*?\(default\s+(https?://[^\s)]+)\)", help_text, re.DOTALL)
    return found.group(1) if found else None


def pip_indexes() -> tuple[tuple[str, ...], Path | None]:
    """Return the indexes that pip is set to use, first choice first, and its certificate file."""
    settings = parse_pip_config(_pip("config", "list"))
    certificates = Path(settings["cert"]) if settings.get("cert") else None
    if settings.get("no-index", "").lower() in {"1", "true", "yes", "on"}:
        return (), certificates
    first = settings.get("index-url") or default_index(_pip("download", "--help"))
    urls = [first] if first else []
    return (*urls, *settings.get("extra-index-url", "").split()), certificates


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.extend(value for key, value in attrs if key == "href" and value)


def _links(body: bytes, kind: str) -> list[str]:
    if "json" in kind:
        return [str(file["url"]) for file in json.loads(body)["files"]]
    parser = _Links()
    parser.feed(body.decode("utf-8", "replace"))
    return parser.found


def _read_all(response: Response) -> bytes:
    body = b""
    while chunk := response.read(1 << 20):
        body += chunk
        if len(body) > _PAGE_LIMIT_BYTES:
            message = f"an index page has more than {_PAGE_LIMIT_BYTES} bytes"
            raise WeightsError(message)
    return body


def wheel_url(index_url: str, wheel: Wheel, options: FetchOptions) -> str:
    """Return where an index keeps a wheel.

    Raises:
        WeightsError: the index does not list it, or its page cannot be understood.
        TransientError: the index cannot be reached.
    """
    project = re.sub(r"[-_.]+", "-", wheel.project).lower()
    page = f"{index_url.rstrip('/')}/{project}/"
    with opened(request_for(page, {"Accept": _ACCEPT}), options) as response:
        kind = response.headers.get("Content-Type", "")
        body = _read_all(response)
    try:
        links = _links(body, kind)
    except (ValueError, KeyError, TypeError) as error:
        message = f"{without_login(page)} is no page of a package index: {error!r}"
        raise WeightsError(message) from error
    for link in links:
        url = urljoin(page, urldefrag(link).url)
        if urlsplit(url).path.rpartition("/")[2] == wheel.filename:
            return url
    message = f"{without_login(page)} does not list {wheel.filename}"
    raise WeightsError(message)


def _by_pip(wheel: Wheel, folder: Path) -> None:
    landing = folder / f"pip-{wheel.sha256[:16]}"
    try:
        _pip(
            *("download", "--no-deps", "--only-binary=:all:", "--quiet"),
            *("--dest", str(landing), f"{wheel.project}=={wheel.version}"),
            timeout_s=_PIP_TIMEOUT_S,
        )
        got = landing / wheel.filename
        if not got.is_file():
            message = f"pip brought no {wheel.filename} for {wheel.project}=={wheel.version}"
            raise WeightsError(message)
        digest = sha256_of(got)
        if digest != wheel.sha256:
            message = f"{wheel.filename}: expected SHA-256 {wheel.sha256}, got {digest}; refused"
            raise WeightsError(message)
        got.replace(folder / wheel.filename)
    finally:
        shutil.rmtree(landing, ignore_errors=True)


def fetch_wheel(
    wheel: Wheel,
    folder: Path,
    index_urls: Sequence[str] | None,
    options: FetchOptions,
    on_bytes: OnBytes,
) -> Path:
    """Return the checked wheel in a folder, downloaded unless it is there already.

    Args:
        wheel: which one.
        folder: where to put it, also what came of it before an interruption.
        index_urls: roots of simple indexes; none asks pip which it uses.
        options: how to reach servers.
        on_bytes: told of progress.

    Raises:
        WeightsError: no index has it, or it has other bytes; the message has every reason.
    """
    target = folder / wheel.filename
    if target.is_file() and sha256_of(target) == wheel.sha256:
        return target
    reasons: list[str] = []
    try:
        indexes, certificates = (index_urls, None) if index_urls is not None else pip_indexes()
        if certificates is not None and options.ca_file is None:
            options = replace(options, ca_file=certificates)
    except LiveShelfError as error:
        indexes, reasons = (), [str(error)]
    for index in indexes:
        try:
            url = wheel_url(index, wheel, options)
            download(url, target, wheel.size_bytes, wheel.sha256, options, on_bytes)
        except LiveShelfError as error:
            reasons.append(str(error))
        else:
            return target
    if index_urls is None:
        try:
            _by_pip(wheel, folder)
        except LiveShelfError as error:
            reasons.append(str(error))
        else:
            return target
    message = f"{wheel.filename} cannot be had: {'; '.join(reasons) or 'no index is set'}"
    raise WeightsError(message)
