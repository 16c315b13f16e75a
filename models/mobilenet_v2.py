"""MobileNetV2's published tensors become a folder that the image branch loads as `mobilenetv2_100`.

In: `.npz` of 52 convolutions whose batch norms are folded into them, `conv_N_weight` and
`conv_N_bias`, N rising through the network (Sandler et al., arXiv 1801.04381). Out:
`model.safetensors` by timm's names. The norms become such that they change nothing, with the
statistics of nothing; so train with `batch_norm=frozen`, as in a step's own statistics the folded
scales would be lost.
"""

import re
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from models.errors import WeightsError

ARCHITECTURE = "mobilenetv2_100"
"""What `image.architecture` should be."""
_NAME = re.compile(r"conv_(\d+)_(weight|bias)")


def convert_mobilenet_v2(source: Path, folder: Path) -> Path:
    """Write the image network of a file of named tensors; return the path of its weights.

    Args:
        source: an `.npz`; other tensors in it, as of the classifier, are left out.
        folder: made if missing.

    Raises:
        WeightsError: the file cannot be read or is of another network.
    """
    import timm
    from safetensors.torch import save_file

    found = _read(source)
    network = timm.create_model(ARCHITECTURE, pretrained=False, num_classes=0)
    parts = list(network.modules())
    convolutions = [one for one in parts if isinstance(one, torch.nn.Conv2d)]
    norms = [one for one in parts if isinstance(one, torch.nn.BatchNorm2d)]
    if len(found) != len(convolutions):
        message = f"{source} has {len(found)} convolutions, but MobileNetV2 {len(convolutions)}"
        raise WeightsError(message)
    for (number, (weight, bias)), convolution, norm in zip(
        sorted(found.items()), convolutions, norms, strict=True
    ):
        if weight.shape != convolution.weight.shape or bias.shape != norm.bias.shape:
            wanted = tuple(convolution.weight.shape)
            message = f"{source}: conv_{number} is {weight.shape}, but MobileNetV2 has {wanted}"
            raise WeightsError(message)
        with torch.no_grad():
            convolution.weight.copy_(torch.from_numpy(weight))
            norm.bias.copy_(torch.from_numpy(bias))
            # Takes back what the norm divides by for a variance of one.
            norm.weight.fill_((1.0 + norm.eps) ** 0.5)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.safetensors"
    save_file({name: one.contiguous() for name, one in network.state_dict().items()}, path)
    return path


def _read(source: Path) -> dict[int, tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]:
    """Return weight and bias by the convolution's number."""
    try:
        with np.load(source, allow_pickle=False) as named:
            tensors = {name: named[name] for name in named.files if _NAME.fullmatch(name)}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        message = f"{source} cannot be read as named tensors: {error}"
        raise WeightsError(message) from error
    numbers = {int(name.split("_")[1]) for name in tensors}
    try:
        return {
            number: (tensors[f"conv_{number}_weight"], tensors[f"conv_{number}_bias"])
            for number in numbers
        }
    except KeyError as error:
        message = f"{source} has no tensor {error}"
        raise WeightsError(message) from error
