"""Downloads one file over HTTP: resumed where it broke off, checked, and put in place at once.

In: a URL, the size and SHA-256 that the file must have. Out: the file at its place, or an error
that names it. A download that breaks off leaves a `.part` beside the target, and the next try,
also of another process, goes on from there. Never follows a URL that is not http(s).
"""

import base64
import contextlib
import hashlib
import http.client
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit, urlunsplit

from models.errors import TransientError, WeightsError

_CHUNK_BYTES = 1 << 20

OnBytes = Callable[[int, int], None]
"""Told of progress: bytes so far, bytes in all."""


class Response(Protocol):
    """What is needed of an HTTP answer."""

    status: int

    @property
    def headers(self) -> Mapping[str, str]:
        """The answer's headers, looked up without regard to case."""

    def read(self, amount: int, /) -> bytes:
        """Return at most so many bytes; none at the end."""


@dataclass(frozen=True)
class FetchOptions:
    """How to reach servers."""

    timeout_s: float = 20.0
    """Longest silence of a server, in seconds, before the connection counts as broken."""
    attempts: int = 4
    """Tries of one file in a row; each goes on where the one before broke off."""
    ca_file: Path | None = None
    """Certificates to trust in addition to the system's."""
    wait: Callable[[float], None] = field(default=time.sleep, repr=False)
    """Called with the seconds to wait between tries."""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def without_login(url: str) -> str:
    """Return the URL without user name and password, fit for messages."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def request_for(url: str, headers: Mapping[str, str]) -> urllib.request.Request:
    """Return a GET request; a login in the URL becomes a header that no redirect carries on.

    Raises:
        WeightsError: the URL is not http or https.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        message = f"{without_login(url)} is no http or https URL"
        raise WeightsError(message)
    request = urllib.request.Request(without_login(url), headers=dict(headers))  # noqa: S310 - scheme checked above
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        token = base64.b64encode(login.encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {token}")
    return request


@contextlib.contextmanager
def opened(request: urllib.request.Request, options: FetchOptions) -> Iterator[Response]:
    """Open a request made by `request_for`; every failure to answer becomes one of our errors.

    Raises:
        TransientError: the server cannot be reached, broke off, or asks to come again later.
        WeightsError: the server refuses.
    """
    url = request.full_url
    context = ssl.create_default_context()
    if options.ca_file is not None:
        context.load_verify_locations(options.ca_file)
    try:
        with urllib.request.urlopen(  # noqa: S310 - the scheme was checked when the request was made
            request, timeout=options.timeout_s, context=context
        ) as response:
            yield response
    except urllib.error.HTTPError as error:
        error.close()
        message = f"{url} answers {error.code} {error.reason}"
        if error.code in {408, 425, 429} or error.code >= 500:
            raise TransientError(message) from error
        raise WeightsError(message) from error
    except (OSError, http.client.HTTPException) as error:
        message = f"{url} cannot be read: {error}"
        raise TransientError(message) from error


def _append(response: Response, part: Path, have: int, size_bytes: int, on_bytes: OnBytes) -> None:
    with part.open("ab" if have else "wb") as out:
        while chunk := response.read(_CHUNK_BYTES):
            have += len(chunk)
            if have > size_bytes:
                # Stop here rather than fill the disk from a server that never ends.
                out.truncate(0)
                message = f"{part.name}: the server sends more than the {size_bytes} bytes expected"
                raise WeightsError(message)
            out.write(chunk)
            on_bytes(have, size_bytes)


def _continue(
    url: str, part: Path, size_bytes: int, options: FetchOptions, on_bytes: OnBytes
) -> None:
    have = part.stat().st_size if part.exists() else 0
    if have == size_bytes:
        return
    if have > size_bytes:
        part.unlink()
        have = 0
    request = request_for(url, {"Range": f"bytes={have}-"} if have else {})
    with opened(request, options) as response:
        resumed = response.status == http.HTTPStatus.PARTIAL_CONTENT
        _append(response, part, have if resumed else 0, size_bytes, on_bytes)
    got = part.stat().st_size
    if got < size_bytes:
        message = f"{without_login(url)} broke off after {got} of {size_bytes} bytes"
        raise TransientError(message)


def download(
    url: str, target: Path, size_bytes: int, sha256: str, options: FetchOptions, on_bytes: OnBytes
) -> None:
    """Bring a file to its place, whole and checked, or not at all.

    Raises:
        TransientError: the server stayed away for all tries; what came is kept for the next call.
        WeightsError: the server refuses, or sends other bytes than expected (which are deleted).
    """
    part = target.with_name(target.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(1, options.attempts + 1):
        try:
            _continue(url, part, size_bytes, options, on_bytes)
            break
        except TransientError:
            if attempt == options.attempts:
                raise
            options.wait(min(2.0 ** (attempt - 1), 8.0))
    got = sha256_of(part)
    if got != sha256:
        part.unlink()
        message = f"{without_login(url)}: expected SHA-256 {sha256}, got {got}; refused and deleted"
        raise WeightsError(message)
    part.replace(target)
