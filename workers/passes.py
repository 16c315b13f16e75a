"""When an utterance that grows is heard, and which of its words are certain by their age. Pure."""

from workers.audio_grid import SLOT_MS

_SETTLED_HOPS = 3.5
"""Words with so much sound behind them do not wait for passes to agree: at a hop of 1 s one word in
a hundred waits longer than 4.7 s, else 7.4; no more are wrong."""


def is_due(known_ms: int, heard_ms: int, hop_ms: int, max_ms: int) -> bool:
    """Return whether what is known is to be heard.

    Args:
        known_ms: How much of the utterance there is.
        heard_ms: How much of it was heard last; 0: none.
        hop_ms: From one pass to the next; 0: only whole utterances are heard.
        max_ms: It is cut when it is this long.
    """
    # The slot that forces a cut is next: what is heard now would be heard again at once, and a
    # good spot for the cut needs some room.
    return known_ms - heard_ms >= hop_ms > 0 and known_ms + SLOT_MS <= max_ms


def settled_until_ms(end_ms: int, hop_ms: int) -> int:
    """Return the media time up to which a pass over the sound up to `end_ms` is certain."""
    return end_ms - int(_SETTLED_HOPS * hop_ms)
