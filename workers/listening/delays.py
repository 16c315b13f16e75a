"""How long words wait: percentiles of delays in seconds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.errors import InputError


@dataclass(frozen=True)
class Delays:
    """In seconds: half of the words wait no longer than `p50_s`, and so on."""

    p50_s: float
    p90_s: float
    p99_s: float


def delays_of(waits_ms: Sequence[float]) -> Delays:
    """Return the percentiles of waits in milliseconds: the least wait that so many do not exceed.

    Raises:
        InputError: nothing waited.
    """
    if not waits_ms:
        message = "no word was heard, so that none has a delay"
        raise InputError(message)
    p50, p90, p99 = np.quantile(waits_ms, [0.5, 0.9, 0.99], method="inverted_cdf") / 1_000
    return Delays(float(p50), float(p90), float(p99))
