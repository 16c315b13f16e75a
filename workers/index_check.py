"""Whether an index can be trusted: count, width, fingerprint, and products that find themselves.

Said, too: which vector index it has, and whether another suits so many products better.
"""

from dataclasses import dataclass

import numpy as np

from models import sounds
from workers.index import ProductIndex
from workers.index_kinds import index_for
from workers.index_schema import Build

SAMPLE = 32
"""Products that are asked for by their own vector."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str


def verify(index: ProductIndex, build: Build, expected: str | None = None) -> list[Check]:
    """Return what was checked, in order.

    Args:
        index: where the build lies.
        build: what is said of it.
        expected: fingerprint of the encoder that will ask; none: whichever it was built with.
    """
    fingerprint = build.fingerprint
    count = index.count(fingerprint)
    checks = [
        Check("count", count > 0, f"{count} products, {build.count} after the last build"),
        Check(
            "build",
            bool(build.build_id),
            build.build_id or "never finished; run `liveshelf index build` again",
        ),
        Check(
            "fingerprint",
            expected in (None, fingerprint),
            f"{fingerprint[:16]}, asked by {(expected or fingerprint)[:16]}",
        ),
    ]
    # Without them names are still compared, so that an index of an old Milvus can be trusted.
    checks.append(
        Check(
            "sounds",
            build.sounds in ("", sounds.version()),
            f"weights {build.sounds}, now {sounds.version()}"
            if build.sounds
            else "none: this Milvus takes no sparse vectors",
        )
    )
    checks.append(_vectors(index, build, count))
    rows = index.some(fingerprint, SAMPLE, ["vector"])
    vectors = np.asarray([row["vector"] for row in rows], dtype=np.float32)
    wrong = [row["product_id"] for row in rows if len(row["vector"]) != build.layout.dim]
    checks.append(Check("width", not wrong, f"{build.layout.dim} numbers; wrong: {wrong[:3]}"))
    if wrong or not rows:
        return checks
    ids = [row["product_id"] for row in rows]
    twice = index.stored(fingerprint, ids) - len(set(ids))
    checks.append(Check("once", not twice, f"{twice} of {len(ids)} products are there twice"))
    lost = []
    for row, hits in zip(rows, index.search(fingerprint, vectors, SAMPLE), strict=True):
        # Products with equal pages share a vector, so a product need not be first, only level.
        found = [hit for hit in hits if hit.product_id == row["product_id"]]
        if not hits or hits[0].cosine < 0.999 or (not found and hits[-1].cosine < 0.999):
            lost.append(row["product_id"])
    detail = f"{len(rows) - len(lost)} of {len(rows)} products found by their own vector"
    checks.append(Check("search", not lost, detail + (f"; lost: {lost[:3]}" if lost else "")))
    return checks


def _vectors(index: ProductIndex, build: Build, count: int) -> Check:
    detail = f"{build.vectors.kind}, effort {build.vectors.effort}"
    better = index_for(count, build.layout.dim, index.offers())
    if better.kind != build.vectors.kind:
        # No fault: it may have been chosen by hand, or for what is right rather than quick.
        detail += f"; {better.kind} suits {count} products: `liveshelf index tune`"
    return Check("vectors", ok=True, detail=detail)
