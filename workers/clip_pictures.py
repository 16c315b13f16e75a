"""Frame slots → the pictures of a clip. Pure."""

from collections.abc import Mapping

from workers.clip import evenly
from workers.events import Frame, FrameRef


def pictures_of(
    frames: Mapping[int, Frame], span_ms: tuple[int, int], most: int, carry_ms: int
) -> tuple[tuple[FrameRef, bytes], ...]:
    """Choose evenly among the slots, each standing for the picture that was valid in it.

    Args:
        frames: by slot.
        span_ms: start and end of the clip.
        most: pictures.
        carry_ms: for how long a kept picture stands for `duplicate` slots.
    """
    start_ms, stop_ms = span_ms
    shown: list[Frame] = []
    kept: Frame | None = None
    for slot in sorted(frames):
        frame = frames[slot]
        if frame.start_ms >= stop_ms:
            break
        if frame.payload:
            kept = frame
        carried = kept is not None and frame.start_ms - kept.at_ms <= carry_ms
        stands = frame.end_ms > start_ms and frame.choice in ("kept", "duplicate")
        if kept is not None and carried and stands:
            shown.append(kept)
    # A picture that stood for several slots comes as often: it weighs as long as it was seen.
    chosen = evenly(shown, most)
    return tuple((FrameRef(slot=f.slot, at_ms=f.at_ms), f.payload) for f in chosen)
