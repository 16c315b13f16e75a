"""A room's hotwords as tokens of a prompt, of one of a few lengths.

CTranslate2 takes prompts of one length in a call. Each is therefore filled up to the next of some
lengths, from the left and with the room's own names again; what is filled in depends on the names
alone, so rooms of different carts share a call and none hears what another one sells. The lengths
lie close together: names said twice pull Whisper towards titles. Of a room with a cart of 20, 80
tokens more made "Greenfly" to "Green, Flay" and "the Cactus one is" to "the Cactus won a". Spaces,
commas or other text instead cost up to 7 points of the slots of 150 recorded orders.
"""

from collections.abc import Callable, Sequence

LENGTHS = tuple(range(7, 223, 8))
"""Tokens of hotwords in a prompt; the longest is what the model takes."""


def names_of(hotwords: str) -> list[str]:
    """Return names that stand between commas, each once, in order."""
    names: dict[str, str] = {}
    for part in hotwords.split(","):
        name = " ".join(part.split())
        names.setdefault(name.casefold(), name)
    return [name for name in names.values() if name]


def hotword_tokens(
    names: Sequence[str],
    encode: Callable[[str], list[int]],
    limit: int,
    lengths: Sequence[int] = LENGTHS,
) -> list[int]:
    """Return as many whole names as the limit holds, the first ones first, filled up to a length.

    Args:
        names: Most important first.
        encode: Text → tokens.
        limit: Most tokens.
        lengths: Which may be returned beside the limit, ascending; none: the names as they are.

    Returns:
        Tokens; none where there is no name or not even one fits.
    """
    kept: list[str] = []
    tokens: list[int] = []
    for name in names:
        longer = encode(" " + ", ".join([*kept, name]))
        if len(longer) > limit:
            break
        kept, tokens = [*kept, name], longer
    if not tokens or not lengths:
        return tokens
    length = min([one for one in lengths if len(tokens) <= one <= limit], default=limit)
    return _filler(kept, encode, length - len(tokens)) + tokens


def _filler(names: Sequence[str], encode: Callable[[str], list[int]], length: int) -> list[int]:
    """Return exactly as many tokens: spaces, then the names' last ones over and over."""
    again = [encode(f" {name},") for name in names]
    filler: list[int] = []
    while len(filler) + len(again[-1]) <= length:
        filler = again[-1] + filler
        again = [again[-1], *again[:-1]]
    space = encode(" ")[:1]
    return space * (length - len(filler)) + filler
