"""Thresholds of an encoder from the scores of validation clips, one for each scope.

In: scored clips with and without a product. Out: calibrations, as a checkpoint keeps them, with
figures of products held out. A clip counts twice where it can: by both parts, and by its picture
alone, as live clips come with words and without.
"""

from dataclasses import asdict, replace
from typing import Any

import numpy as np

from models import sounds
from models.calibrate import SCOPES, Calibration, Scope, fit_threshold, index_version
from models.encoder import Encoder
from models.errors import InputError
from models.exam import Clips, Mode, Pages
from models.scope_calibration import ScopeClips, calibrate_scope

_PRECISIONS = (0.95, 0.9, 0.8, 0.5)
_MODES: tuple[Mode, ...] = ("both", "picture")


def scoped(
    clips: Clips, pages: Pages, scope: Scope, cart: int, seed: int, *, taken_out: bool = False
) -> ScopeClips:
    """Return the best candidate of every clip, by both parts and by picture alone.

    Clips of one product are never on both sides of a fit: they take the place of a room.

    Args:
        clips: of products and of none.
        pages: the catalogue.
        scope: `cart` draws a cart for every clip, with its product if it has one; `shop` is one
            of its product's shop, or any; `catalogue` is all.
        cart: products of a cart.
        seed: of the carts.
        taken_out: whether a clip with a product counts again as if the scope did not hold it.
    """
    draw = np.random.default_rng(seed)
    shops = sorted({str(shop) for shop in pages.shops})
    products = np.unique(pages.numbers)
    rows: list[tuple[float, bool, bool, str]] = []
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
        held = within & (pages.numbers == number)
        sides = [within, *([within & ~held] if taken_out and held.any() else [])]
        for mode in _MODES:
            for side in [one for one in sides if one.any()] if clips.usable[mode][row] else ():
                values = np.where(side, clips.scores[mode][row], -np.inf)
                best = int(values.argmax())
                shown = bool((side & held).any())
                name = f"product {number}" if number >= 0 else f"none {row}"
                rows.append((float(values[best]), shown and bool(held[best]), shown, name))
    scores, right, shown_in, names = zip(*rows, strict=True) if rows else ((), (), (), ())
    return ScopeClips(
        np.array(scores), np.array(right, dtype=bool), np.array(shown_in, dtype=bool), tuple(names)
    )


def calibrate_scopes(
    clips: Clips, pages: Pages, encoder: Encoder, version: str, cart: int = 20
) -> tuple[tuple[Calibration, ...], dict[Scope, dict[str, Any]]]:
    """Return a threshold and a curve for each scope, and what each does on these clips.

    The precision wanted is .95; where no threshold reaches it, the next lower of .9, .8, .5. There
    is no curve where all clips are of one kind.
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
            try:
                judged = calibrate_scope(found, wanted)
            except InputError:
                judged = None
            threshold = float(np.clip(fitted.threshold, -1.0, 1.0))
            curve = judged.curve if judged is not None else None
            # Nobody named a lower one, and nobody should step down by it.
            named = wanted if wanted == _PRECISIONS[0] else None
            one = Calibration(scope, threshold, version, encoder.fingerprint, index)
            made.append(replace(one, precision=named, curve=curve))
            told[scope] = {
                "wanted": wanted,
                **asdict(fitted),
                "probabilities": judged.as_json() if judged is not None else None,
            }
            break
    return tuple(made), told
