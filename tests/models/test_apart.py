"""What a sample is by each of its parts alone is what a sample of that part alone would be."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.apart import Apart, fused_apart
from models.batch import BranchVectors, Sample
from models.config import EncoderConfig, FusionConfig
from models.encoder import Encoder, load_encoder
from models.fusion import Floats, Layout, unit
from models.registry import Registry
from tests.conftest import CACHE_DIR
from tests.models.made_networks import made_networks
from tests.tiny_vision import ColourAndWords, picture, save_branches, save_clip, save_siglip
from workers.encoding import Encodes

SAMPLES = (
    Sample("live", (picture("red"), picture("blue")), "apricot jam"),
    Sample("live", (picture("blue"),), None),
    Sample("live", (), "dark roast coffee"),
    Sample("live", (), None),
    Sample("page", (picture("green"),), "oat milk"),
    Sample("live", (picture("green"),), " \u200b "),
)
HEADS = {
    "gated": FusionConfig("gated", dim=16, gate_hidden=8),
    "concat_mlp": FusionConfig("concat_mlp", dim=16),
    "transformer": FusionConfig("transformer", dim=16, layers=2, heads=2),
    "fixed": FusionConfig("fixed", dim=16, image_weight=0.7),
    "gated, by domain": FusionConfig("gated", dim=16, gate_hidden=8, per_domain=True),
}
LAYOUTS = (Layout("concat", 4, 4), Layout("concat", 4, 4, image_weight=1.0), Layout("mean", 4, 4))


@pytest.fixture(scope="module", name="weights")
def _weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    save_branches(folder)
    return folder


def separately(encoder: Encodes) -> Apart:
    """Return the slow obvious way: every sample by itself, and once more without each part."""
    ways = (
        SAMPLES,
        [replace(one, text=None) for one in SAMPLES],
        [replace(one, frames=()) for one in SAMPLES],
    )
    return Apart(*(np.concatenate([encoder.encode([one]) for one in way]) for way in ways))


def assert_same(found: Apart, wanted: Apart) -> None:
    for one, other in zip(found, wanted, strict=True):
        assert np.array_equal(one, other)


@st.composite
def branch_vectors(draw: st.DrawFn) -> BranchVectors:
    there = draw(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=6))
    numbers = np.random.default_rng(draw(st.integers(0, 2**16)))
    present = np.array(there, dtype=bool)
    image, text = (
        unit(numbers.normal(size=(len(there), 4)).astype(np.float32)) * column[:, None]
        for column in present.T
    )
    return BranchVectors(image, text, present[:, 0], present[:, 1])


@given(branch_vectors(), st.sampled_from(LAYOUTS))
def test_fusing_apart_is_fusing_each_part_of_each_sample(
    parts: BranchVectors, layout: Layout
) -> None:
    def alone(row: int, *, image: bool, text: bool) -> Floats:
        mine = slice(row, row + 1)
        kept = (parts.image[mine] * image, parts.text[mine] * text)
        there = (parts.has_image[mine] & image, parts.has_text[mine] & text)
        return layout.fuse(BranchVectors(*kept, *there))

    found = fused_apart(parts, layout.fuse)
    for row in range(len(parts.image)):
        assert np.array_equal(found.fused[row : row + 1], alone(row, image=True, text=True))
        assert np.array_equal(found.vision[row : row + 1], alone(row, image=True, text=False))
        assert np.array_equal(found.speech[row : row + 1], alone(row, image=False, text=True))


@pytest.mark.parametrize("head", list(HEADS))
def test_a_trained_head_says_of_a_part_alone_what_it_says_of_a_sample_without_the_other(
    weights: Path, tmp_path: Path, head: str
) -> None:
    made = made_networks(weights, tmp_path, EncoderConfig(fusion=HEADS[head]))
    fresh = load_encoder(str(made.folder), tmp_path, "cpu")
    assert_same(made.encoder.encode_apart(SAMPLES), separately(fresh))
    found = made.encoder.encode_apart(SAMPLES)
    assert np.linalg.norm(found.vision, axis=1) == pytest.approx([1, 1, 0, 0, 1, 1], abs=1e-6)
    assert np.linalg.norm(found.speech, axis=1) == pytest.approx([1, 0, 1, 0, 1, 0], abs=1e-6)


@pytest.mark.parametrize("kind", ["siglip", "clip", "branches"])
def test_an_encoder_without_training_is_told_apart_as_exactly(tmp_path: Path, kind: str) -> None:
    save = {"siglip": save_siglip, "clip": save_clip, "branches": save_branches}[kind]
    (tmp_path / "weights").mkdir()
    saved = save(tmp_path / "weights")
    name = str(saved) if kind == "branches" else f"zero-shot:{saved}"
    one, other = (load_encoder(name, tmp_path, "cpu") for _ in range(2))
    assert_same(one.encode_apart(SAMPLES), separately(other))


def test_the_double_keeps_the_promise_and_looks_at_every_sample_once() -> None:
    encoder = ColourAndWords()
    found = encoder.encode_apart(SAMPLES)
    assert len(encoder.seen) == len(SAMPLES)
    assert_same(found, separately(encoder))


@pytest.mark.weights
def test_the_shipped_encoder_is_told_apart_to_the_last_bit() -> None:
    registry = Registry.load()
    registry.pull("all-minilm-l6-v2", CACHE_DIR / "weights")

    def loaded() -> Encoder:
        return load_encoder("liveshelf", CACHE_DIR / "weights", "cpu", registry)

    found = loaded().encode_apart(SAMPLES)
    assert_same(found, separately(loaded()))
    fused, vision, speech = (rows[0] for rows in found)
    # A gate that leaves everything to one part would tell nothing apart.
    assert not np.allclose(fused, vision, atol=1e-3)
    assert not np.allclose(fused, speech, atol=1e-3)
