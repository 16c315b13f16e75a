"""The whole chain on real parts, started as a user starts it, and killed everywhere.

A short room goes through real Kafka, Whisper, the language model, the encoder and Milvus Lite.
"""

import asyncio
import functools
from pathlib import Path

import pytest

from models.segments import Segment, score_room
from stream.demo_room import read_truth
from stream.topics import MATCHES, SUMMARIES, TRANSCRIPTS, VECTORS, Topic
from tests.live.whole import MINI, STAGES, Run, Watch, until
from workers.standing import standing

pytestmark = [pytest.mark.kafka, pytest.mark.milvus, pytest.mark.weights, pytest.mark.slow]


def test_short_room_is_tagged_right(undisturbed: Run) -> None:
    tags = standing(undisturbed.tags().values())
    truth = read_truth(MINI)
    found = [Segment(tag.product_id, tag.start_ms, tag.end_ms or 0) for tag in tags]
    score = score_room(found, truth)
    assert score.all_right(3_000), (tags, truth)
    assert all(tag.status == "ended" for tag in tags)
    assert all(tag.evidence.frames and tag.evidence.build_id for tag in tags)


def test_language_model_was_asked(undisturbed: Run) -> None:
    said = (undisturbed.folder / "run.log").read_text()
    assert "llm" in said.split("summaries:")[1].split("\n")[0]


async def killed(folder: Path, plan: list[tuple[str, Topic, int]]) -> Run:
    """Play the short room and SIGKILL something each time a topic has reached a slot."""
    run = Run(folder)
    run.start()
    watches = {topic: Watch(run, topic) for _, topic, _ in plan}
    following = [asyncio.create_task(watch.follow()) for watch in watches.values()]
    try:
        for victim, topic, slot in plan:
            await until(functools.partial(watches[topic].reached, slot), 180, run)
            if victim == "broker":
                run.kill_broker()
            elif victim == "index":
                run.kill_index()
            else:
                run.kill_stage(victim)
        assert await asyncio.to_thread(run.wait, 300) == 0, run.words()
    finally:
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
        run.end()
    return run


async def test_killed_workers_give_the_tags_of_the_undisturbed_run(
    undisturbed: Run, tmp_path: Path
) -> None:
    plan = [
        ("asr", TRANSCRIPTS, 3),
        ("summarize", SUMMARIES, 0),
        ("embed", VECTORS, 1),
        ("match", MATCHES, 2),
        ("tag", MATCHES, 3),
    ]
    assert {victim for victim, _, _ in plan} == set(STAGES)
    run = await killed(tmp_path, plan)
    assert run.standing() == undisturbed.standing()


async def test_killed_broker_and_index_server_give_the_tags_of_the_undisturbed_run(
    undisturbed: Run, tmp_path: Path
) -> None:
    run = await killed(tmp_path, [("index", MATCHES, 0), ("broker", MATCHES, 2)])
    assert run.standing() == undisturbed.standing()
