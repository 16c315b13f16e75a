"""Networks of `transformers`: from a folder with weights, or random ones from its settings.

In: a folder on disk. Out: the network that sees or reads; of a SigLIP or CLIP folder that half.
Nothing is downloaded and no code of the folder's is run.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from models.errors import WeightsError

Half = Literal["vision", "text"]


def pretrained(folder: Path, half: Half, pool: str) -> Any:
    """Return the network of a folder, on the CPU, in float32, ready to encode.

    Args:
        folder: with `config.json` and `model.safetensors`.
        half: which one is wanted of a model that has both.
        pool: `pooled` needs the network's own output layer, others do without it.

    Raises:
        WeightsError: the folder is no such network, or lacks tensors that are needed.
    """
    from safetensors import SafetensorError
    from transformers import AutoModel

    what = _said(half)
    with without_progress_bar():
        try:
            loaded, told = AutoModel.from_pretrained(
                folder, local_files_only=True, use_safetensors=True, output_loading_info=True
            )
        except (OSError, ValueError, SafetensorError) as error:
            message = f"{folder} cannot be read as {what}: {error}"
            raise WeightsError(message) from error
    absent = sorted(told["missing_keys"])
    needed = [name for name in absent if pool == "pooled" or not _is_pooler(name)]
    if needed:
        message = f"{folder} is no whole {half} network: {len(needed)} tensors absent, {needed[:3]}"
        raise WeightsError(message)
    network = getattr(loaded, f"{half}_model", loaded)
    return without_spare(network.float(), pool).eval().requires_grad_(requires_grad=False)


def from_settings(folder: Path, half: Half, pool: str) -> Any:
    """Return a network with random weights, which the caller replaces.

    Args:
        folder: with `config.json`, as a checkpoint keeps it.
        half: what it is, for messages.
        pool: as in `pretrained`.

    Raises:
        WeightsError: its settings cannot be read.
    """
    from transformers import AutoConfig, AutoModel

    try:
        network = AutoModel.from_config(AutoConfig.from_pretrained(folder, local_files_only=True))
    except (OSError, ValueError) as error:
        message = f"{folder} cannot be read as the settings of {_said(half)}: {error}"
        raise WeightsError(message) from error
    return without_spare(network.float(), pool)


def without_spare(network: Any, pool: str) -> Any:
    """Return the network without the output layer that `pool` leaves unused."""
    if pool != "pooled" and getattr(network, "pooler", None) is not None:
        network.pooler = None
    return network


def settings_of(network: Any) -> bytes:
    """Return the network's `config.json`, without the place that it was read from."""
    config = network.config
    config._name_or_path = ""  # noqa: SLF001 - the one name that this setting has
    text: str = config.to_json_string()
    return text.encode()


def _is_pooler(name: str) -> bool:
    return "pooler." in name


def _said(half: Half) -> str:
    return "an image network of transformers" if half == "vision" else "a text encoder"


@contextmanager
def without_progress_bar() -> Iterator[None]:
    """Keep `transformers` from drawing a bar for weights that load in a moment."""
    from transformers.utils import logging

    was_on = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if was_on:
            logging.enable_progress_bar()
