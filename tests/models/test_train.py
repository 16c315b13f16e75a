"""The trainer: the live path sees what it saw, reruns are equal to the bit, and it learns."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from models.batch import Sample
from models.checkpoint import save_checkpoint
from models.encoder import load_encoder
from models.errors import WeightsError
from models.exam import Exam, recalls
from models.manifest import Manifest
from models.preprocess import to_batch
from models.thresholds import calibrate_scopes
from models.train_options import Told, train_options
from models.trained import TextMemory, shipped_config
from tests.models.tiny_training import COLOURS, OPTIONS, Clock, picture, silent, trainer

pytestmark = pytest.mark.usefixtures("one_thread")


def test_live_path_and_trainer_give_the_same_vector(
    tmp_path: Path, weights: Path, data: Manifest
) -> None:
    made = trainer(weights, data)
    made.run(tmp_path, silent, Clock())
    samples = [
        Sample("live", (picture(COLOURS[1], 3), picture(COLOURS[2], 4)), "apricot jam today"),
        Sample("live", (picture(COLOURS[0], 5),), None),
        Sample("page", (), "oat milk"),
        Sample("live", (), None),
    ]
    config = shipped_config(made.config, "tiny", OPTIONS.live_px)
    networks = made.networks.eval()
    text_folder = Path(config.text.weights)
    blob = (tmp_path / "best.safetensors").read_bytes()
    networks.take(load_file(tmp_path / "best.safetensors"), "best")
    save_checkpoint(tmp_path / "checkpoint", config, "# tiny\n", weights=blob)
    live = load_encoder(str(tmp_path / "checkpoint"), tmp_path, "cpu")

    from models.branches.text import load_tokenizer

    batch = to_batch(samples, load_tokenizer(text_folder, config.text), config)
    texts = TextMemory(networks.text.branch)  # type: ignore[arg-type]
    with torch.no_grad():
        trained = networks(batch, texts(batch)).fused.numpy()
    assert live.encode(samples) == pytest.approx(trained, abs=1e-6)
    assert np.linalg.norm(trained, axis=1) == pytest.approx([1, 1, 1, 0], abs=1e-6)
    assert live.dim == 16


def test_the_same_seed_gives_the_same_bits_and_another_does_not(
    tmp_path: Path, weights: Path, data: Manifest
) -> None:
    runs = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        made = trainer(weights, data, replace(OPTIONS, seed=seed))
        made.run(tmp_path / name, silent, Clock())
        runs.append(made.networks.weights())
    first, again, other = runs
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["image.projection.weight"], other["image.projection.weight"])


def test_the_best_weights_are_the_running_average_where_one_is_kept(
    tmp_path: Path, weights: Path, data: Manifest
) -> None:
    options = replace(OPTIONS, ema=0.9, validate_every=1)
    plain, averaged = trainer(weights, data), trainer(weights, data, options)
    plain.run(tmp_path / "plain", silent, Clock())
    standing = averaged.run(tmp_path / "averaged", silent, Clock())
    # The average watches; it does not steer.
    for name, tensor in plain.networks.weights().items():
        assert torch.equal(tensor, averaged.networks.weights()[name]), name
    best = load_file(tmp_path / "averaged" / "best.safetensors")
    last = averaged.networks.weights()["image.projection.weight"]
    assert standing.best_step > 0
    assert not torch.equal(best["image.projection.weight"], last)
    assert torch.allclose(best["image.projection.weight"], last, atol=0.05)


def test_a_run_without_a_better_validation_ends_early_and_stays_ended(
    tmp_path: Path, weights: Path, data: Manifest
) -> None:
    # At a rate of nothing no validation is better than the first.
    options = replace(OPTIONS, rate=0.0, epochs=20, validate_every=2, patience=3)
    told: list[Told] = []
    made = trainer(weights, data, options)
    standing = made.run(tmp_path, told.append, Clock())
    assert (standing.step, standing.best_step, standing.worse) == (8, 8, 3)
    assert made.total_steps > 8
    more: list[Told] = []
    trainer(weights, data, options).run(tmp_path, more.append, Clock())
    assert more == []


def test_a_step_of_two_batches_has_the_mean_of_their_losses_and_gradients(
    tmp_path: Path, weights: Path, data: Manifest
) -> None:
    still = replace(OPTIONS, rate=0.0, warm_up=0.0, validate_every=1_000)
    single = trainer(weights, data, still).run(tmp_path / "single", silent, Clock()).curve
    made = trainer(weights, data, replace(still, accumulate=2))
    double = made.run(tmp_path / "double", silent, Clock()).curve
    assert len(double) * 2 == len(single)
    pairs = zip(single[::2], single[1::2], strict=True)
    means = [(one["loss"] + other["loss"]) / 2 for one, other in pairs]
    assert [one["loss"] for one in double] == pytest.approx(means, abs=2e-5)


def test_a_growing_run_begins_with_small_pictures(
    tmp_path: Path, weights: Path, data: Manifest
) -> None:
    made = trainer(weights, data, replace(OPTIONS, train_px=64, first_px=32, epochs=4))
    sides = [made.steps.batch(step)[0].pixels.shape[2] for step in range(made.steps.total)]
    assert (sides[0], sides[-1]) == (32, 64)
    assert sides == sorted(sides)


def test_pages_short_videos_and_clips_are_trained_on_together(
    tmp_path: Path, weights: Path, data: Manifest
) -> None:
    clips = [row for row in data.live("train") if row.product_id]
    shown = tuple(replace(row, domain="video") for row in clips)
    words = [f"loss.{pair}.{part}=1" for pair in ("video", "between") for part in ("whole", "text")]
    words += ["loss.within.video=0.5", "loss.prefixes.half=0.5", "loss.centre=0.2"]
    words += ["sampler.videos=1", "sampler.near_title=0.3", "sampler.live_rows=6"]
    asked = train_options(words)
    options = replace(OPTIONS, epochs=8, rate=5e-3, loss=asked.loss, sampler=asked.sampler)
    made = trainer(weights, replace(data, rows=(*data.rows, *shown)), options)
    assert Counter(made.steps.batch(0)[1].domain.tolist())[1] == 3
    curve = made.run(tmp_path, silent, Clock()).curve
    names = ["video_whole", "video_text", "between_whole", "between_text", "within_video"]
    assert {*names, "centre"} <= curve[0].keys()
    early, late = ([record["loss"] for record in some] for some in (curve[:4], curve[-4:]))
    assert np.mean(late) < np.mean(early)


def test_the_clock_ends_a_run_of_minutes(tmp_path: Path, weights: Path, data: Manifest) -> None:
    told: list[Told] = []
    options = replace(OPTIONS, minutes=0.2, validate_every=1_000)
    standing = trainer(weights, data, options).run(tmp_path, told.append, Clock())
    assert told[-1].part == 1.0
    assert standing.elapsed_s >= 12.0
    assert [one.part for one in told] == sorted(one.part for one in told)


def test_it_learns_colours_that_it_did_not_know(
    tmp_path: Path, weights: Path, data: Manifest
) -> None:
    options = replace(OPTIONS, epochs=25, rate=5e-3, backbone=1.0, validate_every=1_000)
    made = trainer(weights, data, options)
    losses: list[float] = []
    made.run(tmp_path, lambda told: losses.append(told.loss), Clock())
    assert np.mean(losses[-5:]) < 0.75 * np.mean(losses[:5])
    exam = Exam(made.encoder(), data)
    assert recalls(exam.clips("test"), exam.pages)["both"].recall_at_1 >= 0.75


def test_the_text_network_and_frozen_stages_stay_as_they_were(
    tmp_path: Path, weights: Path, data: Manifest
) -> None:
    made = trainer(weights, data, replace(OPTIONS, frozen_blocks=2))
    before = {name: value.clone() for name, value in made.networks.state_dict().items()}
    made.run(tmp_path, silent, Clock())
    after = made.networks.state_dict()
    still = [name for name in after if torch.equal(before[name], after[name])]
    assert [name for name in after if name.startswith("text.branch.")] == [
        name for name in still if name.startswith("text.branch.")
    ]
    assert "image.branch.network.blocks.0.0.conv.weight" in still
    moved = set(after) - set(still)
    assert {"image.projection.weight", "text.projection.weight", "gate.outer.weight"} <= moved
    assert any(name.startswith("image.branch.network.blocks.2") for name in moved)


def test_weights_of_another_network_are_refused(
    tmp_path: Path, weights: Path, data: Manifest
) -> None:
    from safetensors.torch import save

    made = trainer(weights, data)
    config = shipped_config(made.config, "tiny", 32)
    save_checkpoint(tmp_path, config, "# x\n", weights=save({"a": torch.zeros(1)}))
    with pytest.raises(WeightsError, match=r"does not fit .* unknown \['a'\]"):
        load_encoder(str(tmp_path), tmp_path, "cpu")
    save_checkpoint(tmp_path / "none", config, "# x\n")
    with pytest.raises(WeightsError, match="fuses by gate"):
        load_encoder(str(tmp_path / "none"), tmp_path, "cpu")


def test_thresholds_are_fitted_for_every_scope(weights: Path, data: Manifest) -> None:
    encoder = trainer(weights, data).encoder()
    exam = Exam(encoder, data)
    made, told = calibrate_scopes(exam.clips("val"), exam.pages, encoder, "v", cart=2)
    assert [item.scope for item in made] == [
        scope for scope in ("cart", "shop", "catalogue") if scope in told
    ]
    assert all(item.fingerprint == encoder.fingerprint for item in made)
