"""Matching and reconstruction in training: which rows they compare, and what is kept of them."""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import autograd

from models.batch import Sample
from models.dataset import Drawn
from models.losses.matching import Candidates, MatchingOptions, matching
from models.objective import LossOptions, labels_of
from models.pairwise import PairwiseNetworks, with_pairwise
from models.patches import by_sample
from models.train_options import Told
from models.trained import Spoken
from tests.models.tiny_training import OPTIONS, manifest, trainer

PAGE, VIDEO, CLIP = (Sample(domain, (), None) for domain in ("page", "video", "live"))
DRAWN = [
    Drawn(CLIP, "tea", "tea", None),
    Drawn(PAGE, "tea", "tea", "tea"),
    Drawn(VIDEO, "mug", "mug", None),
    Drawn(PAGE, "mug", "mug", "mug"),
    Drawn(PAGE, "ale", None, "ale"),
    Drawn(CLIP, None, None, None),
]
FRAME_OF = torch.tensor([0, 0, 1, 2, 3, 5])
DECODER = MatchingOptions(width=8, heads=2, hardest=2)
LOSS = LossOptions(matching=0.5, reconstruction=2.0, decoder=DECODER)
ZERO = {"loss": torch.tensor(1.0)}


def _networks() -> PairwiseNetworks:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return PairwiseNetworks(6, DECODER)


def _said() -> Spoken:
    draw = torch.Generator().manual_seed(1)
    image = torch.nn.functional.normalize(torch.randn((6, 4), generator=draw), dim=1)
    present = torch.ones((6, 2), dtype=torch.bool)
    # The page of ale has no picture.
    present[4, 0] = False
    patches = torch.randn((6, 3, 6), generator=draw)
    return Spoken(image, image, image, present, patches)


def test_clips_and_videos_are_compared_with_the_pages_that_have_a_picture() -> None:
    networks, said = _networks(), _said()
    found = with_pairwise(ZERO, said, FRAME_OF, labels_of(DRAWN, [], 0.0, 0), networks, LOSS)
    rows = torch.tensor([True, False, True, False, False, True])
    pages = torch.tensor([False, True, False, True, False, False])
    assert said.patches is not None
    clips, gallery = (by_sample(said.patches, FRAME_OF, one) for one in (rows, pages))
    # Clip and video, each with its page and the other's.
    asked = Candidates(
        torch.tensor([0, 1]), torch.tensor([[0, 1], [1, 0]]), torch.ones((2, 2), dtype=torch.bool)
    )
    matched = networks.decoder(gallery, clips, asked)
    assert float(found["matching"].detach()) == pytest.approx(
        float(matching(matched.scores, asked.known).detach()), rel=1e-5
    )
    whole = 1.0 + 0.5 * found["matching"] + 2.0 * found["reconstruction"]
    assert float(found["loss"].detach()) == pytest.approx(float(whole.detach()))


def test_the_scale_of_the_patches_is_no_matter() -> None:
    networks, said, labels = _networks(), _said(), labels_of(DRAWN, [], 0.0, 0)
    assert said.patches is not None
    large = said._replace(patches=1e4 * said.patches)
    found, again = (
        with_pairwise(ZERO, one, FRAME_OF, labels, networks, LOSS) for one in (said, large)
    )
    for name in ("matching", "reconstruction"):
        assert float(found[name].detach()) == pytest.approx(float(again[name].detach()), rel=1e-3)
    # Of numbers of variance one: a mixture of patches is at most a few away.
    assert float(found["reconstruction"].detach()) < 4.0


def test_a_step_without_a_pair_costs_nothing_and_still_has_gradients() -> None:
    networks, alone = _networks(), [replace(one, by_picture=None) for one in DRAWN]
    found = with_pairwise(ZERO, _said(), FRAME_OF, labels_of(alone, [], 0.0, 0), networks, LOSS)
    assert float(found["loss"].detach()) == 1.0
    autograd.backward(found["loss"])
    # Processes that share a step wait for the gradient of every parameter.
    assert all(one.grad is not None for one in networks.parameters())


def test_a_step_without_pictures_has_the_terms_of_every_step() -> None:
    said, labels = _said()._replace(patches=None), labels_of(DRAWN, [], 0.0, 0)
    found = with_pairwise(ZERO, said, FRAME_OF, labels, _networks(), LOSS)
    told = {name: float(value.detach()) for name, value in found.items()}
    assert told == {"matching": 0.0, "reconstruction": 0.0, "loss": 1.0}


class StoppedError(Exception):
    """The plug was pulled."""


def test_a_stopped_run_goes_on_with_its_decoder_and_a_checkpoint_has_none(tmp_path: Path) -> None:
    data = manifest(tmp_path / "data")
    loss = replace(OPTIONS.loss, matching=1.0, reconstruction=0.1, decoder=DECODER)
    options = replace(OPTIONS, save_every_s=0.0, loss=loss)
    clock = itertools.count()

    def now() -> float:
        return float(next(clock))

    def pull_the_plug(told: Told) -> None:
        if told.step == 3:
            raise StoppedError

    whole = trainer(tmp_path / "weights", data, options)
    before = {name: tensor.clone() for name, tensor in whole.networks.state().items()}
    curve = whole.run(tmp_path / "whole", lambda _: None, now).curve
    assert {"matching", "reconstruction"} <= curve[0].keys()
    with pytest.raises(StoppedError):
        trainer(tmp_path / "weights", data, options).run(tmp_path / "parts", pull_the_plug, now)
    resumed = trainer(tmp_path / "weights", data, options)
    assert resumed.run(tmp_path / "parts", lambda _: None, now).curve == curve
    after, again = whole.networks.state(), resumed.networks.state()
    assert all(torch.equal(after[name], again[name]) for name in after)
    moved = {name for name in after if not torch.equal(before[name], after[name])}
    assert "pairwise.decoder.score.weight" in moved
    assert "pairwise.reconstruction.first.weight" in moved
    plain = trainer(tmp_path / "weights", data)
    assert whole.networks.weights().keys() == plain.networks.weights().keys()
