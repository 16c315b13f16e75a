"""LPR4M as a manifest: clips of live rooms, and pictures of the shop as pages.

In: the folder of the release's text files, and below it the pictures. Out: rows for
`models.manifest`. The columns of the training files differ between releases, so they are named by
an option, and the first rows are held against them. Lists are read as Python literals and never
run. A page stands before the first clip of it.

Training clips are of the picture that their row names (or of its `spu_id`). For the test part see
`models.formats.lpr4m_rooms`. Yang et al., 2023, "Cross-view Semantic Alignment for Livestreaming
Product Recognition", arXiv 2308.04912.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from models.errors import InputError
from models.formats.conversion import Converted, LeftOut, share_of, spread
from models.formats.lpr4m_rooms import LprTestFiles, room_rows
from models.formats.lpr4m_speech import training_words
from models.manifest_row import Row, Split

COLUMNS = {
    "full": ("video_id,frames,boxes,image_id,title,category_id,category,asr,scale,duration,number"),
    "750k": "video_id,frames,boxes,image_id,image_path,title,category_id,category,spu_id,asr",
}
_NEEDED = frozenset(("video_id", "frames", "image_id"))
_CLIP = re.compile(r"(?P<room>[^-/]+(?:-[^-/]+){4})-(?P<start>\d{1,15})-(?P<end>\d{1,15})")
_FIRST = 20


@dataclass(frozen=True)
class LprOptions:
    """Which files are read, and how."""

    columns: str = "full"
    """`full`, `750k`, or the names of all columns by commas; known are video_id, frames, image_id,
    image_path, title, category, spu_id and asr, any others are left alone."""
    train: str = ""
    """Training files, as a pattern; empty: `training_videoinfo_COLUMNS*`."""
    test: bool = True
    """Whether the test files are read; a file that is absent is then an error."""
    test_files: LprTestFiles = field(default_factory=LprTestFiles)
    """Names of the test files."""
    frame_folder: str = "frames"
    """Of the clips' pictures, relative to the text files."""
    image_folder: str = "images"
    """Of the shops' pictures, relative to the text files."""
    most_frames: int = 10
    """Frames of a clip that are listed at most, spread evenly, as the authors do; 0: all."""
    val_share: float = 0.01
    """Share of the training rooms whose clips validate, by hash of the room's id."""


def lpr4m(source: Path, _folder: Path, options: LprOptions, left_out: LeftOut) -> Converted:
    """Return the rows, training files first.

    Raises:
        InputError: no file is there, or its first rows do not fit the columns.
    """
    pattern = options.train or f"training_videoinfo_{options.columns}*"
    files = sorted(source.glob(pattern))
    if not files and not options.test:
        message = f"{source} has no {pattern}; name the training files by the option train"
        raise InputError(message)
    columns = COLUMNS.get(options.columns, options.columns).split(",")
    lacking = sorted(_NEEDED.difference(columns))
    if lacking:
        message = f"columns {options.columns!r} lack {', '.join(lacking)}; or one of full, 750k"
        raise InputError(message)
    rows = _training(files, columns, options, left_out)
    if options.test:
        folders = (options.frame_folder, options.image_folder)
        rows = chain(
            rows, room_rows(source, options.test_files, folders, options.most_frames, left_out)
        )
    return Converted(source, rows)


def _training(
    files: list[Path], columns: list[str], options: LprOptions, left_out: LeftOut
) -> Iterator[Row]:
    paged: set[str] = set()
    for path in files:
        for found in _cells(path, columns, left_out):
            page = _page(found, options)
            if page.frames[0] not in paged:
                paged.add(page.frames[0])
                yield page
            yield _clip(found, str(page.product_id), options)


def _page(found: dict[str, str], options: LprOptions) -> Row:
    picture = found.get("image_path") or f"{found['image_id']}.jpg"
    return Row(
        product_id=found.get("spu_id") or found["image_id"],
        domain="page",
        frames=(f"{options.image_folder}/{picture}",),
        split="train",
        title=found.get("title") or None,
        category=found.get("category") or None,
    )


def _clip(found: dict[str, str], product_id: str, options: LprOptions) -> Row:
    match = _CLIP.fullmatch(found["video_id"])
    room, start, end = match.groups() if match else ("", "0", "0")
    split: Split = "val" if share_of(room) < options.val_share else "train"
    frames = _frames(found)
    return Row(
        product_id=product_id,
        domain="live",
        frames=spread([f"{options.frame_folder}/{name}" for name in frames], options.most_frames),
        split=split,
        transcript=training_words(found.get("asr", "")),
        category=found.get("category") or None,
        stream_id=room,
        start_ms=int(start),
        end_ms=int(end),
    )


def _frames(found: dict[str, str]) -> list[str]:
    """Return the names of a clip's frames, from paths, names without ending, or plain numbers."""
    listed = _literal(found["frames"]) or ()
    clip = found["video_id"]
    names = [f"{clip}-{one:04d}" if isinstance(one, int) else str(one) for one in listed]
    return [name if name.endswith(".jpg") else f"{name}.jpg" for name in names]


def _cells(path: Path, columns: list[str], left_out: LeftOut) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                cells = [cell.strip(" \r\n") for cell in line.split("\t")]
                found = dict(zip(columns, cells, strict=False))
                wrong = f"{len(cells)} columns" if len(cells) != len(columns) else _wrong(found)
                if wrong is None:
                    yield found
                elif number <= _FIRST:
                    message = (
                        f"{path}, line {number}: {wrong}; wanted are {len(columns)} columns: "
                        f"{','.join(columns)}. Releases differ: see the option columns"
                    )
                    raise InputError(message)
                else:
                    left_out[f"lines of {path.name} that do not fit the columns"] += 1
    except (OSError, UnicodeDecodeError) as error:
        message = f"cannot read {path}: {error}"
        raise InputError(message) from error


def _wrong(found: dict[str, str]) -> str | None:
    """Return what of a row is not what its column says; none: all is."""
    clip = found["video_id"]
    match = _CLIP.fullmatch(clip)
    if match is None:
        return f"video_id is {clip!r}, not ROOM-START-END with a room of five parts"
    if int(match["end"]) <= int(match["start"]):
        return f"video_id is {clip!r}, which ends before it begins"
    if not re.fullmatch(r"[\w-]+", found["image_id"]):
        return f"image_id is {found['image_id']!r}, which is no id"
    listed = _literal(found["frames"])
    if listed is None:
        return f"frames is {found['frames'][:80]!r}, which is no Python list"
    for one in listed:
        named = isinstance(one, str) and Path(one).name.startswith(clip)
        if not named and (not isinstance(one, int) or isinstance(one, bool)):
            return f"frames name {one!r}, which is no frame of {clip}"
    return None


def _literal(cell: str) -> list[object] | None:
    """Return the list that a cell spells; none: it spells none."""
    try:
        listed = ast.literal_eval(cell)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return list(listed) if isinstance(listed, list | tuple) else None
