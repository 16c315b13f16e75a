"""`liveshelf bench summarize`: how right, how honest and how fast windows of speech are summed up.

In: pairs of `liveshelf summarizer data`, and sets that try to steer a summary. Every back end reads
them through the summarize stage with its guards. Out: figures ready for JSON.
"""

import functools
import hashlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import InputError
from stream.count_bar import count_bar
from stream.llm_adapter import adapter_of
from stream.settings import Settings
from stream.summarizer_exam import RAW, READERS, dense_of, writers_of

if TYPE_CHECKING:
    from workers.kept_answers import KeptAnswers
    from workers.rooms.pairs import Pair
    from workers.summarizers.steering_sets import SteeringCase
    from workers.summing_up.readings import Reader, Readings

BACK_ENDS = ("extractive", "adapter", "untrained")
ANSWERS = "answers.sqlite"
"""What was found so far, in the folder of the report."""


@dataclass(frozen=True)
class BenchSummarizeOptions:
    """What is measured."""

    pairs: tuple[Path, ...] = ()
    """Files of pairs; none: the windows that are shipped."""
    most: int | None = None
    """Windows of pairs at most; none: all."""
    back_ends: tuple[str, ...] = ()
    """Of `BACK_ENDS`; none: the extractive one, and the language model as it runs live."""
    adapter: Path | None = None
    """Folder of an adapter; none: that of the settings."""
    batch: int = 1
    """Windows that the stage is given at once."""
    threads: int = 0
    """Of torch; 0: as many as there are cores."""
    steering: bool = True
    """Whether the steering sets are tried too."""
    sound_weight: float = 2.0
    """Of the sound-alike channel against the dense vector; by default as the shipped encoder was
    calibrated for whole catalogues."""


def bench_summarize(
    settings: Settings, options: BenchSummarizeOptions, out: Path
) -> dict[str, Any]:
    """Return the figures of every reader.

    Args:
        settings: which language model and where weights are.
        options: what is measured.
        out: folder where answers are kept.

    Raises:
        InputError: an unknown back end, pairs that cannot be read, or a folder of other work.
    """
    from workers.kept_answers import KeptAnswers
    from workers.rooms.pair_training import read_all
    from workers.summarizers.steering_sets import steering_cases
    from workers.summing_up.sample import SAMPLE

    if unknown := set(options.back_ends) - set(BACK_ENDS):
        message = f"unknown --backend {min(unknown)!r}; want one of {', '.join(BACK_ENDS)}"
        raise InputError(message)
    if options.threads:
        import torch

        torch.set_num_threads(options.threads)
    pairs = read_all(options.pairs or (SAMPLE,))[: options.most]
    cases = steering_cases() if options.steering else ()
    readers = _readers(settings, options)
    with KeptAnswers(out / ANSWERS, _depends(settings, options)) as kept:
        readings = _asked(kept, readers, pairs, cases, options.batch)
        with count_bar() as bar:
            task = bar.add_task("windows", total=readings.total, completed=readings.known)
            for count in readings.read():
                bar.advance(task, count)
        rows = _rows(settings, options, readings, readers, (pairs, cases))
    return {
        "cores": os.cpu_count(),
        "threads": options.threads or os.cpu_count(),
        "batch": options.batch,
        "llm": settings.models.llm,
        "pairs": [str(path) for path in options.pairs] or "shipped",
        "windows": len(pairs),
        "shows": len({pair.id.rpartition("-")[0] for pair in pairs}),
        "titles": len({title for pair in pairs for title in pair.titles}),
        "steering_cases": len(cases),
        "sound_weight": options.sound_weight,
        **rows,
    }


def _readers(settings: Settings, options: BenchSummarizeOptions) -> "list[Reader]":
    from workers.summing_up.readings import Reader

    writer = writers_of(settings, options.adapter)
    named = [(name, *name.split(", ")) for name in READERS if name != RAW]
    adapter = options.adapter or adapter_of(settings.models)
    live = ("extractive", "untrained" if adapter is None else "adapter")
    return [
        Reader(name, functools.partial(writer, back_end), cart=way == "cart")
        for name, back_end, way in named
        if back_end in (options.back_ends or live)
    ]


def _depends(settings: Settings, options: BenchSummarizeOptions) -> dict[str, str | int | None]:
    """Return all that answers depend on but their windows."""
    return {
        "llm": settings.models.llm,
        "adapter": _version(options.adapter or adapter_of(settings.models)),
        "device": settings.models.device,
        "domain": settings.summarize.domain,
        "batch": options.batch,
        "threads": options.threads,
        "code": _code(),
    }


def _version(adapter: Path | None) -> str | None:
    from models.adapter_folder import RECORD, version_of

    if adapter is None or not (adapter / RECORD).is_file():
        return None if adapter is None else str(adapter)
    return version_of(adapter)


def _code() -> str:
    """Return what differs where the stage, its guards or its back ends do."""
    from workers import summarize, summarizers

    stage = Path(str(summarize.__file__))
    folder = Path(str(summarizers.__file__)).parent
    files = sorted(path for path in folder.iterdir() if path.suffix in {".py", ".toml", ".txt"})
    digest = hashlib.sha256()
    for path in (stage, *files):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _asked(
    kept: "KeptAnswers",
    readers: "Sequence[Reader]",
    pairs: "Sequence[Pair]",
    cases: "Sequence[SteeringCase]",
    batch: int,
) -> "Readings":
    from workers.rooms.pair_examples import window_of
    from workers.summing_up.readings import Readings

    windows = {
        reader.name: [
            *(window_of(pair, cart=reader.cart) for pair in pairs),
            *(case.window(slot, cart=reader.cart) for slot, case in enumerate(cases)),
        ]
        for reader in readers
    }
    return Readings(kept, readers, windows, time.perf_counter, batch)


def _rows(
    settings: Settings,
    options: BenchSummarizeOptions,
    readings: "Readings",
    readers: "Sequence[Reader]",
    asked: "tuple[Sequence[Pair], Sequence[SteeringCase]]",
) -> dict[str, Any]:
    from workers.rooms.pair_exam import Reading, Search, gallery_of, score_of
    from workers.summing_up.report import row_of

    pairs, _ = asked
    search = Search(gallery_of(pairs), dense_of(settings))
    weight = options.sound_weight
    raw = [Reading(pair.transcript, 0.0) for pair in pairs]
    count = _token_counter(settings)
    return {
        "raw_transcript": asdict(score_of(RAW, search, pairs, raw, weight, can_say_none=False)),
        "readers": [
            row_of(
                reader.name,
                readings.answers(reader.name),
                asked,
                search,
                weight,
                None if reader.name.startswith("extractive") else count,
            )
            for reader in readers
        ],
    }


def _token_counter(settings: Settings) -> Callable[[str], int]:
    from transformers import AutoTokenizer

    from stream.weights import registry_of, weights_dir

    folder = registry_of(settings).resolve(settings.models.llm, weights_dir(settings))
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)

    def count(text: str) -> int:
        return len(tokenizer(text, add_special_tokens=False)["input_ids"])

    return count
