"""Rooms that lack something go through the real chain beside one that lacks nothing.

Silence, music, no sound, no pictures, a film cut off in the middle: each room ends, the one beside
them is tagged right, nothing is refused, and the workers are the processes of the start.
"""

import asyncio
import os
import subprocess
import sys
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
import pytest

from models.segments import Segment, score_room
from stream.broker import Broker, BrokerOptions
from stream.demo_room import read_truth
from stream.follow import Follower, RoomEnded
from stream.index_server import IndexServer, IndexServerOptions
from stream.topics import DEAD_LETTERS, STATE, TAGS, TRANSCRIPTS
from tests.conftest import CACHE_DIR
from tests.live.whole import MINI, ROOT, liveshelf
from tests.small_shelf import small_shelf
from workers.audio_grid import Samples
from workers.events import Tag, Transcript
from workers.standing import standing

pytestmark = [pytest.mark.kafka, pytest.mark.milvus, pytest.mark.weights, pytest.mark.slow]

WORKERS = ("asr", "summarize,embed,match,tag")
RATE_HZ = 16_000


def one_track(path: Path, kind: str) -> Path:
    """Write the short room's film with one track only, as it is coded."""
    with av.open(str(MINI / "room.mp4")) as film, av.open(str(path), "w") as kept:
        track = next(stream for stream in film.streams if stream.type == kind)
        copy = kept.add_stream_from_template(track)
        for packet in film.demux(track):
            if packet.dts is not None:
                packet.stream = copy
                kept.mux(packet)
    return path


def sound(path: Path, samples: Samples) -> Path:
    """Write 16 kHz mono sound."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return path


def music(seconds: int) -> Samples:
    """Return plucked chords, another one every half second."""
    times = np.arange(seconds * RATE_HZ) / RATE_HZ
    since = times % 0.5
    roots_hz = 220 * 2 ** (np.array([0, 5, 7, 3])[(times // 0.5).astype(int) % 4] / 12)
    chord = np.zeros_like(times)
    for step in (1, 1.26, 1.5, 2):
        chord += np.sin(2 * np.pi * roots_hz * step * since)
    return np.asarray(4_000 * chord * np.exp(-4 * since), np.int16)


def cut_off(path: Path) -> Path:
    """Write the first part of the film's file; its index comes first, so that it still opens."""
    whole = (MINI / "room.mp4").read_bytes()
    assert whole.index(b"moov") < whole.index(b"mdat")
    path.write_bytes(whole[: len(whole) * 6 // 10])
    return path


@dataclass
class Chain:
    """Broker, index and workers of one data folder."""

    folder: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def command(self, *arguments: str) -> list[str]:
        sets = (f"paths.data_dir={self.folder}", f"paths.cache_dir={CACHE_DIR}")
        return liveshelf(*(part for one in sets for part in ("--set", one)), *arguments)

    def start_worker(self, stages: str) -> None:
        with self.log(stages).open("wb") as log:
            run = self.command("worker", "--stages", stages)
            self.workers.append(subprocess.Popen(run, cwd=ROOT, stdout=log, stderr=log))

    def log(self, stages: str) -> Path:
        return self.folder / f"{stages.replace(',', '+')}.log"

    def words(self) -> str:
        """What the workers said, for failures."""
        return "\n".join(self.log(stages).read_text()[-3_000:] for stages in WORKERS)

    @property
    def servers(self) -> str:
        service = Broker(BrokerOptions(self.folder / "broker", CACHE_DIR)).status()
        assert service is not None
        return service.address

    async def ingest(self, name: str, source: Path) -> tuple[int | None, str]:
        """Send a room as a user does; return the exit code and what was said."""
        process = await asyncio.create_subprocess_exec(
            *self.command("ingest", str(source), "--stream-id", name, "--speed", "0",
                          "--cart", str(MINI / "cart.json")),
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
        return process.returncode, said.decode()


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    made = Chain(tmp_path_factory.mktemp("bad-input"))
    broker = Broker(BrokerOptions(made.folder / "broker", CACHE_DIR, owner_pid=os.getpid()))
    index = IndexServer(IndexServerOptions(made.folder / "index", owner_pid=os.getpid()))
    broker.prepare()
    broker.start()
    index.start()
    try:
        shelf = small_shelf(made.folder / "shelf", MINI / "cart.json")
        build = made.command("index", "build", str(shelf))
        subprocess.run(build, cwd=ROOT, check=True, stdout=sys.stderr)
        for stages in WORKERS:
            made.start_worker(stages)
        yield made
    finally:
        for worker in made.workers:
            worker.terminate()
        for worker in made.workers:
            worker.wait(30)
        index.stop()
        broker.stop()


@dataclass
class Played:
    """What came of all rooms."""

    said: dict[str, tuple[int | None, str]]
    ended: set[str]
    tags: dict[str, list[Tag]]
    words: dict[str, int]
    refused: int


async def until_ended(chain: Chain, names: set[str], limit_s: float) -> set[str]:
    """Wait until the last stage has ended all rooms; return those that it has."""
    follower = Follower(chain.servers, "liveshelf.", [STATE])
    await follower.start()
    ended: set[str] = set()
    try:
        async with asyncio.timeout(limit_s):
            async for seen in follower.events():
                if isinstance(seen.event, RoomEnded) and seen.event.stage == "tag":
                    ended.add(seen.event.stream_id)
                if ended >= names:
                    break
    except TimeoutError:
        pass
    finally:
        await follower.stop()
    return ended


async def play_all(chain: Chain, folder: Path) -> Played:
    rooms = {
        "whole": MINI / "room.mp4",
        "silent": sound(folder / "silence.wav", np.zeros(8 * RATE_HZ, np.int16)),
        "music": sound(folder / "music.wav", music(8)),
        "mute": one_track(folder / "mute.mp4", "video"),
        "blind": one_track(folder / "blind.mp4", "audio"),
        "cut": cut_off(folder / "cut.mp4"),
    }
    said = await asyncio.gather(*(chain.ingest(name, file) for name, file in rooms.items()))
    ended = await until_ended(chain, set(rooms), 150)
    tags: dict[str, list[Tag]] = {name: [] for name in rooms}
    words = dict.fromkeys(rooms, 0)
    follower = Follower(chain.servers, "liveshelf.", [TAGS, TRANSCRIPTS])
    refused = Follower(chain.servers, "liveshelf.", [DEAD_LETTERS])
    await follower.start()
    await refused.start()
    async for seen in follower.stored():
        if isinstance(seen.event, Tag):
            tags[seen.event.stream_id].append(seen.event)
        elif isinstance(seen.event, Transcript):
            words[seen.event.stream_id] += len(seen.event.words)
    letters = len(await refused.raw())
    await follower.stop()
    await refused.stop()
    return Played(dict(zip(rooms, said, strict=True)), ended, tags, words, letters)


@pytest.fixture(scope="module")
def played(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> Played:
    return asyncio.run(play_all(chain, tmp_path_factory.mktemp("media")))


def test_every_room_ends_and_no_worker_was_stopped(chain: Chain, played: Played) -> None:
    assert played.ended == played.said.keys(), chain.words()
    assert [worker.poll() for worker in chain.workers] == [None, None], chain.words()
    assert played.refused == 0


def test_room_beside_them_is_tagged_right(played: Played) -> None:
    found = [
        Segment(tag.product_id, tag.start_ms, tag.end_ms or 0)
        for tag in standing(played.tags["whole"])
    ]
    assert score_room(found, read_truth(MINI)).all_right(3_000), found


@pytest.mark.parametrize(
    ("room", "told"),
    [
        ("mute", "it has no sound: products are recognised by pictures alone"),
        ("blind", "it has no pictures: products are recognised by words alone"),
        ("silent", "it has no pictures"),
        ("cut", "truncated at"),
    ],
)
def test_whoever_sends_a_room_is_told_what_it_lacks(played: Played, room: str, told: str) -> None:
    code, said = played.said[room]
    assert code == 0, said
    assert told in " ".join(said.split())
    assert "Traceback" not in said


@pytest.mark.parametrize("room", ["silent", "music"])
def test_nothing_is_invented_where_nobody_speaks(played: Played, room: str) -> None:
    assert played.words[room] == 0
    assert played.tags[room] == []


def test_sound_and_pictures_each_do_without_the_other(played: Played) -> None:
    assert {tag.product_id for tag in played.tags["blind"]} == {
        segment.product_id for segment in read_truth(MINI)
    }
    assert not any(tag.evidence.frames for tag in played.tags["blind"])
    assert played.words["mute"] == 0


def test_what_came_before_the_cut_is_tagged(played: Played) -> None:
    first = read_truth(MINI)[0].product_id
    assert [tag.product_id for tag in played.tags["cut"] if tag.status == "started"][:1] == [first]
    assert played.tags["cut"][-1].status == "ended"
