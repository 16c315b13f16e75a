"""Models by their hub name (`org/model`), for users who bring a model of their own.

In: a name. Out: a folder in the cache, downloaded only when asked for in so many words.
"""

import re
from pathlib import Path

from models.errors import WeightsError

HUB_URL = "https://huggingface.co"


def is_hub_name(name: str) -> bool:
    """Whether a text has the form `org/model` of a model hub."""
    return re.fullmatch(r"[\w.-]+/[\w.-]+", name) is not None and not name.startswith(".")


def hub_snapshot(name: str, cache_dir: Path, *, online: bool, hub_url: str | None = None) -> Path:
    """Return the folder of a hub repository in the cache; only `online` reaches the network.

    Its bytes are whatever the hub has: nothing pins them, unlike those of a registry name.

    Raises:
        WeightsError: it was not pulled, or the hub refuses or cannot be reached.
    """
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    except ImportError as error:
        message = f"hub names like {name!r} need the package huggingface_hub: {error}"
        raise WeightsError(message) from error
    try:
        # The default is left to the library, which knows of mirrors from its own environment.
        endpoint = None if hub_url == HUB_URL else hub_url
        found = snapshot_download(
            name, cache_dir=cache_dir / "hub", local_files_only=not online, endpoint=endpoint
        )
    except LocalEntryNotFoundError as error:
        what = "the hub cannot be reached" if online else f"run `liveshelf models pull {name}`"
        message = f"{name!r} is neither in the registry nor pulled from the hub; {what}"
        raise WeightsError(message) from error
    except HfHubHTTPError as error:
        message = f"the hub refuses {name!r}: {error}"
        raise WeightsError(message) from error
    return Path(found)
