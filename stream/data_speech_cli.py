"""`liveshelf data transcribe` and `summarize`: a manifest through the workers of the live path.

Thin: the work is in `workers.clip_transcripts` and `workers.clip_summaries`.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import InputError
from stream.count_bar import count_bar
from stream.settings import Settings

if TYPE_CHECKING:
    from workers.clip_noise import Noise
    from workers.clip_summaries import SummarizesRows
    from workers.clip_transcripts import TranscribesRows
    from workers.room_titles import RoomTitles
    from workers.row_work import Progress

_Manifest = Annotated[Path, typer.Argument(help="Manifest: JSON Lines or Parquet.")]
_Out = Annotated[
    Path,
    typer.Argument(
        help="Manifest, written at the end; OUT.kept holds what another run goes on from."
    ),
]
_Threads = Annotated[
    int, typer.Option(min=0, help="Threads of the model; 0: as it chooses, at most one per core.")
]
_WHOSE = "of none, of the room (rows of the same stream_id), or of the catalogue (all pages)."


def add_speech_commands(app: typer.Typer, settings: Callable[[], Settings]) -> None:
    """Add `data transcribe` and `data summarize`.

    Args:
        app: gets the commands.
        settings: called when a command runs, not before.
    """

    @app.command()
    def transcribe(
        manifest: _Manifest,
        out: _Out,
        whisper: Annotated[
            str | None,
            typer.Option(help="Registry name, folder or hub name; default: models.asr."),
        ] = None,
        threads: _Threads = 0,
        language: Annotated[
            str | None,
            typer.Option(help="Two letters; default: asr.language, or found out."),
        ] = None,
        hotwords: Annotated[
            str, typer.Option(help=f"Expect the words of titles {_WHOSE}")
        ] = "room",
        noise: Annotated[
            Path | None, typer.Option(help="Sound file to put under every clip, for experiments.")
        ] = None,
        snr_db: Annotated[
            float, typer.Option(help="Power of a clip over that of the noise, in decibels.")
        ] = 10.0,
        seed: Annotated[int, typer.Option(help="Of where each clip's noise begins.")] = 0,
    ) -> None:
        """Hear the `media` of each row, from start_ms to end_ms, as the live ASR stage would.

        Writes the words into `transcript`. Media that cannot be read is counted and left out. A
        stopped run goes on. About 0.1 s of one core a second of sound with whisper-base.

        Example: liveshelf data transcribe clips.jsonl heard.jsonl --hotwords room --language en
        """
        _refuse_same(manifest, out)
        chosen = settings()
        models, asr = chosen.models, chosen.asr
        chosen = replace(
            chosen,
            models=replace(models, asr=whisper or models.asr),
            asr=replace(asr, language=asr.language if language is None else language),
        )
        titles = _titles(hotwords, "--hotwords", manifest)
        under = None if noise is None else _noise(noise, snr_db, seed)
        task = _transcribing(chosen, manifest, titles, under, threads)
        _work(task, manifest, out)

    @app.command()
    def summarize(
        manifest: _Manifest,
        out: _Out,
        backend: Annotated[
            str | None,
            typer.Option(help="llm, server or extractive; default: summarize.backend."),
        ] = None,
        titles: Annotated[
            str, typer.Option(help=f"Let it choose among the titles {_WHOSE}")
        ] = "none",
        threads: _Threads = 0,
    ) -> None:
        """Sum up the `transcript` of each row as the live summarize stage would.

        Writes into `summary` what the encoder reads live: the product's name and what was said of
        it; nothing where no product is named. Windows are those of a live room, of 30 s at most and
        one every 5 s; their different names are joined, that of most windows first. A stopped run
        goes on. Model, adapter and server are those of the settings. About 0.6 s of one core a
        window.

        Example: liveshelf data summarize heard.jsonl summed.jsonl --titles room
        """
        _refuse_same(manifest, out)
        chosen = settings()
        if backend is not None:
            chosen = _with_backend(chosen, backend)
        task = _summarizing(chosen, _titles(titles, "--titles", manifest), threads)
        _work(task, manifest, out)
        for reason, count in task.reasons.most_common():
            typer.echo(f"{count} windows of this run fell back: {reason}", err=True)


def _refuse_same(manifest: Path, out: Path) -> None:
    if out.resolve() == manifest.resolve():
        message = f"OUT is MANIFEST, {out}; name another, so that nothing is lost"
        raise InputError(message)


def _titles(name: str, flag: str, manifest: Path) -> "RoomTitles":
    from workers.manifest_rows import read_rows
    from workers.room_titles import TITLES_OF, RoomTitles

    for known in TITLES_OF:
        if known == name:
            return RoomTitles(known, read_rows(manifest))
    message = f"{flag} is {name!r}; want one of {', '.join(TITLES_OF)}"
    raise InputError(message)


def _noise(path: Path, snr_db: float, seed: int) -> "Noise":
    from workers.clip_noise import Noise, NoiseOptions
    from workers.clip_sound import decoded

    return Noise(decoded(path), NoiseOptions(snr_db, seed))


def _with_backend(settings: Settings, name: str) -> Settings:
    from typing import get_args

    from stream.setting_groups import Backend

    for known in get_args(Backend):
        if known == name:
            return replace(settings, summarize=replace(settings.summarize, backend=known))
    message = f"--backend is {name!r}; want one of {', '.join(get_args(Backend))}"
    raise InputError(message)


def _transcribing(
    settings: Settings, manifest: Path, titles: "RoomTitles", noise: "Noise | None", threads: int
) -> "TranscribesRows":
    from stream.stages.asr import hotwords_of, load_speech, utterance_options
    from workers.clip_transcripts import ClipHearingOptions, ClipTranscriber, TranscribesRows
    from workers.manifest_rows import folder_of

    asr = settings.asr
    options = ClipHearingOptions(
        asr.language or None, utterance_options(settings, live=False), asr.max_batch
    )
    hears = ClipTranscriber(load_speech(settings, threads), options)
    return TranscribesRows(folder_of(manifest), hears, titles, hotwords_of, noise)


def _summarizing(settings: Settings, titles: "RoomTitles", threads: int) -> "SummarizesRows":
    from stream.stages.summarize import load_writer
    from workers.clip_summaries import ClipSummarizer, ClipSummaryOptions, SummarizesRows

    if threads:
        import torch

        torch.set_num_threads(threads)
    options = ClipSummaryOptions(settings.summarize.window_ms, settings.summarize.hop_ms)
    return SummarizesRows(ClipSummarizer(load_writer(settings), options), titles)


def _work(task: "TranscribesRows | SummarizesRows", manifest: Path, out: Path) -> None:
    from workers.kept_answers import KeptAnswers
    from workers.manifest_rows import folder_of, read_rows, write_rows
    from workers.row_work import work_through

    folder, kept_at = folder_of(manifest), out.with_name(f"{out.name}.kept")
    began_s, last = time.monotonic(), None
    with KeptAnswers(kept_at, task.settings) as kept, count_bar() as bar:
        shown = bar.add_task("clips", total=None)
        for now in work_through(
            task, lambda: read_rows(manifest), kept, lambda rows: write_rows(out, rows, folder)
        ):
            rate = now.done / max(1e-9, time.monotonic() - began_s)
            words = f"clips, {rate:.1f}/s" if now.done else "clips"
            bar.update(shown, total=now.total, completed=now.known + now.done, description=words)
            last = now
    _tell(task.told, last, out)


def _tell(told: Mapping[str, int], last: "Progress | None", out: Path) -> None:
    if last is not None and last.failed:
        typer.echo(f"unreadable: {last.failed} of {last.total} clips, such as", err=True)
        for reason in last.failures:
            typer.echo(f"  {reason}", err=True)
    counts = ", ".join(f"{name} {count}" for name, count in told.items())
    typer.echo(f"{counts}\t{out}")
