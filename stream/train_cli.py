"""`liveshelf train`: thin; the work is in `models`."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer
from rich.console import Console

from stream.flags import Json
from stream.recall_tables import show_recalls
from stream.revision import code_revision
from stream.settings import Settings
from stream.train_bar import train_bar, unheard
from stream.train_recipe import options_of, recipe_of

if TYPE_CHECKING:
    from models.config import EncoderConfig
    from models.train_options import TrainOptions

_Manifest = Annotated[
    Path,
    typer.Argument(help="Manifest (JSON Lines, Parquet), or a folder of Grocery."),
]
_Texts = Annotated[
    list[Path] | None,
    typer.Option("--texts", help="JSON Lines of texts, or of the summarizer's pairs; repeatable."),
]
_Threads = Annotated[int | None, typer.Option(min=1, help="Of torch; default: as torch chooses.")]


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
        preset: Annotated[
            str,
            typer.Option(
                help="liveshelf, photos, titles, cope or ampere, described in models/presets."
            ),
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
        as_json: Json = False,
    ) -> None:
        """Train an encoder; writes a checkpoint with thresholds, card, curve and report.

        Several GPUs: torchrun --nproc-per-node 8 -m stream.cli train manifest.jsonl runs/first

        Example: liveshelf train manifest.jsonl runs/first --preset photos
        """
        config, words = recipe_of(preset, encoder or [])
        found = options_of([*(options or []), f"seed={seed}"], minutes, epochs, words)
        names = _Names(name, what, threads, track or [])
        _train(settings(), (found, config), (manifest, texts), folder, names, as_json=as_json)


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

    import torch

    from models.formats.layout import manifest_at
    from models.licences import licences_of
    from models.train_folder import RunFacts, describe, finish
    from models.train_start import start_trainer
    from models.world import start_world
    from stream.weights import ready_weights, registry_of, weights_dir

    options, config = told
    world = start_world(options.precision, settings.models.device, names.trackers, folder)
    manifest = manifest_at(data[0], data[1] or ())
    with world.local_main_process_first():
        ready_weights(settings, (config.image.weights, config.text.weights))
    if names.threads is not None:
        torch.set_num_threads(names.threads)
    facts = RunFacts(
        names.name,
        names.what or data[0].name,
        code_revision(),
        weights_dir(settings),
        config,
        world.num_processes,
        world.device.type,
        licences_of(config, registry_of(settings)),
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
    show_recalls(report["splits"])
    typer.echo(f"checkpoint\t{folder / 'checkpoint'}")
