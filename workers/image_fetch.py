"""Fetches one picture by URL without letting a catalogue reach into the network that we are in.

The host is resolved once, every address it has must be public, and the connection goes to the
address that was checked, so that a name that resolves differently a moment later gains nothing.
No redirects, no proxies, no credentials, a limit on bytes and time.
"""

import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import httpx

from models.errors import InputError, TransientError

Resolve = Callable[[str, int], list[str]]


def resolve_host(host: str, port: int) -> list[str]:
    """Return the host's addresses."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return sorted({str(entry[4][0]) for entry in found})


@dataclass(frozen=True)
class FetchOptions:
    """How a picture is fetched."""

    timeout_s: float = 10.0
    """For the whole of it."""
    allow_private: bool = False
    """Whether addresses of private networks and of this machine may be asked."""
    resolve: Resolve = resolve_host
    """Host and port to addresses."""
    transport: httpx.BaseTransport | None = None
    """Carries the request; none: the network."""


def fetch(url: str, max_bytes: int, options: FetchOptions) -> bytes:
    """Return what lies behind an http(s) URL.

    Raises:
        InputError: the URL is not allowed, answers with an error, or is too large.
        TransientError: the network or server may do better later.
    """
    parts = _checked(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _address(url, host, port, options)
    literal = f"[{address}]" if ":" in address else address
    target = parts._replace(netloc=f"{literal}:{port}", fragment="").geturl()
    request = httpx.Request(
        "GET",
        target,
        headers={
            "host": parts.netloc,
            "accept": "image/jpeg, image/png, image/webp",
            # What a server compresses could be a thousand times larger here.
            "accept-encoding": "identity",
        },
        extensions={
            # The certificate must be that of the name, though the address is dialled.
            "sni_hostname": host,
            "timeout": httpx.Timeout(options.timeout_s).as_dict(),
        },
    )
    try:
        with httpx.Client(transport=options.transport, trust_env=False) as client:
            response = client.send(request, stream=True, follow_redirects=False)
            try:
                _check_status(url, response)
                return _body(url, response, max_bytes, time.monotonic() + options.timeout_s)
            finally:
                response.close()
    except (httpx.TransportError, httpx.DecodingError) as error:
        message = f"image {url} could not be fetched: {error!r}"
        raise TransientError(message) from error


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        message = f"image {url!r} is no URL: {error}"
        raise InputError(message) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        message = f"image {url!r} should be an http or https URL with a host"
        raise InputError(message)
    if parts.username is not None or parts.password is not None:
        message = f"image URL of {parts.hostname} holds a user name; such URLs are not fetched"
        raise InputError(message)
    return parts


def _address(url: str, host: str, port: int, options: FetchOptions) -> str:
    try:
        addresses = options.resolve(host, port)
    except (OSError, UnicodeError) as error:
        message = f"image {url}: the host {host!r} cannot be resolved: {error}"
        raise TransientError(message) from error
    for address in addresses:
        if not options.allow_private and not _is_public(address):
            message = (
                f"image {url}: the host {host!r} is {address}, which is not a public address; "
                "allow private addresses if the catalogue is your own"
            )
            raise InputError(message)
    if not addresses:
        message = f"image {url}: the host {host!r} has no address"
        raise TransientError(message)
    return addresses[0]


def _is_public(address: str) -> bool:
    known = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(known, ipaddress.IPv6Address):
        inner = known.ipv4_mapped or known.sixtofour
        if inner is not None:
            return inner.is_global
    return known.is_global and not known.is_multicast


def _check_status(url: str, response: httpx.Response) -> None:
    status = response.status_code
    if status >= 500 or status in {408, 425, 429}:
        message = f"image {url}: the server answered {status}"
        raise TransientError(message)
    if 300 <= status < 400:
        message = (
            f"image {url} redirects ({status}), which is not followed; name the picture itself"
        )
        raise InputError(message)
    if status != 200:
        message = f"image {url}: the server answered {status}"
        raise InputError(message)


def _body(url: str, response: httpx.Response, max_bytes: int, until: float) -> bytes:
    body = bytearray()
    for piece in response.iter_raw(65_536):
        body += piece
        if len(body) > max_bytes:
            message = f"image {url} has more than {max_bytes:,} bytes, which is the limit"
            raise InputError(message)
        if time.monotonic() > until:
            message = f"image {url} took too long"
            raise TransientError(message)
    return bytes(body)
