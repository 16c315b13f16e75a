"""What Prometheus reads of stages: counted once, closed at any moment, gone with the room."""

import asyncio

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from stream.metrics import Metrics
from stream.topics import AUDIO
from tests.stream.lane_world import World, life, log_of
from tests.stream.sound_stage import LOOP, chunk, sound_stage, torn
from workers.events import Summary

ROOM = "room"
EVENTS = [
    chunk(ROOM, 0),
    torn(chunk(ROOM, 1)),
    chunk(ROOM, 2, gap_ms=300),
    chunk(ROOM, 3, LOOP),
    chunk(ROOM, 4, 0, last=True),
]


def samples(metrics: Metrics) -> list[Sample]:
    """Every sample as Prometheus reads it."""
    text = generate_latest(metrics.registry).decode()
    families = text_string_to_metric_families(text)
    return [sample for family in families for sample in family.samples]


def exported(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Values by name, stage and whatever other labels there are."""
    found = {}
    for sample in samples(metrics):
        others = [value for label, value in sample.labels.items() if label != "stage"]
        found[sample.name, sample.labels.get("stage", ""), *others] = sample.value
    return found


def parts(metrics: Metrics, prefix: str = "liveshelf_media") -> dict[str, float]:
    """Seconds by where they went, all stages and rooms together; drops by reason."""
    found: dict[str, float] = {}
    for sample in samples(metrics):
        if sample.name.startswith(f"{prefix}_"):
            part = sample.name.removeprefix(f"{prefix}_").split("_seconds")[0]
            key = sample.labels.get("reason", part)
            found[key] = found.get(key, 0) + sample.value
    return found


def is_closed(found: dict[str, float]) -> bool:
    others = sum(value for part, value in found.items() if part != "received")
    return found.get("received", 0) == pytest.approx(others)


def test_stage_tells_where_the_sound_went_and_what_guards_and_dead_letters_there_were() -> None:
    metrics = Metrics()
    world = World(log_of(EVENTS), sound_stage, metrics.of("asr"))
    seen: list[dict[str, float]] = []

    def look() -> None:
        seen.extend(
            parts(metrics, prefix) for prefix in ("liveshelf_media", "liveshelf_room_media")
        )

    asyncio.run(life(world, None, 3, look))
    assert all(is_closed(found) for found in seen)
    assert max(found.get("pending", 0) for found in seen) > 0
    told = exported(metrics)
    assert parts(metrics)["received"] == 4.7
    assert parts(metrics)["refused"] == 1
    assert parts(metrics)["pending"] == 0
    assert told["liveshelf_records_total", "asr", "audio"] == 5
    assert told["liveshelf_dead_letters_total", "asr", "BadEventError"] == 1
    assert told["liveshelf_events_total", "asr", "transcript"] == 5
    assert told["liveshelf_verdicts_total", "asr", "loop"] >= 1
    assert told["liveshelf_delay_seconds_count", "asr"] >= 1


def test_room_has_series_of_its_own_only_while_it_is_open_and_totals_stay() -> None:
    metrics = Metrics()
    world = World(log_of(EVENTS[:3]), sound_stage, metrics.of("asr"))
    asyncio.run(life(world, None, 3))
    assert parts(metrics, "liveshelf_room_media")["received"] == 2.7
    assert exported(metrics)["liveshelf_rooms_open", "asr"] == 1
    world.log = log_of(EVENTS)
    metrics = Metrics()
    world.meter = metrics.of("asr")
    asyncio.run(life(world, None, 3))
    assert parts(metrics, "liveshelf_room_media") == {}
    assert exported(metrics)["liveshelf_rooms_open", "asr"] == 0
    assert parts(metrics)["received"] > 0


def test_room_taken_over_counts_twice_only_what_was_pending_and_handed_over() -> None:
    # first process   received 2.7 s |    second   received 4.7 s in all
    first, second = Metrics(), Metrics()
    world = World(log_of(EVENTS[:3]), sound_stage, first.of("asr"))

    asyncio.run(life(world, None, 3))
    world.log, world.meter = log_of(EVENTS), second.of("asr")
    asyncio.run(life(world, None, 3))
    first.of("asr").left(ROOM)
    before, after = parts(first), parts(second)
    assert is_closed(before)
    assert is_closed(after)
    assert before["received"] + after["received"] - before["handed_over"] == pytest.approx(4.7)


def test_batches_commits_retries_and_the_load_are_told_per_stage() -> None:
    metrics = Metrics()
    stage = metrics.of("tag")
    stage.committed(0.1)
    stage.worked(4, 0.2)
    stage.retried()
    stage.ignored()
    stage.load("extractive")
    summary = Summary(
        stream_id=ROOM, slot=0, start_ms=0, end_ms=1, watermark_ms=1, fell_back=True,
        verdicts=("not_said",),
    )  # fmt: skip
    stage.sent(summary)
    told = exported(metrics)
    assert told["liveshelf_load_rung", "tag"] == 3
    assert told["liveshelf_batch_jobs_sum", "tag"] == 4
    assert told["liveshelf_batch_seconds_sum", "tag"] == 0.2
    assert told["liveshelf_commit_seconds_count", "tag"] == 1
    assert told["liveshelf_retries_total", "tag"] == 1
    assert told["liveshelf_records_after_end_total", "tag"] == 1
    assert told["liveshelf_summaries_fell_back_total", "tag", "not_said"] == 1


def test_names_say_their_unit_and_belong_to_us() -> None:
    metrics = Metrics()
    asyncio.run(life(World(log_of(EVENTS), sound_stage, metrics.of(AUDIO.name)), None, 3))
    families = {metric.name for metric in metrics.registry.collect()}
    ours = {name for name in families if not name.startswith("process_")}
    assert all(name.startswith("liveshelf_") for name in ours)
    timed = {name for name in ours if any(word in name for word in ("media", "delay", "backlog"))}
    assert all(name.endswith("_seconds") for name in timed)
