"""Which vector index a collection has, by what its Milvus offers and how many products it holds.

Milvus Lite answers exactly, whatever index it was told: its own graphs and cells lose their
parameters on the way, prune nothing that its filters do not, and a graph over 200,000 products
cannot be built (facts.md §5). So it is offered exact search only. A server offers graphs (HNSW,
Malkov and Yashunin, arXiv 1603.09320) and cells, whose vectors may be stored as one byte a number
(SQ8) or as product codes (PQ, Jégou et al., doi 10.1109/TPAMI.2010.57).
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from models.errors import MismatchError

Kind = Literal["FLAT", "HNSW", "IVF_FLAT", "IVF_SQ8", "IVF_PQ"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_PARTITION_KEY_SINCE = (2, 4)
# Up to 2.3.9 an upsert puts rows into partitions of another field, and a filter by shop then finds
# only some of them (milvus#30607, repaired by #30772).
_EXACT_UP_TO = 20_000
_GRAPH_UP_TO = 5_000_000
_CODED_PER_PRODUCT = 10


@dataclass(frozen=True)
class VectorIndex:
    """One index of a collection's vectors."""

    kind: Kind = "FLAT"
    build: Mapping[str, int] = field(default_factory=dict)
    """Parameters that it is built with, as Milvus calls them."""
    effort: int = 0
    """HNSW: candidates that are kept (`ef`); IVF: cells that are looked into (`nprobe`); 0: FLAT,
    which compares every vector."""

    @property
    def is_quantised(self) -> bool:
        """Whether it ranks by less than the stored vectors."""
        return self.kind in ("IVF_SQ8", "IVF_PQ")

    def candidates(self, k: int, *, is_scoped: bool = False) -> int:
        """Return how many products are looked for when k are wanted.

        Product codes rank roughly, and a filter leaves products that are all as far away: of ten
        times as many the stored vectors tell which are nearest (re-ranking, Jégou et al., doi
        10.1109/ICASSP.2011.5946540).
        """
        return k * _CODED_PER_PRODUCT if is_scoped and self.kind == "IVF_PQ" else k

    def search_params(self, k: int, *, is_scoped: bool = False) -> dict[str, int]:
        """Return what a search for k products is told.

        A graph keeps at least k candidates. A filter leaves few products in the cells that are near
        a query, or none, and Milvus looks no further: with one all cells are looked into.
        """
        if self.kind == "FLAT":
            return {}
        if self.kind == "HNSW":
            return {"ef": max(self.effort, k)}
        return {"nprobe": self.build["nlist"] if is_scoped else self.effort}

    def with_effort(self, effort: int) -> "VectorIndex":
        """Return the same index, searched with another effort."""
        return replace(self, effort=effort)

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {"kind": self.kind, "build": dict(self.build), "effort": self.effort}

    @classmethod
    def from_json(cls, known: Mapping[str, Any]) -> "VectorIndex":
        """Return the index that `to_json` wrote.

        Raises:
            ValueError: it is of a kind that is not known here.
        """
        if known["kind"] not in KINDS:
            message = f"unknown kind of vector index {known['kind']!r}"
            raise ValueError(message)
        build = {str(name): int(value) for name, value in known["build"].items()}
        return cls(known["kind"], build, int(known["effort"]))


EXACT = VectorIndex()
"""Compares every vector; right at any size."""


@dataclass(frozen=True)
class Offers:
    """What one Milvus has."""

    version: str
    """As it says it."""
    kinds: tuple[Kind, ...]
    """Of vector indexes that it builds and uses."""
    partition_key: bool
    """Whether products can lie in partitions by shop, so that a search in one shop skips most
    others; without it the shop is a filter over all rows."""

    @property
    def is_lite(self) -> bool:
        """Whether it is Milvus Lite, which is always strongly consistent."""
        return self.version.startswith("milvus_lite")


def offers_of(version: str) -> Offers:
    """Return what the Milvus of this version has.

    Args:
        version: as the server says it: `milvus_lite-3.2.2`, `v2.3.5-lite`, `v2.6.4`.
    """
    if version.startswith("milvus_lite"):
        return Offers(version, ("FLAT",), partition_key=False)
    found = re.match(r"v?(\d+)\.(\d+)", version)
    numbers = (int(found[1]), int(found[2])) if found else (0, 0)
    return Offers(version, KINDS, partition_key=numbers >= _PARTITION_KEY_SINCE)


def index_of(kind: Kind, count: int, dim: int) -> VectorIndex:
    """Return an index of a kind with the parameters for a catalogue.

    Args:
        kind: which.
        count: products.
        dim: D of their vectors.
    """
    if kind == "FLAT":
        return EXACT
    if kind == "HNSW":
        return VectorIndex(kind, {"M": 16, "efConstruction": 200}, effort=128)
    # Cells: four roots of the count (Faiss's rule), at least one product each.
    cells = max(1, min(round(4 * math.sqrt(count)), count // 39 or 1, 65_536))
    build = {"nlist": cells}
    if kind == "IVF_PQ":
        build |= {"m": _codes(dim), "nbits": 8}
    return VectorIndex(kind, build, effort=max(1, cells // 16))


def index_for(count: int, dim: int, offers: Offers) -> VectorIndex:
    """Return the index for a catalogue: exact while that is quick, then a graph, then cells.

    `liveshelf index bench` says what each finds and takes on a machine; where it says otherwise,
    `liveshelf index tune --kind` decides.

    Args:
        count: products.
        dim: D of their vectors.
        offers: of the Milvus that holds them.
    """
    if count <= _EXACT_UP_TO or offers.kinds == ("FLAT",):
        return EXACT
    return index_of("HNSW" if count <= _GRAPH_UP_TO else "IVF_SQ8", count, dim)


def check_offered(index: VectorIndex, offers: Offers) -> None:
    """Refuse an index that would be accepted and not be built.

    Raises:
        MismatchError: this Milvus has none of that kind.
    """
    if index.kind not in offers.kinds:
        has = ", ".join(offers.kinds)
        message = f"this Milvus ({offers.version}) has no vector index {index.kind}, only {has}"
        raise MismatchError(message)


def _codes(dim: int) -> int:
    """Return how many codes a vector gets: one for every 4 numbers, or as near as divides."""
    wanted = max(1, dim // 4)
    return next(codes for codes in range(wanted, 0, -1) if dim % codes == 0)
