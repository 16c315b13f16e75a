"""The one way from pixels and text to tensors."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from models.batch import Sample
from models.branches.dual import dual_config
from models.config import EncoderConfig, ImageConfig
from models.preprocess import chosen, clean_text, fingerprint_text, fit_picture, pixels, to_batch
from tests.tiny_vision import picture, save_clip, save_siglip


def _noise(width: int, height: int) -> Image.Image:
    draw = np.random.default_rng(width * height)
    small = draw.integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def _words(texts: list[str]) -> tuple[list[list[int]], list[list[int]]]:
    return [[len(text), 1] for text in texts], [[1, 1] for _ in texts]


@pytest.mark.parametrize("size", [(64, 64), (200, 50), (50, 200), (1, 9)])
@pytest.mark.parametrize("fit", ["centre", "squash", "letterbox"])
def test_every_picture_becomes_the_size_that_the_network_sees(
    size: tuple[int, int], fit: str
) -> None:
    config = ImageConfig(height_px=32, width_px=48, fit=fit)  # type: ignore[arg-type]
    assert fit_picture(_noise(*size), config).size == (48, 32)


def test_centre_takes_the_middle_and_letterbox_keeps_the_edges() -> None:
    wide = Image.new("RGB", (96, 32), (255, 0, 0))
    wide.paste((0, 0, 255), (32, 0, 64, 32))
    config = ImageConfig(height_px=32, width_px=32, crop=1.0)
    assert np.asarray(fit_picture(wide, config)).reshape(-1, 3).tolist() == [[0, 0, 255]] * 1024
    boxed = np.asarray(fit_picture(wide, replace(config, fit="letterbox")))
    assert boxed[0, 0].tolist() == [127, 127, 127]
    assert boxed[16, 1].tolist() == [255, 0, 0]


def test_pixels_are_normalised_by_channel() -> None:
    config = ImageConfig(
        height_px=16, width_px=16, mean=(0.5, 0.25, 0.0), std=(0.5, 0.5, 2.0), crop=1.0
    )
    found = pixels([np.full((20, 20, 3), 255, dtype=np.uint8)], config)
    assert found.shape == (1, 3, 16, 16)
    assert found[0, :, 0, 0].tolist() == pytest.approx([1.0, 1.5, 0.5])


@pytest.mark.parametrize("size", [(64, 64), (97, 64), (40, 111), (32, 32)])
def test_siglip_pictures_equal_those_of_its_own_processor(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    from transformers import SiglipImageProcessorPil

    config = dual_config(save_siglip(tmp_path), "x").image
    theirs = SiglipImageProcessorPil.from_pretrained(tmp_path)(_noise(*size), return_tensors="np")
    ours = pixels([_noise(*size)], config).numpy()
    assert np.abs(ours - theirs["pixel_values"]).max() < 1e-5


@pytest.mark.parametrize("size", [(64, 64), (96, 64), (64, 128), (97, 64)])
def test_clip_pictures_are_those_of_its_own_processor_up_to_rounding(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    from transformers import CLIPImageProcessorPil

    config = dual_config(save_clip(tmp_path), "x").image
    theirs = CLIPImageProcessorPil.from_pretrained(tmp_path)(_noise(*size), return_tensors="np")
    ours = pixels([_noise(*size)], config).numpy()
    # It resizes first, to whole pixels, and cuts then: half a pixel of difference at most.
    assert np.abs(ours - theirs["pixel_values"]).mean() < 0.04


@given(count=st.integers(0, 500), most=st.integers(1, 16))
def test_chosen_frames_are_in_order_and_never_repeat(count: int, most: int) -> None:
    found = chosen(count, most)
    assert found == sorted(set(found))
    assert len(found) == min(count, most)
    assert all(0 <= at < count for at in found)


def test_chosen_frames_are_the_centres_of_equal_parts() -> None:
    assert chosen(16, 8) == [1, 3, 5, 7, 9, 11, 13, 15]
    assert chosen(10, 4) == [1, 3, 6, 8]


def test_text_is_one_unicode_form_with_single_spaces() -> None:
    assert clean_text("  Caf\u0065\u0301\n\x00 №1\u200b ") == "Café No1"
    assert clean_text("\u200b\n") is None
    assert clean_text(None) is None


def test_a_batch_holds_only_what_is_there() -> None:
    samples = [
        Sample("live", (), "oat"),
        Sample("live", (picture(), picture()), None),
        Sample("live", (), None),
        Sample("page", (picture(),), "jam"),
    ]
    batch = to_batch(samples, _words, EncoderConfig())
    assert batch.pixels.shape == (3, 3, 224, 224)
    assert batch.frame_of.tolist() == [1, 1, 3]
    assert batch.text_of.tolist() == [0, 3]
    assert batch.size == 4


def test_fingerprint_follows_what_moves_pixels_and_not_names() -> None:
    base = EncoderConfig()
    named = replace(base, name="x", image=replace(base.image, weights="/elsewhere"))
    moved = replace(base, image=replace(base.image, crop=0.5))
    assert fingerprint_text(named) == fingerprint_text(base) != fingerprint_text(moved)
