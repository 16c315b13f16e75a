"""Fetches one picture by URL without letting a catalogue reach into the network that we are in.

The host is resolved once, every address it has must be public, and the connection goes to the
address that was checked, so that a name that resolves differently a moment later gains nothing.
No redirects, no proxies, no credentials, a limit on bytes and time.
"""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx

from models.errors import InputError, TransientError

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv4 addresses as a network without IPv4 sees them (RFC 6052)."""
_LONGEST_NAME = 200
Resolve = Callable[[str, int], list[str]]


def resolve_host(host: str, port: int) -> list[str]:
    """Return the host's addresses."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return sorted({str(entry[4][0]) for entry in found})


@dataclass(frozen=True)
class FetchOptions:
    """How a picture is fetched."""

    timeout_s: float = 10.0
    """For the whole of one try."""
    attempts: int = 3
    """Tries before a server that is away or busy is given up."""
    first_wait_s: float = 0.5
    """Between the first two tries; doubles each time."""
    wait: Callable[[float], object] = time.sleep
    """Waits between tries; takes seconds."""
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
        TransientError: the server was away or busy at every try.
    """
    name = url if len(url) <= _LONGEST_NAME else url[:_LONGEST_NAME] + "…"
    target = _checked(url, name)
    for attempt in range(options.attempts - 1):
        try:
            return _fetch_once(name, target, max_bytes, options)
        except TransientError:
            options.wait(options.first_wait_s * 2.0**attempt)
    try:
        return _fetch_once(name, target, max_bytes, options)
    except TransientError as error:
        message = f"{error} (at the last of {options.attempts} tries)"
        raise TransientError(message) from error


def _fetch_once(name: str, target: httpx.URL, max_bytes: int, options: FetchOptions) -> bytes:
    host = target.raw_host.decode("ascii")
    port = target.port or (443 if target.scheme == "https" else 80)
    address = _address(name, host, port, options)
    deadline = _Deadline(options.timeout_s)
    request = httpx.Request(
        "GET",
        target.copy_with(host=address),
        headers={
            "host": target.netloc.decode("ascii"),
            "accept": "image/jpeg, image/png, image/webp",
            # What a server compresses could be a thousand times larger here.
            "accept-encoding": "identity",
        },
        extensions={
            # The certificate must be that of the name, though the address is dialled.
            "sni_hostname": host,
            "timeout": httpx.Timeout(options.timeout_s).as_dict(),
            "trace": deadline.watch,
        },
    )
    try:
        with deadline, httpx.Client(transport=options.transport, trust_env=False) as client:
            response = client.send(request, stream=True, follow_redirects=False)
            try:
                _check_status(name, response)
                body = _body(name, response, max_bytes)
            finally:
                response.close()
    except (httpx.TransportError, httpx.DecodingError) as error:
        why = f"it took longer than {options.timeout_s:g} s" if deadline.passed else repr(error)
        message = f"image {name} could not be fetched: {why}"
        raise TransientError(message) from error
    if deadline.passed:
        # Without a Content-Length, a connection that we cut looks like the end of the picture.
        message = f"image {name} could not be fetched: it took longer than {options.timeout_s:g} s"
        raise TransientError(message)
    return body


class _Deadline:
    """Cuts a connection after some seconds, whatever it waits for.

    The time limits of httpx hold for each wait alone: a server that sends one byte now and then
    would keep us for days.
    """

    def __init__(self, limit_s: float) -> None:
        self.passed = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(limit_s, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._socket is not None:
            self._socket.close()

    def watch(self, event: str, info: dict[str, Any]) -> None:
        """Take the connection as soon as there is one; called by httpx."""
        if event == "connection.connect_tcp.complete":
            # A copy: TLS takes the socket itself over.
            self._socket = info["return_value"].get_extra_info("socket").dup()
            if self.passed:
                self._cut()

    def _cut(self) -> None:
        self.passed = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


def _checked(url: str, name: str) -> httpx.URL:
    try:
        target = httpx.URL(url)
    except httpx.InvalidURL as error:
        message = f"image {name!r} is no URL: {error}"
        raise InputError(message) from error
    if not 0 < (target.port or 80) < 65_536:
        message = f"image {name!r} is no URL: there is no port {target.port}"
        raise InputError(message)
    if target.scheme not in {"http", "https"} or not target.host:
        message = f"image {name!r} should be an http or https URL with a host"
        raise InputError(message)
    if target.userinfo:
        message = f"image URL of {target.host} holds a user name; such URLs are not fetched"
        raise InputError(message)
    return target


def _address(name: str, host: str, port: int, options: FetchOptions) -> str:
    try:
        addresses = options.resolve(host, port)
    except (OSError, UnicodeError) as error:
        message = f"image {name}: the host {host!r} cannot be resolved: {error}"
        raise TransientError(message) from error
    for address in addresses:
        if not options.allow_private and not _is_public(address):
            message = (
                f"image {name}: the host {host!r} is {address}, which is not a public address; "
                "allow private addresses if the catalogue is your own"
            )
            raise InputError(message)
    if not addresses:
        message = f"image {name}: the host {host!r} has no address"
        raise TransientError(message)
    return addresses[0]


def _is_public(address: str) -> bool:
    known = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(known, ipaddress.IPv6Address):
        inner = known.ipv4_mapped or known.sixtofour
        if known in _NAT64:
            inner = ipaddress.IPv4Address(known.packed[-4:])
        if inner is not None:
            return _is_public(str(inner))
        if known.is_site_local:
            return False
    return known.is_global and not known.is_multicast and not known.is_reserved


def _check_status(name: str, response: httpx.Response) -> None:
    status = response.status_code
    if status >= 500 or status in {408, 425, 429}:
        message = f"image {name}: the server answered {status}"
        raise TransientError(message)
    if 300 <= status < 400:
        message = (
            f"image {name} redirects ({status}), which is not followed; name the picture itself"
        )
        raise InputError(message)
    if status != 200:
        message = f"image {name}: the server answered {status}"
        raise InputError(message)


def _body(name: str, response: httpx.Response, max_bytes: int) -> bytes:
    body = bytearray()
    for piece in response.iter_raw(65_536):
        body += piece
        if len(body) > max_bytes:
            message = f"image {name} has more than {max_bytes:,} bytes, which is the limit"
            raise InputError(message)
    return bytes(body)
