"""An exported folder as an encoder: the same preprocess, pooling and order of work, ONNX inside.

In: what `models.onnx_export` wrote. Out: an `Encoder` whose networks are sessions of onnxruntime.
Every file is held against the hash in `export.json` before it is opened. At fp32 it has the
fingerprint of the encoder that was exported; at int8 one of its own, so that no index mixes them.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from models import calibrate
from models.branches.text import load_tokenizer
from models.checkpoint import refuse_pickles, sha256_of
from models.config import load_config
from models.encoder import Branches, Encoder
from models.errors import InputError, WeightsError
from models.fusion_head import Fused
from models.onnx_graphs import FUSION, IMAGE, TEXT

Precision = Literal["fp32", "int8"]
RECORD, CONFIG, CALIBRATION, TOKENIZER = (
    "export.json",
    "config.json",
    "calibration.json",
    "tokenizer",
)
FORMAT = 1


@dataclass(frozen=True)
class Record:
    """What `export.json` says that loading needs."""

    fingerprints: dict[str, str]
    """By precision."""
    dims: dict[str, int]
    """Of a tower's vectors, by tower."""
    sha256: dict[str, str]
    """By path in the folder."""


class OnnxNetwork(torch.nn.Module):
    """A graph in a session on the CPU, with as many threads as torch has."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        try:
            import onnxruntime
        except ImportError as error:
            message = f"exported graphs need `pip install liveshelf[export]`: {error}"
            raise InputError(message) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        self._session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
        self._names = [one.name for one in self._session.get_inputs()]

    def forward(self, *inputs: Tensor) -> Tensor:
        """Return the graph's first output."""
        return self.run(*inputs)[0]

    def run(self, *inputs: Tensor) -> list[Tensor]:
        """Return all outputs."""
        arrays = (np.ascontiguousarray(one.numpy()) for one in inputs)
        answers = self._session.run(None, dict(zip(self._names, arrays, strict=True)))
        return [torch.from_numpy(one) for one in answers]


class OnnxFusion(OnnxNetwork):
    """The graph of what fuses, with the answer of `models.fusion_head.Gate`."""

    def forward(self, *inputs: Tensor) -> Any:
        """Fuse (B, D) and (B, D), zero where absent, with (B, 2) bool."""
        return Fused(*self.run(*inputs))


def load_onnx_encoder(folder: Path, precision: Precision = "fp32") -> Encoder:
    """Return an exported encoder, on the CPU.

    Raises:
        InputError: the folder is no export, or not of this precision.
        WeightsError: a file is not what `export.json` says, or may be a pickle.
    """
    record = read_record(folder)
    refuse_pickles(folder)
    for name, wanted in record.sha256.items():
        if not (folder / name).is_file() or sha256_of(folder / name) != wanted:
            message = f"{folder / name} is absent or not the file that {RECORD} names"
            raise WeightsError(message)
    if precision not in record.fingerprints:
        message = (
            f"{folder} was not exported to {precision}; it has {', '.join(record.fingerprints)}"
        )
        raise InputError(message)
    config = load_config(folder / CONFIG)
    names = [graph_file(name, precision) for name in (IMAGE, TEXT)]
    image, text = (OnnxNetwork(folder / name) for name in names)
    fusion = folder / graph_file(FUSION, "fp32")
    branches = Branches(
        image,
        record.dims[IMAGE],
        text,
        record.dims[TEXT],
        load_tokenizer(folder / TOKENIZER, config.text),
        OnnxFusion(fusion) if fusion.name in record.sha256 else None,
    )
    told = (folder / CALIBRATION).read_text(encoding="utf-8")
    calibrations = calibrate.from_json(told, str(folder / CALIBRATION))
    return Encoder(config, branches, record.fingerprints[precision], calibrations, "cpu")


def graph_file(name: str, precision: Precision) -> str:
    """Return the name of a graph's file."""
    return f"{name}.onnx" if precision == "fp32" else f"{name}.{precision}.onnx"


def read_record(folder: Path) -> Record:
    """Return what an export says of itself.

    Raises:
        InputError: there is no such file, or another version wrote it.
    """
    path = folder / RECORD
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["format"] != FORMAT:
            message = f"{path} is of format {told['format']!r}, but only {FORMAT} is known here"
            raise InputError(message)
        return Record(dict(told["fingerprint"]), dict(told["dims"]), dict(told["sha256"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{folder} is no exported encoder: {RECORD} cannot be read: {error!r}"
        raise InputError(message) from error
