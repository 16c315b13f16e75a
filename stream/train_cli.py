"""`liveshelf train`: thin; the work is in `models`."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from stream.recall_tables import show_recalls
from stream.settings import Settings

if TYPE_CHECKING:
    from models.train_options import Told, TrainOptions

_LINE_EVERY_S = 30.0
_START = ("efficientnet-lite0", "all-minilm-l6-v2")
_Manifest = Annotated[
    Path, typer.Argument(help="JSON Lines of pages and clips, or a folder of Grocery.")
]
_Texts = Annotated[
    list[Path] | None,
    typer.Option("--texts", help="JSON Lines of texts, or of the summarizer's pairs; repeatable."),
]
_Threads = Annotated[int | None, typer.Option(min=1, help="Of torch; default: as torch chooses.")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_train_commands(app: typer.Typer, settings: Callable[[], Settings]) -> None:
    """Add `train`.

    Args:
        app: gets the commands.
        settings: called when a command runs, not before.
    """

    @app.command()
    def train(
        manifest: _Manifest,
        folder: Annotated[Path, typer.Argument(help="Of the run; one that was stopped goes on.")],
        texts: _Texts = None,
        minutes: Annotated[
            float | None, typer.Option(min=0.1, help="Time to train for, in minutes; 60 is enough.")
        ] = None,
        epochs: Annotated[
            float | None,
            typer.Option(min=0.01, help="Passes over the clips instead; repeatable to the bit."),
        ] = None,
        options: Annotated[
            list[str] | None,
            typer.Option(
                "--option", "-o", help="KEY=VALUE of models/train_options.py; repeatable."
            ),
        ] = None,
        name: Annotated[str, typer.Option(help="Of the encoder.")] = "liveshelf",
        what: Annotated[str, typer.Option(help="One line about the data, for the card.")] = "",
        seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 1,
        track: Annotated[
            list[str] | None,
            typer.Option(help="tensorboard or wandb hears of every step; repeatable."),
        ] = None,
        threads: _Threads = None,
        as_json: _Json = False,
    ) -> None:
        """Train an encoder; writes a checkpoint with thresholds, card, curve and report.

        Several GPUs: torchrun --nproc-per-node 8 -m stream.cli train manifest.jsonl runs/first

        Example: liveshelf train manifest.jsonl runs/first --minutes 60 -o train_px=160
        """
        found = _options([*(options or []), f"seed={seed}"], minutes, epochs)
        names = _Names(name, what, threads, track or [])
        _train(settings(), found, (manifest, texts), folder, names, as_json=as_json)


class _Names(NamedTuple):
    """What a run is called, and what runs it."""

    name: str
    what: str
    threads: int | None
    trackers: list[str]


def _options(assignments: list[str], minutes: float | None, epochs: float | None) -> "TrainOptions":
    from models.train_options import train_options

    found = train_options(assignments)
    if epochs is None and minutes is None:
        minutes = 60.0
    return replace(found, minutes=minutes, epochs=epochs or found.epochs)


def _train(
    settings: Settings,
    options: "TrainOptions",
    data: tuple[Path, list[Path] | None],
    folder: Path,
    names: _Names,
    *,
    as_json: bool,
) -> None:
    import time

    import torch

    from models.formats.layout import manifest_at
    from models.train_folder import RunFacts, describe, finish
    from models.train_start import start_config, start_trainer
    from models.world import start_world
    from stream.weights import ready_weights, registry_of, weights_dir

    world = start_world(options.precision, settings.models.device, names.trackers, folder)
    manifest, config = manifest_at(data[0], data[1] or ()), start_config()
    with world.local_main_process_first():
        ready_weights(settings, _START)
    if names.threads is not None:
        torch.set_num_threads(names.threads)
    facts = RunFacts(
        names.name,
        names.what or data[0].name,
        _revision(),
        weights_dir(settings),
        config,
        world.num_processes,
        world.device.type,
    )
    if world.is_main_process:
        describe(folder, facts, options, manifest)
    trainer = start_trainer(
        manifest, options, registry_of(settings), facts.cache_dir, config, world
    )
    with _bar() if world.is_main_process else nullcontext(_unheard) as tell:
        standing = trainer.run(folder, tell, time.monotonic)
    if not world.is_main_process:
        world.end_training()
        return
    with Console(stderr=True).status("examining the checkpoint"):
        report = finish(trainer, standing, manifest, folder, facts)
    world.end_training()
    if as_json:
        typer.echo(json.dumps(report, indent=2))
        return
    show_recalls(report["splits"])
    typer.echo(f"checkpoint\t{folder / 'checkpoint'}")


def _revision() -> str:
    """Return the revision of the code; empty when it is no checkout."""
    try:
        words = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
        here = Path(__file__).parent
        done = subprocess.run(words, cwd=here, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


@contextmanager
def _bar() -> "Iterator[Callable[[Told], None]]":
    """Yield what shows where a run stands: a bar, or lines now and then where nobody looks."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(lambda line: typer.echo(line, err=True))
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("training", total=1.0)
        yield lambda told: bar.update(task, completed=told.part, description=_words(told))


def _unheard(_: "Told") -> None:
    """Say nothing: the first of the processes speaks for all."""


def _lines(say: Callable[[str], None]) -> "Callable[[Told], None]":
    last_s = -_LINE_EVERY_S
    first: float | None = None

    def tell(told: "Told") -> None:
        nonlocal last_s, first
        first = told.part if first is None else first
        if told.elapsed_s - last_s < _LINE_EVERY_S and told.validation is None and told.part < 1.0:
            return
        last_s = told.elapsed_s
        left_s = told.elapsed_s * (1.0 - told.part) / max(told.part - first, 1e-9)
        left = f", {left_s / 60:.0f} min left" if told.part > first else ""
        say(f"{told.part:.1%}, {_words(told)}{left}")

    return tell


def _words(told: "Told") -> str:
    pace = told.samples / max(told.elapsed_s, 1e-9)
    validated = f", validation {told.validation:.3f}" if told.validation is not None else ""
    return f"step {told.step}, loss {told.loss:.2f}{validated}, {pace:.0f} samples/s"
