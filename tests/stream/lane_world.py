"""What survives a crash of a lane, and lives of processes that end anywhere."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from stream.codec import Position, Record, encode
from stream.dead_letter import Original
from stream.lane import Lane, Outlet
from stream.meter import Meter, NoMeter
from stream.stage import Stage
from stream.state_store import Snapshot
from tests.stream.window_stage import window_stage
from workers.events import Event
from workers.machine import Outcome

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class World:
    """What survives a crash."""

    log: list[Original]
    stage: Callable[[], Stage] = window_stage
    meter: Meter = field(default_factory=NoMeter)
    sent: list[Any] = field(default_factory=list)
    refused: list[Record] = field(default_factory=list)
    states: dict[str, tuple[Snapshot, int]] = field(default_factory=dict)
    committed: int = 0


def log_of(events: Sequence[Event]) -> list[Original]:
    originals = []
    for offset, event in enumerate(events):
        record = encode(event, source="test", at=WHEN)
        position = Position("t", 0, offset)
        originals.append(Original(position, record.key, record.value, record.headers))
    return originals


def lane_on(world: World) -> Lane:
    loop = asyncio.get_running_loop()

    async def acknowledged() -> None:
        return None

    async def send(event: Event, _trace: str | None) -> Awaitable[object]:
        world.sent.append(event)
        return acknowledged()

    async def refuse(record: Record) -> Awaitable[object]:
        world.refused.append(record)
        return acknowledged()

    async def known(stream_id: str) -> bool:
        return stream_id != "unopened"

    stage = world.stage()

    def submit(job: object) -> "asyncio.Future[Outcome]":
        answer: asyncio.Future[Outcome] = loop.create_future()

        def work() -> None:
            if not answer.done():  # the process was killed meanwhile
                answer.set_result(stage.worker.process([job])[0])

        loop.call_soon(work)
        return answer

    outlet = Outlet(send, refuse, known, lambda: 0.0, world.meter)
    (topic,) = stage.inputs
    return Lane(stage, 0, {"t": topic}, submit, outlet)


async def save(world: World, lane: Lane, *, commit: bool = True) -> None:
    """Save and commit as a runner does: the lane works on while the broker answers."""
    states = lane.unsaved()
    for _ in range(3):
        await asyncio.sleep(0)
    world.states |= states
    for _ in range(3):
        await asyncio.sleep(0)
    lane.saved(states)
    if commit:
        world.committed = lane.positions().get("t", world.committed)


async def life(
    world: World,
    turns: int | None,
    save_every: int,
    look: Callable[[], object] = lambda: None,
    pace: int = 0,
) -> None:
    """One life of a process: `turns` turns of the event loop, or until all is done.

    A record comes every `pace` turns; 0: all are there at once.
    """
    lane = lane_on(world)
    lane.restore(world.states)
    task = asyncio.create_task(lane.run())
    saving = asyncio.create_task(save(world, lane))
    waiting = deque(world.log[world.committed :])
    turn = 0
    while turn < turns if turns is not None else waiting or lane.backlog:
        while waiting and (not pace or turn % pace == 0):
            lane.put(waiting.popleft())
            if pace:
                break
        await asyncio.sleep(0)
        look()
        turn += 1
        if turn % save_every == 0 and saving.done():
            commit = turn % (2 * save_every) == 0
            saving = asyncio.create_task(save(world, lane, commit=commit))
    if turns is None:
        await saving
        await save(world, lane)
    for one in (task, saving):
        one.cancel()
    await asyncio.gather(task, saving, return_exceptions=True)
