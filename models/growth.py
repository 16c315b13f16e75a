"""The side of a step's pictures: small at first, where most is learnt cheaply, then in full.

Progressive learning as in EfficientNetV2 (Tan and Le, arXiv 2104.00298, section 4.2). In: options
and a step's number. Out: pixels. It must not depend on anything else: a stopped run goes on alike.
"""

from models.train_options import TrainOptions

_GRAIN_PX = 16
"""Sides are multiples of it on the way; each side costs a network's planning once."""


def side_at(step: int, total_steps: int, options: TrainOptions) -> int:
    """Return the side of a step's pictures, in pixels."""
    first, last = options.first_px, options.train_px
    grown = step / max(1.0, options.grow_until * total_steps)
    if not first or grown >= 1.0:
        return last
    grain = (last - first) * grown // _GRAIN_PX
    return first + int(grain) * _GRAIN_PX
