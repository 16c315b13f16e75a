"""Topics read as a person or a tool reads them: all that is there, then what comes."""

import asyncio
import json
from uuid import uuid4

import pytest

from models.errors import ServiceError
from stream.admin import ensure_topics
from stream.codec import Record
from stream.follow import Follower, RoomEnded
from stream.link import Link, connect
from stream.setting_groups import KafkaSettings
from stream.settings import Settings
from stream.tell_tags import tell_tags
from stream.topics import STATE, TAGS
from workers.events import Tag

pytestmark = pytest.mark.kafka


def tag(slot: int) -> Tag:
    return Tag(
        stream_id="a", tag_id="t" * 32, status="updated", slot=slot, product_id="x",
        start_ms=0, decided_ms=slot * 1_000, score=0.5,
    )  # fmt: skip


@pytest.fixture
async def prefix(kafka: str) -> str:
    made = f"follow-{uuid4().hex[:8]}."
    await ensure_topics(kafka, made, 2, 1)
    return made


async def put(link: Link, *records: Record) -> None:
    for record in records:
        await (await link.produce(TAGS, record))


async def test_stored_events_come_in_order_and_bad_ones_are_skipped(
    kafka: str, prefix: str
) -> None:
    async with connect(kafka, prefix, "test") as link:
        good = [link.encode(tag(slot), "test") for slot in range(3)]
        await put(link, good[0], Record(good[0].key, b"{", good[0].headers), good[1], good[2])
    follower = Follower(kafka, prefix, [TAGS])
    await follower.start()
    found = [seen async for seen in follower.stored()]
    assert [seen.event for seen in found] == [tag(0), tag(1), tag(2)]
    assert [seen.position.offset for seen in found] == [0, 2, 3]
    assert all(seen.timestamp_ms > 0 for seen in found)
    await follower.stop()


async def test_follower_that_starts_at_the_end_tells_only_what_comes(
    kafka: str, prefix: str
) -> None:
    follower = Follower(kafka, prefix, [TAGS])
    async with connect(kafka, prefix, "test") as link:
        await put(link, link.encode(tag(0), "test"))
        await follower.start(from_start=False)
        assert await follower.batch() == []
        await put(link, link.encode(tag(1), "test"))
        async with asyncio.timeout(10):
            async for seen in follower.events():
                assert seen.event == tag(1)
                break
    await follower.stop()


async def test_end_of_a_room_is_read_from_the_saved_states(kafka: str, prefix: str) -> None:
    states = [(b"tag/a", {"done": False}), (b"asr/a", {"done": True}), (b"tag/a", {"done": True})]
    async with connect(kafka, prefix, "test") as link:
        for key, snapshot in states:
            value = json.dumps({"snapshot": snapshot}).encode()
            await (await link.produce(STATE, Record(key, value, []), 0))
        await (await link.produce(STATE, Record(b"tag/a", None, []), 0))
    follower = Follower(kafka, prefix, [STATE])
    await follower.start()
    found = [seen.event async for seen in follower.stored()]
    assert found == [RoomEnded("asr", "a"), RoomEnded("tag", "a")]
    await follower.stop()


async def test_kafka_that_does_not_answer_is_named() -> None:
    with pytest.raises(ServiceError, match=r"no Kafka answers at 127\.0\.0\.1:1"):
        await Follower("127.0.0.1:1", "x.", [TAGS]).start()


async def test_tags_are_told_once_each_and_only_of_the_room_that_is_asked_for(
    kafka: str, prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with connect(kafka, prefix, "test") as link:
        again = link.encode(tag(0), "test")
        await put(link, again, again, link.encode(tag(1), "test"))
    settings = Settings(kafka=KafkaSettings(kafka, prefix))
    await tell_tags(settings, "a", follow=False, as_json=True)
    lines = capsys.readouterr().out.splitlines()
    assert [Tag.model_validate_json(line) for line in lines] == [tag(0), tag(1)]
    await tell_tags(settings, None, follow=False, as_json=False)
    assert "a 00:01  updated x 00:00" in capsys.readouterr().out
    await tell_tags(settings, "b", follow=False, as_json=False)
    assert capsys.readouterr() == ("", "no tag of room b is stored\n")
