"""Hours of made sound through a real lane at full speed: is memory flat, are the books closed?

python -m tests.stream.long_room --hours 4 --rooms 3

Codec, lane, cutting, worker, batcher, accounts and metrics are the real ones; the ears are a double
and the broker is a list. Slots come doubled, late, torn and not at all, and the process is killed
every half hour of media. Takes minutes, not hours.
"""

import argparse
import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import psutil
from prometheus_client import generate_latest

from stream.batcher import Batcher, BatchOptions
from stream.codec import Position, Record, encode
from stream.dead_letter import Original
from stream.lane import Lane, Outlet
from stream.metrics import Metrics
from stream.state_store import ACCOUNT, Snapshot
from stream.topics import AUDIO
from tests.stream.sound_stage import LOOP, VOICE, chunk, sound_stage, torn
from workers.events import AudioChunk, Event, Transcript
from workers.media_account import MediaAccount
from workers.media_sums import MediaSums

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
SAVE_EVERY = 20
"""Records between two commits; more are never under way."""


@dataclass
class LongRun:
    """What is sent, and what came of it."""

    rooms: int
    slots: int
    """Of each room."""
    kill_every: int = 1_800
    """Slots of one room between two kills."""
    sent_ms: Counter[str] = field(default_factory=Counter)
    """Sound of each room, each slot once."""
    written_ms: Counter[str] = field(default_factory=Counter)
    """Sound of each room that its transcripts received, each slot once."""
    written: Counter[str] = field(default_factory=Counter)
    """First slot of each room without a transcript."""
    states: dict[str, tuple[Snapshot, int]] = field(default_factory=dict)
    waiting: deque[Original] = field(default_factory=deque)
    """What is not committed, and so read again after a kill."""
    metrics: Metrics = field(default_factory=Metrics)
    dead_letters: int = 0
    lives: int = 0

    def sums(self, stream_id: str) -> MediaSums:
        """The account that was saved last."""
        account = self.states[stream_id][0][ACCOUNT]
        return MediaAccount(account if isinstance(account, dict) else None).sums

    async def run(self, on_slot: Callable[[int], object]) -> None:
        """Send everything; `on_slot` is told each slot that all rooms have behind them."""
        faults, offset, slot = random.Random(6), 0, 0  # noqa: S311 — made trouble
        names = [f"room-{number}" for number in range(self.rooms)]
        rows = [self._room(name, faults) for name in names]
        while slot < self.slots:
            until = min(self.slots, slot + self.kill_every)
            async with _Life(self) as life:
                while slot < until:
                    for row in rows:
                        for event in next(row):
                            await life.take(self._original(event, offset))
                            offset += 1
                    on_slot(slot)
                    slot += 1
                if slot == self.slots:
                    await life.settle()

    def _original(self, event: AudioChunk, offset: int) -> Original:
        record = encode(event, source="test", at=WHEN)
        return Original(Position("t", 0, offset), record.key, record.value, record.headers)

    def _room(self, name: str, faults: random.Random) -> Iterator[list[AudioChunk]]:
        """For each slot, what comes while it is due."""
        late: list[AudioChunk] = []
        for slot in range(self.slots):
            due, late = late, []
            fate = faults.random()
            gap_ms = faults.choice((0,) * 50 + (300,))
            level = faults.choice((VOICE, VOICE, VOICE, 0, LOOP))
            last = slot == self.slots - 1
            one = chunk(name, slot, level, gap_ms=gap_ms, last=last)
            came = [one]
            if not last and fate < 0.02:
                came = ([], [one, one], [torn(one)])[int(fate * 150)]
            elif not last and fate < 0.03 and slot < self.slots - 2:
                came, late = [], [one]
            if came or late:
                self.sent_ms[name] += 1_000 - gap_ms
            yield [*came, *due]


class _Life:
    """One life of a process with one lane."""

    def __init__(self, run: LongRun) -> None:
        self._run = run
        run.lives += 1
        stage = sound_stage(10_000)
        meter = run.metrics.of(stage.name)
        jitter = random.Random(0)  # noqa: S311 — jitter
        options = BatchOptions(max_wait_ms=0)
        self._batcher = Batcher(stage.name, stage.worker, options, jitter, meter)
        outlet = Outlet(self._send, self._refuse, _known, time.monotonic, meter)
        self._lane = Lane(stage, 0, {"t": AUDIO}, self._batcher.submit, outlet)
        self._count = 0

    async def __aenter__(self) -> "_Life":
        self._lane.restore(self._run.states)
        self._tasks = [asyncio.create_task(one.run()) for one in (self._lane, self._batcher)]
        for original in self._run.waiting:
            self._lane.put(original)
        return self

    async def __aexit__(self, *_: object) -> None:
        # Nothing is settled or saved here: it is killed.
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._lane.leave()

    async def take(self, original: Original) -> None:
        self._run.waiting.append(original)
        self._lane.put(original)
        self._count += 1
        if self._count % SAVE_EVERY == 0:
            await self.settle()

    async def settle(self) -> None:
        while self._lane.backlog:
            await asyncio.sleep(0)
        states = self._lane.unsaved()
        self._run.states |= states
        self._lane.saved(states)
        position = self._lane.positions().get("t", 0)
        while self._run.waiting and self._run.waiting[0].position.offset < position:
            self._run.waiting.popleft()

    async def _send(self, event: Event, _trace: str | None) -> Awaitable[object]:
        run = self._run
        if isinstance(event, Transcript) and event.slot >= run.written[event.stream_id]:
            run.written[event.stream_id] = event.slot + 1
            run.written_ms[event.stream_id] += event.accounting.received_ms
        return _acknowledged()

    async def _refuse(self, _record: Record) -> Awaitable[object]:
        self._run.dead_letters += 1
        return _acknowledged()


async def _acknowledged() -> None:
    return None


async def _known(_stream_id: str) -> bool:
    return True


def main() -> None:
    """Run and print memory every ten minutes of media, and the accounts at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=4.0, help="media of each room, in hours")
    parser.add_argument("--rooms", type=int, default=1, help="rooms at once")
    words = parser.parse_args()
    run = LongRun(words.rooms, round(words.hours * 3_600))
    process, began_s = psutil.Process(), time.monotonic()

    def on_slot(slot: int) -> None:
        if slot % 600 == 599:
            generate_latest(run.metrics.registry)
            resident = process.memory_info().rss / 2**20
            print(f"{(slot + 1) / 60:6.0f} min  {resident:7.1f} MiB  {len(run.waiting)} held")  # noqa: T201

    asyncio.run(run.run(on_slot))
    for name, sent_ms in run.sent_ms.items():
        sums = run.sums(name)
        print(f"{name}: {sums.text()}; closed: {sums.is_closed and sums.received_ms == sent_ms}")  # noqa: T201
    wall_s = time.monotonic() - began_s
    print(f"{run.lives} lives, {run.dead_letters} dead letters, {wall_s:.0f} s of wall time")  # noqa: T201


if __name__ == "__main__":
    main()
