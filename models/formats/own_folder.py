"""A folder of one's own as a manifest: one folder for each product, named by its id.

    shop/
      oat-milk/               the product_id
        page.txt              the title, on its first line
        front.jpg, back.png   pictures of the page, in the order of their names
        live/                 live clips, each one of:
          monday.jpg            a picture
          tuesday/              a folder of pictures, in the order of their names
          friday.mp4            sound or film: media of the clip of that name
          friday.txt            words heard in the clip of that name
        video/                short videos, in the same way
      _none/                  clips of no product: live/ and video/ only

In: the folder. Out: rows for `models.manifest`, pages first. Files of one name without its ending,
and the folder of that name, are one clip. A product needs `page.txt` or a picture. Names that begin
with a dot are passed over; anything else that fits nowhere is counted and left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models.errors import InputError
from models.formats.conversion import Converted, LeftOut, share_of
from models.manifest_row import Row, Split

PICTURES = frozenset((".jpg", ".jpeg", ".png", ".webp", ".bmp"))
_MEDIA = frozenset((".mp4", ".mkv", ".mov", ".webm", ".wav", ".flac", ".mp3", ".ogg", ".m4a"))
_NONE = "_none"


@dataclass(frozen=True)
class OwnOptions:
    """How clips are split, each by a hash of its product and name: added clips move no other."""

    val_share: float = 0.1
    """Share of the clips that validates."""
    test_share: float = 0.1
    """Share of the clips that is examined on."""
    unseen_share: float = 0.0
    """Share of the products, by hash of the id, that no training sees: test-unseen."""


def own_folder(source: Path, _folder: Path, options: OwnOptions, left_out: LeftOut) -> Converted:
    """Return the rows.

    Raises:
        InputError: it is no folder, or a file in it cannot be read.
    """
    if not source.is_dir():
        message = f"{source} is no folder of products"
        raise InputError(message)
    return Converted(source, _rows(source, options, left_out))


def _rows(source: Path, options: OwnOptions, left_out: LeftOut) -> Iterator[Row]:
    products = [path for path in entries(source) if path.is_dir()]
    left_out["files beside the products' folders"] += len(entries(source)) - len(products)
    kept = [path for path in products if path.name == _NONE]
    for path in products:
        if path.name == _NONE:
            continue
        title = _text(path / "page.txt")
        pictures = [str(one.relative_to(source)) for one in entries(path) if is_picture(one)]
        if title is None and not pictures:
            left_out["products without page.txt and picture"] += 1
            continue
        kept.append(path)
        split = product_split(path.name, options)
        yield Row(path.name, "page", tuple(pictures), split, title)
    for path in kept:
        product_id = None if path.name == _NONE else path.name
        yield from clips(source, path, product_id, options, left_out)


def clips(
    source: Path, folder: Path, product_id: str | None, options: OwnOptions, left_out: LeftOut
) -> Iterator[Row]:
    """Yield what `live` and `video` in a product's folder hold; names are relative to `source`."""
    for domain in ("live", "video"):
        found: dict[str, list[Path]] = {}
        for path in entries(folder / domain) if (folder / domain).is_dir() else []:
            found.setdefault(path.name if path.is_dir() else path.stem, []).append(path)
        for name, paths in found.items():
            frames = [one for path in paths for one in (entries(path) if path.is_dir() else [path])]
            media = [path for path in paths if path.suffix.lower() in _MEDIA]
            words = folder / domain / f"{name}.txt"
            row = Row(
                product_id,
                "live" if domain == "live" else "video",
                tuple(str(one.relative_to(source)) for one in frames if is_picture(one)),
                clip_split(product_id, f"{domain}/{name}", options),
                transcript=_text(words, whole=True),
                media=str(media[0].relative_to(source)) if media else None,
            )
            if row.frames or row.transcript or row.media:
                yield row
            else:
                left_out["clips without picture, words and media"] += 1


def product_split(product_id: str, options: OwnOptions) -> Split:
    """Return the split of a product's page."""
    return "test-unseen" if share_of(product_id) < options.unseen_share else "train"


def clip_split(product_id: str | None, name: str, options: OwnOptions) -> Split:
    """Return the split of a clip."""
    if product_id is not None and product_split(product_id, options) == "test-unseen":
        return "test-unseen"
    share = share_of(f"{product_id or _NONE}/{name}")
    if share < options.test_share:
        return "test"
    return "val" if share < options.test_share + options.val_share else "train"


def is_picture(path: Path) -> bool:
    """Whether a file's ending is that of a picture."""
    return path.suffix.lower() in PICTURES


def entries(folder: Path) -> list[Path]:
    """Return what a folder holds, in the order of names, without hidden files.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        message = f"cannot read {folder}: {error}"
        raise InputError(message) from error


def _text(path: Path, *, whole: bool = False) -> str | None:
    try:
        if not path.is_file():
            return None
        text = path.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        message = f"cannot read {path}: {error}"
        raise InputError(message) from error
    chosen = " ".join(text.split()) if whole else text.split("\n", maxsplit=1)[0].strip()
    return chosen or None
