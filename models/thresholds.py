"""Thresholds of an encoder from the scores of validation clips, one for each scope.

In: scored clips with and without a product. Out: calibrations, as a checkpoint keeps them. A clip
counts twice where it can: by both parts, and by its picture alone, as live clips come with words
and without.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models import sounds
from models.calibrate import SCOPES, Calibration, Scope, fit_threshold, index_version
from models.encoder import Encoder
from models.errors import InputError
from models.exam import Clips, Mode, Pages, Scores

_PRECISIONS = (0.95, 0.9, 0.8, 0.5)
_MODES: tuple[Mode, ...] = ("both", "picture")


@dataclass(frozen=True)
class Scoped:
    """Best candidates of clips within a scope."""

    scores: Scores
    right: npt.NDArray[np.bool_]


def scoped(clips: Clips, pages: Pages, scope: Scope, cart: int, seed: int) -> Scoped:
    """Return the best candidate of every clip, by both parts and by picture alone.

    Args:
        clips: of products and of none.
        pages: the catalogue.
        scope: `cart` draws a cart for every clip, with its product if it has one; `shop` is one
            of its product's shop, or any; `catalogue` is all.
        cart: products of a cart.
        seed: of the carts.
    """
    draw = np.random.default_rng(seed)
    shops = sorted({str(shop) for shop in pages.shops})
    products = np.unique(pages.numbers)
    scores, right = [], []
    for row, number in enumerate(clips.numbers):
        within = np.full(len(pages.numbers), fill_value=True)
        if scope == "cart":
            others = draw.permutation(products[products != number])
            chosen = others[: cart - (number >= 0)]
            within = np.isin(pages.numbers, [*chosen, number])
        elif scope == "shop":
            own = [str(shop) for shop, of in zip(pages.shops, pages.numbers, strict=True)
                   if of == number]  # fmt: skip
            shop = own[0] if own else shops[int(draw.integers(len(shops)))]
            within = np.array([str(one) == shop for one in pages.shops])
        for mode in _MODES:
            if clips.usable[mode][row]:
                values = np.where(within, clips.scores[mode][row], -np.inf)
                best = int(values.argmax())
                scores.append(float(values[best]))
                right.append(bool(pages.numbers[best] == number))
    return Scoped(np.array(scores), np.array(right, dtype=bool))


def calibrate_scopes(
    clips: Clips, pages: Pages, encoder: Encoder, version: str, cart: int = 20
) -> tuple[tuple[Calibration, ...], dict[Scope, dict[str, Any]]]:
    """Return a threshold for each scope, and what each does on these clips.

    The precision wanted is .95; where no threshold reaches it, the next lower of .9, .8, .5.
    """
    made: list[Calibration] = []
    # Clips were scored by vector alone, as an index does whose encoder has no weight of sounds.
    index = index_version(encoder.fingerprint, sounds.version(), {})
    told: dict[Scope, dict[str, Any]] = {}
    for scope in SCOPES:
        found = scoped(clips, pages, scope, cart, seed=0)
        for wanted in _PRECISIONS:
            try:
                fitted = fit_threshold(found.scores, found.right, wanted)
            except InputError:
                continue
            threshold = float(np.clip(fitted.threshold, -1.0, 1.0))
            made.append(
                Calibration(scope, threshold, version, encoder.fingerprint, index, precision=wanted)
            )
            told[scope] = {"wanted": wanted, **asdict(fitted)}
            break
    return tuple(made), told
