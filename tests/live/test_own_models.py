"""Somebody's own models in the whole chain: an encoder and a chat model of unknown training.

Both are tiny and random, so that nothing is right about the tags; what must hold is that every
stage takes them, and that every event names them.
"""

import asyncio
from pathlib import Path

import pytest

from stream.follow import Follower
from stream.topics import MATCHES, SUMMARIES, VECTORS
from tests.conftest import CACHE_DIR
from tests.live.whole import Run, liveshelf
from tests.tiny_models import make_tiny_chat_lm
from tests.tiny_vision import save_siglip
from workers.events import Match, Summary, Vector
from workers.rooms.newest import newest

pytestmark = [pytest.mark.kafka, pytest.mark.milvus, pytest.mark.weights, pytest.mark.slow]


async def stored(run: Run) -> tuple[list[Vector], list[Match], list[Summary]]:
    """Everything that a run left on Kafka, read through a broker started again."""
    sets = ("--set", f"paths.data_dir={run.folder}", "--set", f"paths.cache_dir={CACHE_DIR}")

    async def broker(verb: str) -> None:
        process = await asyncio.create_subprocess_exec(*liveshelf(*sets, "broker", verb))
        assert await process.wait() == 0

    await broker("start")
    try:
        address = run.bootstrap()
        assert address is not None
        follower = Follower(address, "liveshelf.", [VECTORS, MATCHES, SUMMARIES])
        await follower.start()
        events = [seen.event async for seen in follower.stored()]
        await follower.stop()
    finally:
        await broker("stop")
    return (
        [event for event in events if isinstance(event, Vector)],
        [event for event in events if isinstance(event, Match)],
        [event for event in events if isinstance(event, Summary)],
    )


async def test_hub_style_encoder_and_tiny_chat_model_go_through_every_stage(
    tmp_path: Path,
) -> None:
    encoder = save_siglip(tmp_path / "encoder")
    chat = make_tiny_chat_lm(tmp_path / "chat")
    run = Run(
        tmp_path / "run",
        speed=0,
        settings=(
            f"models.encoder=zero-shot:{encoder}",
            f"models.llm={chat}",
            "match.threshold=0.2",
        ),
        arguments=(),
    )
    run.start()
    try:
        assert await asyncio.to_thread(run.wait, 300) == 0, run.words()
    finally:
        run.end()
    vectors, matches, summaries = await stored(run)
    assert len({vector.fingerprint for vector in vectors}) == 1
    assert {"frames", "transcript"} <= {part for vector in vectors for part in vector.present}
    # Each clip is there whole, and some were told of their pictures first.
    whole = newest(matches)
    assert [match.slot for match in whole] == list(range(len(whole)))
    assert not any(match.early for match in whole)
    assert any(match.early for match in matches)
    assert all(match.candidates for match in matches if match.present)
    assert {summary.model for summary in summaries} == {"chat/2"}
