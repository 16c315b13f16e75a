"""The terms of the objective: which rows each looks at."""

from dataclasses import replace

import pytest
import torch

from models.batch import Sample
from models.dataset import Drawn
from models.losses.cosface import cosface
from models.objective import (
    Labels,
    LossOptions,
    labels_of,
    objective,
)
from models.trained import Spoken

PAGE, CLIP = Sample("page", (), "title"), Sample("live", (), "heard")
DRAWN = [
    Drawn(PAGE, "tea", "tea", "tea"),
    Drawn(PAGE, "mug", "mug", "mug"),
    Drawn(CLIP, "tea", None, "mug"),
    Drawn(CLIP, None, None, None),
    Drawn(CLIP, "book", "book", "book"),
]
TRAINED = ["ale", "mug", "tea"]
OPTIONS = LossOptions(centre=1.0)


def labels(share: float = 1.0, seed: int = 0) -> Labels:
    return labels_of(DRAWN, TRAINED, share, seed)


def said(pictures: list[bool] | None = None) -> Spoken:
    draw = torch.Generator().manual_seed(1)
    image, text, fused = (
        torch.nn.functional.normalize(torch.randn((5, 4), generator=draw), dim=1) for _ in range(3)
    )
    here = torch.tensor(pictures or [True] * 5)
    return Spoken(image, text, fused, torch.stack([here, torch.ones(5, dtype=torch.bool)], dim=1))


def centres() -> torch.Tensor:
    return torch.randn((3, 4), generator=torch.Generator().manual_seed(2))


def test_trained_products_keep_their_numbers_and_others_follow() -> None:
    found = labels()
    assert found.whole.tolist() == [2, 1, 2, -1, 3]
    assert found.picture.tolist() == [2, 1, -1, -1, 3]
    assert found.text.tolist() == [2, 1, 1, -1, 3]
    assert found.domain.tolist() == [0, 0, 2, 2, 2]


def test_a_step_looks_at_the_centres_of_its_products_and_a_share_of_the_others() -> None:
    assert labels(share=0.0).centres.tolist() == [1, 2]
    assert labels(share=1.0).centres.tolist() == [0, 1, 2]
    drawn = {tuple(labels(share=0.7, seed=seed).centres.tolist()) for seed in range(20)}
    assert drawn == {(1, 2)}


def test_centres_are_for_trained_products_only_by_picture_and_as_a_whole() -> None:
    whole, unit = said(), torch.nn.functional.normalize(centres(), dim=1)
    found = objective(whole, labels(), OPTIONS, centres())["centre"]
    by_whole = cosface(whole.fused, torch.tensor([2, 1, 2, -1, -1]), unit)
    by_picture = cosface(whole.image, torch.tensor([2, 1, -1, -1, -1]), unit)
    assert float(found) == pytest.approx(float(by_whole + by_picture) / 2)


def test_absent_pictures_are_not_held_against_a_centre() -> None:
    some = said([False, True, True, True, True])
    unit = torch.nn.functional.normalize(centres(), dim=1)
    found = objective(some, labels(), OPTIONS, centres())["centre"]
    by_whole = cosface(some.fused, torch.tensor([2, 1, 2, -1, -1]), unit)
    by_picture = cosface(some.image[1:2], torch.tensor([1]), unit)
    assert float(found) == pytest.approx(float(by_whole + by_picture) / 2)


def test_sampled_centres_are_the_ones_that_count() -> None:
    found = objective(said(), labels(share=0.0), OPTIONS, centres())["centre"]
    unit = torch.nn.functional.normalize(centres()[1:], dim=1)
    by_whole = cosface(said().fused, torch.tensor([1, 0, 1, -1, -1]), unit)
    by_picture = cosface(said().image, torch.tensor([1, 0, -1, -1, -1]), unit)
    assert float(found) == pytest.approx(float(by_whole + by_picture) / 2)


def test_the_loss_is_the_weighted_sum_of_its_terms() -> None:
    options = LossOptions(whole=1.0, picture=2.0, text=3.0, mixed=4.0, centre=5.0)
    found = objective(said(), labels(), options, centres())
    wanted = sum(
        weight * float(found[name])
        for name, weight in (
            ("whole", 1.0), ("picture", 2.0), ("text", 3.0), ("mixed", 4.0), ("centre", 5.0)
        )
    )  # fmt: skip
    assert float(found["loss"]) == pytest.approx(wanted, rel=1e-5)


def test_without_centres_there_is_no_such_term() -> None:
    assert "centre" not in objective(said(), labels(), replace(OPTIONS, centre=0.0))
