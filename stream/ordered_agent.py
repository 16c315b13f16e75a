"""The one way in which an agent of ours reads Kafka through Faust: in order, and losing nothing.

Records of one topic come in, each is handed to a blocking function on one thread, and its offset is
acknowledged when that has worked or the record is in `dead-letters`. Faust commits past a record
that was never acknowledged (`TopicConsumer._new_offset` looks at those that were), and after an
exception goes on with the next one. So there is one lane per partition, one record at a time in
it, a retry loop that no exception leaves, and a record that can neither be done nor refused ends
the process. Nobody else may write `async for … ack()`.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import faust
from aiokafka.errors import KafkaError
from faust.exceptions import ProducerSendError
from mode import CrashingSupervisor

from models.errors import BadEventError, TransientError
from stream.codec import Position, Record
from stream.dead_letter import Original, dead_letter

logger = logging.getLogger(__name__)
ResultT = TypeVar("ResultT")

Work = Callable[[Original], None]
"""Does what one record asks for; blocks; doing it twice is the same as once.

Raises `TransientError` when it may work later and `BadEventError` when it never can."""


@dataclass(frozen=True)
class LaneOptions:
    """How records wait and are tried again."""

    max_waiting: int = 64
    """Records of one partition in memory here; when they wait, all partitions of the agent do."""
    first_backoff_s: float = 0.2
    """Wait before the second try; doubles each time, and varies by half."""
    longest_backoff_s: float = 2.0
    """Longest wait between tries."""
    drain_timeout_s: float = 10.0
    """Longest wait for work under way when a partition is revoked; less than the rebalance's."""


@dataclass(frozen=True)
class Delivery:
    """A record and what Faust must be told of it."""

    original: Original
    ack: Callable[[], object]
    """Say that the record is done with."""
    stale: Callable[[], bool]
    """Whether its partition was taken away since it was fetched: it will be delivered again."""


@dataclass(frozen=True)
class _Lane:
    waiting: asyncio.Queue[Delivery]
    task: asyncio.Task[None]


class Lanes:
    """Works off one topic, partition by partition."""

    def __init__(
        self,
        name: str,
        make_work: Callable[[], Work],
        refuse: Callable[[Record], Awaitable[object]],
        options: LaneOptions,
        jitter: Callable[[], float],
    ) -> None:
        """Keep the parts; nothing starts yet.

        Args:
            name: of the agent, for logs and dead letters.
            make_work: opens what the work needs; called once, on the thread that works.
            refuse: puts a record in `dead-letters`; returns when the broker has it.
            options: waiting and retrying.
            jitter: gives a factor for each wait.
        """
        self._name = name
        self._make_work = make_work
        self._refuse = refuse
        self._options = options
        self._jitter = jitter
        self._lanes: dict[int, _Lane] = {}
        self._thread: ThreadPoolExecutor | None = None
        self._failed = False

    async def run(self, deliveries: AsyncIterator[Delivery]) -> None:
        """Work until cancelled or the deliveries end.

        Raises:
            Exception: what the work raised that is neither of the two errors that decide fate.
            RuntimeError: it has failed before; going on would pass over the record that failed.
        """
        if self._failed:
            message = f"{self._name} has failed and must start in a new process"
            raise RuntimeError(message)
        self._failed = True  # until the end is known to be a good one
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"liveshelf-{self._name}")
        try:
            work, _ = await self._insist(partial(self._in_thread, self._make_work))
            logger.info("%s: ready", self._name)
            async with asyncio.TaskGroup() as group:
                async for delivery in deliveries:
                    if not delivery.stale():
                        await self._lane(delivery, work, group).waiting.put(delivery)
                for lane in self._lanes.values():
                    await lane.waiting.join()
                    lane.task.cancel()
            self._failed = False
        except ExceptionGroup as group:
            raise _first(group) from None
        finally:
            self._thread.shutdown(wait=False, cancel_futures=True)
            self._lanes.clear()

    async def let_go(self, partitions: Iterable[int]) -> None:
        """Drop what waits of some partitions, and wait for the piece of work under way.

        Another process begins with the first record that was not committed. Were our last piece of
        work to end after its first one, an older product would overwrite a newer one.
        """
        for number in partitions:
            lane = self._lanes.pop(number, None)
            if lane is not None:
                lane.task.cancel()
                while not lane.waiting.empty():
                    lane.waiting.get_nowait()
        try:
            async with asyncio.timeout(self._options.drain_timeout_s):
                await self._in_thread(lambda: None)
        except TimeoutError:
            seconds = self._options.drain_timeout_s
            logger.warning(
                "%s: work still under way after %g s is left behind", self._name, seconds
            )
        except RuntimeError:
            logger.debug("%s: nothing under way, it has ended", self._name)

    def _lane(self, delivery: Delivery, work: Work, group: asyncio.TaskGroup) -> _Lane:
        number = delivery.original.position.partition
        if number not in self._lanes:
            waiting: asyncio.Queue[Delivery] = asyncio.Queue(self._options.max_waiting)
            self._lanes[number] = _Lane(waiting, group.create_task(self._work_off(waiting, work)))
        return self._lanes[number]

    async def _work_off(self, waiting: asyncio.Queue[Delivery], work: Work) -> None:
        while True:
            delivery = await waiting.get()
            if not delivery.stale():
                await self._settle(delivery, work)
            waiting.task_done()

    async def _settle(self, delivery: Delivery, work: Work) -> None:
        original = delivery.original
        refusal, attempts = await self._insist(partial(self._attempt, work, original))
        if refusal is not None:
            record = dead_letter(original, self._name, refusal, attempts)
            await self._insist(partial(self._refuse, record))
        if not delivery.stale():
            delivery.ack()

    async def _attempt(self, work: Work, original: Original) -> BadEventError | None:
        try:
            await self._in_thread(partial(work, original))
        except BadEventError as error:
            return error
        return None

    async def _in_thread(self, call: Callable[[], ResultT]) -> ResultT:
        if self._thread is None:
            message = f"{self._name} has not begun"
            raise RuntimeError(message)
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    async def _insist(self, step: Callable[[], Awaitable[ResultT]]) -> tuple[ResultT, int]:
        """Return what a step gives once it works, and how often it was tried."""
        backoff_s = self._options.first_backoff_s
        attempt = 1
        while True:
            try:
                return await step(), attempt
            except TransientError as error:
                wait_s = backoff_s * self._jitter()
                logger.warning(
                    "%s: attempt %d failed, next in %.1f s: %s", self._name, attempt, wait_s, error
                )
            await asyncio.sleep(wait_s)
            backoff_s = min(2 * backoff_s, self._options.longest_backoff_s)
            attempt += 1


@dataclass(frozen=True)
class AgentPlan:
    """One agent of the application."""

    name: str
    topic: str
    """Full name of the topic that it reads."""
    dead_letters: str
    """Full name of the topic for what it must refuse."""
    make_work: Callable[[], Work]
    options: LaneOptions = field(default_factory=LaneOptions)


def add_ordered_agent(app: faust.App, plan: AgentPlan) -> faust.Agent:
    """Register an agent that works off a topic in order; whatever else fails crashes the app."""
    lanes = Lanes(
        plan.name, plan.make_work, partial(_send, app, plan.dead_letters), plan.options, _by_half
    )
    # Bytes, because `stream.codec` alone knows what they mean.
    topic = app.topic(
        plan.topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )

    async def work_off(stream: faust.Stream[bytes]) -> None:
        # The stream's own iterator acknowledges what it skips in a rebalance, at least where Faust
        # has no compiled extension; its channel gives the same events and acknowledges nothing.
        await lanes.run(_deliveries(app, stream.channel))

    async def let_go(_app: object, revoked: Iterable[Any], **_: object) -> None:
        await lanes.let_go([where.partition for where in revoked if where.topic == plan.topic])

    app.on_partitions_revoked.connect(let_go)
    # Any other supervisor starts the agent again, on the record after the one that failed.
    return app.agent(topic, name=plan.name, supervisor_strategy=CrashingSupervisor)(work_off)


async def _deliveries(app: faust.App, channel: AsyncIterator[Any]) -> AsyncIterator[Delivery]:
    async for event in channel:
        message = event.message
        headers = message.headers or []
        original = Original(
            position=Position(message.topic, message.partition, message.offset),
            key=message.key,
            value=message.value,
            headers=list(headers.items() if isinstance(headers, Mapping) else headers),
        )
        yield Delivery(original, event.ack, partial(_stale, app, message))


def _stale(app: faust.App, message: Any) -> bool:
    return not app.flow_control.is_active() or message.generation_id != app.consumer_generation_id


async def _send(app: faust.App, topic: str, record: Record) -> None:
    try:
        await app.producer.send_and_wait(
            topic,
            key=record.key,
            value=record.value,
            partition=None,
            timestamp=None,
            headers=record.headers,
        )
    except (KafkaError, ProducerSendError) as error:
        cause = error if isinstance(error, KafkaError) else error.__cause__
        if not getattr(cause, "retriable", False):
            raise
        message = f"topic {topic} does not take a record now: {error!r}"
        raise TransientError(message) from error


def _by_half() -> float:
    return random.uniform(0.5, 1.5)  # noqa: S311 — spreads retries, keeps no secret


def _first(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
