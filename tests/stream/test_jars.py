"""Archives are used only as pinned, kept once verified, and named when they are refused."""

import gc
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from models.errors import ServiceError
from stream.jars import Jar, JarLock, JarOptions, JarStore, read_lock

ALPHA = b"alpha " * 5_000
BETA = b"beta " * 5_000


def pinned(name: str, content: bytes) -> Jar:
    return Jar("org.example", name, "1.0", len(content), hashlib.sha256(content).hexdigest())


LOCK = JarLock("0", (pinned("alpha", ALPHA), pinned("beta", BETA)))


class Mirror:
    """A Maven repository on loopback that can be told to misbehave."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.content = {"alpha-1.0.jar": ALPHA, "beta-1.0.jar": BETA}
        self.asked: list[str] = []
        self.break_off: list[str] = []
        """Archives to break off once, half-way."""

    def jars_asked(self) -> list[str]:
        return sorted(name for name in self.asked if name.endswith(".jar"))


@contextmanager
def mirror() -> Iterator[Mirror]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rsplit("/", 1)[1]
            here.asked.append(name)
            content = here.content.get(name)
            if content is None or not self.path.startswith("/maven/org/example/"):
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if name in here.break_off:
                here.break_off.remove(name)
                content = content[: len(content) // 2]
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here = Mirror(f"http://127.0.0.1:{server.server_port}/maven/")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def store(cache: Path, here: Mirror, attempts: int = 2) -> JarStore:
    return JarStore(JarOptions(cache, here.url, attempts=attempts), LOCK)


def test_the_lock_pins_what_maven_resolves_for_kafka() -> None:
    lock = read_lock()
    versions = {jar.artifact: jar.version for jar in lock.jars}
    assert len(versions) == len(lock.jars) == 46
    # An older transitive version of one of these is the trap of other resolvers.
    assert versions["kafka_2.13"] == versions["kafka-clients"] == lock.kafka_version == "4.1.0"
    assert versions["jackson-databind"] == versions["jackson-dataformat-yaml"] == "2.19.0"
    assert (versions["snakeyaml"], versions["zstd-jni"]) == ("2.4", "1.5.6-10")
    assert all(len(jar.sha256) == 64 and jar.size_bytes > 0 for jar in lock.jars)


def test_archives_are_fetched_once_and_then_kept(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    with mirror() as here:
        jars = store(tmp_path, here)
        jars.ensure(lambda _name, done, total: seen.append((done, total)))
        jars.ensure()
    assert here.jars_asked() == ["alpha-1.0.jar", "beta-1.0.jar"]
    assert seen[-1] == (LOCK.size_bytes, LOCK.size_bytes)
    assert jars.missing() == ()
    assert [Path(path).read_bytes() for path in jars.class_path.split(":")] == [ALPHA, BETA]


def test_an_archive_with_another_hash_is_refused_by_name_and_not_kept(tmp_path: Path) -> None:
    with mirror() as here:
        here.content["beta-1.0.jar"] = b"something else"
        jars = store(tmp_path, here)
        with pytest.raises(ServiceError, match=r"refused beta-1\.0\.jar .* pins") as caught:
            jars.ensure()
    assert hashlib.sha256(b"something else").hexdigest() in str(caught.value)
    assert [jar.artifact for jar in jars.missing()] == ["beta"]


def test_an_archive_damaged_in_the_cache_is_fetched_again(tmp_path: Path) -> None:
    with mirror() as here:
        jars = store(tmp_path, here)
        jars.ensure()
        (tmp_path / "jars" / "alpha-1.0.jar").write_bytes(ALPHA[:-1] + b"!")
        jars.ensure()
    assert here.jars_asked() == ["alpha-1.0.jar", "alpha-1.0.jar", "beta-1.0.jar"]
    assert jars.missing() == ()


def test_a_download_that_breaks_off_leaves_nothing_half_and_is_tried_again(tmp_path: Path) -> None:
    seen: list[int] = []
    with mirror() as here:
        here.break_off.append("alpha-1.0.jar")
        jars = store(tmp_path, here)
        jars.ensure(lambda _name, done, _total: seen.append(done))
    assert here.jars_asked() == ["alpha-1.0.jar", "alpha-1.0.jar", "beta-1.0.jar"]
    assert jars.missing() == ()
    assert seen[-1] == LOCK.size_bytes, "bytes of the broken try count twice"
    assert sorted(path.name for path in (tmp_path / "jars").iterdir()) == [
        "alpha-1.0.jar",
        "beta-1.0.jar",
    ]


def refusal(jars: JarStore) -> str:
    """Why archives cannot be had, with everything that the failed attempt held let go."""
    try:
        jars.ensure()
    except ServiceError as error:
        said = str(error)
    else:
        said = "not refused"
    gc.collect()
    return said


# jgo leaves the answer open when a repository says no.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_repository_without_the_archive_is_named_and_what_was_fetched_stays(
    tmp_path: Path,
) -> None:
    with mirror() as here:
        del here.content["beta-1.0.jar"]
        jars = store(tmp_path, here, attempts=1)
        said = refusal(jars)
        assert f"cannot fetch beta-1.0.jar from {here.url}" in said
        assert "of 2 archives are cached and stay so" in said
        assert [jar.artifact for jar in jars.missing()] == ["beta"]
        here.content["beta-1.0.jar"] = BETA
        jars.ensure()
    assert here.jars_asked().count("alpha-1.0.jar") == 1


def test_without_a_network_the_error_says_what_to_set(tmp_path: Path) -> None:
    with mirror() as here:
        pass  # closed again: nobody listens at its address any more
    jars = store(tmp_path, here, attempts=1)
    with pytest.raises(ServiceError, match="set the address of a Maven repository"):
        jars.ensure()
