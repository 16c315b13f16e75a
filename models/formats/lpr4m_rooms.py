"""LPR4M's test part as rows: each room has its gallery, and each clip the pictures that are right.

In: the release's test files, whose names are options. Out: one page row for each room and picture
of its gallery, with the room as `stream_id`, then the clips. Pictures that are right for one clip
are of one product, and so are the views of a picture (`ID-0.jpg` is the main one; only main ones
become pages, as in the authors' evaluation). A product's id is the first of its pictures' ids.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from models.errors import InputError
from models.formats.conversion import LeftOut, spread
from models.formats.lpr4m_speech import clip_words
from models.manifest_row import Row

_FRAME = re.compile(r"(?P<clip>[^-/]+(?:-[^-/]+){4}-\d+-\d+)-(?P<at>\d+)\.\w+")
_VIEW = re.compile(r"(?P<picture>[^-/]+(?:-[^-/]+){4})-(?P<view>\d+)")


@dataclass(frozen=True)
class LprTestFiles:
    """Names of the test files."""

    galleries: str = "test_liveid_to_gallery_110.json"
    """{room: [pictures]}."""
    right: str = "test_videoid_to_gtimage_20079.json"
    """{clip: [pictures]}."""
    speech: str = "test_videoid_asr_20079.txt"
    """Lines of clip, TAB, words."""
    titles: str = "test_image_title_6076.txt"
    """Lines of picture, TAB, title; most pictures have none."""
    frames: str = "test_frame_url_501656.txt"
    """Addresses or names of all frames, one a line."""


def room_rows(
    source: Path,
    files: LprTestFiles,
    folders: tuple[str, str],
    most_frames: int,
    left_out: LeftOut,
) -> Iterator[Row]:
    """Yield the pages of all rooms, then the clips.

    Args:
        source: folder of the files.
        files: their names.
        folders: of frames and of pictures, relative to `source`.
        most_frames: of a clip, spread evenly; 0: all.
        left_out: counts what cannot be used.

    Raises:
        InputError: a file cannot be read or is of another form.
    """
    lists = _Lists(_lists(source / files.galleries), _lists(source / files.right))
    titles = dict(_pairs(source / files.titles))
    for room, pictures in lists.galleries.items():
        for picture in dict.fromkeys(pictures):
            name, view = _picture(picture)
            if view:
                left_out["gallery pictures that are no main view"] += 1
                continue
            title = titles.get(_stem(picture)) or titles.get(name)
            yield Row(
                product_id=lists.product_of.get(name, name),
                domain="page",
                frames=(f"{folders[1]}/{_stem(picture)}.jpg",),
                split="test",
                title=title or None,
                stream_id=room,
            )
    yield from _clips(source, files, (folders[0], most_frames), lists, left_out)


class _Lists:
    """Which pictures are in which room, and right for which clip."""

    def __init__(self, galleries: dict[str, list[str]], right: dict[str, list[str]]) -> None:
        self.galleries = galleries
        self.right = right
        self.product_of = _products(right.values())
        self._shown = {
            room: {name for name, view in map(_picture, pictures) if view == 0}
            for room, pictures in galleries.items()
        }

    def has_page(self, room: str, product_id: str) -> bool:
        """Whether a product is in a room's gallery."""
        shown = self._shown.get(room, ())
        return any(self.product_of.get(name) == product_id for name in shown)


def _clips(
    source: Path,
    files: LprTestFiles,
    frames_at: tuple[str, int],
    lists: _Lists,
    left_out: LeftOut,
) -> Iterator[Row]:
    folder, most = frames_at
    spoken = dict(_pairs(source / files.speech))
    frames = _frames(source / files.frames, left_out)
    for clip, pictures in lists.right.items():
        room, start, end = _parts(clip, source / files.right)
        product_id = lists.product_of[_picture(pictures[0])[0]]
        words = clip_words(spoken.get(clip, "null"), f"{source / files.speech}, clip {clip}")
        listed = [f"{folder}/{name}" for name in frames.get(clip, [])]
        if not lists.has_page(room, product_id):
            left_out["test clips whose product is not in their room's gallery"] += 1
        elif not listed and words is None:
            left_out["test clips without frames and words"] += 1
        else:
            yield Row(
                product_id=product_id,
                domain="live",
                frames=spread(listed, most),
                split="test",
                transcript=words,
                stream_id=room,
                start_ms=start,
                end_ms=end,
            )


def _products(groups: Iterable[list[str]]) -> dict[str, str]:
    """Return the product of each picture: those that are right together are one product."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for group in groups:
        names = [_picture(one)[0] for one in group]
        for name in names:
            first, second = sorted((root(names[0]), root(name)))
            parent[second] = first
    return {name: root(name) for name in list(parent)}


def _picture(name: str) -> tuple[str, int]:
    """Return a picture's id, and which view of it this is; 0: the main one."""
    stem = _stem(name)
    found = _VIEW.fullmatch(stem)
    return (found["picture"], int(found["view"])) if found else (stem, 0)


def _stem(name: str) -> str:
    return Path(name).name.removesuffix(".jpg")


def _parts(clip: str, path: Path) -> tuple[str, int, int]:
    room, start, end = (*clip.rsplit("-", 2), "", "")[:3]
    if not (start.isdecimal() and end.isdecimal() and int(end) > int(start)):
        message = f"{path}: clip {clip!r} is not called ROOM-START-END"
        raise InputError(message)
    return room, int(start), int(end)


def _frames(path: Path, left_out: LeftOut) -> dict[str, list[str]]:
    found: dict[str, list[tuple[int, str]]] = {}
    for line in _read(path).splitlines():
        if not line.strip():
            continue
        name = Path(urlsplit(line.strip()).path).name
        frame = _FRAME.fullmatch(name)
        if frame is None:
            left_out[f"lines of {path.name} that name no frame"] += 1
        else:
            found.setdefault(frame["clip"], []).append((int(frame["at"]), name))
    return {clip: [name for _, name in sorted(names)] for clip, names in found.items()}


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(_read(path).split("\n"), start=1):
        name, tab, text = line.strip("\r").partition("\t")
        if tab:
            yield name.strip(), text.strip()
        elif line.strip():
            message = f"{path}, line {number}: want an id, TAB and a text, not {line[:80]!r}"
            raise InputError(message)


def _lists(path: Path) -> dict[str, list[str]]:
    try:
        found = json.loads(_read(path))
    except ValueError as error:
        message = f"{path} is not JSON: {error}"
        raise InputError(message) from error
    if not isinstance(found, dict) or not all(
        isinstance(names, list) and names and all(isinstance(name, str) for name in names)
        for names in found.values()
    ):
        message = f"{path} should be an object of lists of pictures"
        raise InputError(message)
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"cannot read {path}: {error}"
        raise InputError(message) from error
