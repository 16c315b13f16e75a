"""Where an encoder computes."""

import torch

from models.errors import SettingsError


def device_of(wanted: str) -> str:
    """Return `cpu` or `cuda`; `auto` is a GPU where there is one.

    Raises:
        SettingsError: it is none of the three, or there is no GPU.
    """
    if wanted not in ("auto", "cpu", "cuda"):
        message = f"device is {wanted!r}, but must be auto, cpu or cuda"
        raise SettingsError(message)
    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if wanted == "cuda" and not torch.cuda.is_available():
        message = "device is 'cuda', but torch sees no GPU; use auto or cpu"
        raise SettingsError(message)
    return wanted
