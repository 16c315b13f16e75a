"""The work of `liveshelf checkpoint export`: brings together what was asked for, and shows it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import typer
from rich.console import Console
from rich.table import Table

from models.errors import InputError
from stream.choice import one_of
from stream.settings import Settings
from stream.weights import registry_of, weights_dir

if TYPE_CHECKING:
    from PIL.Image import Image

    from models.encoder import Encoder
    from models.manifest import Manifest, Split

_MOST_PICTURES = 256
_MOST_TEXTS = 256
_KINDS = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}


@dataclass(frozen=True)
class ExportWish:
    """What the command was told."""

    encoder: str
    """Preset, checkpoint folder, or `zero-shot:NAME`."""
    out: Path
    """New folder."""
    int8: bool = False
    """Whether graphs of 8 bits are wanted too."""
    pictures: Path | None = None
    """Folder of pictures to calibrate and measure on; none: made-up ones."""
    manifest: Path | None = None
    """Pages and clips to tell recall on; none: it is not told."""
    split: str = "test"
    """Of the clips."""


def export_checkpoint(settings: Settings, wish: ExportWish) -> dict[str, Any]:
    """Export an encoder and return what its `export.json` says.

    Raises:
        InputError: a folder, manifest or split cannot be used.
        WeightsError: pretrained weights were not pulled, or the graphs differ from the encoder.
    """
    from models.config import OWN_WEIGHTS, TEXT_FOLDER
    from models.encoder import ZERO_SHOT, load_encoder
    from models.formats.layout import manifest_at
    from models.manifest import SPLITS
    from models.onnx_export import ExportOrder, export_onnx, tell_recall

    split = one_of("--split", wish.split, SPLITS)
    data = manifest_at(wish.manifest) if wish.manifest is not None else None
    if data is not None and not data.live(split):
        message = f"{wish.manifest} has no clip of split {wish.split}"
        raise InputError(message)
    registry, cache = registry_of(settings), weights_dir(settings)
    encoder = load_encoder(wish.encoder, cache, "cpu", registry)
    named = wish.encoder.removeprefix(ZERO_SHOT)
    text = named if named != wish.encoder else encoder.config.text.weights
    if encoder.checkpoint is not None and text == OWN_WEIGHTS:
        tokenizer = encoder.checkpoint.folder / TEXT_FOLDER
    else:
        tokenizer = registry.resolve(text, cache)
    titles = [row.title for row in data.pages if row.title] if data is not None else []
    order = ExportOrder(wish.int8, _pictures(wish.pictures), titles[:_MOST_TEXTS])
    with _status("tracing, quantizing and comparing"):
        told = export_onnx(encoder, tokenizer, wish.out, order, time.perf_counter)
    if data is not None:
        tell_recall(wish.out, told, _recall(encoder, wish, data))
    return told


def _pictures(folder: Path | None) -> list["Image"]:
    from models.readable_pictures import ReadablePictures, readable

    if folder is None:
        return []
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _KINDS)
    if not found:
        message = f"{folder} holds no picture ({', '.join(sorted(_KINDS))})"
        raise InputError(message)
    most = min(len(found), _MOST_PICTURES)
    read = ReadablePictures()
    pictures = readable((found[at * len(found) // most] for at in range(most)), read)
    for reason in read.reasons:
        typer.echo(f"passed over\t{reason}", err=True)
    if not pictures:
        message = f"none of {most} pictures of {folder} can be read"
        raise InputError(message)
    return list(pictures)


def _recall(encoder: "Encoder", wish: ExportWish, data: "Manifest") -> dict[str, Any]:
    """Return recall on the manifest by encoder: torch, and each precision of the export."""
    from models.exam import Exam, report
    from models.onnx_encoder import load_onnx_encoder

    split = cast("Split", wish.split)
    encoders = {"torch": encoder, "onnx fp32": load_onnx_encoder(wish.out, "fp32")}
    if wish.int8:
        encoders["onnx int8"] = load_onnx_encoder(wish.out, "int8")
    found: dict[str, Any] = {"manifest": data.fingerprint, "split": split}
    for name, one in encoders.items():
        with _status(f"finding pages by {name}"):
            found[name] = report(Exam(one, data), [split])[split]["recall"]
    return found


@contextmanager
def _status(words: str) -> Iterator[None]:
    with Console(stderr=True).status(words):
        yield


def show_export(told: dict[str, Any]) -> None:
    """Print sizes, times, cosines and recalls."""
    console = Console()
    sizes = {name: size for name, size in told["bytes"].items() if name.endswith(".onnx")}
    table = Table("graph", "kB")
    for name, size in sizes.items():
        table.add_row(name, f"{size / 1e3:,.0f}")
    console.print(table)
    table = Table("one input, ms", "image", "text")
    for name, one in told["latency_ms"].items():
        table.add_row(name, *(f"{one[tower]:.1f}" for tower in ("image", "text")))
    console.print(table)
    table = Table("cosine to the encoder's", "part", "min", "5 %", "median", "mean", "vectors")
    for precision, parts in told["cosine"].items():
        for part, one in parts.items():
            figures = [f"{one[key]:.5f}" for key in ("min", "p05", "median", "mean")]
            table.add_row(precision, part, *figures, str(one["count"]))
    console.print(table)
    if "recall" in told:
        table = Table("finds the page", "by", "R@1", "R@5", "MRR", "clips")
        for name, modes in told["recall"].items():
            if isinstance(modes, dict):
                for mode, one in modes.items():
                    figures = [f"{one[key]:.3f}" for key in ("recall_at_1", "recall_at_5", "mrr")]
                    table.add_row(name, mode, *figures, str(one["queries"]))
        console.print(table)
