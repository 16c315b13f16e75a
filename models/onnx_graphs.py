"""An encoder's networks as ONNX graphs: pictures, texts, and what fuses them, each in a file.

In: an encoder. Out: `image.onnx`, `text.onnx` and, where a network fuses, `fusion.onnx`. They are
three because a shelf serves them apart: pages are encoded once, a clip has several pictures but one
text, a page's picture may be kept while its title changes, and only the towers gain from int8.
Batches are of any size, texts of any length up to the settings' limit.
"""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.export import Dim

from models.errors import InputError

if TYPE_CHECKING:
    from models.encoder import Encoder

IMAGE, TEXT, FUSION = "image", "text", "fusion"
OPSET = 20


class _Image(torch.nn.Module):
    """A network behind a signature with names, as tracing wants it."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: Tensor) -> Tensor:
        answer: Tensor = self.network(pixels)
        return answer


class _Text(torch.nn.Module):
    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, tokens: Tensor, attention: Tensor) -> Tensor:
        answer: Tensor = self.network(tokens, attention)
        return answer


class _Fusion(torch.nn.Module):
    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor, text: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
        fused = self.network(image, text, present)
        return fused.vectors, fused.weights


def write_graphs(encoder: "Encoder", folder: Path) -> None:
    """Write the graphs of an encoder that is on the CPU.

    Raises:
        InputError: a network cannot be traced.
    """
    config, branches = encoder.config, encoder.branches
    draw = torch.Generator().manual_seed(0)
    pictures = torch.rand((2, 3, config.image.height_px, config.image.width_px), generator=draw)
    _write(_Image(branches.image), (pictures,), ["vectors"], [{0: Dim("pictures")}], folder, IMAGE)
    texts, length = {0: Dim("texts")}, config.text.max_tokens
    if config.text.padding == "longest":
        texts[1] = Dim("tokens", max=length)
        length = min(length, 7)
    # Two tensors: one given twice would be traced as one input.
    tokens, attention = (torch.ones((2, length), dtype=torch.int64) for _ in range(2))
    _write(_Text(branches.text), (tokens, attention), ["vectors"], [texts, texts], folder, TEXT)
    if branches.gate is None:
        return
    samples = {0: Dim("samples")}
    vectors = [torch.rand((2, dim), generator=draw) for dim in _dims(branches)]
    present = torch.ones((2, 2), dtype=torch.bool)
    _write(
        _Fusion(branches.gate),
        (*vectors, present),
        ["vectors", "weights"],
        [samples, samples, samples],
        folder,
        FUSION,
    )


def _dims(branches: Any) -> tuple[int, int]:
    return branches.image_dim, branches.text_dim


def _write(
    network: torch.nn.Module,
    inputs: tuple[Tensor, ...],
    outputs: list[str],
    dynamic: list[dict[int, Any]],
    folder: Path,
    name: str,
) -> None:
    try:
        with warnings.catch_warnings():
            # The exporter warns of its own insides, never of the network.
            warnings.simplefilter("ignore")
            made = torch.onnx.export(
                network.eval(),
                inputs,
                output_names=outputs,
                dynamic_shapes=tuple(dynamic),
                opset_version=OPSET,
                dynamo=True,
                verbose=False,
            )
    except (torch.onnx.OnnxExporterError, ImportError) as error:
        first = str(error).strip().splitlines()[0]
        message = (
            f"the {name} network cannot be exported (`pip install liveshelf[export]`?): {first}"
        )
        raise InputError(message) from error
    if made is None:
        message = f"the {name} network cannot be exported: torch made no graph of it"
        raise InputError(message)
    made.save(folder / f"{name}.onnx")
