"""What a checkpoint's folder is said to be, and what makes it refused."""

from pathlib import Path

import pytest

from models.calibrate import Calibration, SoundsWeight
from models.checkpoint import PRESETS, recalibrate
from models.checkpoint_facts import facts, integrity, verify
from models.encoder import load_encoder
from models.errors import MismatchError, WeightsError
from models.registry import Registry
from tests.tiny_vision import save_branches


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return save_branches(tmp_path / "tiny")


def test_facts_name_fingerprint_sizes_thresholds_and_state(folder: Path, tmp_path: Path) -> None:
    encoder = load_encoder(str(folder), tmp_path, "cpu")
    threshold = Calibration("cart", 0.5, "v1", encoder.fingerprint)
    recalibrate(folder, (threshold,))
    told = facts(folder, tmp_path, Registry.load())
    assert told["fingerprint"] == encoder.fingerprint
    assert told["dim"] == encoder.dim
    assert told["thresholds"][0]["threshold"] == 0.5
    assert told["bytes"]["config.json"] == (folder / "config.json").stat().st_size
    assert set(told["integrity"].values()) == {"ok"}
    assert verify(folder, tmp_path, Registry.load()) == told


def test_every_file_that_is_not_as_it_was_is_named(folder: Path, tmp_path: Path) -> None:
    (folder / "README.md").write_text("# better\n")
    (folder / "calibration.json").unlink()
    assert integrity(folder) == {
        "README.md": "altered",
        "calibration.json": "absent",
        "config.json": "ok",
    }
    with pytest.raises(WeightsError, match=r"README\.md is altered, calibration\.json is absent"):
        verify(folder, tmp_path, Registry.load())


@pytest.mark.parametrize("kind", ["threshold", "sounds"])
def test_what_was_fitted_for_another_encoder_is_found(
    folder: Path, tmp_path: Path, kind: str
) -> None:
    if kind == "threshold":
        recalibrate(folder, (Calibration("shop", 0.5, "v1", "a" * 64),))
    else:
        recalibrate(folder, sounds_weights=(SoundsWeight("shop", 2.0, "v1", "a" * 64),))
    with pytest.raises(MismatchError, match="shop calibration v1 .* belongs to encoder a{16}"):
        verify(folder, tmp_path, Registry.load())


def test_without_its_pretrained_weights_a_checkpoint_is_shown_but_not_verified(
    tmp_path: Path,
) -> None:
    told = facts(PRESETS / "liveshelf", tmp_path, Registry.load())
    assert told["fingerprint"] is None
    assert "liveshelf models pull" in told["not_loaded"]
    with pytest.raises(WeightsError, match="liveshelf models pull"):
        verify(PRESETS / "liveshelf", tmp_path, Registry.load())
