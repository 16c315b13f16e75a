"""What `liveshelf index bench` tries on a catalogue: indexes, efforts, consistency, shops, writes.

In: what a Milvus offers and the size of the catalogue. Out: for every kind of index its tries, in
the order in which they cost least.
"""

from workers.index_bench import Try
from workers.index_kinds import Kind, Offers, VectorIndex, index_for
from workers.milvus import Consistency

_CANDIDATES = (64, 128, 256)
"""Of a graph (`ef`)."""
_SHARES = (64, 16, 4)
"""One of so many cells is looked into (`nprobe`)."""


def efforts(vectors: VectorIndex) -> list[int]:
    """Return the efforts that draw the curve of an index, its own among them."""
    if vectors.kind == "FLAT":
        return [0]
    if vectors.kind == "HNSW":
        return sorted({*_CANDIDATES, vectors.effort})
    cells = vectors.build["nlist"]
    return sorted({*(max(1, cells // share) for share in _SHARES), vectors.effort})


def tries(vectors: VectorIndex, count: int, dim: int, offers: Offers) -> list[Try]:
    """Return all that is tried with one index.

    Args:
        vectors: with the effort that is chosen for this size.
        count: products.
        dim: D of their vectors.
        offers: of the Milvus.
    """
    # A strongly consistent search waits for the server's clock; the curve is of the search alone.
    at_once: Consistency = "Strong" if offers.is_lite else "Bounded"
    found = [Try(vectors.with_effort(effort), at_once) for effort in efforts(vectors)]
    found.append(Try(vectors, at_once, in_shop=True))
    if index_for(count, dim, offers).kind == vectors.kind:
        # What waiting and writing cost is asked of the index that is chosen.
        found += [Try(vectors)] if at_once != "Strong" else []
        found.append(Try(vectors, at_once, writes=True))
    return found


def kinds(wanted: tuple[Kind, ...], offers: Offers) -> list[Kind]:
    """Return the kinds that are tried: those that are wanted, or all, where they are offered."""
    return [kind for kind in offers.kinds if not wanted or kind in wanted]
