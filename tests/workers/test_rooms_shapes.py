"""Shapes of goods: they stand, face the viewer, and their label wraps once and reads right."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError
from workers.rooms.shapes import SHAPES, label_size, parts
from workers.rooms.solids import Part, Ring, outline


def lowest(part: Part) -> float:
    if part.sheet:
        return min(z for _, z in part.sheet) + part.at[2]
    if part.path:
        return min(z for _, _, z in part.path) - part.radius
    return min(ring.z for ring in part.rings) + part.at[2]


@pytest.mark.parametrize("shape", SHAPES)
def test_shape_has_one_label_and_rests_on_the_ground(shape: str) -> None:
    made = parts(shape)
    assert sum(part.material == "label" for part in made) == 1
    upright = [part for part in made if part.turn == (0.0, 0.0, 0.0)]
    assert -0.15 <= min(lowest(part) for part in upright) <= 0.06


@pytest.mark.parametrize("shape", SHAPES)
def test_every_part_is_made_in_exactly_one_way(shape: str) -> None:
    for part in parts(shape):
        assert sum(map(bool, (part.rings, part.path, part.sheet))) == 1
        if part.sheet:
            assert part.thick > 0
            assert part.radius * 2 <= part.thick + 1e-9


@pytest.mark.parametrize("shape", SHAPES)
def test_taller_shape_has_a_taller_label_of_the_same_width(shape: str) -> None:
    around, height, front = label_size(shape)
    assert 0.2 < front <= 1
    tall_around, tall_height, _ = label_size(shape, 1.5)
    assert tall_around == pytest.approx(around)
    # Necks and bulges do not grow as much as what stands upright.
    assert 1.1 * height < tall_height <= 1.5 * height + 1e-9


@given(
    x=st.floats(0.05, 1), y=st.floats(0.05, 1), power=st.floats(2, 40), segments=st.integers(8, 200)
)
def test_outline_runs_anticlockwise_from_the_back_over_the_left_to_the_front(
    x: float, y: float, power: float, segments: int
) -> None:
    points = outline(Ring(0, x, y, power), segments)
    assert len(points) == segments
    assert points[0] == pytest.approx((0, y), abs=1e-6)
    quarter, middle = points[segments // 4], points[segments // 2]
    assert quarter[0] < 0, "a quarter round is the viewer's left, so letters are not mirrored"
    assert middle[1] < 0, "half way round is the front"


def test_points_of_an_outline_lie_evenly_so_that_letters_keep_their_width() -> None:
    points = outline(Ring(0, 0.5, 0.19, 30.0))
    steps = [math.dist(a, b) for a, b in itertools.pairwise(points)]
    assert max(steps) < 1.2 * min(steps)


def test_unknown_shape_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(InputError, match="no shape is called 'cloud'; there are can, carton"):
        parts("cloud")
