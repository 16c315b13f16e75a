"""Steps pass over pictures that cannot be read, and say how many."""

from dataclasses import replace
from pathlib import Path

import torch

from models.dataset import DrawOptions
from models.gathered import GatheredLoss
from models.objective import LossOptions
from models.steps import Share, Steps
from models.world import start_world
from tests.models.tiny_training import OPTIONS, manifest, parts

# No words for clips, so that one which loses its picture has nothing left.
_DRAW = DrawOptions(title=0.0, heard=0.0, chatter=0.0, wrong=0.0, no_picture=0.0, empty_table=0.0)


def test_a_sample_that_loses_its_pictures_is_as_one_without(tmp_path: Path) -> None:
    options = replace(OPTIONS, draw=_DRAW)
    data, made = manifest(tmp_path / "data"), parts(tmp_path / "weights")
    whole, _ = Steps(data, made.tokenizer, made.config, options, Share()).batch(0)
    for path in (tmp_path / "data").glob("*-0-*.png"):
        path.write_bytes(b"rotten")
    steps = Steps(data, made.tokenizer, made.config, options, Share())
    batch, labels = steps.batch(0)
    assert batch.size == whole.size
    lost = sorted(set(whole.frame_of.tolist()) - set(batch.frame_of.tolist()))
    assert 0 < len(lost) == steps.pictures.unreadable
    # The pixels of all others are what they were.
    kept = torch.tensor([at not in lost for at in whole.frame_of.tolist()])
    assert torch.equal(batch.pixels, whole.pixels[kept])
    made.networks.release(0)
    told = GatheredLoss(made.networks, LossOptions(), start_world("no", "cpu"))
    loss = told(batch, made.networks.reader()(batch), labels)["loss"]
    assert torch.isfinite(loss)
