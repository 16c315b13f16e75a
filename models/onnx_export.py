"""An encoder's export: ONNX graphs, settings, tokenizer, thresholds, and `export.json` about all.

In: an encoder and the folder of its tokenizer. Out: a folder that `models.onnx_encoder` loads and
that a server without this project can: `export.json` names inputs, outputs, preprocess and hashes.
Vectors of the written graphs are held against the encoder's own; where a cosine is below the limit
there is no folder.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image

from models import calibrate, config, preprocess
from models.batch import Pixels, Sample
from models.checkpoint import CARD, sha256_of
from models.errors import InputError, WeightsError
from models.onnx_encoder import (
    CALIBRATION,
    CONFIG,
    FORMAT,
    RECORD,
    TOKENIZER,
    Precision,
    graph_file,
    load_onnx_encoder,
)
from models.onnx_graphs import IMAGE, OPSET, TEXT, write_graphs
from models.onnx_int8 import quantize_dynamic_graph, quantize_static_graph
from models.onnx_measure import Clock, cosines, latency_ms, made_samples, spread

if TYPE_CHECKING:
    from models.encoder import Encoder

Frame = Pixels | Image.Image
LEAST_COSINE = 0.999
_MADE = 16
_TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "config.json",
)
_FRAMES = "the unit mean of the vectors of a sample's pictures is its image vector"
_BY_GRAPH = "fusion.onnx: image and text vectors, zero where absent, and what is present"
_BY_RULE = {
    "concat": "unit([sqrt(w) image ; sqrt(1 - w) text]), w = image_weight, zero where absent",
    "mean": "unit(image + text), zero where absent",
}


@dataclass(frozen=True)
class ExportOrder:
    """What is wanted of an export."""

    int8: bool = False
    """Whether graphs of 8 bits are written beside those of fp32."""
    pictures: Sequence[Image.Image] = ()
    """Such as will be served: every second one calibrates int8, the others are measured on; none:
    made-up ones are measured on, and convolutions stay fp32."""
    texts: Sequence[str] = ()
    """Such as will be served, to be measured on; none: made-up ones."""


def export_onnx(
    encoder: "Encoder", tokenizer: Path, out: Path, order: ExportOrder, clock: Clock
) -> dict[str, Any]:
    """Write an export and return what its `export.json` says.

    Args:
        encoder: on the CPU.
        tokenizer: folder of the text network's tokenizer.
        out: a new or empty folder.
        order: what is wanted.
        clock: for latencies.

    Raises:
        InputError: `out` is not empty, or a network cannot be exported or quantized.
        WeightsError: the graphs do not say what the encoder says.
    """
    if encoder.device != "cpu":
        message = f"an encoder is exported from the cpu, not from {encoder.device}"
        raise InputError(message)
    if encoder.config.temporal.layers or encoder.config.by_domain:
        message = "an encoder with temporal layers or with networks by domain has no graphs yet"
        raise InputError(message)
    with _staging(out) as folder:
        _copy_settings(encoder, tokenizer, folder)
        write_graphs(encoder, folder)
        if order.int8:
            _quantize(encoder, folder, order.pictures[::2])
        precisions: tuple[Precision, ...] = ("fp32", "int8") if order.int8 else ("fp32",)
        told = _describe(encoder, folder, precisions)
        _write(folder, told)
        samples = _samples(encoder, order)
        told["pictures"] = len(order.pictures) or "made up"
        told["cosine"] = {one: _compare(encoder, folder, one, samples) for one in precisions}
        _refuse_far(told["cosine"]["fp32"])
        told["latency_ms"] = {"torch": latency_ms(encoder, samples, clock)} | {
            f"onnx {one}": latency_ms(load_onnx_encoder(folder, one), samples, clock)
            for one in precisions
        }
        told["threads"] = torch.get_num_threads()
        _write(folder, told)
    return told


def tell_recall(out: Path, told: dict[str, Any], recall: dict[str, Any]) -> None:
    """Add to an export what its encoders find on a manifest.

    Args:
        out: the export.
        told: what `export_onnx` returned; gets the figures too.
        recall: figures by encoder.
    """
    told["recall"] = recall
    _write(out, told)


@contextmanager
def _staging(out: Path) -> Iterator[Path]:
    """Yield a folder that becomes `out` if nothing fails, and nothing otherwise."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        message = f"{out} is there and not empty; export into a new folder"
        raise InputError(message)
    out.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        yield made
        # As any folder, not for this user alone as a temporary one.
        made.chmod(0o755)
        made.replace(out)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _copy_settings(encoder: "Encoder", tokenizer: Path, folder: Path) -> None:
    (folder / CONFIG).write_text(config.to_json(encoder.config), encoding="utf-8")
    (folder / CALIBRATION).write_text(calibrate.to_json(encoder.calibrations), encoding="utf-8")
    if encoder.checkpoint is not None and (encoder.checkpoint.folder / CARD).is_file():
        shutil.copyfile(encoder.checkpoint.folder / CARD, folder / CARD)
    (folder / TOKENIZER).mkdir()
    for name in _TOKENIZER_FILES:
        if (tokenizer / name).is_file():
            shutil.copyfile(tokenizer / name, folder / TOKENIZER / name)


def _quantize(encoder: "Encoder", folder: Path, pictures: Sequence[Image.Image]) -> None:
    source, target = (folder / graph_file(IMAGE, one) for one in ("fp32", "int8"))
    if pictures:
        seen = preprocess.pixels(pictures, encoder.config.image)
        batches = [{"pixels": np.ascontiguousarray(one[None].numpy())} for one in seen]
        quantize_static_graph(source, target, batches)
    else:
        quantize_dynamic_graph(source, target)
    quantize_dynamic_graph(folder / graph_file(TEXT, "fp32"), folder / graph_file(TEXT, "int8"))


def _samples(encoder: "Encoder", order: ExportOrder) -> list[Sample]:
    made = made_samples(_MADE, max(encoder.config.image.height_px, encoder.config.image.width_px))
    pictures: list[Frame] = list(order.pictures[1::2])
    pictures = pictures or [sample.frames[0] for sample in made]
    texts = list(order.texts) or [str(sample.text) for sample in made]
    count = max(len(pictures), len(texts))
    return [
        Sample("page", (pictures[at % len(pictures)],), texts[at % len(texts)])
        for at in range(count)
    ]


def _compare(
    encoder: "Encoder", folder: Path, precision: Precision, samples: Sequence[Sample]
) -> dict[str, dict[str, float]]:
    return spread(cosines(encoder, load_onnx_encoder(folder, precision), samples))


def _refuse_far(found: dict[str, dict[str, float]]) -> None:
    for name, one in found.items():
        # Written so that a cosine of NaN is refused too.
        if not one["min"] >= LEAST_COSINE:
            message = (
                f"the exported {name} vectors have a cosine of {one['min']:.6f} to the encoder's,"
                f" but {LEAST_COSINE} is the least; nothing was exported"
            )
            raise WeightsError(message)


def _describe(
    encoder: "Encoder", folder: Path, precisions: tuple[Precision, ...]
) -> dict[str, Any]:
    import onnx
    import onnxruntime

    settings = encoder.config
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    hashes = {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}
    return {
        "format": FORMAT,
        "name": settings.name,
        "fingerprint": {one: _fingerprint(encoder, hashes, one) for one in precisions},
        "dims": {
            IMAGE: encoder.branches.image_dim,
            TEXT: encoder.branches.text_dim,
            "fused": encoder.dim,
        },
        "graphs": {path.stem: _signature(path) for path in files if path.suffix == ".onnx"},
        "preprocess": json.loads(preprocess.fingerprint_text(settings)),
        "frames": _FRAMES,
        "fusion": {**settings.fusion.deciding(), "how": _how_fused(encoder)},
        "bytes": {name: (folder / name).stat().st_size for name in hashes},
        "sha256": hashes,
        "made_with": {
            "torch": torch.__version__,
            "onnx": onnx.__version__,
            "onnxruntime": onnxruntime.__version__,
            "opset": OPSET,
        },
    }


def _how_fused(encoder: "Encoder") -> str:
    return _BY_RULE[encoder.layout.kind] if encoder.branches.gate is None else _BY_GRAPH


def _fingerprint(encoder: "Encoder", hashes: dict[str, str], precision: Precision) -> str:
    if precision == "fp32":
        return encoder.fingerprint
    graphs = [hashes[graph_file(name, precision)] for name in (IMAGE, TEXT)]
    return sha256("\x1f".join([encoder.fingerprint, *graphs]).encode()).hexdigest()


def _signature(path: Path) -> dict[str, Any]:
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    sides = {"inputs": session.get_inputs(), "outputs": session.get_outputs()}
    return {
        "file": path.name,
        **{
            side: {one.name: {"type": one.type, "shape": one.shape} for one in ends}
            for side, ends in sides.items()
        },
    }


def _write(folder: Path, told: dict[str, Any]) -> None:
    (folder / RECORD).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
