"""How pictures grow over a run."""

from dataclasses import replace

import pytest

from models.errors import InputError
from models.growth import side_at
from models.train_options import TrainOptions

GROWING = TrainOptions(first_px=96, train_px=168, grow_until=0.5)


def test_pictures_grow_to_their_full_side_and_stay_there() -> None:
    sides = [side_at(step, 100, GROWING) for step in range(100)]
    assert sides[0] == 96
    assert sides == sorted(sides)
    assert set(sides) == {96, 112, 128, 144, 160, 168}
    assert sides.index(168) == 50


def test_pictures_that_do_not_grow_have_their_full_side_at_once() -> None:
    assert side_at(0, 100, replace(GROWING, first_px=0)) == 168
    assert side_at(0, 100, replace(GROWING, grow_until=0.0, first_px=168)) == 168


def test_sides_that_cannot_grow_are_refused() -> None:
    with pytest.raises(InputError, match="first_px is 200, want 0 or from 32 to train_px 168"):
        replace(GROWING, first_px=200)
    with pytest.raises(InputError, match="needs a run of epochs, not of minutes"):
        replace(GROWING, minutes=5.0)
    with pytest.raises(InputError, match=r"grow_until is 1\.5"):
        replace(GROWING, grow_until=1.5)
    with pytest.raises(InputError, match="ema is 1, but must be from 0 to below 1"):
        replace(GROWING, ema=1)
