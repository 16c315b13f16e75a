"""A stage is as far behind as its worst lane, and goes on being watched while Kafka is away."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from stream.load import Load, StageLoad
from stream.load_watch import LoadWatch
from stream.meter import NoMeter
from workers.events import LoadRung
from workers.ladder import OverloadOptions


@dataclass
class Ends:
    """A consumer that is away every second time."""

    asked: int = 0

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        self.asked += 1
        if self.asked % 2 == 0:
            raise KafkaConnectionError
        return {where: 100 + where.partition for where in partitions}


@dataclass
class Behind:
    """A lane that is behind by twenty seconds for each partition below it."""

    partition: int
    ends: list[Mapping[str, int]] = field(default_factory=list)

    def behind_ms(self, counts: Callable[[str], bool], ends: Mapping[str, int]) -> int:
        assert counts("live")
        self.ends.append(ends)
        return 20_000 * self.partition


@dataclass
class Noting(NoMeter):
    """Notes the rungs."""

    rungs: list[LoadRung] = field(default_factory=list)

    def load(self, rung: LoadRung) -> None:
        self.rungs.append(rung)


async def watched(lanes: list[Behind], readings: int) -> tuple[list[Load], list[LoadRung]]:
    told: asyncio.Queue[Load] = asyncio.Queue()
    seconds = iter(range(0, 1_000, 5))
    load = StageLoad(
        "asr", OverloadOptions(), lambda _: True, told.put_nowait, lambda: next(seconds)
    )
    meter = Noting()
    watch = asyncio.create_task(LoadWatch(load, Ends(), ["audio"], lambda: lanes, meter).run(0))
    found = [await told.get() for _ in range(readings)]
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)
    return found, meter.rungs[:readings]


async def test_worst_lane_counts_and_its_rung_is_told_to_the_metrics() -> None:
    lanes = [Behind(0), Behind(1)]
    found, rungs = await watched(lanes, 4)
    assert [one.behind_s for one in found] == [20, 20, 20, 20]
    assert rungs[:2] == ["full", "fewer_frames"]
    assert rungs == [one.rung for one in found][: len(rungs)]
    assert lanes[1].ends[:3] == [{"audio": 101}, {}, {"audio": 101}]


async def test_stage_without_partitions_is_not_behind() -> None:
    found, _ = await watched([], 2)
    assert [(one.behind_s, one.rung) for one in found] == [(0, "full"), (0, "full")]
