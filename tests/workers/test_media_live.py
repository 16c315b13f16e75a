"""Live pull over loopback HTTP: connections lost and made again, and a host who stays away."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import pytest

from models.errors import InputError
from tests.media_files import Film, make_film
from workers.events import AudioChunk, Frame
from workers.media import MediaEvent, MediaReport, open_source
from workers.media_wire import MediaOptions

QUICK = MediaOptions(attempts=2, backoff_s=0.05, open_limit_s=5, read_limit_s=5)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base's name
        """Say nothing."""


class Drops(BaseHTTPRequestHandler):
    """Answers each request with the next part and hangs up; then knows nothing any more."""

    def __init__(self, parts: list[bytes], *args: object) -> None:
        self.parts = parts
        super().__init__(*args)  # type: ignore[arg-type]  # as http.server calls it

    def do_GET(self) -> None:
        """Send a part without its length, as live servers do."""
        if not self.parts:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "video/x-flv")
        self.end_headers()
        self.wfile.write(self.parts.pop(0))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base's name
        """Say nothing."""


@contextmanager
def serving(handler: object) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)  # type: ignore[arg-type]  # a partial
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def read(url: str) -> list[MediaEvent]:
    with open_source(url, QUICK) as source:
        return list(source.read("room"))


@pytest.fixture
def flv(tmp_path: Path) -> bytes:
    """A recording of 4 s that does not say how long it is, as a live one does not."""
    film = Film(seconds=4, options={"flvflags": "no_duration_filesize"})
    return make_film(tmp_path / "live.flv", film).read_bytes()


def test_a_dropped_connection_is_made_again_and_the_clock_goes_on(flv: bytes) -> None:
    parts = [flv[: len(flv) // 2], flv]
    with serving(partial(Drops, parts)) as url, open_source(f"{url}/live.flv", QUICK) as source:
        assert source.probe.live
        events = list(source.read("room"))
    final = events[-1]
    assert isinstance(final, MediaReport)
    assert final.status == "ended"
    assert "gone after 2 attempts" in final.reason
    assert "404" in final.reason
    assert final.counts["connections"] == 2
    tries = [e for e in events if isinstance(e, MediaReport) and e.status == "reconnecting"]
    assert len(tries) == 3
    chunks = [event for event in events if isinstance(event, AudioChunk)]
    assert [chunk.slot for chunk in chunks] == list(range(len(chunks)))
    # Half of it and then all of it: the second time counts from where the first one broke off.
    assert chunks[-1].end_ms == pytest.approx(4_000 + tries[0].position_ms, abs=150)
    assert sum(chunk.gap_ms for chunk in chunks) < 150
    frames = [event for event in events if isinstance(event, Frame)]
    assert [frame.slot for frame in frames] == list(range(len(frames)))
    assert chunks[-1].last
    assert frames[-1].last


def test_a_dead_address_is_refused(flv: bytes) -> None:
    with serving(partial(Drops, [])) as url, pytest.raises(InputError, match="404"):
        open_source(f"{url}/live.flv", QUICK)
    with pytest.raises(InputError, match=r"127\.0\.0\.1:\d+/live\.flv: cannot be read: .*refused"):
        open_source(f"{url}/live.flv", QUICK)


def test_a_file_over_http_ends_when_it_ends(tmp_path: Path) -> None:
    make_film(tmp_path / "film.mp4", Film(seconds=2, options={"movflags": "faststart"}))
    with serving(partial(Quiet, directory=str(tmp_path))) as url:
        events = read(f"{url}/film.mp4")
    final = events[-1]
    assert isinstance(final, MediaReport)
    assert (final.status, final.reason) == ("ended", "the source ended")
    assert final.position_ms == pytest.approx(2_000, abs=60)


def test_a_playlist_over_http_is_read_to_its_end(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.ts", Film(seconds=4))
    playlist = tmp_path / "list.m3u8"
    with (
        av.open(str(film)) as source,
        av.open(
            str(playlist), "w", format="hls", options={"hls_time": "1", "hls_list_size": "0"}
        ) as target,
    ):
        streams = {s.index: target.add_stream_from_template(s) for s in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    with serving(partial(Quiet, directory=str(tmp_path))) as url:
        events = read(f"{url}/list.m3u8")
    final = events[-1]
    assert isinstance(final, MediaReport)
    assert final.status == "ended"
    assert final.position_ms == pytest.approx(4_000, abs=150)
    assert final.counts["frames_seen"] == 100
