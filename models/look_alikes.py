"""Orders that put look-alikes beside each other, so that a step of a few rows holds them together.

In: the product of each unit of rows, in a drawn order. Out: the places of the units in another
order, each once. Which look-alikes meet changes with the drawn order, from epoch to epoch.
"""

from collections import Counter, deque
from collections.abc import Hashable, Sequence

from models.neighbours import Neighbours


def in_neighbourhoods(products: Sequence[str], near: Neighbours, most: int) -> list[int]:
    """Put a unit of each neighbour behind a product's own, nearest first.

    Args:
        products: of each unit.
        near: which are neighbours.
        most: how many of them.
    """
    left: dict[str, deque[int]] = {}
    for at, name in enumerate(products):
        left.setdefault(name, deque()).append(at)
    order: list[int] = []
    for name in products:
        if left[name]:
            together = (name, *near.get(name, ())[:most])
            order += [left[one].popleft() for one in together if left.get(one)]
    return order


def in_groups(products: Sequence[str], groups: Sequence[Hashable]) -> list[int]:
    """Put units of one group together, each product once before any comes again.

    Args:
        products: of each unit.
        groups: of the same; they come in the order in which they are first met.
    """
    first = {group: at for at, group in reversed(list(enumerate(groups)))}
    seen: Counter[str] = Counter()
    keys: list[tuple[int, int, int]] = []
    for at, (name, group) in enumerate(zip(products, groups, strict=True)):
        keys.append((seen[name], first[group], at))
        seen[name] += 1
    return [at for _, _, at in sorted(keys)]
