"""Believed clips and catalogue pages → rows of a manifest, each with where it is from.

In: clips, their pictures, products. Out: rows for the trainer, split by room so that no room is in
both train and val, each thing once, and a count of what was left out by reason. Nothing is read of
the frozen set but the names of its rooms.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from models.errors import InputError, TransientError
from models.manifest import Row, Split
from workers import images
from workers.events import Product, stable_id
from workers.evidence import Evidence
from workers.feedback import Believed
from workers.images import ImageSource
from workers.index_build import page_text

_PARTS = 1 << 32


@dataclass(frozen=True)
class Known:
    """What other manifests have, and their rooms' splits."""

    pages: frozenset[str] = frozenset()
    """Products that have a page already."""
    rooms: Mapping[str, Split] = field(default_factory=dict)
    """Rooms that are in a split already, and stay there."""
    frozen_rooms: frozenset[str] = frozenset()
    """Rooms that are examined, so that nothing of them is learnt."""


@dataclass
class Collected:
    """Rows, and what became of everything else."""

    rows: list[Row] = field(default_factory=list)
    provenance: list[dict[str, Any]] = field(default_factory=list)
    """Of each row, in order: tag or page, who said what."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Clips that taught nothing, by reason."""
    frames_lost: Counter[str] = field(default_factory=Counter)
    """Frames that could not be had, by reason; their clips may have others, or words."""
    pages_left_out: Counter[str] = field(default_factory=Counter)
    """Pages, and pictures of pages, that could not be used."""


def split_of(stream_id: str, known: Known, val_share: float) -> Split:
    """Return the split of a room: where it was before, or else by its name alone, for ever."""
    if stream_id in known.rooms:
        return known.rooms[stream_id]
    return "val" if int(stable_id("split", stream_id)[:8], 16) < val_share * _PARTS else "train"


def clip_rows(
    clips: Sequence[Believed],
    evidence: Evidence,
    paged: Collection[str],
    known: Known,
    val_share: float,
) -> Collected:
    """Return a row for every clip that can be learnt from.

    Args:
        clips: in the order in which they were decided.
        evidence: has their pictures.
        paged: products that have a page.
        known: of other manifests.
        val_share: of the rooms that were in no split before.
    """
    found = Collected()
    ready: dict[tuple[str, ...], list[tuple[Believed, Row]]] = {}
    for clip in clips:
        split = split_of(clip.stream_id, known, val_share)
        reason = _unusable(clip, split, paged, known)
        if reason is not None:
            found.left_out[reason] += 1
            continue
        names, lost = evidence.pictures(clip)
        found.frames_lost += lost
        row = Row(
            product_id=clip.product_id,
            domain="live",
            frames=tuple(f"frames/{name}" for name in names),
            split=split,
            transcript=clip.transcript.strip() or None,
            summary=clip.summary,
            stream_id=clip.stream_id,
        )
        if not row.frames and row.transcript is None:
            found.left_out["none of its frames could be had, and it has no words"] += 1
            continue
        seen = tuple(sorted(names)) or (clip.stream_id, str(row.transcript))
        ready.setdefault(seen, []).append((clip, row))
    for same in ready.values():
        _keep_one(same, found)
    return found


def _unusable(clip: Believed, split: Split, paged: Collection[str], known: Known) -> str | None:
    if clip.stream_id in known.frozen_rooms:
        return "its room is of the frozen set"
    if split not in ("train", "val"):
        return f"its room is of split {split} of the other manifest"
    if clip.product_id is not None and clip.product_id not in paged:
        return "its product has no page, neither in the catalogue nor in the other manifest"
    return None


def _keep_one(same: Sequence[tuple[Believed, Row]], found: Collected) -> None:
    """Keep one of several clips of the same pictures: what a person said, if anybody did."""
    told = [pair for pair in same if pair[0].source == "correction"] or list(same)
    if len({clip.product_id for clip, _ in told}) > 1:
        found.left_out["the same pictures are said to show different products"] += len(same)
        return
    clip, row = told[-1]
    found.left_out["its pictures are those of another clip"] += len(same) - 1
    found.rows.append(row)
    about = {key: value for key, value in asdict(clip).items() if key not in {"frames", "summary"}}
    found.provenance.append({"kind": "clip", **about})


def page_rows(
    products: Mapping[str, Product], known: Known, folder: Path, source: ImageSource
) -> Collected:
    """Return a row for every product that has no page yet; its pictures are copied.

    Args:
        products: by id.
        known: of other manifests.
        folder: of the manifest that the rows are for.
        source: where pictures may come from.
    """
    found = Collected()
    for product_id in sorted(products.keys() - known.pages):
        product = products[product_id]
        names: list[str] = []
        for name in product.images:
            try:
                names.append(_copied(images.read(name, source), folder, source))
            except (InputError, TransientError) as error:
                found.pages_left_out[f"a picture of {product_id}: {error}"] += 1
        found.rows.append(
            Row(
                product_id=product_id,
                domain="page",
                frames=tuple(names),
                split="train",
                title=page_text(product),
                shop=product.shop,
            )
        )
        found.provenance.append({"kind": "page", "product_id": product_id})
    return found


def _copied(data: bytes, folder: Path, source: ImageSource) -> str:
    images.decode(data, source.limits)
    name = f"pages/{hashlib.sha256(data).hexdigest()}.{images.kind_of(data).lower()}"
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.write_bytes(data)
        fresh.replace(path)
    return name
