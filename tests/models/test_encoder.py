"""The encoder: what goes in with others must not change what comes out."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.batch import Sample
from models.encoder import Encoder, load_encoder, presets
from models.errors import InputError, SettingsError, WeightsError
from models.registry import Registry
from tests.conftest import CACHE_DIR
from tests.tiny_vision import picture, save_branches, save_clip, save_siglip

SAMPLES = (
    Sample("page", (picture("red"),), "apricot jam"),
    Sample("live", (picture("blue"), picture("green"), np.asarray(picture("red"))), None),
    Sample("live", (), "dark roast coffee with a long tail of words unknown here"),
    Sample("video", (), None),
    Sample("live", (picture("green"),), "oat"),
)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    folder = tmp_path_factory.mktemp("tiny")
    return load_encoder(str(save_branches(folder)), folder, "cpu")


def _again(encoder: Encoder) -> Encoder:
    image, text = encoder.config.image.weights, encoder.config.text.weights
    assert Path(image).parent == Path(text).parent
    return load_encoder(str(Path(image).parent / "checkpoint"), Path(), "cpu")


def test_every_vector_has_length_one_and_a_sample_of_nothing_is_zero(encoder: Encoder) -> None:
    lengths = np.linalg.norm(encoder.encode(SAMPLES), axis=1)
    assert lengths == pytest.approx([1, 1, 1, 0, 1], abs=1e-6)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(len(SAMPLES))), most=st.integers(1, len(SAMPLES)))
def test_batch_composition_does_not_move_a_vector(
    encoder: Encoder, order: list[int], most: int
) -> None:
    fresh = _again(encoder)
    alone = np.concatenate([encoder.encode([sample]) for sample in SAMPLES])
    chosen = order[:most]
    together = fresh.encode([SAMPLES[at] for at in chosen])
    assert np.array_equal(together, alone[chosen])


def test_a_second_process_would_get_the_same_bits_and_fingerprint(encoder: Encoder) -> None:
    fresh = _again(encoder)
    assert fresh.fingerprint == encoder.fingerprint
    assert np.array_equal(fresh.encode(SAMPLES), encoder.encode(SAMPLES))


def test_pictures_and_words_move_only_their_own_part(encoder: Encoder) -> None:
    first, second = encoder.encode(
        [Sample("page", (picture("red"),), "jam"), Sample("page", (picture("blue"),), "jam")]
    )
    dim = encoder.layout.image_dim
    assert np.allclose(first[dim:], second[dim:], atol=1e-6)
    assert not np.allclose(first[:dim], second[:dim], atol=1e-3)


def test_blank_text_is_missing_text(encoder: Encoder) -> None:
    blank, missing = encoder.encode(
        [Sample("live", (picture(),), " \n\u200b "), Sample("live", (picture(),), None)]
    )
    assert np.array_equal(blank, missing)


def test_only_k_frames_are_looked_at(encoder: Encoder) -> None:
    many = [picture("red")] * 9 + [picture("blue")]
    # K = 4 of 10: frames 1, 3, 6 and 8, all red.
    some, red = encoder.encode([Sample("live", many), Sample("live", (picture("red"),))])
    assert np.allclose(some, red, atol=1e-6)


def test_a_frame_that_is_no_picture_is_refused(encoder: Encoder) -> None:
    with pytest.raises(InputError, match=r"\(4, 4\) float64"):
        encoder.encode([Sample("live", (np.zeros((4, 4)),))])  # type: ignore[arg-type]


@pytest.mark.parametrize(("save", "dim"), [(save_siglip, 32), (save_clip, 24)])
def test_a_hub_folder_encodes_pictures_and_text_into_one_space(
    tmp_path: Path, save: object, dim: int
) -> None:
    assert callable(save)
    save(tmp_path)
    dual = load_encoder(f"zero-shot:{tmp_path}", tmp_path, "cpu")
    image, text, both = dual.encode(
        [
            Sample("live", (picture(),), None),
            Sample("live", (), "oat milk"),
            Sample("page", (picture(),), "oat milk"),
        ]
    )
    assert dual.dim == dim == len(image)
    mean = (image + text) / np.linalg.norm(image + text)
    assert both == pytest.approx(mean, abs=1e-6)


def test_the_same_model_in_another_folder_has_the_same_fingerprint(tmp_path: Path) -> None:
    names = [tmp_path / name for name in ("one", "two")]
    found = [load_encoder(f"zero-shot:{save_clip(name)}", tmp_path, "cpu") for name in names]
    assert found[0].fingerprint == found[1].fingerprint
    other = load_encoder(f"zero-shot:{save_siglip(tmp_path / 'three')}", tmp_path, "cpu")
    assert other.fingerprint != found[0].fingerprint


def test_a_folder_that_is_no_dual_encoder_is_named(tmp_path: Path, encoder: Encoder) -> None:
    with pytest.raises(WeightsError, match="SigLIP or CLIP"):
        load_encoder(f"zero-shot:{tmp_path}", tmp_path, "cpu")
    with pytest.raises(WeightsError, match=r"prepared|processor|read"):
        load_encoder(f"zero-shot:{encoder.config.text.weights}", tmp_path, "cpu")


def test_an_unknown_name_lists_what_there_is(tmp_path: Path) -> None:
    assert {"liveshelf", "untrained"} <= set(presets())
    with pytest.raises(InputError, match=r"no encoder is named 'x'.*untrained"):
        load_encoder("x", tmp_path)
    with pytest.raises(SettingsError, match="device is 'tpu'"):
        load_encoder(str(save_branches(tmp_path)), tmp_path, "tpu")


@pytest.mark.weights
def test_the_untrained_preset_tells_fruit_and_titles_apart() -> None:
    registry = Registry.load()
    for name in ("efficientnet-lite0", "all-minilm-l6-v2"):
        registry.pull(name, CACHE_DIR / "weights")
    real = load_encoder("untrained", CACHE_DIR / "weights", "cpu")
    assert real.dim == 1664
    assert {item.fingerprint for item in real.calibrations} == {real.fingerprint}
    titles = ["oat drink with vanilla", "vanilla oat milk", "wireless headphones"]
    milk, same, other = real.encode([Sample("page", (), title) for title in titles])
    assert milk @ same > 0.6
    assert milk @ other < 0.3
    red, crop, blue = real.encode(
        [
            Sample("page", (picture("red", (300, 200)),)),
            Sample("live", (picture("red", (240, 240)),)),
            Sample("live", (picture("blue", (300, 200)).effect_spread(40),)),
        ]
    )
    assert red @ crop > red @ blue + 0.1
