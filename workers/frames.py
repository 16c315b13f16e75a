"""Pictures with times → one choice per frame slot: the sharpest new picture, or why there is none.

Pure numpy over small grey copies; what the pictures themselves are is the caller's business. A
picture is new when enough of it differs from the last kept one; one is kept every few seconds even
if nothing changed, so that a late joiner and a crashed reader soon see the room again.
"""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

GREY_SHAPE = (90, 160)
"""Height and width of the grey copy that `offer` takes; aspect does not matter."""
_CELL = 5
_CHANGED_LEVELS = 16
"""Grey levels by which a cell must differ to count: above codec noise, below any object."""
_CHANGED_SHARE = 0.015
"""Share of cells that must differ: 9 of 576, the size of a can held far from the camera."""
_CHANGED_MEAN = 4.0
_BLUR_RATIO = 0.25
"""Against the sharpness of the last kept picture: what motion blur leaves of it, or less."""
_FLAT = 1.0
"""Sharpness below which a picture shows nothing: black, white or one colour."""

Grey = NDArray[np.uint8]
Picture = TypeVar("Picture")
Choice = Literal["kept", "duplicate", "blurred", "none"]


@dataclass(frozen=True)
class FrameSlot(Generic[Picture]):
    """What was chosen for one slot."""

    slot: int
    start_ms: int
    end_ms: int
    at_ms: int
    choice: Choice
    seen: int
    picture: Picture | None
    last: bool = False


@dataclass(frozen=True)
class _Candidate(Generic[Picture]):
    at_ms: float
    sharpness: float
    cells: NDArray[np.float32]
    picture: Picture


class FrameChooser(Generic[Picture]):
    """Chooses for one track, slot by slot."""

    def __init__(self, slot_ms: int, refresh_ms: int, candidates: int) -> None:
        self._slot_ms = slot_ms
        self._refresh_ms = refresh_ms
        self._pace_ms = slot_ms / candidates
        self._slot = 0
        self._seen = 0
        self._best: _Candidate[Picture] | None = None
        self._kept: _Candidate[Picture] | None = None
        self._next_look_ms = 0.0
        self.counts = {"seen": 0, "kept": 0, "duplicate": 0, "blurred": 0, "late": 0, "none": 0}

    def wants(self, at_ms: float) -> bool:
        """Count a picture and say whether it is worth an `offer`: a few per slot are enough."""
        self.counts["seen"] += 1
        if at_ms < self._slot * self._slot_ms:
            self.counts["late"] += 1
            return False
        self._seen += 1
        return at_ms >= self._next_look_ms

    def offer(self, at_ms: float, grey: Grey, picture: Picture) -> None:
        """Take a picture of the present slot as candidate, with its grey copy of `GREY_SHAPE`."""
        self._next_look_ms = at_ms + self._pace_ms
        found = sharpness(grey)
        if self._best is None or found > self._best.sharpness:
            self._best = _Candidate(at_ms, found, cell_means(grey), picture)

    def advance(self, to_ms: float) -> list[FrameSlot[Picture]]:
        """Return the choices of all slots that end at or before a media time."""
        slots = []
        while (self._slot + 1) * self._slot_ms <= to_ms:
            slots.append(self._close((self._slot + 1) * self._slot_ms, last=False))
        return slots

    def flush(self, end_ms: float) -> list[FrameSlot[Picture]]:
        """End the track at a media time; return the rest, at least one, `last` set on the final."""
        start_ms = self._slot * self._slot_ms
        end = max(start_ms, int(end_ms))
        # A slot that ends just at the end is the last one, not followed by an empty one.
        slots = self.advance(end - 1)
        return [*slots, self._close(end, last=True)]

    def _close(self, end_ms: int, *, last: bool) -> FrameSlot[Picture]:
        best, choice = self._best, self._choose()
        start_ms = self._slot * self._slot_ms
        is_kept = choice == "kept" and best is not None
        if is_kept:
            self._kept = best
        self.counts[choice] += 1
        slot = FrameSlot(
            slot=self._slot,
            start_ms=start_ms,
            end_ms=end_ms,
            at_ms=start_ms if best is None else int(best.at_ms),
            choice=choice,
            seen=self._seen,
            picture=best.picture if best is not None and is_kept else None,
            last=last,
        )
        self._slot += 1
        self._seen = 0
        self._best = None
        self._next_look_ms = 0.0
        return slot

    def _choose(self) -> Choice:
        best, kept = self._best, self._kept
        if best is None:
            return "none"
        if kept is None:
            return "kept" if best.sharpness >= _FLAT else "blurred"
        if best.at_ms - kept.at_ms >= self._refresh_ms - self._slot_ms:
            return "kept"
        if is_duplicate(best.cells, kept.cells):
            return "duplicate"
        if best.sharpness < max(_FLAT, _BLUR_RATIO * kept.sharpness):
            return "blurred"
        return "kept"


def sharpness(grey: Grey) -> float:
    """Return the variance of the Laplacian of a grey picture (Pech-Pacheco et al., 2000)."""
    levels = grey.astype(np.float32)
    inner = levels[1:-1, 1:-1]
    around = levels[:-2, 1:-1] + levels[2:, 1:-1] + levels[1:-1, :-2] + levels[1:-1, 2:]
    return float(np.var(around - 4 * inner))


def cell_means(grey: Grey) -> NDArray[np.float32]:
    """Return the means of 5 × 5 pixels of a grey picture of `GREY_SHAPE`: (18, 32)."""
    height, width = GREY_SHAPE
    blocks = grey.reshape(height // _CELL, _CELL, width // _CELL, _CELL)
    means: NDArray[np.float32] = blocks.mean(axis=(1, 3), dtype=np.float32)
    return means


def is_duplicate(cells: NDArray[np.float32], kept: NDArray[np.float32]) -> bool:
    """Whether two pictures' cell means show the same scene."""
    difference = np.abs(cells - kept)
    share = float(np.mean(difference > _CHANGED_LEVELS))
    return share < _CHANGED_SHARE and float(difference.mean()) < _CHANGED_MEAN
