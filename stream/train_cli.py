"""`liveshelf train` and `liveshelf evaluate`: thin; the work is in `models`."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, cast

import typer
from rich.console import Console
from rich.table import Table

from stream.count_bar import count_bar
from stream.settings import Settings
from stream.train_bar import train_bar, unheard
from stream.train_recipe import options_of, recipe_of

if TYPE_CHECKING:
    from models.config import EncoderConfig
    from models.manifest import Manifest, Split
    from models.train_options import TrainOptions

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
    """Add `train` and `evaluate`.

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
        preset: Annotated[
            str, typer.Option(help="liveshelf, cope or ampere: models/presets says what they are.")
        ] = "liveshelf",
        encoder: Annotated[
            list[str] | None,
            typer.Option(
                help="KEY=VALUE of models/config.py, as image.weights=FOLDER; repeatable."
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
        config, words = recipe_of(preset, encoder or [])
        found = options_of([*(options or []), f"seed={seed}"], minutes, epochs, words)
        names = _Names(name, what, threads, track or [])
        _train(settings(), (found, config), (manifest, texts), folder, names, as_json=as_json)

    @app.command()
    def evaluate(
        checkpoint: Annotated[
            str, typer.Argument(help="Preset, checkpoint folder, or zero-shot:NAME.")
        ],
        manifest: _Manifest,
        texts: _Texts = None,
        splits: Annotated[
            list[str] | None,
            typer.Option("--split", help="train, val, test, test-unseen; default: the last two."),
        ] = None,
        most: Annotated[
            int | None, typer.Option(min=1, help="Clips of a split at most; default: all.")
        ] = None,
        threads: _Threads = None,
        as_json: _Json = False,
    ) -> None:
        """Say how well clips find their page: by picture, by words, by both.

        Example: liveshelf evaluate liveshelf manifest.jsonl --split test --json
        """
        chosen = (splits or ["test", "test-unseen"], most)
        _evaluate(settings(), checkpoint, (manifest, texts), chosen, threads, as_json=as_json)


class _Names(NamedTuple):
    """What a run is called, and what runs it."""

    name: str
    what: str
    threads: int | None
    trackers: list[str]


def _train(
    settings: Settings,
    told: "tuple[TrainOptions, EncoderConfig]",
    data: tuple[Path, list[Path] | None],
    folder: Path,
    names: _Names,
    *,
    as_json: bool,
) -> None:
    import time

    from models.train_folder import RunFacts, describe, finish
    from models.train_start import start_trainer
    from models.world import start_world
    from stream.weights import registry_of, weights_dir

    options, config = told
    world = start_world(options.precision, settings.models.device, names.trackers, folder)
    manifest = _data(*data)
    with world.local_main_process_first():
        _prepare(settings, (config.image.weights, config.text.weights), names.threads)
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
    with train_bar() if world.is_main_process else nullcontext(unheard) as tell:
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
    _show(report["splits"])
    typer.echo(f"checkpoint\t{folder / 'checkpoint'}")


def _evaluate(
    settings: Settings,
    name: str,
    data: tuple[Path, list[Path] | None],
    chosen: tuple[list[str], int | None],
    threads: int | None,
    *,
    as_json: bool,
) -> None:
    from models.checkpoint import pretrained_names
    from models.encoder import load_encoder
    from models.errors import InputError
    from models.exam import Exam, report
    from models.manifest import SPLITS
    from stream.weights import registry_of, weights_dir

    wanted, most = chosen
    for split in wanted:
        if split not in SPLITS:
            message = f"--split {split}: want one of {', '.join(SPLITS)}"
            raise InputError(message)
    manifest = _data(*data)
    _prepare(settings, pretrained_names(name), threads)
    encoder = load_encoder(
        name, weights_dir(settings), settings.models.device, registry_of(settings)
    )
    with _clip_bar() as tell:
        found = report(Exam(encoder, manifest, tell), cast("list[Split]", wanted), most)
    if as_json:
        told = {"encoder": encoder.config.name, "fingerprint": encoder.fingerprint, "splits": found}
        typer.echo(json.dumps(told, indent=2))
    else:
        _show(found)


def _data(path: Path, texts: list[Path] | None) -> "Manifest":
    from models.formats.layout import manifest_at

    return manifest_at(path, texts or ())


def _prepare(settings: Settings, names: tuple[str, ...], threads: int | None) -> None:
    import torch

    from stream.pull_bars import pull_bars
    from stream.weights import pull_options, registry_of, weights_dir

    registry, cache = registry_of(settings), weights_dir(settings)
    known = {entry.name for entry in registry.entries}
    with pull_bars() as tell:
        for name in known.intersection(names):
            if registry.glance(name, cache).state != "ok":
                registry.pull(name, cache, pull_options(settings), tell)
    if threads is not None:
        torch.set_num_threads(threads)


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
def _clip_bar() -> Iterator[Callable[[int, int], None]]:
    with count_bar() as bar:
        task = bar.add_task("encoding")
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _show(splits: dict[str, Any]) -> None:
    table = Table("clips", "by", "R@1", "95 %", "R@5", "MRR", "clips", "products", "pages")
    nothing = Table("clips", "by", "AUROC", "median with", "95th without", "without a product")
    for split, found in splits.items():
        for mode, one in found["recall"].items():
            low, high = one["recall_at_1_interval"]
            figures = [f"{one[key]:.3f}" for key in ("recall_at_1", "recall_at_5", "mrr")]
            figures.insert(1, f"{low:.3f}–{high:.3f}")
            counts = [str(one[key]) for key in ("queries", "products", "gallery")]
            table.add_row(split, mode, *figures, *counts)
        for mode, one in found["no_product"].items():
            keys = ("auroc", "product_median", "nothing_p95")
            nothing.add_row(split, mode, *(f"{one[key]:.3f}" for key in keys), str(one["nothings"]))
    Console().print(table)
    if nothing.rows:
        Console().print(nothing)
