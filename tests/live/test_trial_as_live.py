"""A trial ends in the tags that the same room has live, through Kafka."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from stream.rooms_trial import run_trial
from stream.settings import Settings
from tests.conftest import CACHE_DIR
from tests.live.whole import MINI, Run, told_in_the_end
from workers.rooms.scoring import read_tags
from workers.rooms.variants import Variant

pytestmark = [pytest.mark.kafka, pytest.mark.milvus, pytest.mark.weights, pytest.mark.slow]


def test_trial_and_live_run_tell_the_same_tags(tmp_path: Path) -> None:
    room = tmp_path / "mini"
    shutil.copytree(MINI, room)
    live = Run(tmp_path / "live", stream_id="mini", arguments=())
    live.start()
    try:
        assert live.wait(240) == 0, live.words()
    finally:
        live.end()
    settings = Settings()
    settings = replace(settings, paths=replace(settings.paths, cache_dir=CACHE_DIR))
    run_trial(
        settings, [room], live.folder / "shelf" / "catalogue.jsonl", tmp_path / "trial", [Variant()]
    )
    tags = read_tags(tmp_path / "trial" / "mini" / "cart-both.jsonl")
    assert told_in_the_end(tags) == live.standing() != []
    assert {tag.status for tag in tags} >= {"started", "ended"}
