"""What a replay compares, and what it refuses before it starts anything."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from models.errors import InputError, MismatchError
from stream.admin import ensure_topics
from stream.index_server import IndexServer, IndexServerOptions, uri
from stream.ingest import IngestOrder, ingest
from stream.link import connect
from stream.replay import Comparison, replay_room
from stream.setting_groups import IndexSettings, KafkaSettings, PathSettings
from stream.settings import Settings
from tests.media_files import Film, make_film
from workers.events import Tag
from workers.media import open_source


def tags(*slots: int) -> dict[str, Tag]:
    made = [
        Tag(stream_id="a", tag_id="t" * 32, status="updated", slot=slot, product_id="x",
            start_ms=0, decided_ms=0, score=0.5)
        for slot in slots
    ]  # fmt: skip
    return {tag.event_id: tag for tag in made}


def test_same_ids_are_the_same_whatever_their_order() -> None:
    assert Comparison(tags(1, 2), tags(2, 1)).same


def test_what_is_missing_and_what_is_new_are_told_apart() -> None:
    compared = Comparison(tags(1, 2), tags(2, 3))
    assert not compared.same
    assert [tag.slot for tag in compared.missing] == [1]
    assert [tag.slot for tag in compared.extra] == [3]


def test_tags_that_were_decided_from_less_are_told_apart() -> None:
    recorded = tags(1, 2)
    first, second = recorded
    recorded[second] = recorded[second].model_copy(update={"load_rung": "extractive"})
    compared = Comparison(recorded, tags(1, 2))
    assert [tag.event_id for tag in compared.hurried] == [second]
    assert first in compared.replayed
    assert compared.same


def test_what_was_said_before_late_media_came_is_no_difference_if_the_tag_ends_alike() -> None:
    ended = next(iter(tags(9).values())).model_copy(update={"status": "ended", "end_ms": 9_000})
    early = ended.model_copy(update={"slot": 5, "end_ms": 5_000})
    mended = early.model_copy(update={"status": "corrected", "revision": 1, "end_ms": 9_000})
    recorded = {tag.event_id: tag for tag in (early, mended)}
    assert Comparison(recorded, {ended.event_id: ended}).same
    longer = ended.model_copy(update={"end_ms": 9_500})
    other = Comparison(recorded, {longer.event_id: longer})
    assert (len(other.missing), len(other.extra)) == (2, 1)
    gone = mended.model_copy(update={"withdrawn": True, "end_ms": 0})
    withdrawn = {tag.event_id: tag for tag in (early, gone)}
    assert Comparison(withdrawn, {}).same
    assert not Comparison(withdrawn, {ended.event_id: ended}).same


@pytest.fixture(scope="module")
def empty_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("index")
    server = IndexServer(IndexServerOptions(folder, min_free_mb=100, owner_pid=os.getpid()))
    yield uri(server.start())
    server.stop()


@pytest.fixture
async def settings(kafka: str, empty_index: str, tmp_path: Path) -> Settings:
    """A Kafka on which room `played` is stored, and an index with nothing in it."""
    prefix = f"replay-{uuid4().hex[:8]}."
    await ensure_topics(kafka, prefix, 4, 1)
    film = make_film(tmp_path / "film.mp4", Film(seconds=1))
    async with connect(kafka, prefix, "test") as link:
        with open_source(str(film)) as source:
            order = IngestOrder("played", speed=0)
            await ingest(source, order, link, lambda _: None, lambda _: None)
    return Settings(
        paths=PathSettings(tmp_path / "cache", tmp_path / "data"),
        kafka=KafkaSettings(kafka, prefix),
        index=IndexSettings(empty_index),
    )


async def topics(servers: str, prefix: str) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        return [name for name in await admin.list_topics() if name.startswith(prefix)]
    finally:
        await admin.close()


@pytest.mark.kafka
@pytest.mark.milvus
async def test_room_that_is_not_stored_is_refused_and_those_that_are_named(
    settings: Settings,
) -> None:
    with pytest.raises(InputError, match=r"room 'other': no media is stored.*some of played"):
        await replay_room(settings, "other", keep=False, as_json=False)


@pytest.mark.kafka
@pytest.mark.milvus
async def test_nothing_indexed_is_said_at_once_and_no_topic_is_left(settings: Settings) -> None:
    with pytest.raises(MismatchError, match="nothing was indexed yet"):
        await replay_room(settings, "played", keep=False, as_json=False)
    prefix = f"{settings.kafka.topic_prefix}replay-"
    assert await topics(settings.kafka.bootstrap_servers, prefix) == []
