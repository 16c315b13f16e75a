"""The application as it is made: nothing on import, the settings that were measured, its agents."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from models.errors import ServiceError
from stream.app import AppOptions, create_app, run_app
from stream.ordered_agent import LaneOptions
from tests.stream.test_agents_catalogue import MUG, Shelf, upsert
from workers.events import Product

ROOT = Path(__file__).parents[2]


def options(folder: Path, prefix: str = "liveshelf.") -> AppOptions:
    return AppOptions("127.0.0.1:1, 127.0.0.1:2", folder / "faust", prefix=prefix, member="7")


def no_index() -> Shelf:
    message = "the index is opened by the worker, not by the factory"
    raise AssertionError(message)


def test_import_makes_no_app_and_sets_up_no_logging() -> None:
    program = (
        "import logging, stream.app, faust\n"
        "assert not [v for v in vars(stream.app).values() if isinstance(v, faust.App)]\n"
        "assert not logging.getLogger().handlers\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_app_has_the_settings_that_lose_nothing_and_notice_a_crash(tmp_path: Path) -> None:
    app = create_app(options(tmp_path), no_index)
    conf = app.conf
    assert conf.id == "liveshelf.app"
    assert [str(url) for url in conf.broker] == ["kafka://127.0.0.1:1", "kafka://127.0.0.1:2"]
    assert conf.consumer_group_instance_id == "liveshelf.app.7"
    assert (conf.topic_allow_declare, conf.topic_disable_leader) == (False, True)
    assert (conf.broker_session_timeout, conf.broker_heartbeat_interval) == (6, 1.5)
    assert (conf.broker_rebalance_timeout, conf.broker_request_timeout) == (15, 10)
    assert (conf.stream_buffer_maxsize, conf.producer_request_timeout) == (64, 10)
    assert LaneOptions().drain_timeout_s < conf.broker_rebalance_timeout
    # An index that is away for longer than this hangs the app for ever: see `_NEVER_S`.
    assert conf.broker_max_poll_interval > 24 * 3_600
    assert conf.broker_max_poll_interval * 1_000 < 2**31
    assert not app.boot_strategy.enable_web
    assert not app.tables.data
    assert not (tmp_path / "faust").exists()


def test_agents_read_the_topics_of_the_prefix_as_bytes_and_declare_none(tmp_path: Path) -> None:
    app = create_app(options(tmp_path, "replay-1."), no_index)
    (agent,) = app.agents.values()
    assert agent.name == "catalogue"
    assert [*agent.channel.topics] == ["replay-1.catalogue"]
    assert (agent.channel.key_type, agent.channel.value_type) == (bytes, bytes)
    assert not agent.channel.internal


def test_two_apps_in_one_process_share_nothing(tmp_path: Path) -> None:
    one, two = (create_app(options(tmp_path, prefix), no_index) for prefix in ("one.", "two."))
    assert one.conf.id != two.conf.id
    assert not {*map(id, one.agents.values())} & {*map(id, two.agents.values())}
    assert one.topics is not two.topics


class Told(Shelf):
    """An index that says what it is told, across threads."""

    def __init__(self, told: "asyncio.Queue[str]") -> None:
        super().__init__()
        self._told = told
        self._loop = asyncio.get_running_loop()

    def upsert(self, product: Product) -> None:
        self._loop.call_soon_threadsafe(self._told.put_nowait, product.title)

    def delete(self, product_id: str) -> None:
        self._loop.call_soon_threadsafe(self._told.put_nowait, f"no {product_id}")


async def test_agent_gives_the_index_what_its_channel_carries(tmp_path: Path) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    index = Told(told)
    app = create_app(options(tmp_path), lambda: index)
    record = upsert(MUG)
    async with app.agents["catalogue"].test_context() as agent:
        await agent.put(key=b"mug", value=record.value, headers=dict(record.headers), wait=False)
        await agent.put(key=b"mug", value=None, wait=False)
        assert [await told.get(), await told.get()] == ["Blue mug", "no mug"]


async def test_record_fetched_before_the_last_rebalance_is_left_to_its_new_owner(
    tmp_path: Path,
) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    index = Told(told)
    app = create_app(options(tmp_path), lambda: index)
    async with app.agents["catalogue"].test_context() as agent:
        channel = agent.stream().channel
        older = agent.to_message(b"mug", None)
        older.generation_id = app.consumer_generation_id - 1
        await channel.put(await channel.decode(older))
        await agent.put(key=b"cup", value=None, wait=False)
        assert await told.get() == "no cup"
        assert not older.acked


def test_no_kafka_is_a_service_error_that_names_the_servers(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=r"Kafka at 127\.0\.0\.1:1, 127\.0\.0\.1:2.*start that"):
        run_app(options(tmp_path), no_index)
