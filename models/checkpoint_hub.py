"""Checkpoints from and to a model hub: whole, of one commit, and held against their hashes.

In: a repository's name. Out: a folder of the cache that is complete, or an error and no folder.
Only what the list of hashes names is fetched, and nothing at all from a repository with a pickle.
Tokens are the business of `huggingface_hub`, which has its own login.
"""

import glob
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.checkpoint import (
    MANIFEST,
    load_checkpoint,
    pretrained_names,
    read_manifest,
    refuse_pickle_names,
)
from models.errors import InputError, WeightsError
from models.hub import HUB_URL, is_hub_name
from models.registry import Registry

MAIN = "main"
_COMMIT = re.compile(r"[0-9a-f]{40}")
_FOLDER = "checkpoints"


@dataclass(frozen=True)
class Pulled:
    """A checkpoint that lies in the cache."""

    folder: Path
    commit: str
    """As `revision` it gives the same bytes, whatever is pushed later."""


@dataclass(frozen=True)
class Pushed:
    """A checkpoint that lies on a hub."""

    url: str
    commit: str


def pull_checkpoint(
    repo: str, cache_dir: Path, revision: str | None = None, hub_url: str = HUB_URL
) -> Pulled:
    """Bring a checkpoint, unless this commit of it is here already.

    Args:
        repo: `org/name`.
        cache_dir: the checkpoint comes into `checkpoints/org--name/COMMIT` of it.
        revision: branch, tag or commit; none: `main`.
        hub_url: the hub; the default is left to `HF_ENDPOINT`.

    Raises:
        InputError: the repository is no checkpoint.
        WeightsError: it may hold a pickle or a file is not what its list of hashes says, or the
            hub refuses or cannot be reached.
    """
    from huggingface_hub import snapshot_download

    root = _root(repo, cache_dir)
    wanted = revision or MAIN
    with _translated(repo, wanted), _staging(root) as staging:
        place: dict[str, Any] = {
            "repo_id": repo,
            "endpoint": _endpoint(hub_url),
            "local_dir": staging,
        }
        listed = snapshot_download(**place, revision=wanted, dry_run=True)
        names = {one.filename for one in listed}
        if not names:
            message = f"{repo} has no file at revision {wanted!r}"
            raise InputError(message)
        commit = next(one.commit_hash for one in listed)
        refuse_pickle_names(f"{repo}/{name}" for name in names)
        ready = root / commit
        if not ready.is_dir():
            _need(repo, {MANIFEST}, names)
            snapshot_download(**place, revision=commit, allow_patterns=[MANIFEST])
            files = set(read_manifest(staging))
            _need(repo, files, names)
            patterns = [glob.escape(name) for name in sorted(files)]
            snapshot_download(**place, revision=commit, allow_patterns=patterns)
            shutil.rmtree(staging / ".cache", ignore_errors=True)
            load_checkpoint(staging)
            _refuse_private_names(staging)
            # As any folder of the cache, not for this user alone as a temporary one.
            staging.chmod(0o755)
            staging.replace(ready)
        load_checkpoint(ready)
        _remember(root, wanted, commit)
        return Pulled(ready, commit)


def pulled_checkpoint(repo: str, cache_dir: Path, revision: str | None = None) -> Pulled:
    """Return a checkpoint that was pulled before; nothing is downloaded.

    Raises:
        WeightsError: it was not pulled.
    """
    root, wanted = _root(repo, cache_dir), revision or MAIN
    commit = wanted
    reference = _reference(root, wanted)
    if not _COMMIT.fullmatch(wanted) and reference.is_file():
        commit = reference.read_text(encoding="utf-8").strip()
    if not (_COMMIT.fullmatch(commit) and (root / commit).is_dir()):
        message = (
            f"{repo} at revision {wanted!r} was not pulled; run `liveshelf checkpoint pull {repo}`"
        )
        raise WeightsError(message)
    return Pulled(root / commit, commit)


def push_checkpoint(
    folder: Path, repo: str, *, private: bool = False, hub_url: str = HUB_URL
) -> Pushed:
    """Put the files of a checkpoint, and nothing else of its folder, into one commit of a hub.

    Args:
        folder: of the checkpoint.
        repo: `org/name`; made if it is not there.
        private: whether only its owners may see it.
        hub_url: the hub; the default is left to `HF_ENDPOINT`.

    Raises:
        InputError: the folder is no checkpoint, or needs weights that only this machine has.
        WeightsError: a file of it or of the repository must not be there, or the hub refuses.
    """
    from huggingface_hub import HfApi

    checkpoint = load_checkpoint(folder)
    _refuse_private_names(folder)
    _check_name(repo)
    api = HfApi(endpoint=_endpoint(hub_url))
    with _translated(repo, MAIN):
        api.create_repo(repo, private=private or None, exist_ok=True)
        there = api.model_info(repo)
        if private and not there.private:
            message = f"{repo} is there already and is public; make it private first"
            raise InputError(message)
        refuse_pickle_names(f"{repo}/{one.rfilename}" for one in there.siblings or ())
        done = api.upload_folder(
            repo_id=repo,
            folder_path=folder,
            allow_patterns=[glob.escape(name) for name in (*read_manifest(folder), MANIFEST)],
            commit_message=f"{checkpoint.config.name} by liveshelf checkpoint push",
        )
    return Pushed(str(done.commit_url), str(done.oid))


def _check_name(repo: str) -> None:
    if not is_hub_name(repo):
        message = f"{repo!r} is no name of a hub repository; want org/name"
        raise InputError(message)


def _root(repo: str, cache_dir: Path) -> Path:
    _check_name(repo)
    return cache_dir / _FOLDER / repo.replace("/", "--")


def _endpoint(hub_url: str) -> str | None:
    # The default is left to the library, which knows of mirrors from its own environment.
    return None if hub_url == HUB_URL else hub_url


def _need(repo: str, wanted: set[str], there: set[str]) -> None:
    absent = sorted(wanted - there)
    if absent:
        message = f"{repo} is no whole checkpoint: it has no {absent[0]}"
        raise InputError(message)


def _refuse_private_names(folder: Path) -> None:
    """Refuse settings that name a folder of one machine."""
    known = {entry.name for entry in Registry.load().entries}
    for name in pretrained_names(str(folder)):
        if name not in known and (not is_hub_name(name) or Path(name).exists()):
            message = (
                f"the settings of {folder} need the weights {name!r}, which other machines do not"
                " have; name them as in `liveshelf models list` or by a hub name"
            )
            raise InputError(message)


def _reference(root: Path, revision: str) -> Path:
    return root / "refs" / revision.replace("/", "--")


def _remember(root: Path, revision: str, commit: str) -> None:
    """Note which commit a branch or tag was, for those who may not ask the hub."""
    path = _reference(root, revision)
    path.parent.mkdir(exist_ok=True)
    path.write_text(commit + "\n", encoding="utf-8")


@contextmanager
def _staging(root: Path) -> Iterator[Path]:
    root.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".part-", dir=root))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def _translated(repo: str, revision: str) -> Iterator[None]:
    # What its transport raises; importing the transport itself is not for this package.
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]

    try:
        yield
    except (OSError, HTTPError, RuntimeError) as error:
        why = error.__cause__ or error
        words = " ".join(str(why).split())
        message = f"the hub has not given or taken {repo} at revision {revision!r}: {words}"
        raise WeightsError(message) from error
