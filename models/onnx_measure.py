"""How near an exported encoder is to the one that it was made of, and how long each takes.

In: two encoders and samples. Out: plain figures, as JSON has them.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from models.apart import masked
from models.batch import Sample
from models.fusion import Floats
from models.preprocess import to_batch

if TYPE_CHECKING:
    from models.encoder import Encoder

Clock = Callable[[], float]
"""Seconds of a clock that only goes forward."""
PARTS = ("image", "text", "fused")
_TIMES = 20
_WORDS = ("this one here is the oat drink with vanilla, one litre,", "dark roast", "and now,")


def made_samples(count: int, side_px: int, seed: int = 0) -> list[Sample]:
    """Return samples for when nobody gave any: patches of colour, texts short and long.

    Args:
        count: samples, each with a picture and a text.
        side_px: of the square pictures.
        seed: of the pictures.
    """
    draw = np.random.default_rng(seed)
    found = []
    for at in range(count):
        coarse = draw.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        fine = np.kron(coarse, np.ones((side_px // 8 + 1, side_px // 8 + 1, 1), dtype=np.uint8))
        text = " ".join([_WORDS[at % len(_WORDS)]] * (1 + at * at // 4))
        found.append(Sample("page", (fine,), text))
    return found


def cosines(one: "Encoder", other: "Encoder", samples: Sequence[Sample]) -> dict[str, Floats]:
    """Return (N,) cosines between what two encoders say of samples, by part; N without the absent.

    `fused` is what fusing gives of the samples whole, and once more without their text and without
    their picture.
    """
    first, second = (encoder.parts(samples) for encoder in (one, other))
    fused = [
        _paired(
            one.fuse(masked(first, image=image, text=text))[0],
            other.fuse(masked(second, image=image, text=text))[0],
        )
        for image, text in ((True, True), (True, False), (False, True))
    ]
    return {
        "image": _paired(first.image[first.has_image], second.image[first.has_image]),
        "text": _paired(first.text[first.has_text], second.text[first.has_text]),
        "fused": np.concatenate(fused),
    }


def _paired(one: Floats, other: Floats) -> Floats:
    some = np.linalg.norm(one, axis=1) > 0
    left, right = one[some], other[some]
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    return np.asarray((left * right).sum(axis=1) / np.maximum(lengths, 1e-12), dtype=np.float32)


def spread(found: dict[str, Floats]) -> dict[str, dict[str, float]]:
    """Return the least, 5th percentile, median and mean of cosines, by part."""
    return {
        name: {
            "count": len(values),
            "min": float(values.min()),
            "p05": float(np.quantile(values, 0.05)),
            "median": float(np.median(values)),
            "mean": float(values.mean()),
        }
        for name, values in found.items()
        if len(values)
    }


def latency_ms(encoder: "Encoder", samples: Sequence[Sample], clock: Clock) -> dict[str, float]:
    """Return the median milliseconds that a tower takes for one input, by tower, tensors at hand.

    Args:
        encoder: on the CPU.
        samples: with pictures and texts; the middle one by length is read.
        clock: seconds.
    """
    ordered = sorted(samples, key=lambda item: len(item.text or ""))
    one = to_batch([ordered[len(ordered) // 2]], encoder.branches.tokenizer, encoder.config)
    runs: dict[str, Callable[[], Any]] = {}
    if len(one.pixels):
        runs["image"] = lambda: encoder.branches.image(one.pixels[:1])
    if len(one.tokens):
        runs["text"] = lambda: encoder.branches.text(one.tokens, one.attention)
    return {name: _median_ms(run, clock) for name, run in runs.items()}


def _median_ms(run: Callable[[], Any], clock: Clock) -> float:
    taken: list[float] = []
    with torch.inference_mode():
        run()
        for _ in range(_TIMES):
            began = clock()
            run()
            taken.append((clock() - began) * 1e3)
    values: npt.NDArray[np.float64] = np.array(taken)
    return float(np.median(values))
