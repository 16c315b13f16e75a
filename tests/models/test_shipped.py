"""What is shipped is whole, small, belongs together, and says what it is."""

from itertools import pairwise

import numpy as np
import pytest

from models.adapter_folder import SHIPPED, WEIGHTS, read_record
from models.batch import Sample
from models.checkpoint import CARD, PRESETS, fingerprint, load_checkpoint
from models.checkpoint import WEIGHTS as ENCODER_WEIGHTS
from models.encoder import load_encoder
from models.registry import Registry
from tests.conftest import CACHE_DIR

MB = 1_000_000
ENCODER = PRESETS / "liveshelf"


def test_the_encoder_is_small_has_a_card_and_thresholds_of_its_own() -> None:
    checkpoint = load_checkpoint(ENCODER)
    assert (ENCODER / ENCODER_WEIGHTS).stat().st_size <= 25 * MB
    card = (ENCODER / CARD).read_text(encoding="utf-8")
    assert checkpoint.config.name in card
    assert {one.scope for one in checkpoint.calibrations} == {"cart", "shop", "catalogue"}
    assert {one.scope for one in checkpoint.sounds_weights} == {"cart", "shop", "catalogue"}
    own = {one.fingerprint for one in checkpoint.calibrations}
    assert len(own) == 1
    assert {one.fingerprint for one in checkpoint.sounds_weights} == own


@pytest.mark.weights
def test_the_encoder_loads_and_tells_titles_apart_in_128_numbers() -> None:
    registry = Registry.load()
    registry.pull("all-minilm-l6-v2", CACHE_DIR / "weights")
    encoder = load_encoder("liveshelf", CACHE_DIR / "weights", "cpu", registry)
    assert encoder.dim == 128
    assert {one.fingerprint for one in encoder.calibrations} == {encoder.fingerprint}
    titles = ["Oatelia Vanilla Oat Drink, 1 litre", "vanilla oat drink", "cordless toaster"]
    milk, same, other = encoder.encode([Sample("page", (), title) for title in titles])
    assert milk @ same > 0.6 > milk @ other
    assert np.linalg.norm(milk) == pytest.approx(1.0, abs=1e-5)


def test_no_two_presets_have_one_fingerprint() -> None:
    found = sorted(
        fingerprint(load_checkpoint(folder).config, {})
        for folder in PRESETS.iterdir()
        if (folder / "config.json").is_file()
    )
    assert all(one != other for one, other in pairwise(found))


def test_the_adapter_is_small_and_says_what_it_was_made_of() -> None:
    assert (SHIPPED / WEIGHTS).stat().st_size <= 8 * MB
    record = read_record(SHIPPED)
    assert record is not None
    assert record.base == "smollm2-135m-instruct"
    assert {"sound_weight", "least"} <= record.evidence.keys()
    assert {"pairs", "steps", "adapter"} <= record.recipe.keys()
    assert "seed" in record.recipe["adapter"]
    assert record.base in (SHIPPED / CARD).read_text(encoding="utf-8")
