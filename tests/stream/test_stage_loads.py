"""The stages that leave work out feel their own ladder, for live rooms only."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.encoder import load_encoder
from models.errors import BadEventError
from stream.load import StageLoad
from stream.rooms import Rooms
from stream.settings import Settings, load_settings
from stream.stage import Stage
from stream.stages.asr import speech_stage
from stream.stages.embed import make_embed
from stream.stages.summarize import make_summarize
from tests.tiny_vision import image_bytes, picture, save_branches
from tests.workers.test_hurried_speech import EVENTS, Talker
from tests.workers.windows import window
from workers.clip import Clip
from workers.events import FrameRef, LoadRung, Room
from workers.ladder import RUNGS

SETTINGS = {"summarize.backend": "extractive", "overload.patience_s": 0, "asr.language": "en"}


@pytest.fixture
def settings() -> Settings:
    return load_settings(SETTINGS, None, {})


@pytest.fixture
def rooms() -> Rooms:
    made = Rooms()
    made.add(Room(stream_id="live", version=0, live=True))
    made.add(Room(stream_id="file", version=0))
    return made


def fall_behind(stage: Stage, rung: LoadRung) -> None:
    """Bring a stage down to a rung: with no patience, each reading after the first is a step."""
    assert stage.load is not None
    for _ in range(1 + RUNGS.index(rung)):
        stage.load.read(1_000_000)


def said(stage: Stage, job: Any) -> Any:
    (outcome,) = stage.worker.process([job])
    assert not isinstance(outcome, BadEventError)
    (event,) = outcome
    return event


def test_summaries_are_written_at_the_rung_of_the_moment(settings: Settings, rooms: Rooms) -> None:
    stage = make_summarize(settings, rooms)
    fall_behind(stage, "extractive")
    job = window("so this is the perrin kettle", "Perrin Kettle")
    rungs = [said(stage, replace(job, stream_id=name)).load_rung for name in ("live", "file")]
    assert rungs == ["extractive", "full"]


def test_clips_are_encoded_from_fewer_pictures(
    settings: Settings, rooms: Rooms, tmp_path: Path
) -> None:
    encoder = load_encoder(str(save_branches(tmp_path / "encoder")), tmp_path, "cpu")
    stage = make_embed(settings, rooms, encoder)
    fall_behind(stage, "fewer_frames")
    red = image_bytes(picture("red"))
    frames = tuple((FrameRef(slot=slot, at_ms=500 * slot), red) for slot in range(8))
    vectors = [
        said(stage, Clip(stream_id, 0, 0, 5_000, 5_000, frames=frames))
        for stream_id in ("live", "file")
    ]
    assert [(len(one.frames), one.load_rung) for one in vectors] == [
        (settings.align.hurried_frames, "fewer_frames"),
        (8, "full"),
    ]


@pytest.mark.parametrize(("stream_id", "passes"), [("live", False), ("file", True)])
def test_speech_is_not_heard_while_it_grows(
    settings: Settings, rooms: Rooms, stream_id: str, passes: bool
) -> None:
    talker = Talker()
    load = StageLoad("asr", settings.overload, rooms.is_live)
    stage = speech_stage(settings, rooms, talker, load)
    machine = stage.machine(stream_id, None)
    before = [job for event in EVENTS[:10] for job in machine.push(event)]
    fall_behind(stage, "larger_hop")
    stage.worker.process(before)
    stage.worker.process([job for event in EVENTS[10:] for job in machine.push(event)])
    assert any(one.is_growing for one in talker.heard) == passes
    assert talker.heard[-1].last
