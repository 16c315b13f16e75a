"""Pictures from URLs: over real sockets on loopback, and never into a private network."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
import pytest

from models.errors import InputError, TransientError
from tests.models.file_server import FileServer, serving
from workers.image_fetch import FetchOptions, fetch

PICTURE = b"\xff\xd8\xff picture"
LIMIT_BYTES = 1_000


@pytest.fixture(scope="module")
def server() -> Iterator[FileServer]:
    with serving() as made:
        yield made


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def options(waits: list[float]) -> FetchOptions:
    return FetchOptions(timeout_s=10, allow_private=True, wait=waits.append)


def resolved_to(*addresses: str) -> FetchOptions:
    """Options of a public catalogue whose hosts all resolve to these addresses."""
    return FetchOptions(
        attempts=1, resolve=lambda _host, _port: list(addresses), transport=echoing([])
    )


def echoing(seen: list[httpx.Request]) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, stream=httpx.ByteStream(PICTURE))

    return httpx.MockTransport(answer)


@contextmanager
def dripping(answer: bytes) -> Iterator[tuple[str, threading.Event]]:
    """A server that drips an answer byte by byte; its URL, and whether it was let go."""
    let_go = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)
                # Each wait of the client is short, and all of them together far too long.
                connection.settimeout(0.05)
                for _ in range(400):
                    with suppress(TimeoutError, ConnectionError):
                        if not connection.recv(65_536):
                            let_go.set()
                            break
                    with suppress(ConnectionError):
                        connection.sendall(b"x")

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/slow.png", let_go
        thread.join(30)


def test_a_picture_is_fetched_as_it_is(server: FileServer, options: FetchOptions) -> None:
    url = server.put("/a picture.jpg", PICTURE)
    server.pages["/a%20picture.jpg?size=2"] = ("image/jpeg", PICTURE)
    assert fetch(f"{url}?size=2#top", LIMIT_BYTES, options) == PICTURE
    path, headers = server.seen[-1]
    assert path == "/a%20picture.jpg?size=2"
    assert headers["host"] == url.split("/")[2]
    assert headers["accept-encoding"] == "identity"
    assert "cookie" not in headers


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a.png",
        "http://127.8.8.8/a.png",
        "http://localhost/a.png",
        "http://2130706433/a.png",
        "http://0.0.0.0/a.png",
        "http://10.1.2.3/a.png",
        "http://172.16.0.1/a.png",
        "http://192.168.1.1/a.png",
        "http://100.64.0.1/a.png",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/a.png",
        "http://[::]/a.png",
        "http://[fe80::1]/a.png",
        "http://[fec0::1]/a.png",
        "http://[fd00::1]/a.png",
        "http://[::ffff:127.0.0.1]/a.png",
        "http://[::ffff:a00:1]/a.png",
        "http://[::127.0.0.1]/a.png",
        "http://[64:ff9b::a00:1]/a.png",
        "http://[2002:7f00:1::]/a.png",
        "http://224.0.0.1/a.png",
        "http://255.255.255.255/a.png",
    ],
)
def test_addresses_of_private_networks_are_refused(url: str) -> None:
    seen: list[httpx.Request] = []
    with pytest.raises(InputError, match="which is not a public address; allow private"):
        fetch(url, LIMIT_BYTES, FetchOptions(transport=echoing(seen)))
    assert seen == []


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07::1", "64:ff9b::808:808"])
def test_public_addresses_are_asked(address: str) -> None:
    assert fetch("https://shop.example/a.png", LIMIT_BYTES, resolved_to(address)) == PICTURE


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(InputError, match=r"'shop\.example' is 10\.0\.0\.7, which is not a public"):
        fetch("http://shop.example/a", LIMIT_BYTES, resolved_to("93.184.215.14", "10.0.0.7"))


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    seen: list[httpx.Request] = []
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    options = FetchOptions(resolve=lambda *_: next(answers), transport=echoing(seen))
    fetch("https://bücher.example:8443/ä?q=1", LIMIT_BYTES, options)
    (request,) = seen
    assert str(request.url) == "https://93.184.215.14:8443/%C3%A4?q=1"
    assert request.headers["host"] == "xn--bcher-kva.example:8443"
    assert request.extensions["sni_hostname"] == "xn--bcher-kva.example"


def test_a_redirect_is_not_followed_into_the_network(
    server: FileServer, options: FetchOptions
) -> None:
    inner = server.put("/inner.png", PICTURE)
    server.moved["/outer.png"] = inner
    with pytest.raises(InputError, match=r"redirects \(302\), which is not followed"):
        fetch(server.url + "/outer.png", LIMIT_BYTES, options)
    assert server.count("/outer.png") == 1
    assert server.count("/inner.png") == 0


def test_a_body_over_the_limit_is_refused_at_once(
    server: FileServer, options: FetchOptions
) -> None:
    url = server.put("/large.png", bytes(LIMIT_BYTES + 1))
    assert len(fetch(url, LIMIT_BYTES + 1, options)) == LIMIT_BYTES + 1
    with pytest.raises(InputError, match=r"large\.png has more than 1,000 bytes"):
        fetch(url, LIMIT_BYTES, options)
    assert server.count("/large.png") == 2


def test_a_busy_server_is_asked_again_and_answers(
    server: FileServer, options: FetchOptions, waits: list[float]
) -> None:
    url = server.put("/busy.png", PICTURE)
    server.failures["/busy.png"] = [503, 429]
    assert fetch(url, LIMIT_BYTES, options) == PICTURE
    assert server.count("/busy.png") == 3
    assert waits == [0.5, 1.0]


def test_a_server_that_stays_broken_is_given_up_with_its_last_word(
    server: FileServer, options: FetchOptions, waits: list[float]
) -> None:
    server.failures["/broken.png"] = [500, 502, 500, 500]
    said = r"broken\.png: the server answered 500 \(at the last of 3 tries\)"
    with pytest.raises(TransientError, match=said):
        fetch(server.url + "/broken.png", LIMIT_BYTES, options)
    assert server.failures["/broken.png"] == [500]
    assert len(waits) == 2


def test_an_answer_that_will_not_change_is_not_asked_for_again(
    server: FileServer, options: FetchOptions, waits: list[float]
) -> None:
    with pytest.raises(InputError, match="the server answered 404"):
        fetch(server.url + "/absent.png", LIMIT_BYTES, options)
    assert server.count("/absent.png") == 1
    assert waits == []


def test_a_connection_that_breaks_off_is_tried_again(
    server: FileServer, options: FetchOptions
) -> None:
    url = server.put("/torn.png", PICTURE)
    server.break_after["/torn.png"] = [3]
    assert fetch(url, LIMIT_BYTES, options) == PICTURE
    assert server.count("/torn.png") == 2


def test_a_server_that_is_away_is_named(options: FetchOptions, waits: list[float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TransientError, match=r"could not be fetched: ConnectError.*3 tries"):
        fetch(f"http://127.0.0.1:{port}/a.png", LIMIT_BYTES, options)
    assert len(waits) == 2


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n\xff\xd8\xff"],
    ids=["nothing", "half a header", "half a body of unknown length"],
)
def test_a_server_that_never_ends_its_answer_is_let_go(answer: bytes) -> None:
    options = FetchOptions(timeout_s=0.5, attempts=1, allow_private=True)
    with dripping(answer) as (url, let_go):
        with pytest.raises(TransientError, match=r"it took longer than 0\.5 s"):
            fetch(url, LIMIT_BYTES, options)
        assert let_go.wait(30)


def test_a_name_that_does_not_resolve_is_tried_again(waits: list[float]) -> None:
    def nobody(_host: str, _port: int) -> list[str]:
        message = "no such name"
        raise socket.gaierror(message)

    options = FetchOptions(resolve=nobody, wait=waits.append)
    with pytest.raises(TransientError, match=r"'shop\.example' cannot be resolved: no such name"):
        fetch("http://shop.example/a.png", LIMIT_BYTES, options)
    assert len(waits) == 2
    with pytest.raises(TransientError, match="has no address"):
        fetch("http://shop.example/a.png", LIMIT_BYTES, resolved_to())


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://shop.example/a.png", "should be an http or https URL"),
        ("http:///a.png", "should be an http or https URL"),
        ("http://shop.example:99999/a.png", "is no URL"),
        ("http://[::1/a.png", "is no URL"),
        ("http://shop.example/\x01.png", "is no URL"),
        ("http://" + "a" * 70_000, "is no URL"),
        ("http://me:secret@shop.example/a.png", "holds a user name"),
    ],
)
def test_what_is_no_web_address_is_refused(url: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        fetch(url, LIMIT_BYTES, resolved_to("93.184.215.14"))
    assert "secret" not in str(caught.value)
    assert len(str(caught.value)) < 1_000
