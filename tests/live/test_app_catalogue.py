"""The application on a real Kafka: every change of the catalogue reaches the index, in order."""

import asyncio
import json
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from stream.codec import encode
from stream.link import make_producer
from stream.topics import CATALOGUE, DEAD_LETTERS
from workers.events import Product

pytestmark = [pytest.mark.kafka]
ROOT = Path(__file__).parents[2]
PARTITIONS = 3
Change = tuple[str, str | None]
"""Product id, and title or deletion."""


class Shop:
    """Topics of one test, processes that read them, and the changes that they have made."""

    def __init__(self, servers: str, producer: AIOKafkaProducer, folder: Path) -> None:
        self.servers = servers
        self.folder = folder
        self.prefix = f"test-{uuid4().hex[:8]}."
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self._producer = producer

    async def create_topics(self) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.servers)
        await admin.start()
        try:
            topics = [
                NewTopic(self.prefix + topic.name, PARTITIONS, 1, topic_configs=topic.config())
                for topic in (CATALOGUE, DEAD_LETTERS)
            ]
            await admin.create_topics(topics)
        finally:
            await admin.close()

    def start(self, member: str = "a") -> None:
        command = [sys.executable, "-m", "tests.live.catalogue_app"]
        arguments = [self.servers, self.prefix, member, str(self.folder)]
        with (self.folder / f"{member}.log").open("ab") as log:
            self.running[member] = subprocess.Popen(
                [*command, *arguments], cwd=ROOT, stdout=log, stderr=log
            )

    async def end(self, member: str, number: signal.Signals) -> int:
        self.running[member].send_signal(number)
        return await self.wait(member)

    async def wait(self, member: str) -> int:
        return await asyncio.to_thread(self.running.pop(member).wait, 30)

    async def send(self, *changes: Change) -> None:
        for product_id, title in changes:
            key, value, headers = product_id.encode(), None, []
            if title is not None:
                product = Product(product_id=product_id, title=title)
                record = encode(product, source="test", at=datetime.now(UTC))
                value, headers = record.value, record.headers
            await self.send_bytes(key, value, headers)

    async def send_with_holes(self, *changes: Change) -> None:
        """Send in transactions: the marker that ends one takes an offset, as compaction does."""
        plain = self._producer
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self.servers, transactional_id=self.prefix + "test"
        )
        async with self._producer:
            for start in range(0, len(changes), 6):
                async with self._producer.transaction():
                    await self.send(*changes[start : start + 6])
        self._producer = plain

    async def send_bytes(
        self, key: bytes, value: bytes | None, headers: list[tuple[str, bytes]]
    ) -> None:
        topic = self.prefix + CATALOGUE.name
        await self._producer.send_and_wait(topic, key=key, value=value, headers=headers)

    def changes(self, member: str | None = None) -> list[Change]:
        """The changes made so far, by one process or all."""
        path = self.folder / "changes"
        if not path.exists():
            return []
        lines = map(json.loads, path.read_text().splitlines())
        return [(line[0], line[1]) for line in lines if member in (None, line[2])]

    async def changed(self, count: int, member: str | None = None) -> None:
        """Return when that many distinct changes were made, by one process or all."""
        async with asyncio.timeout(40):
            while len(set(self.changes(member))) < count:
                await asyncio.sleep(0.02)

    async def left_to_do(self) -> int:
        """Offsets of all partitions that another run would begin with."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.servers, group_id=f"{self.prefix}app", enable_auto_commit=False
        )
        await consumer.start()
        try:
            topic = self.prefix + CATALOGUE.name
            partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
            ends = await consumer.end_offsets(partitions)
            committed = [await consumer.committed(where) or 0 for where in partitions]
        finally:
            await consumer.stop()
        return int(sum(ends.values()) - sum(committed))

    async def dead_letters(self, count: int) -> list[dict[str, bytes]]:
        consumer = AIOKafkaConsumer(
            self.prefix + DEAD_LETTERS.name,
            bootstrap_servers=self.servers,
            auto_offset_reset="earliest",
        )
        await consumer.start()
        try:
            async with asyncio.timeout(30):
                letters = [await consumer.getone() for _ in range(count)]
        finally:
            await consumer.stop()
        return [dict(letter.headers) | {"value": letter.value} for letter in letters]


@pytest.fixture
async def producer(kafka: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = make_producer(kafka, "test")
    await producer.start()
    yield producer
    await producer.stop()


@pytest.fixture
async def shop(kafka: str, producer: AIOKafkaProducer, tmp_path: Path) -> AsyncIterator[Shop]:
    shop = Shop(kafka, producer, tmp_path)
    await shop.create_topics()
    yield shop
    for process in shop.running.values():
        process.kill()
        process.wait(30)


def versions(products: int, count: int) -> Iterator[Change]:
    """Versions 0 to `count` - 1 of some products, the products in turn."""
    for version in range(count):
        for product in range(products):
            yield f"product-{product}", f"version {version}"


async def send_until(shop: Shop, enough: asyncio.Event) -> list[Change]:
    """Send at about the speed of one process, and return what was sent."""
    sent: list[Change] = []
    endless = versions(products=9, count=10_000)
    while not enough.is_set():
        changes = list(islice(endless, 9))
        await shop.send(*changes)
        sent += changes
        await asyncio.sleep(0.1)
    return sent


def assert_each_made_in_order(changes: list[Change], sent: list[Change]) -> None:
    """Every change was made; after a replay nothing was skipped, and the last is the newest."""
    made: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        made[change[0]].append(change)
    for product_id in {change[0] for change in sent}:
        wanted = [change for change in sent if change[0] == product_id]
        places = [wanted.index(change) for change in made[product_id]]
        steps = [after - before for before, after in zip([-1, *places], places, strict=False)]
        assert max(steps) <= 1, f"{product_id} went {places}"
        assert places[-1] == len(wanted) - 1, f"{product_id} went {places}"


async def test_changes_are_made_in_order_through_bad_records_and_storms(shop: Shop) -> None:
    shop.start()
    await shop.send(("mug", "Mug"), ("mug", "storm over mugs"), ("cup", "bad picture"))
    await shop.send_bytes(b"mug", b"{broken", [])
    await shop.send(("mug", None), ("cup", "Cup"), ("mug", "Newest mug"), ("pot", "storm pot"))
    await shop.changed(6)
    made = shop.changes()
    mugs = [change for change in made if change[0] == "mug"]
    assert [title for _, title in mugs] == ["Mug", "storm over mugs", None, "Newest mug"]
    assert sorted(change for change in made if change[0] != "mug") == [
        ("cup", "Cup"),
        ("pot", "storm pot"),
    ]
    letters = await shop.dead_letters(2)
    reasons = sorted(letter["liveshelf-reason"].decode() for letter in letters)
    assert "field value" in reasons[0] or "field value" in reasons[1]
    assert any("'cup' cannot be indexed: bad picture" in reason for reason in reasons)
    assert b"{broken" in [letter["value"] for letter in letters]
    assert {letter["liveshelf-stage"] for letter in letters} == {b"catalogue"}
    assert await shop.end("a", signal.SIGINT) == 0
    assert await shop.left_to_do() <= PARTITIONS, "an orderly end commits what was done"


async def test_killed_with_records_in_flight_it_loses_none_and_keeps_their_order(
    shop: Shop,
) -> None:
    sent = list(versions(products=9, count=20))
    shop.start()
    await shop.send_with_holes(*sent)
    await shop.changed(80)  # most of a second of work, so that some of it was committed
    assert await shop.end("a", signal.SIGKILL) == -signal.SIGKILL
    shop.start()
    await shop.changed(len(sent))
    assert await shop.end("a", signal.SIGTERM) == 0
    assert_each_made_in_order(shop.changes(), sent)
    # In a partition, the last record may be uncommitted (its acknowledgement raced the end), and
    # the transaction's marker behind it always is.
    assert await shop.left_to_do() <= 2 * PARTITIONS


async def test_processes_that_join_and_leave_hand_over_without_loss_or_stale_writes(
    shop: Shop,
) -> None:
    enough = asyncio.Event()
    shop.start("a")
    sending = asyncio.create_task(send_until(shop, enough))
    await shop.changed(1)
    shop.start("b")
    await shop.changed(20, member="b")
    made_by_a = len(set(shop.changes("a")))
    await shop.changed(made_by_a + 5, member="a")
    assert await shop.end("a", signal.SIGTERM) == 0
    enough.set()
    sent = await sending
    await shop.changed(len(sent))
    await shop.end("b", signal.SIGTERM)
    assert_each_made_in_order(shop.changes(), sent)


async def test_bug_ends_the_process_and_the_next_one_begins_with_the_record_that_met_it(
    shop: Shop,
) -> None:
    shop.start()
    await shop.send(*[("mug", f"{number}") for number in range(5)])
    await shop.send(("mug", "crash"), *[("mug", f"{number}") for number in range(6, 9)])
    assert await shop.wait("a") == 1
    assert "ZeroDivisionError: crash" in (shop.folder / "a.log").read_text()
    assert [title for _, title in shop.changes()] == ["0", "1", "2", "3", "4"]
    (shop.folder / "mended").touch()
    shop.start()
    await shop.changed(9)
    titles = [title for _, title in shop.changes()]
    assert titles[titles.index("crash") :] == ["crash", "6", "7", "8"]
    await shop.end("a", signal.SIGTERM)
