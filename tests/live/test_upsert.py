"""A product that is put on the `catalogue` topic is found by search, and one that is deleted is
not: the application, the encoder and Milvus Lite, as a user starts them."""

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stream.admin import ensure_topics
from stream.codec import Record, encode
from stream.follow import Follower
from stream.index_server import IndexServer, IndexServerOptions
from stream.link import make_producer
from stream.topics import CATALOGUE, DEAD_LETTERS
from tests.conftest import CACHE_DIR
from tests.live.whole import ROOT, liveshelf
from tests.small_shelf import DEMO
from workers.events import Product

pytestmark = [pytest.mark.kafka, pytest.mark.milvus, pytest.mark.weights, pytest.mark.slow]
MUG = "cobaltry-deep-blue-stoneware-mug-350-ml"


class Shop:
    """The application beside a Kafka and an index server, and what search answers."""

    def __init__(self, folder: Path, kafka: str, index: str) -> None:
        self.kafka = kafka
        self._sets = [
            *("--set", f"paths.data_dir={folder}", "--set", f"paths.cache_dir={CACHE_DIR}"),
            *("--set", f"index.uri={index}"),
        ]
        with (folder / "app.log").open("wb") as log:
            self._app = subprocess.Popen(
                liveshelf(*self._sets, "app", "--kafka", kafka), cwd=ROOT, stdout=log, stderr=log
            )

    def found(self, text: str) -> list[str]:
        """Product ids that `liveshelf index search` names, best first; none before a build."""
        command = liveshelf(*self._sets, "index", "search", "--text", text, "--json")
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if ran.returncode:
            return []
        return [hit["product_id"] for hit in json.loads(ran.stdout)]

    def end(self) -> int:
        self._app.send_signal(signal.SIGTERM)
        return self._app.wait(60)


@pytest.fixture
def shop(kafka: str, tmp_path: Path) -> Iterator[Shop]:
    server = IndexServer(IndexServerOptions(tmp_path / "index", owner_pid=os.getpid()))
    shop = Shop(tmp_path, kafka, f"http://{server.start().address}")
    yield shop
    shop.end()
    server.stop()


async def until(claim: Callable[[], bool]) -> None:
    async with asyncio.timeout(90):
        while not await asyncio.to_thread(claim):
            await asyncio.sleep(0.1)


async def test_product_on_the_topic_is_found_and_a_deleted_one_is_not(shop: Shop) -> None:
    await ensure_topics(shop.kafka, "liveshelf.", partitions=4, replication=1)
    producer = make_producer(shop.kafka, "test")
    async with producer:

        async def put(record: Record) -> None:
            topic = f"liveshelf.{CATALOGUE.name}"
            await producer.send_and_wait(
                topic, key=record.key, value=record.value, headers=record.headers
            )

        def product(title: str, image: Path) -> Record:
            made = Product(product_id="mug", title=title, images=(str(image),))
            return encode(made, source="test", at=datetime.now(UTC))

        await put(product("Broken picture", DEMO / "truth.json"))
        await put(product("Cobaltry Deep Blue Stoneware Mug", DEMO / "images" / f"{MUG}.webp"))
        await until(lambda: shop.found("deep blue mug") == ["mug"])
        await producer.send_and_wait(f"liveshelf.{CATALOGUE.name}", key=b"mug", value=None)
        await until(lambda: shop.found("deep blue mug") == [])
    assert shop.end() == 0
    follower = Follower(shop.kafka, "liveshelf.", [DEAD_LETTERS])
    await follower.start()
    reasons = [dict(record.headers)["liveshelf-reason"] for record in await follower.raw()]
    await follower.stop()
    assert any(b"truth.json" in reason for reason in reasons), reasons
