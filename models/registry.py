"""Named pretrained weights: brings them once, keeps them checked, says where they lie.

In: `registry.toml` and a user's own file of the same form. Out: folders in the cache. Only `pull`
reaches the network; `path` and `resolve` never do, they say what to pull instead. Works without
torch, except for converting what it pulled. Several processes may pull at once: one does the work.
"""

import contextlib
import fcntl
import json
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.errors import WeightsError
from models.fetch import sha256_of
from models.hub import hub_snapshot, is_hub_name
from models.weight_convert import CONVERTERS
from models.weight_entry import ModelEntry, parse_entry
from models.weight_sources import OnProgress, Progress, PullOptions, fill

_RECORD = "liveshelf-weights.json"
_RECORD_FORM = 1


def default_cache_dir() -> Path:
    """Return where weights are kept unless a setting says otherwise."""
    return Path.home() / ".cache" / "liveshelf" / "weights"


def _silent(_: Progress) -> None:
    pass


@dataclass(frozen=True)
class Verdict:
    """What lies in the cache under one name."""

    name: str
    state: Literal["ok", "missing", "outdated", "damaged"]
    """`outdated`: other bytes than the registry now names, as after an update of LiveShelf."""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Kept:
    """One file of a ready folder, as it was when it was checked."""

    sha256: str
    size_bytes: int
    mtime_ns: int


def _read_toml(path: Path) -> dict[str, ModelEntry]:
    try:
        with path.open("rb") as file:
            parsed = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError) as error:
        message = f"the registry file {path} cannot be read: {error}"
        raise WeightsError(message) from error
    models = parsed.get("models", {})
    if not isinstance(models, dict) or parsed.keys() - {"models"}:
        message = f"the registry file {path} should hold tables [models.NAME] and nothing else"
        raise WeightsError(message)
    return {name: parse_entry(name, value) for name, value in models.items()}


def _read_record(folder: Path) -> tuple[str, dict[str, _Kept]] | None:
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        if record["form"] != _RECORD_FORM:
            return None
        files = {path: _Kept(**kept) for path, kept in record["files"].items()}
        return str(record["identity"]), files
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # An unreadable record is no record: the folder counts as not pulled.
        return None


def _write_record(folder: Path, entry: ModelEntry) -> None:
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            state = path.stat()
            files[path.relative_to(folder).as_posix()] = {
                "sha256": sha256_of(path),
                "size_bytes": state.st_size,
                "mtime_ns": state.st_mtime_ns,
            }
    record = {"form": _RECORD_FORM, "identity": entry.identity, "files": files}
    text = json.dumps(record, indent=2) + "\n"
    (folder / _RECORD).write_text(text, encoding="utf-8")


def _inspect(entry: ModelEntry, folder: Path, *, thorough: bool) -> Verdict:
    """Check a ready folder; not thorough means that an untouched file is believed unread."""
    record = _read_record(folder)
    if record is None:
        return Verdict(entry.name, "missing")
    identity, files = record
    if identity != entry.identity:
        return Verdict(
            entry.name, "outdated", (f"holds {identity[:12]}, not {entry.identity[:12]}",)
        )
    # The registry's own hashes win over the record's, which lies where the damage may be.
    published = {} if entry.converter else {file.path: file.sha256 for file in entry.files}
    problems: list[str] = [f"{path} is missing" for path in sorted(published.keys() - files.keys())]
    for path, kept in files.items():
        expected = published.get(path, kept.sha256)
        try:
            state = (folder / path).stat()
            untouched = (state.st_size, state.st_mtime_ns) == (kept.size_bytes, kept.mtime_ns)
            if untouched and not thorough:
                continue
            got = sha256_of(folder / path)
        except OSError as error:
            problems.append(f"{path} cannot be read: {error.strerror}")
            continue
        if got != expected:
            problems.append(f"{path}: expected SHA-256 {expected}, got {got}")
    return Verdict(entry.name, "damaged" if problems else "ok", tuple(problems))


@contextlib.contextmanager
def _locked(lock: Path, entry: ModelEntry, tell: OnProgress) -> Iterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell(Progress(entry.name, "waiting", "another process is pulling it"))
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _convert(entry: ModelEntry, published: Path, into: Path) -> None:
    if entry.converter is None:
        return
    try:
        CONVERTERS[entry.converter].run(published, into)
    except ImportError as error:
        message = f"converting {entry.name} needs `pip install liveshelf[train]`: {error}"
        raise WeightsError(message) from error


class Registry:
    """The known models. Safe to use from several processes, and threads, on one cache."""

    def __init__(self, entries: Mapping[str, ModelEntry]) -> None:
        self._entries = dict(entries)

    @classmethod
    def load(cls, user_file: Path | None = None) -> "Registry":
        """Read the shipped registry, and a user's own, whose entries win by name.

        Raises:
            WeightsError: a file cannot be read or an entry is malformed.
        """
        entries = _read_toml(Path(__file__).with_name("registry.toml"))
        if user_file is not None:
            entries |= _read_toml(user_file)
        return cls(entries)

    @property
    def entries(self) -> tuple[ModelEntry, ...]:
        """All models, by name."""
        return tuple(self._entries[name] for name in sorted(self._entries))

    def entry(self, name: str) -> ModelEntry:
        """Return what is known of a model.

        Raises:
            WeightsError: there is none of this name.
        """
        if name not in self._entries:
            message = f"no weights are named {name!r}; known are {', '.join(sorted(self._entries))}"
            raise WeightsError(message)
        return self._entries[name]

    def path(self, name: str, cache_dir: Path) -> Path:
        """Return the folder of a pulled model; nothing is downloaded.

        A file that changed since it was pulled is read again and refused if its bytes differ.

        Raises:
            WeightsError: it was not pulled, or is damaged.
        """
        verdict = self.glance(name, cache_dir)
        remedy = f"run `liveshelf models pull {name}`"
        if verdict.state == "missing":
            message = f"the weights {name!r} are not in {cache_dir}; {remedy}"
            raise WeightsError(message)
        if verdict.state != "ok":
            reasons = "; ".join(verdict.problems)
            message = (
                f"the weights {name!r} in {cache_dir} are {verdict.state}: {reasons}; {remedy}"
            )
            raise WeightsError(message)
        return cache_dir / name

    def resolve(self, name_or_path: str, cache_dir: Path) -> Path:
        """Return the folder of a registry name, of a folder as it is, or of a pulled hub name.

        Raises:
            WeightsError: it is none of these, or not pulled yet.
        """
        if name_or_path in self._entries:
            return self.path(name_or_path, cache_dir)
        if Path(name_or_path).is_dir():
            return Path(name_or_path)
        if is_hub_name(name_or_path):
            return hub_snapshot(name_or_path, cache_dir, online=False)
        message = (
            f"{name_or_path!r} is neither a folder, nor a hub name like org/model, nor one of "
            f"{', '.join(sorted(self._entries))}"
        )
        raise WeightsError(message)

    def glance(self, name: str, cache_dir: Path) -> Verdict:
        """Compare a pulled model with its record; files untouched since are not read again."""
        return _inspect(self.entry(name), cache_dir / name, thorough=False)

    def verify(self, name: str, cache_dir: Path) -> Verdict:
        """Read every file of a pulled model and compare its hash."""
        return _inspect(self.entry(name), cache_dir / name, thorough=True)

    def pull(
        self,
        name: str,
        cache_dir: Path,
        options: PullOptions | None = None,
        on_progress: OnProgress = _silent,
    ) -> Path:
        """Bring a model into the cache, convert it if its entry says so, and return its folder.

        A name like `org/model` that the registry does not know is brought from the hub as it is,
        unchecked.

        Raises:
            WeightsError: no source has the right bytes, or the cache cannot be written.
        """
        options = options or PullOptions()
        if name not in self._entries and is_hub_name(name):
            return hub_snapshot(name, cache_dir, online=True, hub_url=options.hub_url)
        entry = self.entry(name)
        ready = cache_dir / name
        try:
            with _locked(cache_dir / ".locks" / f"{name}.lock", entry, on_progress):
                # Thorough: whoever pulls again because something is wrong gets it mended.
                if "cache" in options.sources and self.verify(name, cache_dir).state == "ok":
                    return ready
                self._bring(entry, ready, options, on_progress)
        except OSError as error:
            message = f"cannot keep {name} in {cache_dir}: {error}"
            raise WeightsError(message) from error
        return ready

    def _bring(
        self, entry: ModelEntry, ready: Path, options: PullOptions, tell: OnProgress
    ) -> None:
        downloads = ready.parent / ".downloads" / entry.name
        staging = ready.parent / ".staging" / entry.name
        shutil.rmtree(staging, ignore_errors=True)
        try:
            made = staging / "published"
            fill(entry, made, downloads, options, tell)
            if entry.converter is not None:
                tell(Progress(entry.name, "converting", entry.converter))
                made = staging / "converted"
                made.mkdir()
                _convert(entry, staging / "published", made)
            _write_record(made, entry)
            if ready.exists():
                # A reader that has the old folder open keeps its files.
                ready.replace(staging / "old")
            made.replace(ready)
            shutil.rmtree(downloads, ignore_errors=True)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
