"""The gate: what is absent has no weight, and what is alone is the whole."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.checkpoint import PRESETS, fingerprint, load_checkpoint
from models.config import EncoderConfig, FusionConfig, load_config
from models.errors import InputError
from models.fusion_head import Gate, Projected
from models.registry import Registry


def _gate(seed: int) -> Gate:
    torch.manual_seed(seed)
    gate = Gate(FusionConfig(kind="gated", dim=6, gate_hidden=5))
    torch.nn.init.normal_(gate.outer.weight)
    return gate


@settings(max_examples=30)
@given(seed=st.integers(0, 99), has=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1))
def test_weights_sum_to_one_over_what_is_present(seed: int, has: list[tuple[bool, bool]]) -> None:
    gate, present = _gate(seed), torch.tensor(has)
    parts = torch.nn.functional.normalize(torch.randn(2, len(has), 6), dim=2)
    image, text = parts[0] * present[:, :1], parts[1] * present[:, 1:]
    with torch.no_grad():
        fused = gate(image, text, present)
    for row, (seen, read) in enumerate(has):
        assert float(fused.weights[row].sum()) == pytest.approx(float(seen or read), abs=1e-6)
        assert (float(fused.weights[row, 0]) > 0) is seen
        assert (float(fused.weights[row, 1]) > 0) is read
        length = float(fused.vectors[row].norm())
        assert length == pytest.approx(float(seen or read), abs=1e-5)
        if seen != read:
            alone = image[row] if seen else text[row]
            assert torch.allclose(fused.vectors[row], alone, atol=1e-6)


def test_training_begins_with_equal_weights() -> None:
    gate = Gate(FusionConfig(kind="gated", dim=6))
    both = torch.ones((1, 2), dtype=torch.bool)
    with torch.no_grad():
        fused = gate(torch.eye(6)[:1], torch.eye(6)[1:2], both)
    assert fused.weights.tolist() == [[0.5, 0.5]]


def test_a_fresh_projection_keeps_angles_in_the_mean() -> None:
    torch.manual_seed(0)
    rows = torch.nn.functional.normalize(torch.randn(40, 256), dim=1)
    near = torch.nn.functional.normalize(rows + 0.03 * torch.randn(40, 256), dim=1)
    with torch.no_grad():
        made = Projected(torch.nn.Identity(), 256, 64)
        cosines = (made.project(rows) * made.project(near)).sum(dim=1)
    expected = (rows * near).sum(dim=1)
    assert float(cosines.mean()) == pytest.approx(float(expected.mean()), abs=0.03)


def test_the_untrained_preset_keeps_its_fingerprint() -> None:
    checkpoint = load_checkpoint(PRESETS / "untrained")
    known = {entry.name: entry.identity for entry in Registry.load().entries}
    weights = {
        "image": known[checkpoint.config.image.weights],
        "text": known[checkpoint.config.text.weights],
    }
    pinned = "dce0731b1e9b24e4ab8d3878dee6c25e2f18cf74863c25c8c9876787534c7b7f"
    assert fingerprint(checkpoint.config, weights) == pinned
    assert {item.fingerprint for item in checkpoint.calibrations} == {pinned}


def test_settings_of_before_the_gate_are_read() -> None:
    config = load_config(PRESETS / "untrained" / "config.json")
    assert config.fusion == FusionConfig()


def test_only_a_gate_has_a_width_that_counts() -> None:
    plain = EncoderConfig(fusion=FusionConfig(dim=64))
    assert fingerprint(plain, {}) == fingerprint(EncoderConfig(), {})
    gated = [EncoderConfig(fusion=FusionConfig("gated", dim=dim)) for dim in (64, 128)]
    assert fingerprint(gated[0], {}) != fingerprint(gated[1], {})
    with pytest.raises(InputError, match=r"fusion\.dim is 1"):
        FusionConfig("gated", dim=1)
