"""Lanes: order, retries, refusals and what is never acknowledged; without Kafka."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadEventError, TransientError
from stream.codec import Position, Record
from stream.dead_letter import Original
from stream.ordered_agent import Delivery, LaneOptions, Lanes, Work

AT_ONCE = LaneOptions(max_waiting=2, first_backoff_s=0.0)
Place = tuple[int, int]
"""Partition and offset."""


class Topic:
    """Records to deliver, and what became of them."""

    def __init__(self, work: Callable[[Place], None] = lambda place: None) -> None:
        self.done: list[Place] = []
        self.acked: list[Place] = []
        self.acks: asyncio.Queue[Place] = asyncio.Queue()
        self.refused: list[Record] = []
        self.stale: set[Place] = set()
        self.before = work

    def lanes(self, refuse_errors: Sequence[Exception] = ()) -> Lanes:
        errors = list(refuse_errors)

        async def refuse(record: Record) -> None:
            if errors:
                raise errors.pop(0)
            self.refused.append(record)

        return Lanes("test", lambda: self.work, refuse, AT_ONCE, lambda: 1.0)

    def work(self, original: Original) -> None:
        place = (original.position.partition, original.position.offset)
        self.before(place)
        self.done.append(place)

    def delivery(self, place: Place) -> Delivery:
        original = Original(Position("t", *place), b"key", b"value", [("a", b"b")])
        return Delivery(original, lambda: self.ack(place), lambda: place in self.stale)

    def ack(self, place: Place) -> None:
        self.acked.append(place)
        self.acks.put_nowait(place)

    async def deliver(self, places: Iterable[Place]) -> AsyncIterator[Delivery]:
        for place in places:
            yield self.delivery(place)


def one_partition(count: int) -> list[Place]:
    return [(0, offset) for offset in range(count)]


class Storm:
    """Fails a number of times at some places, then lets them pass."""

    def __init__(self, failures: dict[Place, int]) -> None:
        self._left = dict(failures)

    def __call__(self, place: Place) -> None:
        if self._left.get(place, 0):
            self._left[place] -= 1
            message = f"{place} not now"
            raise TransientError(message)


@given(
    st.lists(st.integers(0, 2), max_size=12),
    st.dictionaries(st.tuples(st.integers(0, 2), st.integers(0, 11)), st.integers(1, 3)),
)
def test_storms_change_neither_order_nor_what_is_done_in_any_partition(
    partitions: list[int], failures: dict[Place, int]
) -> None:
    places = [(partition, offset) for offset, partition in enumerate(partitions)]
    topic = Topic(Storm(failures))
    asyncio.run(topic.lanes().run(topic.deliver(places)))
    for partition in set(partitions):
        sent = [place for place in places if place[0] == partition]
        assert [place for place in topic.done if place[0] == partition] == sent
        assert [place for place in topic.acked if place[0] == partition] == sent


async def test_bad_record_goes_to_dead_letters_with_its_attempts_and_later_ones_go_on() -> None:
    storm = Storm({(0, 1): 2})

    def work(place: Place) -> None:
        storm(place)
        if place == (0, 1):
            message = "no product"
            raise BadEventError(message)

    topic = Topic(work)
    await topic.lanes().run(topic.deliver(one_partition(3)))
    assert topic.done == [(0, 0), (0, 2)]
    assert topic.acked == one_partition(3)
    (letter,) = topic.refused
    headers = dict(letter.headers)
    assert (letter.key, letter.value, headers["a"]) == (b"key", b"value", b"b")
    assert headers["liveshelf-offset"] == b"1"
    assert headers["liveshelf-reason"] == b"no product"
    assert headers["liveshelf-attempts"] == b"3"


async def test_bad_record_is_acknowledged_only_once_dead_letters_has_it() -> None:
    def work(place: Place) -> None:
        raise BadEventError(str(place))

    topic = Topic(work)
    away = [TransientError("no leader"), TransientError("still none")]
    await topic.lanes(away).run(topic.deliver([(0, 0)]))
    assert len(topic.refused) == 1
    topic.refused.clear()
    topic.acked.clear()
    with pytest.raises(OSError, match="disk"):
        await topic.lanes([OSError("disk")]).run(topic.deliver(one_partition(2)))
    assert topic.acked == []


async def test_unknown_error_ends_the_run_and_neither_it_nor_later_records_are_acknowledged() -> (
    None
):
    def work(place: Place) -> None:
        if place == (0, 2):
            message = "a bug"
            raise ValueError(message)

    topic = Topic(work)
    lanes = topic.lanes()
    with pytest.raises(ValueError, match="a bug"):
        await lanes.run(topic.deliver(one_partition(9)))
    assert topic.acked == [(0, 0), (0, 1)]
    with pytest.raises(RuntimeError, match="new process"):
        await lanes.run(topic.deliver([(0, 3)]))
    assert topic.acked == [(0, 0), (0, 1)]


async def test_work_is_opened_on_the_thread_that_does_it_and_retried_while_away() -> None:
    threads: list[str] = []
    tries = Storm({(0, 0): 2})

    def make_work() -> Work:
        tries((0, 0))
        threads.append(threading.current_thread().name)
        return lambda _: threads.append(threading.current_thread().name)

    async def refuse(_: Record) -> None:
        raise AssertionError

    topic = Topic()
    lanes = Lanes("test", make_work, refuse, AT_ONCE, lambda: 1.0)
    await lanes.run(topic.deliver(one_partition(2)))
    assert len(threads) == 3
    assert len(set(threads)) == 1
    assert threads[0].startswith("liveshelf-test")


async def test_stale_records_are_neither_worked_on_nor_acknowledged() -> None:
    topic = Topic()
    topic.stale = {(0, 1)}
    await topic.lanes().run(topic.deliver(one_partition(3)))
    assert topic.done == topic.acked == [(0, 0), (0, 2)]


async def test_record_that_becomes_stale_while_it_is_worked_on_is_not_acknowledged() -> None:
    topic = Topic()
    topic.before = topic.stale.add
    await topic.lanes().run(topic.deliver([(0, 0)]))
    assert topic.done == [(0, 0)]
    assert topic.acked == []


async def test_letting_go_waits_for_the_work_under_way_and_drops_what_waits() -> None:
    begun, may_end = threading.Event(), threading.Event()

    def work(place: Place) -> None:
        if place == (0, 0):
            begun.set()
            may_end.wait(10)

    topic = Topic(work)
    lanes = topic.lanes()
    channel: asyncio.Queue[Place] = asyncio.Queue()

    async def deliveries() -> AsyncIterator[Delivery]:
        while True:
            yield topic.delivery(await channel.get())

    running = asyncio.create_task(lanes.run(deliveries()))
    for place in [(0, 0), (0, 1), (0, 2)]:
        channel.put_nowait(place)
    await asyncio.to_thread(begun.wait, 10)
    leaving = asyncio.create_task(lanes.let_go([0]))
    done, _ = await asyncio.wait([leaving], timeout=0.05)
    assert not done
    may_end.set()
    await leaving
    assert topic.done == [(0, 0)]
    channel.put_nowait((1, 5))
    assert await topic.acks.get() == (1, 5)
    assert topic.done == [(0, 0), (1, 5)]
    assert topic.acked == [(1, 5)]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await lanes.let_go([1])


async def test_full_lane_of_a_lost_partition_does_not_hold_up_the_others() -> None:
    begun, may_end = threading.Event(), threading.Event()

    def work(place: Place) -> None:
        if place == (0, 0):
            begun.set()
            may_end.wait(10)

    topic = Topic(work)
    lanes = topic.lanes()
    # One under way, two waiting, one that finds the lane full; then another partition's.
    running = asyncio.create_task(lanes.run(topic.deliver([*one_partition(4), (1, 0)])))
    await asyncio.to_thread(begun.wait, 10)
    leaving = asyncio.create_task(lanes.let_go([0]))
    may_end.set()
    await leaving
    await running
    assert topic.done == [(0, 0), (1, 0)]
    assert topic.acked == [(1, 0)]
