"""The stages of the settings for trials without Kafka, and what makes kept work worthless.

Text on screen is never read here.

Loads what a stage needs when the stage is first asked for; whatever is kept on disk is known by the
models, options and code that it was made with.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from rich.progress import Progress

from models.errors import InputError
from stream.llm_adapter import adapter_of
from stream.rooms import Rooms
from stream.settings import Settings, with_index, with_sets
from stream.stage import Stage
from stream.stages.loading import FACTORIES, index_builder, load_encoder, open_index
from workers.catalogue import read_catalogue
from workers.events import Room, stable_id
from workers.rooms.drive import Part
from workers.rooms.variants import AS_SET, StageName, Variant

_CODE = Path(__file__).parents[1]
_MODULES: dict[StageName, tuple[str, ...]] = {
    "asr": (
        "workers/asr.py", "workers/utterances.py", "workers/slot_order.py",
        "workers/late_sound.py", "workers/passes.py", "workers/quiet.py", "workers/agreement.py",
        "workers/open_utterance.py", "workers/whisper*.py", "workers/guards.py",
        "workers/hotword*.py", "workers/known_phrases.py", "workers/loops.py",
        "workers/hallucinations.toml", "workers/audio_grid.py",
        "workers/unheard_speech.py", "workers/voice_spans.py", "workers/word_pauses.py",
        "workers/media*.py", "workers/frames.py", "models/sounds.py", "models/rarity.py",
        "models/word_parts.py", "stream/stages/asr.py",
    ),
    "summarize": (
        "workers/rolling_text.py", "workers/summarize.py", "workers/summarizers/*.py",
        "workers/summarizers/ex*.toml", "workers/summarizers/or*", "stream/stages/summarize.py",
    ),
    "embed": (
        "workers/align.py", "workers/clip.py", "workers/clip_pictures.py", "workers/clip_words.py",
        "workers/early_clips.py", "workers/track_ends.py", "workers/made_clips.py",
        "workers/held_slots.py", "workers/encode.py",
        "workers/frame_pictures.py", "models/batch.py", "models/pictures.py",
        "models/preprocess.py", "models/apart.py",
        "models/encoder.py", "models/fusion*.py", "models/branches/*.py", "models/sound*.py",
        "models/word_parts.py",
    ),
    "match": (),
    "tag": (),
}  # fmt: skip
"""Code whose change makes what was kept on disk worthless."""


class SettingsStages:
    """The stages that the settings name, each loaded when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        # A trial has no such stage, and summaries would wait for it.
        self._settings = replace(settings, ocr=replace(settings.ocr, enabled=False))
        self._rooms = Rooms()
        self._stages: dict[tuple[StageName, bool, tuple[str, ...]], Stage] = {}
        self.media = settings.ingest

    def enter(self, *versions: Room) -> None:
        """Let the stages see a room with these versions alone, in order, from now on."""
        self._rooms.begin_anew(*versions)

    def part(self, stage: StageName, variant: Variant = AS_SET) -> Part:
        """Return a stage as a variant has it, loading its models when it is first asked for."""
        is_cheap = stage in ("match", "tag")
        known = (stage, variant.sounds, variant.sets) if is_cheap else (stage, True, ())
        if known not in self._stages:
            self._stages[known] = FACTORIES[stage](self._of(variant), self._rooms)
        made = self._stages[known]
        if made.load is not None:
            made.load.hold(variant.rung)
        return Part(made.name, made.machine, made.worker, made.batch.max_batch)

    def _of(self, variant: Variant) -> Settings:
        settings = with_sets(self._settings, variant.sets)
        if not variant.sounds:
            settings = replace(settings, match=replace(settings.match, sounds_weight=0.0))
        return settings

    def key(self, stage: StageName) -> str:
        """Return what names models, options and code of a stage, without loading anything."""
        settings = self._settings
        models = settings.models
        told: dict[StageName, object] = {
            "asr": (_weights(models.asr), models.device, models.compute_type, settings.asr),
            "summarize": (
                _weights(models.llm), _weights(str(adapter_of(models) or "")), models.device,
                settings.summarize,
            ),
            "embed": (
                load_encoder(settings).fingerprint if stage == "embed" else "", settings.align,
            ),
        }  # fmt: skip
        return stable_id(stage, repr(told.get(stage)), _code(_MODULES[stage]))


def with_own_index(settings: Settings, cache: Path, catalogue: Path) -> Settings:
    """Return the settings with an index of the trial's own, one for each catalogue and code.

    Args:
        settings: what else holds.
        cache: folder of the index.
        catalogue: what is to be indexed.
    """
    code = _code(("workers/index*.py", "workers/milvus.py", "models/sound*.py"))
    name = stable_id(str(catalogue.resolve()), code)[:16]
    cache.mkdir(parents=True, exist_ok=True)
    return with_index(settings, str(cache / f"index-{name}.db"))


def index_catalogue(settings: Settings, catalogue: Path, bar: Progress) -> int:
    """Index what has changed, showing progress; return how many products there are.

    Raises:
        InputError: a product cannot be indexed.
    """
    read = read_catalogue(catalogue)
    index = open_index(settings, settings.index.uri)
    task = bar.add_task("indexing", total=len(read.products))
    try:
        builder = index_builder(settings, index)
        count = 0
        for report in builder.build(read.products, read.lines):
            bar.update(task, completed=report.done)
            count = report.indexed + report.unchanged
            if report.finished and report.skipped:
                bad = report.skipped[0]
                message = f"catalogue {catalogue}: {bad.product_id}: {bad.reason}"
                raise InputError(message)
    finally:
        index.close()
    return count


def _weights(name: str) -> str:
    """Return a name, and for a folder what lies in it: training writes the same path again.

    What a card says does not count.
    """
    presets = (_CODE / "models").glob(f"*/{name}") if name and "/" not in name else ()
    seen = [
        (path.name, path.stat().st_size, path.stat().st_mtime_ns)
        for folder in (*presets, Path(name).expanduser())
        for path in sorted(folder.rglob("*") if name and folder.is_dir() else ())
        if path.suffix != ".md"
    ]
    return stable_id(name, *seen)


def _code(patterns: Sequence[str]) -> str:
    return stable_id(*(path.read_text(encoding="utf-8") for path in _files(patterns)))


def _files(patterns: Sequence[str]) -> Iterator[Path]:
    for pattern in patterns:
        yield from sorted(_CODE.glob(pattern))
