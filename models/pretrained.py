"""Encoders as `transformers` has its models: by name from anywhere, and back into a folder.

In: a preset's name, a folder, `zero-shot:NAME`, or a hub repository. Out: an encoder; or a folder
with the bytes that it was loaded from. Only a name that is neither preset nor folder, and
pretrained weights that were not pulled yet, reach the network; `local_files_only` forbids both.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from models.checkpoint import (
    MANIFEST,
    Checkpoint,
    folder_of,
    load_checkpoint,
    pretrained_names,
    read_manifest,
    sha256_of,
)
from models.checkpoint_hub import pull_checkpoint, pulled_checkpoint
from models.errors import InputError, WeightsError
from models.hub import HUB_URL, is_hub_name
from models.registry import Registry, default_cache_dir
from models.weight_sources import PullOptions

if TYPE_CHECKING:
    from models.encoder import Encoder


class Pretrained:
    """What an encoder has in common with a model of `transformers`."""

    checkpoint: Checkpoint | None

    @staticmethod
    def from_pretrained(
        name: str,
        *,
        revision: str | None = None,
        cache_dir: Path | None = None,
        local_files_only: bool = False,
        device: str = "auto",
        hub_url: str = HUB_URL,
    ) -> "Encoder":
        """Return an encoder, and bring what it needs.

        Args:
            name: of a preset, a checkpoint's folder, `zero-shot:NAME`, or a hub repository.
            revision: branch, tag or commit of a hub repository; none: its main branch.
            cache_dir: of weights and pulled checkpoints; none: the user's own.
            local_files_only: whether the network is out of bounds.
            device: `auto`, `cpu` or `cuda`.
            hub_url: the hub; as given, `HF_ENDPOINT` still redirects it.

        Raises:
            InputError: there is no such preset, folder or repository, or it is no checkpoint.
            WeightsError: a file is altered, may be a pickle, or cannot be brought.
        """
        from models.encoder import ZERO_SHOT, load_encoder

        cache_dir, registry = cache_dir or default_cache_dir(), Registry.load()
        bare = name.removeprefix(ZERO_SHOT)
        from_hub = bare == name and not folder_of(name).is_dir() and is_hub_name(name)
        if revision is not None and not from_hub:
            message = f"revision {revision!r} was given, but {name!r} is no hub repository"
            raise InputError(message)
        if from_hub and local_files_only:
            name = str(pulled_checkpoint(name, cache_dir, revision).folder)
        elif from_hub:
            name = str(pull_checkpoint(name, cache_dir, revision, hub_url).folder)
        if not local_files_only:
            needed = (bare,) if name.startswith(ZERO_SHOT) else pretrained_names(name)
            _bring(needed, registry, cache_dir, PullOptions(hub_url=hub_url))
        return load_encoder(name, cache_dir, device, registry)

    def save_pretrained(self, folder: Path) -> None:
        """Write the checkpoint that the encoder was loaded from, byte for byte.

        Args:
            folder: made if missing; may be the one that it was loaded from.

        Raises:
            InputError: the encoder is of no checkpoint, or another one lies in the folder.
            WeightsError: a file was altered since it was loaded.
        """
        if self.checkpoint is None:
            message = "the encoder was not loaded from a checkpoint, so there is none to save"
            raise InputError(message)
        copy_checkpoint(self.checkpoint, folder)


def copy_checkpoint(checkpoint: Checkpoint, folder: Path) -> None:
    """Copy the files that a checkpoint's list of hashes names, and the list as the last.

    Raises:
        InputError: the folder is no empty one.
        WeightsError: a file was altered since the checkpoint was read.
    """
    origin = checkpoint.folder
    known = load_checkpoint(origin)
    if known != checkpoint:
        message = f"{origin} holds another checkpoint than the one that was loaded from it"
        raise WeightsError(message)
    if folder.is_dir() and folder.samefile(origin):
        return
    if folder.exists() and any(folder.iterdir()):
        message = f"{folder} is not empty; give a new folder"
        raise InputError(message)
    folder.mkdir(parents=True, exist_ok=True)
    for name, wanted in read_manifest(origin).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((origin / name).read_bytes())
        if sha256_of(folder / name) != wanted:
            message = f"{origin / name} was altered while it was copied"
            raise WeightsError(message)
    (folder / MANIFEST).write_bytes((origin / MANIFEST).read_bytes())


def _bring(
    names: tuple[str, ...], registry: Registry, cache_dir: Path, options: PullOptions
) -> None:
    for name in names:
        try:
            registry.resolve(name, cache_dir)
        except WeightsError:
            registry.pull(name, cache_dir, options)
