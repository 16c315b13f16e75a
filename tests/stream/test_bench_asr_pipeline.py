"""The sample room as many rooms, and the stages that a whole pipeline is measured with."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from stream.bench_asr_pipeline import DemoPipeline
from stream.settings import Settings
from tests.workers.bench_doubles import CUTS, made_bench
from tests.workers.scripted_ears import SpeaksEverySecond, ToldEars, talk
from workers.asr import Transcriber
from workers.clip_sound import chunks_of
from workers.events import AudioChunk, Frame, GridEvent
from workers.listening.bench import Material
from workers.listening.measure_live import measure_pipeline
from workers.listening.room_player import PlayedRoom, machine_of
from workers.listening.simulated_machine import LiveStage
from workers.rooms.drive import Part


def test_every_room_plays_the_sample_room_under_its_own_name(tmp_path: Path) -> None:
    pipeline = DemoPipeline(Settings(), "whisper-base", tmp_path)
    first, second = pipeline.media("live-0"), pipeline.media("live-1")
    assert {type(one) for one in first} == {AudioChunk, Frame}
    assert {one.stream_id for one in first} == {"live-0"}
    assert {one.stream_id for one in second} == {"live-1"}
    assert [(one.kind, one.slot) for one in first] == [(one.kind, one.slot) for one in second]
    assert first[0].event_id != second[0].event_id


class OneStage:
    """A pipeline that is the speech stage, with rooms of ten seconds."""

    def __init__(self, model: SpeaksEverySecond) -> None:
        self.model = model
        self.hops: list[int] = []

    def stages(self, hop_ms: int, rooms: Sequence[str]) -> Sequence[LiveStage]:
        self.hops.append(hop_ms)
        made = {name: PlayedRoom(name, talk(10)) for name in rooms}
        worker = Transcriber(self.model)
        part = Part("asr", lambda name, _: machine_of(made[name], CUTS), worker, 8)
        return [LiveStage(part, (AudioChunk,))]

    def media(self, room: str) -> Sequence[GridEvent]:
        return chunks_of(talk(10), room)


def test_a_pipeline_is_tried_with_more_rooms_until_they_are_not_held(tmp_path: Path) -> None:
    ears = ToldEars(SpeaksEverySecond(takes_s=0.4))
    pipeline = OneStage(ears.with_guards)
    with made_bench(tmp_path, ears, Material(limit=4)) as bench:
        found = measure_pipeline(bench, pipeline, 10)
        played = len(pipeline.hops)
        assert measure_pipeline(bench, pipeline, 10) == found
    assert len(pipeline.hops) == played, "what was measured is kept"
    assert {*pipeline.hops} == {1_000, 2_000}
    tried = found["hop 1000 ms"]["tried"]
    assert 3 <= len(tried) <= 4
    assert [one["rooms"] for one in tried] == list(range(1, len(tried) + 1))
    loads = [one["load_by_stage"]["asr"] for one in tried]
    assert loads == pytest.approx([one["load"] for one in tried])
