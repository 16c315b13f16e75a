"""Training pictures: frames of every natural view, and the list that the encoder is trained from.

In come rendered views, pages and sets; out go JPEG frames, page pictures and `manifest.jsonl` (one
row a picture set, see `models/manifest.py`). The training seed's views are train and val, by view;
the held-out seed's are test, and all of a held-out product's are `test-unseen`. Same seed, same
bytes; frames that exist are kept.
"""

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from models.errors import InputError
from workers.rooms.frame_scenes import Cutout, FrameArtist
from workers.rooms.products import Item, held_out
from workers.rooms.render import HELD_OUT_SEED, TRAINING_SEED, save_page

_REPORT_EVERY = 100


@dataclass(frozen=True)
class FrameOptions:
    """How frames are made of views."""

    frames: int = 5
    """Frames of each natural view; they are one row of the manifest."""
    val_share: float = 0.1
    """Of the training views: `val`."""
    empty_share: float = 0.08
    """Rows without a product, for each row with one."""
    seed: int = 0
    """Draws what the frames look like."""


@dataclass(frozen=True)
class Set:
    """One row that is to be made: frames of one view, or of none."""

    name: str
    """Of its frames, seen from the manifest's folder, without number and ending."""
    split: str
    cutout: Cutout | None = None
    item: Item | None = None


def make_frames(
    items: Sequence[Item], views: Path, out: Path, options: FrameOptions
) -> Iterator[tuple[int, int]]:
    """Make the frames that are missing, then the manifest; yield frames done and in all.

    Args:
        items: the whole catalogue, since it decides what is held out.
        views: folder of the renders.
        out: folder of frames, pages and manifest.
        options: how many, and the seed.

    Raises:
        InputError: there are no views, a page is missing, or the folder holds frames that were
            made with other options.
    """
    out.mkdir(parents=True, exist_ok=True)
    _same_options(out / "options.json", options)
    sets = planned(items, views, options)
    total, done = len(sets) * options.frames, 0
    artists = {
        seed: FrameArtist(sorted(views.glob("stage-*.png")), neighbours, options.seed)
        for seed, neighbours in _neighbours(items, views).items()
    }
    yield done, total
    for one in sets:
        artist = artists[_seed_of(one.split)]
        for index in range(options.frames):
            _make(one, index, out, artist, options.seed)
            done += 1
            if done % _REPORT_EVERY == 0:
                yield done, total
    _write_manifest(items, views, out, sets, options)
    yield total, total


def planned(items: Sequence[Item], views: Path, options: FrameOptions) -> list[Set]:
    """Return the rows that the views on disk give, in the order of catalogue and view.

    Raises:
        InputError: there is no view of any product.
    """
    unseen = held_out(tuple(items))
    sets: list[Set] = []
    for item in items:
        for seed in (TRAINING_SEED, HELD_OUT_SEED):
            for path in _views(views, item, seed):
                split = _split(item, path, seed, unseen, options)
                sets.append(Set(f"{item.product_id}/{path.stem}", split, Cutout(path), item))
    if not sets:
        message = f"{views} has no natural views; run `liveshelf rooms render` first"
        raise InputError(message)
    for split in ("train", "val", "test"):
        count = sum(one.split == split for one in sets)
        empties = range(round(options.empty_share * count))
        sets += [Set(f"empty/{split}-{index:04d}", split) for index in empties]
    return sets


def _views(views: Path, item: Item, seed: int) -> list[Path]:
    folder = views / item.product_id
    return sorted(path for path in folder.glob(f"s{seed}-??-*.png") if "-part" not in path.stem)


def _split(item: Item, view: Path, seed: int, unseen: frozenset[str], options: FrameOptions) -> str:
    if item.product_id in unseen:
        return "test-unseen"
    if seed == HELD_OUT_SEED:
        return "test"
    digest = hashlib.sha256(f"{item.product_id}/{view.stem}".encode()).digest()
    return "val" if int.from_bytes(digest[:4]) / 2**32 < options.val_share else "train"


def _seed_of(split: str) -> int:
    return TRAINING_SEED if split in {"train", "val"} else HELD_OUT_SEED


def _neighbours(items: Sequence[Item], views: Path) -> dict[int, list[Cutout]]:
    """Goods that may stand aside; training frames show nothing that is held out."""
    unseen = held_out(tuple(items))
    known = [item for item in items if item.product_id not in unseen]
    return {
        seed: [Cutout(path) for item in goods for path in _views(views, item, seed)]
        for seed, goods in ((TRAINING_SEED, known), (HELD_OUT_SEED, list(items)))
    }


def _make(one: Set, index: int, out: Path, artist: FrameArtist, seed: int) -> None:
    path = out / _frame(one, index)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draw = random.Random(f"{seed}/{one.name}/{index}")  # noqa: S311 (not for secrets)
    picture = artist.empty(draw) if one.cutout is None else artist.product(one.cutout, draw)
    part = path.with_suffix(".part")
    picture.save(part, "JPEG", quality=draw.randint(55, 92))
    part.rename(path)


def _frame(one: Set, index: int) -> str:
    return f"frames/{one.name}-{index}.jpg"


def _write_manifest(
    items: Sequence[Item], views: Path, out: Path, sets: Sequence[Set], options: FrameOptions
) -> None:
    unseen = held_out(tuple(items))
    shown = {one.item.product_id for one in sets if one.item}
    rows: list[dict[str, object]] = []
    # Goods of which nothing is rendered yet are left out; what is shown must have its page.
    for item in (item for item in items if item.product_id in shown):
        page = f"pages/{item.product_id}.webp"
        if not (out / page).exists():
            save_page(views / item.product_id / "page.png", out / page)
        split = "test-unseen" if item.product_id in unseen else "train"
        rows.append(_row(item, "page", [page], split))
    for one in sets:
        frames = [_frame(one, index) for index in range(options.frames)]
        rows.append(_row(one.item, "live", frames, one.split))
    part = out / "manifest.part"
    part.write_text("\n".join([*(json.dumps(row) for row in rows), ""]), encoding="utf-8")
    part.rename(out / "manifest.jsonl")


def _row(item: Item | None, domain: str, frames: list[str], split: str) -> dict[str, object]:
    return {
        "product_id": item.product_id if item else None,
        "domain": domain,
        "frames": frames,
        "title": item.title if item else None,
        "transcript": None,
        "split": split,
        "category": item.name if item else None,
        "shop": item.shop if item else None,
    }


def _same_options(path: Path, options: FrameOptions) -> None:
    told = json.dumps(asdict(options), sort_keys=True)
    if not path.exists():
        path.write_text(told, encoding="utf-8")
    elif path.read_text(encoding="utf-8") != told:
        message = (
            f"{path.parent} holds frames of other options ({path.read_text(encoding='utf-8')}); "
            "give another folder, or empty this one"
        )
        raise InputError(message)
