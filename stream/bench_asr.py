"""`liveshelf bench asr`: parts that are measured one by one, kept as they come, and drawn.

In: settings and options. Out: OUT/report.json with the figures of every part measured so far,
OUT/plot.png, and OUT/answers.sqlite with what was heard, from which a stopped run goes on.
"""

import importlib.util
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from models.errors import InputError
from stream.bench_asr_ears import SHORT, WhisperEars
from stream.bench_real import VOICES
from stream.count_bar import count_bar
from stream.revision import code_revision
from stream.settings import Settings
from workers.asr import SpeechModel
from workers.kept_answers import KeptAnswers
from workers.listening.alone import ListensAlone

if TYPE_CHECKING:
    from rich.progress import TaskID

    from workers.listening.bench import Bench, Guards, Material, Skipped
    from workers.listening.measure_live import Pipeline
    from workers.rooms.products import Item

PARTS = ("speed", "wer", "slots", "nonspeech", "hotwords", "live", "pipeline")
_VERSIONS = ("faster-whisper", "ctranslate2")
_NEEDED = ("faster_whisper", "matplotlib", "transformers")
Report = dict[str, Any]


@dataclass(frozen=True)
class BenchAsrOptions:
    """What is measured, on what."""

    out: Path
    """Folder of report, plot and answers."""
    parts: tuple[str, ...] = PARTS
    """Of `PARTS`, in order."""
    model: str = "base"
    """Registry name, hub name or folder; base and tiny.en stand for those of the registry."""
    hop_ms: int = 2_000
    """How often a growing utterance is heard again; 0: only whole ones."""
    data: Path | None = None
    """Folder with coffee_speech/; none: parts that need it are skipped, or go without."""
    scripts: Path | None = None
    """Folder of `rooms scripts`; none: likewise."""
    limit: int = 0
    """Most sounds of each kind, and rooms at once; 0: all."""
    live_s: int = 120
    """Seconds that each room plays in `live` and `pipeline`."""
    threads: int = 0
    """Of the CPU; 0: one a core, four at most."""


class TellingEars(Protocol):
    """Ears that say what their answers depend on."""

    @property
    def told(self) -> dict[str, str | int]:
        """Model, number format, threads and the like."""

    def ours(self, batch: int = 8, guards: "Guards" = "all") -> SpeechModel:
        """As of `workers.listening.bench.Ears`."""

    def alone(self) -> ListensAlone:
        """As of `workers.listening.bench.Ears`."""


def bench_asr(
    settings: Settings, options: BenchAsrOptions, ears: TellingEars | None = None
) -> Report:
    """Measure the parts and return the report of all that was measured in this folder.

    Args:
        settings: where weights are, how utterances are cut, the device.
        options: which parts, on what.
        ears: none: Whisper's.

    Raises:
        InputError: the folder is of another model, hop or revision, material cannot be read, or a
            package is not installed.
        WeightsError: the model was not pulled.
    """
    from workers.listening.report_picture import draw_report

    _refuse_without(_NEEDED)
    ears = ears or WhisperEars(settings, options.model, options.threads)
    cut = f"{settings.asr.min_utterance_ms}-{settings.asr.max_utterance_ms}"
    told = {
        **ears.told,
        "utterance_ms": cut,
        "hop_ms": options.hop_ms,
        "revision": code_revision(),
    }
    with KeptAnswers(options.out / "answers.sqlite", told) as kept:
        report = _report_so_far(options.out / "report.json")
        report["measured"] = {**told, "versions": {name: version(name) for name in _VERSIONS}}
        with _Bar() as bar:
            bench = _bench(settings, options, ears, kept, bar.tell)
            for part in options.parts:
                found = _measures(settings, options)[part](bench)
                report["parts"][part] = {"limit": options.limit, **_figures(found)}
                _write(options.out / "report.json", report)
    picture = draw_report(report)
    if picture:
        (options.out / "plot.png").write_bytes(picture)
    return report


def _refuse_without(packages: Sequence[str]) -> None:
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        message = f"{', '.join(missing)}: not installed; pip install 'liveshelf[bench]'"
        raise InputError(message)


def _bench(
    settings: Settings,
    options: BenchAsrOptions,
    ears: TellingEars,
    kept: KeptAnswers,
    tell: Callable[[str, int, int], None],
) -> "Bench":
    from dataclasses import replace

    from stream.stages.asr import utterance_options
    from workers.listening.bench import Bench

    return Bench(
        ears=ears,
        cuts=replace(utterance_options(settings), hop_ms=options.hop_ms),
        material=_material(options),
        kept=kept,
        tell=tell,
        clock=time.perf_counter,
    )


def _material(options: BenchAsrOptions) -> "Material":
    from workers.listening.bench import Material

    orders = None if options.data is None else options.data / VOICES
    there = orders if orders is not None and orders.is_dir() else None
    return Material(there, options.scripts, options.limit)


def _measures(
    settings: Settings, options: BenchAsrOptions
) -> "Mapping[str, Callable[[Bench], dict[str, Any] | Skipped]]":
    from stream.stages.asr import hotwords_of
    from workers.listening.measure_hotwords import measure_hotwords
    from workers.listening.measure_live import measure_live, measure_pipeline
    from workers.listening.measure_nonspeech import measure_nonspeech
    from workers.listening.measure_slots import measure_slots
    from workers.listening.measure_speed import measure_speed
    from workers.listening.measure_words import measure_words

    return {
        "speed": measure_speed,
        "wer": measure_words,
        "slots": measure_slots,
        "nonspeech": measure_nonspeech,
        "hotwords": partial(measure_hotwords, hotwords_of=hotwords_of, shop=_shop()),
        "live": partial(measure_live, length_s=options.live_s),
        "pipeline": lambda bench: measure_pipeline(
            bench, _pipeline(settings, options), options.live_s
        ),
    }


def _pipeline(settings: Settings, options: BenchAsrOptions) -> "Pipeline":
    from stream.bench_asr_pipeline import DemoPipeline

    model = SHORT.get(options.model, options.model)
    return DemoPipeline(settings, model, options.out)


def _shop() -> "list[Item]":
    """Return a cart in which there is no coffee."""
    from workers.rooms.products import load

    return [item for item in load() if item.shop == "brightwell"][:20]


def _figures(found: "dict[str, Any] | Skipped") -> Report:
    return found if isinstance(found, dict) else {"skipped": found.reason}


def _report_so_far(path: Path) -> Report:
    """Return the report of parts that were measured before with the same settings."""
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
        return {"parts": dict(before["parts"])}
    except (OSError, ValueError, KeyError, TypeError):
        return {"parts": {}}


def _write(path: Path, report: Report) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    part.replace(path)


class _Bar:
    """The bar of what is heard now."""

    def __init__(self) -> None:
        self._bar = count_bar()
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "_Bar":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def tell(self, what: str, done: int, total: int) -> None:
        """Show how much of it is done."""
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(what, total=total)
        self._bar.update(self._tasks[what], completed=done, total=total)
