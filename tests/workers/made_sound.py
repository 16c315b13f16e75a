"""Rooms of made sound: noise where somebody speaks, cut by the real machine."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from pydantic import JsonValue

from workers.audio_grid import Samples
from workers.events import AudioChunk, LoadRung
from workers.utterances import Utterance, UtteranceOptions, Utterances


def speech(spans_ms: Sequence[tuple[int, int]], seconds: float, seed: int = 0) -> Samples:
    """Noise within the spans, near silence elsewhere."""
    random = np.random.default_rng(seed)
    samples = random.normal(0, 5, round(seconds * 16_000))
    for start_ms, end_ms in spans_ms:
        samples[start_ms * 16 : end_ms * 16] += random.normal(0, 3_000, (end_ms - start_ms) * 16)
    return samples.astype(np.int16)


def chunks(samples: Samples, *, last: bool = True) -> list[AudioChunk]:
    parts = [samples[start : start + 16_000] for start in range(0, len(samples), 16_000)]
    return [
        AudioChunk(
            stream_id="room",
            slot=slot,
            start_ms=slot * 1_000,
            end_ms=slot * 1_000 + len(part) // 16,
            watermark_ms=slot * 1_000 + len(part) // 16,
            last=last and slot == len(parts) - 1,
            payload=part.astype("<i2").tobytes(),
        )
        for slot, part in enumerate(parts)
    ]


def machine(
    snapshot: Mapping[str, JsonValue] | None = None,
    rung: Callable[[str], LoadRung] = lambda _: "full",
    **options: int,
) -> Utterances:
    """A machine of short utterances, heard when they are whole unless a hop is given."""
    return Utterances(
        "room",
        UtteranceOptions(**{"min_ms": 4_000, "max_ms": 10_000, "hop_ms": 0} | options),
        hotwords=lambda stream_id, media_ms: f"{stream_id} at {media_ms}",
        language=lambda _: "en",
        snapshot=snapshot,
        rung=rung,
    )


def feed(one: Utterances, events: Sequence[AudioChunk]) -> list[Utterance]:
    return [job for event in events for job in one.push(event)]
