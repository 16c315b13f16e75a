"""The readers that `liveshelf summarizer evaluate` compares, and their table."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Column, Table

from models.errors import InputError, SettingsError
from stream.count_bar import count_bar
from stream.settings import Settings

if TYPE_CHECKING:
    from workers.rooms.pair_exam import Dense, Reader, Reading
    from workers.rooms.pairs import Pair
    from workers.summarizers.protocol import SummaryWriter

RAW = "raw transcript"
READERS = (
    RAW,
    "extractive, cart",
    "adapter, writing",
    "adapter, cart",
    "untrained, writing",
    "untrained, cart",
)
_TEXT = "all-minilm-l6-v2"


def examine(
    settings: Settings,
    paths: tuple[list[Path], Path, Path | None],
    names: Sequence[str],
    most: int | None = None,
    keep: Path | None = None,
) -> dict[str, Any]:
    """Return how every reader did, ready for JSON.

    Args:
        settings: which language model and where weights are.
        paths: held-out pairs, validation pairs, and the adapter; none for the one of the
            settings.
        names: of `READERS`.
        most: windows at most.
        keep: folder of readings, so that a stopped run goes on.

    Raises:
        InputError: an unknown reader.
    """
    from workers.rooms.pair_exam import Search, fit_weight, gallery_of, score
    from workers.rooms.pair_training import read_all

    held_out, validation, adapter = paths
    pairs, checked = read_all(held_out)[:most], read_all([validation])
    readers = _readers(settings, adapter, names)
    dense = dense_of(settings)
    titles = gallery_of(pairs)
    search, tuning = Search(titles, dense), Search(gallery_of(checked), dense)
    scores = []
    with count_bar() as bar:
        for reader in readers:
            total = len(pairs) + len(checked)
            task = bar.add_task(reader.name, total=total)
            fitted = _read(reader, checked, keep, (bar, task))
            weight = fit_weight(tuning, checked, fitted)
            read = _read(reader, pairs, keep, (bar, task))
            scores.append(score(reader, search, pairs, read, weight))
    return {
        "windows": len(pairs),
        "shows": len({pair.id.rpartition("-")[0] for pair in pairs}),
        "voices": sorted({pair.voice for pair in pairs}),
        "titles": len(titles),
        "validation_windows": len(checked),
        "readers": [asdict(one) for one in scores],
    }


def show(report: dict[str, Any]) -> None:
    """Print the report as a table; `strict`, `unnamed` and p50 are in the JSON only."""
    first = report["readers"][0]
    heads = (
        "reader", "right,\ndense", "with\nsounds", "in its\ncart",
        "no product\nwhere none", "no product\nwrongly", "p90 s",
    )  # fmt: skip
    table = Table(
        *(Column(head, no_wrap=True) for head in heads),
        title=f"{report['windows']} windows of {report['shows']} shows, {report['titles']} titles",
        caption=f"{_count(first['dense'])} windows tell the product; "
        "beneath each share its 95 % interval",
        box=SIMPLE,
        padding=(0, 1, 0, 0),
    )
    for row in report["readers"]:
        shares = [_share(row[key]) for key in ("dense", "joined", "in_cart", "none", "missed")]
        table.add_row(row["reader"].replace(" ", "\n"), *shares, f"{row['p90_s']:.2f}")
    Console().print(table)


def _count(share: dict[str, float] | None) -> int:
    return 0 if share is None else round(share["count"])


def _share(share: dict[str, float] | None) -> str:
    if share is None:
        return "-"
    return f"{share['value']:.3f}\n{share['low']:.2f}–{share['high']:.2f}"


def _readers(settings: Settings, adapter: Path | None, names: Sequence[str]) -> "list[Reader]":
    from workers.rooms.pair_exam import Reader

    if unknown := set(names) - set(READERS):
        message = f"unknown --reader {min(unknown)!r}; want one of {'; '.join(READERS)}"
        raise InputError(message)
    writer = writers_of(settings, adapter)
    return [
        Reader(one, None if one == RAW else writer(one.partition(", ")[0]), one.endswith("cart"))
        for one in READERS
        if one in names
    ]


def writers_of(settings: Settings, adapter: Path | None) -> "Callable[[str], SummaryWriter]":
    """Return what loads a back end by its name, each once.

    Args:
        settings: which language model, its adapter and where weights are.
        adapter: folder of another adapter; none: that of the settings.
    """
    from stream.weights import registry_of, weights_dir
    from workers.summarizers.causal_lm import CausalLM, CausalLMOptions
    from workers.summarizers.extractive import Extractive

    name, device = settings.models.llm, settings.models.device

    @functools.cache
    def writer(kind: str) -> "SummaryWriter":
        if kind == "extractive":
            return Extractive()
        folder = registry_of(settings).resolve(name, weights_dir(settings))
        chosen = adapter_folder(settings, adapter) if kind == "adapter" else None
        options = CausalLMOptions(adapter=chosen, device=device, domain=settings.summarize.domain)
        return CausalLM(folder, name, options)

    return writer


def adapter_folder(settings: Settings, adapter: Path | None) -> Path:
    """Return the adapter to use: the one given, or that of the settings.

    Raises:
        SettingsError: there is none.
    """
    from stream.llm_adapter import adapter_of

    chosen = adapter or adapter_of(settings.models)
    if chosen is None:
        message = f"no adapter for {settings.models.llm} is shipped or set; give one with --adapter"
        raise SettingsError(message)
    return chosen


def _read(
    reader: "Reader", pairs: "Sequence[Pair]", keep: Path | None, shown: tuple[Progress, TaskID]
) -> "list[Reading]":
    from workers.rooms.pair_exam import kept_in, read_windows

    bar, task = shown
    readings = []
    for reading in read_windows(
        reader, pairs, None if keep is None else kept_in(keep, reader, pairs)
    ):
        readings.append(reading)
        bar.advance(task)
    return readings


def dense_of(settings: Settings) -> "Dense":
    """Return what makes vectors of texts, by the default encoder's text network."""
    import numpy as np
    import torch

    from models.branches.text import load_text_branch, load_tokenizer
    from models.config import TextConfig
    from stream.weights import registry_of, weights_dir

    folder = registry_of(settings).resolve(_TEXT, weights_dir(settings))
    branch = load_text_branch(folder)
    tokenize = load_tokenizer(folder, TextConfig(weights=_TEXT))

    def dense(texts: Sequence[str]) -> "np.ndarray[Any, np.dtype[np.float32]]":
        rows = []
        for start in range(0, len(texts), 16):
            tokens, attention = tokenize(list(texts[start : start + 16]))
            with torch.inference_mode():
                rows.append(branch(torch.tensor(tokens), torch.tensor(attention)).numpy())
        return np.concatenate(rows).astype(np.float32)

    return dense
