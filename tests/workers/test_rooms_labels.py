"""Labels: the right size for their shape, told apart by what is printed, and honest about fonts."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from models.errors import InputError
from workers.rooms.emblems import EMBLEMS, draw_emblem
from workers.rooms.label_styles import STYLES
from workers.rooms.labels import draw_label
from workers.rooms.lettering import FACES, font, luminance, mixed, readable_on
from workers.rooms.products import load
from workers.rooms.shapes import label_size

ITEMS = load()


def fonts_are_there() -> bool:
    try:
        for faces in FACES.values():
            for file in (faces.brand, faces.heading, faces.plain):
                font(file, 10)
    except InputError:
        return False
    return True


needs_fonts = pytest.mark.skipif(not fonts_are_there(), reason="the labels' fonts are missing")


@needs_fonts
@pytest.mark.parametrize("style", STYLES)
def test_every_design_fits_its_shape_and_comes_out_the_same_twice(style: str) -> None:
    item = replace(ITEMS[0], style=style, font="lato")
    label = draw_label(item)
    around, height, _ = label_size(item.shape)
    assert label.width / label.height == pytest.approx(around / height, rel=0.01)
    assert np.array_equal(np.asarray(label), np.asarray(draw_label(item)))


@needs_fonts
@pytest.mark.parametrize("shape", sorted({item.shape for item in ITEMS}))
def test_front_of_a_label_says_more_than_its_ground_colour(shape: str) -> None:
    item = next(item for item in ITEMS if item.shape == shape)
    label = np.asarray(draw_label(item), dtype=np.float32)
    middle = label[:, label.shape[1] // 3 : 2 * label.shape[1] // 3]
    assert middle.std(axis=(0, 1)).max() > 8, item.product_id


@needs_fonts
def test_twins_that_differ_in_size_alone_have_different_labels() -> None:
    small = next(item for item in ITEMS if item.tall == 1.0 and item.style == "plain")
    other = replace(small, size="9 kg")
    assert not np.array_equal(np.asarray(draw_label(small)), np.asarray(draw_label(other)))


def test_missing_font_says_which_package_to_install() -> None:
    with pytest.raises(InputError, match="NoSuchFace.ttf is missing; install it"):
        font("NoSuchFace.ttf", 12)


@pytest.mark.parametrize("name", EMBLEMS)
def test_emblem_stays_inside_its_box(name: str) -> None:
    picture = Image.new("RGB", (120, 100), "#ffffff")
    draw_emblem(picture, name, (30, 20, 90, 80), "#ff0000", "#0000ff")
    painted = np.asarray(picture).min(axis=2) < 200
    assert painted.sum() > 100
    rows, columns = np.nonzero(painted)
    assert rows.min() >= 19
    assert rows.max() <= 80
    assert columns.min() >= 29
    assert columns.max() <= 90


@pytest.mark.parametrize("colour", ["#ffffff", "#000000", "#808080", "#f6cf2b", "#1f4fa3"])
def test_letters_differ_in_lightness_from_what_they_are_on(colour: str) -> None:
    assert abs(luminance(readable_on(colour)) - luminance(colour)) > 0.3


def test_mixing_goes_from_the_first_colour_to_the_second() -> None:
    assert mixed("#102030", "#ffffff", 0.0) == "#102030"
    assert mixed("#102030", "#fedcba", 1.0) == "#fedcba"
