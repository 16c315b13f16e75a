"""The readers that `liveshelf summarizer evaluate` compares, and their table."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table

from models.errors import SettingsError
from stream.count_bar import count_bar
from stream.settings import Settings

if TYPE_CHECKING:
    from workers.rooms.pair_exam import Dense, Reader, Reading
    from workers.rooms.pairs import Pair

_TEXT = "all-minilm-l6-v2"


def examine(
    settings: Settings,
    paths: tuple[list[Path], Path, Path | None],
    most: int | None,
    *,
    untrained: bool,
) -> dict[str, Any]:
    """Return how every reader did, ready for JSON.

    Args:
        settings: which language model and where weights are.
        paths: held-out pairs, validation pairs, and the adapter; none for the one of the
            settings.
        most: windows at most.
        untrained: whether the model without adapter is measured.
    """
    from workers.rooms.pair_exam import Search, fit_weight, gallery_of, score
    from workers.rooms.pair_training import read_all

    held_out, validation, adapter = paths
    pairs, checked = read_all(held_out)[:most], read_all([validation])
    readers = _readers(settings, adapter, untrained=untrained)
    dense = _dense(settings)
    titles = gallery_of(pairs)
    search, tuning = Search(titles, dense), Search(gallery_of(checked), dense)
    scores = []
    with count_bar() as bar:
        for reader in readers:
            total = len(pairs) + len(checked)
            task = bar.add_task(reader.name, total=total)
            fitted = _read(reader, checked, bar, task)
            weight = fit_weight(tuning, checked, fitted)
            scores.append(score(reader, search, pairs, _read(reader, pairs, bar, task), weight))
    return {
        "windows": len(pairs),
        "shows": len({pair.id.rpartition("-")[0] for pair in pairs}),
        "voices": sorted({pair.voice for pair in pairs}),
        "titles": len(titles),
        "validation_windows": len(checked),
        "readers": [asdict(one) for one in scores],
    }


def show(report: dict[str, Any]) -> None:
    """Print the report as a table."""
    table = Table(
        Column("reader", no_wrap=True),
        "right title, dense", "with sounds", "strict", "no product", "unnamed",
        "missed", "p50 s", "p90 s",
        title=f"{report['windows']} windows of {report['shows']} shows, {report['titles']} titles",
    )  # fmt: skip
    for row in report["readers"]:
        shares = [
            _share(row[key]) for key in ("dense", "joined", "strict", "none", "unnamed", "missed")
        ]
        table.add_row(row["reader"], *shares, f"{row['p50_s']:.2f}", f"{row['p90_s']:.2f}")
    Console().print(table)


def _share(share: dict[str, float] | None) -> str:
    if share is None:
        return "-"
    return f"{share['value']:.3f} ({share['low']:.2f}-{share['high']:.2f}) of {share['count']:.0f}"


def _readers(settings: Settings, adapter: Path | None, *, untrained: bool) -> "list[Reader]":
    from stream.llm_adapter import adapter_of
    from stream.weights import registry_of, weights_dir
    from workers.rooms.pair_exam import Reader
    from workers.summarizers.causal_lm import CausalLM, CausalLMOptions
    from workers.summarizers.extractive import Extractive

    name, device = settings.models.llm, settings.models.device
    chosen = adapter or adapter_of(settings.models)
    if chosen is None:
        message = f"no adapter for {name} is shipped or set; give one with --adapter"
        raise SettingsError(message)
    folder = registry_of(settings).resolve(name, weights_dir(settings))
    trained = CausalLM(folder, name, CausalLMOptions(adapter=chosen, device=device))
    readers = [
        Reader("raw transcript"),
        Reader("extractive, cart", Extractive(), cart=True),
        Reader("adapter, writing", trained),
        Reader("adapter, cart", trained, cart=True),
    ]
    if untrained:
        plain = CausalLM(folder, name, CausalLMOptions(device=device))
        readers += [
            Reader("untrained, writing", plain),
            Reader("untrained, cart", plain, cart=True),
        ]
    return readers


def _read(reader: "Reader", pairs: "Sequence[Pair]", bar: Progress, task: Any) -> "list[Reading]":
    from workers.rooms.pair_exam import read_windows

    readings = []
    for reading in read_windows(reader, pairs):
        readings.append(reading)
        bar.advance(task)
    return readings


def _dense(settings: Settings) -> "Dense":
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
