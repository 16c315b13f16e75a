"""What a training run is told, in words."""

import pytest

from models.errors import InputError
from models.train_options import TrainOptions, train_options


def test_options_come_from_words_and_nonsense_is_named() -> None:
    found = train_options(["train_px=160", "draw.augment.cover=0", "batch_norm=frozen"])
    assert (found.train_px, found.draw.augment.cover, found.batch_norm) == (160, 0.0, "frozen")
    losses = [
        "loss.video.whole=1",
        "loss.prefixes.half=0.5",
        "loss.decoder.heads=2",
        "loss.whole=2",
    ]
    found = train_options([*losses, "sampler.mined=0.2", "sampler.negatives=near.jsonl"])
    assert (found.loss.video.whole, found.loss.whole, found.loss.prefixes.half) == (1.0, 2.0, 0.5)
    assert (found.sampler.negatives, found.loss.decoder.heads) == ("near.jsonl", 2)
    assert train_options(["checkpoint_gradients=true"]).checkpoint_gradients
    assert not train_options(["checkpoint_gradients=false"]).checkpoint_gradients
    assert train_options([]) == TrainOptions()
    for words in (
        "sise=3",
        "train_px=x",
        "draw.title=0.9",
        "batch_norm=no",
        "draw=1",
        "train_px",
        "checkpoint_gradients=1",
    ):
        with pytest.raises(InputError, match=r"option|sum"):
            train_options([words])


def test_steps_of_no_batch_and_negative_patience_are_refused() -> None:
    for words in ("accumulate=0", "patience=-1"):
        with pytest.raises(InputError, match="wants 1 or more, patience"):
            train_options([words])


@pytest.mark.parametrize("words", [["draw.title=0.8", "draw.heard=0.3"], ["draw.wrong=-0.1"]])
def test_shares_of_words_that_do_not_fit_together_are_refused(words: list[str]) -> None:
    with pytest.raises(InputError, match=r"sum to at most 1, but are 0"):
        train_options(words)


def test_values_that_belong_together_may_be_given_in_any_order() -> None:
    sides = train_options(["first_px=192", "train_px=256"])
    assert (sides.first_px, sides.train_px) == (192, 256)
    words = ["draw.title=0.5", "draw.heard=0.5", "draw.chatter=0", "draw.wrong=0"]
    given = train_options(words).draw
    assert (given.title, given.heard, given.chatter, given.wrong) == (0.5, 0.5, 0.0, 0.0)
