"""ROPE's release as a manifest: nine text files of a part, separated by commas, in any order.

In: the folder of the files, and beside or below them the pictures. Out: rows for `models.manifest`,
pages first. Titles and recognised words may hold commas, so a line is cut at its first ones only.
Frames are put in order of their number or time. Rows that are missing (no frames, no words) are
expected; what is left out is counted. The release documents the names of its training files only:
all names are options, and the test part is read when `test` says so.

The files are joined in a database beside the manifest, which is removed again: no more than the
ids of products is held. Bai et al., 2023, "Cross-domain Product Representation Learning for Rich-
Content E-commerce", arXiv 2308.05550.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from models.batch import Domain
from models.errors import InputError
from models.formats.conversion import Converted, LeftOut, share_of, spread
from models.manifest_row import Row, Split

_MOST_DIGITS = 18
"""Of a frame's number, as the database can hold it."""
_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE pair (id TEXT, product TEXT, UNIQUE (id, product));
CREATE TABLE text (id TEXT PRIMARY KEY, text TEXT) WITHOUT ROWID;
CREATE TABLE frame (id TEXT, at INTEGER, name TEXT, PRIMARY KEY (id, at, name)) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class RopeFiles:
    """Names of a part's nine files, behind its prefix."""

    page_pairs: str = "product_pages_pair.txt"
    """Lines of product, page."""
    video_pairs: str = "product_videos_pair.txt"
    """Lines of product, video."""
    live_pairs: str = "product_lives_pair.txt"
    """Lines of product, clip."""
    page_titles: str = "page_titles.txt"
    """Lines of page, title."""
    video_asrs: str = "video_asrs.txt"
    """Lines of video, words as recognised."""
    live_asrs: str = "live_asrs.txt"
    """Lines of clip, words as recognised."""
    page_images: str = "page_images.txt"
    """Lines of page, picture."""
    video_frames: str = "video_frames.txt"
    """Lines of video, number of the frame, picture."""
    live_clips: str = "live_clips.txt"
    """Lines of clip, time in ms since 1970, picture."""


@dataclass(frozen=True)
class RopeOptions:
    """What is read, and how it is split."""

    prefix: str = "training_"
    """Of the training files' names."""
    files: RopeFiles = field(default_factory=RopeFiles)
    """The training files."""
    test: bool = False
    """Whether a test part is read as well; its rows are of split test."""
    test_prefix: str = "test_"
    """Of the test files' names."""
    test_files: RopeFiles = field(default_factory=RopeFiles)
    """The test files; the release does not say what they are called."""
    images: str = "images"
    """Folder of the pictures, relative to the files."""
    val_share: float = 0.01
    """Share of the training products that validate, with all that is of them, by hash of the id."""
    most_frames: int = 0
    """Frames of a video or clip that are listed at most, spread evenly; 0: all."""


@dataclass(frozen=True)
class _Part:
    """The training or the test part."""

    source: Path
    prefix: str
    files: RopeFiles
    split: Split

    def of(self, domain: Domain) -> tuple[str, str, str]:
        """Return the names of a domain's files: pairs, words, pictures."""
        files = self.files
        names = {
            "page": (files.page_pairs, files.page_titles, files.page_images),
            "video": (files.video_pairs, files.video_asrs, files.video_frames),
            "live": (files.live_pairs, files.live_asrs, files.live_clips),
        }
        pairs, words, pictures = names[domain]
        return self.prefix + pairs, self.prefix + words, self.prefix + pictures


def rope(source: Path, folder: Path, options: RopeOptions, left_out: LeftOut) -> Converted:
    """Return the rows; the database lies in the manifest's folder while they are read.

    Raises:
        InputError: a file is missing, or its first line is not of the form above.
    """
    parts = [_Part(source, options.prefix, options.files, "train")]
    if options.test:
        parts.append(_Part(source, options.test_prefix, options.test_files, "test"))
    wanted = [part.prefix + str(name) for part in parts for name in vars(part.files).values()]
    absent = [name for name in wanted if not (source / name).is_file()]
    if absent:
        message = f"{source} lacks {', '.join(absent)}; names can be given as options"
        raise InputError(message)
    return Converted(source, _rows(parts, folder, options, left_out))


def _rows(
    parts: list[_Part], folder: Path, options: RopeOptions, left_out: LeftOut
) -> Iterator[Row]:
    domains: tuple[Domain, ...] = ("page", "video", "live")
    for part in parts:
        paged: set[str] = set()
        for domain in domains:
            for row in _joined(part, domain, folder, options, left_out):
                if domain == "page":
                    paged.add(str(row.product_id))
                elif row.product_id not in paged:
                    left_out[f"{domain} rows of products without a page"] += 1
                    continue
                yield row


def _joined(
    part: _Part, domain: Domain, folder: Path, options: RopeOptions, left_out: LeftOut
) -> Iterator[Row]:
    try:
        with (
            tempfile.TemporaryDirectory(prefix=".rope-", dir=folder) as at,
            closing(sqlite3.connect(Path(at) / "join.sqlite")) as database,
        ):
            database.executescript(_TABLES)
            _fill(database, part, domain, left_out)
            yield from _domain(database, part, domain, options, left_out)
    except (OSError, sqlite3.Error) as error:
        message = f"cannot join the files of {part.source} in {folder}: {error}"
        raise InputError(message) from error


def _domain(
    database: sqlite3.Connection,
    part: _Part,
    domain: Domain,
    options: RopeOptions,
    left_out: LeftOut,
) -> Iterator[Row]:
    for name, product in database.execute("SELECT id, product FROM pair ORDER BY rowid"):
        words = database.execute("SELECT text FROM text WHERE id = ?", (name,)).fetchone()
        text = (words[0] or None) if words else None
        found = database.execute("SELECT name FROM frame WHERE id = ? ORDER BY at", (name,))
        # One picture may be listed with two times.
        frames = [f"{options.images}/{one}" for one in dict.fromkeys(row[0] for row in found)]
        if not frames and text is None:
            left_out[f"{domain} rows without pictures and words"] += 1
            continue
        shown = spread(frames, 0 if domain == "page" else options.most_frames)
        split = part.split
        if split == "train" and share_of(product) < options.val_share:
            split = "val"
        if domain == "page":
            yield Row(product, domain, shown, split, title=text)
        else:
            yield Row(product, domain, shown, split, transcript=text)


def _fill(database: sqlite3.Connection, part: _Part, domain: Domain, left_out: LeftOut) -> None:
    pairs, words, pictures = part.of(domain)
    before = database.total_changes
    lines = 0

    def cells(name: str, count: int) -> Iterator[list[str]]:
        nonlocal lines
        for found in _cells(part.source / name, count, left_out):
            # Only words may be empty.
            if found[-1] or name == words:
                lines += 1
                yield found
            else:
                left_out[f"lines of {name} that end in nothing"] += 1

    def frames() -> Iterator[tuple[str, int, str]]:
        if domain == "page":
            for number, (name, picture) in enumerate(cells(pictures, 2)):
                yield name, number, picture
            return
        for name, at, picture in cells(pictures, 3):
            if at.isdecimal() and len(at) <= _MOST_DIGITS:
                yield name, int(at), picture
            else:
                left_out[f"lines of {pictures} whose number is none"] += 1

    turned = ((name, product) for product, name in cells(pairs, 2))
    database.executemany("INSERT OR IGNORE INTO pair VALUES (?, ?)", turned)
    database.executemany("INSERT OR IGNORE INTO text VALUES (?, ?)", cells(words, 2))
    numberless = left_out[f"lines of {pictures} whose number is none"]
    database.executemany("INSERT OR IGNORE INTO frame VALUES (?, ?, ?)", frames())
    lines -= left_out[f"lines of {pictures} whose number is none"] - numberless
    left_out[f"{domain} lines that repeat another"] += lines - (database.total_changes - before)


def _cells(path: Path, count: int, left_out: LeftOut) -> Iterator[list[str]]:
    """Yield the cells of a file's lines; only the last may hold commas."""
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as lines:
            for number, line in enumerate(lines, start=1):
                found = [cell.strip() for cell in line.split(",", maxsplit=count - 1)]
                if len(found) == count and found[0]:
                    yield found
                elif line.strip():
                    if number == 1:
                        message = f"{path}, line 1: want {count} fields by commas, not {line!r}"
                        raise InputError(message)
                    left_out[f"lines of {path.name} with fewer than {count} fields"] += 1
    except (OSError, UnicodeDecodeError) as error:
        message = f"cannot read {path}: {error}"
        raise InputError(message) from error
