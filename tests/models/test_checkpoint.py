"""Checkpoints: held against their hashes, never a pickle, thresholds with their own encoder."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibrate import (
    Calibration,
    SoundsWeight,
    fit_threshold,
    from_json,
    to_json,
    weights_from_json,
)
from models.checkpoint import (
    CARD,
    fingerprint,
    identity_of,
    load_checkpoint,
    recalibrate,
    save_checkpoint,
)
from models.config import EncoderConfig, FusionConfig
from models.errors import InputError, MismatchError, WeightsError

CALIBRATIONS = (Calibration("cart", 0.5, "v1", "a" * 64), Calibration("shop", 0.6, "v1", "b" * 64))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_checkpoint(tmp_path, EncoderConfig(), "# card\n", CALIBRATIONS, b"weights")
    return tmp_path


def test_a_checkpoint_comes_back_as_it_was_saved(folder: Path) -> None:
    found = load_checkpoint(folder)
    assert found.config == EncoderConfig()
    assert found.calibrations == CALIBRATIONS
    assert found.weights_sha256 is not None


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "README.md"])
def test_a_changed_file_is_refused_and_named(folder: Path, name: str) -> None:
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    with pytest.raises(WeightsError, match=name):
        load_checkpoint(folder)


@pytest.mark.parametrize("name", ["old.pt", "x/pytorch_model.bin", "a.PKL", "b.pth"])
def test_a_pickle_is_refused_even_if_nobody_reads_it(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"")
    with pytest.raises(WeightsError, match="pickle"):
        load_checkpoint(folder)


def test_weights_that_the_manifest_does_not_name_are_refused(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, EncoderConfig(), "# card\n")
    (tmp_path / "model.safetensors").write_bytes(b"x")
    with pytest.raises(WeightsError, match=r"model\.safetensors is not in manifest"):
        load_checkpoint(tmp_path)


def test_a_manifest_cannot_point_outside(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"sha256": {"../x": "00"}}')
    with pytest.raises(InputError, match="own folder"):
        load_checkpoint(folder)


def test_a_folder_that_is_no_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no config\.json"):
        load_checkpoint(tmp_path)


def test_a_threshold_of_another_encoder_is_refused(folder: Path) -> None:
    found = load_checkpoint(folder)
    cart = found.threshold("cart", "a" * 64)
    assert cart is not None
    assert cart.threshold == 0.5
    assert found.threshold("catalogue", "a" * 64) is None
    with pytest.raises(MismatchError, match="shop threshold v1 belongs to encoder b{16}"):
        found.threshold("shop", "a" * 64)


def test_fingerprint_follows_weights_and_fusion() -> None:
    base = fingerprint(EncoderConfig(), {"image": "1"})
    assert base == fingerprint(EncoderConfig(name="y"), {"image": "1"})
    assert base != fingerprint(EncoderConfig(), {"image": "2"})
    other = EncoderConfig(fusion=FusionConfig(image_weight=0.4))
    assert base != fingerprint(other, {"image": "1"})


def test_identity_follows_bytes_and_not_the_card(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"1")
    before = identity_of(tmp_path)
    (tmp_path / "README.md").write_text("hello")
    assert identity_of(tmp_path) == before
    (tmp_path / "model.safetensors").write_bytes(b"2")
    assert identity_of(tmp_path) != before


@given(
    pairs=st.lists(st.tuples(st.floats(-1, 1, width=16), st.booleans()), min_size=1, max_size=60),
    precision=st.sampled_from([0.5, 0.8, 1.0]),
)
def test_the_threshold_is_the_lowest_that_is_precise_enough(
    pairs: list[tuple[float, bool]], precision: float
) -> None:
    scores, right = (np.array(column) for column in zip(*pairs, strict=True))

    def precise(threshold: float) -> bool:
        accepted = scores >= threshold
        return bool(right[accepted].any()) and right[accepted].mean() >= precision

    good = [score for score in scores if precise(score)]
    if not good:
        with pytest.raises(InputError, match="no threshold"):
            fit_threshold(scores, right, precision)
        return
    found = fit_threshold(scores, right, precision)
    assert precise(found.threshold)
    assert set(scores[scores >= found.threshold]) == set(scores[scores >= min(good)])
    accepted = scores >= found.threshold
    assert found.precision == pytest.approx(right[accepted].mean())
    assert found.recall == pytest.approx(right[accepted].sum() / right.sum())


@given(
    pairs=st.lists(st.tuples(st.floats(-1, 1, width=16), st.booleans()), min_size=1, max_size=60),
    caution=st.floats(0.1, 3),
)
def test_caution_only_ever_raises_a_threshold(
    pairs: list[tuple[float, bool]], caution: float
) -> None:
    scores, right = (np.array(column) for column in zip(*pairs, strict=True))
    try:
        wary = fit_threshold(scores, right, 0.6, caution)
    except InputError:
        return
    found = fit_threshold(scores, right, 0.6)
    assert wary.threshold >= found.threshold
    # Wilson's lower end p solves (seen − p)² = z²·p·(1 − p)/n.
    count = int((scores >= wary.threshold).sum())
    seen = wary.precision
    assert seen >= 0.6
    assert (seen - 0.6) ** 2 >= caution**2 * 0.6 * 0.4 / count - 1e-9


def test_calibrations_survive_their_json_and_refuse_nonsense() -> None:
    assert from_json(to_json(CALIBRATIONS), "x") == CALIBRATIONS
    with pytest.raises(InputError, match="from -1 to 1"):
        from_json(to_json([Calibration("cart", 7.0, "v", "a")]), "x")
    with pytest.raises(InputError, match="x is no calibration"):
        from_json("[]", "x")
    with pytest.raises(InputError, match="finite"):
        fit_threshold([0.1, float("nan")], [True, False])


SOUNDS = (SoundsWeight("cart", 8.0, "v1", "a" * 64), SoundsWeight("shop", 2.0, "v1", "a" * 64))


def test_sound_weights_travel_with_a_checkpoint_and_belong_to_its_encoder(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, EncoderConfig(), "# card\n", CALIBRATIONS, None, SOUNDS)
    found = load_checkpoint(tmp_path)
    assert (found.calibrations, found.sounds_weights) == (CALIBRATIONS, SOUNDS)
    assert found.sounds_weight_of("a" * 64) == {"cart": 8.0, "shop": 2.0}
    with pytest.raises(MismatchError, match="cart sound weight v1 belongs to encoder aaaa"):
        found.sounds_weight_of("b" * 64)


def test_a_calibration_of_an_older_version_has_no_sound_weights(folder: Path) -> None:
    assert "sounds" not in (folder / "calibration.json").read_text()
    assert load_checkpoint(folder).sounds_weights == ()
    assert load_checkpoint(folder).sounds_weight_of("a" * 64) == {}


@pytest.mark.parametrize("weight", ["-1", "NaN", "Infinity", '"1"', "null"])
def test_a_sound_weight_that_is_none_is_refused(weight: str) -> None:
    row = f'{{"scope": "cart", "weight": {weight}, "version": "v", "fingerprint": "f"}}'
    with pytest.raises(InputError, match="x: sound weight"):
        weights_from_json(f'{{"thresholds": [], "sounds": [{row}]}}', "x")
    with pytest.raises(InputError, match="x is no calibration"):
        weights_from_json('{"sounds": [{"scope": "cart"}]}', "x")


def test_a_checkpoint_is_calibrated_again_without_touching_the_rest(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    recalibrate(folder, sounds_weights=SOUNDS)
    found = load_checkpoint(folder)
    assert (found.calibrations, found.sounds_weights) == (CALIBRATIONS, SOUNDS)
    recalibrate(folder, CALIBRATIONS[:1])
    found = load_checkpoint(folder)
    assert (found.calibrations, found.sounds_weights) == (CALIBRATIONS[:1], SOUNDS)
    recalibrate(folder, CALIBRATIONS, ())
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    recalibrate(folder, card="# told anew\n")
    assert (folder / CARD).read_text(encoding="utf-8") == "# told anew\n"
    assert load_checkpoint(folder).calibrations == CALIBRATIONS
