"""The gallery that is a room's own: its cart, its shop, or the whole catalogue. Pure."""

from collections.abc import Sequence

from workers.events import Scope, ScopeStep


def narrowest(steps: Sequence[ScopeStep], otherwise: Scope) -> Scope:
    """Return the first gallery that holds anything: a room's cart, if its products are indexed.

    Args:
        steps: What came of each gallery, the narrowest first.
        otherwise: Where all are empty.
    """
    return next((one.scope for one in steps if one.outcome != "empty"), otherwise)
