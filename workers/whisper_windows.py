"""Which utterances go into one call of Whisper: those of equal window and equal prompt length.

The encoder's cost follows the window, so a window is the shortest step that holds its sound; steps
rather than lengths, so that rooms share one. Both depend on the utterance alone, never on
what it is batched with: the same sound is heard alike in any company.
"""

from collections.abc import Hashable, Sequence

from models.errors import BadEventError

FRAMES_PER_S = 100
CPU_WINDOWS_S = (8, 12, 15, 20, 30)
"""Measured: below 8 s words get worse, above it a shorter window is only cheaper; with one of 10 s
as well, batches are smaller, and scripts take a tenth longer."""
GPU_WINDOWS_S = (10, 20, 30)
"""A GPU gains more from fuller batches than from shorter windows."""


def window_of(frames: int, steps_s: Sequence[int]) -> int:
    """Return the window in frames of 10 ms, the shortest of the steps that holds the sound.

    Args:
        frames: Of the sound.
        steps_s: Windows in seconds, ascending.

    Raises:
        BadEventError: No step holds it.
    """
    for step_s in steps_s:
        if frames <= step_s * FRAMES_PER_S:
            return step_s * FRAMES_PER_S
    message = f"utterance of {frames / FRAMES_PER_S:.1f} s is over the limit of {steps_s[-1]} s"
    raise BadEventError(message)


def batches(keys: Sequence[Hashable], size: int, calls: int = 1) -> list[list[int]]:
    """Return the places of equal keys together, in order of arrival.

    Args:
        keys: Of utterances.
        size: Most of them in a batch.
        calls: That run at the same time: no batch holds more than one call's share of all.
    """
    size = min(size, max(1, -(-len(keys) // calls)))
    groups: dict[Hashable, list[int]] = {}
    for index, key in enumerate(keys):
        groups.setdefault(key, []).append(index)
    return [
        group[start : start + size]
        for group in groups.values()
        for start in range(0, len(group), size)
    ]
